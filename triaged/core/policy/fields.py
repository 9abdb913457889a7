"""The types of values in settings and policy. Each fault is one sentence."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from triaged.core.policy.spans import BusinessDays, BusinessHours, Months, Span, at_most, read_duration, read_span

_CENTURY = timedelta(days=36525)


class Frozen(BaseModel):
    """Values that are checked once and never change; an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, arbitrary_types_allowed=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some values changed; cached values are not copied."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


def within_reason(length: timedelta) -> timedelta:
    """Return the length; ValueError if it is not positive, or so long that the calendar would overflow."""
    if not timedelta(0) < length <= _CENTURY:
        raise ValueError("must be longer than nothing and no longer than a century")
    return length


def each_once(what: str, given: Sequence[str], wanted: Sequence[str]) -> None:
    """Raise ValueError unless every wanted name is given exactly once."""
    for name in wanted:
        if given.count(name) != 1:
            raise ValueError(f"the {what} {name!r} must be there once, not {given.count(name)} times")


def _span(value: object) -> Span:
    # A bare number has no unit: `within: 48` must not mean 48 seconds.
    span = value if isinstance(value, timedelta | BusinessDays | BusinessHours | Months) else read_span(str(value))
    within_reason(at_most(span))
    return span


def _duration(value: object) -> timedelta:
    return within_reason(value if isinstance(value, timedelta) else read_duration(str(value)))


def _zone(value: object) -> object:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{str(value)!r} is no time zone; write it like Europe/Berlin") from None


SpanField = Annotated[timedelta | BusinessDays | BusinessHours | Months, BeforeValidator(_span)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
# One plain mailbox; what SMTP could take amiss (spaces, quotes, a leading dash) is refused, not escaped.
MailAddress = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._%+/=-]*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$")
]
