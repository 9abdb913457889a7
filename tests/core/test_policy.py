from datetime import timedelta
from typing import get_args

import pytest
from pydantic import ValidationError

from tests.support.values import policy
from triaged.core.phrases import words_of
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import Hints, KnownIssue, Rule, WordList
from triaged.core.policy.spans import BusinessDays

RULE = {"id": "a.b", "scope": "sdk", "weight": 1, "phrases": ["a crate"]}


def whole(**changes) -> dict:
    """The shipped policy as plain values, with some of them changed."""
    fields = Policy.model_fields.items()
    return {**{field.alias or name: getattr(policy(), name) for name, field in fields}, **changes}


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
    assert Policy.model_validate(whole()).read_with(ours.tables) == ours


def test_every_section_is_there_once():
    sections = policy().stated
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


@pytest.mark.parametrize("field", ["yields_to", "needs"])
def test_a_rule_that_another_one_names_is_there(field):
    rule = {**RULE, field: ["a.b", "c.d"]}
    assert faults(scopes=scopes(rules=[rule])) == [("scopes.rules", "rule a.b names 'c.d', and there is no such rule")]


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


def test_a_policy_never_changes():
    with pytest.raises(ValidationError, match="frozen"):
        policy().version = 2


KNOWN = {"id": "KI-1", "title": "a", "fixed_in": "2.4", "endpoints": ["/v1/chat"]}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"fixed_in": None}, "known issue KI-1 needs exactly one of fixed_in, answered, accepted_risk"),
        ({"answered": "yes"}, "known issue KI-1 needs exactly one of fixed_in, answered, accepted_risk"),
        ({"endpoints": []}, "known issue KI-1 needs something to be known by: cve, endpoints, functions, phrases"),
    ],
)
def test_a_known_issue_has_one_outcome_and_something_to_be_known_by(changes, what):
    with pytest.raises(ValidationError, match=what):
        KnownIssue.model_validate({**KNOWN, **changes})


def test_what_became_of_a_known_issue_is_told_in_words():
    outcomes = ({"fixed_in": "2.4"}, {"answered": "see the FAQ"}, {"accepted_risk": "in 2026"})
    told = [KnownIssue.model_validate({**KNOWN, "fixed_in": None, **outcome}).standing for outcome in outcomes]
    assert told == ["fixed in 2.4", "answered: see the FAQ", "accepted risk: in 2026"]


def test_no_two_known_issues_have_one_id():
    assert faults(known_issues=[KNOWN, KNOWN]) == [
        ("known_issues", "the known issue 'KI-1' must be there once, not 2 times")
    ]


def test_every_list_of_words_is_in_the_shipped_policy():
    assert set(policy().hints.words) == set(get_args(WordList))
    assert all(policy().hints.words.values())


def test_a_policy_without_hints_has_none():
    assert Hints().lists == {}


def test_a_copy_with_other_known_issues_looks_for_their_words():
    shipped = policy()
    assert not [*shipped.phrasebook.found(words_of("flux capacitor"))]
    known = KnownIssue(id="K-1", title="known", accepted_risk="it is", phrases=("flux capacitor",))
    changed = shipped.model_copy(update={"known_issues": (known,)})
    assert [found.phrase for found in changed.phrasebook.found(words_of("flux capacitor"))] == ["flux capacitor"]
