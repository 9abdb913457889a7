"""Recording the team's decisions on its cases."""

from collections.abc import Callable

import structlog

from triaged.core.case.case import Case
from triaged.core.case.events import Event, OpenedByHand, TeamDecision
from triaged.crash import crash_point
from triaged.ports import Decisions, HandedIn, Store, Unwritten

Written = Callable[[Case, TeamDecision], tuple[Event, ...]]
"""What a decision does to its case, with the letter that it asks for; raises Unwritten."""

log = structlog.get_logger()


def take_up(
    store: Store,
    decisions: Decisions,
    opens: Callable[[OpenedByHand], object] | None = None,
    written: Written = lambda _, event: (event,),
) -> int:
    """Record what the team has decided; what is recorded already (a crash before it was taken away) is not again.

    `opens` makes a case of a mail that was set aside; without it such a word is left waiting. So is a letter that cannot be
    written now.
    """
    waiting = decisions.handed_in()
    for handed in waiting:
        if isinstance(handed.event, OpenedByHand):
            if opens is None:
                continue
            opens(handed.event)
        elif not _recorded(store, handed, written):
            continue
        decisions.taken_up(handed.name)
        crash_point("decision-taken-away")
    return len(waiting)


def _recorded(store: Store, handed: HandedIn, written: Written) -> bool:
    """False if it has to wait."""
    case = store.case(handed.case_id)
    if case is None:
        log.error("decision on an unknown case", case=handed.case_id, kind=handed.event.kind)
    elif handed.event not in case.history:
        try:
            events = written(case, handed.event)
        except Unwritten as error:
            log.error("letter not written", case=case.id, by=handed.event.by, cause=str(error))
            return False
        store.record(case.id, events)
        crash_point("decision-recorded")
        log.info("decision recorded", case=case.id, kind=handed.event.kind, by=handed.event.by)
    return True
