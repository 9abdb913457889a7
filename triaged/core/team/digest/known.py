"""What is known already of what a new report tells: the same flaw, a known issue, and what was decided on one like it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from triaged.core.case.case import Case
from triaged.core.intake.duplicates import SURE, Duplicate, Duplicates, known_issues
from triaged.core.policy.policy import Policy
from triaged.core.report.report import Report
from triaged.core.team.digest.pieces import Pieces
from triaged.core.text import defanged, visible

_LIKE = 0.15
"""A closed case less like it is no precedent for a digest; `triaged show` lists it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What new reports are compared with."""

    duplicates: Duplicates
    cases: Mapping[str, Case]
    pieces: Pieces

    def lines(self, case: Case, report: Report, policy: Policy) -> Iterator[str]:
        """The surest other case, what was decided on a closed one like it, and the surest known issue."""
        others = [each for each in self.duplicates.of(case) if not self.pieces.together(case.id, each.of)]
        surest = next((each for each in others if each.grade in SURE), None)
        if surest:
            decided = f"; {self._decided(surest)}" if self._is_closed(surest) else ""
            yield f"seems the same as {surest.of} ({surest.grade}{decided}): {_evidence(surest)}"
        precedent = next((each for each in others if self._is_closed(each) and each.likeness >= _LIKE), None)
        if precedent and not (surest and self._is_closed(surest)):
            yield f"like {precedent.of} ({self._decided(precedent)}); {_evidence(precedent)}"
        for each in known_issues(report, policy.known_issues)[:1]:
            standing = next(issue.standing for issue in policy.known_issues if issue.id == each.of)
            yield f"seems to be known issue {each.of} ({each.grade}), {visible(standing, 60)}"

    def _is_closed(self, each: Duplicate) -> bool:
        return self.cases[each.of].closed_at is not None

    def _decided(self, each: Duplicate) -> str:
        """What became of a closed case, and why."""
        case = self.cases[each.of]
        severity = f", severity {case.severity}" if case.severity else ""
        return f"{case.sorted_as}{severity}, closed {case.closed_at:%Y-%m-%d}: {visible(case.closing, 60)}"


def _evidence(each: Duplicate) -> str:
    return defanged("; ".join([why for why in each.why if not why.startswith("closed: ")][:2]), 90)
