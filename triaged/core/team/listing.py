"""Select and order the cases that a person asks for; what is due next comes first."""

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
"""Selects cases without an owner."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A case with the deadlines owed on it, soonest first; paused ones are left out."""

    case: Case
    owed: tuple[Deadline, ...]

    @property
    def overdue(self) -> bool:
        """True if any deadline is overdue that the policy does more than show."""
        return any(each.overdue and each.on_breach != "show" for each in self.owed)

    def due_by(self, until: datetime) -> bool:
        """True if any deadline is due by then; overdue ones count."""
        return any(each.due <= until for each in self.owed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A filter; a case must match every given criterion."""

    state: State | None = None
    waiting: bool = False
    overdue: bool = False
    owner: str | None = None
    due_by: datetime | None = None
    search: str = ""
    """Words that must all occur in the id, the subject, the reporter, the named facts, or a person's notes and reasons."""
    reporter: str = ""
    """Part of the reporter's address or name."""
    scope: ScopeName | None = None
    severity: Severity | Literal["unset"] | None = None

    def admits(self, standing: Standing) -> bool:
        """True if the case matches."""
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
    """The texts of a case that a person may search for."""
    yield from (case.id, case.closing, case.owner, case.reporter.name, case.reporter.address)
    yield from (mail.subject for mail in case.mails)
    yield from (part.filename for mail in case.mails for part in mail.attachments)
    yield from (event.text for event in case.in_force if isinstance(event, Noted))
    if case.report:
        yield from (evidence.quote for evidence in case.report.sections)
        yield from (each for fact in case.report.facts.found for each in (fact.value, fact.quote))


def _folded(text: str) -> str:
    """Normalise letter case, wide letters and composed accents for comparison."""
    return unicodedata.normalize("NFKC", text).casefold()


def standing(case: Case, policy: Policy, now: datetime) -> Standing:
    """The case with its deadlines at `now`."""
    running = (each for each in outstanding(case, policy, now) if each.state != "paused")
    return Standing(case, tuple(sorted(running, key=lambda each: each.due)))


def next_first(cases: Iterable[Standing]) -> list[Standing]:
    """A sort key: overdue first, then by due time, then without a date, closed cases last."""
    return sorted(cases, key=_rank)


def owned_by(case: Case, owner: str) -> bool:
    """True if the person owns the case, ignoring letter case; `nobody` selects cases without an owner."""
    return (case.owner or NOBODY).casefold() == owner.casefold()


def owners(cases: Iterable[Case]) -> tuple[str, ...]:
    """Everybody who owns a case, in order."""
    return tuple(sorted({case.owner for case in cases if case.owner}))


def _rank(standing: Standing) -> tuple[bool, bool, float, float]:
    case, owed = standing.case, standing.owed
    # Closing a case does not lift a legal duty: a case with a duty keeps its place.
    over = case.closed_at is not None and not owed
    return over, not owed, owed[0].due.timestamp() if owed else 0.0, case.received_at.timestamp()
