import json
import re

import pytest

from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.disk.lock import locked


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        (("triage", "--severity", "high"), "severity", "high"),
        (("triage",), "state", "triaged"),
        (("scope", "sdk"), "scope", "sdk"),
        (("severity", "critical"), "severity", "critical"),
        (("owner", "cy"), "owner", "cy"),
        (("waiting",), "state", "waiting"),
        (("close", "not", "reproducible"), "state", "closed"),
    ],
)
def test_a_decision_shows_in_the_case(triaged, three, words, key, value):
    assert triaged("case", three[1], *words).startswith(f"{three[1]}: ")
    assert json.loads(triaged("show", three[1], "--json"))[key] == value


def test_waiting_pauses_what_may_pause(triaged, three):
    triaged("case", three[1], "waiting")
    states = {each["name"]: each["state"] for each in json.loads(triaged("show", three[1], "--json"))["deadlines"]}
    assert states == {"acknowledge": "met", "triage": "paused", "update": "paused"}


def test_a_note_stands_in_the_history_with_its_author(triaged, three):
    triaged("case", "--by", "bo", three[1], "note", "seen", "in", "staging")
    assert re.search(r"noted +by bo, text seen in staging", triaged("show", three[1]))


def test_writing_by_hand_meets_the_acknowledgment(triaged, three):
    silent = three[2]
    triaged("case", silent, "answered")
    states = {each["name"]: each["state"] for each in json.loads(triaged("show", silent, "--json"))["deadlines"]}
    assert states["acknowledge"] == "met"


def test_a_duplicate_is_closed_and_linked(triaged, three):
    triaged("case", three[0], "duplicate", three[1])
    shown = json.loads(triaged("show", three[0], "--json"))
    assert (shown["state"], shown["duplicate_of"]) == ("closed", three[1])
    triaged("case", three[0], "reopen")
    assert json.loads(triaged("show", three[0], "--json"))["state"] == "new"


def test_a_refused_acknowledgment_is_owed_again_with_the_same_id(triaged, three):
    before = json.loads(triaged("show", three[0], "--json"))["acknowledgment"]
    triaged("case", three[0], "resend")
    after = json.loads(triaged("show", three[0], "--json"))["acknowledgment"]
    assert (before["state"], after["state"]) == ("failed", "owed")
    assert before["message_id"] == after["message_id"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("scope", "hardware"), 64, "is not one of 'model'"),
        (("severity", "huge"), 64, "is not one of 'critical'"),
        (("close",), 64, "Missing argument"),
        (("reject",), 64, "No such command 'reject'"),
        (("duplicate", "SEC-0000-0000"), 66, "there is no such case"),
        (("resend",), 65, "no mail of this case has failed"),
    ],
)
def test_what_cannot_be_is_one_sentence(triaged, three, words, code, says):
    assert says in triaged("case", three[1], *words, code=code, err=True)


def test_a_case_is_no_duplicate_of_itself(triaged, three):
    assert "cannot be a duplicate of itself" in triaged("case", three[1], "duplicate", three[1], code=65, err=True)


def test_beside_a_busy_daemon_a_decision_is_handed_in(triaged, three, config, monkeypatch):
    monkeypatch.setattr("triaged.cli.decide._TAKEN_UP_WITHIN", 0.1)
    state = config.parent / "state"
    with locked(state):
        assert "will record it soon" in triaged("case", three[1], "scope", "sdk", err=True)
    (handed,) = DecisionBox(state / "decisions").handed_in()
    assert (handed.case_id, handed.event.scope) == (three[1], "sdk")
