"""Recording what the team has decided on its cases."""

from collections.abc import Callable

import structlog

from triaged.core.case.events import OpenedByHand
from triaged.crash import crash_point
from triaged.ports import Decisions, HandedIn, Store

log = structlog.get_logger()


def take_up(store: Store, decisions: Decisions, opens: Callable[[OpenedByHand], object] | None = None) -> int:
    """Record what the team has decided; what is recorded already (a crash before it was taken away) is not again.

    `opens` makes a case of a mail that was set aside; without it such a word is left waiting.
    """
    waiting = decisions.handed_in()
    for handed in waiting:
        if isinstance(handed.event, OpenedByHand):
            if opens is None:
                continue
            opens(handed.event)
        else:
            _record(store, handed)
        decisions.taken_up(handed.name)
        crash_point("decision-taken-away")
    return len(waiting)


def _record(store: Store, handed: HandedIn) -> None:
    case = store.case(handed.case_id)
    if case is None:
        log.error("decision on an unknown case", case=handed.case_id, kind=handed.event.kind)
    elif handed.event not in case.history:
        store.record(case.id, (handed.event,))
        crash_point("decision-recorded")
        log.info("decision recorded", case=case.id, kind=handed.event.kind, by=handed.event.by)
