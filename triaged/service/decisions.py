"""Recording what the team has decided on its cases."""

import structlog

from triaged.crash import crash_point
from triaged.ports import Decisions, Store

log = structlog.get_logger()


def take_up(store: Store, decisions: Decisions) -> int:
    """Record what the team has decided; what is recorded already (a crash before it was taken away) is not again."""
    waiting = decisions.handed_in()
    for handed in waiting:
        case = store.case(handed.case_id)
        if case is None:
            log.error("decision on an unknown case", case=handed.case_id, kind=handed.event.kind)
        elif handed.event not in case.history:
            store.record(case.id, (handed.event,))
            crash_point("decision-recorded")
            log.info("decision recorded", case=case.id, kind=handed.event.kind, by=handed.event.by)
        decisions.taken_up(handed.name)
        crash_point("decision-taken-away")
    return len(waiting)
