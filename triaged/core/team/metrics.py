"""Counts and times over the cases. docs/metrics.md says how each figure is counted.

Reports received within the window are counted, except for figures about open cases, which count all of them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from triaged.core.case.case import Case
from triaged.core.case.events import Assessed
from triaged.core.clocks.deadlines import deadlines
from triaged.core.policy.policy import Policy
from triaged.core.policy.promises import PROMISES, PromiseName, is_statutory
from triaged.core.report.measures import Share
from triaged.core.team.bod_20_01 import (
    Directive,
    Spread,
    acknowledged_at,
    answered_at,
    directive,
    is_report,
    most_first,
    since_receipt,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """How one promise was kept."""

    met: int = 0
    missed: int = 0
    """Met late, not met at all, or overdue."""
    overdue: int = 0
    """Those of `missed` that are still owed."""
    pending: int = 0
    """Owed and not yet due, or paused."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """All figures at one instant."""

    since: datetime | None
    """None: everything ever received."""
    now: datetime
    directive: Directive
    cases: int
    """Reports, and cases that are none."""
    months: Mapping[str, int]
    """Reports received in each month of the policy's time zone, from the first to the last, including empty months."""
    kinds: Mapping[str, int]
    """Cases by kind; `unread` is for mail that could not be read."""
    scopes: Mapping[str, int]
    """Reports by scope."""
    to_machine: Spread
    to_person: Spread
    to_triage: Spread
    to_close: Spread
    deadlines: Mapping[PromiseName, Kept]
    """Of all cases."""
    overruled: Share
    """Of the scopes that the rules gave and a person reviewed, those that the person changed."""
    asked_and_answered: Share
    """Of the reports acknowledged with a request for missing sections, those followed by another mail."""
    withheld: Mapping[str, int]
    """Cases with a withheld acknowledgment, by sign."""
    duplicates: Share
    """Of the reports, those that a person called a duplicate."""
    untold: int
    """Cases that are closed without a word to a reporter who has to be told."""


def metrics(cases: Iterable[Case], policy: Policy, now: datetime, since: datetime | None = None) -> Metrics:
    """Count what was received since `since` (None for all), and what is open now."""
    every = tuple(cases)
    within = [case for case in every if since is None or case.received_at >= since]
    reports = [case for case in within if is_report(case)]
    return Metrics(
        since=since,
        now=now,
        directive=directive(every, reports, now),
        cases=len(within),
        months=_months(case.received_at.astimezone(policy.calendar.timezone).date() for case in reports),
        kinds=most_first(_kind(case) for case in within),
        scopes=most_first(case.scope for case in reports),
        to_machine=since_receipt(reports, acknowledged_at),
        to_person=since_receipt(reports, answered_at),
        to_triage=since_receipt(reports, lambda case: case.triaged_at),
        to_close=since_receipt(reports, lambda case: case.closed_at),
        deadlines=_kept(within, policy, now),
        overruled=_overruled(reports),
        asked_and_answered=_asked_and_answered(reports),
        withheld=most_first(case.withheld.sign for case in within if case.withheld),
        duplicates=Share(sum(case.duplicate_of is not None for case in reports), len(reports)),
        untold=sum(case.untold for case in within),
    )


def _kind(case: Case) -> str:
    if case.report is None:
        return "unread"
    return "report" if is_report(case) else case.report.kind


def _kept(cases: Iterable[Case], policy: Policy, now: datetime) -> dict[PromiseName, Kept]:
    found: dict[PromiseName, Counter[str]] = {}
    for case in cases:
        for name, became in _became(case, policy, now):
            found.setdefault(name, Counter())[became] += 1
    kept = {
        name: Kept(counts["met"], counts["missed"] + counts["overdue"], counts["overdue"], counts["pending"])
        for name, counts in found.items()
    }
    return {name: kept[name] for name in PROMISES if name in kept}


def _became(case: Case, policy: Policy, now: datetime) -> Iterator[tuple[PromiseName, str]]:
    """Each promise on a case that was met, missed, is overdue, or is pending."""
    for deadline in deadlines(case, policy, now):
        if deadline.met_at is not None:
            yield deadline.name, "met" if deadline.state == "met" else "missed"
        elif case.closed_at is None or is_statutory(deadline.name):
            yield deadline.name, "overdue" if deadline.overdue else "pending"
        elif deadline.due < case.closed_at:
            yield deadline.name, "missed"
        # A promise that was still running when the case ended was neither kept nor broken.


def _overruled(reports: Iterable[Case]) -> Share:
    looked_at = [
        (case.report.verdict.scope, case.scope_set)
        for case in reports
        if case.report and case.report.verdict.scope != "unclear" and (case.scope_set or case.triaged_at)
    ]
    return Share(sum(person not in {None, rules} for rules, person in looked_at), len(looked_at))


def _asked_and_answered(reports: Iterable[Case]) -> Share:
    asked = [(case, at) for case in reports if _lacking_at_first(case) and (at := acknowledged_at(case))]
    return Share(sum(any(mail.at > at for mail in case.mails) for case, at in asked), len(asked))


def _lacking_at_first(case: Case) -> bool:
    first = next((event.report for event in case.history if isinstance(event, Assessed)), None)
    return bool(first and first.missing)


def _months(days: Iterable[date]) -> dict[str, int]:
    counts = Counter((day.year, day.month) for day in days)
    if not counts:
        return {}
    (year, month), last = min(counts), max(counts)
    found = {}
    while (year, month) <= last:
        found[f"{year:04}-{month:02}"] = counts[year, month]
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)  # noqa: PLR2004 - months in a year
    return found
