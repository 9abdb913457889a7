"""From when each promise counts on a case, and what meets it.

- `acknowledge` is met by the first word to the reporter, machine's or person's; `first-answer` by a person's alone.
- `privacy` runs on requests about personal data alone; a person's word meets it, or the case's end.
- `triage` is met by a person's triage, `fix` by a fix that is available, both by the case's end; `disclosure` by the end alone.
- `update` begins anew at every word of a person, and ends with the case once its reporter is told. An automatic
  acknowledgment is no progress, so the date that it promises is the date kept here. An automatic update begins it anew once
  it is out, from when it was written: the date that it names was counted from there.
- The statutory ones run while exploitation is suspected or confirmed, from when it was first suspected. Only the word that the
  authority was told meets them.
- `reporter-date` falls due as the day begins on which the reporter means to publish, and `agreed-date` as that begins on which
  both sides are to, as a person recorded it. Both run beside each other. Only the case's end meets the agreed one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from triaged.core.case.case import Case
from triaged.core.clocks.counting import instant
from triaged.core.policy.calendar import Calendar
from triaged.core.policy.promises import Promise, PromiseName, Start, is_statutory
from triaged.core.text import visible

_NOTIFIED_WITHIN = timedelta(hours=72)
_IN_SOME_TIME = re.compile(r"(?:in |within |after )?(\d{1,4})[ -](day|week)s?", re.IGNORECASE)
_DAYS = {"day": 1, "week": 7}
_FORESEEABLE = timedelta(days=3653)


def counts_from(case: Case, promise: Promise, calendar: Calendar) -> datetime | None:
    """When the promise starts to count; None if nothing has started it yet."""
    if promise.name == "acknowledge" and case.door and case.door.brings != "coordination":
        # A platform's machine needs no acknowledgment: the author of the report is answered on the platform.
        return None
    if promise.name == "privacy" and case.sorted_as != "not-a-report: privacy":
        return None
    start = _STARTS[promise.since](case, calendar)
    if not is_statutory(promise.name):
        return start
    aware = _awareness(case, calendar)
    return max(start, aware) if start and aware else None


def met_at(case: Case, name: PromiseName) -> datetime | None:
    """When the promise was met; None if it is not."""
    meets = _MEETS.get(name)
    return meets(case) if meets else _notified(case, name)


def persons_word(case: Case) -> datetime:
    """When a person last wrote to the reporter, else when the report arrived."""
    return max((case.received_at, *case.answered_at))


def last_word(case: Case) -> datetime:
    """When a person last wrote to the reporter, or a later automatic update that was sent."""
    updates = (letter.owed_at for letter in case.updates if letter.state == "submitted")
    return max((*updates, persons_word(case)))


def why(case: Case, promise: Promise, start: datetime) -> str:
    """What started the promise at `start`; empty if it was the report or a person's last answer."""
    suspected = case.exploitation is not None and case.exploitation.standing == "suspected"
    match promise.since:
        case "receipt" | "last-answer":
            return "an automatic update" if start > persons_word(case) else ""
        case "triage":
            return "its triage"
        case "awareness":
            return "exploitation is suspected: confirm or dismiss it" if suspected else "exploitation is known"
        case "fix-available":
            return "a fix is available"
        case "notification":
            return "the notification" if _notified(case, "nis2-notification") else "when the notification is due"
        case "their-date" | "agreement" | "notice":
            return _who_named_it(case, promise.since)


def _who_named_it(case: Case, since: Start) -> str:
    if since == "notice" and case.door:
        return f"the notice of {case.door.name}"
    if since != "agreement" or case.disclosure is None:
        return "the reporter means to publish"
    agreed = case.disclosure
    return f"agreed{f' with {agreed.partner}' if agreed.partner else ''}: {visible(agreed.reason, 80)}"


def _awareness(case: Case, _: Calendar) -> datetime | None:
    known = case.exploitation
    return known.aware_at if known and known.standing != "dismissed" else None


def _notification(case: Case, calendar: Calendar) -> datetime | None:
    aware = _awareness(case, calendar)
    return _notified(case, "nis2-notification") or (aware + _NOTIFIED_WITHIN if aware else None)


def _notified(case: Case, name: PromiseName) -> datetime | None:
    """When the authority was notified of the current suspicion; notices about a dismissed one do not count."""
    since = case.exploitation.aware_at if case.exploitation else case.received_at
    return min((told.at for told in case.notified if told.duty == name and told.at >= since), default=None)


def _first(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


def _their_date(case: Case, calendar: Calendar) -> datetime | None:
    """The earliest publication date that the report names and that had not passed when it arrived."""
    if case.report is None:
        return None
    arrived = case.received_at.astimezone(calendar.timezone).date()
    named = (_named(fact.value, arrived) for fact in case.report.facts.of("publish"))
    dates = [day for day in named if day and arrived <= day <= arrived + _FORESEEABLE]
    return instant(min(dates), time(0), calendar) if dates else None


@dataclass(frozen=True, slots=True)
class Publication:
    """When the flaw becomes public."""

    at: datetime
    agreed: bool
    """True if both sides agreed on it; False if only the reporter named it."""


def publication(case: Case, calendar: Calendar) -> Publication | None:
    """The agreed date, else the reporter's own; None if nobody named one."""
    if agreed := _agreement(case, calendar):
        return Publication(agreed, agreed=True)
    theirs = _their_date(case, calendar)
    return Publication(theirs, agreed=False) if theirs else None


def _agreement(case: Case, calendar: Calendar) -> datetime | None:
    return instant(case.disclosure.on, time(0), calendar) if case.disclosure else None


def _named(value: str, arrived: date) -> date | None:
    """Parse `2026-12-24` or `in 90 days`."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        match = _IN_SOME_TIME.fullmatch(value)
    return arrived + timedelta(days=int(match[1]) * _DAYS[match[2].lower()]) if match else None


_STARTS: dict[Start, Callable[[Case, Calendar], datetime | None]] = {
    "receipt": lambda case, _: case.received_at,
    "triage": lambda case, _: case.triaged_at,
    "last-answer": lambda case, _: last_word(case),
    "awareness": _awareness,
    "fix-available": lambda case, _: case.fixed_at,
    "notification": _notification,
    "their-date": _their_date,
    "agreement": _agreement,
    "notice": lambda case, _: case.door.at if case.door else None,
}
_MEETS: dict[PromiseName, Callable[[Case], datetime | None]] = {
    "acknowledge": lambda case: _first(*case.words_at),
    "first-answer": lambda case: _first(*case.answered_at),
    "triage": lambda case: _first(case.triaged_at, case.closed_at),
    "door": lambda case: _first(case.triaged_at, case.closed_at, *case.answered_at),
    "privacy": lambda case: _first(case.closed_at, *case.answered_at),
    "fix": lambda case: _first(case.fixed_at, case.closed_at),
    "reporter-date": lambda case: _first(case.fixed_at, case.closed_at),
    "update": lambda case: None if case.untold else case.closed_at,
    "disclosure": lambda case: case.closed_at,
    "agreed-date": lambda case: case.closed_at,
}
"""What meets the promises that a team makes; only a notified authority meets the statutory ones."""
