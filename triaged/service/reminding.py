"""Reminding reporters who are awaited: once, and then it is the team's work again."""

import structlog

from triaged.core.letters import drafts
from triaged.core.letters.caps import REMEMBERED
from triaged.core.letters.reminding import reminder
from triaged.core.letters.updating import within_caps
from triaged.crash import crash_point
from triaged.ports import Unwritten
from triaged.service.owing import owe
from triaged.service.rooms import WritingDesk

log = structlog.get_logger()


def send_reminders(desk: WritingDesk) -> int:
    """Owe every reminder that is due, as far as the caps go; `deliver` sends them. How many."""
    now, owed = desk.clock(), 0
    if desk.house.remind_after is None:
        return owed
    for case in desk.store.cases():
        due = reminder(case, desk.house, now)
        if due is None or not within_caps(due, desk.store.replies_since(now - REMEMBERED), desk.house, now):
            continue
        try:
            letter = owe(desk.renderer, drafts.reminder(due, now), now)
        except Unwritten as fault:
            log.warning("reminder not written", case=case.id, cause=str(fault))
            continue
        desk.store.record(case.id, letter)
        crash_point("reminder-owed")
        log.info("reminder owed", case=case.id)
        owed += 1
        desk.alive()
    return owed
