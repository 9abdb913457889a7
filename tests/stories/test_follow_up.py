"""An answer to our acknowledgment joins its case; a stranger's does not."""

import pytest

from tests.stories.mails import INCOMPLETE, mail

pytestmark = pytest.mark.slow

IMPACT = "Impact: an attacker can read the invoices of every other customer, names and addresses included.\n"


@pytest.fixture
def acknowledged(house):
    house.append(INCOMPLETE)
    house.run("run", "--once")
    ((_, _, acknowledgment),) = house.acknowledgments()
    return acknowledgment


def test_the_reporters_answer_joins_the_case_and_completes_it(house, acknowledged):
    house.append(
        mail(
            "Grace <grace@hopper.example>",
            f"Re: {acknowledged['Subject']}",
            IMPACT,
            "second@hopper.example",
            f"In-Reply-To: {acknowledged['Message-ID']}",
            f"References: <incomplete@hopper.example> {acknowledged['Message-ID']}",
        )
    )
    assert "1 mail taken in, 0 mails sent, 0 still owed" in house.run("run", "--once")
    (case,) = house.cases()
    assert case["missing"] == []
    assert [message["direction"] for message in case["messages"]] == ["in", "out", "in"]
    assert len(house.acknowledgments()) == 1


def test_an_answer_without_references_joins_by_the_case_id_in_its_subject(house, acknowledged):
    house.append(mail("grace@hopper.example", f"AW: {acknowledged['Subject']}", IMPACT, "third@hopper.example"))
    house.run("run", "--once")
    (case,) = house.cases()
    assert len(case["messages"]) == 3


def test_the_same_from_a_stranger_opens_a_case_that_names_the_other(house, acknowledged):
    house.append(
        mail(
            "mallory@evil.example",
            f"Re: {acknowledged['Subject']}",
            IMPACT,
            "claim@evil.example",
            f"In-Reply-To: {acknowledged['Message-ID']}",
        )
    )
    house.run("run", "--once")
    first, second = house.cases()
    assert first["missing"] == ["impact"]
    assert (second["related"], second["reporter"]["address"]) == (first["id"], "mallory@evil.example")
    # Our own mail is not answered a second time in its thread: that is how loops begin.
    assert (second["acknowledgment"]["state"], len(house.acknowledgments())) == ("withheld", 1)


def test_a_stranger_who_only_knows_the_case_id_is_told_nothing_of_it(house, acknowledged):
    house.append(mail("mallory@evil.example", f"Re: {acknowledged['Subject']}", IMPACT, "tag@evil.example"))
    house.run("run", "--once")
    first, second = house.cases()
    assert second["related"] == first["id"]
    # It answers our letter, whose id a relay may have replaced: to answer it is how loops begin.
    assert (second["acknowledgment"]["state"], len(house.acknowledgments())) == ("withheld", 1)


def test_a_mail_that_names_a_case_and_answers_no_letter_of_ours_is_told_nothing_of_it(house, acknowledged):
    (case,) = house.cases()
    house.append(mail("mallory@evil.example", f"More on {case['id']}", IMPACT, "tag@evil.example"))
    house.run("run", "--once")
    assert house.cases()[1]["related"] == case["id"]
    assert case["id"] not in house.acknowledgments()[-1][2].as_string()


def test_an_answer_opens_a_closed_case_again(house, acknowledged):
    (case,) = house.cases()
    house.run("case", case["id"], "close", "fixed in 2.1")
    assert house.cases()[0]["state"] == "closed"
    house.append(mail("grace@hopper.example", f"Re: {acknowledged['Subject']}", IMPACT, "fourth@hopper.example"))
    house.run("run", "--once")
    (case,) = house.cases()
    assert case["state"] == "new"
    first, notice = (mail for _, _, mail in house.acknowledgments())
    assert notice["Subject"] == f"Re: [{case['id']}] We received your report"
    assert notice["Message-ID"] != first["Message-ID"]
    assert "was closed and is open again" in " ".join(notice.get_content().split())
    assert case["acknowledgment"]["message_id"] == first["Message-ID"].strip("<>")


def test_an_absence_notice_on_our_acknowledgment_is_set_aside(house, acknowledged):
    house.append(
        mail(
            "grace@hopper.example",
            f"Automatic reply: {acknowledged['Subject']}",
            "I am away until Monday.\n",
            "away@hopper.example",
            f"In-Reply-To: {acknowledged['Message-ID']}",
            "Auto-Submitted: auto-replied",
        )
    )
    house.run("run", "--once")
    seen = house.json("status")["seen"]
    assert (seen["opened"], seen["set-aside"], sum(seen.values())) == (1, 1, 2)
    assert len(house.acknowledgments()) == 1


def test_a_bounce_of_our_acknowledgment_is_shown_on_its_case(house, acknowledged):
    report = "\r\n".join(
        [
            "--b",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.hopper.example",
            "",
            "Final-Recipient: rfc822; grace@hopper.example",
            "Action: failed",
            "Status: 5.1.1",
            "",
            "--b",
            "Content-Type: text/rfc822-headers",
            "",
            f"Message-ID: {acknowledged['Message-ID']}",
            f"Subject: {acknowledged['Subject']}",
            "",
            "--b--",
            "",
        ]
    )
    house.append(
        mail(
            "MAILER-DAEMON@mx.hopper.example",
            "Undelivered Mail Returned to Sender",
            report.replace("\r\n", "\n"),
            "bounce@mx.hopper.example",
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        )
    )
    house.run("run", "--once")
    (case,) = house.cases()
    assert case["acknowledgment"]["state"] == "failed"
    assert "came back undelivered" in case["acknowledgment"]["reason"]
    assert {d["name"]: d["state"] for d in case["deadlines"]}["acknowledge"] == "pending"
    assert f"triaged case {case['id']} resend" in house.run("digest")
    assert len(house.acknowledgments()) == 1
