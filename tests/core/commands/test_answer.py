import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.commands.answer import Reply, read_answer
from triaged.core.commands.command import AddNote, AwaitReporter, Close, RecordFix, SetScope, Triage, Undo
from triaged.core.commands.reading import Order, read_line

QUOTED = "On Mon, 23 Nov 2026 at 09:00, Smallest.AI Security <security@smallest.ai> wrote:\n> waiting\n> fixed\n"
OUTLOOK = """\
________________________________
From: Smallest.AI Security <security@smallest.ai>
Sent: Monday, 23 November 2026 09:00
To: Team <team@smallest.ai>
Subject: 3 overdue

waiting
"""
WAITING = Order((), AwaitReporter())
FIXED = Order((), RecordFix())


def understood(text):
    return [said.read for said in read_answer(text) if not isinstance(said.read, str)]


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        (
            "7Q4K triage --owner me\n\n2M8D scope sdk\n",
            [Order(("7Q4K",), Triage(owner="me")), Order(("2M8D",), SetScope("sdk"))],
        ),
        ("waiting\r\n\r\nundo\r\n", [WAITING, Order((), Undo())]),
        (f"fixed\n\n{QUOTED}", [FIXED]),
        (f"fixed\n{QUOTED}\nwaiting\n", [FIXED]),
        (f"fixed\n\n{OUTLOOK}", [FIXED]),
        ("fixed\n> waiting\nwaiting\n", [FIXED]),
        ("fixed\n\n-- \nBo\nwaiting\n", [FIXED]),
        ("fixed\n--\nwaiting\n" + "note x\n" * 20, [FIXED]),
        ("fixed\n—\nwaiting\n", [FIXED]),
        ("fixed\n___\nwaiting\n", [FIXED]),
        ("fixed\n\nSent from my iPhone\n", [FIXED]),
        ("Hi,\n\nfixed\n\nThanks\nwaiting\nBo\nundo\n", [FIXED, WAITING]),
        ("Hi all\nI had a look\nIt is nothing\nfixed\n", []),
        ("[EXTERNAL]\nfixed\n", [FIXED]),
        ("", []),
        (QUOTED, []),
    ],
)
def test_commands_stand_above_the_quotation_the_signature_and_the_third_line_that_is_none(text, orders):
    assert understood(text) == orders


def test_each_line_is_told_with_what_was_understood_of_it():
    said = read_answer("7Q4K triage\nplease look at this\n7Q4K severity huge\nclose spam\nThanks!\nfixed\n")
    assert [each.line for each in said] == [
        "7Q4K triage", "please look at this", "7Q4K severity huge", "close spam", "Thanks!"
    ]  # fmt: skip
    assert [isinstance(each.read, str) for each in said] == [False, True, True, False, True]
    assert said[2].read.startswith("'huge' is no severity")
    assert said[3].read == Order((), Close("spam"))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("reply:\nclose the tab\n\n  fixed in 2.1\n-- \nBo\n", Reply((), "close the tab\n\n  fixed in 2.1")),
        (f"7Q4K Reply:\nWe could not\nreproduce it.\n\n{QUOTED}", Reply(("7Q4K",), "We could not\nreproduce it.")),
        ("reply:\n\n", "there is no text for the reporter below it"),
    ],
)
def test_what_stands_below_reply_is_the_reporters_and_no_command(text, read):
    before, last = read_answer(f"waiting\n{text}")
    assert before.read == WAITING
    assert last.read == read


def test_a_reply_in_a_sentence_is_none():
    for text in ("they reply:", "reply:"):
        assert understood(f"note {text}\nfixed\n") == [Order((), AddNote(text)), FIXED]


def test_there_is_an_end_to_how_much_one_mail_may_say():
    said = read_answer("waiting\n" * 150)
    assert len(said) == 101
    assert "more than 100 commands" in said[-1].read


@given(
    st.text()
    | st.lists(st.sampled_from(["fixed", "reply:", "> x", "--", "-- ", "—", "'", "\u200b", "hi", ""])).map("\n".join)
)
def test_any_text_is_read_and_never_more_than_three_lines_are_not_understood(text):
    said = read_answer(text)
    assert sum(isinstance(each.read, str) for each in said) <= 4
    for each in said:
        assert isinstance(each.read, Reply) or each.read == read_line(each.line) or "no text for the" in each.read
