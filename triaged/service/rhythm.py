"""When the mailbox is polled next: at its interval, sooner when the server tells of mail, later and later after failures.

Pure: instants are seconds of a monotonic clock and come in as arguments, as does the jitter.
"""

from dataclasses import dataclass, replace
from typing import Self

# A pause after each failure in a row, the last one for every further failure; the jitter only ever shortens them.
_PAUSES = (5.0, 15.0, 60.0, 300.0)
# A refused login is never repeated fast: that is how accounts get locked and addresses banned. The jitter lengthens these.
_LOGIN_PAUSES = (60.0, 300.0, 1800.0, 3600.0)
_LONGEST_DOUBLING = 12


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How polling goes; each method returns what it is afterwards."""

    next_at: float = 0.0
    polled_at: float = 0.0
    failures: int = 0
    """In a row, and of the same kind."""
    login: bool = False
    """True if they are refused logins."""
    stirred: bool = False
    """The server has told of new mail since the last poll."""
    fruitless: int = 0
    """How often in a row it told so and there was none: each time, twice the pause before it is believed."""

    @property
    def listening(self) -> bool:
        """True if it matters what the server tells: not while a failure's pause lasts, nor once it has told."""
        return not self.failures and not self.stirred

    def told(self) -> Self:
        """The server tells of new mail."""
        return replace(self, stirred=True)

    def at_once(self) -> Self:
        """A person, or new settings, want a poll now; earlier failures count no more."""
        return replace(self, next_at=0.0, failures=0)

    def due(self, now: float) -> bool:
        """True if to poll now."""
        hurried = self.stirred and not self.failures
        return now >= self.next_at or (
            hurried and now >= self.polled_at + 2.0 ** min(self.fruitless, _LONGEST_DOUBLING) - 1
        )

    def polled(self, now: float, every: float, found: int) -> Self:
        """A poll succeeded and found so many mails."""
        fruitless = self.fruitless + 1 if self.stirred and not found else 0
        return replace(self, next_at=now + every, polled_at=now, failures=0, stirred=False, fruitless=fruitless)

    def failed(self, now: float, *, login: bool, jitter: float) -> Self:
        """A poll failed; `jitter` is from 0 to 1."""
        before = self.failures if login == self.login else 0
        pauses = _LOGIN_PAUSES if login else _PAUSES
        pause = pauses[min(before, len(pauses) - 1)] * (1 + jitter / 5 if login else 1 - jitter / 5)
        return replace(self, next_at=now + pause, failures=before + 1, login=login, stirred=False)
