import json
import os
import resource
import signal
import sys
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import hostile
from triaged.adapters.reader import reader
from triaged.adapters.reader.reader import ChildReader
from triaged.core.mail.parsing.reading import read_message

HEAD = b"From: Ann <ann@example.org>\r\nSubject: a report\r\nMessage-ID: <1@example.org>\r\n"
PLAIN = HEAD + b"\r\nIt is broken.\r\n"


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """On a busy machine a second of processor time takes many; the tests of waiting set their own limit."""
    monkeypatch.setattr(reader, "_WALL_SECONDS", 60)


@pytest.fixture
def real():
    with closing(ChildReader()) as opened:
        yield opened


def fork_of(real) -> int:
    """The process that reads: the one child of the child."""
    return int(Path(f"/proc/{real._child.pid}/task/{real._child.pid}/children").read_text())


def assert_degraded(message, why=""):
    assert message.degraded
    assert (message.subject, message.message_id) == ("a report", "1@example.org")
    assert message.author_readings == (("ann@example.org",),)
    assert why in message.defects[0]


def test_a_message_comes_through_the_child_as_it_is_read_here(real):
    attached = (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
        + "Überschrift\r\nwords ✓ \U0001f41b\r\n".encode()
        + b'--b\r\nContent-Type: image/png; name="a.png"\r\nContent-Disposition: attachment\r\n\r\n\x89PNG\r\n--b--\r\n'
    )
    for raw in (PLAIN, HEAD + attached, b"", b"\0\xff", b"no header at all", HEAD):
        assert real.read(raw).message == read_message(raw)


def test_one_child_reads_many(real):
    real.read(PLAIN)
    pid = real._child.pid
    for _ in range(50):
        real.read(PLAIN)
    assert real._child.pid == pid


@pytest.mark.parametrize(
    "name",
    ["accents in uuencode", "parts in each other behind the end", "a parameter's section of many digits"],
)
def test_a_mail_that_mail_parser_is_slow_on_or_fails_on_is_read_in_a_second(name):
    hasty = "from triaged.adapters.reader import child; child._CPU_SECONDS = 0; child.serve()"
    with closing(ChildReader((sys.executable, "-c", hasty))) as opened:
        read = opened.read(hostile.mail(name)).message
        assert (read.degraded, read.subject, read.message_id) == (False, "a report", "1@example.org")
        assert opened.read(PLAIN).message == read_message(PLAIN)


# A child whose parser does what the mail says, under the real limits but for the time.
_OBEDIENT = """
import os, resource, sys, time
from dataclasses import replace
from triaged.adapters.reader import child
from triaged.core.mail.parsing import reading
child._CPU_SECONDS = 1
real = reading.read_message
def memory():
    return "x" * (3 << 30)
def spin():
    while True:
        pass
def answer(raw):
    words = raw.split(b"OBEY ")[1].decode().strip() if b"OBEY " in raw else ""
    return replace(real(raw), text=str(eval(words))) if words else real(raw)
reading.read_message = answer
child.serve()
"""


@pytest.fixture
def obedient():
    with closing(ChildReader((sys.executable, "-c", _OBEDIENT))) as opened:
        yield opened


def obey(words):
    return HEAD + f"\r\nOBEY {words}\r\n".encode()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        # On a busy machine the time on the wall may be up before that of the processor.
        ("spin()", "reading it took more"),
        ("os.abort()", "more processor time or memory"),
        ("os._exit(0)", "more processor time or memory"),
        ("memory()", "more processor time or memory"),
        ("sys.stdout.buffer.write(b'x' * 8) or sys.stdout.flush()", "over the limit"),
        ("os.write(1, (2).to_bytes(8, 'big') + b'{}') and time.sleep(60)", "answer holds no valid message"),
        ("'x' * (17 << 20)", "what it holds as text is over the limit"),
    ],
)
def test_whatever_happens_to_the_child_the_mail_comes_back_by_its_headers_and_the_next_one_is_read(
    obedient, words, why
):
    assert_degraded(obedient.read(obey(words)).message, why)
    assert obedient.read(PLAIN).message == read_message(PLAIN)


def test_a_child_that_sleeps_is_not_waited_for(obedient, monkeypatch):
    obedient.read(PLAIN)
    monkeypatch.setattr(reader, "_WALL_SECONDS", 0.5)
    assert_degraded(obedient.read(obey("time.sleep(60)")).message, "reading it took more than")


def test_a_child_that_does_not_read_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(reader, "_WALL_SECONDS", 0.5)
    deaf = (sys.executable, "-c", "import sys, time; sys.stdout.write('!'); sys.stdout.flush(); time.sleep(60)")
    with closing(ChildReader(deaf)) as opened:
        assert_degraded(opened.read(HEAD + b"\r\n" + b"x" * 2_000_000).message, "reading it took more than")


def test_a_child_killed_between_two_mails_costs_nothing(obedient):
    obedient.read(PLAIN)
    obedient._child.kill()
    obedient._child.wait()
    assert obedient.read(PLAIN).message == read_message(PLAIN)


@pytest.mark.parametrize("command", [(sys.executable, "-c", "pass"), ("/nonexistent/python",)])
def test_where_no_child_starts_the_mail_comes_back_by_its_headers(command):
    with closing(ChildReader(command)) as opened:
        for _ in range(2):
            assert_degraded(opened.read(PLAIN).message)


def test_processor_time_is_counted_for_each_mail_and_not_for_the_child(obedient):
    """Together these burn more than one mail may."""
    obedient.read(PLAIN)
    pid = obedient._child.pid
    # The kernel counts whole ticks, on a busy machine too many of them.
    for _ in range(6):
        words = "next(n for end in [time.process_time() + 0.4] for n in iter(int, 1) if time.process_time() > end)"
        assert obedient.read(obey(words)).message.text == "0"
    assert obedient._child.pid == pid


def test_no_secret_of_the_environment_is_inherited_and_no_file_can_be_written(obedient, monkeypatch, tmp_path):
    monkeypatch.setenv("IMAP_PASSWORD", "correct horse")
    environment = obedient.read(obey("dict(os.environ)")).message.text
    assert "PATH" in environment
    assert "correct horse" not in environment
    assert "HOME" not in environment
    target = tmp_path / "written"
    assert_degraded(obedient.read(obey(f"open({str(target)!r}, 'w').write('x' * 10000)")).message)
    assert not target.exists() or target.stat().st_size == 0


def test_the_real_child_has_its_limits_and_no_open_files_of_ours(real, tmp_path):
    with (tmp_path / "ours").open("w"):
        real.read(PLAIN)
        pid = fork_of(real)
        opened = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    assert not [name for name in opened if str(tmp_path) in name]
    limits = {name: resource.prlimit(pid, number) for name, number in _LIMITS.items()}
    assert limits["memory"] == (1 << 30, 1 << 30)
    assert limits["core"] == limits["file size"] == (0, 0)
    assert limits["open files"] == (32, 32)
    assert 0 < limits["processor time"][0] < 60
    assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")


_LIMITS = {
    "memory": resource.RLIMIT_AS,
    "core": resource.RLIMIT_CORE,
    "file size": resource.RLIMIT_FSIZE,
    "open files": resource.RLIMIT_NOFILE,
    "processor time": resource.RLIMIT_CPU,
}


def test_a_child_is_replaced_after_so_many_mails(obedient, monkeypatch):
    monkeypatch.setattr(reader, "_MESSAGES_A_CHILD", 3)
    pids = [json.loads(obedient.read(obey("os.getpid()")).message.text) for _ in range(7)]
    assert pids[0] == pids[1] == pids[2] != pids[3]
    assert pids[3] == pids[5] != pids[6]


def test_the_parents_memory_does_not_grow_with_what_the_child_does(real):
    raw = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nwords\r\n" * 10_000
    real.read(PLAIN)
    tracemalloc.start()
    for _ in range(3):
        real.read(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * len(raw) + 1_000_000


def test_closing_leaves_no_process_behind(real):
    real.read(PLAIN)
    child, fork = real._child, fork_of(real)
    real.close()
    real.close()
    assert child.returncode is not None
    assert not Path(f"/proc/{child.pid}").exists()
    assert not Path(f"/proc/{fork}").exists()


def test_a_mail_that_is_read_in_no_time_is_read_within_its_budget(real):
    assert real.read_within(PLAIN, 1.0).message == read_message(PLAIN)


@pytest.mark.parametrize("name", ["html '<p><b>'"])
def test_a_mail_over_its_budget_comes_back_unread_and_costs_no_new_child(real, name):
    real.read(PLAIN)
    child = real._child.pid
    for _ in range(3):
        assert real.read_within(hostile.mail(name), 0.05) is None
        assert real.read_within(PLAIN, 1.0).message == read_message(PLAIN)
    assert real._child.pid == child


def test_a_mail_that_sleeps_within_its_budget_comes_back_unread(obedient, monkeypatch):
    obedient.read(PLAIN)
    monkeypatch.setattr(reader, "_WALL_SECONDS", 0.5)
    assert obedient.read_within(obey("time.sleep(60)"), 0.1) is None
    assert obedient.read(PLAIN).message == read_message(PLAIN)


def test_a_mail_that_kills_its_reader_within_its_budget_is_not_called_slow(obedient):
    assert_degraded(
        obedient.read_within(obey("os.abort()"), 1.0).message, "more processor time or memory than is allowed"
    )


def test_a_budget_is_of_one_mail_and_not_of_the_next(obedient):
    busy = "next(n for end in [time.process_time() + 0.3] for n in iter(int, 1) if time.process_time() > end)"
    assert obedient.read_within(PLAIN, 0.2).message == read_message(PLAIN)
    assert obedient.read(obey(busy)).message.text == "0"


def test_a_fork_killed_between_two_mails_never_answers_one_mail_with_another(real):
    real.read(PLAIN)
    os.kill(fork_of(real), signal.SIGKILL)
    mails = [HEAD + b"\r\nmail number %d\r\n" % number for number in range(4)]
    for raw in mails:
        message = real.read(raw).message
        assert message.degraded or message == read_message(raw)
    assert real.read(PLAIN).message == read_message(PLAIN)
