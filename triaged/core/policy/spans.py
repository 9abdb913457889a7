"""Lengths of time in the unit of the promise: `48h`, `14d`, `5 business days`, `8 business hours`, `1 month`."""

import re
from dataclasses import dataclass
from datetime import timedelta

from triaged.core.plural import counted

_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d{1,6})\s*(s|m|min|h|d|w)")
_DAY = 86400
_COUNTED = re.compile(r"(\d{1,4})\s+(business\s+day|business\s+hour|month)s?")


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """Whole working days, by the policy's calendar."""

    count: int

    def __str__(self) -> str:
        """The form that people write and `read_span` reads."""
        return counted(self.count, "business day")


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Working hours, by the policy's calendar."""

    count: int

    def __str__(self) -> str:
        """The form that people write and `read_span` reads."""
        return counted(self.count, "business hour")


@dataclass(frozen=True, slots=True)
class Months:
    """Calendar months, to the same date and time of day; statutes count in them."""

    count: int

    def __str__(self) -> str:
        """The form that people write and `read_span` reads."""
        return counted(self.count, "month")


Span = timedelta | BusinessDays | BusinessHours | Months

_COUNTED_IN: dict[str, type[BusinessDays | BusinessHours | Months]] = {
    "business day": BusinessDays,
    "business hour": BusinessHours,
    "month": Months,
}


def read_duration(text: str) -> timedelta:
    """Read one quantity of calendar time, such as `48h`; ValueError says what is allowed."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no length of time; write it like 60s, 15m, 48h, 14d or 2w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def read_span(text: str) -> Span:
    """Read calendar time, business days or hours, or months; ValueError says what is allowed."""
    if match := _COUNTED.fullmatch(text.strip()):
        return _COUNTED_IN[" ".join(match[2].split())](int(match[1]))
    try:
        return read_duration(text)
    except ValueError as error:
        raise ValueError(f"{error}, or like 5 business days, 8 business hours or 1 month") from None


def at_most(span: Span) -> timedelta:
    """A plain length for comparing a span with limits: a business day is a day, and so is a business hour, at worst."""
    match span:
        case timedelta():
            return span
        case BusinessDays(count) | BusinessHours(count):
            return timedelta(days=count)
        case Months(count):
            return timedelta(days=31 * count)


def written(span: Span) -> str:
    """The span in words for people: `48 hours`, `14 days`, `5 business days`."""
    if not isinstance(span, timedelta):
        return str(span)
    seconds = int(span.total_seconds())
    for size, unit in ((_DAY, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        # People count up to two days in hours: the policy says "within 48 hours".
        if seconds % size == 0 and (size < _DAY or seconds > 2 * _DAY):
            return counted(seconds // size, unit)
    raise AssertionError("every whole number of seconds is divisible by one")
