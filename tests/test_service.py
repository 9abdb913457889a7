import json
import re
from collections import deque
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from tests.fakes import (
    FakeClock,
    FakeDecisions,
    FakeMailbox,
    FakePager,
    FakeReader,
    FakeSpool,
    FakeSubmission,
    Killed,
    MortalStore,
)
from tests.values import BORDER, CAPS, HOUR, NOON, REPORT, REPORTER, fetched, house, mail
from triaged.adapters.store.store import open_store
from triaged.composition import renderer
from triaged.config.loading import example
from triaged.config.settings import AlertsSettings
from triaged.core.case.events import Answered, Closed, Noted, Requeued, Triaged, Waiting
from triaged.core.case.outbox import PAUSES
from triaged.core.clocks.deadlines import deadlines, outstanding
from triaged.core.mail.arrival import Arrival, Contact, Place
from triaged.core.mail.sender import Trust
from triaged.ports import HandedIn, Pulse, Refused, StateFault, TryLater, Unwritten
from triaged.service.alerting import send_alert
from triaged.service.decisions import take_up
from triaged.service.delivery import REFUSALS_IN_A_ROW, deliver
from triaged.service.desk import Desk
from triaged.service.intake import MOST_ORPHANS, orphans, preview, take_in
from triaged.service.morning import compose_digest, health, raise_alarm, send_digest
from triaged.service.paging import page
from triaged.service.rewriting import FAILURES, write_again
from triaged.service.settling import ATTEMPTS
from triaged.service.updating import send_updates

KEY = b"k" * 32
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EXAMPLE = example()
DIGESTS, RENDERER = EXAMPLE.settings.digest, renderer(EXAMPLE, KEY)
MONDAY = date(2026, 11, 23)
NOBODY = "From: a@example.org\r\nAuto-Submitted: auto-replied\r\nSubject: away\r\n\r\nI am away."


class BrokenRenderer:
    """Implements `ports.Renderer` as far as mails to reporters go: its templates fail until they are mended."""

    def __init__(self, *, mended=lambda reply: False) -> None:
        self.mended, self.asked = mended, []

    def reply(self, reply, now):
        self.asked.append(reply.case_id)
        if self.mended(reply):
            return RENDERER.reply(reply, now)
        raise ValueError("the words of " + reply.to)

    def update(self, update, now):
        raise Unwritten("update.txt.j2:1: UndefinedError")


class Office:
    """A desk on a store of its own, which can be left at once, as by a kill, and opened again on what is on disk."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.stack = ExitStack()
        self.store = self.stack.enter_context(closing(open_store(folder)))
        self.desk = Desk(
            mailbox=FakeMailbox(),
            submission=FakeSubmission(),
            store=self.store,
            spool=FakeSpool(),
            reader=FakeReader(),
            decisions=FakeDecisions(),
            renderer=RENDERER,
            house=house(),
            digest_settings=DIGESTS,
            key=KEY,
            clock=FakeClock(NOON),
        )

    def restart(self) -> None:
        self.stack.close()
        self.store = self.stack.enter_context(closing(open_store(self.folder)))
        self.desk = replace(self.desk, store=self.store, unwritten=deque())

    def killed_at(self, write: int, *, after: bool = False) -> None:
        """From here on the process does not survive its nth write."""
        self.desk = replace(self.desk, store=MortalStore(self.store, dies_at=write, after=after))

    def change(self, **parts) -> None:
        self.desk = replace(self.desk, **parts)

    def receive(self, *mails, **how):
        """Take in what lies in the mailbox: raw bytes, or what a server gives."""
        there = [fetched(each, uid) if isinstance(each, bytes) else each for uid, each in enumerate(mails, 1)]
        self.change(mailbox=FakeMailbox(*there, **how))
        return take_in(self.desk)

    def send(self, *outcomes: Exception) -> list:
        """Deliver what is due; the letters that the server was given."""
        self.change(submission=FakeSubmission(*outcomes))
        deliver(self.desk)
        return self.desk.submission.letters

    def wait(self, span: timedelta) -> None:
        self.desk.clock.advance(span)

    @property
    def case(self):
        (only,) = self.store.cases()
        return only


@pytest.fixture(autouse=True)
def lines():
    """What is logged, whatever another test has done with the log."""
    with capture_logs() as kept:
        yield kept


@pytest.fixture
def office(tmp_path):
    there = Office(tmp_path / "state")
    with there.stack:
        yield there


@pytest.fixture
def other_office(tmp_path):
    there = Office(tmp_path / "other")
    with there.stack:
        yield there


# Taking in.


def test_a_new_mail_opens_a_case_and_owes_its_reply_in_one_write(office):
    office.killed_at(0)
    (settled,) = office.receive(mail())
    assert office.desk.store.writes == ["note", "record"]
    assert (settled.arrival.end, settled.decision.end) == ("opened", "opened")
    assert settled.arrival.case_id == office.case.id
    ((owner, letter),) = office.store.owed()
    assert (owner, letter.to, letter.state) == (office.case.id, (REPORTER,), "owed")
    assert office.case.acknowledgment.message_id == letter.message_id
    assert office.desk.spool.read(settled.arrival.sha256) == mail()


def test_a_server_that_numbers_its_mail_anew_each_time_costs_no_more_each_time(office):
    office.receive(mail())
    sizes = []
    for uidvalidity in range(1000, 1100):
        office.receive(fetched(mail(), 1, place=Place("INBOX", uidvalidity, 1)))
        sizes.append((office.folder / "journal.jsonl").stat().st_size)
    costs = [after - before for before, after in pairwise(sizes)]
    assert max(costs[50:]) == costs[20]
    assert len(office.store._arrivals.places) < 20
    assert office.store.knows(Place("INBOX", 1099, 1))
    assert office.store.seen() == {"opened": 1}


def test_a_server_that_goes_back_and_forth_between_two_numberings_is_known_in_both(office):
    office.receive(mail())
    office.receive(fetched(mail(), 1, place=Place("INBOX", 2, 1)))
    office.restart()
    assert office.store.knows(Place("INBOX", 1, 1))
    assert office.store.knows(Place("INBOX", 2, 1))


def test_what_was_taken_in_is_not_taken_in_again(office):
    assert len(office.receive(mail(), mail(2))) == 2
    assert take_in(office.desk) == []
    office.restart()
    assert take_in(office.desk) == []
    assert len(office.store.cases()) == 2


def test_the_same_bytes_at_another_place_are_noted_and_nothing_more(office):
    office.receive(mail())
    before = office.case
    (again,) = office.receive(fetched(mail(), 9, place=Place("INBOX", 2, 9)))
    assert again.decision is None
    assert again.arrival.places == (Place("INBOX", 1, 1), Place("INBOX", 2, 9))
    assert office.case == before
    assert office.store.knows(Place("INBOX", 2, 9))
    assert office.store.seen() == {"opened": 1}


def test_mail_that_is_set_aside_is_kept_with_its_reason_and_opens_nothing(office):
    (settled,) = office.receive(NOBODY.encode())
    assert (settled.arrival.end, settled.arrival.case_id) == ("set-aside", None)
    assert "a machine sent it" in settled.arrival.reason
    assert (office.store.cases(), office.store.owed(), office.store.seen()) == ([], [], {"set-aside": 1})
    assert office.desk.spool.kept[settled.arrival.sha256] == NOBODY.encode()


def test_a_reply_joins_through_the_store_and_is_not_acknowledged(office):
    office.receive(mail())
    ((_, letter),) = office.store.owed()
    (settled,) = office.receive(fetched(mail(2, more=f"In-Reply-To: <{letter.message_id}>\r\n"), 2))
    assert (settled.arrival.end, settled.arrival.case_id) == ("joined", office.case.id)
    assert len(office.case.mails) == 2
    assert [each for _, each in office.store.owed()] == [letter]


def test_caps_count_the_acknowledgments_of_the_same_pass(office):
    office.change(house=house(caps=replace(CAPS, per_address_per_day=2)))
    settled = office.receive(*(mail(number) for number in range(4)))
    assert [each.decision.hold is None for each in settled] == [True, True, False, False]
    assert len(office.send()) == 2
    office.wait(DAY + MINUTE)
    (next_day,) = office.receive(fetched(mail(5), 5))
    assert next_day.decision.hold is None


def test_a_mail_from_the_future_counts_from_now(office):
    office.receive(fetched(mail(), received_at=NOON + 30 * DAY))
    assert office.case.received_at == NOON


def test_a_mail_over_the_size_limit_says_so_and_is_a_case_all_the_same(office):
    (settled,) = office.receive(fetched(mail(), size=90_000_000))
    assert settled.arrival.end == "opened"
    assert f"only the first {len(mail())} of 90000000 bytes were fetched" in office.case.opening.defects[-1]
    assert settled.decision.reply.parts[0].size == 90_000_000


def test_told_to_stop_it_ends_after_the_mail_in_hand_and_loses_none(office):
    seen = []
    office.change(stopping=lambda: len(seen) == 2, alive=lambda: seen.append("alive"))
    assert len(office.receive(*(mail(number) for number in range(5)))) == 2
    office.change(stopping=lambda: False)
    assert len(take_in(office.desk)) == 3
    assert len(office.store.cases()) == 5
    assert len(seen) == 5


def test_a_server_that_goes_away_costs_nothing_of_what_was_taken_in(office):
    with pytest.raises(TryLater, match="connection lost"):
        office.receive(mail(), TryLater("connection lost"), mail(3))
    assert office.store.seen() == {"opened": 1}
    assert len(office.store.owed()) == 1


@pytest.mark.parametrize("error", [TryLater("the server is busy"), Refused("no such folder")])
def test_a_mail_that_cannot_be_filed_costs_one_log_line(office, error, lines):
    settled = office.receive(mail(), mail(2), file_error=error)
    assert [each.arrival.end for each in settled] == ["opened", "opened"]
    complaints = [line for line in lines if line["log_level"] == "warning"]
    assert [(line["event"], line["uid"], line["cause"]) for line in complaints] == [
        ("mail not filed", uid, str(error)) for uid in (1, 2)
    ]


def test_a_mail_is_filed_at_its_newest_place_when_it_is_settled(office):
    office.receive(mail())
    assert office.desk.mailbox.filed == [Place("INBOX", 1, 1)]


# What cannot be read.


def test_a_mail_that_breaks_the_reader_is_a_case_and_the_next_is_served_in_the_same_pass(office, lines):
    office.change(reader=FakeReader(dies_on=b"no. 1"))
    first, second = office.receive(mail(1), mail(2))
    assert (first.arrival.end, second.arrival.end) == ("failed", "opened")
    assert first.arrival.sha256 in first.arrival.reason
    broken = office.store.case(first.arrival.case_id)
    assert (broken.acknowledgment.state, broken.reporter.address) == ("withheld", "")
    assert broken.opening.sha256 == first.arrival.sha256
    assert [owner for owner, _ in office.store.owed()] == [second.arrival.case_id]
    (complaint,) = [line for line in lines if line["log_level"] == "error"]
    assert complaint["error"] == "RuntimeError"
    assert "fakes.py:" in complaint["at"]
    assert "a fault of ours" not in str(lines)


def test_an_answer_that_cannot_be_written_keeps_all_that_was_read(office, lines):
    office.change(renderer=(broken := BrokenRenderer()))
    (settled,) = office.receive(mail())
    case = office.case
    assert broken.asked == [case.id]
    assert (settled.arrival.end, settled.arrival.reason) == ("opened", "a new report")
    assert (case.reporter.address, case.opening.subject) == (REPORTER, "Prompt injection no. 1")
    assert case.opening.message_id == "report-1@example.org"
    assert (case.scope, case.report.verdict.band, case.report.missing) == ("model", "high", ())
    assert case.acknowledgment.state == "withheld"
    assert re.fullmatch(r"the answer could not be written: ValueError at \w+\.py:\d+", case.acknowledgment.reason)
    assert office.store.owed() == []
    assert REPORTER not in str(lines)
    (asked,) = [each for each in digest_of(office).sections if each.title == "Needs a decision"]
    assert [(each.what, each.command) for each in asked.items] == [
        (case.acknowledgment.reason, f"triaged case {case.id} resend")
    ]


def test_an_answer_is_written_again_and_sent_once_the_template_is_mended(office):
    office.change(renderer=BrokenRenderer())
    office.receive(mail())
    assert write_again(office.desk) == 0
    office.restart()
    office.change(renderer=RENDERER)
    office.wait(2 * HOUR)
    assert (write_again(office.desk), write_again(office.desk)) == (1, 0)
    (letter,) = office.send()
    assert (letter.to, letter.purpose) == ((REPORTER,), "acknowledgment")
    assert (office.case.acknowledgment.state, len(office.case.mails)) == ("submitted", 1)
    assert not [each for each in digest_of(office).sections if each.title == "Needs a decision"]


@pytest.mark.parametrize("event", [Answered(at=NOON, by="bo"), Closed(at=NOON, by="bo", reason="spam")])
def test_an_answer_that_a_person_has_made_needless_is_not_written_again(office, event):
    office.change(renderer=BrokenRenderer())
    office.receive(mail())
    office.store.record(office.case.id, (event,))
    office.change(renderer=RENDERER)
    assert write_again(office.desk) == 0


def test_answers_that_no_template_takes_hold_up_none_behind_them(office):
    office.change(renderer=BrokenRenderer())
    office.receive(*(mail(number) for number in range(FAILURES + 2)))
    last = list(office.store.cases())[-1].id
    office.change(renderer=(broken := BrokenRenderer(mended=lambda reply: reply.case_id == last)))
    assert write_again(office.desk) == 0
    assert len(broken.asked) == FAILURES
    assert write_again(office.desk) == 1
    assert office.store.case(last).acknowledgment.state == "owed"


def test_an_answer_is_written_again_only_as_far_as_the_caps_go(office):
    office.change(renderer=BrokenRenderer(), house=house(caps=replace(CAPS, per_address_per_day=1)))
    office.receive(mail(1), mail(2))
    office.change(renderer=RENDERER)
    assert write_again(office.desk) == 2
    first = office.send()
    office.wait(DAY + MINUTE)
    assert [len(first), len(office.send())] == [1, 1]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_while_an_answer_is_written_again_leads_to_one(office, after):
    office.change(renderer=BrokenRenderer())
    office.receive(mail())
    office.change(renderer=RENDERER)
    office.killed_at(1, after=after)
    with pytest.raises(Killed):
        write_again(office.desk)
    office.restart()
    assert write_again(office.desk) == (not after)
    assert len(office.send()) == 1


def test_a_follow_up_whose_notice_cannot_be_written_stays_with_its_case(office):
    office.receive(mail())
    office.send()
    office.store.record(office.case.id, (Closed(at=NOON, by="bo", reason="fixed"),))
    office.change(renderer=BrokenRenderer())
    (settled,) = office.receive(fetched(mail(2, more="In-Reply-To: <report-1@example.org>\r\n"), 2))
    assert settled.arrival.end == "joined"
    assert (office.case.state, len(office.case.mails)) == ("new", 2)
    assert office.case.acknowledgment.state == "submitted"
    assert "could not be written: ValueError at " in office.case.history[-1].text


def test_raw_bytes_that_are_gone_from_the_spool_are_a_case_that_says_so(office):
    office.store.note(Arrival("ab" * 32, NOON, NOON, 9, (Place("INBOX", 1, 1),)))
    (settled,) = office.receive()
    assert settled.arrival.end == "failed"
    assert "ab" * 32 in settled.arrival.reason


def test_a_mail_that_kills_the_process_each_time_is_at_last_read_by_its_headers(office):
    office.change(reader=FakeReader(dies_on=b"no. 1", error=Killed()), mailbox=FakeMailbox(fetched(mail())))
    for attempt in range(1, ATTEMPTS + 1):
        with pytest.raises(Killed):
            take_in(office.desk)
        office.restart()
        assert [each.attempts for each in office.store.pending()] == [attempt]
    (settled,) = take_in(office.desk)
    assert office.desk.reader.begun == ATTEMPTS
    assert settled.arrival.end == "failed"
    assert settled.arrival.reason == f"reading it was begun {ATTEMPTS} times and never ended"
    assert (office.case.reporter.address, settled.decision.reply.variant) == (REPORTER, "unreadable")
    assert office.store.pending() == []


def test_a_disk_that_fails_is_no_fault_of_the_mail_and_ends_the_pass(office):
    class BrokenSpool(FakeSpool):
        def read(self, sha256):
            raise StateFault("the disk failed")

    office.change(spool=BrokenSpool())
    with pytest.raises(StateFault):
        office.receive(mail())
    assert (office.store.cases(), len(office.store.pending())) == ([], 1)


def test_an_outcome_that_a_full_disk_does_not_take_is_kept_until_it_does_and_nothing_goes_out_again(office):
    class FullStore:
        def __init__(self, store) -> None:
            self.store, self.full = store, True

        def __getattr__(self, name):
            return getattr(self.store, name)

        def letter_event(self, owner, event) -> None:
            if self.full and event.kind == "submitted":
                raise TryLater("the disk is full")
            self.store.letter_event(owner, event)

    office.receive(mail())
    full = FullStore(office.store)
    office.change(store=full, submission=FakeSubmission())
    for _ in range(3):
        with pytest.raises(TryLater):
            deliver(office.desk)
    full.full = False
    assert deliver(office.desk) == 0
    assert len(office.desk.submission.letters) == 1
    assert (office.case.acknowledgment.state, office.store.owed()) == ("submitted", [])


# A kill at any moment.


def test_what_a_crash_left_half_done_is_settled_first_under_the_same_names(office, other_office):
    other_office.receive(mail())
    office.killed_at(2)
    with pytest.raises(Killed):
        office.receive(mail())
    office.restart()
    assert (office.store.cases(), office.store.owed(), len(office.store.pending())) == ([], [], 1)

    office.wait(3 * HOUR)
    with pytest.raises(TryLater):
        office.receive(TryLater("the mailbox is away"))
    assert office.case.id == other_office.case.id
    assert office.case.received_at == NOON - HOUR
    assert office.case.acknowledgment.message_id == other_office.case.acknowledgment.message_id
    assert office.store.pending() == []


# Mail that was kept, and then a kill came.


def orphaned(office, raw: bytes) -> str:
    """Kept by a process that was killed before it could note it; the next one has begun."""
    name = office.desk.spool.keep(raw)
    office.desk.spool.now = NOON - 2 * HOUR
    office.change(orphans=orphans(office.store, office.desk.spool))
    return name


def test_an_orphan_that_the_server_no_longer_has_becomes_a_case_once(office):
    name = orphaned(office, mail())
    (settled,) = office.receive()
    assert settled.arrival == Arrival(
        name,
        NOON - 2 * HOUR,
        NOON,
        len(mail()),
        attempts=1,
        end="opened",
        reason="a new report",
        case_id=office.case.id,
    )
    assert office.receive() == []
    office.restart()
    assert orphans(office.store, office.desk.spool) == deque()
    assert len(office.send()) == 1


def test_an_orphan_that_the_server_still_has_is_taken_in_with_its_true_date(office):
    orphaned(office, mail())
    (settled,) = office.receive(mail())
    assert (settled.arrival.received_at, settled.arrival.places) == (NOON - HOUR, (Place("INBOX", 1, 1),))
    assert office.receive(mail()) == []
    assert office.store.seen() == {"opened": 1}


def test_an_orphan_that_was_adopted_is_known_when_the_server_gives_it_after_all(office):
    orphaned(office, mail())
    office.receive()
    (again,) = office.receive(mail())
    assert (again.decision, again.arrival.places) == (None, (Place("INBOX", 1, 1),))
    assert office.store.seen() == {"opened": 1}
    assert len(office.send()) == 1


def test_an_orphan_waits_until_the_mailbox_has_been_read(office):
    orphaned(office, mail())
    with pytest.raises(TryLater):
        office.receive(TryLater("no route"))
    assert office.store.seen() == {}
    office.receive()
    assert office.store.seen() == {"opened": 1}


def test_an_orphan_from_the_future_counts_from_now(office):
    orphaned(office, mail())
    office.desk.spool.now = NOON + HOUR
    assert office.receive()[0].arrival.received_at == NOON


def test_an_orphan_that_is_not_what_its_name_says_is_left_alone(office, lines):
    name = orphaned(office, mail())
    office.desk.spool.kept[name] += b"x"
    assert office.receive() == []
    assert office.store.seen() == {}
    assert [line["sha256"] for line in lines if line["log_level"] == "error"] == [name]


def test_a_whole_spool_that_the_store_does_not_know_is_not_the_doing_of_a_kill_and_nobody_is_answered(office, lines):
    for number in range(MOST_ORPHANS):
        orphaned(office, mail(number))
    assert len(orphans(office.store, office.desk.spool)) == MOST_ORPHANS
    orphaned(office, mail(MOST_ORPHANS))
    assert office.receive() == []
    assert office.send() == []
    assert [line["count"] for line in lines if line["log_level"] == "error"] == [MOST_ORPHANS + 1]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2])
def test_a_kill_while_an_orphan_is_adopted_leads_to_one_case_and_one_acknowledgment(office, write, after):
    orphaned(office, mail())
    office.killed_at(write, after=after)
    with pytest.raises(Killed):
        office.receive()
    office.restart()
    office.change(orphans=orphans(office.store, office.desk.spool))
    office.receive()
    assert office.store.seen() == {"opened": 1}
    assert len(office.send()) == 1


def test_a_mail_that_a_full_disk_kept_from_being_noted_is_adopted_by_the_same_process(office):
    class Full(MortalStore):
        def note(self, arrival):
            raise TryLater("the disk is full")

    office.change(store=Full(office.store))
    with pytest.raises(TryLater):
        office.receive(mail())
    office.change(store=office.store)
    assert [each.arrival.end for each in office.receive()] == ["opened"]


def test_told_to_stop_it_does_not_begin_with_what_is_pending(office):
    office.killed_at(2)
    with suppress(Killed):
        office.receive(mail())
    office.restart()
    office.change(stopping=lambda: True)
    assert take_in(office.desk) == []
    assert len(office.store.pending()) == 1


MAILS = (
    mail(1),
    NOBODY.encode(),
    mail(2, more="In-Reply-To: <report-1@example.org>\r\n"),
    mail(3, author="bo@example.com"),
)
PASSES = 2 * len(MAILS) + 2 * 2
"""The writes of one whole pass: two a mail, two a letter."""


def work(office) -> None:
    take_in(office.desk)
    deliver(office.desk)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", range(1, PASSES + 1))
def test_a_kill_at_any_write_loses_no_mail_and_leads_to_no_second_acknowledgment(office, write, after):
    office.change(mailbox=FakeMailbox(*(fetched(raw, uid) for uid, raw in enumerate(MAILS, 1))))
    office.killed_at(write, after=after)
    with pytest.raises(Killed):
        work(office)
    office.restart()
    work(office)
    work(office)

    assert office.store.seen() == {"opened": 2, "joined": 1, "set-aside": 1}
    assert sorted(len(case.mails) for case in office.store.cases()) == [1, 2]
    assert (office.store.pending(), office.store.owed()) == ([], [])
    assert {case.acknowledgment.state for case in office.store.cases()} == {"submitted"}
    # At most once more, and then the very same mail: that is the one moment which cannot be closed (RFC 1047).
    handed_in = office.desk.submission.letters
    assert len({(letter.message_id, letter.raw) for letter in handed_in}) == 2
    assert len(handed_in) <= 3


def test_without_a_kill_that_pass_makes_as_many_writes(office):
    office.change(mailbox=FakeMailbox(*(fetched(raw, uid) for uid, raw in enumerate(MAILS, 1))))
    office.killed_at(0)
    work(office)
    assert len(office.desk.store.writes) == PASSES


# Delivering.


def test_an_owed_letter_is_handed_in_byte_for_byte_and_then_no_longer_owed(office):
    office.receive(mail())
    ((_, before),) = office.store.owed()
    (letter,) = office.send()
    assert (letter.raw, letter.message_id, letter.to) == (before.raw, before.message_id, before.to)
    assert office.store.owed() == []
    assert (office.case.acknowledgment.state, office.case.acknowledgment.reason) == ("submitted", "250 taken")
    assert office.send() == []


def test_delivering_says_how_many_were_submitted(office):
    office.receive(mail(1), mail(2), mail(3))
    office.change(submission=FakeSubmission(Refused("550 no"), TryLater("451 busy")))
    assert deliver(office.desk) == 1


def test_it_is_written_down_that_a_letter_goes_out_before_it_does(office):
    office.receive(mail())
    office.killed_at(1)
    with pytest.raises(Killed):
        deliver(office.desk)
    assert office.desk.submission.letters == []


def test_a_server_that_says_later_is_asked_at_growing_pauses_until_the_letter_expires(office):
    office.receive(mail())
    ((_, first),) = office.store.owed()
    tried_at = []
    while office.store.owed():
        ((_, letter),) = office.store.owed()
        due_at = letter.retry_at or NOON
        if due_at > office.desk.clock.now:
            office.wait(due_at - office.desk.clock.now - timedelta(seconds=1))
            office.send(TryLater("must not be asked yet"))
            office.wait(timedelta(seconds=1))
        tried_at.append(office.desk.clock.now)
        office.send(TryLater("451 greylisted"))
    pauses = [later - earlier for earlier, later in pairwise(tried_at)]
    assert tuple(pauses[: len(PAUSES)]) == PAUSES
    assert set(pauses[len(PAUSES) :]) == {PAUSES[-1]}
    assert tried_at[-2] < first.expires_at <= tried_at[-1]
    failed = office.case.acknowledgment
    assert failed.state == "failed"
    assert failed.reason == f"given up after {len(tried_at) - 1} tries; the last answer: 451 greylisted"
    assert office.case.letters[0].raw == first.raw


def test_a_letter_that_expired_while_the_daemon_was_down_is_tried_once_before_it_is_given_up(office):
    office.receive(mail())
    office.wait(30 * DAY)
    assert len(office.send(TryLater("451 greylisted"))) == 0
    assert office.case.acknowledgment.state == "owed"
    office.wait(HOUR)
    assert office.send() == []
    assert office.case.acknowledgment.reason == "given up after 1 try; the last answer: 451 greylisted"


def test_a_letter_that_expired_untried_goes_out_where_the_server_takes_it(office):
    office.receive(mail())
    office.wait(30 * DAY)
    assert len(office.send()) == 1
    assert office.case.acknowledgment.state == "submitted"


def test_a_letter_that_is_not_due_yet_is_left_alone(office):
    office.receive(mail())
    office.send(TryLater("451 greylisted"))
    history = office.case.history
    assert office.send() == []
    assert office.case.history == history


def test_a_refusal_for_good_is_not_tried_again(office):
    office.receive(mail())
    office.send(Refused("550 no such user"))
    assert (office.case.acknowledgment.state, office.case.acknowledgment.reason) == ("failed", "550 no such user")
    office.wait(DAY)
    assert office.send() == []


def test_no_answer_after_the_dot_is_tried_again_with_the_same_bytes_under_resend(office):
    office.receive(mail())
    (first,) = office.send(TryLater("no answer after the dot", uncertain=True))
    office.wait(HOUR)
    (second,) = office.send()
    assert (first.raw, first.message_id) == (second.raw, second.message_id)
    assert office.case.acknowledgment.state == "submitted"


def test_no_answer_after_the_dot_is_a_persons_task_under_hold(office):
    office.change(on_uncertain="hold")
    office.receive(mail())
    office.send(TryLater("no answer after the dot", uncertain=True))
    assert office.case.acknowledgment.state == "uncertain"
    office.wait(DAY)
    assert office.send() == []


def test_under_hold_a_refusal_before_the_dot_is_simply_tried_again(office):
    office.change(on_uncertain="hold")
    office.receive(mail())
    office.send(TryLater("connection refused"))
    office.wait(HOUR)
    assert len(office.send()) == 1


def left_submitting(office) -> None:
    """A kill between the server's 250 and the note of it."""
    office.receive(mail())
    office.killed_at(2)
    with pytest.raises(Killed):
        deliver(office.desk)
    office.restart()
    ((_, letter),) = office.store.owed()
    assert letter.state == "submitting"


def test_a_letter_that_a_crash_left_in_flight_goes_out_again_under_resend(office):
    left_submitting(office)
    (first,) = office.desk.submission.letters
    (second,) = office.send()
    assert (first.raw, first.message_id) == (second.raw, second.message_id)
    assert office.case.acknowledgment.state == "submitted"


def test_a_letter_that_a_crash_left_in_flight_is_held_for_a_person_under_hold(office):
    left_submitting(office)
    office.change(on_uncertain="hold")
    assert office.send() == []
    assert office.case.acknowledgment.state == "uncertain"
    assert "look in the server's log" in office.case.acknowledgment.reason


def test_a_letter_left_in_flight_until_it_expired_may_have_gone_out(office):
    left_submitting(office)
    office.wait(30 * DAY)
    assert office.send() == []
    assert office.case.acknowledgment.state == "uncertain"


def test_a_server_that_is_down_is_not_asked_for_every_letter(office):
    office.receive(*(mail(number) for number in range(6)))
    down = [TryLater("connection refused") for _ in range(6)]
    office.send(*down)
    assert len(office.desk.submission.outcomes) == 6 - REFUSALS_IN_A_ROW
    assert sum(letter.tries for _, letter in office.store.owed()) == REFUSALS_IN_A_ROW


def test_refusals_that_are_not_in_a_row_or_for_good_do_not_end_the_pass(office):
    office.receive(*(mail(number) for number in range(8)))
    office.change(submission=FakeSubmission(TryLater("a"), TryLater("b"), Refused("c"), TryLater("d"), TryLater("e")))
    assert deliver(office.desk) == 3


def test_told_to_stop_no_further_letter_is_begun(office):
    office.receive(mail(1), mail(2), mail(3))
    office.change(submission=FakeSubmission())
    office.change(stopping=lambda: len(office.desk.submission.letters) == 1)
    assert deliver(office.desk) == 1
    assert len(office.store.owed()) == 2


def test_the_watchdog_is_fed_between_letters_and_between_what_was_pending(office):
    fed = []
    office.change(alive=lambda: fed.append("alive"))
    office.receive(mail(1), mail(2))
    office.send()
    assert len(fed) == 4
    office.store.note(Arrival("ab" * 32, NOON, NOON, 9))
    office.receive()
    assert len(fed) == 5


# The team's decisions.


def test_a_decision_is_recorded_and_taken_away(office):
    office.receive(mail())
    event = Triaged(at=NOON, by="bo", severity="high")
    decisions = FakeDecisions(HandedIn("1", office.case.id, event), HandedIn("2", office.case.id, event))
    assert take_up(office.store, decisions) == 2
    assert office.case.history[-1] == event
    assert office.case.history.count(event) == 1
    assert decisions.waiting == []


def test_a_crash_before_a_decision_is_taken_away_does_not_record_it_twice(office):
    office.receive(mail())
    note = Noted(at=NOON, by="bo", text="seen")
    decisions = FakeDecisions(HandedIn("1", office.case.id, note))
    with pytest.raises(Killed):
        take_up(MortalStore(office.store, dies_at=1, after=True), decisions)
    assert len(decisions.waiting) == 1
    office.restart()
    assert take_up(office.store, decisions) == 1
    assert office.case.history.count(note) == 1
    assert decisions.waiting == []


def test_a_decision_on_an_unknown_case_is_said_and_does_not_stop_the_next(office, lines):
    office.receive(mail())
    note = Noted(at=NOON, by="bo", text="seen")
    decisions = FakeDecisions(HandedIn("1", "SEC-9999-9999", note), HandedIn("2", office.case.id, note))
    take_up(office.store, decisions)
    assert [line["case"] for line in lines if line["event"] == "decision on an unknown case"] == ["SEC-9999-9999"]
    assert office.case.history[-1] == note
    assert decisions.waiting == []


def again(message_id: str, at: datetime = NOON) -> Requeued:
    return Requeued(at=at, by="bo", message_id=message_id, expires_at=at + 2 * DAY)


def test_a_failed_acknowledgment_is_sent_again_on_a_persons_word_and_once_however_often_they_say_it(office):
    office.receive(mail())
    office.send(Refused("550 greylisted for ever"))
    letter = office.case.letters[0]
    impatient = [again(letter.message_id, NOON + number * MINUTE) for number in range(3)]
    take_up(office.store, FakeDecisions(*(HandedIn(str(e.at), office.case.id, e) for e in impatient[:2])))
    assert [each.raw for each in office.send()] == [letter.raw]
    take_up(office.store, FakeDecisions(HandedIn("late", office.case.id, impatient[2])))
    assert office.send() == []
    assert office.case.acknowledgment.state == "submitted"


def test_a_decision_on_a_letter_that_never_was_does_not_break_the_store(office):
    office.receive(mail())
    take_up(office.store, FakeDecisions(HandedIn("1", office.case.id, again("nothing@smallest.ai"))))
    office.restart()
    assert len(office.send()) == 1


# The digest.


def well(office, **changes):
    return health(office.store, Pulse(last_poll_at=office.desk.clock.now, **changes), office.desk.clock.now)


def digest_of(office):
    now = office.desk.clock()
    return compose_digest(office.store, office.desk.house.policy, well(office), now, now.date(), DIGESTS)


def test_the_digest_is_owed_once_a_local_date_and_goes_to_the_team(office):
    office.receive(mail())
    assert send_digest(office.desk, well(office)) == MONDAY
    assert send_digest(office.desk, well(office)) is None
    letters = office.send()
    assert [letter.to for letter in letters if letter.purpose == "digest"] == [("team@smallest.ai",)]
    assert office.store.digest(MONDAY).state == "submitted"
    office.wait(21 * HOUR - MINUTE)
    assert send_digest(office.desk, well(office)) is None
    office.wait(MINUTE)
    assert send_digest(office.desk, well(office)) == MONDAY + DAY
    assert [letter.purpose for letter in office.send()] == ["digest"]


def test_a_digest_sent_while_the_clock_was_years_ahead_silences_none_after_it(office):
    right = office.desk.clock()
    office.change(clock=FakeClock(right + 900 * DAY))
    assert send_digest(office.desk, well(office)) == MONDAY + 900 * DAY
    office.change(clock=FakeClock(right))
    assert send_digest(office.desk, well(office)) == MONDAY
    assert send_digest(office.desk, well(office)) is None


def test_a_flood_alarms_the_team_once_and_shortens_the_answers(office):
    office.change(house=house(caps=replace(CAPS, flood_per_hour=3)))
    settled = office.receive(*(mail(number) for number in range(5)))
    assert [each.decision.reply.variant == "flood" for each in settled] == [False] * 3 + [True] * 2
    assert raise_alarm(office.desk)
    assert not raise_alarm(office.desk)
    office.restart()
    assert not raise_alarm(office.desk)
    alarms = [letter for letter in office.send() if letter.purpose == "alarm"]
    assert [letter.to for letter in alarms] == [("team@smallest.ai",)]
    assert "5 cases have been opened" in alarms[0].raw
    assert "Auto-Submitted: auto-generated" in alarms[0].raw
    office.wait(DAY)
    assert not raise_alarm(office.desk)


def test_a_first_start_before_the_set_time_owes_no_digest_yet(office):
    office.change(clock=FakeClock(NOON - 4 * HOUR))
    assert send_digest(office.desk, well(office)) is None
    assert office.store.last_digest(MONDAY) is None
    office.wait(HOUR)
    assert send_digest(office.desk, well(office)) == MONDAY


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_around_the_digests_write_sends_one(office, after):
    office.killed_at(1, after=after)
    with pytest.raises(Killed):
        send_digest(office.desk, well(office))
    office.restart()
    assert send_digest(office.desk, well(office)) == (None if after else MONDAY)
    assert len(office.send()) == 1


def test_a_digest_that_failed_is_not_owed_again_but_is_a_problem(office):
    send_digest(office.desk, well(office))
    office.send(Refused("554 looks like spam"))
    assert send_digest(office.desk, well(office)) is None
    assert well(office).problems == ("the digest of 2026-11-23 was not sent: 554 looks like spam",)


def test_the_weeks_figures_come_once_a_week_also_where_their_day_was_missed(office):
    found = []
    for days in (1, 6, 8, 900, 0):
        day = send_digest(office.desk, well(office))
        now = office.desk.clock()
        found.append(compose_digest(office.store, office.desk.house.policy, well(office), now, day, DIGESTS).weekly)
        office.wait(days * DAY)
    # On Monday, Tuesday, Monday, the second Tuesday after that, and years later.
    assert [each is not None for each in found] == [True, False, True, True, True]


def test_what_is_new_is_new_in_one_digest_only(office):
    def new() -> list[int]:
        day = office.desk.clock.now.date()
        composed = compose_digest(
            office.store, office.desk.house.policy, well(office), office.desk.clock.now, day, DIGESTS
        )
        return [section.count for section in composed.sections if section.title == "New"]

    office.receive(mail(1), NOBODY.encode())
    assert new() == [1]
    send_digest(office.desk, well(office))
    assert new() == [1]  # the day's own digest, looked at again
    office.wait(DAY)
    assert new() == []
    office.receive(fetched(mail(2), 7))
    assert new() == [1]


# Alerts.

EXPLOITED = REPORT + "\nThis is being exploited in the wild.\n"


def alerts(letters):
    return [letter for letter in letters if letter.purpose == "alert"]


def test_what_was_missed_is_told_once_in_one_mail_also_after_a_restart(office):
    office.receive(*(mail(number) for number in range(3)))
    office.send()
    assert not send_alert(office.desk)
    office.wait(9 * DAY)
    assert send_alert(office.desk)
    assert not send_alert(office.desk)
    (letter,) = alerts(office.send())
    assert (letter.to, letter.raw.count("triage it: missed")) == (("team@smallest.ai",), 3)
    assert "Subject: [triaged] alert: 3 missed" in letter.raw
    assert "Auto-Submitted: auto-generated" in letter.raw
    office.restart()
    office.wait(2 * HOUR)
    assert not send_alert(office.desk)
    assert office.send() == []


def test_the_shipped_policy_warns_while_a_date_can_still_be_kept(office):
    office.receive(mail())
    office.send()
    office.wait(6 * DAY)
    assert send_alert(office.desk)
    (letter,) = alerts(office.send())
    assert "Subject: [triaged] alert: 1 due soon" in letter.raw
    assert "triage it: due Mon 30 Nov 11:00 UTC, in 23 h" in letter.raw


def test_a_suspicion_is_told_at_once_to_those_who_are_to_be_told(office):
    office.change(alert_settings=AlertsSettings(to=("pager@smallest.ai",), quiet="00:00-23:59"))
    office.receive(mail(text=EXPLOITED))
    assert send_alert(office.desk)
    (letter,) = alerts(office.send())
    assert letter.to == ("pager@smallest.ai",)
    assert "said to be exploited by attackers" in letter.raw
    assert 'exploited confirm --reason "..."' in letter.raw


def test_a_strangers_claim_of_exploitation_waits_where_the_settings_say_so(office):
    office.change(alert_settings=AlertsSettings(quiet="00:00-23:59", unverified_claims_wait=True))
    office.receive(mail(text=EXPLOITED))
    assert not send_alert(office.desk)


def test_an_alert_that_is_not_wanted_is_not_owed(office):
    office.change(alert_settings=AlertsSettings(enabled=False))
    office.receive(mail(text=EXPLOITED))
    assert not send_alert(office.desk)


def test_ordinary_alerts_keep_their_hour_over_a_restart_and_the_numbers_go_on(office):
    office.receive(mail(1))
    office.wait(9 * DAY)
    assert send_alert(office.desk)
    office.receive(fetched(mail(2), 2))
    office.restart()
    assert not send_alert(office.desk)
    office.wait(HOUR)
    assert send_alert(office.desk)
    assert [owner for owner, letter in office.store.owed() if letter.purpose == "alert"] == [
        "alert 000001",
        "alert 000002",
    ]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_around_the_alerts_write_sends_one(office, after):
    office.receive(mail(text=EXPLOITED))
    office.send()
    office.killed_at(1, after=after)
    with pytest.raises(Killed):
        send_alert(office.desk)
    office.restart()
    assert send_alert(office.desk) is not after
    assert len(alerts(office.send())) == 1
    assert office.store.last_alert().state == "submitted"


def test_an_alert_that_failed_is_a_problem_for_some_days(office):
    office.receive(mail(text=EXPLOITED))
    office.send()
    send_alert(office.desk)
    office.send(Refused("554 looks like spam"))
    assert not send_alert(office.desk)
    assert well(office).problems == ("the alert of 2026-11-23 12:00 UTC was not sent: 554 looks like spam",)
    office.wait(3 * DAY)
    assert well(office).problems == ()


# Automatic updates.

UPDATING = house(trust=Trust(BORDER), updates_in_a_row=2)
VOUCHED = f"Authentication-Results: {BORDER}; dmarc=pass\r\n"


def taken_up(office, *numbers, ours=UPDATING):
    """Reports of verified senders, acknowledged, then triaged by a person."""
    office.change(house=ours)
    office.receive(*(mail(number, author=f"ann{number}@example.org", more=VOUCHED) for number in numbers or (1,)))
    office.send()
    for case in office.store.cases():
        office.store.record(case.id, (Triaged(at=office.desk.clock(), by="bo"),))


def update_due(office):
    (found,) = (each for each in deadlines(office.case, UPDATING.policy, office.desk.clock()) if each.name == "update")
    return found


def updates(letters):
    return [letter for letter in letters if letter.purpose == "update"]


def named(letter):
    """The date that the mail promises."""
    return re.search(r"hear from us again by (.*?)\. A reply", " ".join(letter.raw.split()))[1]


def test_an_update_that_is_due_is_owed_in_one_write_sent_once_and_moves_the_clock_to_the_date_it_names(office):
    taken_up(office)
    first_due = NOON - HOUR + 14 * DAY
    office.wait(12 * DAY)
    assert send_updates(office.desk) == 0
    office.wait(DAY)
    office.killed_at(0)
    assert send_updates(office.desk) == 1
    assert office.desk.store.writes == ["record"]
    assert send_updates(office.desk) == 0
    assert update_due(office).due == first_due
    office.wait(3 * MINUTE)
    (letter,) = updates(office.send())
    assert letter.to == ("ann1@example.org",)
    assert "In-Reply-To: <report-1@example.org>" in letter.raw
    assert update_due(office).due == NOON + 27 * DAY
    assert named(letter) == "Sun 20 Dec 2026, 12:00 UTC" == f"{update_due(office).due:%a %d %b %Y, %H:%M} UTC"
    office.restart()
    assert send_updates(office.desk) == 0
    assert office.send() == []
    assert (office.case.answered_at, office.case.state) == ((), "triaged")


def test_switched_off_or_on_a_case_that_nobody_has_taken_up_none_is_owed(office):
    taken_up(office, ours=replace(UPDATING, updates_in_a_row=0))
    office.wait(20 * DAY)
    assert send_updates(office.desk) == 0
    office.change(house=UPDATING)
    office.receive(fetched(mail(2, author="bo@example.com", more=VOUCHED), 2))
    office.send()
    office.wait(20 * DAY)
    assert send_updates(office.desk) == 1
    assert [letter.to for letter in updates(office.send())] == [("ann1@example.org",)]


def test_after_two_in_a_row_a_person_sees_it_overdue(office):
    taken_up(office)
    sent = []
    for _ in range(80):
        office.wait(DAY)
        send_updates(office.desk)
        sent += updates(office.send())
    assert len({letter.message_id for letter in sent}) == len(sent) == 2
    assert update_due(office).overdue
    office.store.record(office.case.id, (Answered(at=office.desk.clock(), by="bo"),))
    office.wait(14 * DAY)
    assert send_updates(office.desk) == 1


def test_an_update_that_cannot_be_written_stays_due_and_ends_nothing(office, lines):
    taken_up(office, 1, 2)
    office.wait(13 * DAY)
    office.change(renderer=BrokenRenderer())
    assert send_updates(office.desk) == 0
    causes = [line["cause"] for line in lines if line["event"] == "update not written"]
    assert causes == ["update.txt.j2:1: UndefinedError"] * 2
    office.change(renderer=RENDERER)
    assert send_updates(office.desk) == 2


def test_an_update_that_is_refused_moves_nothing_and_is_not_owed_again(office):
    taken_up(office)
    office.wait(13 * DAY)
    send_updates(office.desk)
    office.send(Refused("550 no such user"))
    office.wait(2 * DAY)
    assert send_updates(office.desk) == 0
    assert (update_due(office).due, update_due(office).overdue) == (NOON - HOUR + 14 * DAY, True)


def test_an_update_over_the_caps_is_tried_on_a_later_pass_and_due_until_then(office):
    taken_up(office, 1, 2, 3, ours=replace(UPDATING, caps=replace(CAPS, per_hour=8)))
    office.wait(13 * DAY)
    assert send_updates(office.desk) == 2
    assert send_updates(office.desk) == 0
    assert len(updates(office.send())) == 2
    office.wait(59 * MINUTE)
    assert send_updates(office.desk) == 0
    (held,) = (case for case in office.store.cases() if not case.updates)
    assert {each.due for each in outstanding(held, UPDATING.policy, office.desk.clock())} == {NOON - HOUR + 14 * DAY}
    office.wait(MINUTE)
    assert send_updates(office.desk) == 1
    assert len(updates(office.send())) == 1


def test_the_latest_goes_first_where_the_caps_let_out_only_some(office):
    taken_up(office, 1, ours=replace(UPDATING, caps=replace(CAPS, per_hour=4)))
    office.wait(HOUR)
    office.receive(fetched(mail(2, author="bo@example.com", more=VOUCHED), 2, received_at=NOON - DAY))
    office.send()
    office.store.record(office.store.cases()[1].id, (Triaged(at=NOON, by="bo"),))
    office.wait(20 * DAY)
    assert send_updates(office.desk) == 1
    assert [letter.to for letter in updates(office.send())] == [("bo@example.com",)]


@pytest.mark.parametrize(
    ("meanwhile", "says"),
    [
        (Answered(at=NOON + 13 * DAY + HOUR, by="bo"), "a person has written since"),
        (Closed(at=NOON + 13 * DAY + HOUR, by="bo", reason="fixed"), "the case is closed"),
        (Waiting(at=NOON + 13 * DAY + HOUR, by="bo"), "the reporter is awaited"),
    ],
)
def test_an_update_that_is_no_longer_true_when_its_turn_comes_is_not_sent(office, meanwhile, says):
    taken_up(office)
    office.wait(13 * DAY)
    send_updates(office.desk)
    office.send(TryLater("451 greylisted"))
    office.wait(2 * HOUR)
    office.store.record(office.case.id, (meanwhile,))
    assert office.send() == []
    (letter,) = office.case.updates
    assert (letter.state, letter.reason) == ("failed", f"not sent: {says}")


def test_an_update_whose_date_passed_while_the_daemon_was_down_is_not_sent(office):
    taken_up(office)
    office.wait(13 * DAY)
    send_updates(office.desk)
    office.wait(14 * DAY)
    assert office.send() == []
    assert office.case.updates[0].reason == "not sent: the date that it names has passed"


def test_an_update_in_doubt_that_is_no_longer_true_stays_in_doubt_and_is_not_sent_again(office):
    taken_up(office)
    office.wait(13 * DAY)
    send_updates(office.desk)
    office.killed_at(2)
    with pytest.raises(Killed):
        deliver(office.desk)
    office.restart()
    office.store.record(office.case.id, (Answered(at=office.desk.clock(), by="bo"),))
    assert office.send() == []
    assert office.case.updates[0].state == "uncertain"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_around_the_updates_write_sends_one(office, after):
    taken_up(office)
    office.wait(13 * DAY)
    office.killed_at(1, after=after)
    with pytest.raises(Killed):
        send_updates(office.desk)
    office.restart()
    assert send_updates(office.desk) == (not after)
    assert len(updates(office.send())) == 1
    assert office.case.updates[0].state == "submitted"


def test_told_to_stop_no_further_update_is_owed(office):
    taken_up(office, 1, 2)
    office.wait(13 * DAY)
    seen = []
    office.change(stopping=lambda: bool(seen), alive=lambda: seen.append("alive"))
    assert send_updates(office.desk) == 1


# Paging.


def exploited(office, *outcomes, numbers=(1,)):
    """An alert is owed, and a program is to be told of it."""
    office.change(pager=FakePager(*outcomes))
    office.receive(*(mail(number, text=EXPLOITED) for number in numbers))
    assert send_alert(office.desk)
    return office.desk.pager


def test_a_program_is_told_of_an_alert_once_also_after_a_restart(office):
    pager = exploited(office)
    assert page(office.desk) == 1
    told = json.loads(pager.told[0])
    assert (told["version"], told["state"], told["more"]) == (1, "1 said to be exploited", 0)
    assert told["id"] == office.store.last_alert().message_id
    assert told["lines"][0] == {
        "case": office.case.id,
        "deadline": "exploitation",
        "due": "2026-11-23T11:00:00Z",
        "mark": "suspected",
        "urgent": True,
        "subject": "Prompt injection no. 1",
        "what": told["lines"][0]["what"],
        "owner": "nobody",
        "command": f'triaged case {office.case.id} exploited confirm --reason "..."',
    }
    office.restart()
    office.wait(HOUR)
    assert page(office.desk) == 0
    assert len(pager.told) == 1


def test_a_program_that_fails_is_told_again_after_pauses_also_after_a_restart_and_for_a_day(office, lines):
    exploited(office, *[TryLater("page ended with 1")] * 1000)
    passed = timedelta(0)
    while office.store.unpaged():
        office.wait(MINUTE)
        passed += MINUTE
        page(office.desk)
        if passed == HOUR:
            office.restart()
    pauses = [line["again_in_seconds"] for line in lines if line["event"] == "alert not paged"]
    assert pauses[:5] == [60, 300, 900, 1800, 1800]
    assert DAY <= passed <= DAY + 31 * MINUTE
    office.change(pager=FakePager())
    office.wait(HOUR)
    assert page(office.desk) == 0


def test_a_program_that_works_again_is_told_all_that_waits_the_oldest_first(office):
    pager = exploited(office, TryLater("page ended with 1"))
    assert page(office.desk) == 0
    office.receive(fetched(mail(2, text=EXPLOITED), 2))
    office.wait(6 * MINUTE)
    assert send_alert(office.desk)
    assert page(office.desk) == 2
    ids = [json.loads(each)["lines"][0]["subject"] for each in pager.told]
    assert ids == ["Prompt injection no. 1", "Prompt injection no. 2"]


def test_an_outcome_that_the_disk_does_not_take_pages_nobody_without_a_pause(office):
    pager = exploited(office)
    office.killed_at(1)
    with pytest.raises(Killed):
        page(office.desk)
    office.change(store=office.store)
    assert page(office.desk) == 0
    office.wait(MINUTE)
    assert page(office.desk) == 1
    assert pager.told[0] == pager.told[1]


def test_an_alert_from_before_there_was_a_program_is_not_told_to_it(office):
    office.receive(mail(text=EXPLOITED))
    assert send_alert(office.desk)
    office.change(pager=FakePager())
    assert page(office.desk) == 0


# Health.


def pulse(**changes) -> Pulse:
    return replace(Pulse(last_poll_at=NOON, poll_every_seconds=60), **changes)


@pytest.mark.parametrize(
    ("now", "beat", "problems"),
    [
        (NOON, pulse(), ()),
        (NOON + 5 * MINUTE, pulse(), ()),
        (NOON + 6 * MINUTE, pulse(), ("no poll since 2026-11-23 12:00 UTC; is the daemon running?",)),
        (NOON + 25 * MINUTE, pulse(poll_every_seconds=600), ()),
        (
            NOON + 31 * MINUTE,
            pulse(poll_every_seconds=600),
            ("no poll since 2026-11-23 12:00 UTC; is the daemon running?",),
        ),
        (NOON, pulse(last_poll_at=None), ("the mailbox has never been read; is the daemon running?",)),
        (
            NOON + HOUR,
            pulse(trouble="login refused", trouble_since=NOON + MINUTE),
            ("the mailbox has not been read since 2026-11-23 12:01 UTC: login refused",),
        ),
    ],
)
def test_polling_is_well_or_its_trouble_is_one_sentence(office, now, beat, problems):
    found = health(office.store, beat, now)
    assert found.problems == problems
    assert (found.last_poll_at, found.owed, found.oldest_owed_at) == (beat.last_poll_at, 0, None)


def test_mail_that_waits_long_to_be_sent_is_a_problem(office):
    office.receive(mail(1), mail(2))
    assert (well(office).owed, well(office).oldest_owed_at, well(office).problems) == (2, NOON, ())
    office.wait(HOUR)
    assert well(office).problems == ()
    office.wait(MINUTE)
    assert well(office).problems == ("2 mails not sent for over an hour: not tried yet",)
    office.send(TryLater("451 greylisted"))
    assert well(office).problems == ("1 mail not sent for over an hour: 451 greylisted",)


# Looking without touching.


class CuriousMailbox(FakeMailbox):
    """A mailbox that asks the ledger everything, and keeps a first contact, as the real one does."""

    def fetch_new(self, ledger, now):
        assert ledger.contact("INBOX", 1) is None
        assert (ledger.highest_uid("INBOX", 1), ledger.last_taken_at()) == (1, NOON)
        ledger.remember(Contact("INBOX", 1, now, 1))
        return super().fetch_new(ledger, now)


def test_a_preview_decides_as_the_daemon_would_and_changes_nothing(office):
    office.receive(mail())
    files = {path: path.read_bytes() for path in office.folder.iterdir()}
    moved = fetched(mail(), 9, place=Place("INBOX", 2, 9))
    large = fetched(mail(4, author="cy@example.com"), 4, size=90_000_000)
    waiting = [fetched(mail(2, author="bo@example.com"), 2), fetched(NOBODY.encode(), 3), large, fetched(mail()), moved]
    desk = replace(office.desk, mailbox=CuriousMailbox(*waiting))
    looked = list(preview(desk.mailbox, desk.reader, desk.store, desk.house, desk.clock))

    assert {path: path.read_bytes() for path in office.folder.iterdir()} == files
    assert (len(desk.spool.kept), desk.mailbox.filed, desk.submission.letters) == (1, [], [])
    assert office.store.contact("INBOX", 1) is None
    assert [each.place.uid for each, _, _ in looked] == [2, 3, 4]
    assert "of 90000000 bytes" in looked[-1][1].defects[-1]
    decided = [settled.decision for settled in office.receive(*waiting) if settled.decision]
    assert [(each.end, each.reason, each.report) for _, _, each in looked] == [
        (each.end, each.reason, each.report) for each in decided
    ]
