import re
from dataclasses import replace

import pytest

from tests.support.fakes import (
    Killed,
)
from tests.support.office import DAY, MINUTE, RENDERER, BrokenRenderer
from tests.support.values import BORDER, CAPS, HOUR, NOON, fetched, house, mail
from triaged.core.case.events import Answered, Closed, Triaged, Waiting
from triaged.core.clocks.deadlines import deadlines, outstanding
from triaged.core.mail.sender import Trust
from triaged.ports import Refused, TryLater
from triaged.service.delivery import deliver
from triaged.service.updating import send_updates

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
        deliver(office.outgoing)
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
