import re
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import ValidationError

from tests.support.values import policy
from triaged.core.policy.policy import Policy
from triaged.core.policy.profiles import PROFILES, ProfileName, promised
from triaged.core.policy.promises import _NATURES, ALWAYS, PROMISES, Promise, PromiseName, is_statutory
from triaged.core.policy.spans import BusinessHours, read_span

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs/deadlines.md").read_text()


def table(heading: str) -> list[list[str]]:
    """The rows of the table that begins with this column."""
    lines = DOCUMENT[DOCUMENT.index(f"| {heading} |") :].split("\n\n", 1)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def span(words: str):
    """A length as the document writes it: `72 hours`, `10 business days`."""
    count, _, unit = words.partition(" ")
    if unit.startswith(("hour", "day")):
        return timedelta(**{unit.removesuffix("s") + "s": int(count)})
    return read_span(words)


def test_the_document_says_of_every_profile_what_the_code_does():
    told = []
    for profile, name, since, within, pauses, warns, on_breach, _ in table("profile"):
        length = timedelta(0) if within == "the date itself" else span(within)
        marks = tuple(span(mark) for mark in warns.split(", ") if mark)
        told.append((*code(profile), *code(name), *code(since), length, pauses == "yes", marks, on_breach))
    assert told == [
        (name, each.name, each.since, each.within, each.pausable, each.warn, each.on_breach)
        for name, promises in PROFILES.items()
        for each in promises
    ]


def test_every_figure_has_its_source_beside_it():
    by_row = {(code(cells[0])[0], code(cells[1])[0]): cells[-1] for cells in table("profile")}
    for name, promises in PROFILES.items():
        for promise in promises:
            assert by_row[name, promise.name].startswith(promise.source)
            assert by_row[name, promise.name]


def test_the_document_says_of_every_deadline_from_when_it_counts_and_whether_it_may_pause():
    told = {code(name)[0]: (tuple(code(since)), pauses == "yes") for name, since, _, pauses in table("deadline")}
    assert told == {name: (nature.since, nature.pausable) for name, nature in _NATURES.items()}
    assert list(told) == list(PROMISES) == list(_NATURES)
    assert set(PROMISES) == set(names(PromiseName))


def names(literal) -> list[str]:
    return [name for each in get_args(literal) for name in (get_args(each) or (each,))]


def test_every_profile_has_its_figures():
    assert set(PROFILES) == set(get_args(ProfileName))


def test_the_shipped_policy_is_the_profile_of_that_name():
    assert policy().promises == PROFILES["policy"]


def test_the_documents_example_is_a_policy():
    example = yaml.safe_load(re.search(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)[1])
    kept = {name: getattr(policy(), name) for name in Policy.model_fields if name not in example}
    ours = Policy.model_validate({**kept, **example})
    assert ours.profile == ("cisa-bod-20-01", "eu-cra")
    assert ours.promised("first-answer").within == BusinessHours(8)
    assert ours.promised("fix").by_severity == {"critical": timedelta(days=7), "high": timedelta(days=30)}
    assert [ours.calendar.is_open(date(2026, 12, day)) for day in (23, 24, 25)] == [True, False, False]


def test_what_a_profile_says_nothing_of_is_promised_as_in_the_shipped_policy():
    found = {promise.name: promise for promise in promised(["openssf"], [])}
    assert list(found) == [
        "acknowledge",
        "first-answer",
        "triage",
        "update",
        "reporter-date",
        "agreed-date",
        "door",
        "privacy",
    ]
    assert found["triage"] == policy().promised("triage")


def test_of_two_profiles_the_later_one_counts_and_the_policy_before_both():
    def fixed(*profiles, own=()):
        return next(promise.within for promise in promised(profiles, own) if promise.name == "fix")

    ours = Promise(name="fix", within="60d")
    assert (fixed("hackerone", "cisa-bod-20-01"), fixed("hackerone", "cisa-bod-20-01", own=[ours])) == (
        timedelta(days=90),
        timedelta(days=60),
    )
    assert fixed("cisa-bod-20-01", "hackerone").count == 30


def test_a_profile_is_named_alone_or_in_a_list():
    kept = {name: getattr(policy(), name) for name in Policy.model_fields if name != "promises"}
    alone = Policy.model_validate({**kept, "profile": "nis2"})
    assert alone == Policy.model_validate({**kept, "profile": ["nis2"]})
    assert [promise.name for promise in alone.promises] == [
        *ALWAYS,
        "reporter-date",
        "agreed-date",
        "door",
        "privacy",
        *(name for name in PROMISES if "nis2" in name),
    ]
    assert Policy.model_validate({**kept, "profile": ["nis2"], "promises": alone.promises}) == alone


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"profile": "iso"}, "'policy', 'cisa-bod-20-01', 'ncsc-uk', 'hackerone', 'openssf', 'disclosure-90', "),
        ({"profile": []}, "the promise 'acknowledge' must be there once, not 0 times"),
        ({}, "the promise 'acknowledge' must be there once, not 0 times"),
        (
            {"profile": "nis2", "promises": [{"name": "fix", "within": "9d"}] * 2},
            "the promise 'fix' must be there once, not 2 times",
        ),
    ],
)
def test_a_profile_that_is_none_and_a_promise_made_twice_are_faults(given, said):
    kept = {name: getattr(policy(), name) for name in Policy.model_fields if name not in {"profile", "promises"}}
    with pytest.raises(ValidationError) as caught:
        Policy.model_validate({**kept, **given})
    assert any(said in each["msg"] for each in caught.value.errors())


def test_statutory_promises_run_in_calendar_time_and_never_pause():
    statutory = [promise for promises in PROFILES.values() for promise in promises if is_statutory(promise.name)]
    assert len(statutory) == 6
    for promise in statutory:
        assert (promise.pausable, promise.on_breach, promise.calendar) == (False, "critical", None)
