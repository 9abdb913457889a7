"""Mails that lie on the server and cannot be had: asked for again and again, alone and last, and after a while told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TOLD_AFTER = 3
"""Tries in vain after which people are told."""

# Not with each poll for ever: a server that breaks over a mail is asked for it once an hour at last.
_AGAIN_AFTER = (*[timedelta()] * TOLD_AFTER, timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class _Tried:
    times: int
    again_at: datetime | None
    why: str


class Stragglers:
    """The mails of one folder that could not be fetched. In memory: after a restart the whole comparison finds them."""

    def __init__(self) -> None:
        self._tried: dict[int, _Tried] = {}
        self._broke: frozenset[int] = frozenset()

    def __contains__(self, uid: int) -> bool:
        return uid in self._tried

    def hopeless(self, uid: int) -> bool:
        """Whether people have been told of it."""
        return uid in self._tried and self._tried[uid].times >= TOLD_AFTER

    def due(self, now: datetime) -> list[int]:
        """Those to be asked for now, the most hopeful first."""
        ready = [uid for uid, tried in self._tried.items() if tried.again_at is None or tried.again_at <= now]
        return sorted(ready, key=lambda uid: (self._tried[uid].times, uid))

    def broke(self, uids: Collection[int]) -> None:
        """The session broke over these. The second time one of them is to blame: then each is asked for alone."""
        for uid in self._broke.intersection(uids):
            self._tried.setdefault(uid, _Tried(0, None, ""))
        self._broke = frozenset(uids)

    def missed(self, uid: int, why: str, now: datetime) -> int:
        """It was asked for and did not come; return how often that is now."""
        times = self._tried[uid].times + 1 if uid in self._tried else 1
        self._tried[uid] = _Tried(times, now + _AGAIN_AFTER[min(times, len(_AGAIN_AFTER) - 1)], why)
        return times

    def settled(self, uid: int) -> bool:
        """It came, or it is no longer there; return whether it had been told of."""
        tried = self._tried.pop(uid, None)
        return tried is not None and tried.times >= TOLD_AFTER

    def missing(self, times: int) -> Sequence[tuple[int, str]]:
        """Those that were asked for so often or more in vain, each with what happened the last time."""
        return [(uid, tried.why) for uid, tried in sorted(self._tried.items()) if tried.times >= times]
