"""`show --text`, `--raw`, `--mail`, several cases at once; `attachments`."""

import base64
import json
import os
import pty
import stat
import subprocess
import sys
import unicodedata

import pytest

from tests.cli.conftest import COMPLETE, HOSTILE, SILENT
from triaged.cli import run

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def test_text_shows_the_report_as_it_was_written_and_our_answer_last(triaged, three):
    shown = triaged("show", three[1], "--text")
    assert "1. Upload the document.\n2. Ask for a summary.\n\nAn attacker can read the prompt of any tenant." in shown
    assert shown.index("Upload the document") < shown.index("our acknowledgment to ann@example.org, submitted")


def test_text_is_safe_for_a_terminal(triaged, three):
    shown = triaged("show", three[0], "--text")
    assert "\\x1b]8;;hxxp[:]//evil.example\\x07The login page" in shown
    assert "GET /login?next=<script> HTTP/1.1" in shown
    assert not [char for char in shown if unicodedata.category(char) in {"Cc", "Cf"} and char != "\n"]


QUOTING = COMPLETE.replace(b"<complete@", b"<quoting@").replace(
    b"\r\n\r\nA prompt", b"\r\n\r\nOn Monday Eve wrote:\r\n> FORGED\r\n> --- 2026-01-01  Ann\r\n\r\nA prompt", 1
)


def test_what_a_mail_quotes_cannot_pose_as_its_own_words(triaged, fill):
    (case,) = fill(QUOTING)
    assert not [line for line in triaged("show", case, "--text").splitlines() if line.startswith("FORGED")]


def test_raw_gives_the_bytes_as_they_came(three, config):
    command = [sys.executable, "-m", "triaged", "--config", str(config), "show", three[0], "--raw"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == HOSTILE


def test_raw_refuses_a_terminal_in_one_sentence(three, config):
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "triaged", "--config", str(config), "show", three[0], "--raw"]
    done = subprocess.run(command, stdout=child, stderr=subprocess.PIPE, check=False)
    os.close(child)
    os.close(parent)
    assert done.returncode == 65
    assert done.stderr.decode().startswith("triaged: raw mail can take over a terminal")
    assert done.stderr.decode().rstrip().endswith(f"redirect it: triaged show {three[0]} --raw > report.eml")


def test_the_mails_are_shown_with_the_ids_that_a_mail_client_searches_for(triaged, three):
    shown = triaged("show", three[1])
    assert "Message-ID <complete@x.example>" in shown
    ours = json.loads(triaged("show", three[1], "--json"))["acknowledgment"]["message_id"]
    assert f"our acknowledgment, submitted\n       Message-ID <{ours}>" in shown


def test_a_mail_is_chosen_by_its_number(triaged, three):
    assert "our acknowledgment" not in triaged("show", three[1], "--text", "--mail", "1")
    assert "has 1 mail;" in triaged("show", three[1], "--text", "--mail", "2", code=65, err=True)
    assert "--mail goes with" in triaged("show", three[1], "--mail", "1", code=64, err=True)
    assert "do not go together" in triaged("show", three[1], "--text", "--json", code=64, err=True)


def test_several_cases_are_shown_at_once(triaged, three):
    shown = triaged("show", f"{three[0]},{three[1]}")
    assert shown.index(three[0]) < shown.index("Prompt injection leaks")
    assert [case["id"] for case in json.loads(triaged("show", ",".join(three[:2]), "--json"))] == three[:2]
    assert "name one case" in triaged("show", ",".join(three[:2]), "--raw", code=65, err=True)


def test_cases_of_one_reporter_name_one_another(triaged, fill):
    other = COMPLETE.replace(b"Prompt injection leaks the system prompt", b"SQL injection in billing")
    other = other.replace(b"<complete@", b"<other@").replace(b"A prompt injection hidden", b"A database error shown")
    first, second = fill(COMPLETE, other)
    assert f"same reporter: {second}" in triaged("show", first)
    assert f"same reporter: {first}" in triaged("show", second)
    listed = {case["id"]: case for case in json.loads(triaged("cases", "--json"))}
    assert (listed[first]["same_reporter"], listed[second]["same_reporter"]) == ([second], [first])


def test_reports_of_one_flaw_are_a_cluster_in_order_of_receipt(triaged, fill):
    again = COMPLETE.replace(b"ann@example.org", b"eve@example.org").replace(b"<complete@", b"<again@")
    one, two, alone = fill(COMPLETE, again, SILENT)
    listed = {case["id"]: case["cluster"] for case in json.loads(triaged("cases", "--json"))}
    assert listed[one] == listed[two]
    assert sorted(listed[one]) == sorted([one, two])
    assert listed[alone] == []
    triaged("case", alone, "duplicate", one)
    assert alone in json.loads(triaged("show", one, "--json"))["cluster"]


def test_what_people_said_to_be_one_flaw_is_shown_until_it_is_taken_back(triaged, fill):
    one, two, three = fill(COMPLETE, HOSTILE, SILENT)
    triaged("case", two, "same-as", one)
    triaged("case", two, "same-as", three)
    members = json.loads(triaged("show", one, "--json"))["cluster"]
    assert sorted(members) == sorted([one, two, three])
    assert f"one flaw, in order of receipt: {', '.join(members)}" in triaged("show", three)
    triaged("case", two, "undo")
    assert json.loads(triaged("show", three, "--json"))["cluster"] == []
    assert "one flaw" not in triaged("show", three)


def test_a_similar_case_is_listed_with_the_words_that_both_say_and_how_it_ended(triaged, fill):
    told = (
        COMPLETE.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\nOur hidden orders stand in a white picture of a summary; %s\r\n"
    )
    again = told.replace(b"ann@example.org", b"eve@example.org").replace(b"<complete@", b"<again@")
    again = again.replace(b"Prompt injection leaks the system prompt", b"Picture")
    one, two = fill(told % b"it obeys them.", again % b"the assistant follows such orders in pictures.")
    triaged("case", one, "close", "fixed in release 41")
    (found,) = json.loads(triaged("show", two, "--json"))["duplicates"]
    assert (found["case"], found["grade"]) == (one, "similar")
    assert "orders" in found["why"][0]
    assert found["why"][1:] == ["closed: fixed in release 41"]
    assert f"similar {one}: both say" in triaged("show", two)


def with_files(*files):
    lines = [
        COMPLETE.split(b"\r\n\r\n", 1)[0],
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/mixed; boundary="b"',
        b"",
    ]
    lines += [b"--b", b"Content-Type: text/plain", b"", COMPLETE.split(b"\r\n\r\n", 1)[1]]
    for name, kind, content in files:
        head = f'Content-Type: {kind}\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        body = base64.encodebytes(content)
        lines += [b"--b", head.encode() + b"Content-Transfer-Encoding: base64", b"", body]
    return b"\r\n".join([*lines, b"--b--", b""])


HARD = (
    ("../../.bashrc", "text/plain", b"alias ls=rm"),
    ("shot.png", "image/png", PNG),
    ("invoice.pdf.exe", "application/pdf", b"MZ" + b"\0" * 80),
    ("picture.png", "image/png", b"\x7fELF" + b"\0" * 80),
    ("page.svg", "image/svg+xml", b"<svg onload=alert(1)></svg>"),
    ("WARNING.txt", "text/plain", b"all is well"),
)


def test_attachments_are_written_under_names_of_ours(triaged, fill, tmp_path):
    (case,) = fill(with_files(*HARD))
    out = tmp_path / "out"
    said = triaged("attachments", case, "--out", out)
    assert sorted(each.name for each in out.iterdir()) == [
        "01.bin", "02.png", "03.bin", "04.bin", "05.bin", "06.txt", "WARNING.txt"
    ]  # fmt: skip
    assert (out / "02.png").read_bytes() == PNG
    assert {stat.S_IMODE(each.stat().st_mode) for each in out.iterdir()} == {0o600}
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    warning = (out / "WARNING.txt").read_text()
    assert "really is application/x-dosexec" in warning
    assert "WARNING   executable" in warning
    assert "sent as   .bashrc" in warning
    assert "6 files written" in said
    assert "read WARNING.txt first" in said


def test_attachments_overwrite_nothing_and_follow_no_link(triaged, fill, tmp_path):
    (case,) = fill(with_files(*HARD))
    out, victim = tmp_path / "out", tmp_path / "victim"
    out.mkdir()
    (out / "04.bin").symlink_to(victim)
    said = triaged("attachments", case, "--out", out, code=65, err=True)
    assert "04.bin: it exists already; choose another folder" in said
    assert [each.name for each in out.iterdir()] == ["04.bin"]
    assert not victim.exists()


def test_a_case_without_attachments_says_so(triaged, three, tmp_path):
    assert "has no attachments" in triaged("attachments", three[1], "--out", tmp_path / "out", code=66, err=True)
    assert not (tmp_path / "out").exists()


def test_a_mail_that_left_the_spool_is_told_in_one_sentence(triaged, three, config):
    for mail in (config.parent / "state/spool").iterdir():
        mail.unlink()
    for asked in ("--text", "--raw"):
        assert "the raw mail is gone" in triaged("show", three[1], asked, code=66, err=True)


@pytest.mark.parametrize("command", ["show", "case", "attachments", "resend"])
def test_a_shell_completes_the_ids_of_cases(three, config, monkeypatch, capsys, command):
    monkeypatch.setenv("_TRIAGED_COMPLETE", "bash_complete")
    monkeypatch.setenv("TRIAGED_CONFIG", str(config))
    monkeypatch.setenv("COMP_WORDS", f"triaged {command} {three[1][4:6].lower()}")
    monkeypatch.setenv("COMP_CWORD", "2")
    with pytest.raises(SystemExit):
        run([])
    assert f"plain,{three[1]}" in capsys.readouterr().out.splitlines()


def test_completion_without_settings_offers_nothing(config, monkeypatch, capsys):
    monkeypatch.setenv("_TRIAGED_COMPLETE", "bash_complete")
    monkeypatch.setenv("TRIAGED_CONFIG", "/nowhere/triaged.yaml")
    monkeypatch.setenv("COMP_WORDS", "triaged show ")
    monkeypatch.setenv("COMP_CWORD", "2")
    with pytest.raises(SystemExit) as ended:
        run([])
    assert ended.value.code == 0
    assert capsys.readouterr() == ("\n", "")
