"""What incoming mails add to a case, and what is read in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triaged.core.mail.message import Attachment
from triaged.core.mail.sender import Sender
from triaged.core.policy.doors import Brings
from triaged.core.report.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A mail for this case arrived; the first one opens the case."""

    kind: Literal["received"] = "received"
    at: datetime
    sha256: str
    received_at: datetime
    """INTERNALDATE; promises count from here."""
    message_id: str | None
    sender: Sender
    subject: str
    attachments: tuple[Attachment, ...] = ()
    defects: tuple[str, ...] = ()
    encrypted: bool = False
    related: str | None = None
    """Another case that this mail refers to but its sender may not join."""
    fingerprint: str = ""
    """What its copies are recognised by (`Message.fingerprint`)."""
    chases: bool = False
    """True if its reporter only asks what has become of the report."""
    idle: str = ""
    """Why the mail has no bearing on the case (a bare thanks, a reaction); empty if it may have."""
    passed_on_by: str = ""
    """The address of the person who forwarded the mail; `sender` is then the author they name. Empty if nobody forwarded it."""
    same_reporter: tuple[str, ...] = ()
    """On the mail that opens a case: the reporter's other cases open at that time, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamWrote:
    """A colleague wrote in this case's thread. The mail is no report: nothing in it is read."""

    kind: Literal["team-wrote"] = "team-wrote"
    at: datetime
    sha256: str
    received_at: datetime
    message_id: str | None
    sender: Sender
    subject: str
    verified: bool
    """True if the sender is certain; an answer to the reporter is then followed by an `Answered` with its own date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """Another copy of a mail of this case arrived by a different route. It changes nothing."""

    kind: Literal["copied"] = "copied"
    at: datetime
    sha256: str
    """The SHA-256 of the copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """The rules read the report; after a follow-up, all its mails together."""

    kind: Literal["assessed"] = "assessed"
    at: datetime
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class AtDoor:
    """The mail comes from a platform or an authority that holds the report itself. That door's own clock counts from here."""

    kind: Literal["at-door"] = "at-door"
    at: datetime
    """When the mail arrived."""
    door: str
    """The door's id in the policy."""
    name: str
    brings: Brings
    link: str
    """The link exactly as the mail gave it: defang it before showing it."""
    reference: str
    """The door's own id for the report; empty if the mail names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A virus scanner examined a mail of this case, or never will. Nothing else in the case changes."""

    kind: Literal["scanned"] = "scanned"
    at: datetime
    sha256: str
    """The SHA-256 of the mail."""
    verdict: Literal["clean", "infected", "unscanned"]
    reason: str = ""
    """What the scanner found, in its own words, or why it did not scan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploitSuspected:
    """The report says that attackers use the flaw. Statutory clocks count from here until a person dismisses it."""

    kind: Literal["exploit-suspected"] = "exploit-suspected"
    at: datetime
    """When the mail that says so arrived: from then on the team could have known."""
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
