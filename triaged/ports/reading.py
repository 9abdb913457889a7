"""Looking into raw mail."""

from typing import Protocol

from triaged.core.mail.message import Message


class Reader(Protocol):
    """Hostile bytes to a Message, whatever they are and however long they take."""

    def read(self, raw: bytes) -> Message:
        """Read one message; degraded to its headers when it breaks a limit. Never raises."""

    def read_within(self, raw: bytes, seconds: float) -> Message | None:
        """As `read`, but None as soon as it has cost so many seconds of processor time."""


class Scanner(Protocol):
    """A virus scanner. What it says is shown and decides nothing, so nothing ever waits for it."""

    def scan(self, raw: bytes) -> str:
        """What was found in a raw mail, in the scanner's words; empty for nothing. Raises TryLater, or Refused: never."""

    def abort(self) -> None:
        """From another thread: end a scan under way at once, and every later one."""
