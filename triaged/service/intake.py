"""Taking mail in: every mail is safe first, then decided on, then recorded with its reply owed, in one durable write.

A pass that dies anywhere is begun again by the next.
"""

import traceback
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from triaged.core.case.events import Event
from triaged.core.case.naming import case_id
from triaged.core.intake.correlate import Known
from triaged.core.intake.incoming import House, Mail, Past
from triaged.core.intake.triage import Decision, not_understood, not_written, triage
from triaged.core.letters.caps import FLOOD_WINDOW, LONGEST_WINDOW
from triaged.core.mail.arrival import MAIN, Arrival, Contact, Place
from triaged.core.mail.message import Message
from triaged.core.mail.parsing.headers import degraded_message
from triaged.core.plural import counted
from triaged.crash import crash_point
from triaged.ports import (
    Cases,
    Clock,
    Fetched,
    Ledger,
    Mailbox,
    Places,
    Reader,
    Refused,
    Spool,
    StateFault,
    Store,
    TryLater,
    Unwritten,
)
from triaged.service.desk import Desk

log = structlog.get_logger()

MOST_ORPHANS = 20
ATTEMPTS = 3
"""Readings after which a mail becomes a case unread: it has killed its reader that often, or the machine under it."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A mail that has come to its end in this pass."""

    arrival: Arrival
    decision: Decision | None
    """None when the very same bytes had come before."""


def take_in(desk: Desk) -> list[Settled]:
    """Bring every mail that is new to its end, first those that a crash left half done; raises TryLater."""
    settled: list[Settled] = []
    for arrival in desk.store.pending():
        if desk.stopping():
            return settled
        settled.append(_settle(desk, arrival))
        desk.alive()
    for fetched in desk.mailbox.fetch_new(desk.store, desk.clock()):
        settled.append(_receive(desk, fetched))
        desk.alive()
        if desk.stopping():
            return settled
    # What the server still has was taken in just now, with its true date.
    while desk.orphans and not desk.stopping():
        if adopted := _adopted(desk, desk.orphans[0]):
            settled.append(adopted)
            desk.alive()
        desk.orphans.popleft()
    return settled


def orphans(ledger: Ledger, spool: Spool) -> deque[str]:
    """Raw mails of the spool that no arrival names. A kill leaves one at most: many are another fault, and left alone."""
    found = deque(sorted(name for name in spool.names() if ledger.arrival(name) is None))
    if len(found) <= MOST_ORPHANS:
        return found
    log.error("raw mails in the spool that the store does not know; see triaged store verify", count=len(found))
    return deque()


def _adopted(desk: Desk, sha256: str) -> Settled | None:
    """A mail that was kept, and that the server no longer has: it came in when its file was written, as far as is known."""
    if desk.store.arrival(sha256) is not None:
        return None
    kept_at, now = desk.spool.kept_at(sha256), desk.clock()
    if kept_at is None:
        log.error("raw mail that is not what its name says; left alone", sha256=sha256)
        return None
    log.warning("mail adopted from the spool", sha256=sha256[:12])
    return _settle(desk, Arrival(sha256, min(kept_at, now), now, len(desk.spool.read(sha256))))


def _receive(desk: Desk, fetched: Fetched) -> Settled:
    crash_point("mail-fetched")
    sha256 = desk.spool.keep(fetched.raw)
    known = desk.store.arrival(sha256)
    if known is not None:
        return _seen_again(desk, known, fetched.place)
    # Until it is noted, only the spool has it: the disk may be full, and the mail gone from the server by the next pass.
    desk.orphans.append(sha256)
    now = desk.clock()
    received_at = min(fetched.received_at, now)
    arrival = Arrival(sha256, received_at, now, max(fetched.size, len(fetched.raw)), (fetched.place,))
    return _settle(desk, arrival)


def _seen_again(desk: Desk, known: Arrival, place: Place) -> Settled:
    """The same bytes at another place (UIDVALIDITY changed, or somebody copied the mail): noted, nothing more."""
    arrival = known.seen_at(place)
    desk.store.note(arrival)
    return Settled(arrival, None) if arrival.end else _settle(desk, arrival)


def _settle(desk: Desk, arrival: Arrival) -> Settled:
    """Bring one mail that is safe in the spool to its end: one durable write, then the courtesies."""
    # Counted before the bytes are touched: a mail that kills this process must not do so for ever.
    arrival = replace(arrival, attempts=arrival.attempts + 1)
    desk.store.note(arrival)
    crash_point("attempt-counted")
    decision, events = _decided(desk, arrival)
    crash_point("mail-read")
    arrival = replace(arrival, end=decision.end, reason=decision.reason, case_id=decision.case_id)
    if decision.case_id:
        desk.store.record(decision.case_id, events, arrival)
    else:
        desk.store.note(arrival)
    crash_point("end-recorded")
    log.info("mail settled", end=arrival.end, case=arrival.case_id, sha256=arrival.sha256[:12], size=arrival.size)
    _file(desk, arrival)
    return Settled(arrival, decision)


def _decided(desk: Desk, arrival: Arrival) -> tuple[Decision, tuple[Event, ...]]:
    """What becomes of the mail, with its reply rendered. A fault of ours in here leaves the case to a person."""
    now = desk.clock()
    decision = _understood(desk, arrival, now)
    try:
        owed = (desk.renderer.reply(decision.reply, now),) if decision.reply else ()
    except StateFault:
        raise
    except Exception as error:  # noqa: BLE001 - what was read must not be lost with the words of an answer
        why = str(error) if isinstance(error, Unwritten) else f"{type(error).__name__} at {innermost(error)}"
        log.error("answer not written", case=decision.case_id, sha256=arrival.sha256[:12], cause=why)
        decision, owed = not_written(decision, why, now), ()
    return decision, (*decision.events, *owed)


def _understood(desk: Desk, arrival: Arrival, now: datetime) -> Decision:
    """The decision on the mail. A fault of ours in reading makes it a case that a person reads raw."""
    new_id = case_id(desk.key, arrival.sha256)
    try:
        message = message_of(desk, arrival)
        return triage(Mail(message, arrival.received_at, new_id), desk.house, past(desk.store, now), now)
    except StateFault:
        raise
    except Exception as error:  # noqa: BLE001 - the one broad catch: no mail may stop the mails behind it
        # The exception's text may hold the sender's words: its type and place are what an engineer needs.
        log.error("mail not understood", sha256=arrival.sha256, error=type(error).__name__, at=innermost(error))
        mail = Mail(replace(degraded_message(b"", "a fault"), sha256=arrival.sha256), arrival.received_at, new_id)
        why = f"reading it failed ({type(error).__name__}); the raw mail is in the spool as {arrival.sha256}"
        return not_understood(mail, why, desk.house.policy, now)


def message_of(desk: Desk, arrival: Arrival) -> Message:
    """The mail as it is read today; raises FileNotFoundError when its raw bytes are gone."""
    raw = desk.spool.read(arrival.sha256)
    if arrival.attempts > ATTEMPTS:
        return degraded_message(raw, f"reading it was begun {ATTEMPTS} times and never ended")
    return _cut(desk.reader.read(raw), len(raw), arrival.size)


def _cut(message: Message, fetched: int, size: int) -> Message:
    """The message, with a word about it if only its beginning was fetched."""
    if size <= fetched:
        return message
    why = f"only the first {fetched} of {counted(size, 'byte')} were fetched: it is over the size limit, or did not come whole"
    return replace(message, size=size, defects=(*message.defects, why))


def past(cases: Cases, now: datetime) -> Past:
    """What has happened before, as a decision at `now` needs it."""
    return Past(
        Known(cases.by_message_id, cases.case),
        cases.replies_since(now - LONGEST_WINDOW),
        cases.opened_since(now - FLOOD_WINDOW),
    )


def innermost(error: Exception) -> str:
    """Where in our code it happened, as `file:line`."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _file(desk: Desk, arrival: Arrival) -> None:
    """Move or mark the mail if the settings say so. It is settled already: a server that says no costs one log line."""
    for place in arrival.places[-1:]:
        try:
            desk.mailbox.file(place)
            crash_point("mail-filed")
        except (TryLater, Refused) as error:
            log.warning("mail not filed", uid=place.uid, folder=place.folder, cause=str(error))


def preview(
    mailbox: Mailbox, reader: Reader, store: Store, house: House, clock: Clock
) -> Iterator[tuple[Fetched, Message, Decision]]:
    """What `take_in` would decide about each mail not seen before, with nothing kept, sent or filed; raises TryLater."""
    for fetched in mailbox.fetch_new(Onlooker(store), clock()):
        now, message = clock(), _cut(reader.read(fetched.raw), len(fetched.raw), fetched.size)
        if store.arrival(message.sha256) is not None:
            continue
        mail = Mail(message, min(fetched.received_at, now), case_id(b"preview", message.sha256))
        yield fetched, message, triage(mail, house, past(store, now), now)


@dataclass(frozen=True, slots=True)
class Onlooker:
    """A ledger that is only read: what a preview may see of the real one."""

    ledger: Places

    def knows(self, place: Place) -> bool:
        """As the ledger says."""
        return self.ledger.knows(place)

    def highest_uid(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> int:
        """As the ledger says."""
        return self.ledger.highest_uid(folder, uidvalidity, mailbox)

    def contact(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> Contact | None:
        """As the ledger says."""
        return self.ledger.contact(folder, uidvalidity, mailbox)

    def last_taken_at(self) -> datetime | None:
        """As the ledger says."""
        return self.ledger.last_taken_at()

    def remember(self, contact: Contact) -> None:
        """A look is no first contact."""
