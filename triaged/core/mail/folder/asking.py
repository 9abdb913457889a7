"""Sizes of requests: large enough to be fast, small enough for memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

BYTES_AT_ONCE = 8 * 1024 * 1024
_BODIES_AT_ONCE = 50
# Dovecot answers BAD to a command line with too many UIDs (it accepts 8,000 but not 20,000).
_SIZES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail on the server whose size is known and whose body is not fetched yet."""

    uid: int
    size: int
    """In octets, as the server reports it; some servers estimate."""
    received_at: datetime
    """UTC, never later than the start of the pass."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """A request for the size and INTERNALDATE of these mails."""

    uids: tuple[int, ...]

    def halves(self) -> tuple[Self, Self]:
        """The same request split into two."""
        middle = len(self.uids) // 2
        return type(self)(self.uids[:middle]), type(self)(self.uids[middle:])


@dataclass(frozen=True, slots=True)
class Bodies:
    """A request for the bytes of these mails."""

    mails: tuple[Waiting, ...]
    octets: int | None = None
    """Fetch only this many octets from the start; None for the whole mail."""

    @property
    def uids(self) -> tuple[int, ...]:
        """Their UIDs, ascending."""
        return tuple(mail.uid for mail in self.mails)

    def halves(self) -> tuple[Self, Self]:
        """The same request split into two."""
        middle = len(self.mails) // 2
        return type(self)(self.mails[:middle], self.octets), type(self)(self.mails[middle:], self.octets)


Ask = Sizes | Bodies


def sizes(uids: Sequence[int]) -> Iterator[Sizes]:
    """Requests for the sizes of all these mails."""
    for start in range(0, len(uids), _SIZES_AT_ONCE):
        yield Sizes(tuple(uids[start : start + _SIZES_AT_ONCE]))


def groups(waiting: Iterable[Waiting], max_size: int) -> Iterator[tuple[Waiting, ...]]:
    """The mails in groups that fit into memory, by number and octets; a mail over the size limit forms its own group."""
    group: list[Waiting] = []
    size = 0
    for mail in waiting:
        alone = mail.size > max_size
        if group and (alone or len(group) == _BODIES_AT_ONCE or size + mail.size > BYTES_AT_ONCE):
            yield tuple(group)
            group, size = [], 0
        group.append(mail)
        size += mail.size + alone * BYTES_AT_ONCE
    if group:
        yield tuple(group)
