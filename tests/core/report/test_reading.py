from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import message, policy
from triaged.core.report.reading import looks_like_report, merged, read_report
from triaged.core.report.report import Verdict

DESCRIBED = "The assistant obeys any text that stands in a shared document, a prompt injection by whoever writes one."
STEPS = "1. Share a document with the text.\n2. Ask the assistant about it."
IMPACT = "An attacker can read the system prompt of any customer."


def read(text, **changes):
    return read_report(message(text=text, **changes), policy())


def test_what_the_policy_requires_and_is_not_there_is_missing():
    assert read(f"{DESCRIBED}\n\n{STEPS}\n\n{IMPACT}").missing == ()
    assert read(DESCRIBED).missing == ("steps", "impact")
    assert read("").missing == ("description", "steps", "impact")


def test_what_is_not_required_is_never_missing():
    assert "media" not in read("").missing
    assert not read("").has("media")


def test_what_is_encrypted_lacks_nothing_and_has_nothing():
    report = read("-----BEGIN PGP MESSAGE-----", encrypted=True)
    assert (report.missing, report.verdict) == ((), Verdict("unclear", "low", ()))
    assert not report.has("description")


def test_a_follow_up_adds_what_was_missing_and_takes_nothing_away():
    both = merged(read(DESCRIBED), read(f"{STEPS}\n\n{IMPACT}"), policy())
    assert both.missing == ()
    assert (both.has("description"), both.has("steps"), both.has("impact")) == (True, True, True)
    assert merged(both, read("thanks"), policy()) == both


def test_the_evidence_that_came_first_is_kept():
    first, second = read(IMPACT), read("Anyone can read it.")
    assert merged(first, second, policy()).sections == first.sections


def test_an_encrypted_follow_up_says_nothing_about_what_is_missing():
    sealed = read("", encrypted=True)
    assert merged(read(DESCRIBED), sealed, policy()).missing == ("steps", "impact")
    assert merged(sealed, sealed, policy()).missing == ()
    assert merged(sealed, read(DESCRIBED), policy()).missing == ("steps", "impact")


def of(scope, band):
    return replace(read(""), verdict=Verdict(scope, band, ()))


@pytest.mark.parametrize(
    ("old", "new", "becomes"),
    [
        (("unclear", "low"), ("model", "low"), ("model", "low")),
        (("unclear", "low"), ("out-of-scope", "high"), ("unclear", "low")),
        (("model", "low"), ("sdk", "high"), ("sdk", "high")),
        (("model", "low"), ("sdk", "low"), ("model", "low")),
        (("model", "low"), ("unclear", "low"), ("model", "low")),
        (("model", "high"), ("sdk", "high"), ("model", "high")),
        (("sdk", "low"), ("out-of-scope", "high"), ("sdk", "low")),
    ],
)
def test_a_follow_up_only_makes_a_verdict_surer_and_never_out_of_scope(old, new, becomes):
    verdict = merged(of(*old), of(*new), policy()).verdict
    assert (verdict.scope, verdict.band) == becomes


TEXTS = st.lists(st.sampled_from([DESCRIBED, STEPS, IMPACT, "thanks", ""]), max_size=4).map("\n\n".join)


@given(TEXTS, TEXTS)
def test_merged_is_found_where_either_is_found(one, other):
    first, second = read(one), read(other)
    both = merged(first, second, policy())
    for section in policy().sections:
        assert both.has(section.name) is (first.has(section.name) or second.has(section.name))
    assert set(both.missing) <= set(first.missing) | set(second.missing)
    assert not [name for name in both.missing if both.has(name)]


def looks_so(text, **changes):
    read_message = message(text=text, **changes)
    return looks_like_report(read_report(read_message, policy()), read_message, {"smallest"})


VULNERABLE = "The assistant is vulnerable."


def test_a_machines_mail_is_filed_when_it_shows_how_and_what_for_and_on_what():
    assert looks_so(f"{VULNERABLE}\n{STEPS}\n{IMPACT}")


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        (f"{VULNERABLE}\n{IMPACT}", {}),
        (f"{VULNERABLE}\n{STEPS}\n{IMPACT}", {"encrypted": True}),
        ("I am out of the office.", {"subject": "Automatic reply: jailbreak"}),
        ("Five articles on exploits.\n1. one\n2. two", {"subject": "This week"}),
    ],
)
def test_a_machines_mail_without_one_of_them_is_not(text, changes):
    assert not looks_so(text, **changes)
