"""The closed union of what can happen to a case. Nothing else is stored; everything shown is a fold over these.

Every `at` is an aware UTC instant. `kind` names the event in the store's JSON (docs/file-format.md): a name once
written is kept for ever. `by` is the person who decided: a login name or a mail address.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import Field

from triaged.core.mail.message import Attachment
from triaged.core.mail.sender import Sender
from triaged.core.policy.doors import Brings
from triaged.core.policy.promises import Severity, StatutoryName
from triaged.core.policy.rules import ScopeName
from triaged.core.report.report import Report

NOT_WRITTEN = "not-written"
"""The sign of an acknowledgment that is withheld only until its template is mended."""

ReporterPurpose = Literal["acknowledgment", "notice", "update"]
"""The one acknowledgment of a case, the notice that it is open again, the automatic update while it is being worked on."""

TeamPurpose = Literal["digest", "alarm", "alert"]
"""The day's digest, the alarm when a flood begins, the alert on deadlines and suspicions."""

Purpose = Literal[ReporterPurpose, TeamPurpose]

TO_REPORTERS = frozenset(get_args(ReporterPurpose))


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
    """By which copies of it are known (`Message.fingerprint`)."""
    idle: str = ""
    """Why it says nothing about the matter (a bare thanks, a reaction); empty where it may."""
    passed_on_by: str = ""
    """The address of whoever forwarded it; `sender` is then whom they name as its author. Empty where nobody did."""
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
    """Whether we can be sure of it; what answers the reporter is then followed by an `Answered` of its own date."""


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
    """Their id; empty where the mail names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A virus scanner has looked at a mail of this case, or will not. It changes nothing else of the case."""

    kind: Literal["scanned"] = "scanned"
    at: datetime
    sha256: str
    """Of the mail."""
    verdict: Literal["clean", "infected", "unscanned"]
    reason: str = ""
    """What the scanner found, in its words; or why it did not look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A mail is to be sent: its bytes and its Message-ID are fixed here, before the first SMTP byte."""

    kind: Literal["owed"] = "owed"
    at: datetime
    purpose: Purpose
    message_id: str
    envelope_from: str
    to: tuple[str, ...]
    raw: str
    """The finished mail, ASCII, CRLF line ends."""
    expires_at: datetime
    """When trying ends and a person is shown the failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A mail that is owed must wait until a cap has room for it. Until `until`; then it is withheld."""

    kind: Literal["held"] = "held"
    at: datetime
    message_id: str
    reason: str
    not_before: datetime
    """When there may be room, as far as that was known then."""
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """The acknowledgment is not sent, and why. The clock runs on: it is a person's task now."""

    kind: Literal["withheld"] = "withheld"
    at: datetime
    sign: str
    """What forbids it, in a word; `not-written` where nothing does, but its template failed."""
    rfc: str
    reason: str
    message_id: str | None = None
    """Of the mail that was written already; None where none was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitting:
    """About to hand the mail to the server. With nothing after it (a crash), whether it went out is uncertain."""

    kind: Literal["submitting"] = "submitting"
    at: datetime
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The server answered 250: the mail is its duty now (RFC 5321 section 6.1)."""

    kind: Literal["submitted"] = "submitted"
    at: datetime
    message_id: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """It was not taken this time (or nobody knows, and the settings say resend); it is tried again from `retry_at`."""

    kind: Literal["deferred"] = "deferred"
    at: datetime
    message_id: str
    cause: str
    retry_at: datetime
    refused: bool = False
    """Whether the server refused it for good, and our settings are to blame rather than the letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """It will not be tried again by itself: refused for good, expired, no longer true, or held because it may have gone out."""

    kind: Literal["failed"] = "failed"
    at: datetime
    message_id: str
    reason: str
    uncertain: bool = False
    refused: bool = False
    """Whether the server refused it for good in words that may be about all our mail: see `refusals`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requeued:
    """A mail is to be sent that failed, or that was held back or withheld: the same bytes, the same Message-ID.

    A person wants it, or `triaged` itself: it was refused first of several, and the settings turned out to be at fault.
    """

    kind: Literal["requeued"] = "requeued"
    at: datetime
    by: str
    message_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A person wrote to the reporter by hand: that is an acknowledgment, and the next update counts from it."""

    kind: Literal["answered"] = "answered"
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Triaged:
    """A person has decided what the report is: the triage promise is met."""

    kind: Literal["triaged"] = "triaged"
    at: datetime
    by: str
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeSet:
    """A person's scope; it outranks the rules' from here on."""

    kind: Literal["scope-set"] = "scope-set"
    at: datetime
    by: str
    scope: ScopeName


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveritySet:
    """How bad it is, in a person's judgment."""

    kind: Literal["severity-set"] = "severity-set"
    at: datetime
    by: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerSet:
    """Who works on it; an empty owner is nobody."""

    kind: Literal["owner-set"] = "owner-set"
    at: datetime
    by: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The team waits for the reporter: pausable clocks stop until their next mail, or a person's next decision."""

    kind: Literal["waiting"] = "waiting"
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A remark for the team; never sent."""

    kind: Literal["noted"] = "noted"
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedByHand:
    """A person made a case of a mail that had been set aside. It stands second, behind the mail."""

    kind: Literal["opened-by-hand"] = "opened-by-hand"
    at: datetime
    by: str
    sha256: str
    """Of the mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedDuplicate:
    """It is another case's finding: closed, and linked to it."""

    kind: Literal["duplicate"] = "duplicate"
    at: datetime
    by: str
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Done, and why."""

    kind: Literal["closed"] = "closed"
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    """Open again, by a person or by the reporter's next mail (`by` is then `reporter`)."""

    kind: Literal["reopened"] = "reopened"
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploitSuspected:
    """The report says that attackers use the flaw. Statutory clocks run from here until a person dismisses it."""

    kind: Literal["exploit-suspected"] = "exploit-suspected"
    at: datetime
    """When the mail that says so arrived: who could have read it was aware."""
    quote: str
    """Its words, visible characters only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploitConfirmed:
    """A person knows that attackers use the flaw; the clocks count from the suspicion, where there was one."""

    kind: Literal["exploit-confirmed"] = "exploit-confirmed"
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploitDismissed:
    """A person has found that attackers do not use the flaw; the clocks end."""

    kind: Literal["exploit-dismissed"] = "exploit-dismissed"
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FixAvailable:
    """A fix, or a mitigation, can be had by those who are affected."""

    kind: Literal["fix-available"] = "fix-available"
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityNotified:
    """A person has told the authority what a statute wants told."""

    kind: Literal["authority-notified"] = "authority-notified"
    at: datetime
    by: str
    duty: StatutoryName


LetterEvent = Owed | Held | Withheld | Submitting | Submitted | Deferred | Failed | Requeued
"""What happens to an outgoing mail; `outbox` folds these."""

StatutoryEvent = ExploitConfirmed | ExploitDismissed | FixAvailable | AuthorityNotified
"""What a person decides or has done that statutory clocks count from, or are met by."""

TeamEvent = (
    Answered
    | Triaged
    | ScopeSet
    | SeveritySet
    | OwnerSet
    | Waiting
    | Noted
    | OpenedByHand
    | MarkedDuplicate
    | Closed
    | Reopened
    | StatutoryEvent
)
"""What a person decides."""

TeamDecision = Annotated[TeamEvent | Requeued, Field(discriminator="kind")]
"""What a person may hand in, on a case or on its failed letter."""

Event = Annotated[
    Received | Copied | TeamWrote | Assessed | AtDoor | Scanned | ExploitSuspected | LetterEvent | TeamEvent,
    Field(discriminator="kind"),
]
