"""How reports are dealt with, as counts and times over the cases. docs/metrics.md says how each figure is counted.

What was received within the window is counted, but for what is open now: that is counted whenever it came.
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
    """What became of one promise."""

    met: int = 0
    missed: int = 0
    """Met late, not met at all, or overdue."""
    overdue: int = 0
    """Those of the missed that are still owed."""
    pending: int = 0
    """Owed and not yet due; one whose clock stands still is among them."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """All of it at one instant."""

    since: datetime | None
    """None: everything ever received."""
    now: datetime
    directive: Directive
    cases: int
    """Reports, and what came in as a case but is none."""
    months: Mapping[str, int]
    """Reports received in each month of the policy's zone, from the first to the last, with those that had none."""
    kinds: Mapping[str, int]
    """Cases, by what they are; `unread` is what could not be read."""
    scopes: Mapping[str, int]
    """Reports."""
    to_machine: Spread
    to_person: Spread
    to_triage: Spread
    to_close: Spread
    deadlines: Mapping[PromiseName, Kept]
    """Of all cases."""
    overruled: Share
    """Of the scopes that the rules gave and a person looked at, those that a person changed."""
    asked_and_answered: Share
    """Of the reports whose reporter was acknowledged while something was missing, those with a later mail."""
    withheld: Mapping[str, int]
    """Cases whose acknowledgment was withheld, by the sign."""
    duplicates: Share
    """Of the reports, those that a person called a duplicate."""
    untold: int
    """Cases that are closed without a word to a reporter who has to be told."""


def metrics(cases: Iterable[Case], policy: Policy, now: datetime, since: datetime | None = None) -> Metrics:
    """Count what was received since then (from the beginning, where nothing is said), and what is open now."""
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
        # One that the case's end came before was neither kept nor broken.


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
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)  # noqa: PLR2004 - a year's months
    return found
