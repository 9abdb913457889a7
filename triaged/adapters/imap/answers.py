"""The answer of an IMAP FETCH, as values of our own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from triaged.core.mail.folder import Waiting


def waiting_mail(uid: int, items: Mapping[bytes, Any], now: datetime) -> Waiting:
    """Size and INTERNALDATE of one mail; a date later than `now` becomes `now`."""
    return Waiting(int(uid), int(items.get(b"RFC822.SIZE", 0)), min(_arrived(items.get(b"INTERNALDATE"), now), now))


def _arrived(at: datetime | None, now: datetime) -> datetime:
    if at is None:
        return now
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (OverflowError, ValueError):
        # Converting a date in the last hour of the year 9999 can overflow, and so can a zone that claims to be 99 hours away.
        return now


def body_of(items: Mapping[bytes, Any]) -> bytes | None:
    """The bytes of BODY[] or of its first part; None if the server gave none (NIL, or the mail is gone)."""
    return next((value for key, value in items.items() if key.startswith(b"BODY[]") and isinstance(value, bytes)), None)
