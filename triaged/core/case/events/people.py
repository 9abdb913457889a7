"""What people decide, do or know."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from triaged.core.policy.promises import Severity, StatutoryName
from triaged.core.policy.rules import ScopeName


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
    owner: str | None = None
    """Who works on it from here on; None leaves that as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeSet:
    """A person's scope; it outranks the rules' from here on."""

    kind: Literal["scope-set"] = "scope-set"
    at: datetime
    by: str
    scope: ScopeName


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveritySet:
    """How severe it is, in a person's judgment."""

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
    """Done, and why."""

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
    """Open again, by a person or by the reporter's next mail (`by` is then `reporter`)."""

    kind: Literal["reopened"] = "reopened"
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploitConfirmed:
    """A person knows that attackers use the flaw; the clocks count from the suspicion, if there was one."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureAgreed:
    """Both sides are to publish on that day. The latest one counts; each says why it was chosen, or moved."""

    kind: Literal["disclosure-agreed"] = "disclosure-agreed"
    at: datetime
    by: str
    on: date
    """In the policy's zone: it falls due as the day begins."""
    partner: str = ""
    """With whom; empty where that goes without saying: the reporter."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAgreed:
    """How the reporter wants to be credited, as they told a person. The latest one counts; without any, nobody is named."""

    kind: Literal["credit-agreed"] = "credit-agreed"
    at: datetime
    by: str
    name: str = ""
    """As wished; empty for who wants to stay anonymous."""
    where: str = ""
    """A page of theirs, https; empty for none."""


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
    """A person took back the last decision: the case is as if it had never been taken. Both stay in the history."""

    kind: Literal["undone"] = "undone"
    at: datetime
    by: str
    decision: str
    """The kind of the event that is taken back."""
    decided_at: datetime
    """Its `at`."""


StatutoryEvent = ExploitConfirmed | ExploitDismissed | FixAvailable | AuthorityNotified
"""What a person decides or has done that statutory clocks count from, or are met by."""

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
"""What a person decides."""
