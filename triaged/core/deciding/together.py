"""Carry out the commands of one mail one after another: each sees the effects of those above it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from triaged.core.case.case import Case
from triaged.core.case.clusters import ties_of
from triaged.core.case.events import Event
from triaged.core.case.folding import folded_on
from triaged.core.commands.answer import Reply, Said
from triaged.core.commands.command import Command, Undo
from triaged.core.commands.reading import Order
from triaged.core.commands.writing import words
from triaged.core.deciding.decide import Around, decide
from triaged.core.deciding.decided import By, Decided, No
from triaged.core.deciding.naming import meant
from triaged.core.deciding.spreading import letters, spread

Writing = Callable[[Case, str, By, datetime], Decided | No]
"""Write a text to the reporter of a case at that instant, or return why it cannot be sent."""

_APART = timedelta(microseconds=1)
"""The gap between two decisions of one mail: `undo` identifies a decision by its instant."""
_BY_ITSELF = "that letter is written again every minute, until the templates render; triaged check says what is wrong"


@dataclass(frozen=True, slots=True)
class Done:
    """One line of the mail and its outcome."""

    line: str
    done: bool
    said: tuple[str, ...]
    """One sentence per case, or one that says why nothing was done."""


@dataclass(frozen=True, slots=True)
class Acted:
    """The outcome of all commands in one mail."""

    lines: tuple[Done, ...] = ()
    before: tuple[Case, ...] = ()
    """The named cases before the commands, in the order in which they were named."""
    cases: tuple[Case, ...] = ()
    """The same cases after the commands."""

    @property
    def happened(self) -> dict[str, tuple[Event, ...]]:
        """The new events to record, by case id."""
        both = zip(self.before, self.cases, strict=True)
        return {now.id: now.history[len(then.history) :] for then, now in both if now.history != then.history}

    def case(self, case_id: str) -> Case | None:
        """The case after the commands, if one of them named it."""
        return next((each for each in self.cases if each.id == case_id), None)


@dataclass(frozen=True, slots=True)
class Mandate:
    """Who gives the commands, when, and on which case by default."""

    by: By
    at: datetime
    """When the mail arrived. If a case has a later event already, its decision is dated just after that event."""
    about: str = ""
    """The id of the case that a line means if it names none."""


def act(
    said: Sequence[Said], mandate: Mandate, find: Callable[[str], Case | None], around: Around, write: Writing
) -> Acted:
    """Carry out every line in order. A line that names several cases applies to all of them or to none."""
    acted = Acted()
    for each in said:
        acted = _next(each, acted, mandate, find, around, write)
    return acted


def _next(
    said: Said,
    acted: Acted,
    mandate: Mandate,
    find: Callable[[str], Case | None],
    around: Around,
    write: Writing,
) -> Acted:
    if isinstance(said.read, str):
        return _told(acted, said, done=False, sentences=(said.read,))
    cases, unknown = _cases(said.read.cases or ((mandate.about,) if mandate.about else ()), acted, find, around)
    if isinstance(said.read, Order) and not unknown:
        cases = _all_meant(said.read.command, cases, acted, find, around)
    acted = _naming(acted, cases)
    if unknown:
        return _told(acted, said, done=False, sentences=unknown)
    outcomes = [(case, _outcome(said.read, case, mandate, around, write)) for case in cases]
    refused = tuple(outcome.sentence for _, outcome in outcomes if isinstance(outcome, No))
    if refused:
        rest = (f"nothing was done on the other{'s' if len(cases) > 2 else ''} either",) if len(cases) > 1 else ()  # noqa: PLR2004 - one other
        return _told(acted, said, done=False, sentences=(*refused, *rest))
    done = [(case, outcome) for case, outcome in outcomes if isinstance(outcome, Decided)]
    changed = {case.id: folded_on(case, outcome.events) for case, outcome in done}
    acted = replace(acted, cases=tuple(changed.get(case.id, case) for case in acted.cases))
    sentences = [f"{case.id}: {outcome.said}" for case, outcome in done]
    if isinstance(said.read, Order):
        sentences += [f"to tell its reporter: {each}" for each in letters(said.read.command, cases)]
    return _told(acted, said, done=True, sentences=tuple(sentences))


def _all_meant(
    command: Command, cases: Sequence[Case], acted: Acted, find: Callable[[str], Case | None], around: Around
) -> list[Case]:
    """The cases of a command; one for all follows the ties of the lines above it too."""
    ties = {**around.ties, **{case.id: ties_of(case) for case in acted.cases}}
    return spread(command, cases, ties, around.ids, lambda each: acted.case(each) or find(each))


def _outcome(read: Order | Reply, case: Case, mandate: Mandate, around: Around, write: Writing) -> Decided | No:
    at = max(mandate.at, max(event.at for event in case.history) + _APART)
    if isinstance(read, Reply):
        return write(case, read.text, mandate.by, at)
    outcome = decide(read.command, case, mandate.by, at, around)
    return outcome if isinstance(outcome, No) or outcome.events else No(f"{case.id}: {_BY_ITSELF}")


def _cases(
    named: Sequence[str], acted: Acted, find: Callable[[str], Case | None], around: Around
) -> tuple[list[Case], tuple[str, ...]]:
    """The cases that are meant, each once and in its current state, and a sentence for each name that matches none."""
    if not named:
        return [], ("say on which case: write its id in front",)
    ids = [meant(each, around.ids) for each in named]
    known = dict.fromkeys(each for each in ids if not isinstance(each, No))
    found = (acted.case(each) or find(each) for each in known)
    return [case for case in found if case], tuple(each.sentence for each in ids if isinstance(each, No))


def _naming(acted: Acted, cases: Sequence[Case]) -> Acted:
    new = tuple(case for case in cases if acted.case(case.id) is None)
    return replace(acted, before=(*acted.before, *new), cases=(*acted.cases, *new))


def _told(acted: Acted, said: Said, *, done: bool, sentences: tuple[str, ...]) -> Acted:
    return replace(acted, lines=(*acted.lines, Done(said.line, done, sentences)))


def undoing(acted: Acted, mandate: Mandate, around: Around) -> Iterator[tuple[str, str]]:
    """For each changed case, the command that takes the last change back, if that is possible."""
    for case in acted.cases:
        if case.id in acted.happened and isinstance(decide(Undo(), case, mandate.by, mandate.at, around), Decided):
            yield case.id, f"{case.id} {words(Undo())}"
