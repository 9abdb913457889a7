"""How long raw mail and people are kept, and whose time has come. What is on hold, or still open, is kept."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from triaged.core.case.case import Case
from triaged.core.clocks.counting import month_end
from triaged.core.erasure.plan import Plan, of_cases
from triaged.core.erasure.words import Words
from triaged.core.letters.house import House
from triaged.core.mail.arrival import Arrival
from triaged.core.plural import counted
from triaged.core.policy.calendar import Calendar
from triaged.core.policy.spans import Months

_PERIOD = re.compile(r"(\d{1,4})\s+(month|year)s?(\s+after\s+closing)?")
_MOST = 50
"""Cases in one go. A year's worth, on the day on which the setting is made, takes several."""


@dataclass(frozen=True, slots=True)
class Period:
    """So many months of the calendar, since the mail came or since its case was closed."""

    months: int
    after_closing: bool = False

    @classmethod
    def read(cls, text: str) -> "Period":
        """Read `24 months` or `3 years after closing`; ValueError says what is allowed."""
        match = _PERIOD.fullmatch(" ".join(text.split()))
        if match is None or int(match[1]) == 0:
            raise ValueError(f"{text!r} is no time to keep things; write it like 24 months or 3 years after closing")
        return cls(int(match[1]) * (12 if match[2] == "year" else 1), bool(match[3]))

    def __str__(self) -> str:
        """As people write it, and as `read` reads it."""
        return counted(self.months, "month") + (" after closing" if self.after_closing else "")

    def is_over(self, came_at: datetime, closed_at: datetime | None, now: datetime, calendar: Calendar) -> bool:
        """True if what came then is not to be kept any longer; `closed_at`: None for what is no case."""
        since = closed_at if self.after_closing and closed_at else came_at
        return month_end(since, Months(self.months), calendar) <= now


@dataclass(frozen=True, slots=True)
class Kept:
    """For how long; None: for ever."""

    raw_mail: Period | None = None
    identities: Period | None = None


NO_LIMIT = Kept()


def expired(kept: Kept, cases: Sequence[Case], arrivals: Sequence[Arrival], house: House, now: datetime) -> Plan:
    """What is to be erased now: at most fifty cases, the oldest first, and all raw mail whose time has come."""
    calendar = house.policy.calendar
    late = kept.identities
    people = [
        each for each in cases if late and _is_over(late, each, each.received_at, now, calendar) and not each.erased_at
    ]
    plan = of_cases(people[:_MOST], cases, arrivals, house) if people else Plan(Words(frozenset()))
    nobodys = [each for each in arrivals if each.case_id is None and each.end]
    late_asides = frozenset(
        each.sha256
        for each in nobodys
        if late and each.aside and each.aside.sender and late.is_over(each.received_at, None, now, calendar)
    )
    raw = frozenset(_raw(kept.raw_mail, cases, arrivals, now, calendar)) | late_asides
    return replace(plan, elsewhere=(), asides=late_asides).with_mails(raw)


def _raw(
    period: Period | None, cases: Sequence[Case], arrivals: Sequence[Arrival], now: datetime, calendar: Calendar
) -> Iterable[str]:
    by_id = {case.id: case for case in cases}
    for arrival in arrivals if period else ():
        if arrival.erased_at or not arrival.end or period is None:
            continue
        case = by_id.get(arrival.case_id or "")
        came_at = arrival.received_at
        if (
            period.is_over(came_at, None, now, calendar)
            if case is None
            else _is_over(period, case, came_at, now, calendar)
        ):
            yield arrival.sha256


def _is_over(period: Period, case: Case, came_at: datetime, now: datetime, calendar: Calendar) -> bool:
    open_or_held = case.closed_at is None or case.hold is not None
    return not open_or_held and period.is_over(came_at, case.closed_at, now, calendar)
