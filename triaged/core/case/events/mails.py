"""What the mails of a case bring, and what is read in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triaged.core.mail.message import Attachment
from triaged.core.mail.sender import Sender
from triaged.core.policy.doors import Brings
from triaged.core.report.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A mail of this case came in; the first one opens it."""

    kind: Literal["received"] = "received"
    at: datetime
    sha256: str
    received_at: datetime
    """INTERNALDATE: where the promises count from."""
    message_id: str | None
    sender: Sender
    subject: str
    attachments: tuple[Attachment, ...] = ()
    defects: tuple[str, ...] = ()
    encrypted: bool = False
    related: str | None = None
    """Another case that this mail refers to, though its sender may not join it."""
    fingerprint: str = ""
    """What its copies are recognised by (`Message.fingerprint`)."""
    chases: bool = False
    """True if its reporter only asks what has become of the report."""
    idle: str = ""
    """Why it says nothing about the matter (a bare thanks, a reaction); empty if it may."""
    passed_on_by: str = ""
    """The address of whoever forwarded it; `sender` is then the author whom they name. Empty if nobody did."""
    same_reporter: tuple[str, ...] = ()
    """Of the mail that opens a case: the cases of the same reporter that were open then, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamWrote:
    """A colleague wrote in the thread of this case. It is no report: nothing in it is read."""

    kind: Literal["team-wrote"] = "team-wrote"
    at: datetime
    sha256: str
    received_at: datetime
    message_id: str | None
    sender: Sender
    subject: str
    verified: bool
    """True if we can be sure of it; what answers the reporter is then followed by an `Answered` of its own date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A mail of this case came once more, by another way. It changes nothing."""

    kind: Literal["copied"] = "copied"
    at: datetime
    sha256: str
    """Of the copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """The rules read the report (after a follow-up: all its mails together)."""

    kind: Literal["assessed"] = "assessed"
    at: datetime
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class AtDoor:
    """The mail is a platform's or an authority's: what it tells of lies with them. Its own clock counts from here."""

    kind: Literal["at-door"] = "at-door"
    at: datetime
    """When the mail came."""
    door: str
    """Its id in the policy."""
    name: str
    brings: Brings
    link: str
    """As the mail wrote it: defang it."""
    reference: str
    """Their id; empty if the mail names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A virus scanner has looked at a mail of this case, or never will. Nothing else of the case changes."""

    kind: Literal["scanned"] = "scanned"
    at: datetime
    sha256: str
    """Of the mail."""
    verdict: Literal["clean", "infected", "unscanned"]
    reason: str = ""
    """What the scanner found, in its own words, or why it did not look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploitSuspected:
    """The report says that attackers use the flaw. Statutory clocks run from here until a person dismisses it."""

    kind: Literal["exploit-suspected"] = "exploit-suspected"
    at: datetime
    """When the mail that says so arrived: who could have read it was aware."""
    quote: str
    """Its words, visible characters only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What pointed to a person was taken out of this case for good. The events before it are as they were left then."""

    kind: Literal["erased"] = "erased"
    at: datetime
    by: str
    """Who asked for it; `retention` if its time had come."""
    what: Literal["reporter", "mention", "raw-mail"]
    """The case's own reporter, somebody whom it only mentions, or nothing but raw mail."""
    mails: tuple[str, ...] = ()
    """SHA-256 of the raw mails that were removed from the spool then."""


MailEvent = Received | Copied | TeamWrote | Assessed | AtDoor | Scanned | ExploitSuspected | Erased
"""What a mail does to a case, and what is found in it or taken out of it."""
