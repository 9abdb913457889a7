from datetime import timedelta
from itertools import pairwise

import pytest

from tests.support.fakes import (
    FakeSubmission,
    Killed,
)
from tests.support.office import DAY
from tests.support.values import HOUR, NOON, mail
from triaged.core.case.outbox import PAUSES
from triaged.core.mail.arrival import Arrival
from triaged.ports import Refused, TryLater
from triaged.service.delivery import REFUSALS_IN_A_ROW, deliver


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
    assert deliver(office.outgoing) == 1


def test_it_is_written_down_that_a_letter_goes_out_before_it_does(office):
    office.receive(mail())
    office.killed_at(1)
    with pytest.raises(Killed):
        deliver(office.outgoing)
    assert office.outgoing.submission.letters == []


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
        deliver(office.outgoing)
    office.restart()
    ((_, letter),) = office.store.owed()
    assert letter.state == "submitting"


def test_a_letter_that_a_crash_left_in_flight_goes_out_again_under_resend(office):
    left_submitting(office)
    (first,) = office.outgoing.submission.letters
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
    assert len(office.outgoing.submission.outcomes) == 6 - REFUSALS_IN_A_ROW
    assert sum(letter.tries for _, letter in office.store.owed()) == REFUSALS_IN_A_ROW


def test_refusals_that_are_not_in_a_row_or_for_good_do_not_end_the_pass(office):
    office.receive(*(mail(number) for number in range(8)))
    office.change(submission=FakeSubmission(TryLater("a"), TryLater("b"), Refused("c"), TryLater("d"), TryLater("e")))
    assert deliver(office.outgoing) == 3


def test_told_to_stop_no_further_letter_is_begun(office):
    office.receive(mail(1), mail(2), mail(3))
    office.change(submission=FakeSubmission())
    office.change(stopping=lambda: len(office.outgoing.submission.letters) == 1)
    assert deliver(office.outgoing) == 1
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


def test_letters_in_flight_are_noted_together_before_the_first_and_recorded_together_after_the_last(office):
    office.receive(*(mail(number) for number in range(9)))
    states = []

    class Watching(FakeSubmission):
        def submit(self, letter):
            states.append(sorted(each.state for _, each in office.store.owed()))
            return super().submit(letter)

    office.change(submission=Watching(), in_flight=4)
    assert deliver(office.outgoing) == 9
    # The first is alone: until the server has taken one, nobody knows if it takes any.
    alone, together, rest = ["submitting"], ["submitting"] * 4, ["owed"]
    assert states == [rest * 8 + alone, *[rest * 4 + together] * 4, *[together] * 4]


def test_one_letter_in_flight_is_the_least(office):
    office.receive(*(mail(number) for number in range(3)))
    office.change(submission=FakeSubmission(), in_flight=1)
    office.killed_at(4)
    with pytest.raises(Killed):
        deliver(office.outgoing)
    office.restart()
    assert sorted(letter.state for _, letter in office.store.owed()) == ["owed", "submitting"]


def test_what_a_server_that_goes_down_was_not_asked_is_owed_and_not_in_doubt(office):
    office.receive(*(mail(number) for number in range(8)))
    office.change(on_uncertain="hold", submission=FakeSubmission(None, *[TryLater("connection refused")] * 7))
    assert deliver(office.outgoing) == 1
    assert len(office.outgoing.submission.outcomes) == 7 - REFUSALS_IN_A_ROW
    assert {letter.state for _, letter in office.store.owed()} == {"owed"}
    office.wait(HOUR)
    assert len(office.send()) == 7


def test_a_kill_between_letters_in_flight_sends_at_most_these_again(office):
    office.receive(*(mail(number) for number in range(9)))

    class Dying(FakeSubmission):
        def submit(self, letter):
            if len(self.letters) == 3:
                raise Killed
            return super().submit(letter)

    office.change(submission=Dying(), in_flight=4)
    with pytest.raises(Killed):
        deliver(office.outgoing)
    before = {letter.message_id: letter.raw for letter in office.outgoing.submission.letters}
    office.restart()
    again = {letter.message_id: letter.raw for letter in office.send()}
    twice = before.keys() & again.keys()
    assert len(twice) == 2
    assert all(before[each] == again[each] for each in twice)
    assert len(before.keys() | again.keys()) == 9
