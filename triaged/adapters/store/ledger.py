"""The ledger: which mails were taken in, where they lay, and what became of them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pydantic import TypeAdapter

from triaged.adapters.store.documents import body_of
from triaged.adapters.store.indexes import ArrivalIndex
from triaged.adapters.store.journal import JournalStorage
from triaged.adapters.store.tables import Tables
from triaged.core.mail.arrival import MAIN, Arrival, Contact, End, Place
from triaged.crash import crash_point

_ARRIVAL: TypeAdapter[Arrival] = TypeAdapter(Arrival)
_CONTACT: TypeAdapter[Contact] = TypeAdapter(Contact)


class StoredLedger(Tables):
    """`ports.Ledger` on the store's tables and indexes."""

    def __init__(self, storage: JournalStorage) -> None:
        super().__init__(storage)
        self._mails = self._table("mails")
        self._contacts = self._table("contacts")
        self._restores = self._table("restores")

    def _index_arrivals(self) -> None:
        """Build the index from what the table holds now."""
        self._arrivals = ArrivalIndex()
        for document in self._storage.read().get("mails", {}).values():
            self._arrivals.add(_ARRIVAL.validate_python(body_of(document)))

    def knows(self, place: Place) -> bool:
        """True if a mail was taken in from that place. Only the last sixteen places of a mail are kept."""
        return place in self._arrivals.places

    def highest_uid(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> int:
        """The highest UID taken in there; 0 for none."""
        return self._arrivals.highest_uid(mailbox, folder, uidvalidity)

    def contact(self, folder: str, uidvalidity: int, mailbox: str = MAIN) -> Contact | None:
        """Read the first contact with that folder; None if there was none."""
        document = self._contacts.find(f"{mailbox} {uidvalidity} {folder}")
        return _CONTACT.validate_python(body_of(document)) if document else None

    def remember(self, contact: Contact) -> None:
        """Write a first contact, durably."""
        doc_id = f"{contact.mailbox} {contact.uidvalidity} {contact.folder}"
        self._put(self._contacts, doc_id, _CONTACT.dump_python(contact, mode="json"))
        crash_point("contact-remembered")

    def last_taken_at(self) -> datetime | None:
        """When a mail was last taken in, UTC; None for never."""
        return self._arrivals.last_taken_at

    def perhaps_answered(self, received_at: datetime) -> bool:
        """True if it came between a backup and its restore."""
        restores = self._storage.read().get("restores", {}).values()
        came = received_at.astimezone(UTC)
        return any(_instant(each["backup_at"]) < came <= _instant(each["restored_at"]) for each in restores)

    def record_restore(self, backup_at: datetime, restored_at: datetime) -> None:
        """Write the two instants, durably."""
        body = {"backup_at": backup_at.isoformat(), "restored_at": restored_at.isoformat()}
        self._put(self._restores, restored_at.isoformat(), body)

    def arrival(self, sha256: str) -> Arrival | None:
        """The mail with that content; None if it is unknown."""
        return self._arrivals.by_sha256.get(sha256)

    def note(self, arrival: Arrival) -> None:
        """Write the state of a mail, durably."""
        self._put_arrival(arrival)
        self._arrivals.add(arrival)

    def pending(self) -> Sequence[Arrival]:
        """Mails taken in but not settled, oldest first."""
        return sorted(self._arrivals.pending.values(), key=lambda arrival: arrival.taken_at)

    def seen(self) -> dict[End, int]:
        """The number of mails that came to each end."""
        return dict(self._arrivals.ends)

    def arrivals(self) -> Iterable[Arrival]:
        """Every mail that was ever taken in."""
        return self._arrivals.by_sha256.values()

    def set_aside_since(self, at: datetime) -> Sequence[Arrival]:
        """Mails taken in at or after `at` that became no case, oldest first."""
        found = (arrival for arrival in self._arrivals.set_aside.values() if arrival.taken_at >= at)
        return sorted(found, key=lambda arrival: arrival.taken_at)

    def _put_arrival(self, arrival: Arrival) -> None:
        self._put(self._mails, arrival.sha256, _ARRIVAL.dump_python(arrival, mode="json"))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
