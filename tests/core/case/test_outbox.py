from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.values import HOUR, NOON, owed
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
