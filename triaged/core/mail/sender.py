"""Who wrote it, and how sure we are."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sender:
    """The one person an answer may go to."""

    name: str
    """As the mail says; for the team's eyes, escaped, and never sent back."""
    address: str
    """The one From mailbox on which all parsers agree and that SMTP can take; empty where there is none."""
    verdict: Literal["verified", "unverified", "failed"]
    """From Authentication-Results of our own border (RFC 8601), if the settings name it; else unverified."""
    reason: str
    """Why the verdict, or why there is no address to answer."""
