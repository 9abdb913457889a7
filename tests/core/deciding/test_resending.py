import pytest

from tests.support.values import HOUR, NOON, case, house, owed
from triaged.core.case.events import Answered, Closed, Failed, Requeued, Submitted, Withheld
from triaged.core.case.folding import folded_on
from triaged.core.commands.command import Resend
from triaged.core.deciding.decide import Around, decide
from triaged.core.deciding.decided import By, Decided, No
from triaged.core.deciding.resending import failed as all_failed

BO = By("bo (sudo)", "bo")
LATER = NOON + HOUR


def failed(purpose, number=1, **how):
    """A letter that did not go out."""
    message_id = f"{purpose}-{number}@smallest.ai"
    return (
        owed(purpose=purpose, message_id=message_id),
        Failed(at=NOON, message_id=message_id, reason="554 no", **how),
    )


SENT = (owed(), Submitted(at=NOON, message_id="ack-1@smallest.ai", answer="250"))
AGAIN = Requeued(at=NOON, by="bo", message_id="acknowledgment-1@smallest.ai", expires_at=NOON + HOUR)
ANSWERED = Answered(at=LATER, by="bo")
CLOSED = Closed(at=LATER, by="bo", reason="fixed")


def resent(letter, *events):
    return decide(Resend(letter), case(*events), BO, LATER, Around(house()))


@pytest.mark.parametrize(
    ("asked", "events", "letter"),
    [
        (None, failed("acknowledgment"), "acknowledgment-1"),
        (None, failed("acknowledgment", uncertain=True), "acknowledgment-1"),
        # Whatever failed after it: the reporter still has no answer.
        (None, (*failed("acknowledgment"), *failed("notice")), "acknowledgment-1"),
        (None, (*SENT, *failed("notice", 1), *failed("notice", 2)), "notice-2"),
        (None, (*failed("acknowledgment"), *failed("notice"), AGAIN), "notice-1"),
        # Automatic updates are switched off here, so that one is not true any more.
        (None, (*SENT, *failed("notice"), *failed("update")), "notice-1"),
        ("acknowledgment", (*failed("acknowledgment"), *failed("notice")), "acknowledgment-1"),
        ("notice", (*failed("acknowledgment"), *failed("notice")), "notice-1"),
    ],
)
def test_the_letter_that_is_named_is_sent_again_and_without_a_name_the_acknowledgment_first(asked, events, letter):
    decided = resent(asked, *events)
    assert [event.message_id.partition("@")[0] for event in decided.events] == [letter]
    assert decided.said.startswith(f"the {letter.partition('-')[0]} will be sent at the next pass")
    assert decided.events[0].by == "bo (sudo)"
    assert decided.events[0].expires_at == LATER + 48 * HOUR


@pytest.mark.parametrize(
    ("asked", "events", "why"),
    [
        (None, (), "no mail of this case has failed or is held back"),
        (None, SENT, "no mail of this case has failed or is held back"),
        ("update", failed("acknowledgment"), "no update of this case has failed or is held back"),
        ("acknowledgment", failed("notice"), "no acknowledgment of this case has failed or is held back"),
        (None, failed("update"), "the update is not sent again, because automatic updates are switched off;"),
        (
            None,
            (*failed("acknowledgment"), ANSWERED),
            "the acknowledgment is not sent again, because a person has written since;",
        ),
        (None, (*failed("acknowledgment"), CLOSED), "because the case is closed;"),
        ("notice", (*failed("acknowledgment"), *failed("notice"), ANSWERED), "the notice is not sent again, because"),
        (
            None,
            (Withheld(at=NOON, sign="auto-reply", rfc="RFC 3834", reason="it is automatic"),),
            "its acknowledgment was withheld before it was written; write to the reporter yourself, then: triaged case",
        ),
    ],
)
def test_what_is_not_there_or_no_longer_true_is_refused_with_a_sentence(asked, events, why):
    refused = resent(asked, *events)
    assert isinstance(refused, No)
    assert refused.sentence.startswith("SEC-7Q4K-2M8D: ")
    assert why in refused.sentence


def test_an_update_that_failed_itself_is_not_thereby_untrue(verified_update):
    subject, ours = verified_update
    decided = decide(Resend(), subject, BO, LATER, Around(ours))
    assert isinstance(decided, Decided)
    assert "update" in decided.said
    assert "case is closed" in decide(Resend(), folded_on(subject, [CLOSED]), BO, LATER, Around(ours)).sentence


def test_an_answer_that_no_template_could_write_is_left_to_the_daemon():
    unwritten = Withheld(at=NOON, sign="not-written", rfc="", reason="a template failed")
    assert resent(None, unwritten).events == resent("acknowledgment", unwritten).events == ()
    assert isinstance(resent("notice", unwritten), No)


def test_of_all_that_failed_only_what_is_true_goes_out_again():
    both = case(*failed("acknowledgment"), *failed("update"), *failed("notice", uncertain=True))
    assert [event.message_id for event in all_failed(both, BO, LATER, house())] == ["acknowledgment-1@smallest.ai"]
