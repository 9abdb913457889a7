import hashlib
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.adapters.disk.spool import FileSpool
from triaged.ports import StateFault, TryLater

RAW = b"From: ann@example.org\r\n\r\n\0\xff bytes\n"
NAME = hashlib.sha256(RAW).hexdigest()


@pytest.fixture
def spool(tmp_path):
    before = os.umask(0)
    yield FileSpool(tmp_path / "spool")
    os.umask(before)


def test_a_mail_is_kept_byte_for_byte_under_its_sha256(spool, tmp_path):
    assert spool.keep(RAW) == NAME
    assert spool.read(NAME) == RAW
    assert FileSpool(tmp_path / "spool").read(NAME) == RAW


def test_folder_and_files_are_for_their_owner_alone_whatever_the_umask(spool, tmp_path):
    spool.keep(RAW)
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "spool" / NAME).stat().st_mode & 0o777 == 0o600


def test_the_same_bytes_are_kept_once(spool, tmp_path):
    first = spool.keep(RAW)
    made = (tmp_path / "spool" / NAME).stat()
    assert spool.keep(RAW) == first
    assert (tmp_path / "spool" / NAME).stat() == made
    assert [path.name for path in (tmp_path / "spool").iterdir()] == [NAME]


def test_the_steps_to_a_durable_name_come_in_their_order(tmp_path):
    """Traced in a child: the bytes are synced before they have their name, the folder is synced before `keep` returns."""
    child = """
import os, sys
from pathlib import Path
from triaged.adapters.disk.spool import FileSpool
spool, steps = FileSpool(Path(sys.argv[1])), []
def audit(event, arguments):
    if event == "os.rename":
        steps.append("rename")
def sync(file, real=os.fsync):
    real(file)
    steps.append("folder" if os.path.isdir(f"/proc/self/fd/{file}") else "bytes")
sys.addaudithook(audit)
os.fsync = sync
spool.keep(b"a mail")
steps.append("kept")
spool.keep(b"a mail")
print(steps)
"""
    command = [sys.executable, "-c", child, str(tmp_path / "spool")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said.strip() == "['bytes', 'rename', 'folder', 'kept', 'folder']"


@pytest.mark.parametrize("name", ["", "../key", NAME[:-1], NAME.upper(), f"{NAME}\n", f"{NAME}.draft", "/" + NAME[1:]])
def test_what_is_no_name_is_not_looked_for(spool, name):
    spool.keep(RAW)
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        spool.read(name)


def test_a_mail_that_is_not_here_is_not_found(spool):
    with pytest.raises(FileNotFoundError):
        spool.read("0" * 64)


@given(st.binary(max_size=300))
def test_nothing_in_a_mail_can_choose_its_file_name(raw):
    with tempfile.TemporaryDirectory() as folder:
        spool = FileSpool(Path(folder) / "spool")
        name = spool.keep(raw)
        assert spool.read(name) == raw
        assert [path.relative_to(folder).parts for path in Path(folder).rglob("*")] == [("spool",), ("spool", name)]
        assert name == hashlib.sha256(raw).hexdigest()


def test_drafts_of_a_crash_are_swept_and_mail_stays(spool, tmp_path):
    spool.keep(RAW)
    draft = tmp_path / "spool" / f"{'0' * 64}.draft"
    draft.write_bytes(b"half a mai")
    assert FileSpool(tmp_path / "spool").read(NAME) == RAW
    assert not draft.exists()


def test_a_draft_that_is_a_link_is_not_followed(spool, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"precious")
    (tmp_path / "spool" / f"{NAME}.draft").symlink_to(elsewhere)
    with pytest.raises(StateFault, match="the disk failed"):
        spool.keep(RAW)
    assert elsewhere.read_bytes() == b"precious"


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")
def test_on_a_full_disk_a_mail_stays_on_the_server_and_is_kept_once_there_is_room(tmp_path):
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", tmp_path], check=False, capture_output=True, text=True
    )
    if mount.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mount.stderr.strip()}")
    try:
        spool, big = FileSpool(tmp_path / "spool"), b"x" * 50_000
        with (tmp_path / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
            ballast.write(b"x" * 100_000)
        with pytest.raises(TryLater, match="the disk is full; mail stays on the server until it has room"):
            spool.keep(big)
        assert list((tmp_path / "spool").iterdir()) == []
        (tmp_path / "ballast").unlink()
        assert spool.read(spool.keep(big)) == big
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_a_mail_that_the_disk_does_not_give_is_a_fault_of_the_state_and_not_of_the_mail(spool, tmp_path):
    spool.keep(RAW)
    (tmp_path / "spool" / NAME).unlink()
    (tmp_path / "spool" / NAME).mkdir()
    with pytest.raises(StateFault, match="the disk failed"):
        spool.read(NAME)


def test_what_is_kept_is_listed_and_drafts_and_strange_files_are_not(spool, tmp_path):
    spool.keep(RAW)
    (tmp_path / "spool" / "notes.txt").write_text("mine")
    (tmp_path / "spool" / ("0" * 64)).mkdir()
    (tmp_path / "spool" / f"{NAME}.draft").write_bytes(b"half a mai")
    assert spool.names() == (NAME,)


def test_a_mail_that_is_not_what_its_name_says_was_not_kept_at_any_time(spool, tmp_path):
    spool.keep(RAW)
    assert spool.kept_at(NAME) is not None
    (tmp_path / "spool" / NAME).write_bytes(RAW + b"x")
    assert spool.kept_at(NAME) is None


def test_the_name_of_a_mail_is_durable_before_it_is_said_when_it_was_kept(spool, tmp_path, monkeypatch):
    spool.keep(RAW)
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(Path(f"/proc/self/fd/{file}").readlink()))
    spool.kept_at(NAME)
    assert synced == [tmp_path / "spool"]
