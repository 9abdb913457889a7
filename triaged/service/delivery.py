"""Handing in what is owed: the intent is durable before the first SMTP byte, the outcome after the answer.

The caps are kept here, where mail leaves. A letter for which they have no room waits for its turn (`turns`). The daemon does
this on a thread of its own, because a server may take ten minutes to answer.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from triaged.core.case.events import Deferred, Failed, Requeued, Submitted, Submitting
from triaged.core.case.outbox import Letter, next_try
from triaged.core.case.owner import Owner, ToTeam
from triaged.core.letters import reminding
from triaged.core.letters.refusals import REMEDY, in_a_row, is_one_fault, last_taken_at
from triaged.core.letters.updating import overtaken
from triaged.core.plural import counted
from triaged.crash import crash_point
from triaged.ports import Refused, TryLater
from triaged.service.rooms import Outgoing
from triaged.service.turns import Turns

log = structlog.get_logger()

Outcome = Submitted | Deferred | Failed

REFUSALS_IN_A_ROW = 3
_CRASHED = (
    "triaged ended between handing it in and the server's answer: look in the server's log before sending it again"
)


def _never() -> bool:
    return False


def deliver(outgoing: Outgoing, *, replaced: Callable[[], bool] = _never, news: Callable[[], bool] = _never) -> int:
    """Try every letter that is due and return how many were submitted.

    The pass ends after a few temporary refusals in a row: a server that is down is asked again by the next pass. A refused
    login ends it at once, and no letter is tried until its pause is over. Both callables are asked between two letters:
    the pass ends when new settings have `replaced` this room, and, unless the server has just refused a letter, for `news`
    of others that may come first.

    The turn at the store is held to read and to record, and never while the server is waited for.
    """
    with outgoing.turn():
        _write_down(outgoing)
        turns = Turns(outgoing)
        waiting = turns.in_order()
    submitted = refusals = 0
    for owner, letter in waiting:
        resting = refusals >= REFUSALS_IN_A_ROW or outgoing.patience.is_quiet(outgoing.clock())
        if outgoing.stopping() or resting or replaced() or (news() and not refusals):
            break
        outcome = _tried(outgoing, turns, owner, letter)
        if outcome is None:
            continue
        submitted += outcome.kind == "submitted"
        refusals = refusals + 1 if outcome.kind == "deferred" else 0
        outgoing.alive()
    return submitted


def _tried(outgoing: Outgoing, turns: Turns, owner: Owner, letter: Letter) -> Outcome | None:
    """What became of one letter, recorded; None if it is not its time, or if nobody knows yet because the process ends."""
    with outgoing.turn():
        if _has_changed(outgoing, owner, letter) or not letter.due(outgoing.clock()) or turns.kept_back(owner, letter):
            return None
        outcome: Outcome | None = _given_up(outgoing, owner, letter, outgoing.clock())
        if outcome is None:
            outgoing.store.letter_event(owner, Submitting(at=outgoing.clock(), message_id=letter.message_id))
            crash_point("submitting-recorded")
    answer = "" if outcome else _handed_in(outgoing, letter)
    if isinstance(answer, TryLater) and answer.uncertain and outgoing.stopping():
        # It stays as it is, `submitting`: the next start does with it what `on_uncertain` says.
        log.warning("letter left in doubt, because the daemon stops", owner=str(owner), purpose=letter.purpose)
        return None
    with outgoing.turn():
        outcome = outcome or _outcome(outgoing, owner, letter, answer)
        turns.tried(letter, outcome)
        outgoing.under_way.unwritten.append((owner, outcome))
        _write_down(outgoing)
        crash_point("outcome-recorded")
        _tell(owner, letter, outcome)
        if outcome.kind == "deferred" and outcome.refused and outgoing.store.case(owner):
            _revive(outgoing)
    return outcome


def _has_changed(outgoing: Outgoing, owner: Owner, letter: Letter) -> bool:
    """True if something has befallen it since the pass began: the next pass sees it as it is then."""
    if isinstance(owner, ToTeam):
        return all(each != letter for _, each in outgoing.store.owed())
    case = outgoing.store.case(owner)
    return case is not None and letter not in case.letters


def _write_down(outgoing: Outgoing) -> None:
    """Record every outcome not recorded yet: on a full disk it waits, so that nothing goes out again meanwhile."""
    unwritten = outgoing.under_way.unwritten
    while unwritten:
        outgoing.store.letter_event(*unwritten[0])
        unwritten.popleft()


def _handed_in(outgoing: Outgoing, letter: Letter) -> str | TryLater | Refused:
    """The server's answer, good or bad. It may take its time: no turn is held in here."""
    try:
        return outgoing.submission.submit(letter)
    except (TryLater, Refused) as error:
        return error


def _outcome(outgoing: Outgoing, owner: Owner, letter: Letter, answer: str | TryLater | Refused) -> Outcome:
    if isinstance(answer, TryLater):
        return _put_off(outgoing, letter, answer)
    outgoing.patience.succeeded()
    if isinstance(answer, Refused):
        return _refused(outgoing, owner, letter, answer)
    return Submitted(at=outgoing.clock(), message_id=letter.message_id, answer=answer)


def _put_off(outgoing: Outgoing, letter: Letter, error: TryLater) -> Deferred | Failed:
    at = outgoing.clock()
    if error.uncertain and outgoing.on_uncertain == "hold":
        return Failed(at=at, message_id=letter.message_id, reason=str(error), uncertain=True)
    retry_at = at + outgoing.patience.failed(at) if error.login else next_try(letter, at)
    return Deferred(at=at, message_id=letter.message_id, cause=str(error), retry_at=retry_at)


def _refused(outgoing: Outgoing, owner: Owner, letter: Letter, error: Refused) -> Deferred | Failed:
    """Final, unless the settings are to blame: then it stays owed, as all the others do."""
    at, ours = outgoing.clock(), error.blame == "settings"
    refusal = Failed(at=at, message_id=letter.message_id, reason=str(error), refused=error.blame == "unclear")
    if error.blame == "unclear":
        others = _to_reporters(outgoing)
        taken_at = last_taken_at(others)
        if letter.refused and letter.tried_at and taken_at and taken_at > letter.tried_at:
            # Others were taken meanwhile.
            return replace(refusal, refused=False)
        # The team's own server refuses the team's own mail: no letter is to blame for that.
        ours = outgoing.store.case(owner) is None or is_one_fault((*in_a_row(others), letter))
    if not ours:
        return refusal
    cause = f"{error}: {REMEDY}"
    return Deferred(at=at, message_id=letter.message_id, cause=cause, retry_at=next_try(letter, at), refused=True)


def _to_reporters(outgoing: Outgoing) -> list[Letter]:
    return [letter for case in outgoing.store.cases() for letter in case.letters]


def _revive(outgoing: Outgoing) -> None:
    """Owe again what was refused for good before it was known that the settings are to blame."""
    at, row = outgoing.clock(), {letter.message_id for letter in in_a_row(_to_reporters(outgoing))}
    for case in outgoing.store.cases():
        for letter in case.letters:
            if letter.message_id in row and letter.state == "failed" and letter.expires_at > at:
                requeued = Requeued(at=at, by="triaged", message_id=letter.message_id, expires_at=letter.expires_at)
                outgoing.under_way.unwritten.append((case.id, requeued))
    _write_down(outgoing)


def _tell(owner: Owner, letter: Letter, outcome: Outcome) -> None:
    facts = {"owner": str(owner), "purpose": letter.purpose, "outcome": outcome.kind}
    match outcome:
        case Submitted():
            log.info("letter tried", **facts)
        case Deferred(at=at, cause=cause, retry_at=retry_at):
            log.warning("letter tried", **facts, cause=cause, again_in_seconds=round((retry_at - at).total_seconds()))
        case Failed(reason=reason):
            log.warning("letter tried", **facts, cause=reason)


def _given_up(outgoing: Outgoing, owner: Owner, letter: Letter, now: datetime) -> Failed | None:
    """The final failure, if this letter must not be tried again."""
    in_doubt = letter.state == "submitting"
    if in_doubt and (outgoing.on_uncertain == "hold" or letter.expires_at <= now):
        return Failed(at=now, message_id=letter.message_id, reason=_CRASHED, uncertain=True)
    if reason := _overtaken(outgoing, owner, letter, now):
        return Failed(at=now, message_id=letter.message_id, reason=f"not sent: {reason}", uncertain=in_doubt)
    # A daemon that was down past the date has not tried it yet: it is tried once.
    if letter.expires_at <= now and letter.tries:
        reason = f"given up after {counted(letter.tries, 'try', 'tries')}; the last answer: {letter.reason or 'none'}"
        return Failed(at=now, message_id=letter.message_id, reason=reason)
    return None


def _overtaken(outgoing: Outgoing, owner: Owner, letter: Letter, now: datetime) -> str:
    case = outgoing.store.case(owner) if letter.purpose in {"update", "reminder"} else None
    if case is None:
        return ""
    if letter.purpose == "reminder":
        return reminding.overtaken(case, outgoing.house)
    return overtaken(case, letter, outgoing.house, now)
