"""A person is erased beside a running daemon, from real servers to the last file."""

import re

import pytest

from tests.stories.mails import COMPLETE, INCOMPLETE, mail
from tests.support.servers import until
from tests.support.traces import traces

pytestmark = pytest.mark.slow

GRACE = ("grace@hopper.example", "hopper.example")


def test_a_reporter_is_erased_while_the_daemon_runs_and_the_daemon_forgets_them_too(house):
    house.append(COMPLETE)
    house.append(INCOMPLETE)
    with house.daemon() as daemon:
        until(lambda: len(house.acknowledgments()) == 2, what="two acknowledgments")
        assert traces(house.state, *GRACE)
        said = house.run("erase", GRACE[0])
        assert re.search(r"folder INBOX, UID 2 \(UIDVALIDITY \d+\)", said)
        # What the daemon writes from its memory from here on must not bring anybody back.
        (case,) = [each["id"] for each in house.cases() if each["erased_at"]]
        house.run("case", case, "close", "fixed in 2.3.2")
        house.append(mail(GRACE[0], "Another one", "The webhook endpoint has an SSRF.\n", "new@elsewhere.example"))
        until(lambda: len(house.acknowledgments()) == 3, what="the acknowledgment of a new reporter")
        house.run("erase", GRACE[0])
        house.run("store", "verify")
        daemon.stop()
    assert traces(house.state, *GRACE) == []
    assert GRACE[0] not in daemon.log()
    house.run("run", "--once")
    assert len(house.acknowledgments()) == 3
    assert traces(house.state, *GRACE) == []


def test_a_pass_leaves_alone_what_has_not_been_kept_long_enough(house):
    house.append(INCOMPLETE)
    house.run("run", "--once")
    (case,) = house.cases()
    house.run("case", case["id"], "close", "fixed in 2.3.2")
    house.configure(extra="retention: {raw_mail: 1 month, identities: 1 month after closing}\n")
    house.run("run", "--once")
    assert "0 reporters" in house.run("retention", "--dry-run")
    assert traces(house.state, *GRACE)
