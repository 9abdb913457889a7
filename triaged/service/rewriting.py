"""Writing the answers that a faulty template prevented when their mails came, once somebody has mended it."""

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
"""Failures that end a pass: a template that is still faulty is not tried with every waiting mail."""


def write_again(desk: WritingDesk) -> int:
    """Owe every acknowledgment whose template has been mended, and return how many; `deliver` sends them."""
    owed = failures = 0
    with desk.turn():
        waiting = [case for case in desk.store.cases() if case.unwritten]
    # Answers that failed least often come first, so one that can never be rendered holds up no other.
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
    """The acknowledgment, written from the raw mail; nothing if it still cannot or may no longer be written."""
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
    except Exception as error:  # noqa: BLE001 - as at intake: this answer waits, and nothing else does
        log.debug("answer still not written", case=case.id, error=type(error).__name__, at=innermost(error))
        return ()
