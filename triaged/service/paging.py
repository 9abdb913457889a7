"""Paging the team's program or webhook with each alert, in addition to the mail. Nothing waits for it."""

import structlog

from triaged.ports import Page, TryLater
from triaged.service.patience import GIVEN_UP_AFTER
from triaged.service.rooms import Pageroom

log = structlog.get_logger()


def page(room: Pageroom) -> int:
    """Send pages, oldest first, until one fails; returns how many were sent.

    The turn is held for every use of the store, never during a call of the pager.
    """
    if room.pager is None:
        return 0
    told = 0
    while not room.stopping():
        with room.turn():
            waiting = _next(room)
        if waiting is None:
            break
        # Counted first: if a full disk refuses the outcome, the pager is not called again without a pause.
        pause = room.patience.failed(room.clock())
        try:
            room.pager.page(waiting)
        except TryLater as error:
            log.warning("alert not paged", cause=str(error), again_in_seconds=round(pause.total_seconds()))
            with room.turn():
                _give_up(room, str(error))
            break
        with room.turn():
            room.store.record_paged(waiting.alert, "told")
        room.patience.succeeded()
        told += 1
        log.info("alert paged", alert=str(waiting.alert))
    return told


def _next(room: Pageroom) -> Page | None:
    return None if room.patience.is_quiet(room.clock()) else next(iter(room.store.unpaged()), None)


def _give_up(room: Pageroom, cause: str) -> None:
    now = room.clock()
    for waiting in room.store.unpaged():
        if now - waiting.at >= GIVEN_UP_AFTER:
            room.store.record_paged(waiting.alert, f"given up after a day: {cause}")
