"""Which cases a person asks for, and in which order: what is due next comes first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from triaged.core.case.case import Case, State
from triaged.core.clocks.deadlines import Deadline, outstanding
from triaged.core.policy.policy import Policy

NOBODY = "nobody"
"""What a case without an owner is asked for by."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A case and what is owed on it, the soonest first; a clock that stands still is not among that."""

    case: Case
    owed: tuple[Deadline, ...]

    @property
    def overdue(self) -> bool:
        """Whether anything is late that a policy does more than show."""
        return any(each.overdue and each.on_breach != "show" for each in self.owed)

    def due_by(self, until: datetime) -> bool:
        """Whether anything is due by then; what is overdue is."""
        return any(each.due <= until for each in self.owed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is asked for; a case has to meet all of it. What is left out does not matter."""

    state: State | None = None
    waiting: bool = False
    overdue: bool = False
    owner: str | None = None
    due_by: datetime | None = None

    def admits(self, standing: Standing) -> bool:
        """Whether that case is asked for."""
        case = standing.case
        return (
            self.state in {None, case.state}
            and (not self.waiting or case.state == "waiting")
            and (not self.overdue or standing.overdue)
            and (self.owner is None or owned_by(case, self.owner))
            and (self.due_by is None or standing.due_by(self.due_by))
        )


def standing(case: Case, policy: Policy, now: datetime) -> Standing:
    """How a case stands at `now`."""
    running = (each for each in outstanding(case, policy, now) if each.state != "paused")
    return Standing(case, tuple(sorted(running, key=lambda each: each.due)))


def next_first(cases: Iterable[Standing]) -> list[Standing]:
    """The overdue first, then what is due soonest; then what has no date, and at last what is closed."""
    return sorted(cases, key=_rank)


def owned_by(case: Case, owner: str) -> bool:
    """Whether that person has the case, in whatever case the name is written; `nobody` has those without an owner."""
    return (case.owner or NOBODY).casefold() == owner.casefold()


def owners(cases: Iterable[Case]) -> tuple[str, ...]:
    """Everybody who has a case, in order."""
    return tuple(sorted({case.owner for case in cases if case.owner}))


def _rank(standing: Standing) -> tuple[bool, bool, float, float]:
    case, owed = standing.case, standing.owed
    # A statute binds whoever has closed the case: what is still owed on it keeps its place.
    over = case.closed_at is not None and not owed
    return over, not owed, owed[0].due.timestamp() if owed else 0.0, case.received_at.timestamp()
