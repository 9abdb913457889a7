"""Caps hold a letter back until there is room, within its promise: who waits, who goes first, and what ends the waiting."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.fakes import Killed
from tests.support.letters import digest_words
from tests.support.office import Office
from tests.support.values import BORDER, CAPS, HOUR, NOON, fetched, house, mail
from triaged.core.case.events import Answered, Closed, Requeued
from triaged.core.letters.caps import Caps
from triaged.core.mail.sender import Trust
from triaged.ports import Pulse, Refused
from triaged.service.morning import compose_digest, health

SHIPPED = Caps(
    per_address_per_day=5,
    per_domain_per_hour=20,
    per_hour=60,
    per_domain_per_day=100,
    per_day=400,
    flood_per_hour=1000,
)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PROMISE = 47 * HOUR
"""What is left at noon of the 48 hours: every mail of these tests came an hour before."""


@pytest.fixture
def office(tmp_path):
    opened = Office(tmp_path)
    opened.change(house=house(caps=SHIPPED))
    with opened.stack:
        yield opened


class Mailroom:
    """Numbers the mails of a test, so that each is another."""

    def __init__(self, office: Office) -> None:
        self.office, self.number = office, 0

    def receive(self, *authors: str, more: str = "") -> list:
        mails = []
        for author in authors:
            self.number += 1
            received_at = self.office.desk.clock.now - HOUR
            mails.append(fetched(mail(self.number, author=author, more=more), self.number, received_at=received_at))
        return self.office.receive(*mails)


@pytest.fixture
def post(office):
    return Mailroom(office)


def states(office: Office) -> Counter:
    return Counter(case.acknowledgment.state for case in office.store.cases())


def acknowledgment(office: Office, address: str):
    (found,) = (case.acknowledgment for case in office.store.cases() if case.reporter.address == address)
    return found


def sent_to(office: Office) -> list[str]:
    return [letter.to[0] for letter in office.send() if letter.to_reporter]


def test_twenty_forged_gmail_senders_do_not_hold_up_the_true_one(office, post):
    post.receive(*(f"forged{number}@gmail.com" for number in range(20)))
    office.send()
    post.receive("real@gmail.com")
    assert sent_to(office) == ["real@gmail.com"]


def test_one_account_with_tags_gets_its_own_cap_and_others_at_its_provider_theirs(office, post):
    post.receive(*(f"mallory+{number}@gmail.com" for number in range(20)), "real@gmail.com")
    sent = sent_to(office)
    assert len(sent) == 6
    assert "real@gmail.com" in sent
    # Five more tomorrow are within the promise; what is beyond it is a person's task at once.
    assert states(office) == {"submitted": 6, "owed": 5, "withheld": 10}


def test_sixty_mails_from_sixty_subdomains_go_out_by_and_by_and_hold_up_nobody_else(office, post):
    post.receive(*(f"x@h{number}.evil.example" for number in range(60)), "real@example.org", "ann@evil.example")
    sent = sent_to(office)
    assert len(sent) == 21
    assert "real@example.org" in sent
    assert states(office) == {"submitted": 21, "owed": 41}
    told = acknowledgment(office, "ann@evil.example")
    assert told.reason == "the cap of 20 acknowledgments an hour to one domain is reached"
    assert told.not_before == NOON + 3 * HOUR
    for hours, left in ((1, 20), (2, 20), (3, 1)):
        office.wait(HOUR - MINUTE)
        assert sent_to(office) == []
        office.wait(MINUTE)
        assert len(sent_to(office)) == left, hours
    assert acknowledgment(office, "ann@evil.example").at < NOON + PROMISE
    assert states(office) == {"submitted": 62}


def test_the_caps_bound_what_leaves_whatever_comes_and_the_promise_is_kept(office, post):
    office.change(house=house(caps=replace(SHIPPED, per_hour=3, per_day=20)))
    left = []
    for hour in range(30):
        if hour < 8:
            post.receive(*(f"p{hour}-{number}@d{hour}-{number}.example" for number in range(4)))
        left += [office.desk.clock.now for _ in sent_to(office)]
        office.wait(HOUR)
    assert len(left) == 32
    assert max(sum(at - HOUR < other <= at for other in left) for at in left) <= 3
    assert max(sum(at - DAY < other <= at for other in left) for at in left) <= 20
    assert states(office) == {"submitted": 32}
    for case in office.store.cases():
        assert case.acknowledgment.at <= case.received_at + 48 * HOUR


def test_verified_senders_go_first_then_those_never_answered_before(office, post):
    ours = house(caps=replace(CAPS, per_hour=4), trust=Trust(BORDER))
    office.change(house=ours)
    verified = f"Authentication-Results: {BORDER}; dmarc=pass\r\n"
    post.receive("known@known.example", "a@a.example")
    assert len(office.send()) == 2
    post.receive("known@known.example", "new@new.example", "other@other.example")
    post.receive("first@first.example", "second@second.example", more=verified)
    assert sent_to(office) == ["first@first.example", "second@second.example"]
    office.wait(HOUR)
    assert sent_to(office) == ["new@new.example", "other@other.example"]
    office.wait(HOUR)
    assert sent_to(office) == ["known@known.example"]


def test_a_letter_for_which_there_was_no_room_becomes_a_persons_task_before_its_promise_ends(office, post):
    office.change(house=house(caps=replace(CAPS, per_day=1)))
    post.receive("first@first.example", "second@second.example")
    office.send()
    # Another takes the room of tomorrow.
    office.wait(20 * HOUR)
    verified = "Authentication-Results: mx.smallest.ai; dmarc=pass\r\n"
    office.change(house=replace(office.desk.house, trust=Trust(BORDER)))
    post.receive("verified@verified.example", more=verified)
    office.wait(4 * HOUR)
    assert sent_to(office) == ["verified@verified.example"]
    assert acknowledgment(office, "second@second.example").state == "owed"
    office.wait(11 * HOUR)
    assert sent_to(office) == []
    told = acknowledgment(office, "second@second.example")
    assert (told.state, told.reason) == (
        "withheld",
        "the cap of 1 acknowledgments a day in all is reached, and there was no room in time",
    )
    assert office.desk.clock.now + 12 * HOUR <= NOON + PROMISE
    assert [letter.state for _, letter in office.store.owed()] == []


def lone_withheld(office, post):
    office.change(house=house(caps=replace(CAPS, per_address_per_day=1)))
    post.receive("ann@example.org", *("ann@example.org",) * 3)
    office.send()
    return [case for case in office.store.cases() if case.acknowledgment.state == "withheld"]


def resend(office, case) -> None:
    (letter,) = case.letters
    now = office.desk.clock()
    event = Requeued(at=now, by="bo", message_id=letter.message_id, expires_at=now + 48 * HOUR)
    office.store.record(case.id, (event,))


def test_resend_sends_what_the_caps_withheld_and_what_they_hold_back(office, post):
    withheld = lone_withheld(office, post)
    assert len(withheld) == 2
    held = next(case for case in office.store.cases() if case.acknowledgment.not_before)
    for case in (withheld[0], held):
        resend(office, case)
        resend(office, case)
    sent = office.send()
    assert {letter.message_id for letter in sent} == {withheld[0].letters[0].message_id, held.letters[0].message_id}
    assert office.send() == []


def test_resend_does_not_break_the_caps_for_all_but_goes_first(office, post):
    office.change(house=house(caps=replace(CAPS, per_hour=2)))
    post.receive(*(f"p{number}@p{number}.example" for number in range(5)))
    assert len(office.send()) == 2
    last = next(case for case in office.store.cases() if case.reporter.address.startswith("p4"))
    resend(office, last)
    assert office.send() == []
    office.wait(HOUR)
    assert sent_to(office) == ["p4@p4.example", "p2@p2.example"]


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        (Answered(at=NOON + MINUTE, by="bo"), "not sent: a person has written since"),
        (Closed(at=NOON + MINUTE, by="bo", reason="spam"), "not sent: the case is closed"),
    ],
)
def test_a_letter_that_is_no_longer_true_does_not_leave_when_its_turn_comes(office, post, meanwhile, why):
    office.change(house=house(caps=replace(CAPS, per_hour=1)))
    post.receive("first@first.example", "second@second.example")
    office.send()
    held = next(case for case in office.store.cases() if case.acknowledgment.not_before)
    office.store.record(held.id, (meanwhile,))
    office.wait(HOUR)
    assert office.send() == []
    assert office.store.case(held.id).acknowledgment.reason == why


def test_a_letter_that_the_server_refused_takes_no_room(office, post):
    office.change(house=house(caps=replace(CAPS, per_hour=1)))
    post.receive("first@first.example", "second@second.example")
    office.send(Refused("550 no such user"))
    assert states(office) == {"failed": 1, "submitted": 1}


def test_a_desk_that_answers_every_mail_with_a_new_one_is_silent_for_good_after_two_days_caps(office, post):
    """It threads and quotes nothing, and marks nothing; what it writes looks like a person's report."""
    got = []
    post.receive("desk@machine.example")
    for _ in range(24 * 21):
        sent = sent_to(office)
        got += [office.desk.clock.now for _ in sent]
        post.receive(*sent)
        office.wait(HOUR)
    assert len(got) == 10
    assert got[-1] < NOON + 3 * DAY
    assert states(office) == {"submitted": 10, "withheld": 1}
    assert office.store.owed() == []


def test_a_desk_that_changes_its_address_is_silent_for_good_within_an_hour(office, post):
    got, number = [], 0
    post.receive("ticket0@machine.example")
    for _ in range(60 * 48):
        sent = sent_to(office)
        got += sent
        office.wait(MINUTE)
        number += len(sent)
        post.receive(*(f"ticket{number + each}@machine.example" for each in range(len(sent))))
    assert len(got) == 20
    assert office.store.owed() == []


def test_what_is_held_is_told_by_digest_and_health_and_is_no_fault(office, post):
    office.change(house=house(caps=replace(CAPS, per_hour=1, flood_per_hour=1000)))
    post.receive(*(f"p{number}@p{number}.example" for number in range(4)))
    office.send()
    office.wait(2 * HOUR - MINUTE)
    now = office.desk.clock()
    well = health(office.store, Pulse(last_poll_at=now), now)
    assert (well.held, well.room_at, well.problems) == (3, NOON + HOUR, ())
    desk = office.desk
    composed = compose_digest(desk.store, desk.house.policy, well, now, now.date(), desk.digest_settings)
    text = digest_words(desk.renderer, composed).text
    assert "3 acknowledgments held back by the caps" in " ".join(text.split())
    assert "2026-11-23 13:00 UTC" in " ".join(text.split())


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", range(1, 12))
def test_wherever_the_process_is_killed_a_letter_over_the_caps_waits_and_leaves_once(office, post, write, after):
    office.change(house=house(caps=replace(CAPS, per_hour=1)))
    addresses = ["first@first.example", "second@second.example"]
    mails = [fetched(mail(number, author=to), number) for number, to in enumerate(addresses, 1)]
    office.killed_at(write, after=after)
    sent = []
    try:
        office.receive(*mails)
        sent += office.send()
    except Killed:
        sent += office.outgoing.submission.letters
    office.restart()
    office.receive(*mails)
    sent += office.send()
    assert [letter.to for letter in sent].count(("second@second.example",)) == 0
    office.wait(HOUR)
    sent += office.send()
    assert [letter.to for letter in sent].count(("second@second.example",)) == 1
    assert states(office) == {"submitted": 2}


def test_with_more_room_after_a_reload_what_is_held_leaves_at_once(office, post):
    office.change(house=house(caps=replace(CAPS, per_hour=1)))
    post.receive(*(f"p{number}@p{number}.example" for number in range(3)))
    office.send()
    office.change(house=house(caps=CAPS))
    assert len(office.send()) == 2


def test_a_cap_made_smaller_after_a_letter_was_owed_holds_it_back_at_the_door(office, post):
    post.receive("first@first.example", "second@second.example")
    office.change(house=house(caps=replace(CAPS, per_hour=1)))
    assert len(office.send()) == 1
    held = acknowledgment(office, "second@second.example")
    assert (held.state, held.not_before) == ("owed", NOON + HOUR)


def test_the_notice_of_a_case_opened_again_waits_for_room_and_leaves_though_its_report_is_old(office, post):
    office.change(house=house(caps=replace(CAPS, per_hour=1)))
    post.receive("ann@example.org")
    office.send()
    case = office.case
    office.store.record(case.id, (Closed(at=NOON, by="bo", reason="fixed"),))
    office.wait(20 * DAY)
    again = mail(7, author="ann@example.org", subject=f"Re: [{case.id}] We received your report")
    now = office.desk.clock.now
    other = fetched(mail(8, author="bo@other.example"), 8, received_at=now)
    office.receive(other, fetched(again, 7, received_at=now))
    assert sent_to(office) == ["bo@other.example"]
    (_, letter), *more = office.store.owed()
    assert (letter.purpose, letter.held.not_before, more) == ("notice", now + HOUR, [])
    office.wait(HOUR)
    assert sent_to(office) == ["ann@example.org"]
    assert office.store.case(case.id).withheld is None


def test_a_notice_held_back_at_the_door_has_time_though_its_report_is_old(office, post):
    post.receive("ann@example.org")
    office.send()
    case = office.case
    office.store.record(case.id, (Closed(at=NOON, by="bo", reason="fixed"),))
    office.wait(20 * DAY)
    now = office.desk.clock.now
    again = mail(7, author="ann@example.org", subject=f"Re: [{case.id}] We received your report")
    office.receive(fetched(mail(8, author="bo@other.example"), 8, received_at=now), fetched(again, 7, received_at=now))
    office.change(house=house(caps=replace(CAPS, per_hour=1)))
    assert sent_to(office) == ["bo@other.example"]
    office.wait(HOUR)
    assert sent_to(office) == ["ann@example.org"]
