import json
import unicodedata
from datetime import timedelta

import pytest

from tests.cli.conftest import COMPLETE

# The contract, key for key.
CASE_KEYS = {
    "id",
    "state",
    "reporter",
    "subject",
    "received_at",
    "scope",
    "band",
    "reasons",
    "sections",
    "missing",
    "attachments",
    "deadlines",
    "acknowledgment",
    "messages",
    "defects",
}


def test_the_table_has_a_line_a_case_in_the_order_they_came(triaged, three):
    header, *lines = triaged("cases").splitlines()
    assert header.split() == ["CASE", "STATE", "SCOPE", "NEXT", "DUE", "OWNER", "ACK", "REPORTER", "SUBJECT"]
    assert [line.split()[0] for line in lines] == three
    assert [line.index("nobody") for line in lines] == [header.index("OWNER")] * 3


def test_what_a_sender_wrote_is_shown_escaped(triaged, three):
    for command in (("cases",), ("show", three[0]), ("digest",)):
        shown = triaged(*command)
        assert "\\x1b[31mXSS\\u202e" in shown
        assert not [char for char in shown if unicodedata.category(char) in {"Cc", "Cf"} and char != "\n"]


def test_cases_as_json_are_as_the_contract_says(triaged, three):
    hostile, complete, silent = json.loads(triaged("cases", "--json"))
    for case in (hostile, complete, silent):
        assert set(case) >= CASE_KEYS
        assert set(case["reporter"]) >= {"name", "address"}
        assert set(case["sections"]) == {"description", "steps", "impact", "media"}
        assert [deadline["name"] for deadline in case["deadlines"]] == ["acknowledge", "triage", "update"]
        assert set(case["acknowledgment"]) >= {"state", "reason", "at", "message_id"}
        assert set(case["messages"][0]) >= {"sha256", "message_id", "at", "direction"}
        assert case["received_at"].endswith("Z")
    assert [case["acknowledgment"]["state"] for case in (hostile, complete, silent)] == [
        "failed",
        "submitted",
        "withheld",
    ]
    assert hostile["acknowledgment"]["reason"] == "550 no such user"
    assert (complete["scope"], complete["band"], complete["missing"]) == ("model", "high", [])
    assert {reason["rule"] for reason in complete["reasons"]} >= {"model.prompt-injection"}


def test_cases_are_chosen_by_state_and_by_what_is_overdue(triaged, fill):
    (old,) = fill(COMPLETE, ago=timedelta(days=30))
    assert [case["id"] for case in json.loads(triaged("cases", "--json", "--overdue"))] == [old]
    triaged("case", old, "close", "fixed")
    assert json.loads(triaged("cases", "--json", "--overdue")) == []
    assert json.loads(triaged("cases", "--json", "--state", "new")) == []
    assert [case["id"] for case in json.loads(triaged("cases", "--json", "--state", "closed"))] == [old]
    assert triaged("cases", "--state", "waiting") == "no such cases\n"


def test_show_tells_evidence_reasons_deadlines_and_history(triaged, three):
    shown = triaged("show", three[1])
    assert "A prompt injection hidden in a document" in shown
    assert "model.prompt-injection [model, title]" in shown
    assert "triage" in shown
    assert "(5 business days from" in shown
    assert "submitted    answer 250 taken" in shown
    history = json.loads(triaged("show", three[1], "--json"))["history"]
    assert [event["kind"] for event in history] == ["received", "assessed", "owed", "submitting", "submitted"]


def test_a_case_is_found_by_any_way_of_writing_its_id(triaged, three):
    case_id = three[1]
    for named in (case_id, case_id.lower(), case_id.replace("-", ""), case_id[4:], case_id[4:9]):
        assert triaged("show", named).startswith(case_id)


@pytest.mark.parametrize("named", ["SEC-0000-0000", "x", "", "../../etc/passwd"])
def test_what_is_no_case_is_66(triaged, three, named):
    assert "there is no such case" in triaged("show", named, code=66, err=True)
