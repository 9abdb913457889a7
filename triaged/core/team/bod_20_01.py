"""The ten figures of CISA's BOD 20-01, a) to j), as far as a mailbox shows them. docs/metrics.md says how each is counted."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from triaged.core.case.case import Case
from triaged.core.policy.promises import Severity
from triaged.core.policy.rules import ScopeName

FEW = 10
"""With fewer cases, a percentage or a percentile would claim more than is known."""

_Counted = TypeVar("_Counted", bound=Hashable)

_IN_SCOPE: tuple[ScopeName, ...] = ("model", "infrastructure", "sdk")
_OLD = timedelta(days=90)
_SECOND = timedelta(seconds=1)
_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, over that many cases."""

    count: int
    median: timedelta | None
    """None if there are no cases."""
    ninetieth: timedelta | None
    """The time that nine in ten did not exceed (nearest rank); None if there are few cases."""


@dataclass(frozen=True, slots=True)
class Directive:
    """The figures of BOD 20-01, a) to j), in that order."""

    reports: int
    valid: int
    open_valid: int
    open_valid_age: Spread
    old_open_valid: int
    """Older than 90 days since receipt."""
    old_by_severity: Mapping[Severity | None, int]
    old_age: Spread
    to_validate: Spread
    """From receipt to a person's triage."""
    to_remedy: Spread
    """Valid ones, from receipt to the first fix or mitigation, else to the end of the case."""
    to_respond: Spread
    """From receipt to the first message to the reporter, automatic or a person's."""


def directive(every: Sequence[Case], reports: Sequence[Case], now: datetime) -> Directive:
    """The figures of these reports, and of every valid case that is open now."""
    valid = [case for case in reports if is_valid(case)]
    still_open = [case for case in every if is_valid(case) and case.closed_at is None]
    old = [case for case in still_open if now - case.received_at > _OLD]
    return Directive(
        reports=len(reports),
        valid=len(valid),
        open_valid=len(still_open),
        open_valid_age=spread(now - case.received_at for case in still_open),
        old_open_valid=len(old),
        old_by_severity=most_first(case.severity for case in old),
        old_age=spread(now - case.received_at for case in old),
        to_validate=since_receipt(reports, lambda case: case.triaged_at),
        to_remedy=since_receipt(valid, lambda case: min(_there(case.fixed_at, case.closed_at), default=None)),
        to_respond=since_receipt(reports, lambda case: min(case.words_at, default=None)),
    )


def rows(found: Directive) -> Iterator[tuple[str, str, str]]:
    """Each figure in words: its letter, its name, and its value."""
    severities = ", ".join(f"{severity or 'none set'} {count}" for severity, count in found.old_by_severity.items())
    yield "a", "reports", str(found.reports)
    yield "b", "found valid", str(found.valid)
    yield "c", "valid and open", str(found.open_valid)
    yield "d", "median age of those", median_of(found.open_valid_age)
    yield "e", "valid, open, older than 90 days", str(found.old_open_valid)
    yield "f", "those by severity", severities or "-"
    yield "g", "median age of those", median_of(found.old_age)
    yield "h", "median time to validate", median_of(found.to_validate)
    yield "i", "median time to remedy a valid one", median_of(found.to_remedy)
    yield "j", "median time to the first response", median_of(found.to_respond)


def is_report(case: Case) -> bool:
    """True if the rules call it a report or a person gave it a scope; unreadable mail may be one, so it counts."""
    return case.scope_set is not None or case.report is None or case.report.kind == "report"


def is_valid(case: Case) -> bool:
    """True if a person found it to be a vulnerability in scope and no duplicate."""
    return (
        is_report(case)
        and case.triaged_at is not None
        and case.scope in _IN_SCOPE
        and case.severity != "none"
        and case.duplicate_of is None
    )


def spread(lengths: Iterable[timedelta]) -> Spread:
    """The median (of an even number, halfway between the middle two) and the 90th percentile."""
    ordered = sorted(lengths)
    count = len(ordered)
    if not count:
        return Spread(0, None, None)
    low, high = ordered[(count - 1) // 2], ordered[count // 2]
    return Spread(count, low + (high - low) / 2, ordered[-(-9 * count // 10) - 1] if count >= FEW else None)


def acknowledged_at(case: Case) -> datetime | None:
    """When the server took the automatic acknowledgment."""
    acknowledgment = case.acknowledgment
    return acknowledgment.at if acknowledgment and acknowledgment.state == "submitted" else None


def answered_at(case: Case) -> datetime | None:
    """When a person first answered."""
    return min(case.answered_at, default=None)


def since_receipt(cases: Iterable[Case], when: Callable[[Case], datetime | None]) -> Spread:
    """The time from receipt, for each case to which it happened."""
    return spread(at - case.received_at for case in cases if (at := when(case)))


def most_first(found: Iterable[_Counted]) -> dict[_Counted, int]:
    """Each value with its count, the most frequent first."""
    return dict(Counter(found).most_common())


def median_of(took: Spread) -> str:
    """The median with the number of cases, `2.5 d (of 12)`, or a dash."""
    return f"{lasted(took.median)} (of {took.count})" if took.count else "-"


def lasted(span: timedelta | None) -> str:
    """A length of time in the largest unit that fits twice, with one decimal: `2.5 d`."""
    if span is None:
        return "-"
    for size, unit in _UNITS:
        if span >= 2 * size:
            return f"{span / size:.1f} {unit}"
    return f"{span / _SECOND:.0f} s"


def _there(*instants: datetime | None) -> Iterator[datetime]:
    return (at for at in instants if at is not None)
