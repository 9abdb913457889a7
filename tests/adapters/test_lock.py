import os
import subprocess
import sys

import pytest

from triaged.adapters.disk.lock import AlreadyRunning, locked

_HOLDER = """
import sys, time
from pathlib import Path
from triaged.adapters.disk.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(folder):
    child = subprocess.Popen([sys.executable, "-c", _HOLDER, str(folder)], stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"held\n"
    return child


def test_a_second_instance_is_refused_with_the_pid_of_the_first(tmp_path):
    with holder(tmp_path) as child:
        try:
            message = f"is in use by pid {child.pid}; stop that one first"
            with pytest.raises(AlreadyRunning, match=message) as refused, locked(tmp_path):
                pass
            assert refused.value.pid == str(child.pid)
        finally:
            child.kill()


def test_a_crash_lets_it_go(tmp_path):
    with holder(tmp_path) as child:
        child.kill()
    with locked(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_it_is_let_go_at_the_end_and_after_an_error(tmp_path):
    def fail():
        with locked(tmp_path):
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_this_process_too_is_refused_a_second_time(tmp_path):
    with locked(tmp_path), pytest.raises(AlreadyRunning, match=f"pid {os.getpid()}"), locked(tmp_path):
        pass


def test_a_pid_longer_than_the_new_one_leaves_nothing_behind(tmp_path):
    (tmp_path / "lock").write_text("12345678901234567890\n")
    with locked(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_child_of_the_holder_does_not_inherit_it(tmp_path):
    with locked(tmp_path):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        with locked(tmp_path):
            pass
    finally:
        child.kill()
        child.wait()


def test_the_state_directory_is_made_private(tmp_path):
    with locked(tmp_path / "new"):
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "new" / "lock").stat().st_mode & 0o777 == 0o600


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("words")
    (tmp_path / "lock").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic link"), locked(tmp_path):
        pass
    assert (tmp_path / "precious").read_text() == "words"
