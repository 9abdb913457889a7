"""The main job on real servers: in by SMTP through postfix, LMTP and dovecot; out through postfix."""

import re

import pytest

from tests.stories.mails import BOUNCE, COMPLETE, INCOMPLETE, NEWSLETTER, OUT_OF_SCOPE
from tests.support.servers import until

pytestmark = pytest.mark.slow

MAILS = (
    (COMPLETE, "ada@research.example"),
    (INCOMPLETE, "grace@hopper.example"),
    (OUT_OF_SCOPE, "pat@customer.example"),
    (BOUNCE, ""),
    (NEWSLETTER, "editor@news.example"),
)
FIELDS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Precedence",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
]


@pytest.fixture
def delivered(postfix_house, postfix):
    for raw, sender in MAILS:
        postfix.send(raw, sender, postfix_house.address)
    until(lambda: postfix_house.dovecot.count(postfix_house.user) == len(MAILS), what="postfix did not deliver")
    return postfix_house


def test_three_reports_are_acknowledged_and_a_bounce_and_a_newsletter_are_not(delivered):
    house = delivered
    flags = house.dovecot.flags(house.user)
    assert "5 mails taken in, 3 mails sent, 0 still owed" in house.run("run", "--once")
    until(lambda: len(house.sink.mails) == 3, what="the acknowledgments did not come out of postfix")

    by_recipient = {}
    for sender, recipients, mail in house.acknowledgments():
        assert sender == ""
        (to,) = recipients
        by_recipient[to] = mail
        assert mail["To"] == to
        names = [name for name in mail if name not in {"Received", "Return-Path"}]
        assert names == FIELDS
        assert mail["From"] == f'"Smallest.AI Security" <{house.address}>'
        assert mail["Auto-Submitted"] == "auto-replied"
        assert mail["X-Auto-Response-Suppress"] == "All"
        assert mail.get_content_type() == "text/plain"
    assert set(by_recipient) == {"ada@research.example", "grace@hopper.example", "pat@customer.example"}
    assert by_recipient["grace@hopper.example"]["In-Reply-To"] == "<incomplete@hopper.example>"

    cases = {case["reporter"]["address"]: case for case in house.cases()}
    assert {address: (case["scope"], case["missing"]) for address, case in cases.items()} == {
        "ada@research.example": ("model", []),
        "grace@hopper.example": ("infrastructure", ["impact"]),
        "pat@customer.example": ("out-of-scope", []),
    }
    for address, case in cases.items():
        mail = by_recipient[address]
        assert mail["Subject"] == f"[{case['id']}] We received your report"
        assert mail["Message-ID"] == f"<{case['acknowledgment']['message_id']}>"
        assert case["acknowledgment"]["state"] == "submitted"
        assert case["state"] == "new"
        assert {d["name"]: d["state"] for d in case["deadlines"]} == {
            "acknowledge": "met",
            "triage": "pending",
            "update": "pending",
        }
    assert "- Impact:" in by_recipient["grace@hopper.example"].get_content()
    # A complaint about an answer gets a letter of its own.
    assert "a matter of quality" in " ".join(by_recipient["pat@customer.example"].get_content().split())
    assert house.dovecot.flags(house.user) == flags


def test_a_second_run_sends_nothing_and_the_digest_goes_to_the_team(delivered):
    house = delivered
    house.run("run", "--once")
    until(lambda: len(house.sink.mails) == 3, what="the acknowledgments did not come out of postfix")
    assert "0 mails taken in, 0 mails sent, 0 still owed" in house.run("run", "--once")

    assert re.search(rf"sent to {re.escape(house.team)}: 250 ", house.run("digest", "--send"))
    until(lambda: house.dovecot.count(house.team) == 1, what="the digest did not arrive")
    with house.dovecot.session(house.team) as client:
        client.select("INBOX", readonly=True)
        raw = client.fetch("1", "(BODY.PEEK[])")[1][0][1]
    assert b"Auto-Submitted: auto-generated" in raw
    assert re.search(rb"Subject: \[triaged\] 3 new - \d{4}-\d\d-\d\d", raw)
    assert raw.index(b"Content-Type: text/plain") < raw.index(b"Content-Type: text/html")
    assert len(house.sink.mails) == 3


def test_status_tells_what_was_seen(delivered):
    house = delivered
    house.run("run", "--once")
    told = house.json("status")
    assert told["seen"] == {"opened": 3, "joined": 0, "command": 0, "set-aside": 2, "failed": 0}
    assert (told["open"], told["owed"], told["overdue"], told["healthy"]) == (3, 0, 0, True)


def test_a_dry_run_says_what_would_happen_and_changes_nothing(delivered):
    house = delivered
    flags = house.dovecot.flags(house.user)
    said = house.run("run", "--dry-run")
    assert "5 mails would be taken in; nothing was sent or changed" in said
    assert len(re.findall(r"  (complete|needs-info|wrong-answer) +\S+@", said)) == 3
    assert not house.state.exists()
    assert house.dovecot.flags(house.user) == flags
    assert house.sink.mails == []


def test_to_a_verified_sender_the_scope_is_told(house):
    house.configure(extra="trust: {authserv_id: mx.smallest.ai}\n")
    house.append(b"Authentication-Results: mx.smallest.ai; dmarc=pass header.from=customer.example\r\n" + OUT_OF_SCOPE)
    house.append(COMPLETE)
    house.run("run", "--once")
    by_recipient = {to: mail.get_content() for _, (to,), mail in house.acknowledgments()}
    assert "our security policy does not cover" in " ".join(by_recipient["pat@customer.example"].split())
    assert "could not make sure that this address sent it" in " ".join(by_recipient["ada@research.example"].split())
