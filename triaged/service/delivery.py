"""Handing in what is owed: the intent is durable before the first SMTP byte, the outcome after the answer.

The caps are kept here, where mail leaves. A letter for which they have no room waits for its turn (`turns`). The daemon does
this on a thread of its own, because a server may take ten minutes to answer.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

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
Waiting = tuple[Owner, Letter]
_InFlight = tuple[Owner, Letter, Failed | None]
"""A letter that is on its way or, with its failure, must not be tried again."""
_Answered = tuple[Owner, Letter, str | TryLater | Refused | Failed]

REFUSALS_IN_A_ROW = 3
_LOOKED_AT = 64
"""Letters looked at in one turn at the store: in a flood most of them are held back."""
_RECORDED_EVERY = timedelta(seconds=1)
_NOT_TRIED = TryLater("it was not handed in: the server had refused the letters before it, or triaged was stopped")
_CRASHED = (
    "triaged ended between handing it in and the server's answer: look in the server's log before sending it again"
)


def _never() -> bool:
    return False


def deliver(outgoing: Outgoing, *, replaced: Callable[[], bool] = _never, news: Callable[[], bool] = _never) -> int:
    """Try every letter that is due and return how many were submitted.

    The pass ends after a few temporary refusals in a row: a server that is down is asked again by the next pass. A refused
    login ends it at once, and no letter is tried until its pause is over. Both callables are asked between two flights:
    the pass ends when new settings have `replaced` this room, and, unless the server has just refused a letter, for `news`
    of others that may come first.

    Several letters are in flight together, once the server has taken one. The turn at the store is held to read and to
    record, and never while the server is waited for.
    """
    with outgoing.turn():
        _write_down(outgoing)
        turns = Turns(outgoing)
        waiting = deque(turns.in_order())
    submitted = refusals = 0
    takes = False
    while waiting and not (_rests(outgoing, refusals) or replaced() or (news() and not refusals)):
        flight = _taken_off(outgoing, turns, waiting, outgoing.in_flight if takes else 1)
        outcomes = _flown(outgoing, turns, flight, refusals)
        submitted += sum(outcome.kind == "submitted" for outcome in outcomes)
        refusals = _in_a_row(refusals, outcomes)
        takes = outcomes[-1].kind == "submitted" if outcomes else takes
    return submitted


def _rests(outgoing: Outgoing, refusals: int) -> bool:
    """True if the server must not be asked now."""
    quiet = outgoing.patience.is_quiet(outgoing.clock())
    return outgoing.stopping() or refusals >= REFUSALS_IN_A_ROW or quiet


def _in_a_row(refusals: int, outcomes: Sequence[Outcome]) -> int:
    """How many temporary refusals there are in a row after these outcomes."""
    for outcome in outcomes:
        refusals = refusals + 1 if outcome.kind == "deferred" else 0
    return refusals


def _taken_off(outgoing: Outgoing, turns: Turns, waiting: deque[Waiting], most: int) -> list[_InFlight]:
    """Take at most so many of the letters that wait and note, in one durable write, that they are on their way.

    One that must not be tried again is among them, with its failure.
    """
    flight: list[_InFlight] = []
    with outgoing.turn(), outgoing.store.group():
        for _ in range(min(len(waiting), max(most, _LOOKED_AT))):
            owner, letter = waiting[0]
            # What is in flight may come back: only then is it known if this one has room.
            if len(flight) >= most or (flight and turns.must_wait(owner, letter)):
                break
            waiting.popleft()
            if _has_changed(outgoing, owner, letter) or not letter.due(outgoing.clock()):
                continue
            if turns.kept_back(owner, letter):
                continue
            failed = _given_up(outgoing, owner, letter, outgoing.clock())
            if failed is None:
                outgoing.store.letter_event(owner, Submitting(at=outgoing.clock(), message_id=letter.message_id))
            turns.takes_off(letter)
            flight.append((owner, letter, failed))
    crash_point("submitting-recorded")
    return flight


def _flown(outgoing: Outgoing, turns: Turns, flight: Sequence[_InFlight], refusals: int) -> list[Outcome]:
    """What became of these letters, recorded. One is left out if nobody knows yet, because the process ends.

    Outcomes are recorded together, at the latest after a second: what the server has taken and nobody has recorded goes out
    again after a kill. A refusal is recorded at once, for it decides whether the server is asked again.
    """
    outcomes: list[Outcome] = []
    answered: list[_Answered] = []
    since = outgoing.clock()
    for owner, letter, failed in flight:
        rests = failed is None and _rests(outgoing, _in_a_row(refusals, outcomes))
        answer = failed or (_NOT_TRIED if rests else _handed_in(outgoing, letter))
        outgoing.alive()
        if isinstance(answer, TryLater) and answer.uncertain and outgoing.stopping():
            # It stays as it is, `submitting`: the next start does with it what `on_uncertain` says.
            log.warning("letter left in doubt, because the daemon stops", owner=str(owner), purpose=letter.purpose)
            continue
        answered.append((owner, letter, answer))
        if not isinstance(answer, str) or outgoing.clock() - since >= _RECORDED_EVERY:
            outcomes += _recorded(outgoing, turns, answered)
            answered, since = [], outgoing.clock()
    return outcomes + _recorded(outgoing, turns, answered)


def _recorded(outgoing: Outgoing, turns: Turns, answered: Sequence[_Answered]) -> list[Outcome]:
    """Record what these answers mean, in one durable write. On a full disk it waits, and nothing goes out again meanwhile."""
    if not answered:
        return []
    outcomes: list[Outcome] = []
    unwritten = outgoing.under_way.unwritten
    with outgoing.turn():
        with outgoing.store.group():
            for owner, letter, answer in answered:
                outcome = _outcome(outgoing, owner, letter, answer)
                turns.tried(letter, outcome)
                outcomes.append(outcome)
                unwritten.append((owner, outcome))
                outgoing.store.letter_event(owner, outcome)
                if outcome.kind == "deferred" and outcome.refused and outgoing.store.case(owner):
                    _revive(outgoing)
        unwritten.clear()
        crash_point("outcome-recorded")
    for (owner, letter, _), outcome in zip(answered, outcomes, strict=True):
        _tell(owner, letter, outcome)
    return outcomes


def _has_changed(outgoing: Outgoing, owner: Owner, letter: Letter) -> bool:
    """True if something has befallen it since the pass began: the next pass sees it as it is then."""
    if isinstance(owner, ToTeam):
        return all(each != letter for _, each in outgoing.store.owed())
    case = outgoing.store.case(owner)
    return case is not None and letter not in case.letters


def _write_down(outgoing: Outgoing) -> None:
    """Record every outcome not recorded yet."""
    unwritten = outgoing.under_way.unwritten
    if unwritten:
        with outgoing.store.group():
            for owner, event in unwritten:
                outgoing.store.letter_event(owner, event)
        unwritten.clear()


def _handed_in(outgoing: Outgoing, letter: Letter) -> str | TryLater | Refused:
    """The server's answer, good or bad. It may take its time: no turn is held in here."""
    try:
        return outgoing.submission.submit(letter)
    except (TryLater, Refused) as error:
        return error


def _outcome(outgoing: Outgoing, owner: Owner, letter: Letter, answer: str | TryLater | Refused | Failed) -> Outcome:
    if isinstance(answer, Failed):
        return answer
    if answer is _NOT_TRIED:
        now = outgoing.clock()
        return Deferred(at=now, message_id=letter.message_id, cause=str(answer), retry_at=now)
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
                outgoing.store.letter_event(case.id, requeued)


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
