"""Handing in what is owed: the intent is durable before the first SMTP byte, the outcome after the answer.

The caps are kept here, where mail leaves. A letter for which they have no room waits for its turn (`turns`).
"""

from dataclasses import replace
from datetime import datetime

import structlog

from triaged.core.case.events import Deferred, Failed, Requeued, Submitted, Submitting
from triaged.core.case.outbox import Letter, next_try
from triaged.core.case.owner import Owner
from triaged.core.letters.refusals import REMEDY, in_a_row, is_one_fault, last_taken_at
from triaged.core.letters.updating import overtaken
from triaged.core.plural import counted
from triaged.crash import crash_point
from triaged.ports import Refused, TryLater
from triaged.service.desk import Desk
from triaged.service.turns import Turns

log = structlog.get_logger()

REFUSALS_IN_A_ROW = 3
_CRASHED = (
    "a crash fell between handing it in and the server's answer: look in the server's log before sending it again"
)


def deliver(desk: Desk) -> int:
    """Try every letter that is due and return how many were submitted.

    The pass ends after a few temporary refusals in a row: a server that is down is asked again by the next pass. A refused
    login ends it at once, and no letter is tried until its pause is over.
    """
    _write_down(desk)
    submitted = refusals = 0
    turns = Turns(desk)
    for owner, letter in turns.in_order():
        if desk.stopping() or refusals >= REFUSALS_IN_A_ROW or desk.login_patience.is_quiet(desk.clock()):
            break
        if not letter.due(desk.clock()) or turns.kept_back(owner, letter):
            continue
        outcome = _attempt(desk, owner, letter)
        turns.tried(letter, outcome)
        desk.unwritten.append((owner, outcome))
        _write_down(desk)
        crash_point("outcome-recorded")
        _tell(owner, letter, outcome)
        if outcome.kind == "deferred" and outcome.refused and desk.store.case(owner):
            _revive(desk)
        submitted += outcome.kind == "submitted"
        refusals = refusals + 1 if outcome.kind == "deferred" else 0
        desk.alive()
    return submitted


def _write_down(desk: Desk) -> None:
    """Record every outcome not recorded yet: on a full disk it waits, so that nothing goes out again meanwhile."""
    while desk.unwritten:
        desk.store.letter_event(*desk.unwritten[0])
        desk.unwritten.popleft()


def _attempt(desk: Desk, owner: Owner, letter: Letter) -> Submitted | Deferred | Failed:
    now, message_id = desk.clock(), letter.message_id
    if given_up := _given_up(desk, owner, letter, now):
        return given_up
    desk.store.letter_event(owner, Submitting(at=now, message_id=message_id))
    crash_point("submitting-recorded")
    try:
        answer = desk.submission.submit(letter)
    except TryLater as error:
        return _put_off(desk, letter, error)
    except Refused as error:
        desk.login_patience.succeeded()
        return _refused(desk, owner, letter, error)
    desk.login_patience.succeeded()
    return Submitted(at=desk.clock(), message_id=message_id, answer=answer)


def _put_off(desk: Desk, letter: Letter, error: TryLater) -> Deferred | Failed:
    at = desk.clock()
    if error.uncertain and desk.on_uncertain == "hold":
        return Failed(at=at, message_id=letter.message_id, reason=str(error), uncertain=True)
    retry_at = at + desk.login_patience.failed(at) if error.login else next_try(letter, at)
    return Deferred(at=at, message_id=letter.message_id, cause=str(error), retry_at=retry_at)


def _refused(desk: Desk, owner: Owner, letter: Letter, error: Refused) -> Deferred | Failed:
    """Final, unless the settings are to blame: then it stays owed, as all the others do."""
    at, ours = desk.clock(), error.blame == "settings"
    refusal = Failed(at=at, message_id=letter.message_id, reason=str(error), refused=error.blame == "unclear")
    if error.blame == "unclear":
        others = _to_reporters(desk)
        taken_at = last_taken_at(others)
        if letter.refused and letter.tried_at and taken_at and taken_at > letter.tried_at:
            # Others were taken meanwhile.
            return replace(refusal, refused=False)
        # The team's own server refuses the team's own mail: no letter is to blame for that.
        ours = desk.store.case(owner) is None or is_one_fault((*in_a_row(others), letter))
    if not ours:
        return refusal
    cause = f"{error}: {REMEDY}"
    return Deferred(at=at, message_id=letter.message_id, cause=cause, retry_at=next_try(letter, at), refused=True)


def _to_reporters(desk: Desk) -> list[Letter]:
    return [letter for case in desk.store.cases() for letter in case.letters]


def _revive(desk: Desk) -> None:
    """Owe again what was refused for good before it was known that the settings are to blame."""
    at, row = desk.clock(), {letter.message_id for letter in in_a_row(_to_reporters(desk))}
    for case in desk.store.cases():
        for letter in case.letters:
            if letter.message_id in row and letter.state == "failed" and letter.expires_at > at:
                requeued = Requeued(at=at, by="triaged", message_id=letter.message_id, expires_at=letter.expires_at)
                desk.unwritten.append((case.id, requeued))
    _write_down(desk)


def _tell(owner: Owner, letter: Letter, outcome: Submitted | Deferred | Failed) -> None:
    facts = {"owner": str(owner), "purpose": letter.purpose, "outcome": outcome.kind}
    match outcome:
        case Submitted():
            log.info("letter tried", **facts)
        case Deferred(at=at, cause=cause, retry_at=retry_at):
            log.warning("letter tried", **facts, cause=cause, again_in_seconds=round((retry_at - at).total_seconds()))
        case Failed(reason=reason):
            log.warning("letter tried", **facts, cause=reason)


def _given_up(desk: Desk, owner: Owner, letter: Letter, now: datetime) -> Failed | None:
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


def _overtaken(desk: Desk, owner: Owner, letter: Letter, now: datetime) -> str:
    case = desk.store.case(owner) if letter.purpose == "update" else None
    return overtaken(case, letter, desk.house, now) if case else ""
