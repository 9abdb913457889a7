import pytest

from tests.values import by, message
from triaged.core.mail.headers import read_fields
from triaged.core.mail.reading import read_message
from triaged.core.mail.sender import Trust, sender

BORDER = "mx.smallest.ai"


def written_by(value):
    """The sender of a mail with that From field, its readings those of the true parsers."""
    return sender(read_message(b"From: " + value + b"\r\nSubject: a report\r\n\r\nSome text.\r\n"), Trust())


@pytest.mark.parametrize(
    "value",
    [
        b"victim@x.example <attacker@y.example>",
        b"<victim@x.example> <attacker@y.example>",
        b"a@x.example;b@y.example",
        b"a@x.example\r\n b@y.example",
        b"alice@x.example)bob@y.example",
        b"=?utf-8?q?a=40x.example?=",
        b"@relay.example:a@x.example",
        b"a@x.example\r\nFrom: b@y.example",
        "Иван <иван@пример.example>".encode(),
        b"a@x.example (b@y.example)",
        b"(b@y.example) a@x.example",
        b"Bo (x) (y <a@x.example>",
        b"Bo <a@x.example>x",
        b"a@x.example, b@y.example",
        b"a@x.example <>",
        b"team: a@x.example;",
        b"undisclosed:;",
        b"a\0@x.example",
        b"Bo <a@x.example\0>",
        b"(" * 4000 + b" <a@x.example>",
        b'"' * 2000 + b" <a@x.example>",
        b"<>",
        b"",
    ],
)
def test_where_parsers_may_differ_about_the_author_nobody_is_answered(value):
    assert written_by(value).address == ""


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (b"a@x.example", "a@x.example"),
        (b"<a@x.example>", "a@x.example"),
        (b"Ann <a+tag@x.example>", "a+tag@x.example"),
        (b"Bo (ACME) <bo@x.example>", "bo@x.example"),
        (b'"Castell, Mira" <mira@x.example>', "mira@x.example"),
        (b'"victim@y.example" <a@x.example>', "a@x.example"),
        (b"=?utf-8?q?Ren=C3=A9e?= <renee@x.example>", "renee@x.example"),
        ("Renée <renee@x.example>".encode(), "renee@x.example"),
        (b"=?utf-8?q?A=0D=0ABcc=3A_v=40z.example?= <a@x.example>", "a@x.example"),
        (b"Ann.B@X.EXAMPLE", "Ann.B@x.example"),
        (b"a@xn--e1afmkfd.example", "a@xn--e1afmkfd.example"),
    ],
)
def test_one_mailbox_that_all_parsers_agree_on_is_the_sender(value, address):
    assert written_by(value).address == address


@pytest.mark.parametrize(
    "address",
    [
        "-oQ/tmp/x@x.example",
        "a@localhost",
        "a@x.123",
        "a..b@x.example",
        "a.@x.example",
        "a b@x.example",
        "a=?utf-8?q?b?=@x.example",
        "jdöe@x.example",
        "a@-x.example",
        "a@x..example",
        f"{'a' * 65}@x.example",
        f"a@{'x' * 60}.{'y' * 60}.{'z' * 60}.{'w' * 60}.{'v' * 20}.example",
        "a@[127.0.0.1]",
    ],
)
def test_an_address_that_a_server_could_misread_is_not_answered(address):
    assert sender(by(address), Trust()).address == ""
    assert "not safe to answer" in sender(by(address), Trust()).reason


def test_three_readings_of_one_mailbox_each_are_not_yet_one_author():
    read = message(author_readings=(("ann@example.org",), ("victim@example.org",), ("ann@example.org",)))
    assert sender(read, Trust()).address == ""


def test_the_reason_names_what_is_wrong_with_from():
    assert sender(message(headers=()), Trust()).reason == "it has no From field"
    twice = message(headers=(("from", "a@x.example"), ("from", "b@x.example")))
    assert sender(twice, Trust()).reason == "it has 2 From fields"


def test_an_unread_mail_has_a_sender_only_by_the_strict_reading():
    assert sender(message(author_readings=(("ann@example.org",),), degraded=True), Trust()).address == "ann@example.org"
    assert sender(message(author_readings=((),), degraded=True), Trust()).address == ""


def with_results(*values):
    return message(headers=(*(("authentication-results", value) for value in values), ("from", "ann@example.org")))


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        (f"{BORDER}; dmarc=pass header.from=example.org", "verified"),
        (f"{BORDER}; dmarc=pass (p=reject) header.from=example.org", "verified"),
        (f"{BORDER}; dmarc=pass", "verified"),
        (f"{BORDER}; dmarc=pass header.from=elsewhere.example", "unverified"),
        (f"{BORDER}; dmarc=fail header.from=example.org", "failed"),
        (f"{BORDER}; dmarc=none header.from=example.org", "unverified"),
        (f"{BORDER}; spf=pass smtp.mailfrom=example.org; dkim=pass header.d=example.org", "unverified"),
        ("elsewhere.example; dmarc=pass header.from=example.org", "unverified"),
        (f"{BORDER} (dmarc=pass); dmarc=fail header.from=example.org", "failed"),
        (f"{BORDER}; none", "unverified"),
    ],
)
def test_only_our_borders_word_on_dmarc_settles_who_sent_it(results, verdict):
    assert sender(with_results(results), Trust(BORDER)).verdict == verdict
    assert sender(with_results(results), Trust()).verdict == "unverified"


def test_results_below_the_first_received_are_the_senders_own_words():
    raw = (
        b"Received: from x by mx\r\nAuthentication-Results: mx.smallest.ai; dmarc=pass\r\nFrom: ann@example.org\r\n\r\n"
    )
    assert sender(message(headers=read_fields(raw)), Trust(BORDER)).verdict == "unverified"
