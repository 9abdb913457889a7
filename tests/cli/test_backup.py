"""`triaged backup` and `triaged restore`: whole copies, restored whole or not at all, and nothing sent twice."""

import io
import json
import shutil
import sys
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import COMPLETE, HOSTILE, mail
from tests.support.traces import traces
from triaged.adapters.disk.lock import locked
from triaged.adapters.store.store import open_store
from triaged.adapters.store.verify import verify
from triaged.ports import TryLater

LATER = mail(
    "Cy <cy@later.example>", "SSRF in the webhook endpoint", "GET /v1/hooks reaches the metadata.\r\n", "later"
)
AWAY = TryLater("the server is away")


@pytest.fixture
def state(config):
    return config.parent / "state"


@pytest.fixture
def copy(tmp_path):
    return tmp_path / "copy"


def everything(state):
    with closing(open_store(state, read_only=True)) as store:
        return {case.id: case.history for case in store.cases()}, sorted(each.sha256 for each in store.arrivals())


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "lock"}


def lost(state):
    shutil.rmtree(state)


def test_a_backup_is_verified_and_brings_everything_back(three, triaged, state, copy):
    before = everything(state)
    assert "verified" in triaged("backup", copy)
    assert verify(copy).faults == ()
    assert {path.stat().st_mode & 0o777 for path in copy.rglob("*") if path.is_file()} == {0o600}
    lost(state)
    said = triaged("restore", copy, "--moved")
    assert "restored as of" in said
    assert everything(state) == before
    assert "whole" in triaged("store", "verify")
    assert not (state / "restored.draft").exists()


def test_a_backup_as_a_stream_brings_the_same_back(three, triaged, state, tmp_path, monkeypatch):
    before, tar = everything(state), tmp_path / "triaged.tar"
    out = io.TextIOWrapper(io.BytesIO())
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", out)
        triaged("backup", "-")
    tar.write_bytes(out.buffer.getvalue())
    lost(state)
    triaged("restore", tar, "--moved")
    assert everything(state) == before
    lost(state)
    with io.TextIOWrapper(io.BytesIO(tar.read_bytes())) as stream, monkeypatch.context() as patched:
        patched.setattr(sys, "stdin", stream)
        triaged("restore", "-", "--moved")
    assert everything(state) == before


def test_a_backup_into_a_folder_that_holds_something_is_refused(three, triaged, copy):
    copy.mkdir()
    (copy / "note").write_text("mine")
    assert "is not empty" in triaged("backup", copy, code=65, err=True)
    assert [path.name for path in copy.iterdir()] == ["note"]


def test_a_store_that_is_there_is_not_replaced_unless_it_is_named(fill, triaged, state, copy):
    fill(COMPLETE)
    triaged("backup", copy)
    fill(LATER)
    before = files(state)
    said = triaged("restore", copy, code=65, err=True)
    assert f"--force {state}" in said
    assert len(said.strip().splitlines()) == 1
    assert "nothing was restored" in triaged("restore", copy, "--force", copy, code=65, err=True)
    assert files(state) == before
    said = triaged("restore", copy, "--force", state)
    assert len(everything(state)[0]) == 1
    (aside,) = state.glob("before-restore-*")
    assert str(aside) in said
    assert len(everything(aside)[0]) == 2


def test_a_daemon_that_runs_is_not_restored_under(fill, triaged, state, copy):
    fill(COMPLETE)
    triaged("backup", copy)
    with locked(state):
        assert "in use" in triaged("restore", copy, "--force", state, code=74, err=True)
        assert "verified" in triaged("backup", copy.parent / "another")


def spoiled(copy, how):
    journal, (raw, *_) = copy / "journal.jsonl", sorted((copy / "spool").iterdir())
    match how:
        case "a mail is missing":
            raw.unlink()
        case "a mail is another":
            raw.write_bytes(b"From: x@y.example\r\n\r\n")
        case "the journal is cut":
            journal.write_bytes(journal.read_bytes()[:-40])
        case "there is no manifest":
            (copy / "backup.json").unlink()
        case "the manifest is none":
            (copy / "backup.json").write_text("[]")
        case "there is nothing":
            shutil.rmtree(copy)
            copy.mkdir()


@pytest.mark.parametrize(
    "how",
    [
        "a mail is missing",
        "a mail is another",
        "the journal is cut",
        "there is no manifest",
        "the manifest is none",
        "there is nothing",
    ],
)
def test_a_spoiled_backup_is_refused_in_one_sentence_and_nothing_is_touched(fill, triaged, state, copy, how):
    fill(COMPLETE, HOSTILE)
    triaged("backup", copy)
    fill(LATER)
    before = files(state)
    spoiled(copy, how)
    said = triaged("restore", copy, "--force", state, code=65, err=True)
    assert "nothing was restored" in said
    assert len(said.strip().splitlines()) == 1
    assert files(state) == before


@pytest.mark.parametrize("cut", [1, 700, 5000, -1200])
def test_a_stream_that_breaks_off_is_refused(fill, triaged, state, copy, tmp_path, cut):
    fill(COMPLETE, HOSTILE)
    triaged("backup", copy)
    tar = tmp_path / "t.tar"
    with tarfile.open(tar, "w") as packed:
        for path in (*sorted(copy.glob("spool/*")), copy / "journal.jsonl", copy / "key", copy / "backup.json"):
            packed.add(path, path.relative_to(copy).as_posix())
    content = tar.read_bytes()
    end = content.rindex(b'"triaged": "backup"')
    tar.write_bytes(content[: cut if cut > 0 else end + cut])
    lost(state)
    assert "nothing was restored" in triaged("restore", tar, code=65, err=True)
    assert not (state / "journal.jsonl").exists()


def test_a_stream_that_names_files_outside_is_refused(triaged, config, tmp_path):
    tar = tmp_path / "evil.tar"
    with tarfile.open(tar, "w") as packed:
        member = tarfile.TarInfo("spool/../../evil")
        packed.addfile(member, io.BytesIO(b""))
    assert "no file of a backup" in triaged("restore", tar, code=65, err=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil.tar", "state", "triaged.yaml"]


def test_a_letter_owed_by_the_backup_is_left_to_a_person_because_it_may_have_left_since(fill, triaged, state, copy):
    (case,) = fill(COMPLETE, outcomes=(AWAY,))
    triaged("backup", copy)
    lost(state)
    assert "1 letter may have left since then" in triaged("restore", copy)
    with closing(open_store(state, read_only=True)) as store:
        (letter,) = store.case(case).letters
        assert store.owed() == []
    assert letter.state == "uncertain"
    triaged("case", case, "resend")


def test_after_a_move_in_which_nothing_ran_it_is_still_owed(fill, triaged, state, copy):
    (case,) = fill(COMPLETE, outcomes=(AWAY,))
    triaged("backup", copy)
    lost(state)
    triaged("restore", copy, "--moved")
    with closing(open_store(state, read_only=True)) as store:
        assert [letter.state for letter in store.case(case).letters] == ["owed"]


def test_a_restore_remembers_the_time_of_which_it_knows_nothing(fill, triaged, state, copy):
    fill(COMPLETE)
    triaged("backup", copy)
    lost(state)
    triaged("restore", copy)
    with closing(open_store(state, read_only=True)) as store:
        (restored,) = store._storage.read()["restores"].values()
    assert restored["backup_at"] == json.loads((copy / "backup.json").read_text())["at"] < restored["restored_at"]


def test_mail_of_that_time_is_not_acknowledged_by_itself_and_later_mail_is(fill, triaged, state):
    fill(COMPLETE)
    now = datetime.now(UTC)
    with locked(state), closing(open_store(state)) as store:
        store.record_restore(now - timedelta(hours=2), now - timedelta(hours=1))
    (between,) = fill(LATER, ago=timedelta(minutes=90))
    (after,) = fill(HOSTILE, ago=timedelta(minutes=30))
    found = [json.loads(triaged("show", case, "--json"))["acknowledgment"] for case in (between, after)]
    assert [each["state"] for each in found] == ["withheld", "submitted"]
    assert "may have been answered" in found[0]["reason"]


def test_whom_the_replaced_store_had_erased_does_not_come_back(fill, triaged, state, copy):
    erased, kept = fill(HOSTILE, COMPLETE)
    triaged("backup", copy)
    triaged("erase", "eve@evil.example")
    assert traces(copy, "eve@evil.example")
    said = triaged("restore", copy, "--force", state)
    assert "before-restore-" in triaged("erase", "ann@example.org", "--dry-run")
    assert "1 erasure made since the backup: carried out again" in said
    shutil.rmtree(next(state.glob("before-restore-*")))
    assert traces(state, "eve@evil.example", "evil.example") == []
    assert json.loads(triaged("show", erased, "--json"))["erased_at"]
    assert "ann@example.org" in triaged("show", kept)


def test_an_empty_place_says_that_the_erased_are_back(fill, triaged, state, copy):
    fill(HOSTILE)
    triaged("backup", copy)
    lost(state)
    assert "erase them again" in triaged("restore", copy)


def test_a_restore_that_was_killed_bars_the_directory_until_it_is_run_again(fill, triaged, state, copy):
    fill(COMPLETE)
    triaged("backup", copy)
    (state / "restoring").write_text("")
    for command in (("cases",), ("store", "compact"), ("store", "verify"), ("backup", copy / "2")):
        assert "run triaged restore once more" in triaged(*command, code=74, err=True)
    triaged("restore", copy)
    assert len(json.loads(triaged("cases", "--json"))) == 1


def test_a_store_with_erasures_and_holds_of_this_format_opens_for_ever(triaged, state, copy):
    """stores/erased has a reporter who was erased, one on hold, and one who was left alone."""
    shutil.copytree(Path(__file__).parents[1] / "stores" / "erased", state)
    state.chmod(0o700)
    for path in state.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert verify(state).faults == ()
    with closing(open_store(state, read_only=True)) as store:
        cases, erasures = list(store.cases()), store.erasures()
    assert sorted((bool(case.erased_at), bool(case.hold)) for case in cases) == [
        (False, False),
        (False, True),
        (True, False),
    ]
    assert [len(each.cases) for each in erasures] == [1]
    triaged("backup", copy)
    lost(state)
    triaged("restore", copy, "--moved")
    assert everything(state)[0] == {case.id: case.history for case in cases}
