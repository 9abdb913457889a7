"""The dated work of each case, by urgency and by owner."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from triaged.core.case.case import Case
from triaged.core.clocks.counting import end_of_next_business_day
from triaged.core.clocks.deadlines import Deadline
from triaged.core.clocks.duties import CONFIRM, DISMISS, duty, settled_by
from triaged.core.commands.command import RecordAnswer, RecordFix
from triaged.core.commands.writing import typed
from triaged.core.deciding.replying import unreachable
from triaged.core.policy.policy import Policy
from triaged.core.policy.promises import DATES, is_statutory
from triaged.core.team.digest.pieces import Pieces
from triaged.core.team.digest.worklist import FEW, Item, Section, Workload, item, length, section
from triaged.core.team.listing import NOBODY, Standing
from triaged.core.text import in_quotes, visible

_TODAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Task:
    """The running deadlines of one case, first due first: either the statutory ones or all others."""

    case: Case
    owed: tuple[Deadline, ...]

    @property
    def due(self) -> datetime:
        """The instant when the first of its deadlines is due."""
        return self.owed[0].due


@dataclass(frozen=True, slots=True)
class Due:
    """All dated work at an instant, each list in order of due time."""

    now: datetime
    zone: tzinfo
    suspected: tuple[Case, ...]
    """Cases said to be exploited, which nobody has confirmed or dismissed."""
    exploited: tuple[Case, ...]
    """Cases known to be exploited that have no fix and no statutory clock."""
    statutory: tuple[Task, ...]
    """However far off: statutory hours that pass cannot be made up."""
    overdue: tuple[Task, ...]
    today: tuple[Task, ...]
    later: tuple[Task, ...]
    """Due by the end of the next business day."""
    dates: tuple[Task, ...]
    """Later days on which a flaw becomes public, one task each: the reporter's own date and the agreed one."""
    ahead: tuple[Task, ...]
    """Later still, but past a warning mark of the promise."""

    @property
    def late_cases(self) -> frozenset[str]:
        """Every case with anything overdue."""
        return frozenset(task.case.id for task in (*self.statutory, *self.overdue) if task.owed[0].overdue)

    @property
    def today_cases(self) -> frozenset[str]:
        """Every case with nothing overdue and something due within 24 hours."""
        pressing = (task for task in (*self.statutory, *self.today) if task.due <= self.now + _TODAY)
        return frozenset(task.case.id for task in pressing) - self.late_cases


def due(standings: Iterable[Standing], policy: Policy, now: datetime, zone: tzinfo) -> Due:
    """Sort the dated work of these cases by urgency."""
    statutory: list[Task] = []
    ordinary: list[Task] = []
    suspected: list[Case] = []
    exploited: list[Case] = []
    for case, owed in sorted(((each.case, each.owed) for each in standings), key=lambda each: each[0].id):
        legal = tuple(each for each in owed if is_statutory(each.name))
        statutory += [Task(case, legal)] if legal else []
        other = tuple(each for each in owed if not is_statutory(each.name))
        ordinary += [Task(case, other)] if other else []
        if case.exploitation and case.closed_at is None:
            if case.exploitation.standing == "suspected":
                suspected.append(case)
            elif case.exploitation.standing == "confirmed" and not legal and case.fixed_at is None:
                exploited.append(case)
    statutory.sort(key=lambda task: task.due)
    ordinary.sort(key=lambda task: task.due)
    day = now + _TODAY
    soon = end_of_next_business_day(now, policy.calendar)
    return Due(
        now=now,
        zone=zone,
        suspected=tuple(suspected),
        exploited=tuple(exploited),
        statutory=tuple(statutory),
        overdue=tuple(task for task in ordinary if task.owed[0].overdue),
        today=tuple(task for task in ordinary if not task.owed[0].overdue and task.due <= day),
        later=tuple(task for task in ordinary if day < task.due <= soon),
        dates=tuple(_dates(ordinary, max(soon, day))),
        ahead=tuple(
            Task(task.case, warned)
            for task in ordinary
            if task.due > max(soon, day)
            and (warned := tuple(each for each in task.owed if each.warned and each.name not in DATES))
        ),
    )


def _dates(ordinary: Iterable[Task], after: datetime) -> list[Task]:
    """The publication days, nearest first. Work that is due before them appears with all other work."""
    found = (Task(task.case, (each,)) for task in ordinary for each in task.owed if each.name in DATES)
    return sorted((task for task in found if task.due > after), key=lambda task: (task.due, task.case.id))


def due_sections(dated: Due, pieces: Pieces) -> Iterator[Section]:
    """What presses, the law's first. What a law wants, and the day on which a reporter publishes, is each case's own."""
    yield section("Exploited, and what a law wants", _grave(dated), "triaged cases", tone="late", named=True)
    overdue = pieces.once(_item(task, dated) for task in dated.overdue)
    yield section("Overdue", overdue, "triaged cases --overdue", tone="late", named=True)
    today = pieces.once(_item(task, dated) for task in dated.today)
    yield section("Due within 24 hours", today, "triaged cases --due 24h", tone="soon")
    dates = [_item(task, dated) for task in dated.dates]
    yield section("Days of publication", dates, "triaged cases", tone="soon", order="nearest first")
    later = pieces.once(_item(task, dated) for task in dated.later)
    yield section("Due by the next business day", later, "triaged cases")
    ahead = pieces.once(_item(task, dated) for task in dated.ahead)
    yield section("Due soon, as its promise warns", ahead, "triaged cases")


def workloads(dated: Due, open_cases: Iterable[Case]) -> tuple[Workload, ...]:
    """How many open cases each person has, unowned cases first; empty while no case has an owner."""
    owned: dict[str, dict[str, None]] = {}
    # A closed case counts too while a statutory duty is owed on it.
    for case in (*(task.case for task in _all(dated)), *open_cases):
        owned.setdefault(case.owner or NOBODY, {})[case.id] = None
    if not set(owned) - {NOBODY}:
        return ()
    late, today = dated.late_cases, dated.today_cases
    in_order = sorted(owned, key=lambda owner: (owner != NOBODY, owner))
    return tuple(_workload(owner, tuple(owned[owner]), late, today) for owner in in_order)


def _workload(owner: str, mine: Sequence[str], late: frozenset[str], today: frozenset[str]) -> Workload:
    """One person's share. Their cases are given with the most pressing first."""
    overdue, due_today = len(late.intersection(mine)), len(today.intersection(mine))
    return Workload(
        owner=visible(owner, 30),
        overdue=overdue,
        today=due_today,
        later=len(mine) - overdue - due_today,
        command=f"triaged digest --owner {shlex.quote(owner)}",
        first=tuple(case_id for case_id in mine if case_id in late or case_id in today)[:FEW],
    )


def _all(dated: Due) -> Sequence[Task]:
    return (*dated.statutory, *dated.overdue, *dated.today, *dated.later, *dated.dates, *dated.ahead)


def _grave(dated: Due) -> list[Item]:
    """One item per case: first undecided suspicions, then statutory duties, then exploited flaws without a fix."""
    clocks = {task.case.id: task for task in dated.statutory}
    undecided = {case.id for case in dated.suspected}
    found = [_suspicion(case, clocks.get(case.id), dated) for case in _by_clock(dated.suspected, clocks)]
    found += [_item(task, dated) for task in dated.statutory if task.case.id not in undecided]
    for case in dated.exploited:
        found.append(item(case, "attackers use it, and there is no fix yet", typed(case.id, RecordFix())))
    return found


def _by_clock(cases: Iterable[Case], clocks: dict[str, Task]) -> list[Case]:
    """Cases with running clocks first."""
    return sorted(cases, key=lambda case: (case.id not in clocks, clocks[case.id].due if case.id in clocks else 0))


def _suspicion(case: Case, task: Task | None, dated: Due) -> Item:
    quote = case.exploitation.why if case.exploitation else ""
    running = [_says(each, dated) for each in task.owed] if task else ["no law's clock runs under your policy"]
    dismiss = f"if it is not so: {typed(case.id, DISMISS)}"
    return item(case, f"said to be exploited: {in_quotes(quote, 80)}", typed(case.id, CONFIRM), *running, dismiss)


def _item(task: Task, dated: Due) -> Item:
    first, *others = task.owed
    horizon = dated.now + _TODAY
    notes = [f"and {_says(each, dated)}" for each in others if each.due <= horizon or each.warned]
    settles = typed(task.case.id, settled_by(first))
    if isinstance(settled_by(first), RecordAnswer) and not unreachable(task.case):
        written = f"if you wrote from elsewhere: {settles}"
        return item(task.case, _says(first, dated), f"triaged reply {task.case.id}", *notes, written)
    return item(task.case, _says(first, dated), settles, *notes)


def _says(deadline: Deadline, dated: Due) -> str:
    now, when = dated.now, deadline.due
    local = f"{when.astimezone(dated.zone):%a %d %b %H:%M}"
    remains = f"{length(now - when)} overdue ({local})" if now > when else f"due in {length(when - now)} ({local})"
    return f"{duty(deadline)}: {remains}"
