"""A reporter who has waited for a word hears by machine that their case is being worked on, if the team wants that."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from tests.stories.mails import COMPLETE, INCOMPLETE, mail

pytestmark = pytest.mark.slow

PASSED = b"Authentication-Results: mx.smallest.ai; dmarc=pass header.from=research.example\r\n"
SETTINGS = "trust: {authserv_id: mx.smallest.ai}\nreplies: {updates: {enabled: true}}\n"
LATELY = timedelta(days=13, hours=12)
"""The next update is due half a day from now."""


@pytest.fixture
def waited(house):
    """Two reports that came in long ago, of a verified reporter and of another; a person has triaged both."""
    house.configure(mailbox="since: 60d\n", extra=SETTINGS)
    house.append(PASSED + COMPLETE, when=datetime.now(UTC) - LATELY)
    house.append(INCOMPLETE, when=datetime.now(UTC) - LATELY)
    house.run("run", "--once")
    assert len(house.acknowledgments()) == 2
    for case in house.cases():
        house.run("case", case["id"], "triage")
    return house


def updates(house):
    return [
        (sender, recipients, message_from_bytes(raw, policy=policy.default))
        for sender, recipients, raw in house.sink.mails
        if b"You hear from us again" in raw.replace(b"\r\n", b" ") and b"auto-generated" in raw
    ]


def due(case):
    (found,) = (each for each in case["deadlines"] if each["name"] == "update")
    return found


def test_a_verified_reporter_hears_once_and_is_named_the_date_that_is_tracked(waited):
    with waited.daemon() as daemon:
        daemon.logs('"purpose": "update"')
        daemon.stop()
    waited.run("run", "--once")
    ((sender, recipients, update),) = updates(waited)
    assert (sender, recipients) == ("", ["ada@research.example"])
    assert update["In-Reply-To"] == "<complete@research.example>"
    assert (update["Auto-Submitted"], update["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    verified, other = waited.cases()
    assert update["Subject"] == f"Re: [{verified['id']}] We received your report"
    date = datetime.fromisoformat(due(verified)["due"])
    assert f"by {date:%a} {date.day} {date:%b %Y, %H:%M} UTC." in " ".join(update.get_content().split())
    assert date - datetime.now(UTC) > timedelta(days=13)
    assert "an automatic update" in due(verified)["rule"]
    assert due(other)["rule"].startswith("14 days from")
    assert "purpose update" in waited.run("show", verified["id"])
    assert "send the reporter an update: due in" in waited.run("digest")


def test_an_answer_to_it_joins_its_case_and_a_machines_does_not(waited):
    waited.run("run", "--once")
    ((_, _, update),) = updates(waited)
    thread = f"In-Reply-To: {update['Message-ID']}"
    subject = f"Re: {update['Subject']}"
    waited.append(PASSED + mail("ada@research.example", subject, "Thank you.\n", "thanks@research.example", thread))
    waited.append(
        mail("ada@research.example", subject, "I am away.\n", "away@x.example", thread, "Auto-Submitted: auto-replied")
    )
    waited.run("run", "--once")
    verified, _ = waited.cases()
    assert [each["direction"] for each in verified["messages"]] == ["in", "out", "out", "in"]
    assert waited.json("status")["seen"]["set-aside"] == 1
    assert len(updates(waited)) == 1
