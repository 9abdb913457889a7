import pytest

from tests.support.values import by, message
from triaged.core.mail.parsing.headers import degraded_message, read_fields
from triaged.core.mail.parsing.reading import read_message
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
        ("José <josé@example.es>".encode(), "josé@example.es"),
        ("почта@почта.рф".encode(), "почта@xn--80a1acny.xn--p1ai"),
        ("用户 <用户.安全@例子.广告>".encode(), "用户.安全@xn--fsqu00a.xn--4rr70v"),
        ("أحمد <أحمد@example.org>".encode(), "أحمد@example.org"),
        ("हिन्दी@example.org".encode(), "हिन्दी@example.org"),
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
        "-jdöe@x.example",
        "jdo\u0308e@x.example",
        "\u0308jdoe@x.example",
        "jd\u200be@x.example",
        "jd\u202ee@x.example",
        "jd\u3164e@x.example",
        "jd\u00a0e@x.example",
        "jd\u2028e@x.example",
        "jdoe\uff20@x.example",
        "jd\U0001f600e@x.example",
        "jd..ö@x.example",
        "ö.@x.example",
        "jd=?ö?=@x.example",
        f"{'ö' * 33}@x.example",
        "jdoe@döe.example",
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
        (f"{BORDER}; spf=pass smtp.mailfrom=example.org; dkim=pass header.d=example.org", "verified"),
        (f"{BORDER}; dmarc=pass header.from=mail.example.org", "verified"),
        (f"{BORDER}; dmarc=pass header.from=example.org header.from=elsewhere.example", "unverified"),
        (f"{BORDER}; dmarc=pass; spf=fail smtp.mailfrom=example.org; dkim=fail header.d=example.org", "verified"),
        (f"{BORDER}; dmarc=fail; spf=pass smtp.mailfrom=example.org", "failed"),
        (f"{BORDER}; dmarc=none; spf=pass smtp.mailfrom=ann@example.org", "verified"),
        (f"{BORDER}; dmarc=temperror; dkim=pass header.d=example.org", "unverified"),
        (f"{BORDER}; dmarc=permerror header.from=example.org; spf=pass smtp.mailfrom=example.org", "unverified"),
        (f"{BORDER}; dmarc=none header.from=example.org; dkim=pass header.d=example.org", "verified"),
        (f"{BORDER}; dmarc=bestguesspass header.from=example.org; spf=pass smtp.mailfrom=example.org", "verified"),
        (f"{BORDER}; dmarc=pass header.from=example.org; dmarc=none header.from=example.org", "unverified"),
        (f"{BORDER}; dmarc=pass header.from=example.org; dmarc=fail header.from=example.org", "failed"),
        (f"{BORDER}; dmarc=pass header.from=example.org; dmarc=pass header.from=elsewhere.example", "unverified"),
        (f"{BORDER}; dmarc=none header.from=elsewhere.example; dkim=pass header.d=example.org", "unverified"),
        (f"{BORDER}; dmarc=pass header.i=@elsewhere.example header.b=x", "unverified"),
        (f"{BORDER}; dkim=pass header.d=example.org; dkim=fail header.d=example.org", "unverified"),
        (f"{BORDER}; dkim=pass header.d=example.org; dkim=fail header.d=mail.example.org", "unverified"),
        (f"{BORDER}; dkim=pass header.d=example.org; dkim=none", "unverified"),
        (f"{BORDER}; dkim=pass header.d=example.org; dkim=none header.d=none", "unverified"),
        (f"{BORDER}; dkim=pass header.d=example.org; dkim=fail", "unverified"),
        (f"{BORDER}; dkim=pass header.d=example.org header.i=@elsewhere.example", "unverified"),
        (f"{BORDER}; spf=pass smtp.mailfrom=a@example.org; spf=fail smtp.mailfrom=example.org", "unverified"),
        (
            f"{BORDER}; spf=pass smtp.mailfrom=a@example.org; spf=softfail smtp.mailfrom=a@example.org; dmarc=pass",
            "unverified",
        ),
        (f"{BORDER}; dmarc=pass header.from=example.org; spf=pass (", "unverified"),
        (f"{BORDER}; dkim=pass header.d=victim.asso.fr", "unverified"),
        (f"{BORDER}; dkim=pass header.i=@mail.example.org", "verified"),
        (f"{BORDER}; dkim=pass header.d=elsewhere.example header.i=@example.org", "unverified"),
        (f"{BORDER}; dkim=pass", "unverified"),
        (f"{BORDER}; spf=pass smtp.helo=example.org", "unverified"),
        (f"{BORDER}; spf=pass smtp.mailfrom=elsewhere.example", "unverified"),
        (f"{BORDER}; spf=fail smtp.mailfrom=example.org; dkim=fail header.d=example.org", "unverified"),
        (f"{BORDER}; arc=pass; iprev=pass; auth=pass smtp.auth=ann@example.org", "unverified"),
        ("elsewhere.example; dmarc=pass header.from=example.org", "unverified"),
        (f"{BORDER} (dmarc=pass); dmarc=fail header.from=example.org", "failed"),
        (f"{BORDER}; none", "unverified"),
    ],
)
def test_only_our_borders_word_settles_who_sent_it(results, verdict):
    assert sender(with_results(results), Trust(BORDER)).verdict == verdict
    assert sender(with_results(results), Trust()).verdict == "unverified"


def test_results_below_the_first_received_are_the_senders_own_words():
    raw = (
        b"Received: from x by mx\r\nAuthentication-Results: mx.smallest.ai; dmarc=pass\r\nFrom: ann@example.org\r\n\r\n"
    )
    assert sender(message(headers=read_fields(raw)), Trust(BORDER)).verdict == "unverified"


@pytest.mark.parametrize(
    ("path", "results", "verdict"),
    [
        ("<ann@example.org>", f"{BORDER}; dmarc=pass", "verified"),
        ("<bounce+17@mail.example.org>", f"{BORDER}; dmarc=pass", "verified"),
        ("<bounce+17@mailer.example>", f"{BORDER}; dmarc=pass", "unverified"),
        ("<SRS0=x=y=example.org=ann@alias.example>", f"{BORDER}; dmarc=pass", "unverified"),
        ("<bounce+17@mailer.example>", f"{BORDER}; spf=pass smtp.mailfrom=mailer.example", "unverified"),
        ("<bounce+17@mailer.example>", f"{BORDER}; none", "failed"),
        ("<bounce+17@mailer.example>", "elsewhere.example; dmarc=pass", "failed"),
        ("<ann@example.org>", f"{BORDER}; none", "unverified"),
    ],
)
def test_a_return_path_of_another_organisation_is_unverified_at_best(path, results, verdict):
    read = message(headers=(("return-path", path), ("authentication-results", results), ("from", "ann@example.org")))
    assert sender(read, Trust(BORDER)).verdict == verdict
    assert sender(read, Trust()).verdict == "unverified"
    assert sender(read, Trust(BORDER)).address == "ann@example.org"


def test_the_results_of_a_border_behind_two_servers_of_ours_are_found():
    fields = (
        ("received", "by store"),
        ("received", "by scanner"),
        ("authentication-results", f"{BORDER}; dmarc=pass"),
        ("received", "by border"),
        ("from", "ann@example.org"),
    )
    assert sender(message(headers=fields), Trust(BORDER, inner_hops=2)).verdict == "verified"
    assert sender(message(headers=fields), Trust(BORDER, inner_hops=1)).verdict == "unverified"


def rewritten(*fields, name="'Ann' via Security", address="security@smallest.ai"):
    """A mail as a group passes it on that has put its own address into From."""
    written = f'From: "{name}" <{address}>\r\n' + "".join(f"{key}: {value}\r\n" for key, value in fields)
    return read_message(f"{written}Reply-To: ann@example.org\r\nSubject: a report\r\n\r\nText.\r\n".encode())


@pytest.mark.parametrize(
    "fields",
    [
        (("List-ID", "<security.smallest.ai>"),),
        (("X-Original-From", "Ann <ann@example.org>"),),
        (("X-Google-Original-From", "ann@example.org"),),
        (("List-ID", "<security.smallest.ai>"), ("List-Post", "<mailto:security@smallest.ai>")),
    ],
)
def test_where_a_list_has_replaced_from_nobody_is_answered_and_least_of_all_reply_to(fields):
    found = sender(rewritten(*fields), Trust())
    assert found.address == ""
    assert found.reason.startswith("a mailing list has put its own address into From")


def test_the_author_that_such_a_list_names_is_told_and_not_answered():
    found = sender(rewritten(("X-Original-From", "Ann <ann@example.org>")), Trust())
    assert (found.address, found.reason) == (
        "",
        "a mailing list has put its own address into From, and names ann@example.org as its author",
    )
    for odd in ("a@x.example, b@y.example", "=?utf-8?q?a=40x.example?=", "-oQ@x.example", ""):
        assert "names" not in sender(rewritten(("X-Original-From", odd)), Trust()).reason


def test_a_list_that_leaves_from_alone_leaves_an_author_to_answer():
    fields = (("List-ID", "<security.smallest.ai>"), ("List-Post", "<mailto:security@smallest.ai>"))
    kept = rewritten(*fields, ("X-Original-From", "ann@example.org"), name="Ann", address="ann@example.org")
    assert sender(kept, Trust()).address == "ann@example.org"
    assert sender(rewritten(*fields, name="Ann", address="ann@example.org"), Trust()).address == "ann@example.org"
    assert sender(rewritten(name="Ann via Bo", address="ann@example.org"), Trust()).address == "ann@example.org"


@pytest.mark.parametrize("separator", [", ", ",\r\n ", ";", " "])
def test_fifty_thousand_authors_are_no_author(separator):
    many = separator.join(f"a{number}@x.example" for number in range(50_000))
    raw = f"From: {many}\r\nSubject: x\r\n\r\ntext\r\n".encode()
    for read in (read_message(raw), degraded_message(raw, "too slow")):
        assert sender(read, Trust()).address == ""
        assert sum(map(len, read.author_readings)) < 100


def test_fifty_thousand_from_fields_are_no_author():
    raw = b"From: a@x.example\r\n" * 50_000 + b"Subject: x\r\n\r\ntext\r\n"
    for read in (read_message(raw), degraded_message(raw, "too slow")):
        assert sender(read, Trust()).reason == "it has 1000 From fields"
