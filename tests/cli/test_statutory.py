"""The statutory clocks from outside: a report that says so, and what a person types."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import COMPLETE, CONFIG
from triaged.config.yaml_source import read_yaml
from triaged.resources import resource

EXPLOITED = COMPLETE.replace(b"complete@x", b"exploited@x") + b"\r\nIt is actively exploited in the wild.\r\n"


@pytest.fixture
def under_law(config, tmp_path):
    """The shipped policy and the CRA."""
    policy = {**read_yaml(resource("config/policy.yaml")).data, "profile": ["eu-cra"]}
    (tmp_path / "law.json").write_text(json.dumps(policy))
    config.write_text(f"{CONFIG}policy: law.json\n")


@pytest.fixture
def deadlines(triaged):
    def shown(case):
        return {each["name"]: each for each in json.loads(triaged("show", case, "--json"))["deadlines"]}

    return shown


def instant(text):
    return datetime.fromisoformat(text)


def test_a_report_that_says_it_is_exploited_shows_the_suspected_clocks(under_law, fill, triaged, deadlines):
    (case,) = fill(EXPLOITED)
    received = json.loads(triaged("show", case, "--json"))["received_at"]
    early = deadlines(case)["cra-early-warning"]
    assert instant(early["due"]) - instant(received) == timedelta(hours=24)
    assert (early["state"], early["suspected"], early["on_breach"]) == ("pending", True, "critical")
    assert [instant(early["due"]) - instant(mark) for mark in early["warn_at"]] == [
        timedelta(hours=20),
        timedelta(hours=4),
    ]
    said = triaged("show", case)
    assert "cra-early-warning" in said
    assert "exploitation is suspected: confirm or dismiss it" in said
    assert "actively exploited in the wild" in said


def test_without_a_law_in_the_policy_the_suspicion_has_no_clock(fill, triaged, deadlines):
    (case,) = fill(EXPLOITED)
    assert list(deadlines(case)) == ["acknowledge", "triage", "update"]
    assert "exploit-suspected" in triaged("show", case)


def test_a_confirmation_keeps_the_instant_and_a_dismissal_ends_the_clocks(under_law, fill, triaged, deadlines):
    (case,) = fill(EXPLOITED)
    suspected = deadlines(case)["cra-notification"]["due"]
    said = triaged("case", case, "exploited", "confirm", "--reason", "seen in our logs")
    assert said.startswith(f"{case}: exploitation confirmed; statutory clocks count from 20")
    confirmed = deadlines(case)["cra-notification"]
    assert (confirmed["due"], confirmed["suspected"]) == (suspected, False)
    assert "by " in triaged("show", case)
    assert (
        triaged("case", case, "exploited", "dismiss", "--reason", "a lab exploit")
        == f"{case}: exploitation dismissed\n"
    )
    assert "cra-notification" not in deadlines(case)


def test_a_fix_starts_the_final_report_and_the_authoritys_word_meets_it(under_law, fill, triaged, deadlines):
    (case,) = fill(EXPLOITED)
    assert "cra-final-report" not in deadlines(case)
    triaged("case", case, "fixed")
    triaged("case", case, "close", "fixed in 1.2")
    final = deadlines(case)["cra-final-report"]
    left = instant(final["due"]) - datetime.now(UTC)
    assert timedelta(days=13, hours=23) < left < timedelta(days=14)
    assert triaged("case", case, "notified", "cra-final-report") == f"{case}: cra-final-report is done\n"
    assert deadlines(case)["cra-final-report"]["state"] == "met"


def test_status_warns_from_the_first_mark_on_and_is_critical_once_it_is_missed(under_law, fill, triaged):
    (case,) = fill(EXPLOITED, ago=timedelta(hours=5))
    triaged("case", case, "close", "not ours")
    assert f"{case} cra-early-warning due 20" in triaged("status", code=1)
    (late,) = fill(EXPLOITED + b"more", ago=timedelta(hours=25))
    said = triaged("status", code=2)
    assert f"{late} cra-early-warning due 20" in said
    assert "1 overdue" in said
    assert late in triaged("cases", "--overdue")
    triaged("case", late, "notified", "cra-early-warning")
    assert f"{late} cra-early" not in triaged("status", code=1)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("exploited", "confirm"), 64, "Missing option '--reason'"),
        (("exploited", "perhaps", "--reason", "x"), 64, "is not one of 'confirm', 'dismiss'"),
        (
            ("exploited", "dismiss", "--reason", "x"),
            65,
            "is not said to be exploited; if you know it is, say so: triaged case",
        ),
        (("notified", "cra-early-warning"), 65, "is not said to be exploited; if you know it is, say so: triaged case"),
        (("notified", "cra"), 64, "is not one of 'cra-early-warning'"),
    ],
)
def test_what_cannot_be_is_one_sentence(fill, triaged, words, code, says):
    (case,) = fill(COMPLETE)
    assert says in triaged("case", case, *words, code=code, err=True)


def test_a_person_who_knows_starts_the_clocks_without_a_suspicion(under_law, fill, triaged, deadlines):
    (case,) = fill(COMPLETE)
    assert "cra-early-warning" not in deadlines(case)
    triaged("case", case, "exploited", "confirm", "--reason", "our logs")
    left = instant(deadlines(case)["cra-early-warning"]["due"]) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=50) < left <= timedelta(hours=24)
