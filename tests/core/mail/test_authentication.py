import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.mail.authentication import Result, parse_results, trusted_results

MX = "mx.example"


def outcomes(value):
    return [(result.method, result.outcome) for result in parse_results(value, MX)]


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
        ("mx.example; spf=pass (an open comment; dmarc=pass", [("spf", "pass")]),
        ('mx.example; "dmarc=pass"; spf=fail', [("spf", "fail")]),
        ('mx.example; spf=fail reason="x; dmarc=pass"', [("spf", "fail")]),
        ('mx.example; spf=fail reason="x \\"; dmarc=pass"', [("spf", "fail")]),
        ('mx.example; spf=fail reason="never closed; dmarc=pass', [("spf", "fail")]),
        ("evil.example; mx.example; dmarc=pass", []),
        ("(mx.example) evil.example; dmarc=pass", []),
        ("mx.example.evil; dmarc=pass", []),
        ('"mx.example"; dmarc=pass', [("dmarc", "pass")]),
        ("mx.example 2; dmarc=pass", []),
        ("mx.example 1 more; dmarc=pass", []),
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
    assert [one.method for one in trusted_results(fields, MX, inner_hops)] == found


def test_fields_are_trusted_down_to_the_first_received():
    fields = (
        ("authentication-results", "mx.example; spf=fail"),
        ("authentication-results", "mx.example; dmarc=fail"),
        ("received", "from x by mx.example"),
        ("authentication-results", "mx.example; dmarc=pass"),
    )
    assert [(one.method, one.outcome) for one in trusted_results(fields, MX)] == [("spf", "fail"), ("dmarc", "fail")]


@given(st.text(max_size=400) | st.text('mx.example;=() "\\dmarcpas/1', max_size=200))
def test_any_value_is_read_and_gives_only_methods_with_an_outcome(value):
    assert all("=" not in result.method for result in parse_results(value, MX))


@given(st.text('abc;=() "\\', max_size=60))
def test_nothing_inside_a_quoted_string_is_a_result(inside):
    quoted = inside.replace("\\", "\\\\").replace('"', '\\"')
    assert outcomes(f'mx.example; spf=fail reason="{quoted}"; dkim=none') == [("spf", "fail"), ("dkim", "none")]
