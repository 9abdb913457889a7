import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import COMPLETE, CONFIG
from tests.support.receiver import SECRET
from tests.support.scripted_clamd import scripted_clamd
from triaged.adapters.clamd import Clamd
from triaged.adapters.notify import write_pulse
from triaged.cli import run
from triaged.config.loading import SYSTEM_CONFIG
from triaged.ports import Pulse, TryLater

NOW = datetime.now(UTC)
WEBHOOK = "{url: https://hooks.example.com/p4th, secret_file: hook}"


def test_all_well_is_0(triaged, fill):
    fill(COMPLETE)
    assert "all is well - 1 open, 0 overdue, 0 mails owed" in triaged("status")
    told = json.loads(triaged("status", "--json"))
    assert set(told) >= {"healthy", "last_poll_at", "owed", "oldest_owed_at", "open", "overdue", "seen"}
    assert (told["healthy"], told["seen"]["opened"]) == (True, 1)


def test_what_is_overdue_or_refused_is_1(triaged, fill, three):
    assert "1 acknowledgment failed" in triaged("status", code=1)
    fill(COMPLETE + b"more", ago=timedelta(days=30))
    assert "1 overdue" in triaged("status", code=1)


TEMPLATES = [
    ("/nope", {}, "templates: /nope does not exist; make the folder"),
    ("nope", {}, "/nope does not exist; make the folder"),
    ("triaged.yaml", {}, "triaged.yaml is not a folder"),
    ("own", {"acknowledgement-complete.txt.j2": "x"}, "did you mean acknowledgment-complete.txt.j2?"),
    ("own", {"Digest.txt.j2": "x"}, "did you mean digest.txt.j2?"),
    ("own", {"digest.txt": "x"}, "did you mean digest.txt.j2?"),
    ("own", {"digest.txt.jinja2": "x"}, "did you mean digest.txt.j2?"),
    ("own", {"digest.txt.j2.txt": "x"}, "did you mean digest.txt.j2?"),
    ("own", {"templates/digest.txt.j2": "x"}, "own/templates/digest.txt.j2: no mail is written from"),
    (
        "own",
        {"footer.j2": "x"},
        "footer.j2: no mail is written from a template of that name; the templates there are: ",
    ),
    ("own", {"update.txt.j2": ""}, "own/update.txt.j2: it renders to nothing"),
    ("own", {"alarm.txt.j2": " \n\t\u00a0\u200b\n"}, "own/alarm.txt.j2: it renders to nothing"),
    ("own", {"alert.txt.j2": "{# all of it #}"}, "own/alert.txt.j2: it renders to nothing"),
    ("own", {"update.txt.j2": "{% if false %}words{% endif %}"}, "own/update.txt.j2: it renders to nothing"),
    (
        "own",
        {"digest.html.j2": "<html><title>t</title><body>&nbsp;</body>"},
        "own/digest.html.j2: it renders to nothing",
    ),
    ("own", {"acknowledgment.txt.j2": "\n"}, "own/acknowledgment.txt.j2: it renders to nothing"),
    ("own", {"digest.txt.j2": b"\xff\xfe"}, "own/digest.txt.j2: it cannot be read as UTF-8 text"),
    ("own", {"update.txt.j2": '{% include "gone.j2" %}'}, "own/update.txt.j2:1: TemplateNotFound: 'gone.j2'"),
    ("own", {"update.txt.j2": '{{ "\\ud800" }}'}, "own/update.txt.j2: UnicodeEncodeError"),
]


@pytest.mark.parametrize(("folder", "files", "says"), TEMPLATES)
def test_templates_that_no_mail_can_be_written_from_are_one_fault_to_check_and_at_the_start(
    triaged, config, folder, files, says
):
    write_templates(config.parent / "own", files)
    config.write_text(f"{CONFIG}templates: {folder}\n")
    (line,) = [line for line in triaged("check", "--offline", code=78).splitlines() if " templates " in line]
    assert line.startswith("fault ")
    said = triaged("run", "--once", code=78, err=True)
    assert says in said
    assert len(said.splitlines()) == 1
    assert not (config.parent / "state").exists()


FINE = [
    {},
    {"README.md": "Ours.", ".git/HEAD": "x", ".digest.txt.j2.swp": b"\xff", "Makefile": "all:"},
    {"digest.txt.j2~": "", "alert.txt.j2.bak": "", "update.txt.j2.dpkg-old": b"\xff", "#digest.txt.j2#": ""},
    {"alert.txt.j2": '{% include "footer.j2" %}', "footer.j2": '{% import "m/deep.j2" as deep %}x', "m/deep.j2": "y"},
    {"acknowledgment-complete.txt.j2": '{% extends "frame.j2" %}', "frame.j2": "Case {{ reply.case_id }}."},
]


@pytest.mark.parametrize("files", FINE)
def test_what_lies_beside_the_templates_or_is_part_of_one_is_no_fault(triaged, config, files):
    write_templates(config.parent / "own", files)
    config.write_text(f"{CONFIG}templates: own\n")
    assert "ok      templates     every mail renders" in triaged("check", "--offline")


def test_explain_names_the_template_that_the_answer_cannot_be_written_from(triaged, config, tmp_path):
    write_templates(config.parent / "own", {"acknowledgment-complete.txt.j2": "{{ reply.nothing }}"})
    config.write_text(f"{CONFIG}templates: own\n")
    (tmp_path / "a.eml").write_bytes(COMPLETE)
    said = triaged("explain", tmp_path / "a.eml", code=78, err=True)
    assert "own/acknowledgment-complete.txt.j2:1: UndefinedError" in said
    assert len(said.splitlines()) == 1


def write_templates(folder, files):
    folder.mkdir()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def test_a_template_that_is_a_link_to_nothing_is_a_fault_and_not_the_shipped_one(triaged, config):
    write_templates(config.parent / "own", {})
    (config.parent / "own" / "digest.txt.j2").symlink_to("/nope/digest.txt.j2")
    config.write_text(f"{CONFIG}templates: own\n")
    assert "digest.txt.j2: it cannot be read" in triaged("check", "--offline", code=78)


@pytest.mark.parametrize(
    ("pulse", "says"),
    [
        (Pulse(last_poll_at=NOW - timedelta(hours=1)), "is the daemon running?"),
        (Pulse(trouble="imap: no route", trouble_since=NOW), "the mailbox has not been read since"),
        (Pulse(), "the mailbox has never been read"),
    ],
)
def test_a_mailbox_that_is_not_read_is_2(triaged, fill, config, pulse, says):
    fill(COMPLETE)
    write_pulse(config.parent / "state", pulse)
    assert says in triaged("status", code=2)
    assert json.loads(triaged("status", "--json", code=2))["healthy"] is False


def test_a_mail_that_is_owed_shows_in_the_status(triaged, fill):
    fill(COMPLETE, outcomes=(TryLater("451 greylisted"),))
    told = json.loads(triaged("status", "--json"))
    assert told["owed"] == 1
    assert told["oldest_owed_at"].endswith("Z")


def test_an_offline_check_has_a_line_a_check(triaged):
    said = triaged("check", "--offline")
    states = {line[8:22].strip(): line.split()[0] for line in said.splitlines()}
    assert {name for name, state in states.items() if state != "ok"} == {"trust"}
    for name in ("config", "policy", "templates", "state", "credentials", "clock", "loop guard"):
        assert f" {name} " in said
    assert "secret words" not in said


def test_a_fault_names_its_remedy_and_sets_the_code(triaged, config, monkeypatch, tmp_path):
    monkeypatch.delenv("TRIAGED_PASSWORD")
    assert "$TRIAGED_PASSWORD is not set" in triaged("check", "--offline", code=78)
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "acknowledgment-complete.txt.j2").write_text("\n{% if %}\n")
    config.write_text(CONFIG + "templates: templates\n")
    monkeypatch.setenv("TRIAGED_PASSWORD", "x")
    assert "acknowledgment-complete.txt.j2:2" in triaged("check", "--offline", code=78)
    # Nor does it run: whichever mail the template is of, its hour would come.
    (templates / "acknowledgment-complete.txt.j2").rename(templates / "alert.txt.j2")
    assert "alert.txt.j2:2" in triaged("run", "--once", code=78, err=True)


def test_where_alerts_go_has_its_line_and_a_program_that_is_not_there_is_a_fault(triaged, config):
    assert "alerts        mailed to team@smallest.ai" in triaged("check", "--offline")
    config.write_text(CONFIG + "alerts: {command: [/no/such/page]}\n")
    assert "/no/such/page cannot be run" in triaged("check", "--offline", code=78)
    config.write_text(CONFIG + "alerts: {command: [/bin/true], to: [pager@smallest.ai]}\n")
    assert "mailed to pager@smallest.ai, and given to /bin/true" in triaged("check", "--offline")
    config.write_text(CONFIG + f"alerts: {{webhook: {WEBHOOK}}}\n")
    (config.parent / "hook").write_text(SECRET)
    (config.parent / "hook").chmod(0o600)
    said = triaged("check", "--offline")
    assert "mailed to team@smallest.ai, and posted to hooks.example.com\n" in said
    assert "p4th" not in said
    config.write_text(CONFIG + "alerts: {enabled: false}\n")
    assert "alerts.enabled is false" in triaged("check", "--offline")


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("", "ok      updates       replies.updates is off"),
        ("replies: {updates: {enabled: true}}\n", "warning updates       replies.updates is on, but"),
        (
            "replies: {updates: {enabled: true, in_a_row: 3}}\ntrust: {authserv_id: mx.smallest.ai}\n",
            "ok      updates       at most 3 in a row",
        ),
    ],
)
def test_whether_automatic_updates_can_go_has_its_line(triaged, config, more, line):
    config.write_text(CONFIG + more)
    assert line in triaged("check", "--offline")


def test_a_secret_that_cannot_be_read_or_is_none_is_a_fault(triaged, config):
    config.write_text(CONFIG + f"alerts: {{webhook: {WEBHOOK}}}\n")
    secret = config.parent / "hook"
    said = triaged("check", "--offline", code=78)
    assert f"{secret}: the secret for hooks.example.com cannot be read: No such file or directory" in said
    secret.write_text("correct horse")
    said = triaged("check", "--offline", code=78)
    assert "the secret of alerts.webhook must be whsec_ and the base64 of 24 to 64 bytes; make one with" in said
    assert "correct horse" not in said
    assert "p4th" not in said
    assert "must be whsec_" in triaged("run", "--once", code=78, err=True)
    secret.write_text(SECRET)
    secret.chmod(0o644)
    assert f"chmod 600 {secret}" in triaged("check", "--offline")


def test_a_password_that_others_can_read_is_a_warning(triaged, config):
    password = config.parent / "password"
    password.write_text("x")
    password.chmod(0o644)
    config.write_text(CONFIG.replace("password_env: TRIAGED_PASSWORD", "password_file: password"))
    assert f"chmod 600 {password}" in triaged("check", "--offline")


def test_without_a_config_the_places_looked_at_are_named(capsys, monkeypatch):
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)
    assert run(["cases"]) == 78
    assert f"name it with --config or $TRIAGED_CONFIG, or put it at {SYSTEM_CONFIG}" in capsys.readouterr().err


def test_an_unknown_command_is_64_and_help_lists_them_all(capsys):
    assert run(["frobnicate"]) == 64
    assert run(["--help"]) == 0
    said = capsys.readouterr().out
    for name in ("demo", "check", "run", "explain", "cases", "show", "case", "digest", "status"):
        assert f"  {name} " in said


def scanner_line(triaged) -> str:
    """What `check` says of the scanner; there is no mailbox, which is 69."""
    return next(line for line in triaged("check", code=69).splitlines() if " clamd " in line)


def test_a_scanner_has_its_line_and_is_never_a_fault(triaged, config):
    assert scanner_line(triaged).split() == "ok clamd attachments.clamd is not set: attachments are not scanned".split()
    with scripted_clamd() as clamd:
        config.write_text(CONFIG + f"attachments: {{clamd: '{clamd.address}'}}\n")
        said = scanner_line(triaged)
    assert said.startswith("ok ")
    assert "127.0.0.1:" in said
    assert " answers, ClamAV 1.4.1/27400" in said
    config.write_text(CONFIG + "attachments: {clamd: /nowhere/clamd.ctl}\n")
    said = scanner_line(triaged)
    assert said.startswith("warning ")
    assert "clamd at /nowhere/clamd.ctl: its socket is not there; does clamd run?; mails wait a day for it" in said


def test_a_scanner_on_another_host_gets_mail_unencrypted_and_that_is_said(triaged, config, monkeypatch):
    monkeypatch.setattr(Clamd, "probe", lambda self: "ClamAV 1")
    config.write_text(CONFIG + "attachments: {clamd: 'scanner.example:3310'}\n")
    said = scanner_line(triaged)
    assert said.startswith("warning ")
    assert "mails travel there unencrypted" in said


@pytest.mark.parametrize("words", [("check", "--offline"), ("run", "--once"), ("store", "compact")], ids=" ".join)
def test_a_state_directory_that_is_open_to_others_is_a_fault(triaged, three, config, words):
    (config.parent / "state").chmod(0o777)
    said = triaged(*words, code=74) if words[0] == "check" else triaged(*words, code=74, err=True)
    assert "state: other users can write to it (mode 0777)" in said


def test_a_fault_at_the_start_has_its_priority_in_the_journal_and_there_alone(config, tmp_path):
    config.write_text("identity: 1\nmailbox: 2\n")

    def said(of_another=0):
        with (tmp_path / "journal").open("w+b") as journal:
            stream = os.fstat(journal.fileno())
            done = subprocess.run(
                [sys.executable, "-m", "triaged", "--config", str(config), "run"],
                stderr=journal,
                env={**os.environ, "JOURNAL_STREAM": f"{stream.st_dev}:{stream.st_ino + of_another}"},
                check=False,
            )
            journal.seek(0)
            return done.returncode, journal.read().decode().splitlines()

    code, lines = said()
    assert code == 78
    assert len(lines) > 2
    assert all(line.startswith(f"<3>triaged: {config}:") for line in lines)
    # A shell that was started by a service inherits the variable.
    assert all(line.startswith(f"triaged: {config}:") for line in said(of_another=1)[1])
