"""Which cases a person asks for, and in which order: what is due next comes first."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triaged.core.case.case import Case, State
from triaged.core.case.events import Noted
from triaged.core.clocks.deadlines import Deadline, outstanding
from triaged.core.policy.policy import Policy
from triaged.core.policy.promises import Severity
from triaged.core.policy.rules import ScopeName

NOBODY = "nobody"
"""What a case without an owner is asked for by."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A case and what is owed on it, the soonest first; a clock that stands still is not among that."""

    case: Case
    owed: tuple[Deadline, ...]

    @property
    def overdue(self) -> bool:
        """True if anything is late that a policy does more than show."""
        return any(each.overdue and each.on_breach != "show" for each in self.owed)

    def due_by(self, until: datetime) -> bool:
        """True if anything is due by then; what is overdue is."""
        return any(each.due <= until for each in self.owed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is asked for; a case has to meet all of it. What is left out does not matter."""

    state: State | None = None
    waiting: bool = False
    overdue: bool = False
    owner: str | None = None
    due_by: datetime | None = None
    search: str = ""
    """Words that all stand in its id, its subject, its reporter, what it names, or a person's notes and reasons."""
    reporter: str = ""
    """A part of the reporter's address or name."""
    scope: ScopeName | None = None
    severity: Severity | Literal["unset"] | None = None

    def admits(self, standing: Standing) -> bool:
        """True if that case is asked for."""
        case = standing.case
        return (
            self.state in {None, case.state}
            and (not self.waiting or case.state == "waiting")
            and (not self.overdue or standing.overdue)
            and (self.owner is None or owned_by(case, self.owner))
            and (self.due_by is None or standing.due_by(self.due_by))
            and self.scope in {None, case.scope}
            and (self.severity is None or (case.severity or "unset") == self.severity)
            and _folded(self.reporter) in _folded(f"{case.reporter.name} <{case.reporter.address}>")
            and (not self.search or _says(case, self.search))
        )


def _says(case: Case, search: str) -> bool:
    text = _folded("\n".join(_words(case)))
    return all(word in text for word in _folded(search).split())


def _words(case: Case) -> Iterator[str]:
    """What a person may remember of a case."""
    yield from (case.id, case.closing, case.owner, case.reporter.name, case.reporter.address)
    yield from (mail.subject for mail in case.mails)
    yield from (part.filename for mail in case.mails for part in mail.attachments)
    yield from (event.text for event in case.in_force if isinstance(event, Noted))
    if case.report:
        yield from (evidence.quote for evidence in case.report.sections)
        yield from (each for fact in case.report.facts.found for each in (fact.value, fact.quote))


def _folded(text: str) -> str:
    """However it is written: capitals, wide letters and composed accents make no difference."""
    return unicodedata.normalize("NFKC", text).casefold()


def standing(case: Case, policy: Policy, now: datetime) -> Standing:
    """How a case stands at `now`."""
    running = (each for each in outstanding(case, policy, now) if each.state != "paused")
    return Standing(case, tuple(sorted(running, key=lambda each: each.due)))


def next_first(cases: Iterable[Standing]) -> list[Standing]:
    """The overdue first, then what is due soonest; then what has no date, and at last what is closed."""
    return sorted(cases, key=_rank)


def owned_by(case: Case, owner: str) -> bool:
    """True if that person has the case, in whatever case the name is written; `nobody` has those without an owner."""
    return (case.owner or NOBODY).casefold() == owner.casefold()


def owners(cases: Iterable[Case]) -> tuple[str, ...]:
    """Everybody who has a case, in order."""
    return tuple(sorted({case.owner for case in cases if case.owner}))


def _rank(standing: Standing) -> tuple[bool, bool, float, float]:
    case, owed = standing.case, standing.owed
    # A statute binds whoever has closed the case: what is still owed on it keeps its place.
    over = case.closed_at is not None and not owed
    return over, not owed, owed[0].due.timestamp() if owed else 0.0, case.received_at.timestamp()
