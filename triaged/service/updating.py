"""Automatic updates, which tell reporters that their case is still being worked on if no person has written."""

import structlog

from triaged.core.letters import drafts
from triaged.core.letters.caps import REMEMBERED
from triaged.core.letters.updating import update, within_caps
from triaged.crash import crash_point
from triaged.ports import Unwritten
from triaged.service.owing import owe
from triaged.service.rooms import WritingDesk

log = structlog.get_logger()


def send_updates(desk: WritingDesk) -> int:
    """Owe every automatic update that is due, the latest first, within the caps; returns their number. `deliver` sends them."""
    now, owed = desk.clock(), 0
    if not desk.house.updates_in_a_row:
        return owed
    due = [found for case in desk.store.cases() if (found := update(case, desk.house, now))]
    for each in sorted(due, key=lambda found: found.due):
        if desk.stopping():
            break
        if not within_caps(each, desk.store.replies_since(now - REMEMBERED), desk.house, now):
            continue
        try:
            letter = owe(desk.renderer, drafts.update(each, now), now)
        except Unwritten as fault:
            # It stays due, and the team sees that.
            log.warning("update not written", case=each.case_id, cause=str(fault))
            continue
        desk.store.record(each.case_id, letter)
        crash_point("update-owed")
        log.info("update owed", case=each.case_id, number=each.number)
        owed += 1
        desk.alive()
    return owed
