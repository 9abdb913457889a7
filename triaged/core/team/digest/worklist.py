"""A work list as values: items of work under headings, and the building blocks of their lines."""

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
"""Items shown of a pressing section; the rest is counted, with the command that lists it."""
FEW = 5
"""Items shown of a section that can wait."""


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the daemon itself."""

    last_poll_at: datetime | None
    problems: tuple[str, ...]
    """Problems, one sentence each; empty if all is well."""
    owed: int
    """Mails not yet handed to the server."""
    oldest_owed_at: datetime | None
    version: str
    warnings: tuple[str, ...] = ()
    """Other things to look at, one sentence each: mail that the submission server does not take."""
    notes: tuple[str, ...] = ()
    """Things that will probably resolve themselves: a first try that failed, as with greylisting."""

    @property
    def amiss(self) -> tuple[str, ...]:
        """Problems and warnings, the worst first."""
        return (*self.problems, *self.warnings)

    held: int = 0
    """How many of `owed` the caps hold back."""
    room_at: datetime | None = None
    """When there may be room for the first of them."""


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of work. A sender's words are always escaped and short."""

    case_id: str
    """Empty for a line about many cases at once."""
    subject: str
    what: str
    """The work or the news: `triage, 3 h overdue`."""
    owner: str
    """The owner; `nobody` if there is none."""
    notes: tuple[str, ...]
    command: str
    """The command for a terminal."""
    answer: str = ""
    """The command for a mail; empty for a line about many cases at once."""


Tone = Literal["late", "soon", "calm"]


@dataclass(frozen=True, slots=True)
class Section:
    """Items under one heading; `more` counts those not shown, and `more_command` lists them all."""

    title: str
    items: tuple[Item, ...]
    more: int = 0
    more_command: str = ""
    also: tuple[str, ...] = ()
    """The cases of the hidden items, if each must at least be named."""
    tone: Tone = "calm"
    order: str = ""
    """The order of the items, if the title should mention it."""

    @property
    def count(self) -> int:
        """The number of items, shown or not."""
        return len(self.items) + self.more


@dataclass(frozen=True, slots=True)
class Workload:
    """One person's open cases, by urgency."""

    owner: str
    overdue: int
    today: int
    later: int
    """All their other open cases, dated or not."""
    command: str
    first: tuple[str, ...] = ()
    """The first few of their cases that are overdue or due today."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The work list of one day."""

    day: date
    timezone: tzinfo
    composed_at: datetime
    state: str
    """A summary for the subject: `2 overdue, 3 due today, 5 new`, or `all quiet`."""
    sections: tuple[Section, ...]
    """The sections that have items, the most pressing first."""
    silent: tuple[tuple[str, int], ...]
    """Mail set aside since the last digest: each reason with its count, the most frequent first."""
    seen: tuple[tuple[End, int], ...]
    """How many mails have ever had each outcome."""
    open_cases: int
    health: Health
    workloads: tuple[Workload, ...] = ()
    """Each person's share, if any case has an owner."""
    more_workloads: int = 0
    """How many more people have open cases."""
    done: tuple[str, ...] = ()
    """What the daemon did, or failed to do, since the last digest."""
    polled: str = ""
    """When the mailbox was last read, in words that stay the same while all is well."""
    weekly: Weekly | None = None
    owner: str = ""
    """The person whose work alone it shows; empty for everybody's."""
    calendar: str = ""
    """The deadlines of the next seven days as iCalendar; empty if there are none."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of a digest."""

    cases: Sequence[Case]
    set_aside: Sequence[Arrival]
    """The mail set aside since the last digest."""
    seen: Mapping[End, int]
    health: Health
    since: datetime
    """When the last digest was composed."""
    weekly: bool = False
    """True if this digest includes the week's figures."""
    owner: str = ""
    """Show only this person's work; `nobody` selects unowned cases."""


def section(
    title: str, items: Sequence[Item], more_command: str, *, tone: Tone = "calm", named: bool = False, order: str = ""
) -> Section:
    """A section that shows as many items as its tone deserves; with `named`, it names the cases of the others."""
    limit = FEW if tone == "calm" else SHOWN
    also = tuple(dict.fromkeys(item.case_id for item in items[limit:])) if named else ()
    return Section(title, tuple(items[:limit]), max(len(items) - limit, 0), more_command, also, tone, order)


def without(section: Section, told: AbstractSet[str]) -> Section:
    """The section without those of its hidden cases that are named above it."""
    return replace(section, also=tuple(case_id for case_id in section.also if case_id not in told))


def item(case: Case, what: str, command: str, *notes: str) -> Item:
    """A line about a case; `what` and the notes must already be defanged."""
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
    """The same command for a mail; for a command that only shows the case, the usual next step instead."""
    if command.startswith("triaged case "):
        return command.removeprefix("triaged case ")
    if command.startswith("triaged reply "):
        return f"{case.id} reply:"
    return f"{case.id} {words(Triage(owner=ME) if case.state == 'new' else AddNote(NO_REASON))}"


def owner_of(case: Case) -> str:
    """The owner; `nobody` if there is none."""
    return visible(case.owner, 30) or NOBODY


def length(span: timedelta) -> str:
    """A length of time in the largest unit that fits twice: `36 h`, `3 d`."""
    minutes = int(span.total_seconds()) // 60
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"
