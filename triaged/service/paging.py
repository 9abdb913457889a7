"""Telling a program or a receiver of the team's of each alert, beside the mail. Nothing waits for it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import structlog

from triaged.ports import Page, TryLater
from triaged.service.desk import Desk
from triaged.service.patience import GIVEN_UP_AFTER

log = structlog.get_logger()


def page(desk: Desk, turn: Callable[[], AbstractContextManager[object]] = nullcontext) -> int:
    """Tell what was not told yet, the oldest first, until it fails; how many were told.

    `turn` is held whenever the store is touched, and never while the pager is told.
    """
    if desk.pager is None:
        return 0
    told = 0
    while not desk.stopping():
        with turn():
            waiting = _next(desk)
        if waiting is None:
            break
        # Counted first: on a disk that does not take the outcome, nobody is paged again without a pause.
        pause = desk.pager_patience.failed(desk.clock())
        try:
            desk.pager.page(waiting)
        except TryLater as error:
            log.warning("alert not paged", cause=str(error), again_in_seconds=round(pause.total_seconds()))
            with turn():
                _give_up(desk, str(error))
            break
        with turn():
            desk.store.record_paged(waiting.alert, "told")
        desk.pager_patience.succeeded()
        told += 1
        log.info("alert paged", alert=str(waiting.alert))
    return told


def _next(desk: Desk) -> Page | None:
    return None if desk.pager_patience.is_quiet(desk.clock()) else next(iter(desk.store.unpaged()), None)


def _give_up(desk: Desk, cause: str) -> None:
    now = desk.clock()
    for waiting in desk.store.unpaged():
        if now - waiting.at >= GIVEN_UP_AFTER:
            desk.store.record_paged(waiting.alert, f"given up after a day: {cause}")
