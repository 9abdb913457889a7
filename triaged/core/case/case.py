"""A case is the fold of its events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import Literal, assert_never

from triaged.core.case.events import (
    NOT_WRITTEN,
    Answered,
    Assessed,
    AtDoor,
    AuthorityNotified,
    Closed,
    Copied,
    CreditAgreed,
    Deferred,
    DisclosureAgreed,
    Erased,
    Event,
    ExploitConfirmed,
    ExploitDismissed,
    ExploitSuspected,
    Failed,
    FixAvailable,
    Held,
    HoldPlaced,
    HoldReleased,
    MarkedDuplicate,
    Noted,
    OpenedByHand,
    Owed,
    OwnerSet,
    Received,
    Reopened,
    Replied,
    Requeued,
    SaidSame,
    Scanned,
    ScopeSet,
    SeveritySet,
    Submitted,
    Submitting,
    TeamWrote,
    Triaged,
    Undone,
    Waiting,
    Withheld,
)
from triaged.core.case.exploitation import Exploitation, exploitation
from triaged.core.case.outbox import Acknowledgment, Letter, after
from triaged.core.case.undoing import in_force
from triaged.core.mail.sender import Sender
from triaged.core.policy.promises import Severity
from triaged.core.policy.rules import ScopeName
from triaged.core.report.report import Report

State = Literal["new", "triaged", "waiting", "closed"]


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which the reporter was awaited; open while `until` is None."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One report and all that happened to it. Made by `fold`, never by hand."""

    id: str
    history: tuple[Event, ...]
    """All that happened, what was taken back too."""
    opening: Received
    """The mail that opened it."""
    mails: tuple[Received, ...]
    in_force: tuple[Event, ...] = field(default=(), compare=False)
    """The history without the decisions that were taken back: what the case is the fold of."""
    letters: tuple[Letter, ...] = ()
    """Every mail ever owed to the reporter, as it stands."""
    report: Report | None = None
    """What the rules read; None when the mail could not be read at all."""
    scope_set: ScopeName | None = None
    """A person's scope, which outranks the rules'."""
    severity: Severity | None = None
    owner: str = ""
    withheld: Withheld | None = None
    scans: tuple[Scanned, ...] = ()
    answered_at: tuple[datetime, ...] = ()
    """When a person wrote to the reporter."""
    triaged_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    closed_at: datetime | None = None
    closing: str = ""
    """Why it was closed."""
    untold: bool = False
    """True if it was closed and its reporter, who has had a word of ours, has not been told."""
    duplicate_of: str | None = None
    same_as: tuple[str, ...] = ()
    """The cases that a person said tell of the same flaw; the word may stand in either case (`clusters`)."""
    exploitation: Exploitation | None = None
    fixed_at: datetime | None = None
    """When a fix or a mitigation was first available."""
    notified: tuple[AuthorityNotified, ...] = ()
    disclosure: DisclosureAgreed | None = None
    """On which day both sides are to publish."""
    credit: CreditAgreed | None = None
    """How the reporter agreed to be credited; None while nobody has asked them."""
    door: AtDoor | None = None
    """Where it waits, if a platform or an authority told us of it."""
    hold: HoldPlaced | None = None
    """Why nothing of it may be erased, while that is so."""
    erasures: tuple[Erased, ...] = ()
    """What was erased of it, and when."""

    @property
    def sorted_as(self) -> str:
        """Its scope, or what it is instead of a report: `not-a-report: legal`."""
        if self.scope_set or self.report is None or self.report.kind == "report":
            return self.scope
        return f"not-a-report: {self.report.kind}"

    @property
    def reporter(self) -> Sender:
        """Who wrote the first mail."""
        return self.opening.sender

    @property
    def erased_at(self) -> datetime | None:
        """When its reporter was erased; None while they are known. Nobody can be written to any more."""
        return next((event.at for event in self.erasures if event.what == "reporter"), None)

    def mail_erased_at(self, sha256: str) -> datetime | None:
        """When that raw mail was erased; None if it was not."""
        return next((event.at for event in self.erasures if sha256 in event.mails), None)

    @property
    def received_at(self) -> datetime:
        """Where the promises count from."""
        return self.opening.received_at

    @property
    def waiting(self) -> bool:
        """True if the reporter is awaited."""
        return bool(self.pauses) and self.pauses[-1].until is None

    @property
    def state(self) -> State:
        """The state in one word, the strongest first."""
        if self.closed_at is not None:
            return "closed"
        if self.waiting:
            return "waiting"
        return "new" if self.triaged_at is None else "triaged"

    @property
    def scope(self) -> ScopeName:
        """A person's word, else the rules', else unclear."""
        return self.scope_set or (self.report.verdict.scope if self.report else "unclear")

    @property
    def updates(self) -> tuple[Letter, ...]:
        """Every automatic update, whatever became of it."""
        return tuple(letter for letter in self.letters if letter.purpose == "update")

    @property
    def acknowledgment(self) -> Acknowledgment | None:
        """What became of the acknowledgment; None in the moment before that is decided."""
        for letter in self.letters:
            if letter.purpose == "acknowledgment":
                state = "owed" if letter.state == "submitting" else letter.state
                room_at = letter.held.not_before if letter.held else None
                at = letter.settled_at or letter.owed_at
                return Acknowledgment(state, letter.reason, at, letter.message_id, room_at)
        if self.withheld is not None:
            return Acknowledgment("withheld", self.withheld.reason, self.withheld.at, None)
        return None

    @property
    def unwritten(self) -> bool:
        """True if the reporter still has no answer because its template failed, and nobody has written by hand."""
        if (
            self.withheld is None
            or self.withheld.sign != NOT_WRITTEN
            or self.closed_at
            or self.answered_at
            or self.erased_at
        ):
            return False
        return not any(letter.purpose == "acknowledgment" for letter in self.letters)

    @property
    def words_at(self) -> tuple[datetime, ...]:
        """Every instant at which the reporter was sent a word, by the machine or by a person, in order."""
        sent = [letter.settled_at for letter in self.letters if letter.state == "submitted" and letter.settled_at]
        return tuple(sorted([*sent, *self.answered_at]))


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


def _after(case: Case, event: Event) -> Case:  # noqa: C901, PLR0911, PLR0912 - one arm an event: the checker finds the forgotten one
    match event:
        case Received():
            return replace(case if event.idle else _resumed(case, event.at), mails=(*case.mails, event))
        case Assessed(report=report):
            return replace(case, report=report)
        case AtDoor():
            return replace(case, door=case.door or event)
        case Withheld(message_id=message_id):
            withheld = event if _of_acknowledgment(case, message_id) else case.withheld
            return replace(case, withheld=withheld, letters=after(case.letters, event))
        case Scanned():
            return replace(case, scans=(*case.scans, event))
        case Submitted():
            return _submitted(case, event)
        case Owed() | Held() | Submitting() | Deferred() | Failed() | Requeued():
            return replace(case, letters=after(case.letters, event))
        case Noted() | OpenedByHand() | Copied() | TeamWrote() | Undone():
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
        case ExploitSuspected() | ExploitConfirmed() | ExploitDismissed():
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
        case Erased():
            return replace(case, erasures=(*case.erasures, event))
        case MarkedDuplicate(at=at, of=of, tell=tell):
            closed = _closed(case, at, f"duplicate of {of}")
            return replace(closed, duplicate_of=of, untold=tell)
        case Closed(at=at, reason=reason, tell=tell):
            return replace(_closed(case, at, reason), untold=tell)
        case Reopened(at=at):
            return replace(_resumed(case, at), closed_at=None, closing="", duplicate_of=None, untold=False)
        case _:
            assert_never(event)


def _submitted(case: Case, event: Submitted) -> Case:
    """A person's letter is their answer from when the server has it."""
    letters = after(case.letters, event)
    left = any(letter.message_id == event.message_id and letter.purpose == "reply" for letter in letters)
    return replace(case, letters=letters, answered_at=(*case.answered_at, event.at) if left else case.answered_at)


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


def _of_acknowledgment(case: Case, message_id: str | None) -> bool:
    letters = (event for event in case.history if isinstance(event, Owed) and event.message_id == message_id)
    return all(letter.purpose == "acknowledgment" for letter in letters)


def _resumed(case: Case, at: datetime) -> Case:
    if not case.waiting:
        return case
    return replace(case, pauses=(*case.pauses[:-1], replace(case.pauses[-1], until=at)))
