"""The promises on a case: each deadline by its name, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal, Self, get_args

from pydantic import AliasPath, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from triaged.core.policy.calendar import Calendar
from triaged.core.policy.fields import Duration, Frozen, SpanField
from triaged.core.policy.spans import Months, Span, written

Severity = Literal["critical", "high", "medium", "low", "none"]

StatutoryName = Literal[
    "cra-early-warning",
    "cra-notification",
    "cra-final-report",
    "nis2-early-warning",
    "nis2-notification",
    "nis2-final-report",
]
"""Notifications to an authority: Regulation (EU) 2024/2847 article 14, Directive (EU) 2022/2555 article 23."""

PromiseName = Literal[
    "acknowledge",
    "first-answer",
    "triage",
    "update",
    "fix",
    "disclosure",
    "reporter-date",
    "agreed-date",
    "door",
    "privacy",
    StatutoryName,
]
"""`acknowledge`: any message to the reporter, even automatic; `first-answer`: a person's. `reporter-date`: when the reporter
publishes. `agreed-date`: when both sides do. `door`: a person looks at what waits with a platform. `privacy`: a request
about personal data is answered.
"""

Start = Literal[
    "receipt", "triage", "last-answer", "awareness", "fix-available", "notification", "their-date", "agreement",
    "notice",
]  # fmt: skip
"""When a promise starts to count. `last-answer`: a person's last answer or an automatic update, else receipt; `awareness`:
exploitation suspected or confirmed; `notification`: when the authority was notified, else when it must be; `their-date`:
the report's own date; `agreement`: the agreed date; `notice`: when another door told us about the report.
"""

OnBreach = Literal["show", "overdue", "critical"]
"""`show`: a missed promise is only shown. `overdue`: `status` warns. `critical`: `status` warns from the first mark on and is
critical from the due time on.
"""

PROMISES: tuple[PromiseName, ...] = (
    "acknowledge", "first-answer", "triage", "update", "fix", "disclosure", "reporter-date", "agreed-date", "door", "privacy",
    *get_args(StatutoryName),
)  # fmt: skip
"""All names, in the order in which they are shown."""

DATES: frozenset[PromiseName] = frozenset({"reporter-date", "agreed-date"})
"""The days on which a flaw becomes public. A person names them, so no policy sets their length."""

ALWAYS: tuple[PromiseName, ...] = ("acknowledge", "triage", "update")
"""The promises of every policy: the acknowledgment and its dates are made from these."""


@dataclass(frozen=True, slots=True)
class _Nature:
    """The part of a promise that a policy cannot change."""

    since: tuple[Start, ...]
    """The starts that it may count from, the default first."""
    pausable: bool = True
    limit: timedelta | Months | None = None
    """The most that a statute allows."""


_FROM_RECEIPT = _Nature(since=("receipt",), pausable=False)
_DAY = timedelta(days=1)
_NATURES: dict[PromiseName, _Nature] = {
    "acknowledge": _FROM_RECEIPT,
    "first-answer": _FROM_RECEIPT,
    "triage": _Nature(since=("receipt",)),
    "update": _Nature(since=("last-answer",)),
    "fix": _Nature(since=("receipt", "triage", "awareness")),
    "disclosure": _Nature(since=("receipt", "triage", "fix-available", "awareness")),
    "reporter-date": _Nature(since=("their-date",), pausable=False),
    "agreed-date": _Nature(since=("agreement",), pausable=False),
    "door": _Nature(since=("notice",), pausable=False),
    # Regulation (EU) 2016/679 article 12(3): within one month of receipt.
    "privacy": _Nature(since=("receipt",), pausable=False, limit=Months(1)),
    "cra-early-warning": _Nature(since=("awareness",), pausable=False, limit=_DAY),
    "cra-notification": _Nature(since=("awareness",), pausable=False, limit=3 * _DAY),
    "cra-final-report": _Nature(since=("fix-available",), pausable=False, limit=14 * _DAY),
    "nis2-early-warning": _Nature(since=("awareness",), pausable=False, limit=_DAY),
    "nis2-notification": _Nature(since=("awareness",), pausable=False, limit=3 * _DAY),
    "nis2-final-report": _Nature(since=("notification",), pausable=False, limit=Months(1)),
}


def is_statutory(name: PromiseName) -> bool:
    """True if a law makes it: it runs in calendar time and nothing stops it, not even the end of the case."""
    return name in get_args(StatutoryName)


def _within(limit: timedelta | Months, span: Span) -> bool:
    """True if the span never ends later than the limit; the shortest month has 28 days."""
    match limit, span:
        case Months(), Months():
            return span.count <= limit.count
        case Months(), timedelta():
            return span <= timedelta(days=28 * limit.count)
        case timedelta(), timedelta():
            return span <= limit
        case _:
            return False


def _in_any_case(value: object) -> object:
    """The length for severities without one of their own."""
    if not isinstance(value, Mapping):
        return value
    if "default" not in value:
        raise ValueError("needs a `default`, for while nobody has set a severity")
    return value["default"]


def _for_severities(value: object) -> object:
    # If the default is missing, that is the only fault reported.
    if not isinstance(value, Mapping) or "default" not in value:
        return {}
    return {key: span for key, span in value.items() if key != "default"}


class Promise(Frozen):
    """One promise: a length of time from an event."""

    name: PromiseName
    within: Annotated[SpanField, BeforeValidator(_in_any_case)] = timedelta(0)
    by_severity: Annotated[dict[Severity, SpanField], BeforeValidator(_for_severities)] = Field(
        {}, validation_alias=AliasPath("within")
    )
    """Lengths for particular severities: `within: {critical: 7d, default: 90d}`."""
    since: Start = "receipt"
    pausable: bool = False
    """True if waiting for the reporter stops the clock. Acknowledgment and statutory clocks never pause."""
    warn: tuple[Duration, ...] = ()
    """How long before the due time the team is warned."""
    on_breach: OnBreach = "overdue"
    calendar: Calendar | None = None
    """The values in which this promise's calendar differs from the policy's."""
    source: str = ""
    """The source of the figure, shown with the deadline."""

    @model_validator(mode="before")
    @classmethod
    def _counts_from(cls, given: object) -> object:
        if isinstance(given, Mapping) and given.get("name") in PROMISES and "since" not in given:
            return {**given, "since": _NATURES[given["name"]].since[0]}
        return given

    @field_validator("since")
    @classmethod
    def _may_count_from(cls, since: Start, info: ValidationInfo) -> Start:
        allowed = _NATURES[info.data["name"]].since if "name" in info.data else (since,)
        if since not in allowed:
            raise ValueError(f"the promise {info.data['name']!r} counts from {' or '.join(allowed)}, not from {since}")
        return since

    @field_validator("pausable")
    @classmethod
    def _may_pause(cls, pausable: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic passes it positionally
        if pausable and "name" in info.data and not _NATURES[info.data["name"]].pausable:
            raise ValueError(f"the clock of {info.data['name']!r} never pauses")
        return pausable

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if self.name in DATES:
            if "within" in self.model_fields_set:
                raise ValueError(f"the promise {self.name!r} takes no `within`: a person names the date")
            return self
        if "within" not in self.model_fields_set:
            raise ValueError(f"the promise {self.name!r} needs `within`, a length of time")
        if isinstance(self.within, timedelta) and any(mark >= self.within for mark in self.warn):
            raise ValueError(f"a warning before the promise {self.name!r} is made warns of nothing")
        limit = _NATURES[self.name].limit
        for span in (self.within, *self.by_severity.values()):
            if limit is not None and not _within(limit, span):
                raise ValueError(f"the law gives {written(limit)} for {self.name!r}, in calendar time, and no more")
        return self

    def length(self, severity: Severity | None) -> Span:
        """The length that is promised for that severity."""
        return self.by_severity.get(severity, self.within) if severity else self.within
