"""Every slow path of tests/support/hostile.py through the real child and the whole decision, as `explain` takes a mail."""

import os
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

from tests.support.hostile import SLOW, mail
from tests.support.values import HOUR, NEW_ID, NOON, house, policy
from triaged.adapters.reader.reader import ChildReader
from triaged.core.intake.decision import Decision
from triaged.core.intake.incoming import Mail, Past
from triaged.core.intake.triage import triage
from triaged.core.mail.message import Message

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LONGEST_SECONDS = 5
MEDIAN_SECONDS = 1
MOST_MEMORY = 100 * 1024 * 1024


@dataclass(frozen=True)
class Outcome:
    message: Message
    decision: Decision
    seconds: float
    """Of processor time, for the machine may be busy: how long a mail is waited for is the reader's own limit."""
    memory: int
    """By how much this process grew, at its peak, over what it held with the mail in hand."""


@pytest.fixture(scope="module")
def outcomes():
    with closing(ChildReader(policy=policy())) as reader:
        read(reader, b"From: ann@example.org\r\n\r\nThe first one starts the child.\r\n")
        before = memory("VmRSS")
        found = {name: read(reader, mail(name)) for name in SLOW}
        grown = memory("VmRSS") - before
    times = sorted((each.seconds, name) for name, each in found.items())
    print(f"median {median(seconds for seconds, _ in times):.2f} s, grown by {grown / 2**20:.1f} MiB")
    for seconds, name in reversed(times):
        print(f"{seconds:6.2f} s {found[name].memory / 2**20:6.1f} MiB  {name}: {found[name].message.defects[:1]}")
    return found, grown


def read(reader, raw):
    memory_before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    began = spent(reader)
    reading = reader.read(raw)
    decision = triage(Mail(reading.message, NOON - HOUR, NEW_ID, report=reading.report), house(), Past(), NOON)
    return Outcome(reading.message, decision, spent(reader) - began, memory("VmHWM") - memory_before)


def spent(reader):
    """The processor time of this process, of the children that it has had, and of the one that reads now, with its fork."""
    gone = os.times()
    ticks = ticks_of(reader._child.pid) if reader._child else 0
    return time.process_time() + gone.children_user + gone.children_system + ticks / os.sysconf("SC_CLK_TCK")


def ticks_of(pid):
    """Of a process, of the children that it has had (proc_pid_stat(5): utime, stime, cutime, cstime) and of those it has."""
    there = Path(f"/proc/{pid}")
    if not there.exists():
        return 0
    own = sum(map(int, (there / "stat").read_text().rpartition(")")[2].split()[11:15]))
    return own + sum(map(ticks_of, (there / f"task/{pid}/children").read_text().split()))


def memory(name):
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name)]
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("name", SLOW)
def test_a_mail_made_to_hurt_is_read_whole_or_by_its_headers_in_good_time(outcomes, name):
    found = outcomes[0][name]
    assert found.seconds < LONGEST_SECONDS
    assert found.memory < MOST_MEMORY
    if found.message.degraded:
        (why,) = found.message.defects
        assert len(why) < 200
        assert why.count(". ") == 0
    assert found.message.size == len(mail(name))


@pytest.mark.parametrize("name", SLOW)
def test_a_mail_made_to_hurt_is_a_visible_case(outcomes, name):
    message, decision = outcomes[0][name].message, outcomes[0][name].decision
    if decision.silence:
        assert (decision.end, bool(decision.reason)) == ("set-aside", True)
        assert decision.silence.strength == "format"
    else:
        assert decision.end == ("failed" if message.degraded else "opened")
        assert decision.case_id
        assert bool(decision.reply) != bool(decision.withheld)


def test_all_together_cost_little_time_and_no_memory(outcomes):
    found, grown = outcomes
    assert median(each.seconds for each in found.values()) < MEDIAN_SECONDS
    assert grown < MOST_MEMORY
