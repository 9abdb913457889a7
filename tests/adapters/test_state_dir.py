import os
import re
import subprocess
import sys
import tempfile

import pytest

from triaged.adapters.disk.state_dir import StateUnusable, prepare, secret_key


def test_it_is_made_private_with_its_parents(tmp_path):
    prepare(tmp_path / "a" / "b")
    prepare(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_a_file_in_its_place_says_so(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(StateUnusable, match=r"state: cannot be made \(File exists\); make it, owned by this user"):
        prepare(tmp_path / "state")


@pytest.mark.usefixtures("root")
def test_a_directory_of_another_user_says_so():
    child = """
import os, sys
from pathlib import Path
from triaged.adapters.disk.state_dir import StateUnusable, prepare
os.setuid(65534)
try:
    prepare(Path(sys.argv[1]))
except StateUnusable as error:
    print(error)
"""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", child, folder]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert said == f"{folder}: cannot be written by this user; run as its owner, or chown it\n"


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o720, 0o702, 0o2770])
@pytest.mark.parametrize("name", [".", "spool", "decisions", "journal.jsonl"])
def test_a_directory_in_which_others_can_write_is_refused(tmp_path, name, mode):
    (tmp_path / "spool").mkdir()
    (tmp_path / "decisions").mkdir()
    (tmp_path / "journal.jsonl").touch()
    prepare(tmp_path)
    (tmp_path / name).chmod(mode)
    path = re.escape(str(tmp_path / name))
    with pytest.raises(
        StateUnusable, match=rf"^{path}: other users can write to it \(mode {mode:04o}\); .* go-w {path}$"
    ):
        prepare(tmp_path)


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_directory_of_another_user_is_refused_though_it_can_be_written(mode):
    child = """
import os, sys
from pathlib import Path
from triaged.adapters.disk.state_dir import StateUnusable, prepare
os.setgid(65534); os.setuid(65534)
try:
    prepare(Path(sys.argv[1]))
except StateUnusable as error:
    print(error)
"""
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, 61_200, 65534)
        os.chmod(folder, mode)  # noqa: PTH101 - as it is
        said = subprocess.run([sys.executable, "-c", child, folder], check=True, capture_output=True, text=True).stdout
    assert said == f"{folder}: belongs to another user (uid 61200); run as that user, or chown it\n"


@pytest.mark.usefixtures("root")
def test_root_is_refused_another_users_directory_that_is_open_to_all(tmp_path):
    os.chown(tmp_path, 61_200, 61_200)
    prepare(tmp_path)
    (tmp_path / "pulse.json").touch()
    (tmp_path / "pulse.json").chmod(0o666)
    with pytest.raises(StateUnusable, match=r"pulse\.json: other users can write to it"):
        prepare(tmp_path)


def test_the_key_is_made_once_at_random_and_private(tmp_path):
    key = secret_key(tmp_path)
    assert len(key) == 32
    assert secret_key(tmp_path) == key
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "key").unlink()
    assert secret_key(tmp_path) != key


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is incomplete; restore it from a backup"),
        (b"ab" * 31, "is incomplete; restore it from a backup"),
        (b"ab" * 33, "is incomplete"),
        (b"xy" * 32, "is not the key of this store; restore it"),
        (b"\xff" * 32, "is not the key of this store"),
    ],
)
def test_a_key_that_is_none_is_refused_and_not_replaced(tmp_path, content, says):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(StateUnusable, match=says):
        secret_key(tmp_path)
    assert (tmp_path / "key").read_bytes() == content
