import email.utils
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.linear import assert_linear
from triaged.core.mail.mailbox import canonical, one_mailbox
from triaged.core.mail.parsing.reading import read_message
from triaged.core.mail.sender import Trust, sender


def written(value):
    return read_message(b"From: " + value + b"\r\nSubject: a report\r\n\r\nSome text.\r\n")


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        (b"ann@lab.test (Ann Lee)", "ann@lab.test", "Ann Lee"),
        (b"ann@lab.test(Ann)", "ann@lab.test", "Ann"),
        (b"ann@lab.test (Ann (Work) Lee)", "ann@lab.test", "Ann Work Lee"),
        (b"ann@lab.test (=?utf-8?q?Ren=C3=A9e?=)", "ann@lab.test", "Renée"),
        (b"ann@lab.test ()", "ann@lab.test", ""),
        (b'"Robert \\"Bob\\" Smith" <ann@lab.test>', "ann@lab.test", 'Robert "Bob" Smith'),
        (b'"Lee, \\"Ann\\"" <ann@lab.test>', "ann@lab.test", 'Lee, "Ann"'),
        (b'"a\\\\b" <ann@lab.test>', "ann@lab.test", "a\\b"),
        (b'Ann "Bob" Smith <ann@lab.test>', "ann@lab.test", "Ann Bob Smith"),
        (b"Ann (ACME, Inc.) <ann@lab.test>", "ann@lab.test", "Ann (ACME, Inc.)"),
        (b"(c) Ann <ann@lab.test> (Work)", "ann@lab.test", "Ann (c)"),
        (b"Ann\r\n <ann@lab.test>\r\n\t(Work)", "ann@lab.test", "Ann"),
        (b"Ann<ann@lab.test>", "ann@lab.test", "Ann"),
        (b'"" <ann@lab.test>', "ann@lab.test", ""),
        (b"[ACME] Ann <ann@lab.test>", "ann@lab.test", "[ACME] Ann"),
        (b"Ann <ann@lab.test>,", "ann@lab.test", "Ann"),
        (b"Ann <ann@lab.test>;", "ann@lab.test", ""),
        (b", ann@lab.test", "ann@lab.test", ""),
        (b"Ann <@relay.test:ann@lab.test>", "ann@lab.test", "Ann"),
        (b"ann@lab.test <Ann@lab.test>", "Ann@lab.test", "ann@lab.test"),
        (b'"ann.lee"@lab.test', "ann.lee@lab.test", ""),
        (b'Ann <"ann lee"@lab.test>', '"ann lee"@lab.test', "Ann"),
        (b"=?utf-8?b?QW5uIEw=?= =?utf-8?b?ZWU=?= <ann@lab.test>", "ann@lab.test", "Ann Lee"),
        (b"=?utf-8?b?6ISG5bw=?= =?utf-8?b?seaApw==?= <ann@lab.test>", "ann@lab.test", "脆弱性"),
        (b"=?x-sjis?b?kMaO45Cr?= <ann@lab.test>", "ann@lab.test", "脆弱性"),
        ("Ann <ann@münchen.test>".encode(), "ann@xn--mnchen-3ya.test", "Ann"),
        ("Ann <ann@MÜNCHEN.test>".encode(), "ann@xn--mnchen-3ya.test", "Ann"),
        ("安 <an@例え.test>".encode(), "an@xn--r8jz45g.test", "安"),
    ],
)
def test_one_mailbox_that_every_client_sees_is_the_sender_in_whatever_form_it_is_written(value, address, name):
    found = sender(written(value), Trust())
    assert (found.address, found.name) == (address, name)


@pytest.mark.parametrize(
    "value",
    [
        b"ann@lab.test <b@y.test>",
        b"Lee, Ann <ann@lab.test>",
        b"ann@lab.test (b@y.test)",
        b'"Ann \\" <b@y.test>" <ann@lab.test>',
        b'"Ann" "<b@y.test> <ann@lab.test>',
        b'Ann "x <b@y.test>" <ann@lab.test>',
        b"(b@y.test) Ann <ann@lab.test>",
        b"(<b@y.test>) <ann@lab.test>",
        b"Ann <ann@lab.test> <b@y.test>",
        b"Ann <ann@lab.test> b@y.test",
        b"ann(x)@lab.test",
        b"ann @ lab.test",
        b"Ann <@a.test,@b.test:ann@lab.test>",
        b"Ann: ann@lab.test;",
        b"Ann <ann@lab.test",
        b"Ann <<ann@lab.test>>",
        b"Ann <mailto:ann@lab.test>",
        b"B\0o <ann@lab.test>",
        b"\x1b$B<ab\x1b(B <ann@lab.test>",
        b'"-oQ/tmp"@lab.test',
        b'"a@b"@lab.test',
        b"Ann <ann@m\xfcnchen.test>",
        "Ann <ann@ｅxample.test>".encode(),
        "Ann <ann@exa\u200bmple.test>".encode(),
    ],
)
def test_what_any_client_may_read_as_somebody_else_is_nobody(value):
    assert sender(written(value), Trust()).address == ""


def test_a_parser_that_cannot_read_is_not_counted_against_those_that_can():
    assert written(b"Ann <ann@lab.test>;").author_readings == (("ann@lab.test",), ("ann@lab.test",))


def test_where_the_strict_reader_cannot_read_it_says_no():
    assert written(b"Lee, Ann <ann@lab.test>").author_readings[-1] == ()


def test_an_author_of_letters_beyond_ascii_is_there_to_be_shown():
    (author,) = written("Ann <änn@münchen.test>".encode()).authors
    assert author.address == "änn@xn--mnchen-3ya.test"


@pytest.mark.parametrize(
    ("address", "carried"),
    [
        ("Ann@LAB.test", "Ann@lab.test"),
        ('"ann"@lab.test', "ann@lab.test"),
        ('"a..b"@lab.test', '"a..b"@lab.test'),
        ("a@bücher.test", "a@xn--bcher-kva.test"),
        ("a@xn--bcher-kva.test", "a@xn--bcher-kva.test"),
        ("a@ß.test", "a@xn--zca.test"),
        ("a@-ü.test", "a@-ü.test"),
        ("a@" + "ü" * 300, "a@" + "ü" * 300),
        ("", ""),
    ],
)
def test_an_address_is_carried_in_ascii_where_idna_has_it(address, carried):
    assert canonical(address) == carried


PIECES = st.lists(
    st.sampled_from(
        [
            "ann@lab.test",
            "b@y.test",
            "<",
            ">",
            '"',
            "\\",
            "(",
            ")",
            ",",
            ";",
            ":",
            "@",
            " ",
            "Ann",
            "[",
            "]",
            "=?utf-8?q?a?=",
        ]
    ),
    max_size=12,
).map("".join)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ADDRESS = re.compile(r"[^\s<>(),;:\"\\]+@[^\s<>(),;:\"\\]+")


@given(PIECES)
@example('"Ann \\"x" <ann@lab.test>')
@example("ann@lab.test (Ann)")
def test_no_other_address_stands_outside_quotes_and_the_standard_library_sees_the_same(value):
    address = one_mailbox(value)
    if not address or address.startswith('"'):
        return
    seen = {found.lower() for found in _ADDRESS.findall(_QUOTED.sub(" ", value)) if not found.startswith("@")}
    assert seen == {address.lower()}
    library = {found.lower() for _, found in email.utils.getaddresses([value]) if "@" in found.strip("@")}
    assert library <= {address.lower()} or ":" in value


@pytest.mark.parametrize(
    "piece", ["(", "(a", "(()", '"', '"a" ', '"\\', "a@x ", "<", "a@", "@a:", "(a)<", " ", "a ", ",;", "["]
)
def test_a_field_of_one_thing_over_and_over_is_read_in_one_pass(piece):
    small, large = piece * (20_000 // len(piece)), piece * (80_000 // len(piece))
    assert_linear(one_mailbox, f"{small}<a@x.test>", f"{large}<a@x.test>")
