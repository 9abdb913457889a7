"""Writing the answers that could not be written when their mails came: their template is at fault until somebody mends it."""

import structlog

from triaged.core.case.case import Case
from triaged.core.case.events import Event
from triaged.core.intake.answering import written_again
from triaged.core.intake.incoming import Mail
from triaged.ports import StateFault
from triaged.service.rooms import WritingDesk
from triaged.service.settling import innermost, owed_for, past, reading_of

log = structlog.get_logger()

FAILURES = 3
"""In one pass: a template that is still at fault is not tried with every mail that waits for it."""


def write_again(desk: WritingDesk) -> int:
    """Owe every acknowledgment whose template has been mended, and return how many; `deliver` sends them."""
    owed = failures = 0
    with desk.turn():
        waiting = [case for case in desk.store.cases() if case.unwritten]
    # What failed often gives way to what did not: one mail that no template can take holds up none behind it.
    for case in sorted(waiting, key=lambda case: desk.rewrites[case.id]):
        if desk.stopping() or failures == FAILURES:
            break
        with desk.turn():
            events = _written(desk, case)
            if events:
                desk.store.record(case.id, events)
        if not events:
            desk.rewrites[case.id] += 1
            failures += 1
            continue
        log.info("answer written after all", case=case.id)
        owed += 1
        desk.alive()
    return owed


def _written(desk: WritingDesk, case: Case) -> tuple[Event, ...]:
    """The finished acknowledgment, from the raw mail; nothing where it still cannot be written, or may not be."""
    now, arrival = desk.clock(), desk.store.arrival(case.opening.sha256)
    if arrival is None:
        return ()
    try:
        reading = reading_of(desk, arrival)
        mail = Mail(reading.message, case.received_at, case.id, report=reading.report) if reading else None
        reply, hold = (mail and written_again(mail, case, desk.house, past(desk.store, now), now)) or (None, None)
        return owed_for(desk, reply, hold, now)
    except StateFault:
        raise
    except Exception as error:  # noqa: BLE001 - as when it came in: it waits, and so does nothing else
        log.debug("answer still not written", case=case.id, error=type(error).__name__, at=innermost(error))
        return ()
