"""The command against an IMAP server that never comes to an end, and a submission server that refuses all of us."""

import re
import signal
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.stories.conftest import ROOT
from tests.stories.mails import COMPLETE
from tests.support.scripted_imap import ScriptedImap
from tests.support.scripted_smtp import scripted
from tests.support.servers import until
from tests.support.streams import drip, flood

pytestmark = pytest.mark.slow

A_GIGABYTE = 1_000_000_000
DRIP = drip(b"* OK", pause=0.5)


class Stopped(ScriptedImap):
    close = ScriptedImap.stop


@pytest.fixture
def bad_imap(house):
    """The house's mailbox, on a scripted server."""
    with closing(Stopped()) as server:
        house.configure(mailbox=f"host: 127.0.0.1\nport: {server.port}\n")
        yield server


@pytest.mark.parametrize("verb", ["GREETING", "UID SEARCH"])
def test_the_digest_goes_out_while_the_mailbox_drips(house, bad_imap, verb):
    bad_imap.script[verb] = [DRIP] * 100
    due = datetime.now(UTC) - timedelta(minutes=1)
    house.config.write_text(
        re.sub(r'at: "09:00"\n  timezone: .*', f'at: "{due:%H:%M}"\n  timezone: UTC', house.config.read_text())
    )
    with house.daemon() as daemon:
        until(lambda: any(b"[triaged]" in raw for _, _, raw in house.sink.mails), within=110, what="no digest")
        assert "mailbox not read" in daemon.log()


@pytest.mark.parametrize("verb", ["GREETING", "LOGIN", "UID SEARCH", "UID FETCH"])
def test_sigterm_in_the_middle_of_a_drip_ends_the_daemon_in_peace(house, bad_imap, verb):
    bad_imap.deliver(COMPLETE)
    bad_imap.script[verb] = [DRIP] * 100
    with house.daemon() as daemon:
        until(lambda: bad_imap.count(verb) > 0, within=30, what="it was never asked")
        daemon.signal(signal.SIGTERM)
        assert daemon.process.wait(60) == 0, daemon.log()
        assert "Traceback" not in daemon.log()


@pytest.mark.parametrize(
    ("verb", "stream"),
    [
        ("GREETING", flood(b"x", b"* OK ")),
        ("CAPABILITY", flood(b"* X\r\n")),
        ("UID SEARCH", flood(b" 17", b"* SEARCH")),
        ("UID SEARCH", flood(b"* SEARCH 1 2 3\r\n")),
        ("UID FETCH", flood(b" ab", b"* 1 FETCH (")),
        ("UID FETCH", flood(b"* 1 FETCH (UID 1 X {30}\r\n" + b"y" * 30 + b")\r\n")),
        ("UID FETCH", flood(b"y" * 1000, b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n")),
    ],
)
def test_one_pass_over_an_answer_without_end_ends_with_75_within_a_gigabyte(house, bad_imap, verb, stream):
    bad_imap.deliver(COMPLETE)
    bad_imap.script[verb] = [stream] * 10
    command = ["prlimit", f"--as={A_GIGABYTE}", *house.command("run", "--once")]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, timeout=100, check=False)
    said = done.stderr.decode()
    assert done.returncode == 75, said
    assert said.splitlines()[-1].startswith(f"triaged: 127.0.0.1:{bad_imap.port}: ")
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "answer", ["* 1 FETCH " + "(" * 50_000, '* 1 FETCH (UID 1 INTERNALDATE "31-Dec-99999999999 00:00:00 +0000")']
)
def test_an_answer_that_breaks_the_parser_is_75_and_no_fault_of_ours(house, bad_imap, answer):
    bad_imap.deliver(COMPLETE)
    bad_imap.script["UID FETCH"] = [answer]
    assert "its answer breaks the rules of IMAP" in house.run("run", "--once", code=75)
    assert "1 mail taken in" in house.run("run", "--once")


# A relay that takes nothing from us.


@pytest.mark.parametrize(
    ("verb", "refusal"),
    [
        ("rcpt", "554 5.7.1 <x>: Relay access denied"),
        ("rcpt", "550 5.7.1 Unable to relay"),
        ("rcpt", "553 sorry, that domain is not in my list of allowed rcpthosts"),
        ("mail", "530 5.7.57 Client not authenticated to send mail"),
        ("dot", "550 5.7.60 Client does not have permissions to send as this sender"),
        ("data", "554 5.7.1 no"),
    ],
)
def test_no_acknowledgment_is_lost_to_a_wrong_relay(house, verb, refusal):
    for number in range(4):
        house.append(COMPLETE.replace(b"research.example", b"research%d.example" % number))
    with scripted(**{verb: [refusal] * 100}) as relay:
        house.configure(smtp=f"port: {relay.port}\n")
        house.run("run", "--once")
        assert "4 mails owed" in house.run("status", code=1)
        assert "check smtp.username, smtp.envelope_from" in house.run("status", code=1)
        assert [case["acknowledgment"]["state"] for case in house.cases()] == ["owed"] * 4
        assert relay.contents == [] or verb == "dot"
