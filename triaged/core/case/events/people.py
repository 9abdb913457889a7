"""What people decide, do or find out."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from triaged.core.policy.promises import Severity, StatutoryName
from triaged.core.policy.rules import ScopeName


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A person wrote to the reporter by hand: this counts as an acknowledgment, and the next update counts from here."""

    kind: Literal["answered"] = "answered"
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Triaged:
    """A person decided what the report is: this meets the triage promise."""

    kind: Literal["triaged"] = "triaged"
    at: datetime
    by: str
    severity: Severity | None = None
    owner: str | None = None
    """The new owner; None leaves the owner unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeSet:
    """A person set the scope; it overrides the rules from now on."""

    kind: Literal["scope-set"] = "scope-set"
    at: datetime
    by: str
    scope: ScopeName


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveritySet:
    """A person judged how severe the flaw is."""

    kind: Literal["severity-set"] = "severity-set"
    at: datetime
    by: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerSet:
    """A person assigned the case; an empty owner means nobody."""

    kind: Literal["owner-set"] = "owner-set"
    at: datetime
    by: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The team waits for the reporter: pausable clocks stop until the reporter's next mail or a person's next decision."""

    kind: Literal["waiting"] = "waiting"
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A note for the team; never sent."""

    kind: Literal["noted"] = "noted"
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedByHand:
    """A person opened a case for a mail that had been set aside. It is always the second event, after the mail."""

    kind: Literal["opened-by-hand"] = "opened-by-hand"
    at: datetime
    by: str
    sha256: str
    """The SHA-256 of the mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedDuplicate:
    """The case reports the same finding as another case: it is closed and linked to that one."""

    kind: Literal["duplicate"] = "duplicate"
    at: datetime
    by: str
    of: str
    tell: bool = False
    """True if the reporter still has to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidSame:
    """It tells of the same flaw as another case: both belong to one cluster, and nothing else changes."""

    kind: Literal["same-as"] = "same-as"
    at: datetime
    by: str
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The case is closed, with a reason."""

    kind: Literal["closed"] = "closed"
    at: datetime
    by: str
    reason: str
    tell: bool = False
    """True if the reporter still has to be told."""
    silent: str = ""
    """Why the reporter is not told, where a person decided so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """A person wrote to the reporter through triaged. The letter is owed in the same write, and counts once it has left."""

    kind: Literal["replied"] = "replied"
    at: datetime
    by: str
    text: str
    """Their words, without the frame that every reply has."""
    template: str = ""
    """The name of the template that they began from."""
    wait: bool = False
    """True if the team waits for the reporter from here on."""
    close: str = ""
    """Why the case is closed with it; empty where it stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    """The case is open again, reopened by a person or by the reporter's next mail (`by` is then `reporter`)."""

    kind: Literal["reopened"] = "reopened"
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploitConfirmed:
    """A person knows that attackers use the flaw; clocks count from the suspicion, if there was one."""

    kind: Literal["exploit-confirmed"] = "exploit-confirmed"
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploitDismissed:
    """A person found that attackers do not use the flaw; the statutory clocks end."""

    kind: Literal["exploit-dismissed"] = "exploit-dismissed"
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FixAvailable:
    """A fix or a mitigation is available to those affected."""

    kind: Literal["fix-available"] = "fix-available"
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityNotified:
    """A person gave the authority a notification that a statute requires."""

    kind: Literal["authority-notified"] = "authority-notified"
    at: datetime
    by: str
    duty: StatutoryName


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureAgreed:
    """Both sides agreed to publish on a day. The latest agreement counts; each one says why the day was chosen or moved."""

    kind: Literal["disclosure-agreed"] = "disclosure-agreed"
    at: datetime
    by: str
    on: date
    """In the policy's time zone: it falls due as the day begins."""
    partner: str = ""
    """The other side; empty for the reporter."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAgreed:
    """The reporter told a person how to credit them. The latest wish counts; without one, nobody is named."""

    kind: Literal["credit-agreed"] = "credit-agreed"
    at: datetime
    by: str
    name: str = ""
    """The name as the reporter wishes it; empty to stay anonymous."""
    where: str = ""
    """An https link to a page of theirs; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced:
    """Nothing of the case may be erased until a person releases it: a court, an authority or a lawyer may ask for it."""

    kind: Literal["hold-placed"] = "hold-placed"
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased:
    """The case may be erased again."""

    kind: Literal["hold-released"] = "hold-released"
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """A person took back the last decision: the case is as if it had never been made. Both stay in the history."""

    kind: Literal["undone"] = "undone"
    at: datetime
    by: str
    decision: str
    """The kind of the event that was taken back."""
    decided_at: datetime
    """The `at` of the event that was taken back."""


StatutoryEvent = ExploitConfirmed | ExploitDismissed | FixAvailable | AuthorityNotified
"""The decisions and deeds of people that start or meet statutory clocks."""

TeamEvent = (
    Answered
    | Replied
    | Triaged
    | ScopeSet
    | SeveritySet
    | OwnerSet
    | Waiting
    | Noted
    | OpenedByHand
    | MarkedDuplicate
    | SaidSame
    | Closed
    | Reopened
    | DisclosureAgreed
    | CreditAgreed
    | HoldPlaced
    | HoldReleased
    | StatutoryEvent
    | Undone
)
"""Everything a person can decide."""
