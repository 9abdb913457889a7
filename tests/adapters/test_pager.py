import sys
import threading
import time

import pytest

from triaged.adapters.pager import CommandPager
from triaged.ports import TryLater


def program(text):
    return [sys.executable, "-c", text]


def test_it_is_given_the_body_on_standard_input_and_its_arguments_as_they_are(tmp_path):
    file = tmp_path / "told"
    text = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(sys.argv[2].encode() + sys.stdin.buffer.read())"
    CommandPager([*program(text), str(file), "$HOME; ls"]).page('{"a": "é"}')
    assert file.read_text() == '$HOME; ls{"a": "é"}'


def test_what_it_says_goes_nowhere(capfd):
    CommandPager(program("import sys; print('out'); print('err', file=sys.stderr)")).page("{}")
    assert capfd.readouterr() == ("", "")


def test_one_that_reads_nothing_is_no_failure():
    assert CommandPager(program("pass")).page("x" * 1_000_000) is None


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["/no/such/program"], "/no/such/program could not be run: No such file or directory"),
        (program("raise SystemExit(3)"), "ended with 3"),
    ],
)
def test_a_failure_is_one_sentence(command, says):
    with pytest.raises(TryLater, match=says):
        CommandPager(command).page("{}")


def test_one_that_hangs_is_ended_with_all_that_it_started(tmp_path):
    file = tmp_path / "late"
    child = f"import time, pathlib; time.sleep(3); pathlib.Path({str(file)!r}).touch()"
    text = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    with pytest.raises(TryLater, match="did not end within 1 s"):
        CommandPager(program(text), within=1.0).page("{}")
    time.sleep(4)
    assert not file.exists()


def test_it_is_ended_at_once_from_another_thread_and_runs_nothing_more():
    pager = CommandPager(program("import time; time.sleep(60)"), within=50.0)
    threading.Timer(0.5, pager.abort).start()
    with pytest.raises(TryLater, match="ended with -9"):
        pager.page("{}")
    with pytest.raises(TryLater, match="triaged stops"):
        pager.page("{}")
