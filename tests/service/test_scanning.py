"""Scans come after everything else, wait for nobody, and nobody waits for them."""

import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count, pairwise

import pytest
from structlog.testing import capture_logs

from tests.support.fakes import FakeMailbox, FakeReader, FakeScanner, Killed, MortalStore
from tests.support.rooms import changed
from tests.support.values import NOON, REPORT, REPORTER, fetched, mail
from tests.support.workshop import AUTOMATIC, Workshop
from triaged.core.case.events import Scanned
from triaged.core.clocks.deadlines import deadlines
from triaged.ports import Refused, TryLater
from triaged.service.delivery import deliver
from triaged.service.intake import take_in
from triaged.service.patience import GIVEN_UP_AFTER, PAUSES, Patience
from triaged.service.scanning import LOOKED_BACK, MOST, scan

_UIDS = count(1)
SECOND = timedelta(seconds=1)
GONE = TryLater("clamd at /run/clamd: its socket is not there")


def attached(number: int = 1) -> bytes:
    """A report with a file."""
    head = mail(number, more='MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n', text="").decode()
    parts = f"--b\r\nContent-Type: text/plain\r\n\r\n{REPORT}\r\n--b\r\nContent-Type: application/zip\r\n"
    return f'{head}{parts}Content-Disposition: attachment; filename="{number}.zip"\r\n\r\nPK\r\n--b--\r\n'.encode()


@pytest.fixture(autouse=True)
def lines():
    with capture_logs() as kept:
        yield kept


@pytest.fixture
def rooms(tmp_path):
    """Rooms with a scanner that finds nothing, and with a mailbox in which nothing lies."""
    with ExitStack() as stack:
        yield changed(Workshop(tmp_path / "state").open(stack), mailbox=FakeMailbox(), scanner=FakeScanner())


def receive(rooms, *mails, **how):
    there = [fetched(raw, next(_UIDS), **how) for raw in mails]
    take_in(changed(rooms, mailbox=FakeMailbox(*there)).mailrooms[0])


def verdicts(rooms) -> list:
    return [(each.verdict, each.reason) for case in rooms.under_way.store.cases() for each in case.scans]


def test_the_whole_raw_mail_is_scanned_once_and_the_verdict_is_an_event_on_its_case(rooms):
    receive(rooms, attached())
    assert [scan(rooms.scanroom), scan(rooms.scanroom)] == [1, 0]
    assert rooms.scanroom.scanner.scanned == [attached()]
    (case,) = rooms.under_way.store.cases()
    assert case.history[-1] == Scanned(at=NOON, sha256=case.opening.sha256, verdict="clean")


def test_what_is_found_is_named_and_nothing_else_of_the_case_changes(rooms, lines):
    receive(rooms, attached())
    (before,) = rooms.under_way.store.cases()
    scan(changed(rooms, scanner=FakeScanner("Eicar-Signature")).scanroom)
    assert verdicts(rooms) == [("infected", "Eicar-Signature")]
    (after,) = rooms.under_way.store.cases()
    assert replace(after, history=before.history, scans=()) == before
    policy = rooms.desk.house.policy
    assert deadlines(after, policy, NOON) == deadlines(before, policy, NOON)
    assert [(line["log_level"], line["verdict"]) for line in lines if line["event"] == "mail scanned"] == [
        ("warning", "infected")
    ]


def test_without_a_scanner_nothing_is_said(rooms):
    receive(rooms, attached())
    assert scan(changed(rooms, scanner=None).scanroom) == 0
    assert verdicts(rooms) == []


def test_a_mail_without_attachments_needs_no_scan_and_one_set_aside_gets_none(rooms):
    receive(rooms, mail(), AUTOMATIC)
    assert scan(rooms.scanroom) == 0
    assert rooms.scanroom.scanner.scanned == []


def test_a_mail_that_could_not_be_read_may_have_attachments_and_is_scanned(rooms):
    receive(changed(rooms, reader=FakeReader(dies_on=b"no. 1")), mail())
    assert scan(rooms.scanroom) == 1
    assert verdicts(rooms) == [("clean", "")]


def test_every_mail_of_a_case_is_scanned(rooms):
    receive(rooms, attached(1))
    scan(rooms.scanroom)
    (case,) = rooms.under_way.store.cases()
    second = attached(2).replace(b"Subject:", b"In-Reply-To: <report-1@example.org>\r\nSubject:", 1)
    receive(rooms, second)
    assert scan(rooms.scanroom) == 1
    (case,) = rooms.under_way.store.cases()
    assert [each.sha256 for each in case.scans] == [each.sha256 for each in case.mails]


def test_of_a_mail_that_was_cut_nothing_is_called_clean(rooms):
    receive(rooms, attached(), size=99_000_000)
    scan(rooms.scanroom)
    ((verdict, reason),) = verdicts(rooms)
    assert verdict == "unscanned"
    assert reason.startswith("nothing in its first ")


def test_a_refusal_is_told_at_once(rooms):
    receive(rooms, attached())
    scan(changed(rooms, scanner=FakeScanner(Refused("the mail is larger than it takes"))).scanroom)
    assert verdicts(rooms) == [("unscanned", "the mail is larger than it takes")]
    assert scan(rooms.scanroom) == 0


def test_a_raw_mail_that_is_gone_is_unscanned(rooms, tmp_path):
    receive(rooms, attached())
    for path in (tmp_path / "state" / "spool").iterdir():
        path.unlink()
    scan(rooms.scanroom)
    assert verdicts(rooms) == [("unscanned", "its raw mail is not in the spool")]


def test_a_scanner_that_is_gone_is_asked_at_growing_pauses_and_given_up_after_a_day(rooms, lines):
    receive(rooms, attached())
    rooms, asked = changed(rooms, scanner=FakeScanner(GONE)), []
    while not verdicts(rooms):
        before = len(rooms.scanroom.scanner.scanned)
        scan(rooms.scanroom)
        if len(rooms.scanroom.scanner.scanned) > before:
            asked.append(rooms.under_way.clock())
        rooms.under_way.clock.advance(timedelta(minutes=1))
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert pauses[: len(PAUSES)] == list(PAUSES)
    assert set(pauses[len(PAUSES) :]) == {PAUSES[-1]}
    assert asked[-1] - NOON >= GIVEN_UP_AFTER > asked[-2] - NOON
    assert verdicts(rooms) == [("unscanned", f"given up after a day: {GONE}")]
    assert len(lines) < 60


def test_one_that_comes_back_scans_what_has_waited(rooms):
    receive(rooms, attached(1), attached(2))
    rooms = changed(rooms, scanner=FakeScanner(GONE, ""))
    assert scan(rooms.scanroom) == 1
    rooms.under_way.clock.advance(PAUSES[0] - SECOND)
    assert scan(rooms.scanroom) == 0
    rooms.under_way.clock.advance(SECOND)
    assert scan(rooms.scanroom) == 2
    assert verdicts(rooms) == [("clean", ""), ("clean", "")]


def test_a_mail_on_which_the_scanner_fails_stands_behind_those_not_tried_yet(rooms):
    receive(rooms, attached(1))
    rooms = changed(rooms, scanner=FakeScanner(TryLater("no answer in time"), ""))
    scan(rooms.scanroom)
    receive(rooms, attached(2), attached(3))
    rooms.under_way.clock.advance(PAUSES[0])
    scan(rooms.scanroom)
    first, *others, last = rooms.scanroom.scanner.scanned
    assert (first, last) == (attached(1), attached(1))
    assert sorted(others) == [attached(2), attached(3)]


def test_what_has_waited_for_a_day_is_given_up_all_at_once(rooms):
    receive(rooms, *map(attached, range(5)))
    rooms.under_way.clock.advance(GIVEN_UP_AFTER)
    rooms = changed(rooms, scanner=FakeScanner(GONE))
    assert scan(rooms.scanroom) == 1
    assert [verdict for verdict, _ in verdicts(rooms)] == ["unscanned"] * 5


def test_where_a_scanner_is_set_up_anew_old_mail_is_left_alone(rooms):
    receive(rooms, attached())
    rooms.under_way.clock.advance(LOOKED_BACK + SECOND)
    assert scan(rooms.scanroom) == 0
    assert verdicts(rooms) == []


def test_a_clock_set_back_does_not_make_it_quiet_for_longer(rooms):
    receive(rooms, attached())
    rooms = changed(rooms, scanner=FakeScanner(GONE, ""))
    scan(rooms.scanroom)
    rooms.under_way.clock.advance(-timedelta(hours=5))
    assert scan(rooms.scanroom) == 1


def test_a_pass_is_bounded_by_number_and_by_time(rooms):
    receive(rooms, *map(attached, range(MOST + 1)))
    assert [scan(rooms.scanroom), scan(rooms.scanroom)] == [MOST, 1]
    receive(rooms, *map(attached, range(100, 105)))

    class Slow(FakeScanner):
        def scan(self, raw):
            rooms.under_way.clock.advance(timedelta(seconds=40))
            return super().scan(raw)

    assert scan(changed(rooms, scanner=Slow()).scanroom) == 2


def test_told_to_stop_it_begins_no_scan(rooms):
    receive(rooms, attached())
    assert scan(changed(rooms, stopping=lambda: True).scanroom) == 0
    assert rooms.scanroom.scanner.scanned == []


def test_the_turn_is_held_around_the_store_and_never_while_the_scanner_is_waited_for(rooms):
    receive(rooms, attached())
    turn, steps = threading.Lock(), []

    @contextmanager
    def held():
        with turn:
            steps.append("turn")
            yield

    class Watched(FakeScanner):
        def scan(self, raw):
            steps.append("scan, while others may work" if turn.acquire(blocking=False) else "scan, while others wait")
            turn.release()
            return super().scan(raw)

    scan(changed(rooms, scanner=Watched(), turn=held).scanroom)
    assert steps == ["turn", "scan, while others may work", "turn", "turn"]


@pytest.mark.parametrize("after", [False, True])
def test_a_kill_around_the_record_leads_to_one_verdict(rooms, after):
    receive(rooms, attached())
    with pytest.raises(Killed):
        scan(changed(rooms, store=MortalStore(rooms.under_way.store, dies_at=1, after=after)).scanroom)
    assert scan(changed(rooms, patience=Patience()).scanroom) == (0 if after else 1)
    assert verdicts(rooms) == [("clean", "")]


def test_a_disk_that_does_not_take_the_verdict_does_not_lead_to_scan_after_scan(rooms):
    receive(rooms, attached())

    class Full(MortalStore):
        def record(self, *_):
            raise TryLater("the disk is full")

    for _ in range(3):
        full = changed(rooms, store=Full(rooms.under_way.store))
        try:
            scan(full.scanroom)
        except TryLater:
            continue
    assert len(rooms.scanroom.scanner.scanned) == 1
    rooms.under_way.clock.advance(PAUSES[0])
    assert scan(rooms.scanroom) == 1
    assert verdicts(rooms) == [("clean", "")]


def test_an_acknowledgment_goes_out_though_the_scanner_is_gone(rooms):
    receive(rooms, attached())
    rooms = changed(rooms, scanner=FakeScanner(GONE))
    scan(rooms.scanroom)
    assert deliver(rooms.outgoing) == 1
    assert rooms.outgoing.submission.letters[0].to == (REPORTER,)
