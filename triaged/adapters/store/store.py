"""The store: cases, mails, first contacts and digests as TinyDB tables on the journal (docs/file-format.md).

Indexes are built when the store is opened and updated by every write, so that polls and mails cost no more as it grows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from operator import itemgetter
from pathlib import Path

from triaged.adapters.disk.state_dir import StateUnusable, prepare
from triaged.adapters.store.erasing import records, rewritten, with_record
from triaged.adapters.store.indexes import CaseIndex, SentIndex
from triaged.adapters.store.journal import JournalStorage
from triaged.adapters.store.ledger import StoredLedger
from triaged.adapters.store.outbox import StoredOutbox
from triaged.adapters.store.tables import EVENTS
from triaged.core.case.case import Case
from triaged.core.case.events import Event
from triaged.core.case.folding import fold, folded_on
from triaged.core.case.outbox import Transcript
from triaged.core.case.owner import Owner, ToTeam
from triaged.core.erasure.record import Erasure
from triaged.core.erasure.redaction import Redaction
from triaged.core.letters.caps import Sent
from triaged.core.mail.arrival import Arrival
from triaged.ports import Touched


def open_store(state_dir: Path, *, read_only: bool = False) -> "TinyStore":
    """Open the store of a state directory. The writer must hold its lock. A reader needs no lock and sees one moment."""
    if not read_only:
        prepare(state_dir)
    try:
        return TinyStore(JournalStorage(state_dir, read_only=read_only))
    except OSError as error:
        raise StateUnusable(
            f"{error.filename or state_dir}: cannot be read ({error.strerror}); run as its owner"
        ) from error


class TinyStore(StoredLedger, StoredOutbox):
    """`ports.Store` on TinyDB. One instance may write; any number may read."""

    def __init__(self, storage: JournalStorage) -> None:
        super().__init__(storage)
        self._cases = self._table("cases")
        self._index_everything()

    @contextmanager
    def group(self) -> Iterator[None]:
        """Write all that is written inside as one line with one fsync; after a fault the store is as it was before."""
        try:
            with self._storage.together():
                yield
        except BaseException:
            # What the group did to the indexes is not taken back one by one: a fault is rare.
            self._index_everything()
            raise

    def case(self, case_id: Owner) -> Case | None:
        """The case of that id; None if there is none or the owner is a mail to the team."""
        return self._folded.get(case_id) if isinstance(case_id, str) else None

    def cases(self) -> Iterable[Case]:
        """Every case, oldest first: a list that later writes do not change."""
        return list(self._folded.values())

    def by_message_id(self, message_id: str) -> Case | None:
        """The case that used this id first, or whose letter a relay sent under it."""
        return self._folded.get(self._known_by.message_ids.get(message_id, ""))

    def by_reference(self, door: str, reference: str) -> Case | None:
        """The case of that door's report; the reference is compared without regard to case."""
        return self._folded.get(self._known_by.references.get((door, reference.upper()), ""))

    def by_fingerprint(self, fingerprint: str) -> Case | None:
        """The first case that had a mail with this fingerprint."""
        return self._folded.get(self._known_by.fingerprints.get(fingerprint, ""))

    def by_reporter(self, address: str) -> Sequence[Case]:
        """The cases opened by a mail from this address, oldest first."""
        return [self._folded[case_id] for case_id in self._known_by.reporters.get(address.lower(), ())]

    def record(self, case_id: str, events: Sequence[Event], arrival: Arrival | None = None) -> Case:
        """Write the events and the arrival as one line with one fsync, then update the indexes."""
        case = self._with(case_id, events)
        with self._storage.together():
            self._append(self._cases, case_id, events, {"id": case_id})
            if arrival:
                self._put_arrival(arrival)
        self._index_case(case, events)
        if arrival:
            self._arrivals.add(arrival)
        return case

    def record_answer(self, arrival: Arrival, happened: Mapping[str, Sequence[Event]], transcript: Transcript) -> None:
        """Write the events of all cases, the transcript and the arrival as one line with one fsync, then index them."""
        cases = [(self._with(case_id, events), events) for case_id, events in happened.items()]
        with self._storage.together():
            for case, events in cases:
                self._append(self._cases, case.id, events, {"id": case.id})
            self._append_transcript(transcript)
            self._put_arrival(arrival)
        for case, events in cases:
            self._index_case(case, events)
        self._index_transcript(transcript)
        self._arrivals.add(arrival)

    def letter_event(self, owner: Owner, event: Event) -> None:
        """Append an event to the letters of a case, or to a mail to the team."""
        if isinstance(owner, ToTeam):
            self._append_to_team(owner, event, {"day": owner.key})
        else:
            self.record(owner, (event,))

    def replies_since(self, at: datetime) -> Sequence[Sent]:
        """Mails to reporters that left at or after `at`, at most a week back, and all that are owed."""
        return self._sent.since(at)

    def opened_since(self, at: datetime) -> int:
        """The number of cases opened at or after `at`, at most a day back."""
        return self._known_by.opened_since(at)

    def would_erase(self, redaction: Redaction) -> Touched:
        """What `erase` would change, with nothing written."""
        return rewritten(self._storage.read(), self._folded, redaction)[1]

    def erase(self, redaction: Redaction, record: Erasure) -> Touched:
        """Write a snapshot of everything without what is to go, then index that anew."""
        tables, touched = rewritten(self._storage.read(), self._folded, redaction)
        if touched.anything:
            self._storage.renew(with_record(tables, record))
            self._index_everything()
        return touched

    def erasures(self) -> Sequence[Erasure]:
        """What was erased, oldest first."""
        return records(self._storage.read())

    def _index_everything(self) -> None:
        """Build every index from what the tables hold now."""
        self._index_arrivals()
        self._forget_letters()
        self._folded: dict[str, Case] = {}
        self._known_by = CaseIndex()
        self._sent = SentIndex()
        for case_id, document in self._storage.read().get("cases", {}).items():
            self._folded[case_id] = fold(case_id, EVENTS.validate_python(document["events"]))
        happened = ((event.at, case, event) for case in self._folded.values() for event in case.history)
        # In the order of recording, across all cases: the first case to use a Message-ID must stay the first.
        for _, case, event in sorted(happened, key=itemgetter(0)):
            self._known_by.add(case, event)
        for case in self._folded.values():
            self._index_letters(case)
        self._build_team_indexes()

    def _with(self, case_id: str, events: Sequence[Event]) -> Case:
        """The case with these events added; nothing is written."""
        before = self._folded.get(case_id)
        return folded_on(before, events) if before else fold(case_id, events)

    def _index_case(self, case: Case, events: Sequence[Event]) -> None:
        self._folded[case.id] = case
        for event in events:
            self._known_by.add(case, event)
        self._index_letters(case)

    def _index_letters(self, case: Case) -> None:
        self._index_owed(case.id, case.letters)
        for letter in case.letters:
            if letter.to_reporter:
                self._sent.add(letter, verified=case.reporter.verdict == "verified")
