"""The closed union of what a person may do to a case. What becomes of a command is decided in `core/deciding`."""

from dataclasses import dataclass
from typing import Final, Literal

from triaged.core.policy.promises import Severity, StatutoryName
from triaged.core.policy.rules import ScopeName

ME: Final = "me"
"""Whoever gives the command, as an owner."""
NO_SCOPE: Final = "SCOPE"
"""Where a hint leaves the scope to its reader."""
NO_DATE: Final = "DATE"
"""Where a hint leaves the date to its reader."""
NO_REASON: Final = "..."
"""Where a hint leaves the reason to its reader."""

ScopeOrBlank = ScopeName | Literal["SCOPE"]
Finding = Literal["confirm", "dismiss"]
ReporterLetter = Literal["acknowledgment", "notice", "completed", "status", "reminder", "update", "reply"]
"""The purposes of letters to a reporter."""


@dataclass(frozen=True, slots=True)
class Triage:
    """A person has looked at the report."""

    severity: Severity | None = None
    owner: str | None = None
    cluster: bool = False
    """Decide so on every open case of its cluster."""


@dataclass(frozen=True, slots=True)
class SetScope:
    """A person's scope, which outranks the rules'."""

    scope: ScopeOrBlank
    cluster: bool = False
    """Decide so on every open case of its cluster."""


@dataclass(frozen=True, slots=True)
class SetSeverity:
    """How bad it is."""

    severity: Severity
    cluster: bool = False
    """Decide so on every open case of its cluster."""


@dataclass(frozen=True, slots=True)
class SetOwner:
    """Who works on it: a name, `me`, or nothing for nobody."""

    owner: str
    cluster: bool = False
    """Decide so on every open case of its cluster."""


@dataclass(frozen=True, slots=True)
class AwaitReporter:
    """The team waits for the reporter."""


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """A person wrote to the reporter by hand."""


@dataclass(frozen=True, slots=True)
class AddNote:
    """A remark for the team."""

    text: str


@dataclass(frozen=True, slots=True)
class MarkDuplicate:
    """It is another case's finding."""

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
    """Done, and why."""

    reason: str
    silent: str | None = None
    """Why the reporter is not to be told."""
    cluster: bool = False
    """Decide so on every open case of its cluster."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Open again."""


@dataclass(frozen=True, slots=True)
class FindExploited:
    """A person's finding on the suspicion that attackers use the flaw."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class AgreeDisclosure:
    """Both sides are to publish on that day."""

    date: str
    """As a person writes it."""
    reason: str
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """The reporter agreed to be named so, or wants to stay anonymous."""

    name: str | None = None
    where: str | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class RecordNotified:
    """The authority was told."""

    duty: StatutoryName


@dataclass(frozen=True, slots=True)
class RecordFix:
    """A fix or a mitigation is available."""

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
    """Send a letter that failed or waits. Without a letter: the acknowledgment if that is stuck, else the latest."""

    letter: ReporterLetter | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back the last decision of a person."""


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
