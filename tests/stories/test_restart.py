"""Killed anywhere, nothing is lost and nobody is answered twice."""

import random
import signal
import time

import pytest

from tests.stories.mails import COMPLETE, INCOMPLETE, numbered
from tests.support.servers import until

pytestmark = pytest.mark.slow

REPORTS = 30
KILLS = 8


def test_a_restart_between_two_mails_goes_on_where_it_was(postfix_house, postfix):
    house = postfix_house
    postfix.send(COMPLETE, "ada@research.example", house.address)
    with house.daemon() as daemon:
        until(lambda: len(house.sink.mails) == 1, what="no acknowledgment came out of postfix")
        daemon.stop()
    postfix.send(INCOMPLETE, "grace@hopper.example", house.address)
    with house.daemon() as daemon:
        until(lambda: len(house.sink.mails) == 2, what="the second acknowledgment did not come")
        daemon.stop()
    assert sorted(to for _, (to,), _ in house.acknowledgments()) == ["ada@research.example", "grace@hopper.example"]
    assert len(house.cases()) == 2


def test_killed_at_random_every_report_has_one_case_and_one_acknowledgment(house):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    moments = random.Random(seed)
    for number in range(REPORTS):
        house.append(numbered(number))
    for _ in range(KILLS):
        with house.daemon() as daemon:
            time.sleep(moments.uniform(0.3, 1.0))
            daemon.kill()
    house.run("run", "--once")

    cases = house.cases()
    assert sorted(case["reporter"]["address"] for case in cases) == sorted(
        f"ann{number}@example{number}.org" for number in range(REPORTS)
    )
    assert {case["acknowledgment"]["state"] for case in cases} == {"submitted"}
    received = {}
    for _, (to,), mail in house.acknowledgments():
        received.setdefault(to, set()).add(mail.as_bytes())
    # Sent again after a kill between the final dot and the 250: the same bytes under the same Message-ID, or not at all.
    assert {to: len(versions) for to, versions in received.items()} == {
        case["reporter"]["address"]: 1 for case in cases
    }
    doubled = len(house.acknowledgments()) - REPORTS
    assert 0 <= doubled <= KILLS


def test_with_hold_a_killed_daemon_never_sends_twice(house):
    house.configure(extra="replies: {on_uncertain: hold, per_hour: 1000}\n")
    for number in range(REPORTS):
        house.append(numbered(number))
    for wait in (0.5, 0.6, 0.7, 0.8):
        with house.daemon() as daemon:
            time.sleep(wait)
            daemon.signal(signal.SIGKILL)
            daemon.process.wait()
    house.run("run", "--once")
    recipients = [to for _, (to,), _ in house.acknowledgments()]
    assert len(recipients) == len(set(recipients))
    states = {case["reporter"]["address"]: case["acknowledgment"]["state"] for case in house.cases()}
    assert len(states) == REPORTS
    assert {address for address, state in states.items() if state == "submitted"} <= set(recipients)
    assert set(states.values()) <= {"submitted", "uncertain"}
