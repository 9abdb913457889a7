"""A second store: a file of the writes as they came, and every answer looked for among them, without an index.

It holds the conformance suite to the port: what only the journal's store could do would fail here.
"""

import pickle
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import date, datetime
from pathlib import Path

from triaged.core.case.case import Case
from triaged.core.case.events import Event, Owed, Received, Submitted, TeamWrote
from triaged.core.case.folding import fold
from triaged.core.case.outbox import Letter, TeamLetter, Transcript, letters
from triaged.core.case.owner import Owner, ToTeam
from triaged.core.case.relayed import bare, relay_ids
from triaged.core.letters.caps import Sent
from triaged.core.mail.arrival import Arrival, Contact, Place
from triaged.core.team.alerts import Mark, Told
from triaged.ports import Page, StateFault

_WAITING = {"owed", "submitting"}


def _ids(event: Event) -> tuple[str, ...]:
    """The Message-IDs by which an event makes its case known."""
    match event:
        case Received() | Owed() | TeamWrote():
            return (event.message_id or "",)
        case Submitted():
            return relay_ids(event.answer)
        case _:
            return ()


class PlainStore:
    """Implements `ports.Store`."""

    def __init__(self, file: Path, *, read_only: bool = False) -> None:
        self._file, self._read_only = file, read_only
        self._arrivals: dict[str, Arrival] = {}
        self._contacts: list[Contact] = []
        self._histories: dict[str, tuple[Event, ...]] = {}
        self._recorded: list[tuple[str, Event]] = []
        self._team: dict[ToTeam, tuple[Event, ...]] = {}
        self._marks: dict[ToTeam, tuple[Mark, ...]] = {}
        self._about: dict[ToTeam, tuple[str, ...]] = {}
        self._acted: set[str] = set()
        self._pages: dict[ToTeam, str] = {}
        self._restores: list[tuple[datetime, datetime]] = []
        for write in pickle.loads(file.read_bytes()) if file.exists() else ():  # noqa: S301 - a test's own file
            self._apply(*write)

    def close(self) -> None:
        self._read_only = True

    @contextmanager
    def group(self) -> Iterator[None]:
        content, before = self._file.read_bytes() if self._file.exists() else b"", deepcopy(vars(self))
        try:
            yield
        except BaseException:
            vars(self).update(before)
            self._file.write_bytes(content or pickle.dumps([]))
            raise

    def _write(self, name: str, *arguments: object) -> None:
        if self._read_only:
            raise StateFault("this store may not be written")
        before = pickle.loads(self._file.read_bytes()) if self._file.exists() else []  # noqa: S301 - as above
        self._file.write_bytes(pickle.dumps([*before, (name, arguments)]))
        self._apply(name, arguments)

    def _apply(self, name: str, arguments: tuple) -> None:
        getattr(self, f"_{name}")(*arguments)

    # The ledger.

    def knows(self, place: Place) -> bool:
        return any(place in arrival.places for arrival in self._arrivals.values())

    def highest_uid(self, folder: str, uidvalidity: int) -> int:
        places = (place for arrival in self._arrivals.values() for place in arrival.places)
        return max((each.uid for each in places if (each.folder, each.uidvalidity) == (folder, uidvalidity)), default=0)

    def contact(self, folder: str, uidvalidity: int) -> Contact | None:
        found = [each for each in self._contacts if (each.folder, each.uidvalidity) == (folder, uidvalidity)]
        return found[-1] if found else None

    def remember(self, contact: Contact) -> None:
        self._write("remembered", contact)

    def _remembered(self, contact: Contact) -> None:
        self._contacts.append(contact)

    def last_taken_at(self) -> datetime | None:
        return max((arrival.taken_at for arrival in self._arrivals.values()), default=None)

    def record_restore(self, backup_at: datetime, restored_at: datetime) -> None:
        self._write("restored", backup_at, restored_at)

    def _restored(self, backup_at: datetime, restored_at: datetime) -> None:
        self._restores.append((backup_at, restored_at))

    def perhaps_answered(self, received_at: datetime) -> bool:
        return any(backup_at < received_at <= restored_at for backup_at, restored_at in self._restores)

    def arrival(self, sha256: str) -> Arrival | None:
        return self._arrivals.get(sha256)

    def note(self, arrival: Arrival) -> None:
        self._write("noted", arrival)

    def _noted(self, arrival: Arrival) -> None:
        self._arrivals[arrival.sha256] = arrival

    def pending(self) -> Sequence[Arrival]:
        return self._taken(end=None)

    def seen(self) -> dict:
        return dict(Counter(arrival.end for arrival in self._arrivals.values() if arrival.end))

    def set_aside_since(self, at: datetime) -> Sequence[Arrival]:
        aside = sorted(self._taken("set-aside") + self._taken("command"), key=lambda arrival: arrival.taken_at)
        return [arrival for arrival in aside if arrival.taken_at >= at]

    def _taken(self, end: str | None) -> list[Arrival]:
        found = (arrival for arrival in self._arrivals.values() if arrival.end == end)
        return sorted(found, key=lambda arrival: arrival.taken_at)

    # The cases.

    def case(self, case_id: Owner) -> Case | None:
        return fold(case_id, self._histories[case_id]) if case_id in self._histories else None

    def cases(self) -> Iterable[Case]:
        return [fold(case_id, history) for case_id, history in self._histories.items()]

    def by_message_id(self, message_id: str) -> Case | None:
        users = (case_id for case_id, event in self._recorded if message_id and message_id in _ids(event))
        return self.case(next(users, ""))

    def by_fingerprint(self, fingerprint: str) -> Case | None:
        owners = (
            case_id
            for case_id, event in self._recorded
            if fingerprint and isinstance(event, Received) and event.fingerprint == fingerprint
        )
        return self.case(next(owners, ""))

    def by_reporter(self, address: str) -> Sequence[Case]:
        return [case for case in self.cases() if case.reporter.address.lower() == address.lower()]

    def record(self, case_id: str, events: Sequence[Event], arrival: Arrival | None = None) -> Case:
        case = fold(case_id, (*self._histories.get(case_id, ()), *events))
        self._write("recorded_of", case_id, tuple(events), arrival)
        return case

    def _recorded_of(self, case_id: str, events: tuple[Event, ...], arrival: Arrival | None) -> None:
        self._histories[case_id] = (*self._histories.get(case_id, ()), *events)
        self._recorded += [(case_id, event) for event in events]
        if arrival:
            self._noted(arrival)

    def replies_since(self, at: datetime) -> Sequence[Sent]:
        sent = [
            Sent.of(letter, verified=case.reporter.verdict == "verified")
            for case in self.cases()
            for letter in case.letters
            if letter.to_reporter and (letter.left_at or letter.state == "owed")
        ]
        counted = (each for each in sent if each.left_at is None or each.left_at >= at)
        return sorted(counted, key=lambda each: each.owed_at)

    def opened_since(self, at: datetime) -> int:
        return sum(case.opening.at >= at for case in self.cases())

    # The outbox.

    def owed(self) -> Sequence[tuple[Owner, Letter]]:
        boxes = {**self._histories, **self._team}
        waiting = [(owner, each) for owner, history in boxes.items() for each in letters(history)]
        return sorted((pair for pair in waiting if pair[1].state in _WAITING), key=lambda pair: pair[1].owed_at)

    def letter_event(self, owner: Owner, event: Event) -> None:
        if isinstance(owner, ToTeam):
            self._write("told_team", owner, event)
        else:
            self.record(owner, (event,))

    def _told_team(self, mail: ToTeam, event: Event) -> None:
        self._team[mail] = (*self._team.get(mail, ()), event)

    def letter_to_team(self, mail: ToTeam) -> Letter | None:
        return next(reversed(letters(self._team.get(mail, ()))), None)

    def last_digest(self, until: date) -> tuple[date, Letter] | None:
        days = [date.fromisoformat(mail.key) for mail in self._team if mail.kind == "digest"]
        newest = max((day for day in days if day <= until), default=None)
        return (newest, self.letter_to_team(ToTeam.dated("digest", newest))) if newest else None

    # What the team answers.

    def team_letter(self, message_id: str) -> TeamLetter | None:
        wanted = message_id.partition("@")[0]
        for mail, events in self._team.items():
            relayed = {
                bare(each) for event in events if isinstance(event, Submitted) for each in relay_ids(event.answer)
            }
            box = letters(events)
            named = [each for each in box if each.message_id.partition("@")[0] == wanted]
            if named or wanted in relayed:
                told = (mark.case_id for mark in self._marks.get(mail, ()))
                return TeamLetter(mail, (named or box)[-1], tuple(dict.fromkeys((*told, *self._about.get(mail, ())))))
        return None

    def record_answer(self, arrival: Arrival, happened, transcript: Transcript) -> None:
        self._write("answered", arrival, {key: tuple(events) for key, events in happened.items()}, transcript)

    def _answered(self, arrival: Arrival, happened, transcript: Transcript) -> None:
        for case_id, events in happened.items():
            self._recorded_of(case_id, events, None)
        self._told_team(transcript.mail, transcript.owed)
        self._about[transcript.mail] = transcript.cases
        self._acted |= set(transcript.known_by)
        self._noted(arrival)

    def acted_on(self, known_by: str) -> bool:
        return known_by in self._acted

    def transcripts_since(self, at: datetime, to: str) -> int:
        owed = [events[0] for mail, events in self._team.items() if mail.kind == "transcript"]
        return sum(each.at >= at and each.to[0].lower() == to.lower() for each in owed)

    # Alerts.

    def next_alert(self) -> ToTeam:
        return ToTeam("alert", f"{len(self._marks) + 1:06}")

    def record_alert(self, alert: ToTeam, marks: Sequence[Mark], owed: Owed, page: str = "") -> None:
        self._write("alerted", alert, tuple(marks), owed, page)

    def _alerted(self, alert: ToTeam, marks: tuple[Mark, ...], owed: Owed, page: str) -> None:
        self._told_team(alert, owed)
        self._marks[alert] = marks
        if page:
            self._pages[alert] = page

    def unpaged(self) -> Sequence[Page]:
        found = ((owner, page, self.letter_to_team(owner)) for owner, page in self._pages.items())
        return [Page(owner, letter.owed_at, page, letter.message_id) for owner, page, letter in found]

    def record_paged(self, alert: ToTeam, outcome: str) -> None:
        self._write("paged", alert)

    def _paged(self, alert: ToTeam) -> None:
        del self._pages[alert]

    def told(self) -> Told:
        told = [(mark, self._team[owner][0].at) for owner, marks in self._marks.items() for mark in marks]
        suspicions = [at for mark, at in told if mark.deadline == "exploitation"]
        ordinary = [at for mark, at in told if mark.deadline != "exploitation" and not mark.urgent]
        return Told({mark for mark, _ in told}, (ordinary or [None])[-1], (suspicions or [None])[-1])

    def last_alert(self) -> Letter | None:
        return self.letter_to_team(ToTeam("alert", f"{len(self._marks):06}"))
