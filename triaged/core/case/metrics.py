"""How reports are dealt with, as counts and times over the cases. docs/metrics.md says how each figure is counted.

BOD 20-01 names ten figures, a) to j); here they are as far as a mailbox tells them. What was received within the window is
counted, but for what is open now: that is counted whenever it came.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from triaged.core.case.case import Case
from triaged.core.case.deadlines import deadlines
from triaged.core.case.events import Assessed
from triaged.core.policy import Policy, ScopeName
from triaged.core.promises import PROMISES, PromiseName, Severity, is_statutory
from triaged.core.report.measures import Share

FEW = 10
"""Of fewer a percentage or a percentile would say more than is known."""

_Counted = TypeVar("_Counted", bound=Hashable)

_IN_SCOPE: tuple[ScopeName, ...] = ("model", "infrastructure", "sdk")
_OLD = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, over so many cases."""

    count: int
    median: timedelta | None
    """None of none."""
    ninetieth: timedelta | None
    """What nine in ten did not exceed (nearest rank); None of few."""


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
class Directive:
    """BOD 20-01, a) to j), in that order."""

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
    """Of valid ones, from receipt to the first fix or mitigation, else to the end."""
    to_respond: Spread
    """From receipt to the first word to the reporter, a machine's or a person's."""


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


def metrics(cases: Iterable[Case], policy: Policy, now: datetime, since: datetime | None = None) -> Metrics:
    """Count what was received since then (from the beginning, where nothing is said), and what is open now."""
    every = tuple(cases)
    within = [case for case in every if since is None or case.received_at >= since]
    reports = [case for case in within if is_report(case)]
    return Metrics(
        since=since,
        now=now,
        directive=_directive(every, reports, now),
        cases=len(within),
        months=_months(case.received_at.astimezone(policy.calendar.timezone).date() for case in reports),
        kinds=_most_first(_kind(case) for case in within),
        scopes=_most_first(case.scope for case in reports),
        to_machine=_since_receipt(reports, _machine_at),
        to_person=_since_receipt(reports, _person_at),
        to_triage=_since_receipt(reports, lambda case: case.triaged_at),
        to_close=_since_receipt(reports, lambda case: case.closed_at),
        deadlines=_kept(within, policy, now),
        overruled=_overruled(reports),
        asked_and_answered=_asked_and_answered(reports),
        withheld=_most_first(case.withheld.sign for case in within if case.withheld),
        duplicates=Share(sum(case.duplicate_of is not None for case in reports), len(reports)),
    )


def is_report(case: Case) -> bool:
    """Whether it is a report, by the rules or by a person who gave it a scope; what could not be read may be one."""
    return case.scope_set is not None or case.report is None or case.report.kind == "report"


def is_valid(case: Case) -> bool:
    """Whether a person has found it to be a vulnerability in scope, and not one of another case."""
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


def _directive(every: Sequence[Case], reports: Sequence[Case], now: datetime) -> Directive:
    valid = [case for case in reports if is_valid(case)]
    still_open = [case for case in every if is_valid(case) and case.closed_at is None]
    old = [case for case in still_open if now - case.received_at > _OLD]
    return Directive(
        reports=len(reports),
        valid=len(valid),
        open_valid=len(still_open),
        open_valid_age=spread(now - case.received_at for case in still_open),
        old_open_valid=len(old),
        old_by_severity=_most_first(case.severity for case in old),
        old_age=spread(now - case.received_at for case in old),
        to_validate=_since_receipt(reports, lambda case: case.triaged_at),
        to_remedy=_since_receipt(valid, lambda case: min(_there(case.fixed_at, case.closed_at), default=None)),
        to_respond=_since_receipt(reports, lambda case: min(case.words_at, default=None)),
    )


def _since_receipt(cases: Iterable[Case], when: Callable[[Case], datetime | None]) -> Spread:
    return spread(at - case.received_at for case in cases if (at := when(case)))


def _machine_at(case: Case) -> datetime | None:
    acknowledgment = case.acknowledgment
    return acknowledgment.at if acknowledgment and acknowledgment.state == "submitted" else None


def _person_at(case: Case) -> datetime | None:
    return min(case.answered_at, default=None)


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
    asked = [(case, at) for case in reports if _lacking_at_first(case) and (at := _machine_at(case))]
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


def _most_first(found: Iterable[_Counted]) -> dict[_Counted, int]:
    return dict(Counter(found).most_common())


def _there(*instants: datetime | None) -> Iterator[datetime]:
    return (at for at in instants if at is not None)
