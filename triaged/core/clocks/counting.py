"""Compute the instant (UTC) at which a span of time ends.

- Calendar time is elapsed time, even across clock changes. A month ends at the same local date and time of day, or on the
  last day of a shorter month.
- Business days keep the local time of day: five of them from Monday 17:05 end on the next Monday at 17:05; a start on a
  closed day counts from 00:00 of the next open day.
- Business hours pass only while people work. A time of day that a clock change skips moves forward by the gap; one that
  it repeats means its first occurrence.
- A pause moves the end by its own length in elapsed time. For business hours, only the working time in the pause counts.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from triaged.core.policy.calendar import Calendar
from triaged.core.policy.spans import BusinessDays, BusinessHours, Months, Span

Stretch = tuple[datetime, datetime]
"""A pair of instants: begin, then end."""

_DAY = timedelta(days=1)
_MIDNIGHT = time(0)


def span_end(start: datetime, span: Span, calendar: Calendar, paused: Sequence[Stretch] = ()) -> datetime:
    """When the span ends. The clock stands still during `paused`: stretches in order that do not overlap."""
    match span:
        case timedelta():
            return start + span + total(paused)
        case BusinessDays():
            return business_end(start, span, calendar) + total(paused)
        case BusinessHours():
            return business_hours_end(start, span, calendar, paused)
        case Months():
            return month_end(start, span, calendar) + total(paused)


def business_end(start: datetime, days: BusinessDays, calendar: Calendar) -> datetime:
    """When that many business days after `start` have passed, at the same local time of day."""
    local = start.astimezone(calendar.timezone)
    day, clock = local.date(), local.time()
    if not calendar.is_open(day):
        day, clock = _next_open(day, calendar), _MIDNIGHT
    for _ in range(days.count):
        day = _next_open(day, calendar)
    return instant(day, clock, calendar)


def business_hours_end(
    start: datetime, hours: BusinessHours, calendar: Calendar, paused: Sequence[Stretch] = ()
) -> datetime:
    """When that many working hours after `start` have passed."""
    left = timedelta(hours=hours.count)
    for begin, end in _working(start, calendar, paused):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    raise AssertionError("there is always another working day")


def month_end(start: datetime, months: Months, calendar: Calendar) -> datetime:
    """The same local date and time of day that many months later."""
    local = start.astimezone(calendar.timezone)
    years, month = divmod(local.month - 1 + months.count, 12)
    year, month = local.year + years, month + 1
    day = date(year, month, min(local.day, monthrange(year, month)[1]))
    return instant(day, local.time(), calendar)


def end_of_next_business_day(now: datetime, calendar: Calendar) -> datetime:
    """The end of the first business day after today's local date."""
    day = _next_open(now.astimezone(calendar.timezone).date(), calendar)
    return instant(day + _DAY, _MIDNIGHT, calendar)


def instant(day: date, clock: time, calendar: Calendar) -> datetime:
    """When a wall clock first shows that time on that date. A time that a clock change skips moves forward by the gap."""
    return datetime.combine(day, clock, calendar.timezone).replace(fold=0).astimezone(UTC)


def total(stretches: Sequence[Stretch]) -> timedelta:
    """The combined length of the stretches."""
    return sum((end - begin for begin, end in stretches), timedelta(0))


def _next_open(day: date, calendar: Calendar) -> date:
    day += _DAY
    while not calendar.is_open(day):
        day += _DAY
    return day


def _working(start: datetime, calendar: Calendar, paused: Sequence[Stretch]) -> Iterator[Stretch]:
    """Yield the working time after `start`, without the paused parts; never ends."""
    day = start.astimezone(calendar.timezone).date() - _DAY
    done = start
    while True:
        day = _next_open(day, calendar)
        opens, closes = _shift(day, calendar)
        # `max` matters where a zone skipped a whole date: that date's hours would otherwise be counted twice.
        yield from _without(paused, max(opens, done), closes)
        done = max(done, closes)


def _shift(day: date, calendar: Calendar) -> Stretch:
    opens, closes = (calendar.hours.opens, calendar.hours.closes) if calendar.hours else (_MIDNIGHT, _MIDNIGHT)
    return instant(day, opens, calendar), instant(day + _DAY * (closes == _MIDNIGHT), closes, calendar)


def _without(paused: Sequence[Stretch], begin: datetime, end: datetime) -> Iterator[Stretch]:
    for since, until in paused:
        if begin < min(since, end):
            yield begin, min(since, end)
        begin = max(begin, until)
    if begin < end:
        yield begin, end
