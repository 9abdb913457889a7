"""Making a case of a mail that was set aside, when a person asks for it: once, in one durable write."""

from dataclasses import dataclass, replace

import structlog

from triaged.core.case.events import OpenedByHand
from triaged.core.case.naming import case_id
from triaged.core.intake.incoming import Mail
from triaged.core.intake.triage import opened_by_hand
from triaged.core.letters.house import House
from triaged.core.mail.arrival import Arrival, End
from triaged.crash import crash_point
from triaged.ports import Reader, Spool, Store
from triaged.service.settling import past, reading_of

log = structlog.get_logger()

OPENABLE: frozenset[End] = frozenset({"set-aside", "command"})
"""The ends of mails that became no case."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The parts needed to read a mail again and record its case."""

    store: Store
    spool: Spool
    reader: Reader
    house: House
    key: bytes


def open_by_hand(shelf: Shelf, event: OpenedByHand) -> Arrival | None:
    """Make a case of the mail that the event names; None if it is a case already or its raw mail is gone.

    The case id is derived from the mail, and the same write changes the arrival, so asking twice makes one case.
    """
    arrival = shelf.store.arrival(event.sha256)
    if arrival is None or arrival.end not in OPENABLE:
        log.info("a mail was to be opened that is not set aside", sha256=event.sha256[:12])
        return None
    try:
        reading = reading_of(shelf, arrival)
    except FileNotFoundError:
        log.error("a mail was to be opened whose raw bytes are gone", sha256=event.sha256)
        return None
    if reading is None:
        return None
    mail = Mail(reading.message, arrival.received_at, case_id(shelf.key, arrival.sha256), report=reading.report)
    decision = opened_by_hand(mail, event, shelf.house, past(shelf.store, event.at))
    opened = replace(arrival, end=decision.end, reason=decision.reason, case_id=mail.new_id, aside=None)
    shelf.store.record(mail.new_id, decision.events, opened)
    crash_point("decision-recorded")
    log.info("a mail that was set aside is a case", case=mail.new_id, by=event.by, sha256=event.sha256[:12])
    return opened
