"""In-memory indexes beside the store's tables. Every write updates them, so no lookup ever scans a table."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from triaged.core.case.case import Case
from triaged.core.case.events import AtDoor, Event, Owed, Received, Submitted, TeamWrote
from triaged.core.case.outbox import Letter
from triaged.core.case.owner import ToTeam
from triaged.core.case.relayed import bare, relay_ids
from triaged.core.letters.caps import REMEMBERED, Sent
from triaged.core.mail.arrival import Arrival, End, Place
from triaged.core.team.alerts import Mark, Told
from triaged.ports import Page

_KEPT = timedelta(days=1)


class ArrivalIndex:
    """Every mail that was taken in, by digest, place and state."""

    def __init__(self) -> None:
        self.by_sha256: dict[str, Arrival] = {}
        self.places: dict[Place, str] = {}
        self.pending: dict[str, Arrival] = {}
        self.set_aside: dict[str, Arrival] = {}
        self.ends: Counter[End] = Counter()
        self.last_taken_at: datetime | None = None
        self._highest: dict[tuple[str, str, int], int] = {}

    def highest_uid(self, mailbox: str, folder: str, uidvalidity: int) -> int:
        """The highest UID taken in from that folder; 0 for none."""
        return self._highest.get((mailbox, folder, uidvalidity), 0)

    def add(self, arrival: Arrival) -> None:
        """Put in a mail, or its new state."""
        before = self.by_sha256.get(arrival.sha256)
        self.by_sha256[arrival.sha256] = arrival
        for forgotten in set(before.places if before else ()).difference(arrival.places):
            self.places.pop(forgotten, None)
        for place in arrival.places:
            self.places[place] = arrival.sha256
            box = (place.mailbox, place.folder, place.uidvalidity)
            self._highest[box] = max(self._highest.get(box, 0), place.uid)
        self.last_taken_at = max(self.last_taken_at or arrival.taken_at, arrival.taken_at)
        if arrival.end is None:
            self.pending[arrival.sha256] = arrival
            return
        self.pending.pop(arrival.sha256, None)
        if before and before.end:
            # A person may open a case for a mail that was set aside. The sum over all ends must stay the number of mails seen.
            self.ends[before.end] -= 1
        self.ends[arrival.end] += 1
        self.set_aside.pop(arrival.sha256, None)
        if arrival.end in {"set-aside", "command"}:
            self.set_aside[arrival.sha256] = arrival


class CaseIndex:
    """Case ids by Message-ID, fingerprint, reporter and reference, and the cases opened within a day."""

    def __init__(self) -> None:
        self.message_ids: dict[str, str] = {}
        self.references: dict[tuple[str, str], str] = {}
        """By door and upper-case reference."""
        self.fingerprints: dict[str, str] = {}
        self.reporters: defaultdict[str, list[str]] = defaultdict(list)
        """By lower-case address, oldest first."""
        self._openings: list[datetime] = []

    def opened_since(self, at: datetime) -> int:
        """The number of cases opened at or after `at`, at most a day back."""
        return len(self._openings) - bisect_left(self._openings, at)

    def add(self, case: Case, event: Event) -> None:
        """Index an event of that case. Events must come in the order in which they were recorded."""
        if isinstance(event, Received | Owed | TeamWrote) and event.message_id:
            # The first case to use a Message-ID keeps it: a later mail cannot take over another case's thread.
            self.message_ids.setdefault(event.message_id, case.id)
        if isinstance(event, AtDoor) and event.reference:
            self.references.setdefault((event.door, event.reference.upper()), case.id)
        if isinstance(event, Submitted):
            for relayed in relay_ids(event.answer):
                self.message_ids.setdefault(relayed, case.id)
        if isinstance(event, Received) and event.fingerprint:
            self.fingerprints.setdefault(event.fingerprint, case.id)
        if isinstance(event, Received) and event is case.opening:
            self.reporters[event.sender.address.lower()].append(case.id)
            insort(self._openings, event.at)
            del self._openings[: bisect_left(self._openings, event.at - _KEPT)]


class SentIndex:
    """Mails to reporters as the caps count them: those owed, and those that left within a week."""

    def __init__(self) -> None:
        self._by_message_id: dict[str, Sent] = {}

    def add(self, letter: Letter, *, verified: bool) -> None:
        """Put in a letter, or its new state."""
        if letter.left_at is None and letter.state != "owed":
            self._by_message_id.pop(letter.message_id, None)
            return
        self._by_message_id[letter.message_id] = Sent.of(letter, verified=verified)

    def since(self, at: datetime) -> list[Sent]:
        """Mails that left at or after `at`, at most a week back, and all that are owed, in no order."""
        kept, forgotten = self._by_message_id, at - REMEMBERED
        self._by_message_id = {
            key: each for key, each in kept.items() if each.left_at is None or each.left_at >= forgotten
        }
        return [each for each in self._by_message_id.values() if each.left_at is None or each.left_at >= at]


class AlertIndex:
    """The marks that alerts have told, and the pages whose outcome is not recorded."""

    def __init__(self) -> None:
        self.unpaged: dict[ToTeam, Page] = {}
        self._marks: set[Mark] = set()
        self._ordinary_at: datetime | None = None
        self._suspicion_at: datetime | None = None

    @property
    def told(self) -> Told:
        """The marks told so far, and when the last alert of each kind was owed."""
        return Told(self._marks, self._ordinary_at, self._suspicion_at)

    def add(self, marks: Iterable[Mark], at: datetime) -> None:
        """Add the marks that the alert of that instant tells. Alerts must come in their order."""
        for mark in marks:
            self._marks.add(mark)
            if mark.deadline == "exploitation":
                self._suspicion_at = at
            elif not mark.urgent:
                self._ordinary_at = at


class TeamIndex:
    """Mails to the team by Message-ID, and which of the team's answers have been acted on."""

    def __init__(self) -> None:
        self.mails: dict[str, ToTeam] = {}
        """By the left side of a Message-ID, before the @."""
        self.acted_on: set[str] = set()
        self._transcripts: list[tuple[datetime, str]] = []

    def add(self, mail: ToTeam, events: Iterable[Event]) -> None:
        """Index what happened to a mail to the team."""
        for event in events:
            if isinstance(event, Owed):
                self.mails.setdefault(bare(event.message_id), mail)
            elif isinstance(event, Submitted):
                for relayed in relay_ids(event.answer):
                    self.mails.setdefault(bare(relayed), mail)

    def add_transcript(self, events: Sequence[Event], known_by: Iterable[str]) -> None:
        """Index a transcript under everything that identifies the mail it answers."""
        self.acted_on.update(known_by)
        owed = next(event for event in events if isinstance(event, Owed))
        insort(self._transcripts, (owed.at, owed.to[0].lower()))
        del self._transcripts[: bisect_left(self._transcripts, (owed.at - _KEPT, ""))]

    def transcripts_since(self, at: datetime, to: str) -> int:
        """The number of transcripts owed to that address at or after `at`, at most a day back."""
        return sum(
            address == to.lower() for _, address in self._transcripts[bisect_left(self._transcripts, (at, "")) :]
        )
