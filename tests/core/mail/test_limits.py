from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import hostile
from triaged.core.mail.parsing.limits import over_limit

MAILS = Path(__file__).parents[2] / "mails"
MULTIPART = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'


def field(name, value):
    return b"From: ann@example.org\r\n%s: %s\r\n\r\nwords\r\n" % (name, value)


def nested(depth, line_end=b"\r\n"):
    levels = (b"--b%d\r\nContent-Type: Multipart/Mixed; Boundary=b%d\r\n\r\n" % (at - 1, at) for at in range(1, depth))
    raw = b'Content-Type: multipart/mixed;\r\n boundary="b0"\r\n\r\n' + b"".join(levels)
    return (raw + b"--b%d\r\n\r\nwords\r\n" % (depth - 1)).replace(b"\r\n", line_end)


def parts(count, kind=b"mixed"):
    return b'Content-Type: multipart/%s; boundary="b"\r\n\r\n' % kind + b"--b\r\n\r\nwords\r\n" * count + b"--b--\r\n"


def plain(body, charset="utf-8", encoding="8bit"):
    return b"Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: %s\r\n\r\n%s" % (
        charset.encode(),
        encoding.encode(),
        body,
    )


EDGES = {
    "lines": (b"A: b\n\n" + b"\n" * 999_998, b"A: b\n\n" + b"\n" * 999_999, "it has more than 1,000,000 lines"),
    "depth": (nested(50), nested(51), "its parts are nested more than 50 deep"),
    "depth, by CR alone": (nested(50, b"\r"), nested(51, b"\r"), "its parts are nested more than 50 deep"),
    "messages": (
        b"Content-Type: message/rfc822\n\n" * 50 + b"A: b\n",
        b"Content-Type: message/rfc822\n\n" * 51 + b"A: b\n",
        "its parts are nested more than 50 deep",
    ),
    "depth and lines": (
        nested(40) + b"\n" * 70_000,
        nested(40) + b"\n" * 80_000,
        "it has too many lines for parts nested so deep",
    ),
    "parts": (parts(999), parts(1000), "it has more than 1,000 parts"),
    "messages of a digest": (parts(499, b"digest"), parts(500, b"digest"), "it has more than 1,000 parts"),
    "paragraphs of a delivery status": (
        b"Content-Type: message/delivery-status\n\nA: b\n" + b"\nA: b\n" * 1000,
        b"Content-Type: message/delivery-status\n\nA: b\n" + b"\nA: b\n" * 1002,
        "it has more than 1,000 parts",
    ),
    "header": (
        (b"A: " + b"x" * 64_000 + b"\n") * 4,
        (b"A: " + b"x" * 64_000 + b"\n") * 5,
        "one of its headers has more than 262,144 bytes",
    ),
    "fields": (b"A: b\n" * 1000, b"A: b\n" * 1001, "one of its headers has more than 1,000 fields"),
    "a part's fields": (
        MULTIPART + b"--b\r\n" + b"A: b\n" * 1000,
        MULTIPART + b"--b\r\n" + b"A: b\n" * 1001,
        "one of its headers has more than 1,000 fields",
    ),
    "length": (
        field(b"X", b"x" * 65_000),
        field(b"X", b"x" * 66_000),
        "one of its fields is longer than 65,536 bytes",
    ),
    "length of a subject": (
        field(b"Subject", b"x" * 8000),
        field(b"SUBJECT", b"x\r\n " * 2100),
        "one of its fields is longer than 8,192 bytes",
    ),
    "Received": (
        b"Received: from a\r\n" * 200,
        b"Received: from a\r\n" * 201,
        "it has more than 200 Received fields",
    ),
    "words": (
        field(b"X", b"=?a?q?b?= " * 1000),
        field(b"X", b"=?a?q?b?= " * 1001),
        "one of its fields has more than 1,000 encoded words",
    ),
    "coded text": (
        field(b"X", b"=?a?q?%s?=" % (b"b" * 19_000)),
        field(b"X", b"=?a?q?%s?=" % (b"b" * 20_000)),
        "its fields have too much text in encoded words or beyond ASCII",
    ),
    "raw text": (
        field(b"X", "é".encode() * 9000),
        field(b"X", "é".encode() * 11_000),
        "its fields have too much text in encoded words or beyond ASCII",
    ),
    "addresses": (
        field(b"Cc", b"a@x.example," * 2000),
        field(b"Cc", b"a@x.example," * 2001),
        "one of its fields has more than 2,000 addresses",
    ),
    "parameters": (
        field(b"Content-Type", b"a/b" + b"; c=d" * 200),
        field(b"Content-Type", b"a/b" + b"; c=d" * 201),
        "one of its parts has more than 200 parameters",
    ),
    "all parameters": (
        MULTIPART + (b"--b\r\nContent-Type: a/b" + b"; c=d" * 190 + b"\r\n\r\n") * 26,
        MULTIPART + (b"--b\r\nContent-Type: a/b" + b"; c=d" * 190 + b"\r\n\r\n") * 27,
        "its parts have more than 5,000 parameters",
    ),
    "charset": (plain(b"a", "utf-8"), plain(b"a", "Punycode"), "it is in a charset that no mail is written in"),
}


@pytest.mark.parametrize("name", EDGES)
def test_a_mail_at_a_limit_may_be_parsed_and_one_over_it_may_not(name):
    within, over, sentence = EDGES[name]
    assert over_limit(within) is None
    assert over_limit(over) == sentence


def test_a_mail_of_more_bytes_than_any_that_is_fetched_may_not_be_parsed():
    assert over_limit(b"A: b\n\n" + bytes(64 * 1024 * 1024)) == "it has more than 67,108,864 bytes"


def test_what_is_only_quoted_in_a_text_or_closed_again_adds_no_depth():
    pasted = b'Content-Type: multipart/form-data; boundary="c"\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n'
    assert over_limit(b"Content-Type: text/plain\r\n\r\n" + pasted * 100) is None
    assert over_limit(MULTIPART + (b"--b\r\n" + pasted) * 100) is None


@pytest.mark.parametrize("path", sorted(MAILS.glob("*.eml")), ids=lambda path: path.name)
def test_every_golden_mail_but_two_made_for_it_is_within_the_limits(path):
    assert bool(over_limit(path.read_bytes())) == (
        path.name in {"nested-1000.eml", "second-from-behind-1000-fields.eml"}
    )


@given(st.integers(1, 60), st.booleans())
def test_what_the_email_package_nests_is_counted_as_it_nests_it(depth, as_message):
    inner = EmailMessage()
    inner.set_content("words")
    for _ in range(depth):
        outer = EmailMessage()
        if as_message:
            outer.add_attachment(inner)
        else:
            outer.make_mixed()
            outer.attach(inner)
        inner = outer
    levels = 2 * depth if as_message else depth
    assert over_limit(inner.as_bytes()) == ("its parts are nested more than 50 deep" if levels > 50 else None)


PIECES = [
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b'Content-Type: multipart/digest; boundary="c"\r\n',
    b"Content-Type: message/rfc822\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"--b\r\n",
    b"--b--\n",
    b"--c\r",
    b"\r\n",
    b"\n",
    b"words\n",
    b"=\r\n",
]


@given(st.binary(max_size=300) | st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=40).map(b"".join))
def test_small_mails_of_any_bytes_are_within_the_limits(raw):
    assert over_limit(raw) is None


@pytest.mark.parametrize("name", hostile.SLOW)
def test_what_is_said_of_a_mail_made_to_hurt_is_one_sentence_without_its_words(name):
    make, size = hostile.SLOW[name]
    said = over_limit(make(min(size, hostile.MB)))
    assert said is None or (len(said) < 80 and "example" not in said)
