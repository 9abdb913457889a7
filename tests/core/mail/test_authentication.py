import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.mail.authentication import Result, parse_results, trusted_results
from triaged.core.mail.parsing.headers import read_fields

MX = "mx.example"


def outcomes(value):
    results = parse_results(value, MX)
    return None if results is None else [(result.method, result.outcome) for result in results]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("mx.example; dmarc=pass", [("dmarc", "pass")]),
        ("MX.Example; DMARC=Pass", [("dmarc", "pass")]),
        ("mx.example 1; dmarc=pass", [("dmarc", "pass")]),
        ("mx.example; dmarc/1=pass", [("dmarc", "pass")]),
        ("mx.example; dmarc = pass", [("dmarc", "pass")]),
        (
            "mx.example; spf=pass; dkim=fail reason=bad; dmarc=none",
            [("spf", "pass"), ("dkim", "fail"), ("dmarc", "none")],
        ),
        ("mx.example; none", []),
        ("mx.example", []),
        ("", []),
        ("; dmarc=pass", []),
        ("mx.example (dmarc=pass) 1; dmarc=fail", [("dmarc", "fail")]),
        ("mx.example; (a (nested; dmarc=pass) comment) dmarc=fail", [("dmarc", "fail")]),
        ("mx.example; spf=pass (an open comment; dmarc=pass", None),
        ('mx.example; "dmarc=pass"; spf=fail', None),
        ('mx.example; spf=fail reason="x; dmarc=pass"', [("spf", "fail")]),
        ('mx.example; spf=fail reason="x \\"; dmarc=pass"', [("spf", "fail")]),
        ('mx.example; spf=fail reason="never closed; dmarc=pass', None),
        ("evil.example; mx.example; dmarc=pass", []),
        ("(mx.example) evil.example; dmarc=pass", []),
        ("mx.example.evil; dmarc=pass", []),
        ('"mx.example"; dmarc=pass', [("dmarc", "pass")]),
        ("mx.example 2; dmarc=pass", None),
        ("mx.example 1 more; dmarc=pass", None),
        ("mx.example; dmarc=pass(p=NONE)", [("dmarc", "pass")]),
        ("mx.example;dmarc=pass", [("dmarc", "pass")]),
        ("mx.example; spf=pass (a)(b) smtp.mailfrom=x.example", [("spf", "pass")]),
        ("mx.example; dmarc/2=pass", []),
        ("mx.example; dmarc / 1 = pass", [("dmarc", "pass")]),
        ("mx.example (a comment) 1 (b); (c) dmarc (d) = (e) pass (f)", [("dmarc", "pass")]),
        ("mx.example; ; dmarc=pass;", [("dmarc", "pass")]),
    ],
)
def test_results_are_read_by_the_grammar_and_not_by_a_search(value, found):
    assert outcomes(value) == found


def test_a_property_may_be_quoted():
    (result,) = parse_results('mx.example; dmarc=pass header.from="Example.org"', MX)
    assert result == Result("dmarc", "pass", (("header.from", "example.org"),))
    assert result.property("header.from") == "example.org"
    assert result.property("header.d") == ""


def test_white_space_and_quotes_inside_a_property_are_understood():
    (result,) = parse_results('mx.example; spf=pass smtp . mailfrom = "a b"@example.org smtp.helo=x.example', MX)
    assert result.properties == (("smtp.mailfrom", "a b@example.org"), ("smtp.helo", "x.example"))


def test_a_property_that_is_said_twice_and_differently_says_nothing():
    (result,) = parse_results("mx.example; dmarc=pass header.from=a.example header.from=b.example", MX)
    assert result.property("header.from") == ""
    assert result.has("header.from")


@pytest.mark.parametrize(
    "value",
    [
        # Open: a comment, a comment in it, a quotation, a quoted pair that closes nothing.
        "mx.example; dkim=pass header.d=victim.example(.evil.example",
        "mx.example; spf=pass (a (b) smtp.mailfrom=x.example",
        'mx.example; spf=pass smtp.mailfrom="a@evil.example',
        'mx.example; spf=pass reason="a\\" smtp.mailfrom=x.example',
        "mx.example; spf=pass (a\\) smtp.mailfrom=x.example",
        # Closed but never opened.
        "mx.example; spf=pass a) smtp.mailfrom=x.example",
        "mx.example; spf=pass smtp.mailfrom=x.example)",
        # Touching: a comment at a value, before and behind; quotations at words and at each other.
        "mx.example; dkim=pass header.d=victim.example(x).evil.example",
        "mx.example; dkim=pass header.d=victim.example(x)",
        "mx.example; dkim=pass header.d=victim.example(.evil.example header.s=x) header.b=y",
        "mx.example; dkim=pass header.d=(x)victim.example",
        "mx.example; dkim=pass (x)header.d=victim.example",
        'mx.example; dkim=pass header.d=victim.example".evil.example"',
        'mx.example; dkim=pass header.d="victim.example".evil.example',
        'mx.example; dkim=pass header.d="victim.example""x"',
        'mx.example; dkim=pass header.d="victim.example"(x)',
        'mx.example; dkim=pass header.d="victim.example"header.s=x',
        'mx.example; dkim=pass header.d=x="victim.example"',
        "mx.example; spf=pass smtp.mailfrom=a;dmarc=pass@evil.example",
        "mx.example; dkim=pass header.d=evil.example;dmarc=pass",
        # Stray words.
        "mx.example; spf=pass smtp.mailfrom=a ;dkim=pass header.d=victim.example @evil.example",
        "mx.example; spf=pass smtp.mailfrom=a; dmarc=pass header.from=victim.example b@evil.example",
        "mx.example; spf=pass stray; dmarc=pass",
        "mx.example; stray; dmarc=pass",
        "mx.example; dmarc=; spf=pass",
        "mx.example; dmarc; spf=pass",
        "mx.example; =pass; dmarc=pass",
        "mx.example; dmarc=pass =x",
        "mx.example; dmarc=pass header.=victim.example",
        "mx.example; dmarc=pass .from=victim.example",
        'mx.example; dmarc=pass "header.from=victim.example"',
        "mx.example; dkim=fail reason=bad signature header.d=x.example",
        # What is no white space to one parser and is to another; controls; a bare backslash.
        "mx.example; dkim=pass header.d=victim.example\u00a0.evil.example",
        "mx.example; dkim=pass header.d=victim.example\u2028.evil.example",
        "mx.example; dkim=pass header.d=victim.example\x0b.evil.example",
        "mx.example; dkim=pass header.d=victim.example\x85.evil.example",
        "mx.example; dkim=pass header.d=victim.example\ufffd.evil.example",
        "mx.example; dkim=pass header.d=victim.example\\.evil.example",
        # A quotation inside a comment that holds what would end the comment.
        'mx.example; spf=pass (from="a) ; dkim=pass header.d=victim.example ("@evil.example) smtp.mailfrom=evil.example',
        'mx.example; spf=pass (from="a) smtp.mailfrom=evil.example; dkim=pass header.d=victim.example',
        # Over the limit, and cut.
        "mx.example; dkim=pass header.d=" + "a" * 501 + ".evil.example",
        "mx.example; dmarc=pass header.from=victim.example; spf=pass reason=" + "a" * 501,
        "mx.example; dmarc=pass" + " " * 8192,
        "mx.example; dmarc=pass (" + "é" * 4090 + ")",
    ],
)
def test_a_field_that_two_parsers_could_read_differently_says_nothing(value):
    assert parse_results(value, MX) is None
    assert trusted_results((("authentication-results", value), ("received", "x")), MX) == ((), True)


@pytest.mark.parametrize(
    "value", ["evil.example; a (b", "evil.example (", "(open mx.example; dmarc=pass", '"mx.example; x']
)
def test_a_broken_field_of_anybody_else_is_not_our_borders(value):
    assert parse_results(value, MX) == []


def test_a_field_that_was_cut_while_it_was_read_is_known():
    head = b"Authentication-Results: mx.example; dmarc=pass (" + b"a " * 5000 + b") header.from=elsewhere.example\r\n"
    assert trusted_results(read_fields(head + b"From: a@b.example\r\n\r\n"), MX) == ((), True)
    short = b"Authentication-Results: mx.example; dmarc=pass (" + b"a " * 3000 + b") header.from=elsewhere.example\r\n"
    ((result,), unreadable) = trusted_results(read_fields(short + b"From: a@b.example\r\n\r\n"), MX)
    assert (result.property("header.from"), unreadable) == ("elsewhere.example", False)


def test_one_unreadable_field_of_our_border_casts_doubt_and_the_others_are_still_read():
    fields = (
        ("authentication-results", "mx.example; spf=pass ("),
        ("authentication-results", "mx.example; dmarc=fail"),
    )
    ((result,), unreadable) = trusted_results(fields, MX)
    assert (result.outcome, unreadable) == ("fail", True)


def test_an_empty_value_does_not_take_the_next_property_for_its_own():
    (result,) = parse_results("mx.example; spf=pass smtp.mailfrom= smtp.helo=a@victim.example", MX)
    assert result.properties == (("smtp.mailfrom", ""), ("smtp.helo", "a@victim.example"))


@pytest.mark.parametrize(("inner_hops", "found"), [(0, ["spf"]), (1, ["spf", "dmarc"]), (2, ["spf", "dmarc", "dkim"])])
def test_results_count_above_our_borders_own_received(inner_hops, found):
    fields = (
        ("authentication-results", "mx.example; spf=pass"),
        ("received", "from inner by store.example"),
        ("authentication-results", "mx.example; dmarc=pass"),
        ("received", "from border by inner.example"),
        ("authentication-results", "mx.example; dkim=pass"),
        ("received", "from stranger by border.example"),
        ("authentication-results", "mx.example; arc=pass"),
    )
    assert [one.method for one in trusted_results(fields, MX, inner_hops).results] == found


def test_fields_are_trusted_down_to_the_first_received():
    fields = (
        ("authentication-results", "mx.example; spf=fail"),
        ("authentication-results", "mx.example; dmarc=fail"),
        ("received", "from x by mx.example"),
        ("authentication-results", "mx.example; dmarc=pass"),
    )
    assert [(one.method, one.outcome) for one in trusted_results(fields, MX).results] == [
        ("spf", "fail"),
        ("dmarc", "fail"),
    ]


@given(st.text(max_size=400) | st.text('mx.example;=() "\\dmarcpas/1', max_size=200))
def test_any_value_is_read_and_gives_only_methods_with_an_outcome(value):
    assert all("=" not in result.method for result in parse_results(value, MX) or ())


@given(st.text('abc;=() "\\', max_size=60))
def test_nothing_inside_a_quoted_string_is_a_result(inside):
    quoted = inside.replace("\\", "\\\\").replace('"', '\\"')
    assert outcomes(f'mx.example; spf=fail reason="{quoted}"; dkim=none') == [("spf", "fail"), ("dkim", "none")]
