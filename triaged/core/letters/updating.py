"""The automatic message to a reporter that their case is still being worked on: when it is owed, and whether it is still true.

A machine may say so only if it is so: on an open case that a person has taken up, to a reporter whom our border verified.
After a few updates without a person's answer it stops: updates must not hide that nobody answers.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from triaged.core.case.case import Case
from triaged.core.case.events import Answered, Owed, Reopened, Replied, TeamEvent
from triaged.core.case.folding import folded_on
from triaged.core.case.outbox import Letter
from triaged.core.clocks.clocks import last_word, persons_word
from triaged.core.clocks.deadlines import deadlines
from triaged.core.letters.caps import Room, Sent
from triaged.core.letters.house import House
from triaged.core.letters.reply import Reminder, Update
from triaged.core.policy.policy import Policy

_LEAD = timedelta(hours=30)
"""Longer than the shipped policy's warning to the team: an update that will be sent in time needs no alert."""
_SHARE = 4
"""The divisor of each cap for updates: many due at once must not use up what acknowledgments need."""
_WORKED_ON = frozenset({"model", "infrastructure", "sdk", "unclear"})


def update(case: Case, house: House, now: datetime) -> Update | None:
    """The update that is owed on this case now; the caps may still hold it back."""
    if _objection(case, house) or _had_its_turn(case, house.updates_in_a_row):
        return None
    since, due = last_word(case), _due(case, house.policy, now)
    # If the promise is short, half of its time is left to the team.
    if now < max(due - _LEAD, since + (due - since) / 2):
        return None
    return Update(
        case_id=case.id,
        number=len(case.updates) + 1,
        to=case.reporter.address,
        in_reply_to=case.mails[-1].message_id,
        received_at=case.received_at,
        due=due,
        next_due=due_after(case, house.policy, now, now),
        away=house.away_at(now),
        reference=case.door.reference if case.door else "",
    )


def within_caps(update: Update | Reminder, sent: Sequence[Sent], house: House, now: datetime) -> bool:
    """True if it may go out beside the mails to reporters that have left or are owed; if not, it is owed later."""
    return not Room(sent, house.caps.share(_SHARE), now).objection(update.to)


def overtaken(case: Case, letter: Letter, house: House, now: datetime) -> str:
    """Why an update that is owed must not be sent any more; empty if it may. Hours may have passed since it was owed."""
    if not house.updates_in_a_row:
        return "automatic updates are switched off"
    if objection := _objection(case, house):
        return objection
    if _written_since(case, letter):
        return "a person has written since"
    if due_after(case, house.policy, letter.owed_at, now) <= now:
        return "the date that it names has passed"
    return ""


def _objection(case: Case, house: House) -> str:
    """What speaks against saying that this case is being worked on; what costs least to know stands first."""
    return "its reporter was erased" if case.erased_at else next(_objections(case, house), "")


def _objections(case: Case, house: House) -> Iterator[str]:
    if case.closed_at is not None:
        yield "the case is closed"
    if case.waiting:
        yield "the reporter is awaited"
    if case.sorted_as not in _WORKED_ON:
        yield "it is out of scope, or no report"
    if house.trust.authserv_id is None or case.reporter.verdict != "verified" or not case.reporter.address:
        yield "its reporter is not verified"
    if not _taken_up(case):
        yield "nobody has taken it up"
    if case.acknowledgment is None or case.acknowledgment.state != "submitted":
        yield "its acknowledgment did not go out"
    if any(_failed(letter) for letter in case.letters):
        yield "a mail to its reporter failed"


def _taken_up(case: Case) -> bool:
    """True if a person works on it. After its reporter reopened it, a person must have looked again."""
    for event in reversed(case.in_force):
        if isinstance(event, Reopened) and event.by == "reporter":
            return False
        if isinstance(event, TeamEvent):
            return bool(case.owner) or case.triaged_at is not None
    return False


def _failed(letter: Letter) -> bool:
    # An update that was overtaken before its first try is no evidence about the address.
    return letter.state in {"failed", "uncertain"} and letter.tries > 0


def _written_since(case: Case, letter: Letter) -> bool:
    """Judged by the order of the history: an action from before the update may be recorded after it."""
    for event in reversed(case.in_force):
        if isinstance(event, Answered | Replied):
            return True
        if isinstance(event, Owed) and event.message_id == letter.message_id:
            return False
    return False


def _had_its_turn(case: Case, in_a_row: int) -> bool:
    """True if the last message had its update, whatever became of it, or too many updates went without a person's answer."""
    since, silent_since = last_word(case), persons_word(case)
    waiting = any(letter.state != "submitted" and letter.owed_at >= since for letter in case.updates)
    return waiting or sum(letter.owed_at >= silent_since for letter in case.updates) >= in_a_row


def _due(case: Case, policy: Policy, now: datetime) -> datetime:
    return next(deadline.due for deadline in deadlines(case, policy, now) if deadline.name == "update")


def due_after(case: Case, policy: Policy, word_at: datetime, now: datetime) -> datetime:
    """When the next update is due after a word at that time: the very deadline that is then tracked."""
    return _due(folded_on(case, [Answered(at=word_at, by="")]), policy, now)
