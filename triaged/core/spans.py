"""Lengths of time in the unit that a promise was made in: `60s`, `48h`, `14d`, `5 business days`."""

import re
from dataclasses import dataclass
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d{1,6})\s*(s|m|min|h|d|w)")
_DAY = 86400
_BUSINESS = re.compile(r"(\d{1,4})\s+business\s+days?")


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """Whole working days; which days those are is the policy's calendar's to say."""

    count: int

    def __str__(self) -> str:
        """As people write it, and as `read_span` reads it."""
        return f"{self.count} business day{'' if self.count == 1 else 's'}"


Span = timedelta | BusinessDays


def read_duration(text: str) -> timedelta:
    """Read one quantity of calendar time, such as `48h`; ValueError says what is allowed."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no length of time; write it like 60s, 15m, 48h, 14d or 2w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def read_span(text: str) -> Span:
    """Read calendar time or business days; ValueError says what is allowed."""
    if match := _BUSINESS.fullmatch(text.strip()):
        return BusinessDays(int(match[1]))
    try:
        return read_duration(text)
    except ValueError as error:
        raise ValueError(f"{error}, or like 5 business days") from None


def written(span: Span) -> str:
    """The span in words for people: `48 hours`, `14 days`, `5 business days`."""
    if isinstance(span, BusinessDays):
        return str(span)
    seconds = int(span.total_seconds())
    for size, unit in ((_DAY, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        # Up to two days people count in hours: "within 48 hours" is what the policy says.
        if seconds % size == 0 and (size < _DAY or seconds > 2 * _DAY):
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    raise AssertionError("every whole number of seconds is divisible by one")
