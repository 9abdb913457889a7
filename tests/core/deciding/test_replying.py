from dataclasses import replace

import pytest

from tests.support.values import HOUR, NEW_ID, NOON, REPORT, REPORTER, case, house, message, opened, owed
from triaged.core.case.events import (
    Answered,
    AtDoor,
    Closed,
    CreditAgreed,
    MarkedDuplicate,
    Replied,
    Submitted,
    Submitting,
)
from triaged.core.case.folding import folded_on
from triaged.core.clocks.clocks import last_word
from triaged.core.clocks.deadlines import deadlines
from triaged.core.commands.command import Close, MarkDuplicate, Reopen, Undo
from triaged.core.deciding.decide import Around, decide
from triaged.core.deciding.decided import By, Decided, No
from triaged.core.deciding.replying import Writing, reply
from triaged.core.letters.writing import letter
from triaged.core.mail.sender import Sender

ANA = By("ana", "ana")
OTHER = "SEC-2222-2222"
SENT = (
    owed(),
    Submitting(at=NOON, message_id="ack-1@smallest.ai"),
    Submitted(at=NOON, message_id="ack-1@smallest.ai", answer="250"),
)
DOOR = AtDoor(at=NOON, door="x", name="HackerOne", brings="report", link="", reference="")


def of(sender):
    return replace(case(), opening=replace(case().opening, sender=sender))


def wrote(on, **writing):
    return reply(Writing(**writing), on, ANA, NOON + HOUR)


def decided(command, on, at=NOON + HOUR):
    return decide(command, on, ANA, at, Around(house(), (NEW_ID, OTHER)))


def done(command, on, at=NOON + HOUR):
    outcome = decided(command, on, at)
    assert isinstance(outcome, Decided), outcome
    return folded_on(on, outcome.events)


def test_a_letter_is_one_event_with_all_that_it_does():
    outcome = wrote(case(), text="Thank you.\r\n\r\n  We look.  \n", template="accepted", close="not ours")
    assert outcome == Decided(
        (Replied(at=NOON + HOUR, by="ana", text="Thank you.\n\n  We look.", template="accepted", close="not ours"),),
        f"a letter to {REPORTER} is on its way, closed",
    )


@pytest.mark.parametrize(
    ("writing", "why"),
    [
        ({"text": " \n\t\n"}, "the letter is empty"),
        ({"text": "\x00\x1b"}, "the letter is empty"),
        ({"text": "a" * 50_001}, "50000 is the most"),
        ({"text": "a", "close": "..."}, "say why it is closed"),
        ({"text": "a", "close": " "}, "say why it is closed"),
        ({"text": "a", "close": "spam", "wait": True}, "--wait or --close"),
    ],
)
def test_what_cannot_be_sent_is_said_in_a_sentence(writing, why):
    outcome = wrote(case(), **writing)
    assert isinstance(outcome, No)
    assert why in outcome.sentence
    assert outcome.sentence.startswith(f"{NEW_ID}: ")


@pytest.mark.parametrize(
    ("on", "why"),
    [
        (of(Sender("", "", "unverified", "")), "no address"),
        (of(Sender("", REPORTER, "failed", "")), "forged"),
        (case(DOOR), "answered there"),
    ],
    ids=["no address", "forged", "door"],
)
def test_nobody_writes_to_who_cannot_be_the_reporter(on, why):
    outcome = wrote(on, text="a")
    assert isinstance(outcome, No)
    assert why in outcome.sentence


def test_a_letter_waits_or_closes_from_when_it_is_written():
    waiting = folded_on(case(), wrote(case(), text="a", wait=True).events)
    assert waiting.state == "waiting"
    assert folded_on(waiting, wrote(waiting, text="a", close="done").events).state == "closed"
    closed = folded_on(case(), wrote(case(), text="a", close="done").events)
    assert (closed.state, closed.closing, closed.untold) == ("closed", "done", False)
    assert isinstance(wrote(closed, text="a", wait=True), No)


def test_a_letter_is_a_persons_answer_once_it_has_left():
    written = folded_on(case(*SENT), (*wrote(case(*SENT), text="a").events, owed(purpose="reply", message_id="r@x")))
    assert written.answered_at == ()
    left = folded_on(written, (Submitted(at=NOON + 3 * HOUR, message_id="r@x", answer="250"),))
    assert left.answered_at == (NOON + 3 * HOUR,)
    assert last_word(left) == NOON + 3 * HOUR


def test_letters_of_a_case_are_numbered():
    policy = house().policy
    assert letter(case(), "a", policy, NOON).number == 1
    assert letter(folded_on(case(), wrote(case(), text="a").events), "a", policy, NOON).number == 2


@pytest.mark.parametrize(
    ("on", "known"),
    [
        (opened(), False),
        (opened(later=[CreditAgreed(at=NOON, by="bo", name="Ann Lee")]), True),
        (opened(later=[CreditAgreed(at=NOON, by="bo")]), True),
        (opened(message(text=f"{REPORT}\nPlease credit me as Ann Lee.\n")), True),
    ],
    ids=["never said", "agreed", "anonymous", "written in the report"],
)
def test_a_letter_knows_who_has_said_how_to_be_named(on, known):
    assert letter(on, "a", house().policy, NOON).credited is known


def test_a_letter_cannot_be_taken_back_but_what_was_decided_after_it_can():
    written = folded_on(case(), wrote(case(), text="a").events)
    outcome = decided(Undo(), written)
    assert isinstance(outcome, No)
    assert "on its way" in outcome.sentence
    closed = done(Close("spam"), written, NOON + 2 * HOUR)
    assert done(Undo(), closed, NOON + 3 * HOUR).state == "new"


# What a closing leaves to be told.


def update_of(on):
    return next(each for each in deadlines(on, house().policy, NOON + HOUR) if each.name == "update")


@pytest.mark.parametrize("command", [Close("not ours"), MarkDuplicate(OTHER)])
def test_who_has_had_a_word_is_told_the_end(command):
    outcome = decided(command, case(*SENT))
    assert f"triaged reply {NEW_ID}" in outcome.said
    closed = folded_on(case(*SENT), outcome.events)
    assert closed.untold
    assert update_of(closed).met_at is None
    told = folded_on(closed, wrote(closed, text="a").events)
    assert not told.untold
    assert update_of(told).met_at == NOON + HOUR
    assert not folded_on(closed, (Answered(at=NOON + HOUR, by="ana"),)).untold
    assert not done(Reopen(), closed).untold
    assert not done(Undo(), closed).untold
    assert not done(Close("spam", silent="abuse"), closed).untold


def test_who_was_never_written_to_need_not_be_told():
    assert not done(Close("spam"), case()).untold
    assert not done(Close("spam"), case(*SENT, DOOR)).untold


def test_silence_needs_a_reason():
    assert "why the reporter is not told" in decided(Close("spam", silent="..."), case(*SENT)).sentence
    (event,) = decided(Close("spam", silent="a machine"), case(*SENT)).events
    assert (event.tell, event.silent) == (False, "a machine")


@pytest.mark.parametrize("event", [Closed(at=NOON, by="bo", reason="x"), MarkedDuplicate(at=NOON, by="bo", of=OTHER)])
def test_what_was_closed_by_an_older_version_asks_for_nothing(event):
    assert not folded_on(case(*SENT), (event,)).untold
