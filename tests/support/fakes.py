"""Fakes of the ports for tests of the service: in memory, and as scripted."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from triaged.core.mail.parsing.reading import read_message
from triaged.core.report.reading import Reading
from triaged.ports import Fetched, Page, TryLater


class FakeClock:
    """Implements `ports.Clock`: stands still until it is told otherwise."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, span: timedelta) -> None:
        self.now += span


class Killed(BaseException):
    """A kill -9: nothing catches it, and nothing of the process goes on."""


class MortalStore:
    """A store whose process is killed at its nth write, before the write or after it; `writes` names those that came."""

    def __init__(self, store, *, dies_at: int = 0, after: bool = False) -> None:
        self._store = store
        self._dies_at = dies_at
        self._after = after
        self.writes = []

    def __getattr__(self, name: str):
        there = getattr(self._store, name)
        writes = {"note", "record", "letter_event", "record_alert", "record_paged", "record_answer", "erase"}
        return self._mortal(name, there) if name in writes else there

    def _mortal(self, name: str, there):
        def write(*args):
            self.writes.append(name)
            dying = len(self.writes) == self._dies_at
            if dying and not self._after:
                raise Killed
            result = there(*args)
            if dying:
                raise Killed
            return result

        return write


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

    def __init__(self, *waiting: Fetched | Exception, file_error: Exception | None = None) -> None:
        self.waiting = list(waiting)
        self.file_error = file_error
        self.filed = []
        self.polls = 0
        self.missing: dict[str, int] = {}
        """Mails that cannot be had, a phrase each, and how often that failed."""

    def fetch_new(self, ledger, now) -> Iterator[Fetched]:
        self.polls += 1
        for each in self.waiting:
            if isinstance(each, Exception):
                raise each
            if not ledger.knows(each.place):
                yield each

    def stirred(self) -> bool:
        return False

    def unreadable(self, times: int = 3) -> tuple[str, ...]:
        return tuple(phrase for phrase, failed in self.missing.items() if failed >= times)

    def file(self, place) -> None:
        if self.file_error is not None:
            raise self.file_error
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
    """Implements `ports.Reader` in this process; fails on what it is told to, and counts what it began.

    A mail in which `Costs: 0.7` stands takes so many seconds; `budgets` tells what each reading was allowed, None for all.
    """

    def __init__(self, *, dies_on: bytes | None = None, error: BaseException | None = None) -> None:
        self.dies_on = dies_on
        self.policy = None
        self.budgets = []
        self.error = error or RuntimeError("a fault of ours")
        self.begun = 0

    def reads_by(self, policy) -> None:
        self.policy = policy

    def report_on(self, message) -> None:
        """Nobody's policy: whoever decides on the message reads it."""

    def read(self, raw: bytes) -> Reading:
        self.begun += 1
        if self.dies_on and self.dies_on in raw:
            raise self.error
        self.budgets.append(None)
        return Reading(read_message(raw))

    def read_within(self, raw: bytes, seconds: float) -> Reading | None:
        costs = re.search(rb"Costs: ([\d.]+)", raw)
        if costs and float(costs[1]) > seconds:
            self.begun += 1
            self.budgets.append(seconds)
            return None
        reading = self.read(raw)
        self.budgets[-1] = seconds
        return reading


class FakeSpool:
    """Implements `ports.Spool`."""

    def __init__(self) -> None:
        self.kept = {}
        self.now = datetime.now(UTC)

    def keep(self, raw: bytes) -> str:
        return self.keep_all((raw,))[0]

    def keep_all(self, mails: Sequence[bytes]) -> tuple[str, ...]:
        names = tuple(hashlib.sha256(raw).hexdigest() for raw in mails)
        self.kept.update(zip(names, mails, strict=True))
        return names

    def read(self, sha256: str) -> bytes:
        if sha256 not in self.kept:
            raise FileNotFoundError(sha256)
        return self.kept[sha256]

    def names(self) -> list[str]:
        return list(self.kept)

    def remove(self, names) -> int:
        return sum(self.kept.pop(name, None) is not None for name in names)

    def kept_at(self, sha256: str) -> datetime | None:
        raw = self.kept.get(sha256)
        return self.now if raw is not None and hashlib.sha256(raw).hexdigest() == sha256 else None


class FakeDecisions:
    """Implements `ports.Decisions`."""

    def __init__(self, *waiting) -> None:
        self.waiting = list(waiting)

    def handed_in(self):
        return list(self.waiting)

    def taken_up(self, name: str) -> None:
        self.waiting = [each for each in self.waiting if each.name != name]


class FakePager:
    """Implements `ports.Pager`: keeps what it was told; `outcomes` are used up one by one."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.told = []
        self.aborted = False

    def page(self, page: Page) -> None:
        if self.aborted:
            raise TryLater("it was aborted")
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
        self.told.append(page.body)

    def abort(self) -> None:
        self.aborted = True


class FakeScanner:
    """Implements `ports.Scanner`: `outcomes` are used up one by one, and what is there to say last is said for ever."""

    def __init__(self, *outcomes: str | Exception) -> None:
        self.outcomes = list(outcomes) or [""]
        self.scanned = []
        self.aborted = False

    def scan(self, raw: bytes) -> str:
        if self.aborted:
            raise TryLater("it was aborted")
        self.scanned.append(raw)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def abort(self) -> None:
        self.aborted = True
