"""The store: cases, mails, first contacts and digests as TinyDB tables on the journal (docs/file-format.md).

Beside the tables stand indexes (`store_indexes`, and here those over cases), made at open and kept by every write, so that no
poll and no mail costs more as years go by.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter
from tinydb import TinyDB

from triaged.adapters.disk.state_dir import StateUnusable, prepare
from triaged.adapters.store.documents import VERSION, Json, all_upgraded, body_of
from triaged.adapters.store.indexes import AlertIndex, ArrivalIndex, SentIndex
from triaged.adapters.store.journal import JournalStorage
from triaged.adapters.store.owners import TABLES, doc_id, mails
from triaged.adapters.store.table import JournalTable
from triaged.core.case.case import Case, fold, folded_on
from triaged.core.case.events import AtDoor, Event, Owed, Received, Submitted, TeamWrote
from triaged.core.case.outbox import Letter, letters
from triaged.core.case.owner import Owner, ToTeam
from triaged.core.case.relayed import relay_ids
from triaged.core.letters.caps import Sent
from triaged.core.mail.arrival import MAIN, Arrival, Contact, End, Place
from triaged.core.team.alerts import Mark, Told
from triaged.crash import crash_point
from triaged.ports import Page

_EVENTS: TypeAdapter[tuple[Event, ...]] = TypeAdapter(tuple[Event, ...])
_ARRIVAL: TypeAdapter[Arrival] = TypeAdapter(Arrival)
_CONTACT: TypeAdapter[Contact] = TypeAdapter(Contact)
_MARKS: TypeAdapter[tuple[Mark, ...]] = TypeAdapter(tuple[Mark, ...])
_KEPT = timedelta(days=1)


class _Database(TinyDB):
    table_class = JournalTable


def open_store(state_dir: Path, *, read_only: bool = False) -> "TinyStore":
    """Open the store of a state directory. The writer must hold its lock; readers need none and see it as it is now."""
    if not read_only:
        prepare(state_dir)
    try:
        return TinyStore(JournalStorage(state_dir, read_only=read_only))
    except OSError as error:
        raise StateUnusable(
            f"{error.filename or state_dir}: cannot be read ({error.strerror}); run as its owner"
        ) from error


class TinyStore:
    """Implements `ports.Store`. One instance writes; any number read."""

    def __init__(self, storage: JournalStorage) -> None:
        if upgraded := all_upgraded(storage.read()):
            storage.renew(upgraded)
        self._storage = storage
        self._db = _Database(storage=lambda: storage)
        self._cases = self._table("cases")
        self._mails = self._table("mails")
        self._contacts = self._table("contacts")
        self._team_tables = {kind: self._table(name) for kind, name in TABLES.items()}
        self._folded: dict[str, Case] = {}
        self._by_message_id: dict[str, str] = {}
        self._by_reference: dict[tuple[str, str], str] = {}
        self._by_fingerprint: dict[str, str] = {}
        self._by_reporter: defaultdict[str, list[str]] = defaultdict(list)
        self._arrivals = ArrivalIndex()
        self._owed: dict[tuple[Owner, str], Letter] = {}
        self._sent = SentIndex()
        self._openings: list[datetime] = []
        self._alerted = AlertIndex()
        self._build_indexes()

    def close(self) -> None:
        """Let the files go."""
        self._db.close()

    # The ledger.

    def knows(self, place: Place) -> bool:
        """As the port says."""
        return place in self._arrivals.places

    def highest_uid(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> int:
        """As the port says."""
        return self._arrivals.highest_uid(mailbox, folder, uidvalidity)

    def contact(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> Contact | None:
        """As the port says."""
        document = self._contacts.find(f"{mailbox} {uidvalidity} {folder}")
        return _CONTACT.validate_python(body_of(document)) if document else None

    def remember(self, contact: Contact) -> None:
        """As the port says."""
        doc_id = f"{contact.mailbox} {contact.uidvalidity} {contact.folder}"
        self._put(self._contacts, doc_id, _CONTACT.dump_python(contact, mode="json"))
        crash_point("contact-remembered")

    def last_taken_at(self) -> datetime | None:
        """As the port says."""
        return self._arrivals.last_taken_at

    def arrival(self, sha256: str) -> Arrival | None:
        """As the port says."""
        return self._arrivals.by_sha256.get(sha256)

    def note(self, arrival: Arrival) -> None:
        """As the port says."""
        self._put(self._mails, arrival.sha256, _ARRIVAL.dump_python(arrival, mode="json"))
        self._arrivals.add(arrival)

    def pending(self) -> Sequence[Arrival]:
        """As the port says."""
        return sorted(self._arrivals.pending.values(), key=lambda arrival: arrival.taken_at)

    def seen(self) -> dict[End, int]:
        """As the port says."""
        return dict(self._arrivals.ends)

    def arrivals(self) -> Iterable[Arrival]:
        """Every mail that was ever taken in."""
        return self._arrivals.by_sha256.values()

    def set_aside_since(self, at: datetime) -> Sequence[Arrival]:
        """As the port says."""
        found = (arrival for arrival in self._arrivals.set_aside.values() if arrival.taken_at >= at)
        return sorted(found, key=lambda arrival: arrival.taken_at)

    # The cases.

    def case(self, case_id: Owner) -> Case | None:
        """As the port says."""
        return self._folded.get(case_id) if isinstance(case_id, str) else None

    def cases(self) -> Iterable[Case]:
        """As the port says."""
        return list(self._folded.values())

    def by_message_id(self, message_id: str) -> Case | None:
        """As the port says."""
        case_id = self._by_message_id.get(message_id)
        return self._folded.get(case_id) if case_id else None

    def by_reference(self, door: str, reference: str) -> Case | None:
        """As the port says."""
        case_id = self._by_reference.get((door, reference.upper()))
        return self._folded.get(case_id) if case_id else None

    def by_fingerprint(self, fingerprint: str) -> Case | None:
        """As the port says."""
        return self._folded.get(self._by_fingerprint.get(fingerprint, ""))

    def by_reporter(self, address: str) -> Sequence[Case]:
        """As the port says."""
        return [self._folded[case_id] for case_id in self._by_reporter.get(address.lower(), ())]

    def record(self, case_id: str, events: Sequence[Event], arrival: Arrival | None = None) -> Case:
        """As the port says."""
        before = self._folded.get(case_id)
        case = folded_on(before, events) if before else fold(case_id, events)
        with self._storage.together():
            self._append(self._cases, case_id, events, {"id": case_id})
            if arrival:
                self._put(self._mails, arrival.sha256, _ARRIVAL.dump_python(arrival, mode="json"))
        self._folded[case_id] = case
        for event in events:
            self._index_event(case_id, event)
        self._index_letters(case_id, case.letters)
        if arrival:
            self._arrivals.add(arrival)
        return case

    def replies_since(self, at: datetime) -> Sequence[Sent]:
        """As the port says."""
        return self._sent.since(at)

    def opened_since(self, at: datetime) -> int:
        """As the port says."""
        return len(self._openings) - bisect_left(self._openings, at)

    # The outbox.

    def owed(self) -> Sequence[tuple[Owner, Letter]]:
        """As the port says."""
        waiting = [(owner, letter) for (owner, _), letter in self._owed.items()]
        since = [letter.owed_at for _, letter in waiting]
        # By their places in a list: thousands may be held back, and every pass asks.
        return [waiting[at] for at in sorted(range(len(waiting)), key=since.__getitem__)]

    def letter_event(self, owner: Owner, event: Event) -> None:
        """As the port says."""
        if isinstance(owner, ToTeam):
            self._append_to_team(owner, event, {"day": owner.key})
        else:
            self.record(owner, (event,))

    def letter_to_team(self, mail: ToTeam) -> Letter | None:
        """As the port says."""
        return next(reversed(letters(self._team_events(mail))), None)

    def next_alert(self) -> ToTeam:
        """As the port says."""
        return ToTeam("alert", f"{int(self._newest_alert().key) + 1:06}")

    def record_alert(self, alert: ToTeam, marks: Sequence[Mark], owed: Owed, page: str = "") -> None:
        """As the port says."""
        told = _MARKS.dump_python(tuple(marks), mode="json")
        self._append_to_team(alert, owed, {"told": told, "page": page, "paged": ""})
        self._alerted.add(marks, owed.at)
        self._index_page(alert)

    def unpaged(self) -> Sequence[Page]:
        """As the port says."""
        return list(self._alerted.unpaged.values())

    def record_paged(self, alert: ToTeam, outcome: str) -> None:
        """As the port says."""
        body = body_of(self._team_document(alert) or {})
        self._put(self._team_table(alert), doc_id(alert), {**body, "paged": outcome})
        self._index_page(alert)

    def told(self) -> Told:
        """As the port says."""
        return self._alerted.told

    def last_alert(self) -> Letter | None:
        """As the port says."""
        return self.letter_to_team(self._newest_alert())

    def last_digest(self, until: date) -> tuple[date, Letter] | None:
        """As the port says."""
        days = (mail.key for mail in mails("digest", self._storage.read()))
        newest = date.fromisoformat(max((day for day in days if day <= until.isoformat()), default="0001-01-01"))
        letter = self.letter_to_team(ToTeam.dated("digest", newest))
        return (newest, letter) if letter else None

    def _newest_alert(self) -> ToTeam:
        known = mails("alert", self._storage.read())
        return max(known, key=lambda mail: mail.key, default=ToTeam("alert", "000000"))

    def _append_to_team(self, mail: ToTeam, event: Event, first: Json) -> None:
        """Append to a mail to the team; `first` is what its document holds beside its events, from the beginning on."""
        self._append(self._team_table(mail), doc_id(mail), (event,), first)
        self._index_letters(mail, letters(self._team_events(mail)))

    def _team_events(self, mail: ToTeam) -> tuple[Event, ...]:
        document = self._team_document(mail)
        return _EVENTS.validate_python(document["events"]) if document else ()

    def _team_document(self, mail: ToTeam) -> Json | None:
        return self._team_table(mail).find(doc_id(mail))

    def _team_table(self, mail: ToTeam) -> JournalTable:
        return self._team_tables[mail.kind]

    def _table(self, name: str) -> JournalTable:
        return cast(JournalTable, self._db.table(name))

    def _put(self, table: JournalTable, doc_id: str, body: Json) -> None:
        table.put(doc_id, {"version": VERSION, **body})

    def _append(self, table: JournalTable, doc_id: str, events: Sequence[Event], first: Json) -> None:
        """Append to a document's events; `first` is what it holds beside them, should these be its first."""
        new = _EVENTS.dump_python(tuple(events), mode="json")
        if table.find(doc_id):
            table.grow(doc_id, "events", new)
        else:
            self._put(table, doc_id, {**first, "events": new})

    # The indexes.

    def _build_indexes(self) -> None:
        tables = self._storage.read()
        for document in tables.get("mails", {}).values():
            self._arrivals.add(_ARRIVAL.validate_python(body_of(document)))
        for case_id, document in tables.get("cases", {}).items():
            self._folded[case_id] = fold(case_id, _EVENTS.validate_python(document["events"]))
        happened = ((event.at, case.id, event) for case in self._folded.values() for event in case.history)
        # In the order in which it was recorded, across all cases: who used a Message-ID first must stay the first.
        for _, case_id, event in sorted(happened, key=itemgetter(0)):
            self._index_event(case_id, event)
        for case in self._folded.values():
            self._index_letters(case.id, case.letters)
        for mail in (mail for kind in TABLES for mail in mails(kind, tables)):
            self._index_letters(mail, letters(self._team_events(mail)))
        for alert in sorted(mails("alert", tables), key=lambda mail: mail.key):
            told = _MARKS.validate_python((self._team_document(alert) or {})["told"])
            self._alerted.add(told, self._team_events(alert)[0].at)
            self._index_page(alert)

    def _index_page(self, alert: ToTeam) -> None:
        document = self._team_document(alert)
        self._alerted.unpaged.pop(alert, None)
        if document and document["page"] and not document["paged"] and (letter := self.letter_to_team(alert)):
            self._alerted.unpaged[alert] = Page(alert, letter.owed_at, document["page"], letter.message_id)

    def _index_event(self, case_id: str, event: Event) -> None:
        if isinstance(event, Received | Owed | TeamWrote) and event.message_id:
            # The first to use an id keeps it: a later mail cannot squat on another case's thread.
            self._by_message_id.setdefault(event.message_id, case_id)
        if isinstance(event, AtDoor) and event.reference:
            self._by_reference.setdefault((event.door, event.reference.upper()), case_id)
        if isinstance(event, Submitted):
            for relayed in relay_ids(event.answer):
                self._by_message_id.setdefault(relayed, case_id)
        if isinstance(event, Received) and event.fingerprint:
            self._by_fingerprint.setdefault(event.fingerprint, case_id)
        if isinstance(event, Received) and event is self._folded[case_id].opening:
            self._by_reporter[event.sender.address.lower()].append(case_id)
            insort(self._openings, event.at)
            del self._openings[: bisect_left(self._openings, event.at - _KEPT)]

    def _index_letters(self, owner: Owner, box: Iterable[Letter]) -> None:
        case = self.case(owner)
        for letter in box:
            if case and letter.to_reporter:
                self._sent.add(letter, verified=case.reporter.verdict == "verified")
            if letter.state in {"owed", "submitting"}:
                self._owed[owner, letter.message_id] = letter
            else:
                self._owed.pop((owner, letter.message_id), None)
