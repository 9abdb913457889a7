"""The agreed day of disclosure: a reason is needed to record it, and another one to move it."""

from datetime import date, datetime, timedelta

from triaged.core.case.case import Case
from triaged.core.case.events import DisclosureAgreed
from triaged.core.commands.command import NO_REASON, AgreeDisclosure, Reopen
from triaged.core.commands.writing import typed
from triaged.core.deciding.decided import By, Decided, No
from triaged.core.policy.calendar import Calendar
from triaged.core.text import visible

_FORESEEABLE = timedelta(days=3653)
_PARTNER = 60


def disclose(command: AgreeDisclosure, case: Case, by: By, now: datetime, calendar: Calendar) -> Decided | No:
    """Record the day, in the calendar's time zone, or say why it is refused."""
    if case.closed_at is not None:
        return No(f"{case.id} is closed; first: {typed(case.id, Reopen())}")
    today = now.astimezone(calendar.timezone).date()
    on = _day(command.date)
    if on is None or on > today + _FORESEEABLE:
        return No(f"{case.id}: '{visible(command.date, 40)}' is no day to publish on; write it like {today}")
    if on < today:
        return No(f"{case.id}: {on} is over; today is {today}")
    if command.reason.strip() in {"", NO_REASON, "…"}:
        return No(f"{case.id}: say why it is that day, in words of your own")
    partner = visible(command.partner or "", _PARTNER)
    event = DisclosureAgreed(at=now, by=by.shown, on=on, partner=partner, reason=command.reason)
    moved = f", moved from {case.disclosure.on}" if case.disclosure and case.disclosure.on != on else ""
    return Decided((event,), f"to be published on {on}{f', agreed with {partner}' if partner else ''}{moved}")


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        return None
