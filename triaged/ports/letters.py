"""Outgoing mail: writing it and submitting it."""

from datetime import datetime
from typing import Protocol

from triaged.core.case.events import Owed
from triaged.core.case.outbox import Letter
from triaged.core.letters.draft import Draft


class Renderer(Protocol):
    """Turns drafts into finished mails."""

    def finished(self, draft: Draft, now: datetime) -> Owed:
        """Write the draft's mail, dated `now`; raises Unwritten. Mail to the team falls back to the shipped template."""


class Submission(Protocol):
    """The submission server (RFC 6409)."""

    def submit(self, letter: Letter) -> str:
        """Submit one letter and return the server's answer; raises TryLater, or Refused with the blame."""

    def close(self) -> None:
        """End the session if there is one; never raises."""

    def abort(self) -> None:
        """Called from another thread: shut the connection, so that a call waiting on it ends at once."""
