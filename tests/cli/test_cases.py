import csv
import io
import json
import unicodedata
from datetime import timedelta

import pytest

from tests.cli.conftest import COMPLETE, HOSTILE, SILENT
from tests.support.scripted_clamd import scripted_clamd
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
    "severity",
    "related",
    "cluster",
    "same_reporter",
    "publication",
}


def test_the_table_has_a_line_a_case_with_what_is_due_next_first(triaged, three):
    header, *lines = triaged("cases").splitlines()
    assert header.split() == [
        "CASE",
        "STATE",
        "SEVERITY",
        "AGE",
        "SCOPE",
        "NEXT",
        "DUE",
        "OWNER",
        "ACK",
        "REPORTER",
        "SUBJECT",
    ]
    # Two are to be acknowledged, the third is to be triaged.
    assert [line.split()[0] for line in lines] == [three[0], three[2], three[1]]
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


def listed(triaged, *arguments):
    return [line.split()[0] for line in triaged("cases", *arguments).splitlines()[1:]]


def test_the_overdue_stand_first_and_the_closed_last(triaged, fill):
    (done,) = fill(COMPLETE, ago=timedelta(days=40))
    (new,) = fill(SILENT)
    (late,) = fill(HOSTILE, ago=timedelta(days=30))
    triaged("case", done, "close", "fixed")
    assert listed(triaged) == [late, new, done]
    assert " OVERDUE " in triaged("cases", "--overdue")
    # Programs get them as they came.
    assert [case["id"] for case in json.loads(triaged("cases", "--json"))] == [done, new, late]


def test_what_is_asked_for_together_must_all_be_true(triaged, three):
    hostile, complete, silent = three
    triaged("case", complete, "owner", "Ann")
    triaged("case", silent, "owner", "Ann")
    triaged("case", complete, "waiting")
    assert listed(triaged, "--owner", "ann") == [silent, complete]
    assert listed(triaged, "--owner", "nobody") == [hostile]
    assert listed(triaged, "--waiting") == listed(triaged, "--state", "waiting") == [complete]
    assert listed(triaged, "--owner", "Ann", "--state", "new") == [silent]
    assert listed(triaged, "--owner", "Ann", "--due", "3d") == [silent]
    assert triaged("cases", "--owner", "nobody", "--waiting") == "no such cases\n"
    assert [case["id"] for case in json.loads(triaged("cases", "--json", "--due", "3d"))] == [hostile, silent]


def test_cases_are_found_by_words_reporter_scope_and_severity(triaged, three):
    hostile, complete, silent = three
    triaged("case", complete, "triage", "--severity", "high")
    triaged("case", silent, "note", "the Webhook team knows")
    assert listed(triaged, "--search", "system PROMPT") == [complete]
    assert listed(triaged, "--search", "ｗｅｂｈｏｏｋ knows") == [silent]
    assert listed(triaged, "--search", complete[4:8].lower()) == [complete]
    assert listed(triaged, "--reporter", "EVE@") == [hostile]
    assert listed(triaged, "--severity", "high") == [complete]
    assert set(listed(triaged, "--severity", "unset")) == {hostile, silent}
    assert listed(triaged, "--scope", "model") == [complete]
    assert listed(triaged, "--scope", "model", "--state", "triaged", "--search", "prompt") == [complete]
    assert triaged("cases", "--search", "prompt", "--severity", "low") == "no such cases\n"
    assert triaged("cases", "--search", "prompt", "--state", "new", "--json") == "[]\n"
    assert [each["severity"] for each in json.loads(triaged("cases", "--json", "--severity", "high"))] == ["high"]


def test_severity_and_age_are_columns(triaged, fill):
    (old,) = fill(COMPLETE, ago=timedelta(days=12))
    (young,) = fill(SILENT, ago=timedelta(minutes=130))
    triaged("case", old, "severity", "low")
    rows = {line.split()[0]: line.split()[2:5] for line in triaged("cases").splitlines()[1:]}
    assert (rows[old], rows[young]) == (["low", "12", "d"], ["-", "2", "h"])


def test_a_day_of_publication_is_in_the_json(triaged, three):
    assert json.loads(triaged("show", three[1], "--json"))["publication"] is None
    triaged("case", three[1], "disclose", "2035-01-15", "--with", "Ann", "--reason", "her talk")
    assert json.loads(triaged("show", three[1], "--json"))["publication"] == {
        "at": "2035-01-15T00:00:00Z", "agreed": True
    }  # fmt: skip
    assert "Invalid" in triaged("cases", "--severity", "dire", code=64, err=True)


def test_what_is_overdue_is_due(triaged, fill):
    (late,) = fill(COMPLETE, ago=timedelta(days=30))
    (new,) = fill(SILENT)
    assert listed(triaged, "--due", "1h") == [late]
    assert listed(triaged, "--due", "48h") == [late, new]


@pytest.mark.parametrize("option", [(), ("--json",), ("--csv",)])
def test_an_owner_whom_nobody_knows_is_said_on_stderr(triaged, three, option):
    triaged("case", three[0], "owner", "Ann")
    said = triaged("cases", "--owner", "Amn\x1b[31m", *option, err=True)
    assert said == "triaged: no case has the owner 'Amn\\x1b[31m'; the owners are: Ann\n"
    assert triaged("cases", "--owner", "nobody", *option, err=True) == ""
    assert triaged("cases", "--owner", "Amn", "--json") == "[]\n"


@pytest.mark.parametrize("due", ["3", "3 parsecs", "-3d", "0d", "999999w", ""])
def test_a_time_without_a_unit_or_sense_is_64(triaged, three, due):
    said = triaged("cases", "--due", due, code=64, err=True)
    assert said.startswith("triaged: Invalid value for '--due': ")
    assert "write it like 60s, 15m, 48h, 14d or 2w" in said or "no longer than a century" in said
    assert len(said.splitlines()) == 1


def test_two_machine_formats_at_once_are_64(triaged, three):
    assert "do not go together" in triaged("cases", "--json", "--csv", code=64, err=True)


FORMULA = COMPLETE.replace(b"Subject: ", b'Subject: =HYPERLINK(A1&A2), "x" - ').replace(b"<complete@", b"<formula@")


def test_csv_has_a_row_a_case_and_no_cell_that_is_a_formula(triaged, fill):
    encoded = COMPLETE.replace(b"Subject: ", b"Subject: =?utf-8?q?=09=3D1+1=E2=80=AE?= ").replace(
        b"<complete@", b"<tab@"
    )
    minus = COMPLETE.replace(b"Ann <ann@example.org>", b"-ann@example.org").replace(b"<complete@", b"<minus@")
    wide = COMPLETE.replace(b"Subject: ", "Subject: ＝漏洞 ".encode()).replace(b"<complete@", b"<wide@")
    cases = fill(FORMULA, encoded, minus, wide)
    triaged("case", cases[0], "owner", "@ann")
    text = triaged("cases", "--csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert text.splitlines(keepends=True)[0].endswith(",reporter,subject\r\n")
    found = {row["case"]: row for row in rows}
    assert set(found) == set(cases)
    assert found[cases[0]]["subject"].startswith('\'=HYPERLINK(A1&A2), "x" - Prompt injection')
    assert found[cases[0]]["owner"] == "'@ann"
    assert found[cases[1]]["subject"].startswith("'=1+1\\u202e")
    assert found[cases[3]]["subject"].startswith("'＝漏洞 ")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    first = found[cases[2]]
    assert (first["state"], first["scope"], first["band"]) == ("new", "model", "high")
    assert (first["owner"], first["overdue"], first["severity"]) == ("", "", "")
    assert first["next_due_at"].endswith("Z")


def test_csv_is_sorted_and_chosen_like_the_table(triaged, three):
    header, *rows = csv.reader(io.StringIO(triaged("cases", "--csv"), newline=""))
    assert [row[header.index("case")] for row in rows] == listed(triaged)
    assert triaged("cases", "--csv", "--waiting").splitlines() == [",".join(header)]


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
