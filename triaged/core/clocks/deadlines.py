"""What is promised on a case and when it is due: computed from its history and the policy, never stored.

`clocks` says when a promise starts to count and what meets it; `counting` computes its length. A pause delays the promises
that the policy calls pausable; an open pause delays them by its length so far. When the severity or the policy changes,
every due time is recomputed from the history, with the same pauses.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from triaged.core.case.case import Case, Pause
from triaged.core.clocks.clocks import counts_from, met_at, why
from triaged.core.clocks.counting import Stretch, span_end, total
from triaged.core.policy.calendar import Calendar
from triaged.core.policy.policy import Policy
from triaged.core.policy.promises import OnBreach, Promise, PromiseName, is_statutory
from triaged.core.policy.spans import written

DeadlineState = Literal["pending", "met", "missed", "paused"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """One promise on one case."""

    name: PromiseName
    due: datetime
    """UTC."""
    state: DeadlineState
    """A `missed` deadline with a `met_at` was met late; without one it is overdue."""
    met_at: datetime | None
    rule: str
    """How `due` was computed, so that a reader can check it: `48 hours from 2026-11-20 17:05 UTC`."""
    warn_at: tuple[datetime, ...] = ()
    """The instants before `due` at which the team is warned, in order; they move along with `due`."""
    warned: bool = False
    """True if it is still owed and a warning mark has passed."""
    on_breach: OnBreach = "overdue"
    suspected: bool = False
    """True if it rests on a mere suspicion, which a person has to confirm or dismiss."""

    @property
    def overdue(self) -> bool:
        """True if it is late and still owed."""
        return self.state == "missed" and self.met_at is None

    @property
    def owed(self) -> bool:
        """True if somebody still has to meet it."""
        return self.met_at is None and self.state != "met"


def deadlines(case: Case, policy: Policy, now: datetime) -> tuple[Deadline, ...]:
    """Every promise on this case that has started, in its state at `now`, in the policy's order."""
    return tuple(_begun(case, policy.promises, policy.calendar, now))


def outstanding(case: Case, policy: Policy, now: datetime) -> tuple[Deadline, ...]:
    """The deadlines still owed. Once a case is closed only the statutory ones stay: closing it does not lift a legal duty."""
    promises = policy.promises
    if case.closed_at is not None:
        promises = tuple(promise for promise in promises if case.exploitation and is_statutory(promise.name))
    return tuple(deadline for deadline in _begun(case, promises, policy.calendar, now) if deadline.owed)


def overdue(case: Case, policy: Policy, now: datetime) -> bool:
    """True if any promise on this case is late, still owed, and not merely shown."""
    return any(each.overdue and each.on_breach != "show" for each in outstanding(case, policy, now))


def critical(case: Case, policy: Policy, now: datetime) -> tuple[Deadline, ...]:
    """The critical deadlines (by policy) that are still owed and have passed a warning mark or their due time."""
    owed = outstanding(case, policy, now)
    return tuple(each for each in owed if each.on_breach == "critical" and (each.warned or each.overdue))


def _begun(case: Case, promises: Iterable[Promise], calendar: Calendar, now: datetime) -> Iterator[Deadline]:
    for promise in promises:
        applied = calendar.instead(promise.calendar)
        if start := counts_from(case, promise, applied):
            yield _deadline(case, promise, start, applied, now)


def _deadline(case: Case, promise: Promise, start: datetime, calendar: Calendar, now: datetime) -> Deadline:
    met = met_at(case, promise.name)
    paused = _paused(case.pauses, start, met or now) if promise.pausable else ()
    due = span_end(start, promise.length(case.severity), calendar, paused)
    marks = tuple(sorted(due - mark for mark in promise.warn))
    state = _state(due, met, now, held=promise.pausable and case.waiting)
    return Deadline(
        name=promise.name,
        due=due,
        state=state,
        met_at=met,
        rule=_rule(case, promise, start, calendar, total(paused)),
        warn_at=marks,
        warned=met is None and state != "paused" and any(mark <= now for mark in marks),
        on_breach=promise.on_breach,
        suspected=_suspected(case, promise),
    )


def _suspected(case: Case, promise: Promise) -> bool:
    known = case.exploitation
    return is_statutory(promise.name) and known is not None and known.standing == "suspected"


def _rule(case: Case, promise: Promise, start: datetime, calendar: Calendar, paused: timedelta) -> str:
    when = f"{start.astimezone(calendar.timezone):%Y-%m-%d %H:%M %Z}"
    length = promise.length(case.severity)
    rule = f"{written(length)} from {when}" if length else when
    if begun_by := why(case, promise, start):
        rule += f" ({begun_by})"
    if paused:
        rule += f", {in_words(paused)} of waiting for the reporter not counted"
    return f"{rule}, {promise.source}" if promise.source else rule


def _state(due: datetime, met: datetime | None, now: datetime, *, held: bool) -> DeadlineState:
    if met is not None:
        return "met" if met <= due else "missed"
    if now > due:
        return "missed"
    return "paused" if held else "pending"


def _paused(pauses: Iterable[Pause], start: datetime, until: datetime) -> tuple[Stretch, ...]:
    """The parts of the stretch that were spent waiting for the reporter; time that two pauses share counts once."""
    found = []
    # Pauses may overlap: a decision made while the daemon was busy is recorded after the events that followed it.
    for pause in sorted(pauses, key=lambda pause: pause.since):
        begin, end = max(pause.since, start), min(pause.until or until, until)
        if begin < end:
            found.append((begin, end))
            start = end
    return tuple(found)


def in_words(span: timedelta) -> str:
    """A length of time in days, hours and minutes, exact enough to check `rule` with: `3 d 5 h`."""
    minutes = span // timedelta(minutes=1)
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "under a minute"
