import pytest

from triaged.core.mail.parsing.headers import degraded_message
from triaged.core.mail.parsing.reading import read_message

OURS = "0123456789abcdef@smallest.ai"
RETURNED = f"Content-Type: text/rfc822-headers\r\n\r\nFrom: security@smallest.ai\r\nMessage-ID: <{OURS}>\r\n"


def report(*actions, more=RETURNED, kind="multipart/report; report-type=delivery-status"):
    """A delivery status with these actions, and the header of the mail that it returns."""
    status = "".join(f"\r\nFinal-Recipient: rfc822; a@x.example\r\nAction: {action}\r\n" for action in actions)
    return (
        f"From: MAILER-DAEMON@x.example\r\nMessage-ID: <dsn@x.example>\r\nSubject: Mail\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: {kind}; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nAction: delivered, said the text.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n"
        f"{status}\r\n--b\r\n{more}--b--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("actions", "bounce"),
    [
        (("failed",), "failed"),
        (("Failed",), "failed"),
        (("delayed",), "delayed"),
        (("delivered",), "delivered"),
        (("relayed",), "delivered"),
        (("expanded",), "delivered"),
        (("delivered", "failed"), "failed"),
        (("delivered", "delayed"), "delayed"),
        ((), "failed"),
    ],
)
def test_a_delivery_report_says_what_became_of_the_mail(actions, bounce):
    assert read_message(report(*actions)).bounce == bounce


def test_the_ids_of_what_is_returned_are_found_and_not_the_reports_own():
    assert read_message(report("failed")).returned_ids == (OURS,)


@pytest.mark.parametrize(
    "line",
    [
        f"Message-ID: <{OURS}>",
        f"Message-Id:<{OURS}>",
        f"MESSAGE-ID:\r\n <{OURS}>",
        f"Original-Message-ID: <{OURS}>",
        f"X-Original-Message-ID: <{OURS}>",
        f"> Message-ID: <{OURS}>",
        f"Message-ID: &lt;{OURS}&gt;",
    ],
)
def test_an_id_is_found_however_it_is_written(line):
    assert read_message(report("failed", more=f"Content-Type: text/plain\r\n\r\n{line}\r\n")).returned_ids == (OURS,)


def test_what_is_no_id_or_over_long_is_not_taken():
    more = f"Content-Type: text/plain\r\n\r\nMessage-ID: <nothing>\r\nMessage-ID: <{'a' * 250}@x.example>\r\n"
    assert read_message(report("failed", more=more)).returned_ids == ()


def test_each_id_is_taken_once_and_no_more_than_fifty():
    lines = "".join(f"Message-ID: <{number % 60}@x.example>\r\n" for number in range(600))
    ids = read_message(report("failed", more=f"Content-Type: text/plain\r\n\r\n{lines}")).returned_ids
    assert ids == tuple(f"{number}@x.example" for number in range(50))


def test_what_a_returned_mail_says_of_actions_is_not_the_reports_word():
    more = "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nAction: failed\r\n"
    assert read_message(report("delivered", more=more)).bounce == "delivered"


def test_a_bounce_without_a_status_has_failed_or_waits_by_its_words():
    head = b"From: relay@x.example\r\nSubject: failure notice\r\n\r\n"
    notice = b"Hi. This is the qmail-send program at x.example.\r\n\r\nMessage-ID: <" + OURS.encode() + b">\r\n"
    read = read_message(head + notice)
    assert (read.bounce, read.returned_ids) == ("failed", (OURS,))
    waits = b"From: relay@x.example\r\nSubject: Warning: message delayed 24 hours\r\n\r\n"
    told = b"This message was created automatically by mail delivery software.\r\n"
    assert read_message(waits + told).bounce == "delayed"


def test_a_person_who_forwards_a_bounce_returns_nothing():
    head = b"From: Ann <ann@example.org>\r\nSubject: Fwd: failure notice\r\n\r\nLook what came back.\r\n\r\n"
    read = read_message(head + b"> Hi. This is the qmail-send program\r\n> Message-ID: <" + OURS.encode() + b">\r\n")
    assert (read.bounce, read.returned_ids) == ("", ())


def test_an_automatic_reply_is_no_bounce():
    read = read_message(b"From: a@x.example\r\nAuto-Submitted: auto-replied\r\nSubject: Away\r\n\r\nI am away.\r\n")
    assert read.bounce == ""


def test_a_degraded_bounce_returns_its_ids_too():
    read = degraded_message(report("failed"), "too slow")
    assert (read.bounce, read.returned_ids) == ("failed", (OURS,))
