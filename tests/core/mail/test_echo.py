import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.mail.parsing.echo import without_echo

LETTER = (Path(__file__).parents[2] / "adapters/golden/needs-info.txt").read_text().partition("\n\n")[2]
OWN = "Thanks. I will send you the rest tomorrow, when I am back in the office."
HEADINGS = {
    "gmail-en": "On Mon, 23 Nov 2026 at 13:00, Smallest.AI Security <security@smallest.ai> wrote:",
    "gmail-en-wrapped": "On Mon, 23 Nov 2026 at 13:00, Smallest.AI Security\n<security@smallest.ai> wrote:",
    "gmail-ja": "2026年11月23日(月) 13:00 Smallest.AI Security <security@smallest.ai>:",
    "gmail-pl": "pon., 23 lis 2026 o 13:00 Smallest.AI Security <security@smallest.ai> napisał(a):",
    "gmail-he": "\u200fבתאריך יום ב׳, 23 בנוב׳ 2026 ב-13:00 מאת \u202aSmallest.AI\u202c <security@smallest.ai>:\u200f",
    "thunderbird-de": "Am 23.11.26 um 13:00 schrieb Smallest.AI Security:",
    "apple-zh": "在 2026年11月23日，13:00，Smallest.AI Security <security@smallest.ai> 写道：",
    "outlook-it": "Da: Security <security@smallest.ai>\nInviato: lunedì 23 novembre 2026 13:00\nA: Ann\nOggetto: [SEC]",
    "outlook-da": "Fra: Smallest.AI Security\nSendt: 23. november 2026 13:00\nTil: Ann\nEmne: [SEC-7Q4K-2M8D]",
    "outlook-ko": "보낸 사람: Smallest.AI Security\n보낸 날짜: 2026년 11월 23일\n받는 사람: Ann\n제목: [SEC-7Q4K-2M8D]",
    "outlook-bold": "*From:* Smallest.AI Security\n*Sent:* Monday\n*To:* Ann\n*Subject:* [SEC-7Q4K-2M8D]",
    "outlook-fr-marked": "> De : Smallest.AI Security\n> Envoyé : lundi\n> À : Ann\n> Objet : [SEC-7Q4K-2M8D]",
    "nothing": "",
}
LAYOUTS = {
    "as it is": str,
    "marked": lambda text: textwrap.indent(text, "> ", lambda _: True),
    "marked twice": lambda text: textwrap.indent(text, ">> ", lambda _: True),
    "bars": lambda text: textwrap.indent(text, "| "),
    "one line a paragraph": lambda text: "\n\n".join(" ".join(part.split()) for part in text.split("\n\n")),
    "wrapped anew": lambda text: textwrap.fill(text, 40),
    "wrapped and marked": lambda text: textwrap.indent(textwrap.fill(text, 51), "> "),
    "blanks doubled": lambda text: text.replace(" ", "  ").replace("\n", "\n\n"),
    "upper case": str.upper,
}


@pytest.mark.parametrize("heading", HEADINGS.values(), ids=HEADINGS)
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_only_what_was_written_is_left_of_an_answer(heading, layout):
    kept, gone = without_echo(f"{OWN}\n\nAnn\n\n{heading}\n\n{layout(LETTER)}", [LETTER])
    assert kept == f"{OWN}\n\nAnn"
    assert "REPRODUCE" in gone.upper()


def test_an_answer_below_or_between_our_words_is_the_writers():
    marked = textwrap.indent(LETTER, "> ").splitlines()
    cut = next(at for at, line in enumerate(marked) if "Impact:" in line) + 2
    text = "\n".join([*marked[:cut], "All customers' voices can be read.", *marked[cut:], "", OWN])
    assert list(filter(None, without_echo(text, [LETTER])[0].split("\n"))) == [
        "All customers' voices can be read.",
        OWN,
    ]


def test_a_form_of_ours_that_was_filled_in_keeps_what_was_filled_in():
    asked = """- Impact: what an attacker gains, e.g. "reads other customers' data" or "runs code on the server\""""
    kept, _ = without_echo(f"{asked}: every key leaks", [LETTER])
    assert "every key leaks" in kept
    assert "customers" not in kept


@pytest.mark.parametrize(
    "text",
    [
        "1. Log in as user A, then 2. send this request twice with the id of user B.",
        "Steps to reproduce the flaw:\n1. Open /admin\n2. See the keys of others.",
        "Impact: what an attacker gains is every key.",
        "I plan a publication date: please tell us too if that is a problem.",
    ],
)
def test_a_sentence_that_shares_some_words_with_ours_stays(text):
    assert without_echo(text, [LETTER]) == (text, "")


def test_every_letter_of_the_case_is_ours():
    other = "We have found the flaw and mend it in the release of next week; thank you for your patience."
    text = f"{OWN}\n\nOn 24 Nov, Security wrote:\n> {other}\n>\n> On 23 Nov, Security wrote:\n{textwrap.indent(LETTER, '>> ')}"
    assert without_echo(text, [LETTER, other])[0] == OWN


def test_without_a_letter_nothing_is_ours():
    assert without_echo(f"{OWN}\n> quoted", []) == (f"{OWN}\n> quoted", "")


WORDS = st.sampled_from(["alpha", "beta", "gamma", "delta", "eps:", "12:30", "x@y", "\n", ">", "\n> "])
TEXT = st.lists(WORDS, max_size=60).map(" ".join)


@given(TEXT, st.lists(TEXT, max_size=3))
def test_no_word_is_made_up_and_what_is_kept_stays_in_its_order(text, letters):
    kept, _ = without_echo(text, letters)
    words = iter(text.split())
    assert all(word in words for word in kept.split())


@given(TEXT)
def test_what_shares_no_run_of_words_with_our_letters_is_left_alone(text):
    assert without_echo(text, [LETTER]) == (text.strip(), "")
