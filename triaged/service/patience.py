"""Patience with something outside that nothing waits for: after each failure in a row it is left alone for longer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))
"""After each failure in a row, the last one for every further."""
LOGIN_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 60))
"""A refused login is never repeated fast: that is how accounts get locked and addresses banned."""
GIVEN_UP_AFTER = timedelta(days=1)
"""How long one thing is tried."""


@dataclass(slots=True)
class Patience:
    """How it has gone; forgotten with the process, which then begins again."""

    failures: int = 0
    """In a row."""
    quiet_until: datetime | None = None
    pauses: tuple[timedelta, ...] = PAUSES

    def is_quiet(self, now: datetime) -> bool:
        """True if it is to be left alone now."""
        # A clock set back must not make it quiet for longer.
        return self.quiet_until is not None and now < self.quiet_until <= now + self.pauses[-1]

    def failed(self, now: datetime) -> timedelta:
        """Once more; how long it is quiet now."""
        self.failures += 1
        pause = self.pauses[min(self.failures, len(self.pauses)) - 1]
        self.quiet_until = now + pause
        return pause

    def succeeded(self) -> None:
        """The row is over."""
        self.failures, self.quiet_until = 0, None
