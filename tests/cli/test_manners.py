"""What people type before they have read anything, and what they mistype after that."""

import json
import sys
from datetime import UTC, datetime, timedelta

import click
import pytest

from tests.cli.conftest import COMPLETE, CONFIG, SILENT
from triaged import __version__
from triaged.cli import run
from triaged.cli import triaged as everything
from triaged.cli.decide import case as verbs
from triaged.cli.store import store

BARE = [(), ("case",), ("store",)]


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """Type something where there is no config at all."""
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)
    monkeypatch.setattr("triaged.config.loading.SYSTEM_CONFIG", tmp_path / "none.yaml")

    def said(*words, code=0):
        capsys.readouterr()
        ended = run(list(words))
        out, err = capsys.readouterr()
        assert ended == code, out + err
        return err if code else out

    return said


# Help.


@pytest.mark.parametrize("group", BARE)
def test_a_bare_group_prints_the_help_that_it_prints_when_asked(typed, group):
    shown = typed(*group)
    assert shown == typed(*group, "--help") == typed("help", *group)
    assert shown.startswith("Usage: triaged")
    assert len(shown.splitlines()) > 8


def test_bare_each_group_names_each_of_its_commands(typed):
    for group, commands in (
        (BARE[0], everything.list_commands(None)),
        (BARE[1], verbs.commands),
        (BARE[2], store.commands),
    ):
        listed = {line.split()[0] for line in typed(*group).splitlines() if line.startswith("  ") and line.strip()}
        assert set(commands) <= listed


EVERY = [
    *((name,) for name in everything.list_commands(None)),
    *(("case", "X", verb) for verb in verbs.commands),
    *(("store", name) for name in store.commands),
]


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
@pytest.mark.parametrize(
    "config", [(), ("--config", "/nope/triaged.yaml"), ("--config", "/")], ids=["none", "gone", "folder"]
)
def test_the_help_of_every_command_needs_no_config(typed, command, config):
    shown = typed(*config, *command, "--help")
    assert shown.startswith("Usage: triaged")
    words = [word for word in command if word != "X"]
    assert typed(*config, "help", *words).splitlines()[1:] == shown.splitlines()[1:]


def test_help_on_what_is_no_command_is_64(typed):
    assert "Did you mean cases" in typed("help", "casses", code=64)
    assert "Did you mean close" in typed("help", "case", "colse", code=64)
    assert "'show' has no commands of its own" in typed("help", "show", "case", code=64)


@pytest.mark.parametrize("words", [("version",), ("-V",), ("--version",)])
def test_the_version_is_told_in_every_way_of_asking(typed, words):
    assert typed(*words) == f"triaged, version {__version__}\n"


# Slips of the keys.


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("caes",), "cases"),
        (("Cases",), "cases"),
        (("digset",), "digest"),
        (("stroe", "verify"), "store"),
        (("store", "verfiy"), "verify"),
        (("case", "X", "traige"), "triage"),
        (("case", "X", "CLOSE", "fixed"), "close"),
        (("cases", "--ownr", "ann"), "--owner"),
        (("case", "X", "triage", "--sevrity", "high"), "--severity"),
        (("--cnofig", "x", "cases"), "--config"),
        (("close", "SEC-1111-1111", "fixed"), "triaged case CASE close"),
        (("case", "close", "SEC-1111-1111"), "triaged case SEC-1111-1111 close"),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(typed, words, meant):
    said = typed(*words, code=64)
    assert meant in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("word", ["zzzzzz", "\x1b[31mred", "a" * 5000, "é"])
def test_what_is_like_nothing_is_one_short_visible_line(typed, word):
    said = typed(word, code=64)
    assert "Did you mean" not in said
    assert len(said.splitlines()) == 1
    assert len(said) < 1100
    assert "\x1b" not in said


# Ids as people read them out and write them down.


@pytest.fixture
def known(fill, monkeypatch):
    """Two cases whose ids hold every digit that is read as another, one under another prefix."""
    ids = iter(("SEC-7Q01-2M10", "ACME-OIL-01K1-9XYZ"))
    monkeypatch.setattr("triaged.service.settling.case_id", lambda *_: next(ids))
    return fill(COMPLETE, SILENT)


WRITTEN = """\
SEC-7Q01-2M10|sec-7qo1-2mlo|7QOI2MIO|7q0l|SEC7QO12M1O|[SEC-7Q01-2M10]|SEC–7Q01–2M| sec 7q01 2m10 |ｓｅｃ－７ｑ０１－２ｍ１０"""


@pytest.mark.parametrize("written", WRITTEN.split("|"))
def test_an_id_is_found_however_it_is_written(triaged, known, written):
    assert triaged("show", written).startswith("SEC-7Q01-2M10 ")


@pytest.mark.parametrize("written", ["ACME-OIL-01K1-9XYZ", "acme-0il-o1k1-9xyz", "acmeoilolki9xyz", "OIKI9XYZ", "oiki"])
def test_another_prefix_is_as_good(triaged, known, written):
    assert triaged("show", written).startswith("ACME-OIL-01K1-9XYZ ")


@pytest.mark.parametrize("written", ["SEC-7Q0", "SEC", "SEC-", "ACME-OIL-", "7Q01-2M11", "7QU1", "ß" * 9])
def test_what_is_too_short_or_another_id_finds_nothing(triaged, known, written):
    assert "there is no such case" in triaged("show", written, code=66, err=True)


def test_an_id_that_begins_like_its_own_prefix_is_found_by_its_whole(triaged, fill, monkeypatch):
    ids = iter(("SEC-SEC1-1111", "SEC-1111-2222"))
    monkeypatch.setattr("triaged.service.settling.case_id", lambda *_: next(ids))
    fill(COMPLETE, SILENT)
    assert triaged("show", "sec1-1111").startswith("SEC-SEC1-1111 ")
    # Read with the prefix it is the other one's beginning.
    assert "more than one case begins so" in triaged("show", "sec1111", code=66, err=True)


# Dates.


@pytest.mark.parametrize("command", [("digest", "--date"), ("metrics", "--since")])
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_day_that_has_not_come_is_64_and_today_in_the_teams_zone_is_fine(triaged, three, config, command, zone):
    config.write_text(CONFIG.replace("timezone: UTC", f"timezone: {zone}"))
    today = datetime.now(UTC).date()
    for day in (today + timedelta(days=2), today + timedelta(days=4000), "9999-12-31"):
        said = triaged(*command, str(day), code=64, err=True)
        assert f"{day} is in the future; today is " in said
        assert len(said.splitlines()) == 1
    assert triaged(*command, str(today - timedelta(days=1)))


@pytest.mark.parametrize("command", [("digest", "--date"), ("metrics", "--since")])
@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31"])
def test_a_day_before_all_calendars_is_64(triaged, three, config, command, day):
    config.write_text(CONFIG.replace("timezone: UTC", "timezone: Asia/Tokyo"))
    assert "is too long ago" in triaged(*command, day, code=64, err=True)


@pytest.mark.parametrize("command", [("digest", "--date"), ("metrics", "--since")])
@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "", "2026-13-01", "-1d"])
def test_what_is_no_day_is_64(triaged, three, command, day):
    assert len(triaged(*command, day, code=64, err=True).splitlines()) == 1


# One of a thing.


def test_one_is_counted_as_one(triaged, fill):
    fill(COMPLETE)
    assert "1 case," in triaged("check", "--offline")
    assert "\n1 case, 1 of them a report." in triaged("metrics")
    assert triaged("store", "verify") == "whole: 1 case, 1 mail, 0 orphans\n"
    assert "0 mails owed" in triaged("status")
    for part in (triaged("digest"), triaged("status"), triaged("metrics"), triaged("check", "--offline")):
        assert not [
            word for word in ("1 mails", "1 cases", "1 reports", "1 acknowledgments") if f" {word}" in f" {part}"
        ]


# The terminal's width.


@pytest.mark.parametrize("columns", [200, 120, 100, 80, 60, 40, 26])
def test_cases_fit_the_terminal_and_keep_their_ids_and_subjects(triaged, three, monkeypatch, columns):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    header, *lines = click.unstyle(triaged("cases")).splitlines()
    assert all(len(line) <= columns for line in (header, *lines))
    assert {line.split()[0] for line in lines} == set(three)
    assert "SUBJECT" in header


def test_in_a_pipe_nothing_is_cut_whatever_columns_says(triaged, fill, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    subject = "A very long subject of a prompt injection " * 5 + "END"
    sender = f"{'reporter' * 7}@{'example' * 5}.org"
    long_subject = COMPLETE.replace(b"Prompt injection leaks the system prompt", subject.encode())
    (long,) = fill(long_subject.replace(b"ann@example.org", sender.encode()))
    (line,) = triaged("cases").splitlines()[1:]
    assert line.startswith(long)
    assert line.endswith("END")
    assert sender.replace("@", "[@]").replace(".", "[.]") in line


# Who.


def owner_of(triaged, case_id):
    return json.loads(triaged("show", case_id, "--json"))["owner"]


def test_me_is_stored_as_the_persons_name_and_understood_as_a_filter(triaged, three, monkeypatch):
    monkeypatch.setattr("triaged.cli.person._name_of", lambda _: "ana")
    monkeypatch.delenv("SUDO_USER", raising=False)
    triaged("case", three[0], "owner", "me")
    triaged("case", "--by", "bo", three[1], "owner", "ME")
    assert [owner_of(triaged, each) for each in three] == ["ana", "bo", None]
    assert [line.split()[0] for line in triaged("cases", "--owner", "me").splitlines()[1:]] == [three[0]]
    assert three[0] in triaged("digest", "--owner", "me")
    assert three[1] not in triaged("digest", "--owner", "me")
