"""Taking mail in, a slice at a time: each mail is made durable first and then settled (`settling`).

Owed letters leave meanwhile. In each slice, mail that has not been read yet comes before mail that was put back as slow. If a
pass dies, the next one starts again. The turn at the store is held for one mail at a time, never while waiting for a server.
"""

from collections import deque
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

import structlog

from triaged.core.case.naming import case_id
from triaged.core.intake.decision import Decision
from triaged.core.intake.incoming import Mail
from triaged.core.intake.triage import triage
from triaged.core.letters.house import House
from triaged.core.mail.arrival import MAIN, Arrival, Contact, Place
from triaged.core.mail.message import Message
from triaged.crash import crash_point
from triaged.ports import (
    Clock,
    Fetched,
    Ledger,
    Mailbox,
    Places,
    Reader,
    Spool,
    Store,
)
from triaged.service.one_at_a_time import by_turns
from triaged.service.rooms import Mailroom
from triaged.service.settling import Settled, cut, past, settle, slow

log = structlog.get_logger()

MOST_ORPHANS = 20
Ends = Generator[Settled | None, None, None]
"""Yields each mail once it is settled; None for one that is put back."""
SLICE, SLICE_MAILS = timedelta(seconds=5), 200
"""A slice ends with the current mail after this time, or after this many mails."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The result of one slice."""

    settled: tuple[Settled, ...]
    more: bool
    """True if it ended before it had seen all waiting mail."""


def take_in(room: Mailroom) -> list[Settled]:
    """Settle every new mail without a pause; raises TryLater."""
    settled: list[Settled] = []
    while True:
        part = take_slice(room)
        settled += part.settled
        if not part.more:
            return settled


def take_slice(room: Mailroom, *, polling: bool = True) -> Slice:
    """Settle as many mails as a slice holds. Without `polling`, only mails that were taken in already.

    Slow mails get their own slices, after all others: reading one takes seconds, and the answers to earlier mails should
    leave first. Raises TryLater or Refused if the mailbox cannot be read; settled mails stay settled.
    """
    if room.stopping():
        return Slice((), more=False)
    part = _taken(room, _untried(room, polling=polling))
    if part is None:
        part = _taken(room, _put_back(room)) or Slice((), more=False)
    return replace(part, more=not room.stopping() and (part.more or bool(waiting(room))))


def waiting(room: Mailroom) -> list[Arrival]:
    """The mails of this mailroom that were put back, in the order in which they will be read again."""
    with room.turn():
        return [arrival for arrival in slow(room.store) if room.owns(arrival)]


def _taken(room: Mailroom, ends: Ends) -> Slice | None:
    """The part of these ends that falls into a slice; None if there are none."""
    begun, number = room.clock(), 0
    settled: list[Settled] = []
    # Closed at once, so that the mailbox's pass ends here.
    with closing(ends):
        for number, each in enumerate(ends, 1):
            settled += [each] if each else []
            room.alive()
            # If the clock is set back meanwhile, the number of mails ends the slice.
            if room.stopping() or number >= SLICE_MAILS or room.clock() - begun >= SLICE:
                return Slice(tuple(settled), more=True)
    return Slice(tuple(settled), more=False) if number else None


def _untried(room: Mailroom, *, polling: bool) -> Ends:
    """Mails that were never read: first those that a crash left half done."""
    with room.turn():
        begun = [each for each in room.store.pending() if room.owns(each) and not each.costs_over]
    for arrival in begun:
        yield settle(room, arrival)
    if polling:
        boxes = [room.mailbox, *([room.sent] if room.sent else [])]
        ledger = by_turns(room.store, room.turn)
        for fetched in chain.from_iterable(box.fetch_new(ledger, room.clock()) for box in boxes):
            yield _receive(room, _kept(room, fetched), fetched)
        # What the server still has was taken in just now, with its true date.
        if room.adopts:
            yield from _adoptions(room)


def _put_back(room: Mailroom) -> Ends:
    while put_back := waiting(room):
        yield settle(room, put_back[0])


def _adoptions(room: Mailroom) -> Iterator[Settled]:
    while room.under_way.orphans:
        if adopted := _adopted(room, room.under_way.orphans[0]):
            yield adopted
        room.under_way.orphans.popleft()


def orphans(ledger: Ledger, spool: Spool) -> deque[str]:
    """Raw mails in the spool that no arrival names. A kill leaves at most one; many show another fault and are left alone."""
    found = deque(sorted(name for name in spool.names() if ledger.arrival(name) is None))
    if len(found) <= MOST_ORPHANS:
        return found
    log.error("raw mails in the spool that the store does not know; see triaged store verify", count=len(found))
    return deque()


def _adopted(room: Mailroom, sha256: str) -> Settled | None:
    """Take in a spooled mail that the server no longer has; the time its file was written counts as its arrival."""
    with room.turn():
        known = room.store.arrival(sha256)
    if known is not None:
        return None
    kept_at, now = room.spool.kept_at(sha256), room.clock()
    if kept_at is None:
        log.error("raw mail that is not what its name says; left alone", sha256=sha256)
        return None
    log.warning("mail adopted from the spool", sha256=sha256[:12])
    return settle(room, Arrival(sha256, min(kept_at, now), now, len(room.spool.read(sha256))))


def _kept(room: Mailroom, fetched: Fetched) -> str:
    """Keep the mail; its name."""
    crash_point("mail-fetched")
    (sha256,) = room.spool.keep_all([fetched.raw])
    with room.turn():
        known = room.store.arrival(sha256)
    if known is None:
        # Until it is noted, only the spool has it: the disk may be full, and the mail gone from the server by the next pass.
        room.under_way.orphans.append(sha256)
    return sha256


def _receive(room: Mailroom, sha256: str, fetched: Fetched) -> Settled | None:
    with room.turn():
        known = room.store.arrival(sha256)
    if known is not None:
        return _seen_again(room, known, fetched.place)
    now = room.clock()
    received_at = min(fetched.received_at, now)
    arrival = Arrival(sha256, received_at, now, max(fetched.size, len(fetched.raw)), (fetched.place,))
    return settle(room, arrival)


def _seen_again(room: Mailroom, known: Arrival, place: Place) -> Settled | None:
    """Record another place of a known mail (UIDVALIDITY changed, or somebody copied it), and do nothing else."""
    arrival = known.seen_at(place)
    if known.erased_at:
        # It was written down just now, and the server still has it.
        room.spool.remove((known.sha256,))
    with room.turn():
        room.store.note(arrival)
    if arrival.end:
        return Settled(arrival, None)
    # A copy of a mail that was put back does not advance its turn.
    return None if arrival.costs_over else settle(room, arrival)


def preview(
    mailbox: Mailbox, reader: Reader, store: Store, house: House, clock: Clock
) -> Iterator[tuple[Fetched, Message, Decision]]:
    """What `take_in` would decide on each new mail. Nothing is kept, sent or filed. Raises TryLater."""
    for fetched in mailbox.fetch_new(Onlooker(store), clock()):
        now, reading = clock(), cut(reader.read(fetched.raw), len(fetched.raw), fetched.size)
        message = reading.message
        if store.arrival(message.sha256) is not None:
            continue
        opened = case_id(b"preview", message.sha256)
        mail = Mail(message, min(fetched.received_at, now), opened, report=reading.report)
        yield fetched, message, triage(mail, house, past(store, now), now)


@dataclass(frozen=True, slots=True)
class Onlooker:
    """A read-only view of the ledger, for a preview."""

    ledger: Places

    def knows(self, place: Place) -> bool:
        """Ask the real ledger."""
        return self.ledger.knows(place)

    def highest_uid(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> int:
        """Ask the real ledger."""
        return self.ledger.highest_uid(folder, uidvalidity, mailbox)

    def contact(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> Contact | None:
        """Ask the real ledger."""
        return self.ledger.contact(folder, uidvalidity, mailbox)

    def last_taken_at(self) -> datetime | None:
        """Ask the real ledger."""
        return self.ledger.last_taken_at()

    def remember(self, contact: Contact) -> None:
        """Record nothing: a preview makes no first contact."""
