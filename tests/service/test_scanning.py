"""Scans come after everything else, wait for nobody, and nobody waits for them."""

import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count, pairwise

import pytest
from structlog.testing import capture_logs

from tests.support.fakes import FakeMailbox, FakeReader, FakeScanner, Killed, MortalStore
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
def desk(tmp_path):
    """A desk with a scanner that finds nothing, and with a mailbox in which nothing lies."""
    with ExitStack() as stack:
        yield replace(Workshop(tmp_path / "state").open(stack), mailbox=FakeMailbox(), scanner=FakeScanner())


def receive(desk, *mails, **how):
    there = [fetched(raw, next(_UIDS), **how) for raw in mails]
    take_in(replace(desk, mailbox=FakeMailbox(*there)))


def verdicts(desk) -> list:
    return [(each.verdict, each.reason) for case in desk.store.cases() for each in case.scans]


def test_the_whole_raw_mail_is_scanned_once_and_the_verdict_is_an_event_on_its_case(desk):
    receive(desk, attached())
    assert [scan(desk), scan(desk)] == [1, 0]
    assert desk.scanner.scanned == [attached()]
    (case,) = desk.store.cases()
    assert case.history[-1] == Scanned(at=NOON, sha256=case.opening.sha256, verdict="clean")


def test_what_is_found_is_named_and_nothing_else_of_the_case_changes(desk, lines):
    receive(desk, attached())
    (before,) = desk.store.cases()
    scan(replace(desk, scanner=FakeScanner("Eicar-Signature")))
    assert verdicts(desk) == [("infected", "Eicar-Signature")]
    (after,) = desk.store.cases()
    assert replace(after, history=before.history, scans=()) == before
    policy = desk.house.policy
    assert deadlines(after, policy, NOON) == deadlines(before, policy, NOON)
    assert [(line["log_level"], line["verdict"]) for line in lines if line["event"] == "mail scanned"] == [
        ("warning", "infected")
    ]


def test_without_a_scanner_nothing_is_said(desk):
    receive(desk, attached())
    assert scan(replace(desk, scanner=None)) == 0
    assert verdicts(desk) == []


def test_a_mail_without_attachments_needs_no_scan_and_one_set_aside_gets_none(desk):
    receive(desk, mail(), AUTOMATIC)
    assert scan(desk) == 0
    assert desk.scanner.scanned == []


def test_a_mail_that_could_not_be_read_may_have_attachments_and_is_scanned(desk):
    receive(replace(desk, reader=FakeReader(dies_on=b"no. 1")), mail())
    assert scan(desk) == 1
    assert verdicts(desk) == [("clean", "")]


def test_every_mail_of_a_case_is_scanned(desk):
    receive(desk, attached(1))
    scan(desk)
    (case,) = desk.store.cases()
    second = attached(2).replace(b"Subject:", b"In-Reply-To: <report-1@example.org>\r\nSubject:", 1)
    receive(desk, second)
    assert scan(desk) == 1
    (case,) = desk.store.cases()
    assert [each.sha256 for each in case.scans] == [each.sha256 for each in case.mails]


def test_of_a_mail_that_was_cut_nothing_is_called_clean(desk):
    receive(desk, attached(), size=99_000_000)
    scan(desk)
    ((verdict, reason),) = verdicts(desk)
    assert verdict == "unscanned"
    assert reason.startswith("nothing in its first ")


def test_a_refusal_is_told_at_once(desk):
    receive(desk, attached())
    scan(replace(desk, scanner=FakeScanner(Refused("the mail is larger than it takes"))))
    assert verdicts(desk) == [("unscanned", "the mail is larger than it takes")]
    assert scan(desk) == 0


def test_a_raw_mail_that_is_gone_is_unscanned(desk, tmp_path):
    receive(desk, attached())
    for path in (tmp_path / "state" / "spool").iterdir():
        path.unlink()
    scan(desk)
    assert verdicts(desk) == [("unscanned", "its raw mail is not in the spool")]


def test_a_scanner_that_is_gone_is_asked_at_growing_pauses_and_given_up_after_a_day(desk, lines):
    receive(desk, attached())
    desk, asked = replace(desk, scanner=FakeScanner(GONE)), []
    while not verdicts(desk):
        before = len(desk.scanner.scanned)
        scan(desk)
        if len(desk.scanner.scanned) > before:
            asked.append(desk.clock())
        desk.clock.advance(timedelta(minutes=1))
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert pauses[: len(PAUSES)] == list(PAUSES)
    assert set(pauses[len(PAUSES) :]) == {PAUSES[-1]}
    assert asked[-1] - NOON >= GIVEN_UP_AFTER > asked[-2] - NOON
    assert verdicts(desk) == [("unscanned", f"given up after a day: {GONE}")]
    assert len(lines) < 60


def test_one_that_comes_back_scans_what_has_waited(desk):
    receive(desk, attached(1), attached(2))
    desk = replace(desk, scanner=FakeScanner(GONE, ""))
    assert scan(desk) == 1
    desk.clock.advance(PAUSES[0] - SECOND)
    assert scan(desk) == 0
    desk.clock.advance(SECOND)
    assert scan(desk) == 2
    assert verdicts(desk) == [("clean", ""), ("clean", "")]


def test_a_mail_on_which_the_scanner_fails_stands_behind_those_not_tried_yet(desk):
    receive(desk, attached(1))
    desk = replace(desk, scanner=FakeScanner(TryLater("no answer in time"), ""))
    scan(desk)
    receive(desk, attached(2), attached(3))
    desk.clock.advance(PAUSES[0])
    scan(desk)
    first, *others, last = desk.scanner.scanned
    assert (first, last) == (attached(1), attached(1))
    assert sorted(others) == [attached(2), attached(3)]


def test_what_has_waited_for_a_day_is_given_up_all_at_once(desk):
    receive(desk, *map(attached, range(5)))
    desk.clock.advance(GIVEN_UP_AFTER)
    desk = replace(desk, scanner=FakeScanner(GONE))
    assert scan(desk) == 1
    assert [verdict for verdict, _ in verdicts(desk)] == ["unscanned"] * 5


def test_where_a_scanner_is_set_up_anew_old_mail_is_left_alone(desk):
    receive(desk, attached())
    desk.clock.advance(LOOKED_BACK + SECOND)
    assert scan(desk) == 0
    assert verdicts(desk) == []


def test_a_clock_set_back_does_not_make_it_quiet_for_longer(desk):
    receive(desk, attached())
    desk = replace(desk, scanner=FakeScanner(GONE, ""))
    scan(desk)
    desk.clock.advance(-timedelta(hours=5))
    assert scan(desk) == 1


def test_a_pass_is_bounded_by_number_and_by_time(desk):
    receive(desk, *map(attached, range(MOST + 1)))
    assert [scan(desk), scan(desk)] == [MOST, 1]
    receive(desk, *map(attached, range(100, 105)))

    class Slow(FakeScanner):
        def scan(self, raw):
            desk.clock.advance(timedelta(seconds=40))
            return super().scan(raw)

    assert scan(replace(desk, scanner=Slow())) == 2


def test_told_to_stop_it_begins_no_scan(desk):
    receive(desk, attached())
    assert scan(replace(desk, stopping=lambda: True)) == 0
    assert desk.scanner.scanned == []


def test_the_turn_is_held_around_the_store_and_never_while_the_scanner_is_waited_for(desk):
    receive(desk, attached())
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

    scan(replace(desk, scanner=Watched()), held)
    assert steps == ["turn", "scan, while others may work", "turn", "turn"]


@pytest.mark.parametrize("after", [False, True])
def test_a_kill_around_the_record_leads_to_one_verdict(desk, after):
    receive(desk, attached())
    with pytest.raises(Killed):
        scan(replace(desk, store=MortalStore(desk.store, dies_at=1, after=after)))
    assert scan(replace(desk, scanner_patience=Patience())) == (0 if after else 1)
    assert verdicts(desk) == [("clean", "")]


def test_a_disk_that_does_not_take_the_verdict_does_not_lead_to_scan_after_scan(desk):
    receive(desk, attached())

    class Full(MortalStore):
        def record(self, *_):
            raise TryLater("the disk is full")

    for _ in range(3):
        full = replace(desk, store=Full(desk.store))
        try:
            scan(full)
        except TryLater:
            continue
    assert len(desk.scanner.scanned) == 1
    desk.clock.advance(PAUSES[0])
    assert scan(desk) == 1
    assert verdicts(desk) == [("clean", "")]


def test_an_acknowledgment_goes_out_though_the_scanner_is_gone(desk):
    receive(desk, attached())
    desk = replace(desk, scanner=FakeScanner(GONE))
    scan(desk)
    assert deliver(desk) == 1
    assert desk.submission.letters[0].to == (REPORTER,)
