"""Mails that the server lists but does not deliver: retried alone, after all others, at growing intervals."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TOLD_AFTER = 3
"""The failed tries after which people are told."""

# The pause after each try. If a mail breaks the server, it is eventually requested once an hour.
_PAUSES = (*[timedelta()] * TOLD_AFTER, timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class _Tried:
    times: int = 0
    last_at: datetime | None = None
    why: str = ""

    def is_due(self, now: datetime) -> bool:
        if self.last_at is None:
            return True
        # A clock that was set back must not delay this.
        return not timedelta() <= now - self.last_at < _PAUSES[min(self.times, len(_PAUSES) - 1)]


class Stragglers:
    """The stragglers of one folder, in memory only: after a restart, comparing all UIDs finds them again."""

    def __init__(self) -> None:
        self._tried: dict[int, _Tried] = {}
        self._suspects: frozenset[int] = frozenset()

    def __contains__(self, uid: int) -> bool:
        return uid in self._tried

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(self._tried))

    def hopeless(self, uid: int) -> bool:
        """True if the mail failed so often that people are told."""
        return uid in self._tried and self._tried[uid].times >= TOLD_AFTER

    def due(self, now: datetime) -> list[int]:
        """The stragglers to request now, those with the fewest tries first."""
        ready = [uid for uid, tried in self._tried.items() if tried.is_due(now)]
        return sorted(ready, key=lambda uid: (self._tried[uid].times, uid))

    def broke(self, uids: Collection[int]) -> None:
        """The connection broke during a request for these. A mail that is involved twice running becomes a straggler."""
        for uid in self._suspects.intersection(uids):
            self._tried.setdefault(uid, _Tried())
        self._suspects = frozenset(uids)

    def acquit(self) -> None:
        """A pass over all mails kept its connection: no mail is suspected any more."""
        self._suspects = frozenset()

    def missed(self, uid: int, why: str, now: datetime) -> int:
        """The mail was requested but did not arrive; return how often that happened."""
        times = self._tried.get(uid, _Tried()).times + 1
        self._tried[uid] = _Tried(times, now, why)
        return times

    def renumbered(self) -> None:
        """The UIDs may now name other mails: earlier failures no longer count."""
        self._tried, self._suspects = dict.fromkeys(self._tried, _Tried()), frozenset()

    def settled(self, uid: int) -> bool:
        """The mail arrived or is gone; return whether people had been told about it."""
        told = self.hopeless(uid)
        self._tried.pop(uid, None)
        return told

    def missing(self, times: int) -> Sequence[tuple[int, str]]:
        """The mails that were requested at least this often without success, by UID, with the last cause."""
        return [(uid, tried.why) for uid, tried in sorted(self._tried.items()) if tried.times >= times]
