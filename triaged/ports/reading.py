"""Looking into raw mail."""

from typing import Protocol

from triaged.core.mail.message import Message
from triaged.core.policy.policy import Policy
from triaged.core.report.reading import Reading
from triaged.core.report.report import Report


class Reader(Protocol):
    """Hostile bytes to a message and what it says, whatever they are and however long they take."""

    def reads_by(self, policy: Policy) -> None:
        """Report by this policy from now on."""

    def read(self, raw: bytes) -> Reading:
        """Read one message; degraded to its headers when it breaks a limit. Never raises."""

    def read_within(self, raw: bytes, seconds: float) -> Reading | None:
        """As `read`, but None as soon as it has cost so many seconds of processor time."""

    def report_on(self, message: Message) -> Report | None:
        """What a message says that was read before and has changed since. None where there is no policy. Never raises."""


class Scanner(Protocol):
    """A virus scanner. What it says is shown and decides nothing, so nothing ever waits for it."""

    def scan(self, raw: bytes) -> str:
        """What was found in a raw mail, in the scanner's words; empty for nothing. Raises TryLater, or Refused: never."""

    def abort(self) -> None:
        """From another thread: end a scan under way at once, and every later one."""
