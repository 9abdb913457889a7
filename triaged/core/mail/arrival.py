"""The record of one mail: where it lay, how often reading was tried, and how it ended."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self, get_args

End = Literal["opened", "joined", "command", "set-aside", "failed"]
"""It `opened` or `joined` a case, was a `command` from the team or `set-aside`, or `failed`: a case that a person reads."""

ACTED = "acted"
"""The sign of a colleague's mail whose commands were carried out: its transcript reports the results."""
ENDS: tuple[End, ...] = get_args(End)
_PLACES_KEPT = 16
"""Every new place rewrites all those kept, so a server that renumbers its mail again and again would cost quadratic time."""


MAIN = "main"
"""The name of the first mailbox, and of the only one if the configuration names no other."""


@dataclass(frozen=True, slots=True)
class Place:
    """The position of a mail on the server. It holds only under its UIDVALIDITY (RFC 9051 section 2.3.1.1)."""

    folder: str
    uidvalidity: int
    uid: int
    mailbox: str = MAIN


@dataclass(frozen=True, slots=True)
class Contact:
    """The first contact with a folder under one UIDVALIDITY: it decides which old mail is ignored."""

    folder: str
    uidvalidity: int
    cutoff_at: datetime
    """Mail that was in the folder at first contact and arrived (INTERNALDATE) before this is ignored."""
    first_uid: int
    """UIDNEXT at first contact: mail from here on is always taken in, however old."""
    mailbox: str = MAIN


@dataclass(frozen=True, slots=True)
class Aside:
    """What a person sees of a mail that opened no case. The words are the sender's: show them escaped."""

    sender: str
    """The address, or the text of From if it contains none."""
    subject: str
    """At most 200 visible characters."""
    sign: str
    """The sign that forbade an answer, or the kind of mail that the policy sets aside."""
    unusual: bool = False
    """True if it nearly counted as a report: the digest names it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail, identified by its content. The counts by `end` add up to the number of mails seen."""

    sha256: str
    """Of the raw bytes: names the file in the spool, and identifies the mail when UIDs change."""
    received_at: datetime
    """INTERNALDATE, UTC, never later than `taken_at`: the sender's clock may be wrong, and promises count from receipt."""
    taken_at: datetime
    size: int
    """Bytes on the server; larger than the spooled file if only a prefix was fetched."""
    places: tuple[Place, ...] = ()
    """The places where it lay, the latest last; at most the latest sixteen."""
    attempts: int = 0
    """Attempts to read it, stored durably before each: a mail that kills its reader must not be retried for ever."""
    end: End | None = None
    reason: str = ""
    case_id: str | None = None
    costs_over: float = 0.0
    """CPU seconds that did not suffice to read it: cheaper mail goes first. 0 if unknown."""
    aside: Aside | None = None
    """Set if the mail opened no case; None for mail that older versions set aside."""
    erased_at: datetime | None = None
    """When its raw bytes were erased for good; its hash stays, so that a copy on the server is not taken for a new mail."""

    def seen_at(self, place: Place) -> Self:
        """It lies at another place too, or now. Older ones may be forgotten: there it would be known by its content."""
        return replace(self, places=(*self.places, place)[-_PLACES_KEPT:])
