"""Bringing one mail that is safe in the spool to its end: it is read, decided on, and recorded with its reply owed.

A reading has a budget at first. A mail that goes over it is put back, and read again behind all that costs less.
"""

import traceback
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

from triaged.core.case.events import Event
from triaged.core.case.naming import case_id
from triaged.core.intake.correlate import Known
from triaged.core.intake.decision import Decision
from triaged.core.intake.incoming import Mail, Past, own_words
from triaged.core.intake.triage import not_understood, not_written, triage
from triaged.core.letters.caps import FLOOD_WINDOW, REMEMBERED, Hold
from triaged.core.letters.drafts import replying
from triaged.core.letters.reply import Reply
from triaged.core.mail.arrival import Arrival
from triaged.core.mail.parsing.headers import degraded_message
from triaged.core.plural import counted
from triaged.core.report.reading import Reading
from triaged.crash import crash_point
from triaged.ports import Ledger, Reader, Refused, Spool, StateFault, Store, TryLater, Unwritten
from triaged.service.answers import carry_out
from triaged.service.owing import owe
from triaged.service.rooms import Mailroom, WritingDesk

log = structlog.get_logger()

ATTEMPTS = 3
"""Readings after which a mail becomes a case unread: it has killed its reader that often, or the machine under it."""
_QUICK, _QUICKEST = 0.5, 0.1
"""Seconds of processor time for a first reading, and the least of it. The largest mail takes 0.9 s, an ordinary one 0.01 s."""
_AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Settled:
    """A mail that has come to its end in this pass."""

    arrival: Arrival
    decision: Decision | None
    """None when the very same bytes had come before."""


def slow(ledger: Ledger) -> list[Arrival]:
    """Mails put back, in the order in which they are read again: what costs least first."""
    put_back = (arrival for arrival in ledger.pending() if arrival.costs_over)
    return sorted(put_back, key=lambda arrival: arrival.costs_over)


def settle(room: Mailroom, arrival: Arrival) -> Settled | None:
    """Bring it to its end: one durable write, then the courtesies. None for a mail that is put back."""
    with room.turn():
        settled = _settled(room, arrival)
    if settled:
        _file(room, settled.arrival)
    return settled


def _settled(room: Mailroom, arrival: Arrival) -> Settled | None:
    # Counted before the bytes are touched: a mail that kills this process must not do so for ever.
    arrival = replace(arrival, attempts=arrival.attempts + 1)
    room.store.note(arrival)
    crash_point("attempt-counted")
    budget = _budget(room.store, arrival)
    decided = _decided(room, arrival, budget)
    crash_point("mail-read")
    if decided is None:
        # No attempt: it killed nobody, and an honest mail that is only large must be left all of them.
        room.store.note(replace(arrival, attempts=arrival.attempts - 1, costs_over=budget or 0.0))
        log.info("mail put back", costs_over_seconds=budget, sha256=arrival.sha256[:12], size=arrival.size)
        return None
    decision, events = decided
    arrival = replace(arrival, end=decision.end, reason=decision.reason, case_id=decision.case_id, aside=decision.aside)
    if decision.orders:
        arrival = carry_out(room.desk, arrival, decision.orders)
    elif decision.case_id:
        room.store.record(decision.case_id, events, arrival)
    else:
        room.store.note(arrival)
    crash_point("end-recorded")
    log.info("mail settled", end=arrival.end, case=arrival.case_id, sha256=arrival.sha256[:12], size=arrival.size)
    return Settled(arrival, decision)


def _budget(ledger: Ledger, arrival: Arrival) -> float | None:
    """How many seconds this reading may take; None for all that a mail may. The more slow mails wait, the fewer."""
    if arrival.costs_over:
        return _QUICK if arrival.costs_over < _QUICK else None
    return max(_QUICK / (1 + len(slow(ledger))), _QUICKEST)


def _decided(room: Mailroom, arrival: Arrival, budget: float | None) -> tuple[Decision, tuple[Event, ...]] | None:
    """What becomes of the mail, with its reply rendered; None when reading it is over the budget.

    A fault of ours in here leaves the case to a person.
    """
    now = room.clock()
    decision = _understood(room, arrival, budget, now)
    if decision is None:
        return None
    try:
        owed = owed_for(room.desk, decision.reply, decision.hold, now)
    except StateFault:
        raise
    except Exception as error:  # noqa: BLE001 - what was read must not be lost with the words of an answer
        why = str(error) if isinstance(error, Unwritten) else f"{type(error).__name__} at {innermost(error)}"
        log.error("answer not written", case=decision.case_id, sha256=arrival.sha256[:12], cause=why)
        decision, owed = not_written(decision, why, now), ()
    return decision, (*decision.events, *owed)


def _understood(room: Mailroom, arrival: Arrival, budget: float | None, now: datetime) -> Decision | None:
    """The decision on the mail. A fault of ours in reading makes it a case that a person reads raw."""
    new_id = case_id(room.under_way.key, arrival.sha256)
    try:
        with room.turn.aside():
            reading = reading_of(room, arrival, budget)
        if reading is None:
            return None
        before, sent = past(room.store, now), _was_sent(room, arrival)
        again = room.store.perhaps_answered(arrival.received_at)
        mail = Mail(reading.message, arrival.received_at, new_id, sent, reading.report, again)
        return triage(_in_own_words(room.reader, mail, before), room.desk.house, before, now)
    except StateFault:
        raise
    except Exception as error:  # noqa: BLE001 - the one broad catch: no mail may stop the mails behind it
        # The exception's text may hold the sender's words: its type and place are what an engineer needs.
        log.error("mail not understood", sha256=arrival.sha256, error=type(error).__name__, at=innermost(error))
        mail = Mail(replace(degraded_message(b"", "a fault"), sha256=arrival.sha256), arrival.received_at, new_id)
        why = f"reading it failed ({type(error).__name__}); the raw mail is in the spool as {arrival.sha256}"
        return not_understood(mail, why, room.desk.house.policy, now)


def _in_own_words(reader: Reader, mail: Mail, before: Past) -> Mail:
    """The mail without the words of our letters; where it quotes any, it is reported on again."""
    own = own_words(mail.message, before)
    return mail if own == mail.message else replace(mail, message=own, report=reader.report_on(own))


def _was_sent(room: Mailroom, arrival: Arrival) -> bool:
    """True if it lies in our folder of sent mail."""
    return any(room.sent_folder == place.folder for place in arrival.places[-1:])


def owed_for(desk: WritingDesk, reply: Reply | None, hold: Hold | None, now: datetime) -> tuple[Event, ...]:
    """What makes the reply owed; nothing where none is due."""
    if reply is None:
        return ()
    return owe(desk.renderer, replying(reply, desk.house.policy, now), now, hold)


class Shelf(Protocol):
    """Where raw mail lies, and who reads it."""

    @property
    def spool(self) -> Spool:
        """Raw mail by its SHA-256."""

    @property
    def reader(self) -> Reader:
        """Bytes to a message and what it says."""


def reading_of(shelf: Shelf, arrival: Arrival, budget: float | None = None) -> Reading | None:
    """The mail as it is read today; None when that takes more than the budget, FileNotFoundError without its raw bytes."""
    raw = shelf.spool.read(arrival.sha256)
    if arrival.attempts > ATTEMPTS:
        message = degraded_message(raw, f"reading it was begun {ATTEMPTS} times and never ended")
        return Reading(message, shelf.reader.report_on(message))
    reading = shelf.reader.read_within(raw, budget) if budget else shelf.reader.read(raw)
    return cut(reading, len(raw), arrival.size) if reading else None


def cut(reading: Reading, fetched: int, size: int) -> Reading:
    """The reading, with a word about it if only the beginning of the mail was fetched."""
    if size <= fetched:
        return reading
    message = reading.message
    why = f"only the first {fetched} of {counted(size, 'byte')} were fetched: it is over the size limit, or did not come whole"
    return replace(reading, message=replace(message, size=size, defects=(*message.defects, why)))


def past(store: Store, now: datetime) -> Past:
    """What has happened before, as a decision at `now` needs it."""
    return Past(
        Known(
            store.by_message_id,
            store.case,
            store.by_reference,
            store.by_fingerprint,
            store.by_reporter,
            store.team_letter,
            store.acted_on,
        ),
        store.replies_since(now - REMEMBERED),
        store.opened_since(now - FLOOD_WINDOW),
        partial(store.transcripts_since, now - _AN_HOUR),
    )


def innermost(error: Exception) -> str:
    """Where in our code it happened, as `file:line`."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _file(room: Mailroom, arrival: Arrival) -> None:
    """Move or mark the mail if the settings say so. It is settled already: a server that says no costs one log line."""
    for place in () if _was_sent(room, arrival) else arrival.places[-1:]:
        try:
            room.mailbox.file(place)
            crash_point("mail-filed")
        except (TryLater, Refused) as error:
            log.warning("mail not filed", uid=place.uid, folder=place.folder, cause=str(error))
