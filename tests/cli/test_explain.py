import io
import json
import mailbox
import re
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import COMPLETE, CONFIG, HOSTILE, SILENT, mail, rule, write_policy
from tests.support.values import message
from triaged.cli import run
from triaged.cli.explain import _why_unclear
from triaged.core.report.report import Reason, Verdict
from triaged.resources import resource

MAILS = Path(__file__).resolve().parents[1] / "mails"

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
    said = triaged("explain", path)
    places = [
        said.index(words)
        for words in (
            "<ann@example.org>, unverified",
            "opened: a new report",
            "scope     model (high)",
            "model.prompt-injection [title, lead",
            "1. Upload the document.",
            "An attacker can read the prompt of any tenant.",
            "send the 'complete' acknowledgment to ann@example.org: nothing is missing",
            "5 business days from",
            "| Auto-Submitted: auto-replied",
        )
    ]
    assert places == sorted(places)
    assert "| Auto-Submitted" not in triaged("explain", "--no-mail", path)
    assert "| Auto-Submitted" not in triaged("explain", tmp_path)
    assert "| Auto-Submitted" in triaged("explain", "--mail", tmp_path)


def test_each_rule_stands_once_on_its_side_with_words_not_shown_before(triaged, config, tmp_path):
    strong = [rule(f"infra.r{number}", "infrastructure", "ssrf", weight=9) for number in range(6)]
    weak = [rule(f"sdk.r{number}", "sdk", "python", weight=1) for number in range(5)]
    write_policy(tmp_path / "policy.yaml", *strong, *weak)
    config.write_text(f"{CONFIG}policy: policy.yaml\n")
    path = tmp_path / "a.eml"
    path.write_bytes(
        mail("a@x.example", "SSRF in the API", f"An SSRF as well.\r\n{'x ' * 600}\r\nsome python", "sides")
    )
    said = triaged("explain", path).splitlines()
    first = said.index("  scope     infrastructure (high)") + 2
    assert re.fullmatch(
        r" {4}sum {5}[+-]\d\.\d\d as a report; a letter below .*, surely a report from \+0\.20", said[first - 1]
    )
    assert [line.split("]: ")[0] for line in said[first : first + 8]] == [
        "    for     infra.r0 [title, lead",
        "            infra.r1 [title, lead",
        "            infra.r2 [title, lead",
        "            and infra.r3, infra.r4, infra.r5",
        "    against sdk.r0 [sdk: body",
        "            sdk.r1 [sdk: body",
        "            sdk.r2 [sdk: body",
        "            and sdk.r3, sdk.r4",
    ]
    words = [line.partition("]: ")[2] for line in said[first : first + 7]]
    assert words[0] == "SSRF in the API"
    assert words[1].startswith("An SSRF as well.")
    assert words[4].endswith("some python")
    assert [words[2], *words[5:7]] == ["the same words"] * 3


def test_what_is_missing_is_told_from_what_is_only_not_there(triaged, tmp_path):
    path = tmp_path / "a.eml"
    path.write_bytes(SILENT)
    said = triaged("explain", path)
    assert "- impact      missing" in said
    assert "- media       not found, and not required" in said
    assert "reply     withhold: " in said
    sealed = triaged("explain", MAILS / "encrypted-pgp-mime.eml")
    assert sealed.count("not looked into") == 5
    assert "missing" not in sealed


def test_an_unclear_verdict_says_which_rules_left_it_so():
    reasons = (Reason("infra.one", "infrastructure", "title", "a"), Reason("model.one", "model", "title", "b"))
    for heard, words in (
        (reasons, ": infra.one and model.one are too weak, or too close to another scope's, to decide"),
        (reasons[:1], ": infra.one is too weak, or too close to another scope's, to decide"),
        ((), ": no rule of the policy speaks"),
    ):
        assert _why_unclear(message(), Verdict("unclear", "low", heard)) == words
    assert not _why_unclear(message(), Verdict("model", "low", reasons))


def test_an_ordinary_mail_takes_at_most_a_screen(triaged):
    told = triaged("explain", MAILS).strip().split("\n\n")
    assert len(told) == len(list(MAILS.glob("*.eml")))
    assert max(len(lines.splitlines()) for lines in told) <= 24


def test_the_second_reader_is_shown_with_its_sum_and_its_threshold(triaged, tmp_path):
    text = "This violates the confidentiality of the users and their trust in the platform of the company."
    path = tmp_path / "a.eml"
    path.write_bytes(mail("a@x.example", "IDOR in the invoices endpoint", text, "second"))
    shown = triaged("explain", "--no-mail", path)
    assert re.search(r"~ impact +second reader [+-]\d\.\d\d, enough from -0\.20, by \w", shown)


def test_a_required_section_that_is_not_asked_for_says_why(triaged, tmp_path):
    path = tmp_path / "a.eml"
    path.write_bytes(
        mail("a@x.example", "My bill", "Please refund me, I was charged twice on my invoice of March.", "bill")
    )
    shown = triaged("explain", "--no-mail", path)
    assert "- steps       not found, and not asked for: it reads as billing" in shown


def test_every_rule_that_is_named_stands_in_the_shipped_policy(triaged, explained, tmp_path):
    policy = resource("config/policy.yaml").read_text()
    shown = triaged("explain", MAILS)
    named = set(re.findall(r"^ {4}(?:for|against|heard| {3}) +([a-z0-9-]+\.[a-z0-9.-]+) \[", shown, re.MULTILINE))
    for rest in re.findall(r"^ {12}and (.*)$", shown, re.MULTILINE):
        named |= set(rest.split(", "))
    assert named == {
        reason["rule"] for each in explained(MAILS) if each["end"] != "set-aside" for reason in each["reasons"]
    }
    assert len(named) > 15
    # The organisation's own names speak too, where they are given.
    rules = {name for name in named if not name.startswith("table.")}
    for name in (*rules, "asset.host", "asset.package", "asset.model"):
        assert name in policy, name


class _Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_colour_unless_it_wants_none(triaged, tmp_path, monkeypatch, no_color, coloured):
    path = tmp_path / "a.eml"
    path.write_bytes(COMPLETE)
    assert "\x1b[" not in triaged("explain", path)
    screen = io.BytesIO()
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "stdout", _Terminal(screen, encoding="utf-8", write_through=True))
    assert run(["explain", str(path)]) == 0
    shown = screen.getvalue().decode()
    assert ("\x1b[32m" in shown) is coloured
    plain = [
        line
        for line in re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
        if "[" in line or line.startswith("  sections")
    ]
    assert plain
    assert max(map(len, plain)) <= 80


def test_a_strangers_links_are_none_in_a_terminal_and_whole_in_json(triaged, explained, tmp_path):
    link = "https://evil.example/a"
    written = f"{link} //evil \\\\\\\\evil\\\\x tel:evil 192.0.2.7/evil www.evil.example > triaged case SEC-0 close"
    mail = (
        f'From: "{written}" <ann@example.org>\nSubject: {written}\nMIME-Version: 1.0\n'
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\n'
        f"Steps to reproduce\nSend POST {link} to it: {written}\n\nImpact\nAn attacker can read all: {written}\n"
        f'--b\nContent-Type: application/zip\nContent-Disposition: attachment; filename="evil.example.zip"\n\nx\n--b--\n'
    )
    path = tmp_path / "a.eml"
    path.write_text(mail)
    said = triaged("explain", path).replace(str(path), "")
    assert said.count("evil") > 8
    assert not re.search(r"(?:https?:|//|\\\\|[a-z]:|(?<!\[)@|\w\.)\S*evil|192\.0|evil\.\w|> triaged", said)
    (told,) = explained(path)
    assert link in told["evidence"]["impact"]


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
