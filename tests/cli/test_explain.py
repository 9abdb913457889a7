import io
import json
import mailbox
import sys

import pytest

from tests.cli.conftest import COMPLETE, HOSTILE, SILENT
from triaged.cli import run

KEYS = {
    "path",
    "end",
    "reason",
    "automatic",
    "reply",
    "scope",
    "band",
    "reasons",
    "sections",
    "missing",
    "attachments",
    "defects",
}
BOUNCE = b"From: MAILER-DAEMON@x.example\r\nSubject: Undelivered\r\nAuto-Submitted: auto-replied\r\n\r\ngone\r\n"


@pytest.fixture
def explained(triaged):
    def told(*paths):
        return [json.loads(line) for line in triaged("explain", "--json", *paths).splitlines()]

    return told


def test_one_line_a_message_as_the_contract_says(explained, tmp_path):
    for name, raw in (("a", COMPLETE), ("b", SILENT), ("c", BOUNCE)):
        (tmp_path / f"{name}.eml").write_bytes(raw)
    complete, silent, bounce = explained(*(tmp_path / f"{name}.eml" for name in "abc"))
    for each in (complete, silent, bounce):
        assert set(each) >= KEYS
        assert set(each["reply"]) >= {"action", "to", "reason"}
    assert (complete["end"], complete["reply"]["action"], complete["reply"]["to"]) == (
        "opened",
        "send",
        "ann@example.org",
    )
    assert (silent["end"], silent["reply"]["action"], silent["reply"]["to"]) == ("opened", "withhold", None)
    assert (bounce["end"], bounce["reply"]["action"]) == ("set-aside", "none")
    assert set(bounce["automatic"]) == {"sign", "rfc"}
    assert complete["automatic"] is None


def test_an_mbox_a_maildir_a_folder_and_standard_input_are_read(explained, tmp_path, monkeypatch):
    box = mailbox.mbox(tmp_path / "box.mbox")
    maildir = mailbox.Maildir(tmp_path / "maildir")
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, raw in enumerate((COMPLETE, SILENT, HOSTILE)):
        box.add(raw)
        maildir.add(raw)
        (folder / f"{number}.eml").write_bytes(raw)
    box.close()
    assert [len(explained(tmp_path / name)) for name in ("box.mbox", "maildir", "folder")] == [3, 3, 3]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(COMPLETE)))
    assert [each["path"] for each in explained("-")] == ["-"]


def test_the_explanation_names_sections_rules_dates_and_the_reply(triaged, tmp_path):
    path = tmp_path / "a.eml"
    path.write_bytes(COMPLETE)
    said = triaged("explain", "--mail", path)
    for words in (
        "opened: a new report",
        "model.prompt-injection [model, title]",
        "1. Upload the document.",
        "An attacker can read the prompt of any tenant.",
        "5 business days from",
        "send the 'complete' acknowledgment to ann@example.org",
        "| Auto-Submitted: auto-replied",
    ):
        assert words in said


def test_it_needs_no_config(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)
    path = tmp_path / "a.eml"
    path.write_bytes(COMPLETE)
    assert run(["explain", "--json", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["scope"] == "model"


def test_nothing_to_read_is_66(triaged, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "there is no such file or folder" in triaged("explain", tmp_path / "none.eml", code=66, err=True)
    assert "holds no messages" in triaged("explain", tmp_path / "empty", code=66, err=True)
    assert "Missing argument" in triaged("explain", code=64, err=True)
