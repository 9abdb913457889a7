"""Our own letter come back through a forwarder that kept neither its Message-ID nor its marks."""

import pytest

from tests.support.letters import Writer
from tests.support.values import NEW_ID, NOON, by, decide, house, knowing, mail, opened
from triaged.composition import renderer
from triaged.config.loading import example
from triaged.core.case.folding import folded_on
from triaged.core.mail.parsing.reading import read_message

FORWARDER = "archive@forwarder.example"


def answered():
    """A case and the text of the acknowledgment that it sent."""
    decision = decide(read_message(mail()))
    letter = Writer(renderer(example(), b"key"), example().policy).reply(decision.reply, NOON)
    return folded_on(opened(), (letter,)), letter.raw.partition("\r\n\r\n")[2]


def come_back(subject, text):
    case, body = answered()
    read = by(FORWARDER, subject=subject.format(case.id), text=text.format(body), message_id="new@forwarder.example")
    return decide(read, past=knowing(case), ours=house(), new_id="SEC-8888-8888")


@pytest.mark.parametrize(
    "subject", ["[{}] We received your report", "Fwd: [{}] We received your report", "[EXT] FW: [{}] We received"]
)
@pytest.mark.parametrize("text", ["{}", "Forwarded for your records.\n\n{}\n-- \nForwarder Ltd."])
def test_it_opens_no_case_and_is_not_thanked_for(subject, text):
    decision = come_back(subject, text)
    assert (decision.end, decision.reply) == ("set-aside", None)
    assert decision.reason == f"it is our own letter on {NEW_ID}, come back"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: [{}] We received your report", "{}"),
        (
            "[{}] We received your report",
            "I saw this and found more: the key of the next tenant can be read as well. " * 4 + "\n{}",
        ),
        ("[{}] We received your report", "Not what you wrote at all."),
        ("We received your report {}", "{}"),
    ],
)
def test_an_answer_to_it_or_further_words_are_filed(subject, text):
    assert come_back(subject, text).end == "opened"


def test_a_letter_on_a_case_that_is_not_there_is_filed():
    _, body = answered()
    read = by(FORWARDER, subject=f"[{NEW_ID}] We received your report", text=body)
    assert decide(read, new_id="SEC-8888-8888").end == "opened"
