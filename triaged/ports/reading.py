"""Reading raw mail, and scanning it."""

from typing import Protocol

from triaged.core.mail.message import Message
from triaged.core.policy.policy import Policy
from triaged.core.report.reading import Reading
from triaged.core.report.report import Report


class Reader(Protocol):
    """Turns hostile bytes into a message and a report on it."""

    def reads_by(self, policy: Policy) -> None:
        """Report by this policy from now on."""

    def read(self, raw: bytes) -> Reading:
        """Read one message; a message that breaks a limit is read from its headers alone. Never raises."""

    def read_within(self, raw: bytes, seconds: float) -> Reading | None:
        """As `read`, but None as soon as the message has used `seconds` of processor time."""

    def report_on(self, message: Message) -> Report | None:
        """Report on a message that was read before and then changed; None without a policy. Never raises."""


class Scanner(Protocol):
    """A virus scanner. Its verdict is only shown and decides nothing, so nothing waits for it."""

    def scan(self, raw: bytes) -> str:
        """What was found in a raw mail, in the scanner's words; "" for nothing. Raises TryLater, or Refused for good."""

    def abort(self) -> None:
        """Called from another thread: end the scan under way at once, and refuse every later one."""
