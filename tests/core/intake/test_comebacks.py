"""Our own mail, known again whatever became of its Message-ID on the way."""

import pytest

from tests.support.values import NEW_ID, NOON, by, decide, message, owed, second
from triaged.core.case.events import Submitted
from triaged.core.case.folding import fold
from triaged.core.case.relayed import relay_ids
from triaged.core.mail.parsing.reading import read_message

LETTER = "0123456789abcdefghijklmn@smallest.ai"
RELAYED = "0100019ad0c0ffee-11111111-2222-3333-4444-555555555555-000000"
SUBJECT = f"[{NEW_ID}] We received your report"
RAW = f"From: security@smallest.ai\r\nSubject: {SUBJECT}\r\nIn-Reply-To: <report-1@example.org>\r\n\r\nHello\r\n"
ACKNOWLEDGED = (owed(message_id=LETTER, raw=RAW), Submitted(at=NOON, message_id=LETTER, answer=f"250 Ok {RELAYED}"))
CASE = fold(NEW_ID, (*decide(message()).events, *ACKNOWLEDGED))


def bounce(*fields, subject="Delivery Status Notification (Failure)", action="failed", kind="message/rfc822"):
    head = "".join(f"{field}\r\n" for field in fields)
    return read_message(
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@x.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: {action}\r\n"
        f"--b\r\nContent-Type: {kind}\r\n\r\nFrom: security@smallest.ai\r\n{head}\r\n--b--\r\n".encode()
    )


RETURNED = {
    "its id": [f"Message-ID: <{LETTER}>"],
    "the relay's id": [f"Message-ID: <{RELAYED}@email.amazonses.com>"],
    "what it answers": ["Message-ID: <other@relay.example>", "In-Reply-To: <report-1@example.org>"],
    "what it refers to, folded": ["Message-ID: <other@relay.example>", "References:\r\n <report-1@example.org>"],
    "its subject": ["Message-ID: <other@relay.example>", f"Subject: {SUBJECT}"],
    "its subject, folded": [f"Subject: [{NEW_ID}] We\r\n received your report"],
}


@pytest.mark.parametrize("fields", RETURNED.values(), ids=RETURNED)
@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"])
def test_a_bounce_marks_the_letter_that_it_returns_as_failed(fields, kind):
    decision = second(bounce(*fields, kind=kind), CASE)
    assert (decision.end, decision.case_id) == ("joined", NEW_ID)
    assert fold(NEW_ID, (*CASE.history, *decision.events)).acknowledgment.state == "failed"


def test_a_bounce_may_name_our_mail_in_its_own_subject_alone():
    decision = second(bounce("X-Nothing: here", subject=f"Undeliverable: {SUBJECT}"), CASE)
    assert [event.kind for event in decision.events] == ["failed"]


@pytest.mark.parametrize("action", ["delayed", "delivered"])
def test_a_delay_or_a_delivery_fails_no_letter(action):
    assert second(bounce(*RETURNED["its subject"], action=action), CASE).events == ()


def test_a_bounce_of_the_reporters_own_mail_fails_no_letter_of_ours():
    decision = second(bounce("Message-ID: <report-1@example.org>", f"Subject: Re: {SUBJECT}"), CASE)
    assert (decision.case_id, decision.events) == (NEW_ID, ())


def test_a_bounce_of_nothing_of_ours_is_set_aside():
    assert second(bounce("Message-ID: <other@relay.example>", "Subject: hello"), CASE).end == "set-aside"


DESK = {
    "under the relay's id": {"references": (f"{RELAYED}@email.amazonses.com",), "subject": "Ticket 4711"},
    "under our subject": {"references": (), "subject": f"Re: {SUBJECT}"},
    "under our subject in its own": {"references": (), "subject": f"Vorgang 4711: {SUBJECT}"},
}


@pytest.mark.parametrize("changes", DESK.values(), ids=DESK)
def test_a_desk_that_answers_our_letter_from_another_address_is_not_answered(changes):
    desk = by("help@desk.example", message_id="t@desk.example", text="We look into it and come back to you.", **changes)
    decision = second(desk, CASE)
    assert (decision.end, decision.events[0].related) == ("opened", NEW_ID)
    assert (decision.reply, decision.withheld.sign) == (None, "our-thread")


def test_a_mail_that_only_names_a_case_is_answered():
    named = by("mallory@example.net", message_id="m@example.net", subject=f"About {NEW_ID}")
    assert second(named, CASE).reply


def test_the_reporter_joins_under_the_relays_id():
    answer = message(message_id="n@x", references=(f"{RELAYED}@eu-west-1.amazonses.com",), subject="Re: it")
    assert second(answer, CASE).end == "joined"


@pytest.mark.parametrize(
    ("answer", "ids"),
    [
        (f"250 Ok {RELAYED}", (RELAYED,)),
        ("250 2.0.0 Ok: queued as 4XyzAbc123z1Yq", ()),
        ("250 2.6.0 message accepted for delivery, thank you", ()),
        ("250 OK id=1rABCD-0000000ABCD-2xyz", ("1rABCD-0000000ABCD-2xyz",)),
        (
            "250 2.0.0 OK 1764500000 a640c23a62f3a-b1234567890si12345678a12.3 - gsmtp",
            ("a640c23a62f3a-b1234567890si12345678a12.3",),
        ),
        ("2" * 100_000, ()),
    ],
)
def test_of_a_relays_answer_only_what_is_long_enough_is_an_id(answer, ids):
    assert relay_ids(answer) == ids
