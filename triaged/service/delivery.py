"""Handing in what is owed: the intent is durable before the first SMTP byte, the outcome after the answer."""

from datetime import datetime

import structlog

from triaged.core.case.events import Deferred, Failed, Submitted, Submitting
from triaged.core.case.outbox import Letter, next_try
from triaged.core.letters.updating import overtaken
from triaged.core.plural import counted
from triaged.crash import crash_point
from triaged.ports import Refused, TryLater
from triaged.service.desk import Desk

log = structlog.get_logger()

REFUSALS_IN_A_ROW = 3
_CRASHED = (
    "a crash fell between handing it in and the server's answer: look in the server's log before sending it again"
)


def deliver(desk: Desk) -> int:
    """Try every letter that is due and return how many were submitted.

    The pass ends after a few temporary refusals in a row: a server that is down is asked again by the next pass.
    """
    _write_down(desk)
    submitted = refusals = 0
    for owner, letter in desk.store.owed():
        if desk.stopping() or refusals >= REFUSALS_IN_A_ROW:
            break
        if not letter.due(desk.clock()):
            continue
        outcome = _attempt(desk, owner, letter)
        desk.unwritten.append((owner, outcome))
        _write_down(desk)
        crash_point("outcome-recorded")
        log.info("letter tried", owner=owner, purpose=letter.purpose, outcome=outcome.kind)
        submitted += outcome.kind == "submitted"
        refusals = refusals + 1 if outcome.kind == "deferred" else 0
        desk.alive()
    return submitted


def _write_down(desk: Desk) -> None:
    """Record every outcome not recorded yet: on a full disk it waits, so that nothing goes out again meanwhile."""
    while desk.unwritten:
        desk.store.letter_event(*desk.unwritten[0])
        desk.unwritten.popleft()


def _attempt(desk: Desk, owner: str, letter: Letter) -> Submitted | Deferred | Failed:
    now, message_id = desk.clock(), letter.message_id
    if given_up := _given_up(desk, owner, letter, now):
        return given_up
    desk.store.letter_event(owner, Submitting(at=now, message_id=message_id))
    crash_point("submitting-recorded")
    try:
        answer = desk.submission.submit(letter)
    except TryLater as error:
        if error.uncertain and desk.on_uncertain == "hold":
            return Failed(at=desk.clock(), message_id=message_id, reason=str(error), uncertain=True)
        at = desk.clock()
        return Deferred(at=at, message_id=message_id, cause=str(error), retry_at=next_try(letter, at))
    except Refused as error:
        return Failed(at=desk.clock(), message_id=message_id, reason=str(error))
    return Submitted(at=desk.clock(), message_id=message_id, answer=answer)


def _given_up(desk: Desk, owner: str, letter: Letter, now: datetime) -> Failed | None:
    """That it is not tried again, and why."""
    in_doubt = letter.state == "submitting"
    if in_doubt and (desk.on_uncertain == "hold" or letter.expires_at <= now):
        return Failed(at=now, message_id=letter.message_id, reason=_CRASHED, uncertain=True)
    if reason := _overtaken(desk, owner, letter, now):
        return Failed(at=now, message_id=letter.message_id, reason=f"not sent: {reason}", uncertain=in_doubt)
    # A daemon that was down past the date has not tried it yet: it is tried once.
    if letter.expires_at <= now and letter.tries:
        reason = f"given up after {counted(letter.tries, 'try', 'tries')}; the last answer: {letter.reason or 'none'}"
        return Failed(at=now, message_id=letter.message_id, reason=reason)
    return None


def _overtaken(desk: Desk, owner: str, letter: Letter, now: datetime) -> str:
    case = desk.store.case(owner) if letter.purpose == "update" else None
    return overtaken(case, letter, desk.house, now) if case else ""
