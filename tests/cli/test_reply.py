"""`triaged reply`, as a person uses it: an editor, a preview, a letter in the thread."""

import json
from email import message_from_string, policy
from pathlib import Path

import pytest

from triaged.adapters.disk.lock import locked
from triaged.adapters.store.store import open_store
from triaged.cli import reply
from triaged.config.loading import load


@pytest.fixture
def terminal(monkeypatch):
    """Standard input is a terminal, and its person says yes to what they are asked; the questions."""
    asked = []
    monkeypatch.setattr(reply.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(reply.click, "confirm", lambda words: asked.append(words) or True)
    return asked


@pytest.fixture
def editor(monkeypatch, tmp_path):
    """An editor that puts text above all else and keeps what it was given."""

    def made(text, code=0):
        script = tmp_path / "editor"
        kept = tmp_path / "given"
        script.write_text(f'#!/bin/sh\ncp "$1" {kept}\n{{ printf \'{text}\'; cat {kept}; }} > "$1"\nexit {code}\n')
        script.chmod(0o700)
        monkeypatch.setenv("VISUAL", str(script))
        return kept

    return made


def letters(config, case_id):
    store = open_store(load(config).settings.state_dir, read_only=True)
    try:
        return [each for each in store.case(case_id).letters if each.purpose == "reply"]
    finally:
        store.close()


def text_of(letter):
    return message_from_string(letter.raw, policy=policy.default).get_content().replace("\r\n", "\n")


def test_a_letter_from_the_editor_is_looked_at_and_owed(triaged, three, config, terminal, editor):
    given = editor("It is fixed.\\n")
    out = triaged("reply", three[1])
    assert out.startswith("From: Smallest.AI Security <security@")
    assert f"Subject: Re: [{three[1]}] We received your report" in out
    assert out.endswith("is on its way\n")
    assert terminal == ["Send it?"]
    (letter,) = letters(config, three[1])
    assert letter.by_hand
    assert text_of(letter).startswith("Hello,\n\nIt is fixed.\n\nSmallest.AI")
    # What the reporter wrote stands below, each line marked, and is not sent.
    below = given.read_text().partition(reply._SCISSORS)[2]
    assert "Upload the document." in below
    assert all(line.startswith("#") for line in below.splitlines() if line)


@pytest.mark.usefixtures("terminal")
def test_a_reporter_cannot_write_into_our_letter(triaged, fill, config, editor):
    hostile = (
        b"From: a@x.example\r\nSubject: a flaw in the API\r\nMessage-ID: <h@x.example>\r\n\r\n"
        + f"{reply._SCISSORS}\r\nsend me money\r\n\x1b]0;x\x07\r\n{{{{ identity }}}}\r\n".encode()
    )
    (case_id,) = fill(hostile)
    editor("Thank you.\\n")
    triaged("reply", case_id)
    (letter,) = letters(config, case_id)
    assert "money" not in letter.raw
    assert "identity" not in letter.raw


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("written", ["", "a"])
def test_an_empty_letter_and_an_editor_that_fails_send_nothing(triaged, three, config, editor, written):
    editor(written, code=1 if written else 0)
    said = "the editor ended with an error" if written else "the letter is empty"
    assert said in triaged("reply", three[1], code=65, err=True)
    assert letters(config, three[1]) == []


@pytest.mark.usefixtures("terminal")
def test_who_says_no_to_the_preview_keeps_the_text(triaged, three, config, editor, monkeypatch):
    editor("My words.\\n")
    monkeypatch.setattr(reply.click, "confirm", lambda _: False)
    said = triaged("reply", three[1], code=65, err=True)
    kept = Path(said.split("your text is kept in ")[1].split(";")[0])
    assert kept.read_text(encoding="utf-8") == "My words.\n"
    assert kept.stat().st_mode & 0o077 == 0
    kept.unlink()
    assert letters(config, three[1]) == []


def test_a_template_is_begun_from_and_the_file_stands_in_it(triaged, three, config, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("Fixed in {{ 2.1 }}.\n.\nFrom here on.\n", encoding="utf-8")
    triaged("reply", three[1], "--template", "fixed-please-verify", "--file", words, "--yes", "--wait")
    (letter,) = letters(config, three[1])
    text = text_of(letter)
    assert "is fixed.\n\nFixed in {{ 2.1 }}.\n.\nFrom here on.\n\nWould you try it again" in text
    assert json.loads(triaged("show", three[1], "--json"))["state"] == "waiting"


def test_a_letter_may_close_the_case_and_then_nobody_is_left_untold(triaged, three, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("Not ours.", encoding="utf-8")
    assert "still to be told" in triaged("case", three[1], "close", "not", "ours")
    assert json.loads(triaged("show", three[1], "--json"))["untold"]
    assert f"triaged reply {three[1]} --template closing" in triaged("digest")
    assert json.loads(triaged("metrics", "--json"))["untold"] == 1
    triaged("reply", three[1], "--file", words, "--yes", "--close", "not ours")
    shown = json.loads(triaged("show", three[1], "--json"))
    assert (shown["state"], shown["untold"]) == ("closed", False)
    assert "has not been told" not in triaged("digest")


def test_a_closing_that_nobody_is_told_says_why(triaged, three):
    triaged("case", three[1], "close", "spam", "--silent", "a machine wrote it")
    assert not json.loads(triaged("show", three[1], "--json"))["untold"]


def test_standard_input_needs_yes_because_nobody_can_look(triaged, three, config):
    assert "add --yes" in triaged("reply", three[1], code=65, err=True)
    assert letters(config, three[1]) == []


def test_bytes_that_are_no_text_are_refused(triaged, three, config, tmp_path):
    words = tmp_path / "words.txt"
    words.write_bytes(b"\xff\xfe")
    assert "no UTF-8 text" in triaged("reply", three[1], "--file", words, "--yes", code=65, err=True)
    assert letters(config, three[1]) == []


def test_beside_a_daemon_the_letter_is_handed_in(triaged, three, config, tmp_path, monkeypatch):
    words = tmp_path / "words.txt"
    words.write_text("Thank you.", encoding="utf-8")
    monkeypatch.setattr("triaged.cli.decide._TAKEN_UP_WITHIN", 0.1)
    with locked(load(config).settings.state_dir):
        triaged("reply", three[1], "--file", words, "--yes")
    (handed,) = (load(config).settings.state_dir / "decisions").glob("[0-9]*")
    assert '"kind":"replied"' in handed.read_text().replace(" ", "")
