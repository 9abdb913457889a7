"""The closed union of what a person may do to a case. `core/deciding` decides what each command does."""

from dataclasses import dataclass
from typing import Final, Literal

from triaged.core.policy.promises import Severity, StatutoryName
from triaged.core.policy.rules import ScopeName

ME: Final = "me"
"""As an owner: the person who gives the command."""
NO_SCOPE: Final = "SCOPE"
"""The placeholder in a hint for a scope."""
NO_DATE: Final = "DATE"
"""The placeholder in a hint for a date."""
NO_REASON: Final = "..."
"""The placeholder in a hint for a reason."""

ScopeOrBlank = ScopeName | Literal["SCOPE"]
Finding = Literal["confirm", "dismiss"]
ReporterLetter = Literal["acknowledgment", "notice", "completed", "status", "reminder", "update", "reply"]
"""The purposes of letters to a reporter."""


@dataclass(frozen=True, slots=True)
class Triage:
    """Record that a person looked at the report."""

    severity: Severity | None = None
    owner: str | None = None
    cluster: bool = False
    """Decide so on every open case of its cluster."""


@dataclass(frozen=True, slots=True)
class SetScope:
    """Set the scope, overriding the rules."""

    scope: ScopeOrBlank
    cluster: bool = False
    """Decide so on every open case of its cluster."""


@dataclass(frozen=True, slots=True)
class SetSeverity:
    """Set the severity."""

    severity: Severity
    cluster: bool = False
    """Decide so on every open case of its cluster."""


@dataclass(frozen=True, slots=True)
class SetOwner:
    """Set the owner: a name, `me`, or empty for nobody."""

    owner: str
    cluster: bool = False
    """Decide so on every open case of its cluster."""


@dataclass(frozen=True, slots=True)
class AwaitReporter:
    """Wait for the reporter."""


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """Record that a person wrote to the reporter by hand."""


@dataclass(frozen=True, slots=True)
class AddNote:
    """Add a note for the team."""

    text: str


@dataclass(frozen=True, slots=True)
class MarkDuplicate:
    """Close the case as a duplicate of another."""

    of: str
    """The other case's id, as a person writes it."""
    cluster: bool = False
    """Decide so on every open case of its cluster."""


@dataclass(frozen=True, slots=True)
class SayTheSame:
    """It tells of the same flaw as another case; both stay open, and each reporter is answered on their own."""

    of: str
    """The other case's id, as a person writes it."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the case, with a reason."""

    reason: str
    silent: str | None = None
    """Why the reporter is not to be told."""
    cluster: bool = False
    """Decide so on every open case of its cluster."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Reopen the case."""


@dataclass(frozen=True, slots=True)
class FindExploited:
    """Record a person's finding on the suspicion that attackers use the flaw."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class AgreeDisclosure:
    """Record the day on which both sides agreed to publish."""

    date: str
    """The date as a person types it."""
    reason: str
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """Record how the reporter agreed to be credited, or that they want to stay anonymous."""

    name: str | None = None
    where: str | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class RecordNotified:
    """Record that the authority was notified."""

    duty: StatutoryName


@dataclass(frozen=True, slots=True)
class RecordFix:
    """Record that a fix or a mitigation is available."""

    cluster: bool = False
    """Decide so on every open case of its cluster."""


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """Nothing of it may be erased, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """It may be erased again."""


@dataclass(frozen=True, slots=True)
class Resend:
    """Send a letter that failed or waits; without `letter`, the acknowledgment if it is stuck, else the latest."""

    letter: ReporterLetter | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back a person's last decision."""


Command = (
    Triage
    | SetScope
    | SetSeverity
    | SetOwner
    | AwaitReporter
    | RecordAnswer
    | AddNote
    | MarkDuplicate
    | SayTheSame
    | Close
    | Reopen
    | FindExploited
    | AgreeDisclosure
    | Credit
    | RecordNotified
    | RecordFix
    | PlaceHold
    | ReleaseHold
    | Resend
    | Undo
)
