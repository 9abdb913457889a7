"""Take back a person's last decision, as long as nothing final followed from it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from triaged.core.case.case import Case
from triaged.core.case.events import (
    Answered,
    AuthorityNotified,
    Event,
    Noted,
    OpenedByHand,
    Owed,
    Replied,
    Requeued,
    StatutoryEvent,
    Submitting,
    TeamEvent,
    TeamWrote,
    Undone,
)
from triaged.core.case.undoing import places_in_force
from triaged.core.commands.command import NO_REASON, FindExploited
from triaged.core.commands.writing import typed
from triaged.core.deciding.decided import By, Decided, No

_NOT_PEOPLE = frozenset({"reporter", "triaged"})
"""Values of `by` for events that no person decided."""


def undo(case: Case, by: By, now: datetime) -> Decided | No:
    """Take back the last decision of a person that still counts."""
    place = _last_place(case.history)
    if place is None:
        return No(f"{case.id}: nobody has decided anything on it that could be taken back")
    decision = case.history[place]
    if why := next(_final(case, place), ""):
        return No(f"{case.id}: {_named(decision)} cannot be taken back: {why}")
    undone = Undone(at=now, by=by.shown, decision=decision.kind, decided_at=decision.at)
    return Decided((undone,), f"taken back: {_named(decision)}")


def _last_place(history: Sequence[Event]) -> int | None:
    """The position of that decision in the history."""
    return next((place for place in reversed(places_in_force(history)) if _by_a_person(history[place])), None)


def _by_a_person(event: Event) -> bool:
    return isinstance(event, TeamEvent | Requeued) and event.by not in _NOT_PEOPLE


def _final(case: Case, place: int) -> Iterator[str]:
    """Why the decision at that position in the history is final; empty if it is not."""
    decision, before, later = case.history[place], case.history[place - 1], case.history[place + 1 :]
    match decision:
        case OpenedByHand():
            yield "the case is made of a mail that had been set aside; close it instead"
        case Answered() if isinstance(before, TeamWrote):
            yield "the mail that a colleague wrote to the reporter has been sent"
        case Replied():
            yield "the letter to the reporter is on its way"
        case Noted():
            return
        case Requeued(message_id=message_id):
            yield from _handed_in(case, later, frozenset({message_id}))
        case _:
            pass
    yield from _handed_in(case, later, frozenset(event.message_id for event in later if isinstance(event, Owed)))
    if isinstance(decision, StatutoryEvent) and not isinstance(decision, AuthorityNotified):
        yield from (_told(case, event) for event in later if isinstance(event, AuthorityNotified))


def _handed_in(case: Case, later: Sequence[Event], letters: frozenset[str]) -> Iterator[str]:
    """The letters that were written after or because of the decision and that have left for the mail server."""
    purposes = {letter.message_id: letter.purpose for letter in case.letters}
    for event in later:
        if isinstance(event, Submitting) and event.message_id in letters:
            yield f"the {purposes.get(event.message_id, 'letter')} that followed it went to the mail server at {_at(event)}"


def _told(case: Case, event: AuthorityNotified) -> str:
    dismiss = typed(case.id, FindExploited("dismiss", NO_REASON))
    return f"at {_at(event)} the authority was told ({event.duty}); if it is not exploited: {dismiss}"


def _named(decision: Event) -> str:
    return f"'{decision.kind}' of {_at(decision)}"


def _at(event: Event) -> str:
    return f"{event.at:%Y-%m-%d %H:%M} UTC"
