import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import HOUR, NEW_ID, NOON, case, owed, received
from triaged.core.case.case import Pause
from triaged.core.case.events import (
    Answered,
    Assessed,
    Closed,
    Failed,
    MarkedDuplicate,
    Noted,
    OwnerSet,
    Reopened,
    ScopeSet,
    SeveritySet,
    Submitted,
    Submitting,
    Triaged,
    Waiting,
    Withheld,
)
from triaged.core.case.folding import fold
from triaged.core.report.report import Report, Verdict

ID = "ack-1@smallest.ai"
DECISIONS = (
    Answered(at=NOON, by="bo"),
    Triaged(at=NOON, by="bo", severity="high"),
    ScopeSet(at=NOON, by="bo", scope="sdk"),
    SeveritySet(at=NOON, by="bo", severity="low"),
    OwnerSet(at=NOON, by="bo", owner="cy"),
    Waiting(at=NOON, by="bo"),
    Noted(at=NOON, by="bo", text="a remark"),
    MarkedDuplicate(at=NOON, by="bo", of="SEC-0000-0000"),
    Closed(at=NOON, by="bo", reason="fixed"),
    Reopened(at=NOON, by="bo"),
    received(at=NOON + HOUR, sha256="cd" * 32),
)


def test_a_case_begins_with_the_mail_that_opens_it():
    with pytest.raises(ValueError, match="begins with the mail that opens it"):
        fold(NEW_ID, DECISIONS)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), "new"),
        ((Triaged(at=NOON, by="bo"),), "triaged"),
        ((Waiting(at=NOON, by="bo"),), "waiting"),
        ((Waiting(at=NOON, by="bo"), Triaged(at=NOON, by="bo")), "triaged"),
        ((Waiting(at=NOON, by="bo"), received(at=NOON)), "new"),
        ((Closed(at=NOON, by="bo", reason="fixed"),), "closed"),
        ((Closed(at=NOON, by="bo", reason="fixed"), Reopened(at=NOON, by="bo")), "new"),
        ((MarkedDuplicate(at=NOON, by="bo", of="SEC-0000-0000"),), "closed"),
    ],
)
def test_the_state_follows_from_the_history(events, state):
    assert case(*events).state == state


def test_a_persons_scope_outranks_the_rules():
    assert case().scope == "unclear"
    assert case(ScopeSet(at=NOON, by="bo", scope="sdk")).scope == "sdk"


def test_what_is_no_report_is_named_for_what_it_is_until_a_person_gives_it_a_scope():
    letter = Report((), (), Verdict("out-of-scope", "high", ()), "legal")
    assert case().sorted_as == "unclear"
    assert case(Assessed(at=NOON, report=letter)).sorted_as == "not-a-report: legal"
    assert case(Assessed(at=NOON, report=letter), ScopeSet(at=NOON, by="bo", scope="sdk")).sorted_as == "sdk"


def test_waiting_twice_is_waiting_once_and_the_reporters_mail_ends_it():
    waited = case(Waiting(at=NOON, by="bo"), Waiting(at=NOON + HOUR, by="bo"), received(at=NOON + 2 * HOUR))
    assert waited.pauses == (Pause(NOON, NOON + 2 * HOUR),)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((owed(),), "owed"),
        ((owed(), Submitting(at=NOON, message_id=ID)), "owed"),
        ((owed(), Submitting(at=NOON, message_id=ID), Submitted(at=NOON, message_id=ID, answer="250")), "submitted"),
        ((owed(), Failed(at=NOON, message_id=ID, reason="550")), "failed"),
        ((owed(), Failed(at=NOON, message_id=ID, reason="lost", uncertain=True)), "uncertain"),
        ((Withheld(at=NOON, sign="cap", rfc="RFC 3834 section 6", reason="the cap"),), "withheld"),
    ],
)
def test_the_acknowledgment_has_one_state(events, state):
    assert case(*events).acknowledgment.state == state


def test_before_anything_is_decided_there_is_no_acknowledgment():
    assert case().acknowledgment is None


def test_a_word_is_what_was_submitted_or_written_by_hand():
    sent = Submitted(at=NOON + HOUR, message_id=ID, answer="250")
    assert case(owed(), sent, Answered(at=NOON, by="bo")).words_at == (NOON, NOON + HOUR)
    assert case(owed()).words_at == ()


@given(st.lists(st.sampled_from(DECISIONS), max_size=12))
def test_any_history_folds_and_keeps_every_event(events):
    folded = case(*events)
    assert folded.history == (received(), *events)
    assert len(folded.mails) == 1 + sum(event.kind == "received" for event in events)
    assert (folded.state == "closed") == (folded.closed_at is not None)
