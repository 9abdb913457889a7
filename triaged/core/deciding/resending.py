"""Choose which letter to a reporter is sent again, or say why none is: a letter must still be true when it leaves."""

from datetime import datetime

from triaged.core.case.case import Case
from triaged.core.case.events import Requeued
from triaged.core.case.folding import folded_on
from triaged.core.case.outbox import Letter
from triaged.core.commands.command import RecordAnswer, Resend
from triaged.core.commands.writing import typed
from triaged.core.deciding.decided import By, Decided, No
from triaged.core.letters import lifetime, reminding
from triaged.core.letters.holding import outdated
from triaged.core.letters.house import House
from triaged.core.letters.updating import overtaken


def resend(command: Resend, case: Case, by: By, now: datetime, house: House) -> Decided | No:
    """Owe the letter again that the command names; without a name, the acknowledgment if it is stuck, else the latest."""
    if case.erased_at:
        return No(f"{case.id}: its reporter was erased on {case.erased_at:%Y-%m-%d}, so nobody can be written to")
    if case.unwritten and command.letter in {None, "acknowledgment"}:
        return Decided((), "every template renders; the daemon writes the acknowledgment again within a minute")
    letters = [each for each in _stuck(case) if command.letter in {None, each.purpose}]
    if not letters:
        return No(f"{case.id}: {_nothing_to_send(command, case)}")
    events = [(each, requeued(each, by, now)) for each in letters]
    true = [(letter, event) for letter, event in events if not stale(case, letter, event, house, now)]
    if not true:
        why = stale(case, *events[0], house, now)
        remedy = f"if there is more to say, write to the reporter yourself, then: {typed(case.id, RecordAnswer())}"
        return No(f"{case.id}: the {letters[0].purpose} is not sent again, because {why}; {remedy}")
    letter, event = true[0]
    return Decided(
        (event,), f"the {letter.purpose} will be sent at the next pass, as soon as the caps for all leave room"
    )


def failed(case: Case, by: By, now: datetime, house: House) -> tuple[Requeued, ...]:
    """One event for each failed letter of the case whose content is still true."""
    letters = [(letter, requeued(letter, by, now)) for letter in _stuck(case) if letter.state == "failed"]
    return tuple(event for letter, event in letters if not stale(case, letter, event, house, now))


def requeued(letter: Letter, by: By, now: datetime) -> Requeued:
    """The event that queues a letter again."""
    return Requeued(at=now, by=by.shown, message_id=letter.message_id, expires_at=lifetime.requeued(now))


def stale(case: Case, letter: Letter, again: Requeued, house: House, now: datetime) -> str:
    """Why the letter must not go out any more; empty where it still may."""
    if case.erased_at:
        return "its reporter was erased"
    if letter.purpose == "update":
        # Judged as if it had not failed, because that is its state when its turn comes.
        return overtaken(folded_on(case, [again]), letter, house, now)
    if letter.purpose == "reminder":
        return reminding.overtaken(folded_on(case, [again]), house)
    return outdated(case, letter)


def _stuck(case: Case) -> list[Letter]:
    """The letters that failed or wait: the acknowledgment first, then the latest."""
    latest_first = case.letters[::-1]
    stuck = [each for each in latest_first if each.held or each.state in {"failed", "uncertain", "withheld"}]
    return sorted(stuck, key=lambda letter: letter.purpose != "acknowledgment")


def _nothing_to_send(command: Resend, case: Case) -> str:
    withheld = case.acknowledgment is not None and case.acknowledgment.state == "withheld"
    if withheld and command.letter in {None, "acknowledgment"}:
        remedy = f"write to the reporter yourself, then: {typed(case.id, RecordAnswer())}"
        return f"its acknowledgment was withheld before it was written; {remedy}"
    if command.letter:
        return f"no {command.letter} of this case has failed or is held back"
    return "no mail of this case has failed or is held back"
