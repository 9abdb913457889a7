from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.values import policy
from triaged.core.policy import Calendar, Policy, Promise, Rule, within_reason
from triaged.core.spans import BusinessDays

RULE = {"id": "a.b", "scope": "sdk", "weight": 1, "phrases": ["a crate"]}


def whole(**changes) -> dict:
    """The shipped policy as plain values, with some of them changed."""
    return {**{name: getattr(policy(), name) for name in Policy.model_fields}, **changes}


def faults(**changes) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        Policy.model_validate(whole(**changes))
    return [
        (".".join(map(str, each["loc"])), each["msg"].removeprefix("Value error, ")) for each in caught.value.errors()
    ]


def scopes(**changes) -> dict:
    return {**{name: getattr(policy().scopes, name) for name in type(policy().scopes).model_fields}, **changes}


def test_the_shipped_policy_says_what_the_team_decided():
    ours = policy()
    assert [section.name for section in ours.sections if section.required] == ["description", "steps", "impact"]
    assert ours.promised("acknowledge").within == timedelta(hours=48)
    assert ours.promised("triage").within == BusinessDays(5)
    assert [promise.name for promise in ours.promises if promise.pausable] == ["triage", "update"]
    assert ours.section("media").required is False
    assert Policy.model_validate(whole()) == ours


def test_every_section_is_there_once():
    sections = policy().sections
    assert faults(sections=sections[1:]) == [("sections", "the section 'description' must be there once, not 0 times")]
    twice = (*sections, sections[2])
    assert faults(sections=twice) == [("sections", "the section 'impact' must be there once, not 2 times")]


def test_every_promise_is_there_once():
    promises = policy().promises
    assert faults(promises=promises[:2]) == [("promises", "the promise 'update' must be there once, not 0 times")]
    twice = (*promises, promises[0])
    assert faults(promises=twice) == [("promises", "the promise 'acknowledge' must be there once, not 2 times")]


def test_every_scope_has_its_title():
    titles = {name: title for name, title in policy().scopes.titles.items() if name != "unclear"}
    assert faults(scopes=scopes(titles=titles)) == [
        ("scopes.titles", "the title 'unclear' must be there once, not 0 times")
    ]


def test_no_two_rules_have_one_id():
    assert faults(scopes=scopes(rules=[RULE, RULE])) == [
        ("scopes.rules", "the rule 'a.b' must be there once, not 2 times")
    ]


@pytest.mark.parametrize(
    ("changes", "where", "what"),
    [
        ({"phrases": []}, "", "rule a.b needs either phrases or a sign"),
        ({"sign": "live-url"}, "", "rule a.b needs either phrases or a sign"),
        ({"phrases": ["a crate", " \t"]}, "phrases.1", "an empty phrase would be found everywhere"),
        ({"unless": [""]}, "unless.0", "an empty phrase would be found everywhere"),
        ({"scope": "unclear"}, "scope", "Input should be 'model', 'infrastructure', 'sdk' or 'out-of-scope'"),
        ({"weight": 0}, "weight", "Input should be greater than 0"),
        ({"weight": "nan"}, "weight", "Input should be less than or equal to 10"),
        ({"weight": 11}, "weight", "Input should be less than or equal to 10"),
        ({"id": "A b"}, "id", "String should match pattern '^[a-z0-9][a-z0-9.-]*$'"),
        ({"regex": ".*"}, "regex", "Extra inputs are not permitted"),
    ],
)
def test_a_rule_speaks_by_words_or_by_a_sign_and_never_everywhere(changes, where, what):
    with pytest.raises(ValidationError) as caught:
        Rule.model_validate({**RULE, **changes})
    ((found, said),) = [(".".join(map(str, each["loc"])), each["msg"]) for each in caught.value.errors()]
    assert (found, said.removeprefix("Value error, ")) == (where, what)


def test_a_rule_may_be_a_sign_alone():
    assert Rule.model_validate({**RULE, "phrases": [], "sign": "live-url"}).sign == "live-url"


def test_phrases_are_kept_as_they_are_compared():
    assert Rule.model_validate({**RULE, "phrases": ["  An  ATTACKER\tcan "]}).phrases == ("an attacker can",)


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


@pytest.mark.parametrize("zone", ["Nowhere/Here", "", "no", "/etc/passwd", "../UTC", "Europe", 5, None])
def test_a_zone_is_one_that_the_world_knows(zone):
    with pytest.raises(ValidationError, match="is no time zone; write it like Europe/Berlin"):
        Calendar(timezone=zone)


def test_a_calendar_takes_zones_days_and_dates_by_name():
    calendar = Calendar(timezone="Asia/Kolkata", weekend=("sunday",), closed=("2026-12-25",))
    assert (calendar.timezone, calendar.closed) == (ZoneInfo("Asia/Kolkata"), (date(2026, 12, 25),))


def test_a_week_has_at_least_one_working_day():
    week = "monday tuesday wednesday thursday friday saturday sunday".split()
    with pytest.raises(ValidationError, match="a week needs at least one working day"):
        Calendar(weekend=tuple(week))
    assert Calendar(weekend=tuple(week[1:] * 2)).weekend[0] == "tuesday"


def test_a_policy_never_changes():
    with pytest.raises(ValidationError, match="frozen"):
        policy().version = 2
