"""The three worst mails at once: a killer, a sleeper and a giant. Each is a case after one poll, and nobody waits for them."""

import os
import shutil
import sys
import time

import pytest

from tests.stories.mails import COMPLETE

pytestmark = pytest.mark.slow

MB = 1_000_000
HEAD = b"From: %s\r\nTo: security@smallest.ai\r\nSubject: %s\r\nMessage-ID: <%s@example.org>\r\n"
SLEEPER = HEAD % (b"bo@example.org", b"a sleeper", b"sleeper") + b"\r\nSLEEP for sixty seconds\r\n"
SPINNER = HEAD % (b"ann@example.org", b"a spinner", b"spinner") + b"\r\nSPIN without end\r\n"
ABORTER = HEAD % (b"cy@example.org", b"a killer", b"killer") + b"\r\nABORT at once\r\n"
# The whole program, but that its reading child does what a mail says, and that it tells its own greatest size at its end.
PROGRAM = """
import atexit, sys
from pathlib import Path
from triaged.adapters.reader import reader
CHILD = '''
import os, time
from triaged.adapters.reader import child
from triaged.core.mail.parsing import reading
real = reading.read_message
def read_message(raw):
    if b"SLEEP for sixty seconds" in raw:
        time.sleep(60)
    while b"SPIN without end" in raw:
        pass
    if b"ABORT at once" in raw:
        os.abort()
    return real(raw)
reading.read_message = read_message
child.serve()
'''
reader.ChildReader.__init__.__defaults__ = ((sys.executable, "-c", CHILD),)
def told():
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print("greatest size:", int(line.split()[1]) // 1024, "MiB")
atexit.register(told)
from triaged.__main__ import main
main()
"""


@pytest.fixture
def obedient(house):
    """A house whose reading child can be told to sleep or to die."""
    ordinary = house.command

    def command(*words):
        return [sys.executable, "-c", PROGRAM, *ordinary(*words)[3:]] if words[0] == "run" else ordinary(*words)

    house.command = command
    return house


def deliver_giant(house, size):
    """Lay a mail of that size into the mailbox as an LMTP server does, without ever holding it in memory."""
    folder = house.dovecot.folder / "mail" / house.user / "Maildir"
    path = folder / "tmp" / f"{time.time_ns()}.giant.host"
    line = b"QUFB" * 19 + b"\r\n"
    with path.open("wb") as giant:
        giant.write(
            HEAD % (b"di@example.org", b"a giant", b"giant") + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        )
        giant.write(b"--b\r\n\r\nA screen recording of it.\r\n--b\r\nContent-Type: video/mp4\r\n")
        giant.write(b"Content-Transfer-Encoding: base64\r\n\r\n")
        while giant.tell() < size:
            giant.write(line * 10_000)
        giant.write(b"--b--\r\n")
    owner = folder.stat()
    os.chown(path, owner.st_uid, owner.st_gid)
    shutil.move(path, folder / "new" / path.name)


def test_mails_that_kill_sleep_or_never_end_are_cases_and_the_reports_behind_them_are_answered_in_the_same_pass(
    obedient,
):
    bad = (SPINNER, ABORTER, SLEEPER)
    for raw in bad:
        obedient.append(raw)
    deliver_giant(obedient, 200 * MB)
    assert obedient.dovecot.count(obedient.user) == len(bad) + 1
    people = [f"p{number}@research.example" for number in range(10)]
    for number, person in enumerate(people):
        raw = COMPLETE.replace(b"ada@research.example", person.encode())
        obedient.append(raw.replace(b"complete@", b"report-%d@" % number))

    began = time.monotonic()
    said = obedient.run("run", "--once")

    # None of the sixty seconds was waited for.
    assert time.monotonic() - began < 50
    assert int(said.partition("greatest size: ")[2].split()[0]) < 150, said
    answered = {to for _, (to,), _ in obedient.acknowledgments()}
    assert answered.issuperset(people)
    seen = obedient.json("status")["seen"]
    assert (seen["opened"], seen["failed"], sum(seen.values())) == (11, 3, 14)
    defects = {case["reporter"]["address"] or case["subject"]: " ".join(case["defects"]) for case in obedient.cases()}
    # Killed for its processor time, or on a busy machine for the time on the wall.
    assert "reading it took more" in defects["ann@example.org"]
    assert "more processor time or memory than is allowed" in defects["cy@example.org"]
    assert "reading it took more than 3.5 s" in defects["bo@example.org"]
    assert "only the first 262144 of 20" in defects["di@example.org"]
    assert "0 mails taken in, 0 mails sent, 0 still owed" in obedient.run("run", "--once")
