"""Mail that leaves: written, and handed in."""

from datetime import datetime
from typing import Protocol

from triaged.core.case.events import Owed
from triaged.core.case.outbox import Letter
from triaged.core.letters.draft import Draft


class Renderer(Protocol):
    """Drafts to finished mails."""

    def finished(self, draft: Draft, now: datetime) -> Owed:
        """Write the mail of that draft, dated `now`; raises Unwritten. A template at fault holds back no mail to the team."""


class Submission(Protocol):
    """Where mail is handed in (RFC 6409)."""

    def submit(self, letter: Letter) -> str:
        """Hand one letter in and return the server's answer; raises TryLater, or Refused with the blame."""

    def close(self) -> None:
        """End the session, as far as that goes."""

    def abort(self) -> None:
        """From another thread: shut the connection, so that a call that waits on it ends at once."""
