"""Fakes of the ports for tests of the service: in memory, and as scripted."""

import hashlib
from collections.abc import Iterator

from triaged.core.mail.message import Message
from triaged.core.mail.reading import read_message
from triaged.ports import Fetched


class MemoryLedger:
    """Implements `ports.Places`."""

    def __init__(self) -> None:
        self.contacts = {}
        self.places = set()

    def knows(self, place) -> bool:
        return place in self.places

    def highest_uid(self, folder, uidvalidity) -> int:
        return max((p.uid for p in self.places if (p.folder, p.uidvalidity) == (folder, uidvalidity)), default=0)

    def contact(self, folder, uidvalidity):
        return self.contacts.get((folder, uidvalidity))

    def remember(self, contact) -> None:
        self.contacts[contact.folder, contact.uidvalidity] = contact

    def last_taken_at(self):
        return None

    def take(self, fetched) -> None:
        self.places |= {each.place for each in fetched}


class FakeMailbox:
    """Implements `ports.Mailbox` over a list of what lies there; an exception in the list is raised when reached."""

    def __init__(self, *waiting: Fetched | Exception) -> None:
        self.waiting = list(waiting)
        self.filed = []

    def fetch_new(self, ledger, now) -> Iterator[Fetched]:
        for each in self.waiting:
            if isinstance(each, Exception):
                raise each
            if not ledger.knows(each.place):
                yield each

    def file(self, place) -> None:
        self.filed.append(place)

    def close(self) -> None: ...

    def abort(self) -> None: ...


class FakeSubmission:
    """Implements `ports.Submission`: keeps what was handed in; `outcomes` are used up one by one."""

    def __init__(self, *outcomes: Exception) -> None:
        self.outcomes = list(outcomes)
        self.letters = []

    def submit(self, letter) -> str:
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is None or getattr(outcome, "uncertain", False):
            self.letters.append(letter)
        if outcome is not None:
            raise outcome
        return "250 taken"

    def close(self) -> None: ...

    def abort(self) -> None: ...


class FakeReader:
    """Implements `ports.Reader` in this process; dies on what it is told to."""

    def __init__(self, *, dies_on: bytes | None = None) -> None:
        self.dies_on = dies_on

    def read(self, raw: bytes) -> Message:
        if self.dies_on and self.dies_on in raw:
            raise RuntimeError("a fault of ours")
        return read_message(raw)


class FakeSpool:
    """Implements `ports.Spool`."""

    def __init__(self) -> None:
        self.kept = {}

    def keep(self, raw: bytes) -> str:
        name = hashlib.sha256(raw).hexdigest()
        self.kept[name] = raw
        return name

    def read(self, sha256: str) -> bytes:
        return self.kept[sha256]


class FakeDecisions:
    """Implements `ports.Decisions`."""

    def __init__(self, *waiting) -> None:
        self.waiting = list(waiting)

    def handed_in(self):
        return list(self.waiting)

    def taken_up(self, name: str) -> None:
        self.waiting = [each for each in self.waiting if each.name != name]
