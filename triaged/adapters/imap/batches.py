"""What a FETCH answers, and how much is asked for at once: enough to be fast, little enough to hold in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_BODIES_AT_ONCE = 50
BYTES_AT_ONCE = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail on the server, not fetched yet."""

    uid: int
    size: int
    received_at: datetime


def waiting_mail(uid: int, items: Mapping[bytes, Any], now: datetime) -> Waiting:
    """What a FETCH of RFC822.SIZE and INTERNALDATE says of one mail; never later than `now`."""
    return Waiting(int(uid), int(items.get(b"RFC822.SIZE", 0)), min(_arrived(items.get(b"INTERNALDATE"), now), now))


def _arrived(at: datetime | None, now: datetime) -> datetime:
    if at is None:
        return now
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (OverflowError, ValueError):
        # The last hour of the year 9999 is in no year elsewhere; a zone of 99 hours is none.
        return now


def body_of(items: Mapping[bytes, Any]) -> bytes | None:
    """The bytes of BODY[], whole or its beginning; None where the server gave none (NIL, or the mail is gone)."""
    return next((value for key, value in items.items() if key.startswith(b"BODY[]") and isinstance(value, bytes)), None)


def groups(waiting: Iterable[Waiting], max_size: int) -> Iterator[list[Waiting]]:
    """Groups small enough to hold in memory, by count and by bytes; a mail over the size limit is one by itself."""
    group: list[Waiting] = []
    size = 0
    for mail in waiting:
        alone = mail.size > max_size
        if group and (alone or len(group) == _BODIES_AT_ONCE or size + mail.size > BYTES_AT_ONCE):
            yield group
            group, size = [], 0
        group.append(mail)
        size += mail.size + alone * BYTES_AT_ONCE
    if group:
        yield group


def chunks(uids: Sequence[int], length: int) -> Iterator[Sequence[int]]:
    """The UIDs in pieces of at most that length."""
    for start in range(0, len(uids), length):
        yield uids[start : start + length]
