"""When people work: the calendar in which business days and business hours are counted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from triaged.core.policy.fields import Frozen, Zone

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_HOURS = re.compile(rf"({_CLOCK})\s*-\s*({_CLOCK}|24:00)")
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Hours:
    """The working hours of an open day, in local time."""

    opens: time
    closes: time
    """00:00 means the end of the day."""


def _hours(value: object) -> object:
    if isinstance(value, Hours):
        return value
    match = _HOURS.fullmatch(str(value).strip())
    if match is None:
        raise ValueError(f'{str(value)!r} are no working hours; write them like "09:00-17:00"')
    opens, closes = time.fromisoformat(match[1]), time.fromisoformat(match[2].replace("24:", "00:"))
    ends = datetime.combine(date.min + timedelta(days=closes == _MIDNIGHT), closes)
    if ends - datetime.combine(date.min, opens) < timedelta(hours=1):
        raise ValueError("working hours last at least an hour, and end on the day on which they begin")
    return Hours(opens, closes)


class Holidays(Frozen):
    """The public holidays of a country, or of a part of it, as the `holidays` library defines them."""

    country: str = Field(pattern=r"^[A-Z]{2,3}$")
    """The ISO 3166 code of the country: `DE`."""
    subdivision: str | None = None
    """The code of the part, without its country: `BY`."""

    @field_validator("country")
    @classmethod
    def _is_known(cls, country: str) -> str:
        if country not in _known():
            raise ValueError(f"{country!r} is no country whose holidays are known; write it like DE")
        return country

    @field_validator("subdivision")
    @classmethod
    def _is_part(cls, subdivision: str | None, info: ValidationInfo) -> str | None:
        country = info.data.get("country")
        parts = _known().get(country, ()) if country else ()
        if subdivision is not None and country and subdivision not in parts:
            raise ValueError(f"{subdivision!r} is no part of {country}; known are: {', '.join(parts) or 'none'}")
        return subdivision

    def on(self, day: date) -> bool:
        """True if that date is a holiday."""
        return day in _holidays(self.country, self.subdivision, day.year)


class Calendar(Frozen):
    """The working days, their working hours, and the time zone in which a day begins."""

    timezone: Zone = ZoneInfo("UTC")
    weekend: tuple[Weekday, ...] = ("saturday", "sunday")
    closed: tuple[date, ...] = ()
    holidays: Holidays | None = None
    hours: Annotated[Hours, BeforeValidator(_hours)] | None = None
    """Used only for business hours; None means the whole day."""

    @field_validator("weekend")
    @classmethod
    def _somebody_works(cls, weekend: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if len(set(weekend)) == len(_WEEKDAYS):
            raise ValueError("a week needs at least one working day")
        return weekend

    def is_open(self, day: date) -> bool:
        """True if people work on that local date."""
        if _WEEKDAYS[day.weekday()] in self.weekend or day in self.closed:
            return False
        return self.holidays is None or not self.holidays.on(day)

    def instead(self, other: "Calendar | None") -> "Calendar":
        """The other calendar's values, and this one's where the other has none."""
        said: Mapping[str, Any] = {name: getattr(other, name) for name in other.model_fields_set} if other else {}
        return self.model_copy(update=said) if said else self


@cache
def _known() -> Mapping[str, list[str]]:
    from holidays import list_supported_countries  # noqa: PLC0415 - 0.2 s and 11 MB, only for users who name a country

    return list_supported_countries()


@cache
def _holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    from holidays import country_holidays  # noqa: PLC0415 - as above

    return frozenset(country_holidays(country, subdiv=subdivision, years=year))
