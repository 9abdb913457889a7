"""A flood: mails by the thousand whose senders are forged, through the passes of the product, and what came of it.

The clock stands in for an hour; the store, the spool, the reader and the renderer are the product's own.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.support.fakes import FakeClock, FakeDecisions, FakeMailbox
from tests.support.letters import digest_words
from tests.support.rooms import changed
from tests.support.values import NOON, fetched
from triaged.adapters.disk.spool import FileSpool
from triaged.adapters.reader.reader import ChildReader
from triaged.adapters.store.store import open_store
from triaged.composition import furnished
from triaged.config.loading import example
from triaged.ports import Pulse
from triaged.service.delivery import deliver
from triaged.service.intake import take_in
from triaged.service.morning import compose_digest, health, raise_alarm
from triaged.service.rooms import UnderWay
from triaged.service.round import Round

KEY = b"f" * 32
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WINDOWS = (("address", DAY, 5), ("domain", HOUR, 20), ("all", HOUR, 60))
"""The caps that ship: to whom, within which time, how many."""

_CRIES = ("Account locked", "XSS in your login", "URGENT: wire transfer", "Prompt injection in the assistant", "hello")
_TEXTS = (
    "Click https://evil.example/claim/{number} at once, or your account {number} is closed.\n",
    "Steps to reproduce\n1. Open /search?q=<script>alert({number})</script>\n\nImpact\nAn attacker can read a session.\n",
    "Your model told me number {number} of its system prompt.\n",
)


def forged(number: int) -> bytes:
    """One mail of the flood, always the same for a number: half name one of few victims, half a stranger each."""
    chance = random.Random(number)
    address = chance.choice(
        (
            f"victim{chance.randrange(40)}@bank.example",
            f"victim{chance.randrange(400)}@mail{chance.randrange(5)}.example",
            f"person{number}@host{number}.example.org",
            f"p{chance.randrange(10**9)}@d{chance.randrange(3000)}.example.net",
        )
    )
    subject = f"{chance.choice(_CRIES)} <b>{number}</b> {'!' * chance.randrange(60)}"
    text = chance.choice(_TEXTS).format(number=number) * chance.randrange(1, 12)
    head = (
        f"Return-Path: <{address}>\r\nReceived: from x (x [192.0.2.{number % 250}]) by mx.smallest.ai; now\r\n"
        f"From: {chance.choice(('', 'The Support Team ', 'Ann '))}<{address}>\r\nTo: security@smallest.ai\r\n"
        f"Reply-To: third@party.example\r\nSubject: {subject}\r\nMessage-ID: <{chance.getrandbits(64):x}@evil.example>\r\n"
    )
    return f"{head}\r\n{text}".replace("\r\n", "\n").replace("\n", "\r\n").encode()


class Times:
    """Implements `ports.Submission`: takes every letter, and keeps when it came, to whom it went, and how large it was."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.taken: list[tuple[datetime, tuple[str, ...], int, bool]] = []

    def submit(self, letter) -> str:
        self.taken.append((self._clock.now, letter.to, len(letter.raw), "auto-replied" in letter.raw))
        return "250 taken"

    def close(self) -> None: ...

    def abort(self) -> None: ...


@dataclass
class Flood:
    """Rooms in a flood, as far as it has come."""

    rooms: Round
    clock: FakeClock
    submission: Times
    fed: int = 0
    filed: int = 0
    forged: Callable[[int], bytes] = forged
    pace: timedelta = timedelta(milliseconds=350)
    """Between two mails; ten thousand of them are within the hour."""

    def feed(self, count: int) -> None:
        """One poll that finds so many mails, with all that a poll of the daemon does."""
        polled = changed(self.rooms, mailbox=FakeMailbox(*(self._arriving(count))))
        self.filed += sum(settled.arrival.end == "opened" for settled in take_in(polled.mailrooms[0]))
        raise_alarm(polled.desk)
        deliver(polled.outgoing)

    def _arriving(self, count: int) -> Iterator:
        for _ in range(count):
            self.fed += 1
            self.clock.advance(self.pace)
            yield fetched(self.forged(self.fed), self.fed, received_at=self.clock.now)

    @property
    def acknowledgments(self) -> list[tuple[datetime, str]]:
        return [(at, to) for at, (to,), _, answer in self.submission.taken if answer]

    @property
    def alarms(self) -> int:
        return sum(not answer for *_, answer in self.submission.taken)

    def digest(self) -> tuple[str, str]:
        """The text part and the HTML part of the next digest."""
        desk, now = self.rooms.desk, self.clock.now
        well = health(desk.store, Pulse(last_poll_at=now), now)
        composed = compose_digest(desk.store, desk.house.policy, well, now, date(2026, 11, 23), desk.digest_settings)
        return digest_words(desk.renderer, composed)[1:]


@contextmanager
def flood(folder: Path) -> Iterator[Flood]:
    """Rooms with the settings that ship, before the first mail."""
    clock = FakeClock(NOON)
    submission = Times(clock)
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(folder)))
        reader = stack.enter_context(closing(ChildReader()))
        kept = UnderWay(store, FileSpool(folder / "spool"), reader, FakeDecisions(), KEY, clock)
        yield Flood(changed(furnished(example(), kept), submission=submission), clock, submission)


def over_a_cap(acknowledgments: list[tuple[datetime, str]]) -> list[str]:
    """Each cap that was broken, counted afresh from what went out and when."""
    broken = []
    for kind, window, cap in WINDOWS:
        sent = defaultdict(list)
        for at, to in acknowledgments:
            sent[{"address": to, "domain": to.rpartition("@")[2], "all": ""}[kind]].append(at)
        for whom, times in sent.items():
            most = max(sum(at - window < each <= at for each in times) for at in times)
            if most > cap:
                broken.append(f"{most} within {window} to {whom or 'all'}, and the cap is {cap}")
    return broken
