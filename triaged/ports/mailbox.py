"""The mailbox that receives reports."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from triaged.core.mail.arrival import MAIN, Contact, Place


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail as it came from the server, or its first part if it is over the size limit."""

    place: Place
    received_at: datetime
    """INTERNALDATE, UTC."""
    size: int
    """RFC822.SIZE; larger than `raw` if only a prefix was fetched."""
    raw: bytes


class Places(Protocol):
    """Which places on the server have been taken in. Every write is durable on return."""

    def knows(self, place: Place) -> bool:
        """True if the mail at that place was taken in."""

    def highest_uid(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> int:
        """The highest UID taken in there; 0 for none."""

    def contact(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> Contact | None:
        """The first contact with that folder; None if there was none."""

    def remember(self, contact: Contact) -> None:
        """Record a first contact."""

    def last_taken_at(self) -> datetime | None:
        """When a mail was last taken in; None for never."""


class Mailbox(Protocol):
    """The mailbox. It belongs to the people who read it: triaged reads it and marks nothing."""

    def fetch_new(self, ledger: Places, now: datetime) -> Iterator[Fetched]:
        """Yield every mail that the ledger does not know, in small batches; raises TryLater."""

    def stirred(self) -> bool:
        """True if `fetch_new` should be called soon. Called between two calls of it; neither waits for news nor raises."""

    def unreadable(self, times: int = 3) -> Sequence[str]:
        """One phrase for each mail that the server failed to give at least `times` times. They will be tried again."""

    def file(self, place: Place) -> None:
        """Move or mark one mail if the settings ask for it; idempotent; raises TryLater or Refused, which callers only log."""

    def close(self) -> None:
        """Log out if the server answers at once; never raises."""

    def abort(self) -> None:
        """Called from another thread: shut the connection, so that a call waiting on it ends at once."""
