"""`triaged store verify` and `triaged store compact`."""

import json
import os
from contextlib import closing

import pytest

from triaged.adapters.disk.lock import locked
from triaged.adapters.store.store import open_store


@pytest.fixture
def state(config, three):
    return config.parent / "state"


def test_a_whole_store_is_said_to_be_whole_beside_a_running_daemon(triaged, state):
    with locked(state):
        assert triaged("store", "verify") == "whole: 3 cases, 3 mails, 0 orphans\n"
        found = json.loads(triaged("store", "verify", "--json"))
    assert found == {"cases": 3, "mails": 3, "faults": [], "orphans": [], "leftovers": []}


def test_what_is_wrong_is_said_line_by_line_and_is_65(triaged, state):
    victim = min((state / "spool").iterdir())
    victim.rename(state / "spool" / ("ab" * 32))
    said = triaged("store", "verify", code=65).splitlines()
    assert said[0].startswith(f"{victim}: this mail, of SEC-")
    assert said[0].endswith("is missing")
    assert (
        said[1]
        == f"spool/{'ab' * 32}: the store does not know this mail (see `triaged explain`); the next start takes it in"
    )
    assert said[2] == "1 fault: 3 cases, 3 mails, 1 orphan"


def test_a_store_that_does_not_read_is_65_too(triaged, state):
    (state / "cases.json").write_text("{")
    assert "cases.json: is damaged; restore" in triaged("store", "verify", code=65)


@pytest.mark.skipif(os.geteuid() != 0, reason="a folder in a mail's place cannot be read by anybody")
def test_a_mail_that_cannot_be_read_is_74(triaged, state):
    victim = min((state / "spool").iterdir())
    victim.unlink()
    victim.mkdir()
    assert "Is a directory" in triaged("store", "verify", code=74, err=True)


def test_a_copy_elsewhere_is_verified_without_any_settings(triaged, state, tmp_path, monkeypatch, config):
    state.rename(tmp_path / "copy")
    config.unlink()
    assert triaged("store", "verify", tmp_path / "copy").startswith("whole")


def test_no_state_yet_is_said_and_none_is_made(triaged, config):
    for command in ("verify", "compact"):
        assert "there is no state yet" in triaged("store", command, code=66, err=True)
    assert not (config.parent / "state").exists()


def test_compacting_makes_a_snapshot_and_changes_nothing_that_is_in_it(triaged, state):
    before = triaged("cases", "--json")
    assert not (state / "cases.json").exists()
    for _ in range(2):
        assert "bytes of snapshot and journal are now" in triaged("store", "compact")
    assert (state / "journal.jsonl").stat().st_size < 100
    assert triaged("cases", "--json") == before
    assert triaged("store", "verify").startswith("whole")
    with closing(open_store(state)) as store:
        assert len(list(store.cases())) == 3


def test_compacting_beside_a_running_daemon_is_refused_and_does_nothing(triaged, state):
    before = (state / "journal.jsonl").read_bytes()
    with locked(state):
        assert "is in use by pid" in triaged("store", "compact", code=74, err=True)
    assert (state / "journal.jsonl").read_bytes() == before
    assert not (state / "cases.json").exists()
