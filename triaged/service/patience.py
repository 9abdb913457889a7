"""Growing pauses after failures of something outside that nothing waits for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))
"""The pause after each failure in a row; the last one repeats."""
LOGIN_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 60))
"""The pauses after refused logins, which are long: fast repeats lock accounts and ban addresses."""
GIVEN_UP_AFTER = timedelta(days=1)
"""How long one page or scan is retried."""


@dataclass(slots=True)
class Patience:
    """The recent failures of one thing outside. A restart forgets them."""

    failures: int = 0
    """The number in a row."""
    quiet_until: datetime | None = None
    pauses: tuple[timedelta, ...] = PAUSES

    def is_quiet(self, now: datetime) -> bool:
        """True during a pause."""
        # A clock set back must not lengthen the pause.
        return self.quiet_until is not None and now < self.quiet_until <= now + self.pauses[-1]

    def failed(self, now: datetime) -> timedelta:
        """Count a failure and return the pause that follows."""
        self.failures += 1
        pause = self.pauses[min(self.failures, len(self.pauses)) - 1]
        self.quiet_until = now + pause
        return pause

    def succeeded(self) -> None:
        """End the row of failures."""
        self.failures, self.quiet_until = 0, None
