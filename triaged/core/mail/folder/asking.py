"""How much is asked for at once: enough to be fast, little enough to hold in memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

BYTES_AT_ONCE = 8 * 1024 * 1024
_BODIES_AT_ONCE = 50
# Dovecot answers BAD to a command line with too many UIDs (8,000 pass, 20,000 do not).
_SIZES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail on the server, measured and not fetched yet."""

    uid: int
    size: int
    """In octets, as the server states it; some servers estimate."""
    received_at: datetime
    """UTC, never later than the pass began."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Ask for the size and the date of receipt of these mails."""

    uids: tuple[int, ...]

    def halves(self) -> tuple[Self, Self]:
        """The same in two requests."""
        middle = len(self.uids) // 2
        return type(self)(self.uids[:middle]), type(self)(self.uids[middle:])


@dataclass(frozen=True, slots=True)
class Bodies:
    """Ask for the bytes of these mails."""

    mails: tuple[Waiting, ...]
    octets: int | None = None
    """Only so many octets from the beginning; None for the whole mail."""

    @property
    def uids(self) -> tuple[int, ...]:
        """Their UIDs, ascending."""
        return tuple(mail.uid for mail in self.mails)

    def halves(self) -> tuple[Self, Self]:
        """The same in two requests."""
        middle = len(self.mails) // 2
        return type(self)(self.mails[:middle], self.octets), type(self)(self.mails[middle:], self.octets)


Ask = Sizes | Bodies


def sizes(uids: Sequence[int]) -> Iterator[Sizes]:
    """Requests for the sizes of all these mails."""
    for start in range(0, len(uids), _SIZES_AT_ONCE):
        yield Sizes(tuple(uids[start : start + _SIZES_AT_ONCE]))


def groups(waiting: Iterable[Waiting], max_size: int) -> Iterator[tuple[Waiting, ...]]:
    """The mails in groups that fit into memory, by number and by octets; a mail over the size limit is a group by itself."""
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
