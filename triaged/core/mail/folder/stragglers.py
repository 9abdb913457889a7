"""Mails that the server has and fails to deliver: asked for again, alone and last, at growing intervals."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TOLD_AFTER = 3
"""People are told of a mail after so many tries in vain."""

# The pause after each try. A server that breaks down over a mail is asked for that mail once an hour in the end.
_PAUSES = (*[timedelta()] * TOLD_AFTER, timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class _Tried:
    times: int = 0
    last_at: datetime | None = None
    why: str = ""

    def is_due(self, now: datetime) -> bool:
        if self.last_at is None:
            return True
        # A clock that was set back must not put it off.
        return not timedelta() <= now - self.last_at < _PAUSES[min(self.times, len(_PAUSES) - 1)]


class Stragglers:
    """The stragglers of one folder. They are kept in memory alone: after a restart, comparing all UIDs finds them again."""

    def __init__(self) -> None:
        self._tried: dict[int, _Tried] = {}
        self._suspects: frozenset[int] = frozenset()

    def __contains__(self, uid: int) -> bool:
        return uid in self._tried

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(self._tried))

    def hopeless(self, uid: int) -> bool:
        """True if so many tries were in vain that people are told."""
        return uid in self._tried and self._tried[uid].times >= TOLD_AFTER

    def due(self, now: datetime) -> list[int]:
        """Those to ask for now; first those with the fewest tries."""
        ready = [uid for uid, tried in self._tried.items() if tried.is_due(now)]
        return sorted(ready, key=lambda uid: (self._tried[uid].times, uid))

    def broke(self, uids: Collection[int]) -> None:
        """The connection was lost over a request for these. Those over which it is lost twice running become stragglers."""
        for uid in self._suspects.intersection(uids):
            self._tried.setdefault(uid, _Tried())
        self._suspects = frozenset(uids)

    def acquit(self) -> None:
        """A pass asked for all mails together and lost no connection: no mail is under suspicion."""
        self._suspects = frozenset()

    def missed(self, uid: int, why: str, now: datetime) -> int:
        """The mail was asked for and did not come; return how often that has happened."""
        times = self._tried.get(uid, _Tried()).times + 1
        self._tried[uid] = _Tried(times, now, why)
        return times

    def renumbered(self) -> None:
        """Their UIDs may name other mails now: what was tried before says nothing of those."""
        self._tried, self._suspects = dict.fromkeys(self._tried, _Tried()), frozenset()

    def settled(self, uid: int) -> bool:
        """The mail came, or is no longer there; return whether people had been told of it."""
        told = self.hopeless(uid)
        self._tried.pop(uid, None)
        return told

    def missing(self, times: int) -> Sequence[tuple[int, str]]:
        """Each mail that was asked for at least so often in vain, with the last cause, by UID."""
        return [(uid, tried.why) for uid, tried in sorted(self._tried.items()) if tried.times >= times]
