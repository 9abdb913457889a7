"""A work list as values: items of work under headings, and what lines about a case are made of."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

from triaged.core.case.case import Case
from triaged.core.commands.command import ME, NO_REASON, AddNote, Triage
from triaged.core.commands.writing import words
from triaged.core.mail.arrival import Arrival, End
from triaged.core.team.listing import NOBODY
from triaged.core.team.weekly import Weekly
from triaged.core.text import in_quotes, visible

SHOWN = 10
"""Items in full of a section that presses; what is more is counted, with the command that lists it."""
FEW = 5
"""The same of a section that can wait until those are done."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the daemon itself is."""

    last_poll_at: datetime | None
    problems: tuple[str, ...]
    """What is wrong, one sentence each; empty when all is well."""
    owed: int
    """Mails not yet submitted."""
    oldest_owed_at: datetime | None
    version: str
    warnings: tuple[str, ...] = ()
    """What else people should look at, one sentence each: mail that the submission server does not take."""
    notes: tuple[str, ...] = ()
    """What most likely mends itself: a first try that failed, as greylisting has it."""

    @property
    def amiss(self) -> tuple[str, ...]:
        """Problems and warnings, the worst first."""
        return (*self.problems, *self.warnings)

    held: int = 0
    """How many of those the caps hold back."""
    room_at: datetime | None = None
    """When there may be room for the first of them."""


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of work. Every word that a sender made is shown escaped and short."""

    case_id: str
    """Empty for a line on many cases at once."""
    subject: str
    what: str
    """What is to be done or known: `triage, 3 h overdue`."""
    owner: str
    """Who does it; `nobody` where nobody does."""
    notes: tuple[str, ...]
    command: str
    """What to type."""
    answer: str = ""
    """What to send by mail; empty for a line on many cases at once."""


Tone = Literal["late", "soon", "calm"]


@dataclass(frozen=True, slots=True)
class Section:
    """Items under one heading; `more` counts those not shown, and `more_command` lists them all."""

    title: str
    items: tuple[Item, ...]
    more: int = 0
    more_command: str = ""
    also: tuple[str, ...] = ()
    """The cases of those not shown, where not one may be left unnamed."""
    tone: Tone = "calm"
    order: str = ""
    """In which order they stand, where the title is to say so."""

    @property
    def count(self) -> int:
        """How many there are, shown or not."""
        return len(self.items) + self.more


@dataclass(frozen=True, slots=True)
class Workload:
    """What of the open work is one person's, in cases."""

    owner: str
    overdue: int
    today: int
    later: int
    """All their other open cases, with a date or without."""
    command: str
    first: tuple[str, ...] = ()
    """The first few of their cases that are overdue or due today."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One day's work list."""

    day: date
    timezone: tzinfo
    composed_at: datetime
    state: str
    """The whole in a few words, for the subject: `2 overdue, 3 due today, 5 new`, or `all quiet`."""
    sections: tuple[Section, ...]
    """Those that have items, the most pressing first."""
    silent: tuple[tuple[str, int], ...]
    """Mail set aside since the last digest: the reason and how many, most first."""
    seen: tuple[tuple[End, int], ...]
    """How many mails ever came to which end."""
    open_cases: int
    health: Health
    workloads: tuple[Workload, ...] = ()
    """Who has what, once anybody owns anything."""
    more_workloads: int = 0
    """How many further people have something."""
    done: tuple[str, ...] = ()
    """What the daemon did since the last digest, and could not do."""
    polled: str = ""
    """When the mailbox was last read, in words that stay the same while all is well."""
    weekly: Weekly | None = None
    owner: str = ""
    """Whose work alone it shows; empty for everybody's."""
    calendar: str = ""
    """What falls due within seven days as iCalendar; empty where nothing does."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a digest is made of."""

    cases: Sequence[Case]
    set_aside: Sequence[Arrival]
    """Since the last digest."""
    seen: Mapping[End, int]
    health: Health
    since: datetime
    """When the last digest was composed."""
    weekly: bool = False
    """True if it is the day of the week's figures."""
    owner: str = ""
    """Show this person's work alone; `nobody` is what no one has taken."""


def section(
    title: str, items: Sequence[Item], more_command: str, *, tone: Tone = "calm", named: bool = False, order: str = ""
) -> Section:
    """A section of so many items in full as its tone deserves; with `named`, the others by their case ids."""
    limit = FEW if tone == "calm" else SHOWN
    also = tuple(dict.fromkeys(item.case_id for item in items[limit:])) if named else ()
    return Section(title, tuple(items[:limit]), max(len(items) - limit, 0), more_command, also, tone, order)


def without(section: Section, told: AbstractSet[str]) -> Section:
    """The section without naming again, among those not shown, what is named above it."""
    return replace(section, also=tuple(case_id for case_id in section.also if case_id not in told))


def item(case: Case, what: str, command: str, *notes: str) -> Item:
    """A line about a case; strangers' words in `what` and in the notes are defanged already."""
    return Item(
        case.id,
        in_quotes(case.opening.subject, 56) or "(no subject)",
        what,
        owner_of(case),
        notes,
        command,
        _answer(case, command),
    )


def _answer(case: Case, command: str) -> str:
    """The words that follow `triaged case` in the command; where it only shows the case, what comes next."""
    if command.startswith("triaged case "):
        return command.removeprefix("triaged case ")
    if command.startswith("triaged reply "):
        return f"{case.id} reply:"
    return f"{case.id} {words(Triage(owner=ME) if case.state == 'new' else AddNote(NO_REASON))}"


def owner_of(case: Case) -> str:
    """Whose it is; `nobody` where it is nobody's."""
    return visible(case.owner, 30) or NOBODY


def length(span: timedelta) -> str:
    """How long in the largest unit of which there are two: `36 h`, `3 d`."""
    minutes = int(span.total_seconds()) // 60
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"
