import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.mail.parsing.quoting import split_quoted

OWN = "These are the words that somebody wrote in this mail, and enough."


@pytest.mark.parametrize(
    "divider",
    [
        "On Mon, 23 Nov 2026 at 10:15, Security <security@smallest.ai> wrote:",
        "On Mon, 23 Nov 2026 at 10:15, Security of the Company\n<security@smallest.ai> wrote:",
        "Am 23.11.26 um 10:15 schrieb Security:",
        "Le lun. 23 nov. 2026 à 10:15, Security <security@smallest.ai> a écrit :",
        "El lun, 23 nov 2026 a las 10:15, Security (<security@smallest.ai>) escribió:",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-------- Weitergeleitete Nachricht --------",
        "From: Security\nSent: Monday\nTo: Ann\nSubject: your report",
        "Von: Security\nGesendet: Montag\nAn: Ann\nBetreff: Ihr Bericht",
    ],
)
def test_below_a_clients_divider_everything_is_quoted(divider):
    assert split_quoted(f"{OWN}\n\n{divider}\n\nold words") == (OWN, f"{divider}\n\nold words")


def test_marked_lines_are_quoted_and_the_answers_between_them_are_not():
    assert split_quoted(f"> one\n{OWN}\n> two\n>> three\nmore") == (f"{OWN}\nmore", "> one\n> two\n>> three")


def test_an_answer_below_a_marked_quotation_is_the_writers():
    above = "On Mon, 23 Nov 2026 at 10:15, Security wrote:"
    assert split_quoted(f"{OWN}\n\n{above}\n\n> question\n\nanswer") == (f"{OWN}\n\n\n\nanswer", f"{above}\n> question")


@pytest.mark.parametrize(
    "line",
    [
        ">>> import os",
        "><svg onload=alert(1)>",
        "On line 42 the server wrote:",
        "From: is not checked by the server",
        "On my system the following can be seen:",
        "-----",
    ],
)
def test_a_line_that_resembles_a_quotation_is_the_writers(line):
    assert split_quoted(f"{OWN}\n{line}\nand more") == (f"{OWN}\n{line}\nand more", "")


def test_when_next_to_nothing_was_written_the_forwarded_mail_is_the_report():
    text = f"fyi\n\n---------- Forwarded message ---------\nFrom: Rosa\n\n{OWN}"
    assert split_quoted(text) == (text, "")


def test_an_empty_mail_has_neither():
    assert split_quoted("") == ("", "")


LINES = (
    "> a",
    ">> b",
    "|> c",
    "words",
    "",
    "On 1/1/26 10:00, x wrote:",
    "On 1/1/26 10:00, x",
    "y wrote:",
    "From: x",
    "Sent: y",
    "To: z",
)


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=20), max_size=20).map("\n".join))
def test_no_line_is_lost_and_none_is_made_up(text):
    own, quoted = split_quoted(text)

    def lines(*parts):
        return sorted(line.strip() for part in parts for line in part.split("\n") if line.strip())

    assert lines(own, quoted) == lines(text)
