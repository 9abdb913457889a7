from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import HOUR, NEW_ID, NOON, case, house, owed, policy, received
from triaged.core.case.events import (
    Answered,
    Assessed,
    AuthorityNotified,
    Closed,
    ExploitConfirmed,
    ExploitDismissed,
    ExploitSuspected,
    Failed,
    FixAvailable,
    MarkedDuplicate,
    Noted,
    OpenedByHand,
    OwnerSet,
    Reopened,
    Requeued,
    ScopeSet,
    SeveritySet,
    Submitted,
    Submitting,
    TeamWrote,
    Triaged,
    Undone,
    Waiting,
)
from triaged.core.case.folding import fold, folded_on
from triaged.core.clocks.deadlines import deadlines
from triaged.core.commands.command import Undo
from triaged.core.deciding.decide import Around, decide
from triaged.core.deciding.decided import By, Decided, No
from triaged.core.report.report import Report, Verdict

BO = By("bo", "bo")
ACK, LATER = "ack-1@smallest.ai", NOON + HOUR

HAPPENED = (
    received(at=NOON + HOUR, sha256="cd" * 32),
    owed(),
    Submitting(at=NOON, message_id=ACK),
    Submitted(at=NOON, message_id=ACK, answer="250"),
    Failed(at=NOON, message_id=ACK, reason="550"),
    Assessed(at=NOON, report=Report((), (), Verdict("model", "high", ()), "report")),
    ExploitSuspected(at=NOON, quote="in the wild"),
    Reopened(at=NOON, by="reporter"),
    Undone(at=NOON, by="cy", decision="triaged", decided_at=NOON),
)
DECISIONS = (
    Answered(at=NOON, by="bo"),
    Triaged(at=NOON, by="bo", severity="high", owner="cy"),
    ScopeSet(at=NOON, by="bo", scope="sdk"),
    SeveritySet(at=NOON, by="bo", severity="low"),
    OwnerSet(at=NOON, by="bo", owner="cy"),
    Waiting(at=NOON, by="bo"),
    Noted(at=NOON, by="bo", text="a remark"),
    MarkedDuplicate(at=NOON, by="bo", of="SEC-0000-0000"),
    Closed(at=NOON, by="bo", reason="fixed"),
    Reopened(at=NOON, by="bo"),
    ExploitConfirmed(at=NOON, by="bo", reason="our logs"),
    ExploitDismissed(at=NOON, by="bo", reason="a lab"),
    FixAvailable(at=NOON, by="bo"),
    AuthorityNotified(at=NOON, by="bo", duty="cra-notification"),
    Requeued(at=NOON, by="bo", message_id=ACK, expires_at=NOON + 48 * HOUR),
)
HISTORIES = st.lists(st.sampled_from((*HAPPENED, *DECISIONS)), max_size=12)


def undone(*events):
    return decide(Undo(), case(*events), BO, LATER, Around(house()))


def ahead(subject):
    return deadlines(subject, policy(), NOON + timedelta(days=3))


@given(HISTORIES, st.sampled_from(DECISIONS))
def test_a_decision_that_is_taken_back_leaves_the_case_as_it_was(events, decision):
    before = case(*events)
    decided = folded_on(before, [decision])
    outcome = decide(Undo(), decided, BO, LATER, Around(house()))
    assert isinstance(outcome, Decided)
    after = folded_on(decided, outcome.events)
    assert replace(after, history=before.history) == before
    assert after.in_force == before.in_force
    assert after.history == (*before.history, decision, *outcome.events)
    assert ahead(after) == ahead(before)
    # What is folded at once, as after a restart, is the same as what was folded on.
    assert fold(NEW_ID, after.history) == after


@given(HISTORIES, st.sampled_from(DECISIONS), HISTORIES)
def test_what_happened_since_counts_as_if_the_decision_had_never_been(events, decision, since):
    decision = replace(decision, at=NOON + timedelta(minutes=7))
    word = Undone(at=LATER, by="bo", decision=decision.kind, decided_at=decision.at)
    with_it, without = case(*events, decision, *since, word), case(*events, *since)
    assert replace(with_it, history=without.history) == without
    assert with_it.in_force == without.in_force
    assert folded_on(case(*events, decision, *since), [word]) == with_it
    # And what comes after it is folded on what is left.
    more = received(at=LATER, sha256="ef" * 32)
    assert replace(folded_on(with_it, [more]), history=()) == replace(case(*events, *since, more), history=())
    assert folded_on(with_it, [more]).in_force == (*without.in_force, more)


@given(HISTORIES)
def test_undone_again_and_again_it_takes_back_each_decision_once_and_then_says_that_there_is_none(events):
    subject = case(*events)
    for _ in range(len(events) + 1):
        outcome = decide(Undo(), subject, BO, LATER, Around(house()))
        if isinstance(outcome, No):
            break
        left = folded_on(subject, outcome.events)
        assert len(left.in_force) == len(subject.in_force) - 1
        subject = left
    else:
        raise AssertionError("there was always one more")


FIRST = Triaged(at=NOON, by="bo")


def test_the_last_decision_goes_first_and_the_one_before_it_next():
    outcome = undone(FIRST, Closed(at=LATER, by="cy", reason="spam"), received(at=LATER, sha256="cd" * 32))
    assert outcome.events == (Undone(at=LATER, by="bo", decision="closed", decided_at=LATER),)
    assert outcome.said == "taken back: 'closed' of 2026-11-23 13:00 UTC"
    outcome = undone(FIRST, Closed(at=LATER, by="cy", reason="spam"), *outcome.events)
    assert outcome.events[0].decision == "triaged"


def test_an_undoing_of_what_does_not_stand_changes_nothing():
    word = Undone(at=LATER, by="bo", decision="triaged", decided_at=NOON)
    assert case(word).in_force == case().in_force
    assert case(FIRST, word, word).in_force == case().in_force
    assert case(replace(word, decision="received"), word).mails == case().mails


REQUEUED = Requeued(at=NOON, by="bo", message_id=ACK, expires_at=NOON + 48 * HOUR)
HANDED_IN = Submitting(at=LATER, message_id=ACK)
UPDATE = owed(purpose="update", message_id="update-1@smallest.ai", at=LATER)
UPDATED = (UPDATE, Submitting(at=LATER, message_id="update-1@smallest.ai"))
FAILED = (owed(), Failed(at=NOON, message_id=ACK, reason="550"))
WROTE = TeamWrote(
    at=NOON,
    sha256="ef" * 32,
    received_at=NOON,
    message_id=None,
    sender=received().sender,
    subject="Re: a report",
    verified=True,
)
CONFIRMED = ExploitConfirmed(at=NOON, by="bo", reason="our logs")
TOLD = AuthorityNotified(at=NOON, by="bo", duty="cra-notification")
NOT_TOLD = Undone(at=NOON, by="bo", decision="authority-notified", decided_at=NOON)


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ((), "nobody has decided anything on it that could be taken back"),
        ((Reopened(at=NOON, by="reporter"),), "nobody has decided anything"),
        ((*FAILED, replace(REQUEUED, by="triaged")), "nobody has decided anything"),
        (
            (*FAILED, REQUEUED, HANDED_IN),
            "'requeued' of 2026-11-23 12:00 UTC cannot be taken back: the acknowledgment that followed it went to the mail",
        ),
        ((FIRST, *UPDATED), "the update that followed it went to the mail server"),
        (
            (FIRST, *UPDATED, Submitted(at=LATER, message_id=UPDATE.message_id, answer="250")),
            "the update that followed",
        ),
        ((OpenedByHand(at=NOON, by="bo", sha256="ab" * 32),), "close it instead"),
        (
            (WROTE, Answered(at=NOON, by="cy@smallest.ai")),
            "the mail that a colleague wrote to the reporter has been sent",
        ),
        (
            (CONFIRMED, TOLD, NOT_TOLD),
            "the authority was told (cra-notification); if it is not exploited: triaged case",
        ),
    ],
)
def test_where_something_final_followed_it_is_refused_with_a_sentence(events, why):
    refused = undone(*events)
    assert isinstance(refused, No)
    assert refused.sentence.startswith(f"{NEW_ID}: ")
    assert why in refused.sentence


@pytest.mark.parametrize(
    "events",
    [
        # It was owed before, and goes out whatever is decided.
        (owed(), FIRST, HANDED_IN),
        # It is owed, and has not left.
        (FIRST, UPDATE),
        (*FAILED, REQUEUED),
        # No letter depends on a remark.
        (Noted(at=NOON, by="bo", text="a remark"), *UPDATED),
        # The record alone is taken back, and its clock runs again.
        (CONFIRMED, TOLD),
        (CONFIRMED, replace(TOLD, at=LATER), TOLD, NOT_TOLD),
        (WROTE, FIRST, Answered(at=NOON, by="bo")),
    ],
)
def test_where_nothing_final_followed_it_is_taken_back(events):
    assert isinstance(undone(*events), Decided)
