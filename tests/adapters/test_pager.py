import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.support.values import NOON
from triaged.adapters.paging.program import CommandPager
from triaged.core.case.owner import ToTeam
from triaged.ports import Page, TryLater


def program(text):
    return [sys.executable, "-c", text]


def told(body):
    return Page(ToTeam("alert", "000001"), NOON, body, "alert-1@smallest.ai")


def test_it_is_given_the_body_on_standard_input_and_its_arguments_as_they_are(tmp_path):
    file = tmp_path / "file"
    text = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(sys.argv[2].encode() + sys.stdin.buffer.read())"
    CommandPager([*program(text), str(file), "$HOME; ls"]).page(told('{"a": "é"}'))
    assert file.read_text() == '$HOME; ls{"a": "é"}'


def test_what_it_says_goes_nowhere(capfd):
    CommandPager(program("import sys; print('out'); print('err', file=sys.stderr)")).page(told("{}"))
    assert capfd.readouterr() == ("", "")


def test_one_that_reads_nothing_is_no_failure():
    assert CommandPager(program("pass")).page(told("x" * 1_000_000)) is None


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["/no/such/program"], "/no/such/program could not be run: No such file or directory"),
        (program("raise SystemExit(3)"), "ended with 3"),
    ],
)
def test_a_failure_is_one_sentence(command, says):
    with pytest.raises(TryLater, match=says):
        CommandPager(command).page(told("{}"))


def test_one_that_hangs_is_ended_with_all_that_it_started(tmp_path):
    file = tmp_path / "late"
    child = f"import time, pathlib; time.sleep(3); pathlib.Path({str(file)!r}).touch()"
    text = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    with pytest.raises(TryLater, match="did not end within 1 s"):
        CommandPager(program(text), within=1.0).page(told("{}"))
    time.sleep(4)
    assert not file.exists()


def test_it_is_ended_at_once_from_another_thread_and_runs_nothing_more():
    pager = CommandPager(program("import time; time.sleep(60)"), within=50.0)
    threading.Timer(0.5, pager.abort).start()
    with pytest.raises(TryLater, match="was ended: triaged is stopping"):
        pager.page(told("{}"))
    with pytest.raises(TryLater, match="triaged is stopping"):
        pager.page(told("{}"))


@pytest.fixture
def blocked():
    """As in the daemon, which blocks in every thread what it fetches in one; started by nohup and a careless parent."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1})
    ignored = (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR2, signal.SIGRTMIN)
    handlers = [signal.signal(number, signal.SIG_IGN) for number in ignored]
    yield signal.pthread_sigmask(signal.SIG_BLOCK, ())
    for number, handler in zip(ignored, handlers, strict=True):
        signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_no_signal_that_the_daemon_blocks_or_ignores_is_so_in_the_program(tmp_path, blocked):
    file = tmp_path / "status"
    # No Python, which ignores two of them for itself.
    CommandPager(["/bin/cp", "/proc/self/status", str(file)]).page(told("{}"))
    masks = dict(line.split(":\t") for line in file.read_text().splitlines() if line.startswith("Sig"))
    # 32 and 33 are the C library's own.
    assert [int(masks[name], 16) & ~(0b11 << 31) for name in ("SigBlk", "SigIgn")] == [0, 0]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == blocked >= {signal.SIGTERM, signal.SIGHUP}


def test_a_signal_ends_the_program_though_the_daemon_blocks_it(blocked):
    with pytest.raises(TryLater, match="ended with -15"):
        CommandPager(["/bin/sh", "-c", "kill -TERM $$; exec sleep 60"]).page(told("{}"))


def test_it_inherits_what_a_program_needs_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "environ"
    for name in ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"):
        monkeypatch.setenv(name, "C")
    secrets = (
        "IMAP_PASSWORD TRIAGED_CONFIG CREDENTIALS_DIRECTORY NOTIFY_SOCKET LD_PRELOAD PYTHONPATH BASH_ENV https_proxy"
    )
    for name in secrets.split():
        monkeypatch.setenv(name, "hunter2")
    CommandPager(["/bin/cp", "/proc/self/environ", str(file)]).page(told("{}"))
    given = {line.partition("=")[0] for line in file.read_text().rstrip("\0").split("\0")}
    assert given == {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"}


def test_a_program_is_found_though_no_path_is_set(monkeypatch):
    monkeypatch.delenv("PATH")
    assert CommandPager(["true"]).page(told("{}")) is None


def children():
    """Our own, ended or not."""
    parents = {
        path.parent.name: path.read_text().rpartition(")")[2].split()[1] for path in Path("/proc").glob("[0-9]*/stat")
    }
    return {process for process, parent in parents.items() if parent == str(os.getpid())}


def test_no_process_is_left_behind():
    before = children()
    with pytest.raises(TryLater):
        CommandPager(program("import time; time.sleep(60)"), within=0.1).page(told("{}"))
    CommandPager(program("pass")).page(told("{}"))
    assert children() == before
