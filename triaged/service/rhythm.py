"""When the mailbox is polled next: after its interval, sooner if the server announces mail, later after failures.

This module is pure: instants (seconds of a monotonic clock) and jitter come in as arguments.
"""

from dataclasses import dataclass, replace
from typing import Self

# The pause after each failure in a row; the last one repeats. The jitter only shortens them.
_PAUSES = (5.0, 15.0, 60.0, 300.0)
# The pauses after refused logins are long: fast repeats lock accounts and ban addresses. The jitter only lengthens these.
_LOGIN_PAUSES = (60.0, 300.0, 1800.0, 3600.0)
_LONGEST_DOUBLING = 12


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The state of polling. It is immutable: each event returns the next state."""

    next_at: float = 0.0
    polled_at: float = 0.0
    failures: int = 0
    """The number of failures in a row of the same kind."""
    login: bool = False
    """True if the failures are refused logins."""
    stirred: bool = False
    """True if the server has announced new mail since the last poll."""
    fruitless: int = 0
    """False announcements in a row. Each doubles the pause before the next one is believed."""

    @property
    def listening(self) -> bool:
        """True if an announcement would matter: not during the pause after a failure, nor after an announcement."""
        return not self.failures and not self.stirred

    def told(self) -> Self:
        """The server announces new mail."""
        return replace(self, stirred=True)

    def at_once(self) -> Self:
        """A person or a reload asks for a poll now; earlier failures are forgotten."""
        return replace(self, next_at=0.0, failures=0)

    def due(self, now: float) -> bool:
        """True if it is time to poll."""
        hurried = self.stirred and not self.failures
        return now >= self.next_at or (
            hurried and now >= self.polled_at + 2.0 ** min(self.fruitless, _LONGEST_DOUBLING) - 1
        )

    def polled(self, now: float, every: float, found: int) -> Self:
        """A poll succeeded and found that many mails."""
        fruitless = self.fruitless + 1 if self.stirred and not found else 0
        return replace(self, next_at=now + every, polled_at=now, failures=0, stirred=False, fruitless=fruitless)

    def failed(self, now: float, *, login: bool, jitter: float) -> Self:
        """A poll failed; `jitter` is from 0 to 1."""
        before = self.failures if login == self.login else 0
        pauses = _LOGIN_PAUSES if login else _PAUSES
        pause = pauses[min(before, len(pauses) - 1)] * (1 + jitter / 5 if login else 1 - jitter / 5)
        return replace(self, next_at=now + pause, failures=before + 1, login=login, stirred=False)
