"""What a letter asks as a help, beside what is missing."""

from tests.support.values import BORDER, decide, house, message, vouched
from triaged.core.mail.sender import Trust

SUBJECT = "Code execution in the Python SDK"
TEXT = (
    "We're able to run code on every machine which has the cascade-python library installed and plays a shared voice. "
    "The SDK unpickles what it downloads. Details follow."
)


def reply(read, **changes):
    return decide(read, ours=house(trust=Trust(BORDER), **changes)).reply


def test_who_is_verified_is_asked_for_what_would_help():
    answer = reply(vouched(message(text=TEXT, subject=SUBJECT)))
    assert [detail.name for detail in answer.helpful] == ["package-version"]
    assert answer.variant in {"complete", "needs-info"}


def test_who_may_be_forged_does_not_hear_what_scope_it_is():
    assert decide(message(text=TEXT, subject=SUBJECT)).reply.helpful == ()
    assert reply(message(text=TEXT, subject=SUBJECT)).helpful == ()


def test_a_letter_asks_three_questions_at_most():
    answer = reply(vouched(message(text=TEXT, subject=SUBJECT)))
    assert len(answer.missing) + len(answer.helpful) <= 3
