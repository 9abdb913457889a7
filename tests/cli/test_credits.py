"""Consent to be credited, and the list made of it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import COMPLETE, HOSTILE, SILENT
from triaged.core.commands.command import Credit
from triaged.core.commands.reading import Order, read_line
from triaged.core.commands.writing import words


def days_ago(days):
    return str((datetime.now(UTC) - timedelta(days=days)).date())


@pytest.fixture
def credited(triaged, fill):
    """Three reports in order of receipt: named, anonymous, not asked."""
    (late,) = fill(COMPLETE, ago=timedelta(days=3))
    (early,) = fill(SILENT, ago=timedelta(days=9))
    (unasked,) = fill(HOSTILE, ago=timedelta(days=30))
    triaged("case", late, "credit", "--name", "Ann [x](y) <b>", "--where", "https://ann.example/?a=(1)>")
    triaged("case", early, "credit", "--anonymous")
    triaged("case", unasked, "triage")
    triaged("case", unasked, "close", "fixed")
    return late, early, unasked


def test_credits_stand_in_order_of_receipt_with_their_date(triaged, credited):
    late, early, unasked = credited
    _, first, second = triaged("credits").splitlines()
    assert first.split()[:2] == [days_ago(9), "anonymous"]
    assert second.startswith(f"{days_ago(3)}  Ann [x](y) <b>")
    assert (early in first, late in second) == (True, True)
    assert triaged("credits", err=True) == f"triaged: nobody asked the reporter of 1 closed case: {unasked}\n"


def test_nobody_is_named_without_consent(triaged, credited):
    for form in ((), ("--markdown",), ("--json",)):
        said = triaged("credits", *form)
        assert "eve" not in said.lower()
        assert "x.example" not in said


def test_markdown_is_a_list_in_which_a_name_is_no_markup(triaged, credited):
    assert triaged("credits", "--markdown").splitlines() == [
        f"- {days_ago(9)}: anonymous",
        f"- {days_ago(3)}: [Ann \\[x\\]\\(y\\) \\<b\\>](<https://ann.example/?a=(1)%3E>)",
    ]


def test_consent_is_in_the_json_and_can_be_changed_and_taken_back(triaged, credited):
    late, early, unasked = credited
    listed = json.loads(triaged("credits", "--json"))
    assert [(each["case"], each["name"]) for each in listed] == [(early, None), (late, "Ann [x](y) <b>")]
    shown = {case["id"]: case["credit"] for case in json.loads(triaged("cases", "--json"))}
    assert (shown[early], shown[unasked]) == ({"name": None, "where": None}, None)
    triaged("case", late, "credit", "--anonymous")
    assert "Ann" not in triaged("credits")
    triaged("case", late, "undo")
    assert "Ann" in triaged("credits")


@pytest.mark.parametrize(
    "given",
    [
        (),
        ("--name", "Ann", "--anonymous"),
        ("--name", " "),
        ("--name", "Ann", "--where", "javascript:alert(1)"),
        ("--anonymous", "--where", "https://ann.example"),
    ],
)
def test_consent_that_says_nothing_clear_is_refused(triaged, three, given):
    said = triaged("case", three[1], "credit", *given, code=65, err=True)
    assert len(said.splitlines()) == 1
    assert json.loads(triaged("show", three[1], "--json"))["credit"] is None


@pytest.mark.parametrize("command", [Credit("Ann Lee", "https://a.example"), Credit(anonymous=True), Credit("-x")])
def test_what_is_written_is_read_back(command):
    assert read_line(f"7q4k {words(command)}") == Order(("7q4k",), command)


def test_a_flag_takes_no_value():
    assert "--anonymous takes no value" in read_line("7q4k credit --anonymous=no")
    assert read_line("7q4k credit —anonymous") == Order(("7q4k",), Credit(anonymous=True))
