from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import HOUR, NOON, owed
from triaged.core.case.events import Deferred, Failed, Requeued, Submitted, Submitting
from triaged.core.case.outbox import PAUSES, letters, next_try

ID = "ack-1@smallest.ai"
SUBMITTING = Submitting(at=NOON, message_id=ID)
SUBMITTED = Submitted(at=NOON, message_id=ID, answer="250 queued")
DEFERRED = Deferred(at=NOON, message_id=ID, cause="451 greylisted", retry_at=NOON + HOUR)
REFUSED = Failed(at=NOON, message_id=ID, reason="550 no such user")
HELD = Failed(at=NOON, message_id=ID, reason="no answer after the dot", uncertain=True)
AGAIN = Requeued(at=NOON, by="bo", message_id=ID, expires_at=NOON + 9 * HOUR)


@pytest.mark.parametrize(
    ("events", "state", "due_now"),
    [
        ((), "owed", True),
        ((SUBMITTING,), "submitting", True),
        ((SUBMITTING, SUBMITTED), "submitted", False),
        ((SUBMITTING, DEFERRED), "owed", False),
        ((SUBMITTING, REFUSED), "failed", False),
        ((SUBMITTING, HELD), "uncertain", False),
        ((SUBMITTING, REFUSED, AGAIN), "owed", True),
        ((SUBMITTING, HELD, AGAIN, SUBMITTING, SUBMITTED), "submitted", False),
    ],
)
def test_a_letter_stands_where_its_events_left_it(events, state, due_now):
    (letter,) = letters((owed(), *events))
    assert (letter.state, letter.due(NOON)) == (state, due_now)


def test_a_deferred_letter_is_due_again_at_its_time():
    (letter,) = letters((owed(), SUBMITTING, DEFERRED))
    assert not letter.due(NOON + HOUR - timedelta(seconds=1))
    assert letter.due(NOON + HOUR)
    assert letter.reason == "451 greylisted"


@pytest.mark.parametrize("before", [(), (SUBMITTING,), (SUBMITTING, SUBMITTED), (SUBMITTING, DEFERRED)])
def test_only_a_letter_that_has_failed_can_be_tried_again(before):
    assert letters((owed(), *before, AGAIN)) == letters((owed(), *before))


def test_a_letter_asked_for_twice_goes_out_once():
    twice = (owed(), SUBMITTING, REFUSED, AGAIN, SUBMITTING, SUBMITTED, AGAIN)
    assert [letter.state for letter in letters(twice)] == ["submitted"]


def test_a_letter_tried_again_has_its_new_time_and_begins_its_pauses_anew():
    (letter,) = letters((owed(), SUBMITTING, DEFERRED, SUBMITTING, REFUSED, AGAIN))
    assert (letter.expires_at, letter.retry_at, letter.tries, letter.settled_at) == (NOON + 9 * HOUR, None, 0, None)


def test_what_is_said_of_a_letter_that_never_was_is_said_of_none():
    for stray in (SUBMITTING, SUBMITTED, DEFERRED, REFUSED, AGAIN):
        assert letters((stray,)) == ()
        assert letters((owed(message_id="other@x"), stray)) == letters((owed(message_id="other@x"),))


def test_letters_of_one_owner_do_not_disturb_each_other():
    first, second = letters((owed(), owed(message_id="other@x"), SUBMITTING, SUBMITTED))
    assert (first.state, second.state) == ("submitted", "owed")


@given(st.integers(min_value=0, max_value=500))
def test_pauses_grow_to_an_hour_and_no_further(tries):
    (letter,) = letters((owed(), *([SUBMITTING, DEFERRED] * min(tries, 12))))
    pause = next_try(letter, NOON) - NOON
    assert pause == PAUSES[min(letter.tries, len(PAUSES) - 1)]
    assert timedelta(minutes=1) <= pause <= timedelta(hours=1)


def test_the_bytes_of_a_letter_never_change():
    (letter,) = letters((owed(), SUBMITTING, DEFERRED, SUBMITTING, REFUSED, AGAIN))
    assert letter.raw == owed().raw
    assert letter.message_id == ID
