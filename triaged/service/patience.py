"""Patience with something outside that nothing waits for: after each failure in a row it is left alone for longer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))
"""After each failure in a row, the last one for every further."""
GIVEN_UP_AFTER = timedelta(days=1)
"""How long one thing is tried."""


@dataclass(slots=True)
class Patience:
    """How it has gone; forgotten with the process, which then begins again."""

    failures: int = 0
    """In a row."""
    quiet_until: datetime | None = None

    def is_quiet(self, now: datetime) -> bool:
        """Whether it is to be left alone now."""
        # A clock set back must not make it quiet for longer.
        return self.quiet_until is not None and now < self.quiet_until <= now + PAUSES[-1]

    def failed(self, now: datetime) -> timedelta:
        """Once more; how long it is quiet now."""
        self.failures += 1
        pause = PAUSES[min(self.failures, len(PAUSES)) - 1]
        self.quiet_until = now + pause
        return pause

    def succeeded(self) -> None:
        """The row is over."""
        self.failures, self.quiet_until = 0, None
