import json
import unicodedata
from datetime import timedelta

import pytest

from tests.cli.conftest import COMPLETE
from tests.scripted_clamd import scripted_clamd
from triaged.resources import resource

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
    "scans",
    "deadlines",
    "acknowledgment",
    "messages",
    "defects",
    "facts",
    "kind",
    "weak",
    "issues",
    "hints",
    "duplicates",
    "known_issues",
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


def test_what_seems_the_same_is_shown_from_both_sides(triaged, fill):
    again = COMPLETE.replace(b"ann@example.org", b"eve@example.org").replace(b"<complete@", b"<again@")
    one, other = fill(COMPLETE, again)
    for this, that in ((one, other), (other, one)):
        (found,) = json.loads(triaged("show", this, "--json"))["duplicates"]
        assert (found["case"], found["grade"]) == (that, "strong")
        assert found["why"][0].startswith("nearly the same text")
        shown = triaged("show", this)
        assert f"seems the same as\n    strong {that}: nearly the same text" in shown
    listed = json.loads(triaged("cases", "--json"))
    assert [[each["case"] for each in case["duplicates"]] for case in listed] == [[other], [one]]


def test_show_tells_facts_and_hints_with_links_that_no_terminal_opens(triaged, three):
    shown = triaged("show", three[2])
    assert "endpoint    GET /v1/hooks" in shown
    assert "+ It names the exact endpoint, function or file: " in shown
    case = json.loads(triaged("show", three[2], "--json"))
    assert {"kind": "endpoint", "value": "GET /v1/hooks"}.items() <= case["facts"][0].items()
    assert ("place", "for") in [(hint["id"], hint["side"]) for hint in case["hints"]]


def test_a_known_issue_is_shown_with_what_became_of_it(triaged, three, config):
    policy = resource("config/policy.yaml").read_text()
    known = "known_issues: [{id: KI-1, title: Hooks reach inside, fixed_in: '2.4', endpoints: [GET /v1/hooks]}]"
    (config.parent / "policy.yaml").write_text(policy.replace("known_issues: []", known))
    config.write_text(f"{config.read_text()}policy: policy.yaml\n")
    assert (
        "known issues\n    weak   KI-1: it names the endpoint /v1/hooks\n           Hooks reach inside: fixed in 2.4"
        in triaged("show", three[2])
    )
    (found,) = json.loads(triaged("show", three[2], "--json"))["known_issues"]
    assert (found["id"], found["standing"], found["grade"]) == ("KI-1", "fixed in 2.4", "weak")


def test_a_case_is_found_by_any_way_of_writing_its_id(triaged, three):
    case_id = three[1]
    for named in (case_id, case_id.lower(), case_id.replace("-", ""), case_id[4:], case_id[4:9]):
        assert triaged("show", named).startswith(case_id)


@pytest.mark.parametrize("named", ["SEC-0000-0000", "x", "", "../../etc/passwd"])
def test_what_is_no_case_is_66(triaged, three, named):
    assert "there is no such case" in triaged("show", named, code=66, err=True)


ATTACHED = COMPLETE.replace(
    b"\r\n\r\n", b'\r\nContent-Disposition: attachment; filename="poc.txt"\r\nMIME-Version: 1.0\r\n\r\n', 1
)


@pytest.mark.parametrize(
    ("answer", "verdict", "shown"),
    [
        (None, "clean", "scanner: clean"),
        (b"stream: Evil\x1b[2J FOUND\0", "infected", "scanner: infected: Evil\\x1b[2J"),
        (b"INSTREAM size limit exceeded. ERROR\0", "unscanned", "scanner: unscanned: clamd at "),
    ],
)
def test_what_the_scanner_says_is_shown_with_the_mail_and_in_the_history(triaged, fill, config, answer, verdict, shown):
    (case,) = fill(ATTACHED)
    assert json.loads(triaged("show", case, "--json"))["scans"] == []
    with scripted_clamd(answer) as clamd:
        config.write_text(config.read_text() + f"attachments: {{clamd: '{clamd.address}'}}\n")
        # There is no mailbox; what is here is scanned all the same.
        triaged("run", "--once", code=75)
    (scan,) = json.loads(triaged("show", case, "--json"))["scans"]
    assert (scan["verdict"], len(scan["sha256"]), scan["at"][-1]) == (verdict, 64, "Z")
    assert json.loads(triaged("cases", "--json"))[0]["scans"] == [scan]
    said = triaged("show", case)
    assert f"      {shown}" in said
    assert f"scanned      verdict {verdict}" in said
    assert "\x1b[2J" not in said
