import json
import re

import pytest

from tests.cli.conftest import COMPLETE, CONFIG
from tests.support.values import NOON, owed
from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.disk.lock import locked
from triaged.composition import open_round
from triaged.config.loading import load
from triaged.core.case.events import Failed
from triaged.service import settling


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        (("triage", "--severity", "high"), "severity", "high"),
        (("triage",), "state", "triaged"),
        (("triage", "--severity", "high", "--owner", "cy"), "severity", "high"),
        (("triage", "--severity", "high", "--owner", "cy"), "owner", "cy"),
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


def test_resend_sends_the_letter_that_the_digest_names_and_none_that_is_no_longer_true(triaged, three, config):
    late = owed(purpose="update", message_id="late@smallest.ai", to=("eve@evil.example",))
    with open_round(load(config)) as rooms:
        rooms.under_way.store.record(
            three[0], (late, Failed(at=NOON, message_id="late@smallest.ai", reason="not sent: overtaken"))
        )
    assert f"triaged case {three[0]} resend acknowledgment" in triaged("digest")
    assert "the acknowledgment will be sent at the next pass" in triaged("case", three[0], "resend")
    shown = json.loads(triaged("show", three[0], "--json"))
    requeued = [event["message_id"] for event in shown["history"] if event["kind"] == "requeued"]
    assert requeued == [shown["acknowledgment"]["message_id"]]
    said = triaged("case", three[0], "resend", code=65, err=True)
    assert f"{three[0]}: the update is not sent again, because automatic updates are switched off; if there is" in said
    assert "2 mails" not in triaged("resend", "--all-failed")


@pytest.fixture
def unwritten(fill, config, monkeypatch):
    """A case whose answer no template could write, and the folder with the template at fault."""
    folder = config.parent / "own"
    folder.mkdir()
    config.write_text(f"{CONFIG}templates: own\n")
    reading = settling.triage

    def edited_meanwhile(*arguments):
        (folder / "acknowledgment-complete.txt.j2").write_text("{{ reply.nothing }}")
        return reading(*arguments)

    monkeypatch.setattr(settling, "triage", edited_meanwhile)
    (case_id,) = fill(COMPLETE)
    return case_id, folder


def test_an_answer_that_no_template_could_write_is_a_task_until_the_template_is_mended(triaged, unwritten):
    case_id, folder = unwritten
    fault = f"the answer could not be written: {folder / 'acknowledgment-complete.txt.j2'}:1: UndefinedError"
    case = json.loads(triaged("show", case_id, "--json"))
    assert (case["reporter"]["address"], case["subject"]) == (
        "ann@example.org",
        "Prompt injection leaks the system prompt",
    )
    assert (case["scope"], case["band"], case["messages"][0]["message_id"]) == ("model", "high", "complete@x.example")
    assert case["acknowledgment"]["state"] == "withheld"
    assert case["acknowledgment"]["reason"].startswith(fault)
    assert f"> triaged case {case_id} resend" in triaged("digest")
    assert "1 answer could not be written" in triaged("status", code=1)
    said = triaged("case", case_id, "resend", code=78, err=True)
    assert f"{folder / 'acknowledgment-complete.txt.j2'}:1: " in said
    assert len(said.splitlines()) == 1
    (folder / "acknowledgment-complete.txt.j2").unlink()
    assert "writes the acknowledgment again within a minute" in triaged("case", case_id, "resend")
    triaged("run", "--once", code=75)  # there is neither a mailbox nor a server here
    after = json.loads(triaged("show", case_id, "--json"))
    assert after["acknowledgment"]["state"] == "owed"
    assert "could not be written" not in triaged("status", code=2)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("scope", "hardware"), 64, "is not one of 'model'"),
        (("severity", "huge"), 64, "is not one of 'critical'"),
        (("close",), 64, "Missing argument"),
        (("reject",), 64, "No such command 'reject'"),
        (("duplicate", "SEC-0000-0000"), 66, "there is no such case"),
        (("resend",), 65, "no mail of this case has failed"),
        (("resend", "update"), 65, "no update of this case has failed"),
        (("resend", "digest"), 64, "is not one of 'acknowledgment'"),
        (("undo",), 65, "nobody has decided anything on it"),
        (("close", "..."), 65, "say why it is closed, in words of your own"),
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


# Several cases in one command.


def decided(triaged, case_id):
    shown = json.loads(triaged("show", case_id, "--json"))
    return shown["state"], shown["owner"]


def test_several_cases_take_one_decision(triaged, three):
    said = triaged("case", f"{three[0]},{three[1].lower()},{three[0]}", "triage", "--owner", "cy")
    assert said == f"{three[0]}: triaged, owner cy\n{three[1]}: triaged, owner cy\n"
    assert [decided(triaged, each) for each in three] == [("triaged", "cy"), ("triaged", "cy"), ("new", None)]


@pytest.mark.parametrize(
    ("named", "words", "code", "says"),
    [
        ("{0},SEC-0000-0000", ("close", "spam"), 66, "SEC-0000-0000: there is no such case"),
        ("{0},{1}", ("resend",), 65, "no mail of this case has failed"),
        ("{0},{1}", ("duplicate", "{1}"), 65, "cannot be a duplicate of itself"),
        (",", ("close", "spam"), 66, "there is no such case"),
    ],
)
def test_if_one_of_several_cannot_be_none_is_recorded(triaged, three, named, words, code, says):
    before = [json.loads(triaged("show", each, "--json"))["history"] for each in three]
    words = [word.format(*three) for word in words]
    assert says in triaged("case", named.format(*three), *words, code=code, err=True)
    assert [json.loads(triaged("show", each, "--json"))["history"] for each in three] == before


# Undo.


def test_undo_takes_back_the_last_decision_and_the_history_shows_both(triaged, three):
    before = json.loads(triaged("show", three[1], "--json"))
    triaged("case", three[1], "triage", "--severity", "high", "--owner", "cy")
    triaged("case", three[1], "close", "spam")
    assert re.fullmatch(f"{three[1]}: taken back: 'closed' of 2.* UTC\n", triaged("case", three[1], "undo"))
    assert decided(triaged, three[1]) == ("triaged", "cy")
    assert re.fullmatch(
        f"{three[1]}: taken back: 'triaged' of 2.* UTC\n", triaged("case", "--by", "bo", three[1], "undo")
    )
    after = json.loads(triaged("show", three[1], "--json"))
    kinds = [event["kind"] for event in after.pop("history")]
    assert kinds[len(before.pop("history")) :] == ["triaged", "closed", "undone", "undone"]
    assert after == before
    shown = triaged("show", three[1])
    assert re.search(r"closed +by .*, reason spam \(taken back\)\n", shown)
    assert re.search(r"undone +by bo, decision triaged\n", shown)
    assert "nobody has decided anything on it" in triaged("case", three[1], "undo", code=65, err=True)
