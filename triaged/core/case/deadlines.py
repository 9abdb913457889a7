"""What is promised on a case and when it is due: computed from its history and the policy, stored nowhere.

- A duration counts in elapsed time. Business days keep the local wall clock of the policy's zone: five of them from
  Monday 17:05 end the next Monday 17:05; a start on a closed day counts from 00:00 of the next open one.
- A pause moves the due time by the pause's own length in elapsed time; while it is open, by its length so far. Only
  promises that the policy calls pausable move.
- `acknowledge` is met by the first word to the reporter, machine's or person's; `triage` by a person's triage, or the
  case's end. `update` begins anew at every word of a person and ends with the case: an automatic acknowledgment is no
  progress, so the date that it promises is the date kept here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from triaged.core.case.case import Case, Pause
from triaged.core.policy import Calendar, Policy, Promise, PromiseName
from triaged.core.spans import BusinessDays, Span, written

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """One promise on one case."""

    name: PromiseName
    due: datetime
    """UTC."""
    state: Literal["pending", "met", "missed", "paused"]
    """`missed` with a `met_at` was late; without one it is overdue."""
    met_at: datetime | None
    rule: str
    """How `due` came about, so that a reader can check it: `48 hours from 2026-11-20 17:05 UTC`."""

    @property
    def overdue(self) -> bool:
        """Whether it is late and still owed."""
        return self.state == "missed" and self.met_at is None

    @property
    def owed(self) -> bool:
        """Whether somebody still has to do something for it."""
        return self.met_at is None and self.state != "met"


def deadlines(case: Case, policy: Policy, now: datetime) -> tuple[Deadline, ...]:
    """Every promise on this case as it stands at `now`, in the policy's order."""
    return tuple(_deadline(case, promise, policy.calendar, now) for promise in policy.promises)


def overdue(case: Case, policy: Policy, now: datetime) -> bool:
    """Whether any promise on this case is late and still owed; on a closed one nothing is."""
    return case.closed_at is None and any(deadline.overdue for deadline in deadlines(case, policy, now))


def span_end(start: datetime, span: Span, calendar: Calendar) -> datetime:
    """When a span that begins at `start` ends, UTC."""
    return business_end(start, span, calendar) if isinstance(span, BusinessDays) else start + span


def business_end(start: datetime, days: BusinessDays, calendar: Calendar) -> datetime:
    """When so many business days after `start` have passed, at the same local time of day, UTC."""
    local = start.astimezone(calendar.timezone)
    day, clock = local.date(), local.time()
    if not is_open(day, calendar):
        day, clock = _next_open(day, calendar), time(0)
    for _ in range(days.count):
        day = _next_open(day, calendar)
    # A wall clock that a time change skips moves forward by the gap; one that it repeats means its first pass.
    return datetime.combine(day, clock, calendar.timezone).replace(fold=0).astimezone(UTC)


def end_of_next_business_day(now: datetime, calendar: Calendar) -> datetime:
    """The end of the first working day after today's local date, UTC."""
    day = _next_open(now.astimezone(calendar.timezone).date(), calendar)
    return datetime.combine(day + _DAY, time(0), calendar.timezone).astimezone(UTC)


def is_open(day: date, calendar: Calendar) -> bool:
    """Whether people work on that local date."""
    return _WEEKDAYS[day.weekday()] not in calendar.weekend and day not in calendar.closed


def _next_open(day: date, calendar: Calendar) -> date:
    day += _DAY
    while not is_open(day, calendar):
        day += _DAY
    return day


def _deadline(case: Case, promise: Promise, calendar: Calendar, now: datetime) -> Deadline:
    start, met_at = _stretch(case, promise.name)
    until = met_at or now
    paused = _paused(case.pauses, start, until) if promise.pausable else timedelta(0)
    due = span_end(start, promise.within, calendar) + paused
    rule = f"{written(promise.within)} from {start.astimezone(calendar.timezone):%Y-%m-%d %H:%M %Z}"
    if paused:
        rule += f", {_length(paused)} of waiting for the reporter not counted"
    held = promise.pausable and case.waiting
    return Deadline(promise.name, due, _state(due, met_at, now, held=held), met_at, rule)


def _stretch(case: Case, name: PromiseName) -> tuple[datetime, datetime | None]:
    """From when the promise counts, and when it was met."""
    match name:
        case "acknowledge":
            return case.received_at, min(case.words_at, default=None)
        case "triage":
            ends = [at for at in (case.triaged_at, case.closed_at) if at is not None]
            return case.received_at, min(ends, default=None)
        case "update":
            return max(case.answered_at, default=case.received_at), case.closed_at


def _state(
    due: datetime, met_at: datetime | None, now: datetime, *, held: bool
) -> Literal["pending", "met", "missed", "paused"]:
    if met_at is not None:
        return "met" if met_at <= due else "missed"
    if now > due:
        return "missed"
    return "paused" if held else "pending"


def _paused(pauses: Iterable[Pause], start: datetime, until: datetime) -> timedelta:
    """How much of the stretch was spent waiting for the reporter; what two pauses share counts once."""
    total = timedelta(0)
    # A decision handed in while the daemon was busy is recorded after what followed it: pauses may overlap.
    for pause in sorted(pauses, key=lambda pause: pause.since):
        begin, end = max(pause.since, start), min(pause.until or until, until)
        if begin < end:
            total += end - begin
            start = end
    return total


def _length(span: timedelta) -> str:
    """To the minute, or `rule` could not be checked: `3 d 5 h`."""
    minutes = span // timedelta(minutes=1)
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "under a minute"
