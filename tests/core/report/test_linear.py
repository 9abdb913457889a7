"""Rules and signs on text made to hurt."""

import pytest

from tests.support.linear import assert_linear, seconds
from tests.support.values import message, policy
from triaged.core.report.details import SHAPES
from triaged.core.report.reading import read_report
from triaged.core.report.signs import SIGNS

SMALL, LARGE, MEGABYTE = 40_000, 160_000, 1_000_000
PIECES = (
    "is a ",
    "is the a, b ",
    "a.",
    "a::b->",
    "/a/a/",
    "https://a.",
    "versions 1",
    "before ",
    "a_a",
    "?a=b&a=",
    "#1 0x",
    "at a.a(",
    "x@1.",
    "GET /",
    "User: a\n",
    "User: a\nb\n",
    "from a import",
    "lib/a.",
    "a.py:1",
    "CVE-2026-1",
    "thread 'a",
    "name 1.2.3",
    " ",
    "\n",
    "a" * 60 + " ",
    "版",
)


def read(text):
    mail = message(subject=text[:5000], text=text, quoted=text)
    read_report(mail, policy())


@pytest.mark.slow
@pytest.mark.parametrize("name", SIGNS)
def test_a_sign_is_looked_for_in_one_pass(name):
    for piece in PIECES:
        assert_linear(SIGNS[name].search, piece * (SMALL // len(piece)), piece * (LARGE // len(piece)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "is a ",
        "a.",
        "credit to ",
        "anonymous i want ",
        "{\n",
        "under the name ",
        "prompt injection ",
        "this is in scope ",
        "Impact\n",
        "1. a\n",
        "a",
        "版",
        "Whoever knows it reads all. ",
    ],
)
def test_a_verdict_and_the_sections_cost_no_more_than_their_text(piece):
    assert_linear(read, piece * (SMALL // len(piece)), piece * (LARGE // len(piece)))


@pytest.mark.slow
def test_a_text_stuffed_with_the_policys_phrases_costs_no_more_than_its_length():
    stuffed = ", ".join(policy().phrasebook.phrases) * 9
    assert_linear(read, stuffed[:SMALL], stuffed[:LARGE])


def test_a_megabyte_in_one_line_is_read_in_good_time():
    assert seconds(read, "is a " * (MEGABYTE // 5)) < 5


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_what_helps_is_looked_for_in_one_pass(name):
    for piece in (*PIECES, "„", "1 ", "a-", "conv_", '"', "`", "ich "):
        assert_linear(SHAPES[name].search, piece * (SMALL // len(piece)), piece * (LARGE // len(piece)))
