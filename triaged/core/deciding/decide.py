"""The one place that judges a person's command on a case: it returns events, or a sentence that says why not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never, get_args

from triaged.core.case.case import Case
from triaged.core.case.clusters import Ties
from triaged.core.case.events import (
    Answered,
    AuthorityNotified,
    Closed,
    ExploitConfirmed,
    ExploitDismissed,
    FixAvailable,
    HoldPlaced,
    HoldReleased,
    MarkedDuplicate,
    Noted,
    OwnerSet,
    Reopened,
    SaidSame,
    ScopeSet,
    SeveritySet,
    TeamDecision,
    Triaged,
    Waiting,
)
from triaged.core.commands.command import (
    ME,
    NO_REASON,
    NO_SCOPE,
    AddNote,
    AgreeDisclosure,
    AwaitReporter,
    Close,
    Command,
    Credit,
    FindExploited,
    MarkDuplicate,
    PlaceHold,
    RecordAnswer,
    RecordFix,
    RecordNotified,
    ReleaseHold,
    Reopen,
    Resend,
    SayTheSame,
    ScopeOrBlank,
    SetOwner,
    SetScope,
    SetSeverity,
    Triage,
    Undo,
)
from triaged.core.commands.writing import typed
from triaged.core.deciding.crediting import credit
from triaged.core.deciding.decided import By, Decided, No
from triaged.core.deciding.disclosing import disclose
from triaged.core.deciding.naming import meant
from triaged.core.deciding.replying import unreachable
from triaged.core.deciding.resending import resend
from triaged.core.deciding.undo import undo
from triaged.core.letters.house import House
from triaged.core.policy.rules import ScopeName
from triaged.core.text import visible

_OWNER = 60


@dataclass(frozen=True, slots=True)
class Around:
    """The context of a decision, apart from the case itself."""

    house: House
    ids: Iterable[str] = ()
    """Of every case, for commands that name another one."""
    ties: Ties = field(default_factory=dict)
    """Which cases were said to be of one flaw, for commands on all of them."""


def decide(command: Command, case: Case, by: By, now: datetime, around: Around) -> Decided | No:  # noqa: C901, PLR0911, PLR0912 - one arm per command: the type checker finds the missing one
    """Return what the command does to the case at `now`, or why it is refused."""
    who = by.shown
    match command:
        case Triage(severity=severity, owner=owner):
            named = None if owner is None else _owner(owner, by)
            return _done(Triaged(at=now, by=who, severity=severity, owner=named), _triaged_as(severity, named))
        case SetScope(scope=scope):
            return _scope(scope, case, by, now)
        case SetSeverity(severity=severity):
            return _done(SeveritySet(at=now, by=who, severity=severity), f"severity {severity}")
        case SetOwner(owner=owner):
            named = _owner(owner, by)
            return _done(OwnerSet(at=now, by=who, owner=named), f"owner {named or 'nobody'}")
        case AwaitReporter():
            return _waiting(case, by, now)
        case RecordAnswer():
            return _done(Answered(at=now, by=who), "answered by hand")
        case AddNote(text=text):
            return _unsaid(text, case, "what to note") or _done(Noted(at=now, by=who, text=text), "noted")
        case MarkDuplicate(of=of):
            return _duplicate(of, case, by, now, around.ids)
        case SayTheSame(of=of):
            return _same(of, case, by, now, around.ids)
        case Close():
            return _close(command, case, by, now)
        case Reopen():
            return _done(Reopened(at=now, by=who), "open again")
        case FindExploited():
            return _exploited(command, case, by, now)
        case Credit():
            return credit(command, case, by, now)
        case AgreeDisclosure():
            return disclose(command, case, by, now, around.house.policy.calendar)
        case RecordNotified(duty=duty):
            told = _done(AuthorityNotified(at=now, by=who, duty=duty), f"{duty} is done")
            return _unsuspected(case) or told
        case RecordFix():
            return _done(FixAvailable(at=now, by=who), "a fix is available")
        case PlaceHold(reason=reason):
            unsaid = _unsaid(reason, case, "why it must be kept")
            return unsaid or _done(HoldPlaced(at=now, by=who, reason=reason), "on hold; nothing of it is erased")
        case ReleaseHold():
            return _released(case, by, now)
        case Resend():
            return resend(command, case, by, now, around.house)
        case Undo():
            return undo(case, by, now)
        case _:
            assert_never(command)


def _done(event: TeamDecision, said: str) -> Decided:
    return Decided((event,), said)


def _owner(written: str, by: By) -> str:
    return visible(by.me if written.strip().casefold() == ME else written, _OWNER)


def _triaged_as(severity: str | None, owner: str | None) -> str:
    also = [f"severity {severity}"] if severity else []
    return ", ".join(["triaged", *also, *([] if owner is None else [f"owner {owner or 'nobody'}"])])


def _unsaid(text: str, case: Case, what: str) -> No | None:
    """Refuse words that say nothing: empty ones, or the dots that a hint leaves for them."""
    if text.strip() not in {"", NO_REASON, "…"}:
        return None
    return No(f"{case.id}: say {what}, in words of your own")


def _scope(scope: ScopeOrBlank, case: Case, by: By, now: datetime) -> Decided | No:
    if scope == NO_SCOPE:
        return No(f"{case.id}: write in place of {NO_SCOPE} one of {', '.join(get_args(ScopeName))}")
    return _done(ScopeSet(at=now, by=by.shown, scope=scope), f"scope {scope}")


def _waiting(case: Case, by: By, now: datetime) -> Decided | No:
    if case.closed_at is not None:
        return No(f"{case.id} is closed, and nothing is waited for; first: {typed(case.id, Reopen())}")
    return _done(Waiting(at=now, by=by.shown), "waiting for the reporter")


def _released(case: Case, by: By, now: datetime) -> Decided | No:
    if case.hold is None:
        return No(f"{case.id} is not on hold")
    return _done(HoldReleased(at=now, by=by.shown), "released; it may be erased again")


def _duplicate(of: str, case: Case, by: By, now: datetime, ids: Iterable[str]) -> Decided | No:
    found = meant(of, ids)
    if isinstance(found, No):
        return found
    if found == case.id:
        return No(f"{case.id} cannot be a duplicate of itself")
    event = MarkedDuplicate(at=now, by=by.shown, of=found, tell=_hears_of_it(case))
    return _done(event, f"duplicate of {found}{_tell(case, event)}")


def _close(command: Close, case: Case, by: By, now: datetime) -> Decided | No:
    unsaid = _unsaid(command.reason, case, "why it is closed")
    if command.silent is not None:
        unsaid = unsaid or _unsaid(command.silent, case, "why the reporter is not told")
    if unsaid:
        return unsaid
    silent = (command.silent or "").strip()
    tell = not silent and _hears_of_it(case)
    event = Closed(at=now, by=by.shown, reason=command.reason, tell=tell, silent=silent)
    return _done(event, f"closed{_tell(case, event)}")


def _hears_of_it(case: Case) -> bool:
    """True if the end of the case is to be told: to whoever has had a word of ours, and can be written to."""
    return bool(case.words_at) and not unreachable(case)


def _tell(case: Case, event: Closed | MarkedDuplicate) -> str:
    return f"; the reporter is still to be told: triaged reply {case.id}" if event.tell else ""


def _same(of: str, case: Case, by: By, now: datetime, ids: Iterable[str]) -> Decided | No:
    found = meant(of, ids)
    if isinstance(found, No):
        return found
    if found == case.id:
        return No(f"{case.id} is the same as itself; name another case")
    if found in case.same_as:
        return No(f"{case.id} was said to be the same as {found} already")
    return _done(SaidSame(at=now, by=by.shown, of=found), f"the same flaw as {found}")


def _exploited(command: FindExploited, case: Case, by: By, now: datetime) -> Decided | No:
    if unsaid := _unsaid(command.reason, case, "how you know"):
        return unsaid
    if command.finding == "confirm":
        known = case.exploitation
        aware = f"{known.aware_at if known else now:%Y-%m-%d %H:%M} UTC"
        event = ExploitConfirmed(at=now, by=by.shown, reason=command.reason)
        return _done(event, f"exploitation confirmed; statutory clocks count from {aware}")
    dismissed = _done(ExploitDismissed(at=now, by=by.shown, reason=command.reason), "exploitation dismissed")
    return _unsuspected(case) or dismissed


def _unsuspected(case: Case) -> No | None:
    if case.exploitation is not None and case.exploitation.standing != "dismissed":
        return None
    remedy = f"if you know it is, say so: {typed(case.id, FindExploited('confirm', NO_REASON))}"
    return No(f"{case.id} is not said to be exploited; {remedy}")
