"""The fold: a case from the events that happened to it, and the case after more of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import assert_never

from triaged.core.case.case import Case, Pause
from triaged.core.case.events import (
    Answered,
    Assessed,
    AtDoor,
    AuthorityNotified,
    Closed,
    Copied,
    CreditAgreed,
    DisclosureAgreed,
    Erased,
    Event,
    ExploitConfirmed,
    ExploitDismissed,
    ExploitSuspected,
    FixAvailable,
    HoldPlaced,
    HoldReleased,
    LetterEvent,
    MailEvent,
    MarkedDuplicate,
    Noted,
    OpenedByHand,
    Owed,
    OwnerSet,
    Received,
    Reopened,
    Replied,
    SaidSame,
    Scanned,
    ScopeSet,
    SeveritySet,
    Submitted,
    TeamEvent,
    TeamWrote,
    Triaged,
    Undone,
    Waiting,
    Withheld,
)
from triaged.core.case.exploitation import exploitation
from triaged.core.case.outbox import Letter, after
from triaged.core.case.undoing import in_force


def fold(case_id: str, events: Iterable[Event]) -> Case:
    """The case that these events make; ValueError when they do not begin with a `Received`."""
    history = tuple(events)
    if not history or not isinstance(history[0], Received):
        raise ValueError(f"{case_id}: a case begins with the mail that opens it")
    return folded_on(Case(case_id, (), opening=history[0], mails=()), history)


def folded_on(case: Case, events: Sequence[Event]) -> Case:
    """The case after these further events; costs what they are, not what happened before, unless one takes a decision back."""
    history = (*case.history, *events)
    if any(isinstance(event, Undone) for event in events):
        counting = in_force(history)
        return reduce(_after, counting, Case(case.id, history, opening=case.opening, mails=(), in_force=counting))
    # One tuple serves both until something is taken back.
    counting = history if len(case.in_force) == len(case.history) else (*case.in_force, *events)
    return reduce(_after, events, replace(case, history=history, in_force=counting))


def _after(case: Case, event: Event) -> Case:
    if isinstance(event, LetterEvent):
        return _after_letter(case, event)
    return _after_mail(case, event) if isinstance(event, MailEvent) else _after_decision(case, event)


def _after_mail(case: Case, event: MailEvent) -> Case:  # noqa: PLR0911 - one arm an event: the checker finds the forgotten one
    match event:
        case Received():
            return replace(case if event.idle else _resumed(case, event.at), mails=(*case.mails, event))
        case Assessed(report=report):
            return replace(case, report=report)
        case AtDoor():
            return replace(case, door=case.door or event)
        case Scanned():
            return replace(case, scans=(*case.scans, event))
        case ExploitSuspected():
            return replace(case, exploitation=exploitation(case.exploitation, event))
        case Erased():
            return replace(case, erasures=(*case.erasures, event))
        case Copied() | TeamWrote():
            return case
        case _:
            assert_never(event)


def _after_letter(case: Case, event: LetterEvent) -> Case:
    letters = after(case.letters, event)
    match event:
        case Withheld(message_id=message_id):
            withheld = event if _of_acknowledgment(case, message_id) else case.withheld
            return replace(case, withheld=withheld, letters=letters)
        case Submitted(at=at, message_id=message_id) if _is_reply(letters, message_id):
            # A person's letter is their answer from when the server has it.
            return replace(case, letters=letters, answered_at=(*case.answered_at, at))
        case _:
            return replace(case, letters=letters)


def _after_decision(case: Case, event: TeamEvent) -> Case:  # noqa: C901, PLR0911, PLR0912 - one arm an event: the checker finds the forgotten one
    match event:
        case Noted() | OpenedByHand() | Undone():
            return case
        case Answered(at=at):
            return replace(case, answered_at=(*case.answered_at, at), untold=False)
        case Replied():
            return _replied(case, event)
        case Triaged():
            return _triaged(case, event)
        case ScopeSet(scope=scope):
            return replace(case, scope_set=scope)
        case SeveritySet(severity=severity):
            return replace(case, severity=severity)
        case OwnerSet(owner=owner):
            return replace(case, owner=owner)
        case Waiting(at=at):
            return case if case.waiting else replace(case, pauses=(*case.pauses, Pause(at)))
        case ExploitConfirmed() | ExploitDismissed():
            return replace(case, exploitation=exploitation(case.exploitation, event))
        case FixAvailable(at=at):
            return replace(case, fixed_at=case.fixed_at or at)
        case AuthorityNotified():
            return replace(case, notified=(*case.notified, event))
        case CreditAgreed():
            return replace(case, credit=event)
        case DisclosureAgreed():
            return replace(case, disclosure=event)
        case SaidSame(of=of):
            return replace(case, same_as=tuple(dict.fromkeys((*case.same_as, of))))
        case HoldPlaced():
            return replace(case, hold=event)
        case HoldReleased():
            return replace(case, hold=None)
        case MarkedDuplicate(at=at, of=of, tell=tell):
            closed = _closed(case, at, f"duplicate of {of}")
            return replace(closed, duplicate_of=of, untold=tell)
        case Closed(at=at, reason=reason, tell=tell):
            return replace(_closed(case, at, reason), untold=tell)
        case Reopened(at=at):
            return replace(_resumed(case, at), closed_at=None, closing="", duplicate_of=None, untold=False)
        case _:
            assert_never(event)


def _replied(case: Case, event: Replied) -> Case:
    case = replace(case, untold=False)
    if event.close:
        return _closed(case, event.at, event.close)
    if event.wait and not case.waiting:
        return replace(case, pauses=(*case.pauses, Pause(event.at)))
    return case


def _closed(case: Case, at: datetime, reason: str) -> Case:
    return replace(_resumed(case, at), closed_at=at, closing=reason)


def _triaged(case: Case, event: Triaged) -> Case:
    return replace(
        _resumed(case, event.at),
        triaged_at=case.triaged_at or event.at,
        severity=event.severity or case.severity,
        owner=case.owner if event.owner is None else event.owner,
    )


def _is_reply(letters: Sequence[Letter], message_id: str) -> bool:
    return any(letter.message_id == message_id and letter.purpose == "reply" for letter in letters)


def _of_acknowledgment(case: Case, message_id: str | None) -> bool:
    letters = (event for event in case.history if isinstance(event, Owed) and event.message_id == message_id)
    return all(letter.purpose == "acknowledgment" for letter in letters)


def _resumed(case: Case, at: datetime) -> Case:
    if not case.waiting:
        return case
    return replace(case, pauses=(*case.pauses[:-1], replace(case.pauses[-1], until=at)))
