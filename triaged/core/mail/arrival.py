"""A mail's way through the house: where it lay, how often it was tried, and the one end it came to."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self, get_args

End = Literal["opened", "joined", "command", "set-aside", "failed"]
"""`opened` a case, `joined` one, `command` from the team, `set-aside` with its reason, `failed`: a case a person reads."""

ACTED = "acted"
"""The sign of a colleague's mail whose commands were carried out: its transcript tells of it."""
ENDS: tuple[End, ...] = get_args(End)
_PLACES_KEPT = 16
"""Each new place is written with those kept: a server that numbers its mail anew all the time must not cost the square."""


MAIN = "main"
"""The name of the first mailbox, and of the only one where the configuration names no other."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail lies on the server. Valid only under its UIDVALIDITY (RFC 9051 section 2.3.1.1)."""

    folder: str
    uidvalidity: int
    uid: int
    mailbox: str = MAIN


@dataclass(frozen=True, slots=True)
class Contact:
    """First contact with a folder under one UIDVALIDITY: what decides which old mail is left alone."""

    folder: str
    uidvalidity: int
    cutoff_at: datetime
    """Mail that lay there at first contact and had arrived (INTERNALDATE) before this is left alone."""
    first_uid: int
    """UIDNEXT at first contact: from here on everything is taken in, however old."""
    mailbox: str = MAIN


@dataclass(frozen=True, slots=True)
class Aside:
    """What a person sees of a mail that became no case. Its words are its sender's: show them escaped."""

    sender: str
    """The address, or what stands in From where that names no one."""
    subject: str
    """At most 200 visible characters."""
    sign: str
    """The sign that forbade an answer, or the kind of mail that the policy sets aside."""
    unusual: bool = False
    """True if it came near to a report: the digest names it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail, known by its content. The sum over `end` is the number of mails seen."""

    sha256: str
    """Of the raw bytes: its name in the spool, and what recognises it when UIDs change."""
    received_at: datetime
    """INTERNALDATE, UTC, never later than `taken_at`: the sender's clock may lie, and promises count from receipt."""
    taken_at: datetime
    size: int
    """Bytes on the server; larger than the spooled file when only a prefix was fetched."""
    places: tuple[Place, ...] = ()
    """Where it lay, the latest last; of more than sixteen the latest."""
    attempts: int = 0
    """Readings begun, counted durably before each: a mail that kills its reader is not read for ever."""
    end: End | None = None
    reason: str = ""
    case_id: str | None = None
    costs_over: float = 0.0
    """Seconds of processor time within which it could not be read: it waits behind what costs less. 0: not known."""
    aside: Aside | None = None
    """Of a mail that became no case; None in what older versions set aside."""
    erased_at: datetime | None = None
    """When its raw bytes were erased for good; its hash stays, so that a copy on the server is not taken for a new mail."""

    def seen_at(self, place: Place) -> Self:
        """It lies at another place too, or now. Older ones may be forgotten: there it would be known by its content."""
        return replace(self, places=(*self.places, place)[-_PLACES_KEPT:])
