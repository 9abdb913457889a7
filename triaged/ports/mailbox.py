"""The mailbox that reports come to."""

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
    """RFC822.SIZE; larger than `raw` when only a prefix was fetched."""
    raw: bytes


class Places(Protocol):
    """Which places on the server have been dealt with. Every write is durable on return."""

    def knows(self, place: Place) -> bool:
        """True if the mail at that place was taken in."""

    def highest_uid(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> int:
        """The highest UID taken in there; 0 for none."""

    def contact(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> Contact | None:
        """How first contact with that folder went, if there was one."""

    def remember(self, contact: Contact) -> None:
        """Keep a first contact."""

    def last_taken_at(self) -> datetime | None:
        """When a mail was last taken in; None for never."""


class Mailbox(Protocol):
    """The mailbox. It belongs to the people who read it, so triaged reads it and marks nothing."""

    def fetch_new(self, ledger: Places, now: datetime) -> Iterator[Fetched]:
        """Yield every mail that the ledger does not know, in small batches; raises TryLater."""

    def stirred(self) -> bool:
        """Between two calls of `fetch_new`: whether it should be called soon. Does not wait for news, and never raises."""

    def unreadable(self, times: int = 3) -> Sequence[str]:
        """Mails that the server has failed to give so many times, a phrase each; they are asked for again."""

    def file(self, place: Place) -> None:
        """Move or mark one mail as the settings say, if they do; idempotent, a courtesy; raises TryLater or Refused."""

    def close(self) -> None:
        """Log out, as far as that goes."""

    def abort(self) -> None:
        """From another thread: shut the connection, so that a call that waits on it ends at once."""
