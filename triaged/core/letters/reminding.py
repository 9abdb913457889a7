"""The one reminder to a reporter who is awaited: where it is owed, and whether it is still true when it leaves."""

from datetime import datetime

from triaged.core.case.case import Case
from triaged.core.case.outbox import Letter
from triaged.core.letters.house import House
from triaged.core.letters.reply import Reminder


def reminder(case: Case, house: House, now: datetime) -> Reminder | None:
    """The reminder that is owed on this case now; whether the caps let it out is another question."""
    if house.remind_after is None or overtaken(case, house) or last_reminder(case):
        return None
    since = case.pauses[-1].since
    if now < since + house.remind_after:
        return None
    return Reminder(
        case_id=case.id,
        number=sum(letter.purpose == "reminder" for letter in case.letters) + 1,
        to=case.reporter.address,
        in_reply_to=case.mails[-1].message_id,
        received_at=case.received_at,
        since=since,
        missing=tuple(house.policy.section(name) for name in (case.report.missing if case.report else ())),
        reference=case.door.reference if case.door else "",
    )


def last_reminder(case: Case) -> Letter | None:
    """The reminder of the wait that lasts, whatever became of it; None where there is none."""
    since = case.pauses[-1].since if case.waiting else case.received_at
    found = (letter for letter in case.letters if letter.purpose == "reminder" and letter.owed_at > since)
    return next(found, None)


def overtaken(case: Case, house: House) -> str:
    """Why nobody is to be reminded; empty where the reporter may be."""
    if case.erased_at:
        return "its reporter was erased"
    if case.closed_at is not None:
        return "the case is closed"
    if not case.waiting:
        return "the reporter is not awaited"
    if house.trust.authserv_id is None or case.reporter.verdict != "verified" or not case.reporter.address:
        return "its reporter is not verified"
    if any(letter.state in {"failed", "uncertain"} and letter.tries for letter in case.letters):
        return "a mail to its reporter failed"
    return ""
