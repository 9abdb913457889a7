import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.text import unlinked, visible, visible_lines

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
ANY = st.text(st.characters(codec=None), max_size=300)
ODD = st.text("a \t\n\r\0\x1b\x9b\u200b\u202e\u2028\u3164\ufeff\ud800\U000e0041\U000e0101é漢", max_size=100)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words", "plain words"),
        ("café, 漢字, привет, ❤", "café, 漢字, привет, ❤"),
        ("  one\r\n\ttwo\u2028three\x85four ", "one two three four"),
        ("\x1b]52;c;AAAA\x07", "\\x1b]52;c;AAAA\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202egnp.exe", "a\\u202egnp.exe"),
        ("a\u200bb\ufeffc", "a\\u200bb\\ufeffc"),
        ("a\U000e0041b", "a\\U000e0041b"),
        ("a\ud800b", "a\\ud800b"),
        ("a\u3164b\u2800c\U000e0101", "a\\u3164b\\u2800c\\U000e0101"),
        ("nul\0", "nul\\x00"),
        ("", ""),
    ],
)
def test_what_hides_is_shown_by_its_number(text, shown):
    assert visible(text) == shown


def test_what_is_cut_off_is_marked():
    assert visible("a" * 200) == "a" * 200
    assert visible("a" * 201) == "a" * 199 + "…"
    assert visible("\0" * 100, 10) == "\\x00\\x00\\…"
    assert visible("a " * 1000, 5) == "a a …"


def test_lines_stay_lines():
    assert visible_lines("one\r\n\ttwo\rthree\x1b[0m\u202e") == "one\n\ttwo\nthree\\x1b[0m\\u202e"
    assert visible_lines("abcdef", 3) == "abc"


@given(ANY | ODD, st.integers(1, 250))
def test_any_text_is_shown_on_one_bounded_line(text, limit):
    shown = visible(text, limit)
    assert len(shown) <= limit
    assert not any(unicodedata.category(char) in HIDDEN for char in shown)
    assert shown == " ".join(shown.split(" "))
    assert shown.splitlines() in ([], [shown])


@given(ANY | ODD)
def test_of_many_lines_only_line_ends_and_tabs_stay_hidden(text):
    shown = visible_lines(text)
    assert not any(unicodedata.category(char) in HIDDEN for char in shown if char not in "\n\t")
    shown.encode("utf-8")


@given(st.text(st.characters(exclude_categories=tuple(HIDDEN)), max_size=100))
def test_text_that_hides_nothing_is_left_as_it_is(text):
    assert visible(visible(text, 100), 100) == visible(text, 100)
    assert len(visible_lines(text)) >= len(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("p\u0430yp\u0430l", "p\\u0430yp\\u0430l"),
        (
            "\u0443\u044f\u0437\u0432\u0438\u043c\u043e\u0441\u0442\u044c API",
            "\u0443\u044f\u0437\u0432\u0438\u043c\u043e\u0441\u0442\u044c API",
        ),
        ("5 \u00b5m", "5 \u00b5m"),
        ("\u03b1-channel", "\u03b1-channel"),
    ],
)
def test_letters_that_pose_as_latin_ones_are_shown_as_what_they_are(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://evil.example/a.b?c", "see hxxps://evil[.]example/a.b?c"),
        ("HTTP://a.b", "hxxp://a[.]b"),
        ("at www.evil.example/x", "at www[.]evil[.]example/x"),
        ("mailto:a@b.c", "mailto[:]a@b[.]c"),
        ("xhttps://evil.example", "xhxxps://evil[.]example"),
        ("http://x,http://evil.example/a", "hxxp://x,hxxp://evil[.]example/a"),
        ("mailto:a@b.cmailto:d@e.f", "mailto[:]a@b[.]cmailto[:]d@e[.]f"),
        ("http://www.evil.example", "hxxp://www[.]evil[.]example"),
        ("no link at evil.example", "no link at evil.example"),
    ],
)
def test_a_link_is_shown_and_not_one_any_more(text, shown):
    assert unlinked(text) == shown


@given(
    st.lists(
        st.sampled_from(("https://", "HTTP://", "www.", "mailto:", "w", "x", ".", ",", "/", " ", "é")), max_size=12
    )
)
def test_no_link_is_left_however_they_are_strung_together(pieces):
    assert not re.search(r"https?://|www\.|mailto:", unlinked("".join(pieces)), re.IGNORECASE)
