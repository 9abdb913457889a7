"""How many mails to reporters may go out: an answering machine on a public address must not be a cannon (RFC 3834 section 6).

A cap holds a letter back until there is room. It does so for a while only, and never for whoever may be a machine that
answers us: a loop that is merely slow never ends.
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
"""How long a mail counts: for the caps a day, for the question whether it is part of a loop a week."""
_DAYS_HELD = 2
"""The day's caps that one mailbox or organisation may use up within a week and still have a letter held back."""
_TOO_REGULAR = 10
"""So many letters to an organisation in an hour, each to a mail that came after the letter before it, are a conversation."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Mails to reporters allowed in sliding windows, and how many new cases in an hour are a flood."""

    per_address_per_day: int
    per_domain_per_hour: int
    per_hour: int
    per_domain_per_day: int
    per_day: int
    flood_per_hour: int

    def share(self, parts: int) -> Self:
        """The same windows with that part of each cap, rounded up."""
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
    """Empty at a provider that everybody uses."""
    owed_at: datetime
    left_at: datetime | None
    """When it was handed in; None while it has not left."""
    held: bool
    verified: bool

    @classmethod
    def of(cls, letter: Letter, *, verified: bool) -> Self:
        """A letter to a reporter whom our border has `verified` or not."""
        (to,) = letter.to
        return cls(mailbox(to), organisation(to), letter.owed_at, letter.left_at, letter.held is not None, verified)


@dataclass(frozen=True, slots=True)
class Hold:
    """A letter that must not go out yet, why, and when there may be room for it."""

    reason: str
    not_before: datetime | None
    """None: it must not go out by itself at all."""
    until: datetime
    """When it becomes a person's task."""

    def event(self, message_id: str, now: datetime) -> Held | Withheld:
        """What it means for the letter of that Message-ID."""
        if self.not_before is None or self.not_before >= self.until:
            reason = self.reason if self.not_before is None else f"{self.reason}, and there is no room in time"
            return Withheld(at=now, sign="cap", rfc="RFC 3834 section 6", reason=reason, message_id=message_id)
        return Held(at=now, message_id=message_id, reason=self.reason, not_before=self.not_before, until=self.until)


@dataclass(frozen=True, slots=True)
class _Row:
    """One cap: whose mails it counts (a key), over which time, and how many there may be."""

    key: str
    window: timedelta
    cap: int
    words: str
    daily: int = 0
    """The same one's cap for a day; 0 for all together, who are no loop."""


class Room:
    """What the caps leave at one instant. It counts what has left, and with it what is about to."""

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
        """True if that mailbox has had a mail from us within a week."""
        return bool(self._times.get(mailbox(to)))

    @property
    def full(self) -> bool:
        """True if nothing at all may leave."""
        return any(self._used(row) >= row.cap for row in _in_all(self._caps))

    def objection(self, to: str, *, doubted: bool = False, by_hand: bool = False) -> str:
        """The cap that one more mail to `to` would break, in words; empty when it may go.

        A sender whom our border could not verify (`doubted`) may use half of each cap: forged senders then never use up what
        verified ones need. What a person wants sent (`by_hand`) meets the caps for all alone.
        """
        broken = self._broken(to, doubted=doubted, by_hand=by_hand)
        return _reason(broken[0], doubted=doubted) if broken else ""

    def hold(self, to: str, until: datetime, *, doubted: bool, verified: bool) -> Hold | None:
        """How a new letter to `to` is held back, which is a person's task from `until` on; None when it may go."""
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
        """When the cap has room for one behind so many: each goes out a window after that which it takes the place of."""
        times = self._times[row.key][-row.cap :]
        turn = len([each for each in ahead if row.key in (each.mailbox, each.organisation, _ALL)])
        return times[turn % row.cap] + row.window * (1 + turn // row.cap)

    def _loops(self, row: _Row) -> bool:
        """True if this may be a machine that writes whenever it gets a mail: much in a week, or one for one."""
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
