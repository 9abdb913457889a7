"""Machines that answer each other: two of us wired together, and helpdesks that mark nothing and answer everything.

Mail moves only between two passes, handed over by LMTP as a mail server does it, so every run of a story is the same.
"""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from itertools import count

import pytest

from tests.stories.conftest import House
from tests.stories.mails import COMPLETE, deliver_all, mail
from tests.support.servers import DOMAIN, smtp_sink

pytestmark = pytest.mark.slow

ROUNDS = 30


class Wire:
    """Two houses whose mail to each other arrives; everybody else's mail is only counted."""

    def __init__(self, first: House, second: House, sink) -> None:
        self.houses = {first.address: first, second.address: second}
        self.sink, self.carried = sink, 0
        self.between: list[tuple[str, str]] = []
        self.outside: list[str] = []

    def drop(self, raw: bytes, sender: str, recipient: str) -> None:
        with smtplib.LMTP("127.0.0.1", self.houses[recipient].dovecot.lmtp_port) as client:
            assert client.sendmail(sender, [recipient], raw) == {}

    def round(self) -> int:
        """Both do one pass at the same time, then what they sent is carried over; how many mails that were."""
        with ThreadPoolExecutor() as both:
            list(both.map(lambda house: house.run("run", "--once"), self.houses.values()))
        new, self.carried = self.sink.mails[self.carried :], len(self.sink.mails)
        for sender, (to,), raw in new:
            author = message_from_bytes(raw, policy=policy.default)["From"].addresses[0].addr_spec
            if to in self.houses:
                self.between.append((author, to))
                self.drop(raw, sender, to)
            else:
                self.outside.append(to)
        return len(new)


@pytest.fixture
def wire(tmp_path, dovecot, user, sink):
    houses = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        houses.append(House(folder, dovecot, f"{name}{user}", sink.port, sink))
    return Wire(*houses, sink)


def in_the_name_of(address: str) -> bytes:
    return COMPLETE.replace(b"Ada <ada@research.example>", address.encode())


def a_report_in_the_other_ones_name(wire: Wire, first: str, second: str) -> int:
    wire.drop(in_the_name_of(second), "ada@research.example", first)
    return 1


def one_mail_to_both(wire: Wire, first: str, second: str) -> int:
    raw = COMPLETE.replace(b"To: security@smallest.ai", f"To: {first}, {second}\r\nReply-To: {second}".encode())
    for address in (first, second):
        wire.drop(raw, "ada@research.example", address)
    return 2


def a_bounce_from_the_other_one(wire: Wire, first: str, second: str) -> int:
    said = "--b\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n--b--\r\n"
    fields = ("MIME-Version: 1.0", 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"')
    wire.drop(mail(second, "Undelivered Mail Returned to Sender", said, f"bounce@{DOMAIN}", *fields), "", first)
    return 1


def a_bounce_without_any_mark(wire: Wire, first: str, second: str) -> int:
    said = "Your message could not be delivered to the following recipient: user unknown\n"
    wire.drop(mail(second, "Undelivered Mail Returned to Sender", said, f"bare@{DOMAIN}"), second, first)
    return 1


def each_in_the_other_ones_name(wire: Wire, first: str, second: str) -> int:
    wire.drop(in_the_name_of(second), second, first)
    wire.drop(in_the_name_of(first).replace(b"complete@", b"second@"), first, second)
    return 2


@pytest.mark.parametrize(
    ("start", "to_people"),
    [
        (a_report_in_the_other_ones_name, 0),
        (one_mail_to_both, 2),
        (a_bounce_from_the_other_one, 0),
        (a_bounce_without_any_mark, 0),
        (each_in_the_other_ones_name, 0),
    ],
)
def test_two_of_us_send_each_other_at_most_one_mail_and_fall_silent(wire, start, to_people):
    first, second = wire.houses
    dropped = start(wire, first, second)
    sent = [wire.round() for _ in range(3)]
    assert sent[2] == 0
    assert wire.between.count((first, second)) <= 1
    assert wire.between.count((second, first)) <= 1
    assert wire.outside == ["ada@research.example"] * to_people
    seen = sum(sum(house.json("status")["seen"].values()) for house in wire.houses.values())
    assert seen == dropped + len(wire.between)


class Helpdesk:
    """Answers every mail with a new one and marks nothing: `[#7] Ticket Received - [#6] Ticket Received - ...`."""

    def __init__(
        self, domain: str, *, threads: bool = False, moves: bool = False, words: str = "Ticket Received - {}"
    ) -> None:
        self.domain, self.threads, self.moves, self.words = domain, threads, moves, words
        self.numbers = count(1001)
        self.got = 0

    def first(self) -> bytes:
        return self._mail("Prompt injection in the assistant", COMPLETE.partition(b"\r\n\r\n")[2].decode(), "")

    def answer(self, raw: bytes) -> bytes:
        self.got += 1
        received = message_from_bytes(raw, policy=policy.default)
        told = f"Dear Ada,\n\nwe have read what you wrote and look into it. Yours is number {self.got} today.\n"
        return self._mail(received["Subject"], told, received["Message-ID"])

    def _mail(self, subject: str, text: str, answered: str) -> bytes:
        number = next(self.numbers)
        sender = f"Support <ticket-{number if self.moves else 'desk'}@{self.domain}>"
        fields = [f"In-Reply-To: {answered}", f"References: {answered}"] if self.threads and answered else []
        tagged = f"[#{number}] {self.words.format(subject)}"
        return mail(sender, tagged, text, f"{number}.{self.got}@{self.domain}", *fields)


PLAIN, FORGETFUL = "{}", "about what you wrote"
DESKS = {
    "answers in the thread": (Helpdesk("a.example", threads=True), 1),
    "changes its address": (Helpdesk("b.example", threads=True, moves=True), 20),
    "threads nothing": (Helpdesk("c.example"), 5),
    "answers in the thread, in a person's words": (Helpdesk("d.example", threads=True, words=PLAIN), 1),
    "changes its address, in a person's words": (Helpdesk("e.example", threads=True, moves=True, words=PLAIN), 20),
    "threads nothing, in a person's words": (Helpdesk("f.example", words=PLAIN), 1),
    "threads and quotes nothing": (Helpdesk("g.example", words=FORGETFUL), 5),
    "threads and quotes nothing and changes its address": (Helpdesk("h.example", moves=True, words=FORGETFUL), 20),
}
"""Each with the most mails that it may get from us."""


@pytest.fixture(scope="module")
def answered(dovecot, tmp_path_factory):
    """A house after so many rounds with every desk at once, the mails it got, and how many it sent in each round."""
    with smtp_sink() as sink:
        house = House(tmp_path_factory.mktemp("loops"), dovecot, "loops", sink.port, sink)
        waiting = [desk.first() for desk, _ in DESKS.values()]
        given, sent = 0, []
        for _ in range(ROUNDS):
            deliver_all(house, waiting)
            given += len(waiting)
            before = len(sink.mails)
            house.run("run", "--once")
            new = [(to, raw) for _, (to,), raw in sink.mails[before:]]
            waiting = [
                desk.answer(raw) for to, raw in new for desk, _ in DESKS.values() if to.endswith(f"@{desk.domain}")
            ]
            sent.append(len(new))
            if not new:
                break
        yield house, given, sent


@pytest.mark.prove
def test_with_helpdesks_that_mark_nothing_we_fall_silent_and_file_every_mail(answered):
    house, given, sent = answered
    assert sent[-1] == 0
    seen = house.json("status")["seen"]
    assert sum(seen.values()) == given
    assert seen["opened"] + seen["joined"] + seen["set-aside"] == given
    assert "0 mails taken in, 0 mails sent" in house.run("run", "--once")


@pytest.mark.prove
@pytest.mark.parametrize("name", DESKS)
def test_no_helpdesk_gets_more_than_its_cap(answered, name):
    desk, cap = DESKS[name]
    assert 1 <= desk.got <= cap


@pytest.mark.prove
def test_the_caps_hold_those_that_nothing_else_gives_away(answered):
    house, _, sent = answered
    assert DESKS["threads and quotes nothing"][0].got == 5
    assert DESKS["threads and quotes nothing and changes its address"][0].got == 20
    assert 20 < len(sent) < ROUNDS
    held = [case["acknowledgment"] for case in house.cases() if "cap" in case["acknowledgment"]["reason"]]
    # The one that keeps its address has one letter waiting for tomorrow; tests/test_holding.py says when that ends.
    assert [each["state"] for each in held].count("owed") == 1
    assert "it may be a machine that answers us" in " ".join(each["reason"] for each in held)
