"""Limit the mails to reporters: an auto-responder on a public address must not become a cannon (RFC 3834 section 6).

A cap holds a letter back until there is room, but only for a while, and never for a sender that may be a machine answering
us: slowing a loop down does not end it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter, itemgetter
from typing import Self

from triaged.core.case.events import Held, Withheld
from triaged.core.case.outbox import Letter
from triaged.core.mail.providers import mailbox, organisation

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
FLOOD_WINDOW = _HOUR
REMEMBERED = timedelta(days=7)
"""How long a mail is remembered: the caps look back one day, the check for loops a week."""
_DAYS_HELD = 2
"""A mailbox or organisation that used up this many daily caps within a week gets no more letters held back for it."""
_TOO_REGULAR = 10
"""This many letters to an organisation in an hour, each answering a mail that came after the last letter, are a loop."""


@dataclass(frozen=True, slots=True)
class Caps:
    """The most mails to reporters in sliding windows, and the number of new cases per hour that makes a flood."""

    per_address_per_day: int
    per_domain_per_hour: int
    per_hour: int
    per_domain_per_day: int
    per_day: int
    flood_per_hour: int

    def share(self, parts: int) -> Self:
        """The same windows with each cap divided by `parts`, rounded up."""
        return replace(
            self,
            per_address_per_day=-(-self.per_address_per_day // parts),
            per_domain_per_hour=-(-self.per_domain_per_hour // parts),
            per_hour=-(-self.per_hour // parts),
            per_domain_per_day=-(-self.per_domain_per_day // parts),
            per_day=-(-self.per_day // parts),
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail to a reporter as the caps count it."""

    mailbox: str
    organisation: str
    """Empty for a public mail provider."""
    owed_at: datetime
    left_at: datetime | None
    """When it was handed to the server; None if it was not."""
    held: bool
    verified: bool

    @classmethod
    def of(cls, letter: Letter, *, verified: bool) -> Self:
        """A letter to a reporter; `verified` if our border vouches for them."""
        (to,) = letter.to
        return cls(mailbox(to), organisation(to), letter.owed_at, letter.left_at, letter.held is not None, verified)


@dataclass(frozen=True, slots=True)
class Hold:
    """A letter that must not go out yet, the reason, and when there may be room for it."""

    reason: str
    not_before: datetime | None
    """None: it must never go out automatically."""
    until: datetime
    """When sending it becomes a person's task."""

    def event(self, message_id: str, now: datetime) -> Held | Withheld:
        """The event for the letter with that Message-ID."""
        if self.not_before is None or self.not_before >= self.until:
            reason = self.reason if self.not_before is None else f"{self.reason}, and there is no room in time"
            return Withheld(at=now, sign="cap", rfc="RFC 3834 section 6", reason=reason, message_id=message_id)
        return Held(at=now, message_id=message_id, reason=self.reason, not_before=self.not_before, until=self.until)


@dataclass(frozen=True, slots=True)
class _Row:
    """One cap: the key it counts, its window, and the most mails in it."""

    key: str
    window: timedelta
    cap: int
    words: str
    daily: int = 0
    """The daily cap of the same key; 0 for all mails together, which cannot be a loop."""


class Room:
    """The room that the caps leave at one instant, counting the mails that left and those about to."""

    def __init__(self, sent: Iterable[Sent], caps: Caps, now: datetime) -> None:
        self._caps, self._now = caps, now
        self._times: defaultdict[str, list[datetime]] = defaultdict(list)
        self._held = [each for each in sent if each.left_at is None and each.held]
        self._counted = [each for each in sent if each.left_at is not None or not each.held]
        for at, each in sorted([(each.left_at or now, each) for each in self._counted], key=_first):
            self._count(each.mailbox, each.organisation, at)

    def take(self, to: str) -> None:
        """Count one more mail, which leaves now."""
        self._count(mailbox(to), organisation(to), self._now)

    def give_back(self, to: str) -> None:
        """Count the mail that was taken last no more: it has not left."""
        for key in _keys(mailbox(to), organisation(to)):
            self._times[key].remove(self._now)

    def answered(self, to: str) -> bool:
        """True if that mailbox got a mail from us within a week."""
        return bool(self._times.get(mailbox(to)))

    @property
    def full(self) -> bool:
        """True if no mail at all may leave."""
        return any(self._used(row) >= row.cap for row in _in_all(self._caps))

    def objection(self, to: str, *, doubted: bool = False, by_hand: bool = False) -> str:
        """The cap that one more mail to `to` would exceed, in words; empty if it may go.

        A sender whom our border could not verify (`doubted`) may use half of each cap: forged senders then never use up what
        verified ones need. What a person wants sent (`by_hand`) meets the caps for all alone.
        """
        broken = self._broken(to, doubted=doubted, by_hand=by_hand)
        return _reason(broken[0], doubted=doubted) if broken else ""

    def hold(self, to: str, until: datetime, *, doubted: bool, verified: bool) -> Hold | None:
        """How a new letter to `to` is held back, becoming a person's task at `until`; None if it may go."""
        broken = self._broken(to, doubted=doubted)
        if not broken:
            return None
        reason = _reason(broken[0], doubted=doubted)
        if any(row.daily and self._loops(row) for row in broken):
            return Hold(f"{reason}, and it may be a machine that answers us", None, until)
        rank = (not verified, self.answered(to))
        ahead = [each for each in self._held if (not each.verified, each.mailbox in self._times) <= rank]
        return Hold(reason, max(self._turn(row, ahead) for row in broken), until)

    def _broken(self, to: str, *, doubted: bool = False, by_hand: bool = False) -> list[_Row]:
        allowed = self._caps.share(2) if doubted else self._caps
        rows = [*_in_all(allowed)] if by_hand else [*_of_one(to, allowed), *_in_all(allowed)]
        return [row for row in rows if self._used(row) >= row.cap]

    def _count(self, whose: str, organised: str, at: datetime) -> None:
        for key in _keys(whose, organised):
            self._times[key].append(at)

    def _used(self, row: _Row) -> int:
        times = self._times.get(row.key, [])
        return len(times) - bisect_right(times, self._now - row.window)

    def _turn(self, row: _Row, ahead: Sequence[Sent]) -> datetime:
        """When the cap has room behind the letters ahead: each leaves one window after the letter whose place it takes."""
        times = self._times[row.key][-row.cap :]
        turn = len([each for each in ahead if row.key in (each.mailbox, each.organisation, _ALL)])
        return times[turn % row.cap] + row.window * (1 + turn // row.cap)

    def _loops(self, row: _Row) -> bool:
        """True if the recipient may be a machine that answers every mail: many in a week, or one for one."""
        if len(self._times[row.key]) >= _DAYS_HELD * row.daily:
            return True
        recent = [each for each in self._counted if each.organisation == row.key and each.left_at is not None]
        recent = sorted([each for each in recent if each.owed_at > self._now - _HOUR], key=_owed_at)[-_TOO_REGULAR:]
        one_by_one = all(before.left_at and before.left_at < after.owed_at for before, after in pairwise(recent))
        return len(recent) == _TOO_REGULAR and one_by_one


_ALL = "*"
_first, _owed_at = itemgetter(0), attrgetter("owed_at")


def _keys(whose: str, organised: str) -> tuple[str, ...]:
    return (whose, organised, _ALL) if organised else (whose, _ALL)


def _of_one(to: str, caps: Caps) -> Iterator[_Row]:
    yield _Row(mailbox(to), _DAY, caps.per_address_per_day, "a day to one address", caps.per_address_per_day)
    if name := organisation(to):
        yield _Row(name, _HOUR, caps.per_domain_per_hour, "an hour to one domain", caps.per_domain_per_day)
        yield _Row(name, _DAY, caps.per_domain_per_day, "a day to one domain", caps.per_domain_per_day)


def _in_all(caps: Caps) -> Iterator[_Row]:
    yield _Row(_ALL, _HOUR, caps.per_hour, "an hour in all")
    yield _Row(_ALL, _DAY, caps.per_day, "a day in all")


def _reason(row: _Row, *, doubted: bool) -> str:
    who = " for senders not verified" if doubted else ""
    return f"the cap of {row.cap} acknowledgments {row.words}{who} is reached"
