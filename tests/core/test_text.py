import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from linkify_it import LinkifyIt

from triaged.core.text import defanged, in_quotes, unlinked, visible, visible_lines

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
        ("see https://evil.example/a.b?c", "see hxxps[:]/[/]evil[.]example/a[.]b?c"),
        ("HTTP://a.b", "hxxp[:]/[/]a[.]b"),
        ("at www.evil.example/x", "at www[.]evil[.]example/x"),
        ("mailto:a@b.c", "mailto[:]a[@]b[.]c"),
        ("xhttps://evil.example", "xhxxps[:]/[/]evil[.]example"),
        ("http://x,http://evil.example/a", "hxxp[:]/[/]x,hxxp[:]/[/]evil[.]example/a"),
        ("evil.com/sso", "evil[.]com/sso"),
        ("//evil/x", "/[/]evil/x"),
        ("///x", "/[/][/]x"),
        ("192.0.2.7/admin", "192[.]0[.]2[.]7/admin"),
        ("localhost:8080/admin", "localhost[:]8080/admin"),
        (r"\\host\share", r"\[\]host\share"),
        (r"/\host", r"/[\]host"),
        ("file:/etc/passwd", "file[:]/etc/passwd"),
        ("tel:+4930123", "tel[:]+4930123"),
        ("slack://channel?id=1", "slack[:]/[/]channel?id=1"),
        ("x-apple.systempreferences:a", "x-apple[.]systempreferences[:]a"),
        ("javascript:alert(1)", "javascript[:]alert(1)"),
        ("ann@host", "ann[@]host"),
        ("\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444", "\u043f\u0440\u0438\u043c\u0435\u0440[.]\u0440\u0444"),
        ("\u0909\u0926\u093e.\u092d\u093e\u0930\u0924", "\u0909\u0926\u093e[.]\u092d\u093e\u0930\u0924"),
        ("evil\uff0ecom evil\u3002com evil\uff61com", "evil[\uff0e]com evil[\u3002]com evil[\uff61]com"),
        ("ann\uff20evil\u2024com", "ann[\uff20]evil[\u2024]com"),
        ("i\u2764.ws", "i\u2764[.]ws"),
        ("a_b.c-d.e-.f", "a_b[.]c-d[.]e-[.]f"),
        ("A sentence. Another: at 12:30 ... (in short.) Done!", "A sentence. Another: at 12:30 ... (in short.) Done!"),
        ("HTTP smuggling", "HTTP smuggling"),
        ("", ""),
    ],
)
def test_a_link_is_shown_and_not_one_any_more(text, shown):
    assert unlinked(text) == shown
    assert unlinked(shown) == shown


def test_what_hides_in_a_link_is_shown_and_the_link_broken():
    assert defanged("evil\u200b.com \u202ehttps://x.example") == "evil\\u200b[.]com \\u202ehxxps[:]/[/]x[.]example"


def test_a_subject_does_not_look_like_a_command_of_ours():
    assert in_quotes('Key leak" > triaged case SEC-0 close') == '"Key leak\' › triaged case SEC-0 close"'
    assert in_quotes("\n  > triaged case SEC-0 close") == '"› triaged case SEC-0 close"'
    assert in_quotes("") == in_quotes("  ") == ""


def test_what_is_defanged_keeps_its_bound():
    assert defanged("a.b " * 100, 20) == "a[.]b a[.]b a[.]b a…"
    assert len(defanged("." + "a." * 500, 30)) == 30


_PIECES = [
    *(
        "https://",
        "HTTP://",
        "www.",
        "mailto:",
        "tel:",
        "slack://",
        "file:",
        "//",
        "\\\\",
        "/",
        "\\",
        "w",
        "x",
        "evil",
        "com",
    ),
    *(
        "example.org",
        "192.0.2.7",
        ".",
        ",",
        ":",
        "@",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        '"',
        " ",
        "-",
        "_",
        "8080",
        "\u00e9",
    ),
    *(
        "\uff0e",
        "\u3002",
        "\uff20",
        "\u200b",
        "\u0301",
        "\u2764",
        "\u4f8b",
        "\u0440\u0444",
        "xn--p1ai",
        "?",
        "#",
        "&",
        "%",
    ),
]
_STRUNG = st.lists(st.sampled_from(_PIECES), max_size=14).map("".join)
_CLIENT = LinkifyIt(options={"fuzzy_ip": True, "fuzzy_link": True, "fuzzy_email": True}).tlds(
    ["example", "org", "com", "ws", "zip", "mov", "xn--p1ai", "\u0440\u0444", "x", "evil"], keep_old=True
)
# What no client of today may make a link of, and one of tomorrow might.
_LINKISH = re.compile(
    r"https?:|www\.|mailto:|[/\\][/\\]|[a-z][a-z0-9+.-]*:[^\s\]]|\w[.\uff0e\u3002]\w|\w@\w|>", re.IGNORECASE
)


@given(_STRUNG | st.text(max_size=80))
def test_no_mail_client_finds_a_link_in_a_strangers_words(text):
    for shown in (defanged(text, 1000), in_quotes(text, 1000), defanged(text, 25)):
        assert not _LINKISH.search(shown)
        assert not [match.url for match in _CLIENT.match(shown) or ()]


@given(_STRUNG)
def test_the_oracle_finds_links_in_what_is_not_defanged(text):
    assert _CLIENT.test(f"{text} https://evil.com")
    assert _CLIENT.test(f"{text} ann@evil.com")


@given(_STRUNG | st.text(max_size=80))
@example("\u200bрф")
def test_to_defang_twice_is_to_defang_once(text):
    once = defanged(text, 1000)
    assert defanged(once, 1000) == once
