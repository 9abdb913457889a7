import re
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.support.fakes import (
    FakeMailbox,
    FakeReader,
    FakeSpool,
    FakeSubmission,
    Killed,
)
from tests.support.office import DAY, MINUTE, NOBODY, RENDERER, BrokenRenderer, digest_of
from tests.support.values import CAPS, HOUR, NOON, REPORTER, fetched, house, mail
from triaged.core.case.events import Answered, Closed
from triaged.core.mail.arrival import Arrival, Place
from triaged.ports import Refused, StateFault, TryLater
from triaged.service.delivery import deliver
from triaged.service.intake import take_in
from triaged.service.rewriting import FAILURES, write_again
from triaged.service.settling import ATTEMPTS


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
    assert take_in(office.mailroom) == []
    office.restart()
    assert take_in(office.mailroom) == []
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
    assert "a machine answers with it" in settled.arrival.reason
    assert settled.arrival.aside.sign == "auto-submitted"
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
    assert len(take_in(office.mailroom)) == 3
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
    assert office.mailroom.mailbox.filed == [Place("INBOX", 1, 1)]


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
        (case.acknowledgment.reason, f"triaged case {case.id} resend acknowledgment")
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
    office.change(renderer=(broken := BrokenRenderer(mended=lambda draft: draft.owner == last)))
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
            take_in(office.mailroom)
        office.restart()
        assert [each.attempts for each in office.store.pending()] == [attempt]
    (settled,) = take_in(office.mailroom)
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
            deliver(office.outgoing)
    full.full = False
    assert deliver(office.outgoing) == 0
    assert len(office.outgoing.submission.letters) == 1
    assert (office.case.acknowledgment.state, office.store.owed()) == ("submitted", [])
