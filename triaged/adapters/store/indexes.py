"""What the store keeps at hand beside its tables: made at open and kept by every write, so that nothing is looked for."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from triaged.core.case.outbox import Letter
from triaged.core.case.owner import ToTeam
from triaged.core.letters.caps import REMEMBERED, Sent
from triaged.core.mail.arrival import Arrival, End, Place
from triaged.core.team.alerts import Mark, Told
from triaged.ports import Page


class ArrivalIndex:
    """Every mail that was taken in, by what is asked of it."""

    def __init__(self) -> None:
        self.by_sha256: dict[str, Arrival] = {}
        self.places: dict[Place, str] = {}
        self.pending: dict[str, Arrival] = {}
        self.set_aside: dict[str, Arrival] = {}
        self.ends: Counter[End] = Counter()
        self.last_taken_at: datetime | None = None
        self._highest: dict[tuple[str, str, int], int] = {}

    def highest_uid(self, mailbox: str, folder: str, uidvalidity: int) -> int:
        """The highest that was taken in from there; 0 where nothing was."""
        return self._highest.get((mailbox, folder, uidvalidity), 0)

    def add(self, arrival: Arrival) -> None:
        """Know it as it now is, new or further on."""
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
            # A person may make a case of what was set aside: the sum over all ends stays the number of mails seen.
            self.ends[before.end] -= 1
        self.ends[arrival.end] += 1
        self.set_aside.pop(arrival.sha256, None)
        if arrival.end in {"set-aside", "command"}:
            self.set_aside[arrival.sha256] = arrival


class SentIndex:
    """Mails to reporters as the caps count them: those that are owed, and those that have left within a week."""

    def __init__(self) -> None:
        self._by_message_id: dict[str, Sent] = {}

    def add(self, letter: Letter, *, verified: bool) -> None:
        """Know it as it now is."""
        if letter.left_at is None and letter.state != "owed":
            self._by_message_id.pop(letter.message_id, None)
            return
        self._by_message_id[letter.message_id] = Sent.of(letter, verified=verified)

    def since(self, at: datetime) -> list[Sent]:
        """Those that left then or later, and all that are owed, in no order; what is a week older is forgotten."""
        kept, forgotten = self._by_message_id, at - REMEMBERED
        self._by_message_id = {
            key: each for key, each in kept.items() if each.left_at is None or each.left_at >= forgotten
        }
        return [each for each in self._by_message_id.values() if each.left_at is None or each.left_at >= at]


class AlertIndex:
    """What alerts have told, and which of them the pager has still to be told of."""

    def __init__(self) -> None:
        self.unpaged: dict[ToTeam, Page] = {}
        self._marks: set[Mark] = set()
        self._ordinary_at: datetime | None = None
        self._suspicion_at: datetime | None = None

    @property
    def told(self) -> Told:
        """All of it."""
        return Told(self._marks, self._ordinary_at, self._suspicion_at)

    def add(self, marks: Iterable[Mark], at: datetime) -> None:
        """An alert of that time has told them; alerts come in their order."""
        for mark in marks:
            self._marks.add(mark)
            if mark.deadline == "exploitation":
                self._suspicion_at = at
            elif not mark.urgent:
                self._ordinary_at = at
