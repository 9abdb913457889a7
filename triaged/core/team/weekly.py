"""The week's figures: the last eight weeks, and the ten figures that CISA's BOD 20-01 requires of agencies."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from triaged.core.case.case import Case
from triaged.core.clocks.deadlines import deadlines
from triaged.core.policy.policy import Policy
from triaged.core.team.bod_20_01 import (
    acknowledged_at,
    answered_at,
    directive,
    is_report,
    median_of,
    rows,
    since_receipt,
    spread,
)

WEEKS = 8
COLUMNS = ("received", "by machine", "by person", "triaged", "closed", "missed")
"""What is counted per week: reports; those acknowledged automatically, and those first answered by a person; those triaged
and closed; and the promises on any case that fell due in the week and were not kept.
"""

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a local date on."""

    begins: date
    counts: tuple[int, ...]
    """In the order of `COLUMNS`."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """Eight weeks up to the day of the digest, and the present state."""

    weeks: tuple[Week, ...]
    """The newest first."""
    most: int
    """The highest of all counts, which a full bar represents."""
    figures: tuple[tuple[str, str, str], ...]
    """Each figure's letter in BOD 20-01 (or nothing), name and value, for reports received in the eight weeks."""


def weekly(cases: Sequence[Case], policy: Policy, now: datetime, day: date, zone: tzinfo) -> Weekly:
    """The eight weeks that end as `day` begins; for a Monday these are calendar weeks."""
    begins = [day - number * _WEEK for number in range(WEEKS, -1, -1)]
    marks = [datetime.combine(each, time(0), zone).astimezone(UTC) for each in begins]
    happened = [tuple(_happened(case, policy, now)) for case in cases]
    weeks = [
        Week(begin, tuple(_between(instants, since, until) for instants in _columns(happened)))
        for begin, (since, until) in zip(begins, pairwise(marks), strict=False)
    ]
    recent = [case for case in cases if marks[0] <= case.received_at < marks[-1]]
    return Weekly(
        weeks=tuple(reversed(weeks)),
        most=max(max(week.counts) for week in weeks),
        figures=tuple(_figures(cases, recent, now)),
    )


def _figures(cases: Sequence[Case], recent: Sequence[Case], now: datetime) -> Iterator[tuple[str, str, str]]:
    reports = [case for case in recent if is_report(case)]
    yield from rows(directive(cases, reports, now))
    yield "", "median time to a person's first answer", median_of(since_receipt(reports, answered_at))
    ages = spread(now - case.received_at for case in cases if case.closed_at is None)
    yield "", "median age of all open cases", median_of(ages)
    yield "", "cases that were no report", f"{len(recent) - len(reports)} of {len(recent)}"


def _happened(case: Case, policy: Policy, now: datetime) -> Iterator[tuple[datetime, ...]]:
    """When each column's event happened on this case."""
    missed = [each.due for each in deadlines(case, policy, now) if each.state == "missed" and each.on_breach != "show"]
    for at in (case.received_at, acknowledged_at(case), answered_at(case), case.triaged_at, case.closed_at):
        yield (at,) if at and is_report(case) else ()
    yield tuple(missed)


def _columns(happened: Sequence[tuple[tuple[datetime, ...], ...]]) -> Iterator[list[datetime]]:
    for number in range(len(COLUMNS)):
        yield [at for each in happened for at in each[number]]


def _between(instants: Iterable[datetime], since: datetime, until: datetime) -> int:
    return sum(since <= at < until for at in instants)
