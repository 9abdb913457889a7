"""What cannot wait for the digest reaches the team at once, by a real server, and once."""

import json
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from tests.stories.mails import COMPLETE, mail
from tests.support.receiver import SECRET, receiver, silence
from tests.support.servers import until

pytestmark = pytest.mark.slow

EXPLOITED = mail(
    "eve@watch.example",
    "Account takeover through the password reset",
    "Summary: the reset token is guessable.\nSteps: ask for ten tokens, and guess the next.\n"
    "Impact: this is being exploited in the wild.\n",
    "exploited@watch.example",
)


def alerts(house):
    return [
        message_from_bytes(raw, policy=policy.default)
        for _, recipients, raw in house.sink.mails
        if b"Subject: [triaged] alert" in raw and recipients == [house.team]
    ]


def test_a_suspicion_of_exploitation_reaches_the_team_at_once_and_not_again_after_a_kill(house):
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        house.append(EXPLOITED)
        daemon.logs('"purpose": "alert"')  # written down: a kill before that may send the same mail again
        daemon.process.kill()
    (alert,) = alerts(house)
    (case,) = house.cases()
    assert alert["Auto-Submitted"] == "auto-generated"
    assert alert["Subject"] == "[triaged] alert: 1 said to be exploited"
    text = alert.get_body(("plain",)).get_content()
    assert f'> triaged case {case["id"]} exploited confirm --reason "..."' in text
    assert "guessable" not in text
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        house.append(COMPLETE)
        until(lambda: len(house.acknowledgments()) == 2, what="no acknowledgment")
        daemon.stop()
    house.run("run", "--once")
    assert {each["Message-ID"] for each in alerts(house)} == {alert["Message-ID"]}
    assert len(alerts(house)) == 1


def test_what_was_missed_before_the_first_start_is_told_in_one_mail(house):
    house.configure(mailbox="since: 60d\n")
    for number in range(3):
        late = mail(f"p{number}@late.example", f"Report {number}", "Summary: a flaw.\n", f"{number}@late.example")
        house.append(late, when=datetime.now(UTC) - timedelta(days=30))
    house.run("run", "--once")
    house.run("run", "--once")
    (alert,) = alerts(house)
    assert alert.get_body(("plain",)).get_content().count("triage it: missed") == 3


def test_a_program_is_given_the_alert_beside_the_mail(house):
    program, told = house.folder / "page", house.folder / "told"
    program.write_text(f"#!/bin/sh\ncat >> {told}\necho >> {told}\n")
    program.chmod(0o700)
    house.configure(extra=f"alerts: {{command: [{program}]}}\n")
    with house.daemon() as daemon:
        daemon.told("STATUS=polled")
        house.append(EXPLOITED)
        daemon.logs('"event": "alert paged"')
        until(lambda: alerts(house), what="no mail")
        assert daemon.stop() < 5
    house.run("run", "--once")
    (line,) = told.read_text().splitlines()
    assert json.loads(line)["lines"][0]["mark"] == "suspected"
    assert f"<{json.loads(line)['id']}>" == alerts(house)[0]["Message-ID"]


def with_webhook(house, server):
    """Alerts are posted to that receiver as well."""
    (house.folder / "secret").write_text(SECRET)
    webhook = f"{{url: '{server.url}/p4th?key=qu3ry', secret_file: secret}}"
    house.configure(extra=f"alerts: {{webhook: {webhook}}}\n")


def test_a_receiver_is_posted_the_alert_beside_the_mail_signed_and_once(house):
    with receiver(204) as server:
        with_webhook(house, server)
        with house.daemon() as daemon:
            daemon.told("STATUS=polled")
            house.append(EXPLOITED)
            daemon.logs('"event": "alert paged"')
            until(lambda: alerts(house), what="no mail")
            daemon.stop()
        house.run("run", "--once")
        (post,) = server.posts
    assert post.verified()
    told = json.loads(post.body)
    assert told["lines"][0]["mark"] == "suspected"
    assert f"<{told['id']}>" == alerts(house)[0]["Message-ID"]
    assert told["id"].startswith(f"{post.headers['webhook-id']}@")
    assert abs(time.time() - int(post.headers["webhook-timestamp"])) < 60
    assert not any(word in daemon.log() for word in ("p4th", "qu3ry", "whsec"))


def test_a_receiver_that_fails_is_asked_again_after_a_restart_and_one_that_hangs_holds_nobody_up(house):
    with receiver(500, silence) as server:
        with_webhook(house, server)
        with house.daemon() as daemon:
            daemon.told("STATUS=polled")
            house.append(EXPLOITED)
            daemon.logs('"cause": "127[.]0[.]0[.]1 answered 500"')
            until(lambda: alerts(house), what="no mail")
            daemon.stop()
        with house.daemon() as daemon:
            until(lambda: len(server.posts) == 2, what="not asked again")
            house.append(COMPLETE)
            until(lambda: len(house.acknowledgments()) == 2, what="no acknowledgment")
            assert daemon.stop() < 5
        failed, hung = server.posts
    assert failed.body == hung.body
    assert failed.headers["webhook-id"] == hung.headers["webhook-id"]
    assert not any(word in daemon.log() for word in ("p4th", "qu3ry", "whsec", "Traceback"))
