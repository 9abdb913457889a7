from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from triaged.core.policy.fields import within_reason
from triaged.core.policy.promises import PROMISES, Promise
from triaged.core.policy.spans import BusinessDays, BusinessHours

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("within", "meant"),
    [
        ("48h", timedelta(hours=48)),
        ("2w", timedelta(days=14)),
        ("5 business days", BusinessDays(5)),
        ("1 business day", BusinessDays(1)),
        (timedelta(hours=1), timedelta(hours=1)),
        (BusinessDays(3), BusinessDays(3)),
    ],
)
def test_a_promise_is_kept_in_the_unit_it_was_made_in(within, meant):
    assert Promise(name="triage", within=within).within == meant


@pytest.mark.parametrize(
    "within",
    [48, 48.0, True, None, "48 ", "soon", "", "-1h", "0h", "0 business days", "999999w", {"count": 5}, timedelta(0)],
)
def test_a_promise_without_a_unit_or_of_no_length_is_a_fault(within):
    with pytest.raises(ValidationError) as caught:
        Promise(name="triage", within=within)
    assert len(caught.value.errors()) == 1


@given(st.timedeltas())
def test_a_length_within_reason_can_be_added_to_any_date_of_our_lives(length):
    try:
        within_reason(length)
    except ValueError:
        assert length <= timedelta(0) or length > timedelta(days=36525)
    else:
        assert date(2026, 1, 1) <= date(2026, 1, 1) + length < date(2127, 1, 1)


def faults(**given) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        Promise.model_validate(given)
    return [
        (".".join(map(str, each["loc"])), each["msg"].removeprefix("Value error, ")) for each in caught.value.errors()
    ]


def test_a_severity_may_choose_the_length():
    fix = Promise.model_validate(
        {"name": "fix", "within": {"critical": "7d", "low": "20 business days", "default": "90d"}}
    )
    lengths = [fix.length(severity) for severity in (None, "critical", "high", "medium", "low", "none")]
    assert lengths == [90 * DAY, 7 * DAY, 90 * DAY, 90 * DAY, BusinessDays(20), 90 * DAY]
    assert Promise(name="fix", within="90d").length("critical") == 90 * DAY


@pytest.mark.parametrize(
    ("within", "where", "what"),
    [
        ({"critical": "7d"}, "within", "needs a `default`, for while nobody has set a severity"),
        ({"critical": "7x", "default": "90d"}, "within.critical", "'7x' is no length of time; write it like 60s"),
        ({"critical": "7d", "default": "90"}, "within", "'90' is no length of time; write it like 60s, 15m"),
        (
            {"critical": "0d", "default": "90d"},
            "within.critical",
            "must be longer than nothing and no longer than a century",
        ),
        (
            {"awful": "7d", "default": "90d"},
            "within.awful.[key]",
            "Input should be 'critical', 'high', 'medium', 'low'",
        ),
    ],
)
def test_a_length_for_a_severity_has_its_own_fault(within, where, what):
    ((found, said),) = faults(name="fix", within=within)
    assert found == where
    assert said.startswith(what)


@pytest.mark.parametrize(
    ("given", "where", "what"),
    [
        ({"name": "fix"}, "", "the promise 'fix' needs `within`, a length of time"),
        (
            {"name": "acknowledge", "within": "48h", "pausable": True},
            "pausable",
            "the clock of 'acknowledge' never pauses",
        ),
        (
            {"name": "first-answer", "within": "48h", "pausable": True},
            "pausable",
            "the clock of 'first-answer' never pauses",
        ),
        (
            {"name": "cra-notification", "within": "72h", "pausable": True},
            "pausable",
            "the clock of 'cra-notification' never pauses",
        ),
        (
            {"name": "update", "within": "14d", "since": "receipt"},
            "since",
            "the promise 'update' counts from last-answer, not from receipt",
        ),
        (
            {"name": "fix", "within": "14d", "since": "their-date"},
            "since",
            "the promise 'fix' counts from receipt or triage or awareness, not from their-date",
        ),
        (
            {"name": "reporter-date", "within": "3d"},
            "",
            "the promise 'reporter-date' takes no `within`: a person names the date",
        ),
        (
            {"name": "fix", "within": "3d", "warn": ["3d"]},
            "",
            "a warning before the promise 'fix' is made warns of nothing",
        ),
        (
            {"name": "fix", "within": "3d", "warn": ["0h"]},
            "warn.0",
            "must be longer than nothing and no longer than a century",
        ),
        (
            {"name": "fix", "within": "3d", "on_breach": "page"},
            "on_breach",
            "Input should be 'show', 'overdue' or 'critical'",
        ),
        (
            {"name": "fix", "within": "2000 months"},
            "within",
            "must be longer than nothing and no longer than a century",
        ),
        (
            {"name": "fix", "within": "0 business hours"},
            "within",
            "must be longer than nothing and no longer than a century",
        ),
    ],
)
def test_what_cannot_be_promised_is_one_sentence(given, where, what):
    assert faults(**given) == [(where, what)]


LAW = "the law gives {} for {!r}, in calendar time, and no more"


@pytest.mark.parametrize(
    ("name", "allowed", "refused", "limit"),
    [
        (
            "cra-early-warning",
            ("24h", "12h", "1d"),
            ("25h", "1 business day", "8 business hours", "1 month"),
            "24 hours",
        ),
        ("cra-notification", ("72h", "3d"), ("73h", "3 business days"), "3 days"),
        ("cra-final-report", ("14d", "2w"), ("15d", "1 month"), "14 days"),
        ("nis2-final-report", ("1 month", "28d", "2w"), ("29d", "2 months", "20 business days"), "1 month"),
    ],
)
def test_a_statutes_length_may_be_made_shorter_and_never_longer(name, allowed, refused, limit):
    for within in allowed:
        assert Promise(name=name, within=within).name == name
    for within in refused:
        assert faults(name=name, within=within) == [("", LAW.format(limit, name))]
    by_severity = {"low": refused[0], "default": allowed[0]}
    assert faults(name=name, within=by_severity) == [("", LAW.format(limit, name))]


@pytest.mark.parametrize(
    ("name", "since"),
    [
        ("acknowledge", "receipt"),
        ("update", "last-answer"),
        ("fix", "receipt"),
        ("cra-final-report", "fix-available"),
        ("nis2-final-report", "notification"),
    ],
)
def test_a_promise_counts_from_where_its_kind_does(name, since):
    assert Promise(name=name, within="1d").since == since


def test_a_team_may_let_its_own_clocks_begin_elsewhere():
    assert Promise(name="fix", within="30d", since="triage").since == "triage"
    assert Promise(name="disclosure", within="30d", since="fix-available").since == "fix-available"


def test_business_hours_are_a_unit_of_their_own():
    assert Promise(name="first-answer", within="8 business hours").within == BusinessHours(8)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["fix", "48h", "default"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["default", "low", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = ["name", "within", "since", "pausable", "warn", "on_breach", "calendar", "source", "other"]


@given(st.dictionaries(st.sampled_from(KEYS), ANYTHING), st.booleans())
def test_whatever_is_written_is_a_promise_or_a_fault(given_keys, named):
    try:
        made = Promise.model_validate({**given_keys, "name": "fix"} if named else given_keys)
    except ValidationError:
        return
    assert made.name in PROMISES
    assert made.length("low")
