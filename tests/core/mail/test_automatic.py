import pytest

from tests.values import HEADERS, by, message
from triaged.core.mail.automatic import Ours, silence

OWN = Ours(frozenset({"security@smallest.ai"}))


def sign(read):
    why = silence(read, OWN)
    return why.sign if why else None


def with_fields(*fields, **changes):
    return message(headers=(*HEADERS, *fields), **changes)


def test_a_persons_report_is_answered():
    assert sign(message()) is None


@pytest.mark.parametrize(
    "value",
    ["no", "No", "NO ", "no; x=y", "(comment) no", "no (by hand)", "(a (nested) one) no", "(auto-replied) no", "", " "],
)
def test_auto_submitted_no_is_a_person(value):
    assert sign(with_fields(("auto-submitted", value))) is None


@pytest.mark.parametrize(
    "value",
    [
        "auto-generated",
        "Auto-Replied",
        "auto-notified; owner-email=a@example.org",
        "auto-replied (vacation)",
        "(no) auto-generated",
        "auto-generated; no",
        "yes",
        "no-reply",
        "(never closed no",
    ],
)
def test_auto_submitted_anything_else_is_a_machine(value):
    assert sign(with_fields(("auto-submitted", value))) == "auto-submitted"


@pytest.mark.parametrize("values", [("no", "auto-replied"), ("auto-replied", "no")])
def test_of_two_auto_submitted_fields_the_machines_wins(values):
    assert sign(with_fields(*(("auto-submitted", value) for value in values))) == "auto-submitted"


@pytest.mark.parametrize("value", ["<>", "< >", "<\t>", "<#@[]>"])
def test_an_empty_return_path_is_answered_by_nobody(value):
    assert sign(with_fields(("return-path", value))) == "null-return-path"


@pytest.mark.parametrize(
    "name",
    ["List-Id", "List-Help", "List-Subscribe", "List-Unsubscribe", "List-Post", "List-Owner", "List-Archive"],
)
def test_a_list_is_not_answered(name):
    assert sign(with_fields((name.lower(), "<x.example>"))) == "list"


@pytest.mark.parametrize("value", ["bulk", "Junk", "list", "auto_reply", "auto-reply", "bulk (newsletter)"])
def test_bulk_precedence_is_not_answered(value):
    assert sign(with_fields(("precedence", value))) == "precedence"


@pytest.mark.parametrize("value", ["first-class", "normal", "", "special-delivery"])
def test_other_precedences_are_peoples(value):
    assert sign(with_fields(("precedence", value))) is None


@pytest.mark.parametrize("value", ["All", "all", "OOF", "DR, RN, NRN, OOF, AutoReply", "AutoReply"])
def test_a_wish_for_no_automatic_replies_is_honoured(value):
    assert sign(with_fields(("x-auto-response-suppress", value))) == "suppress"


@pytest.mark.parametrize("value", ["DR, RN, NRN", "DR", "RN", "None", ""])
def test_a_wish_for_no_receipts_forbids_no_acknowledgment(value):
    assert sign(with_fields(("x-auto-response-suppress", value))) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"content_type": "multipart/report"}, "report"),
        ({"content_type": "message/delivery-status"}, "report"),
        ({"content_type": "text/calendar"}, "calendar"),
        ({"headers": (*HEADERS, ("x-failed-recipients", "a@x.example"))}, "failed-recipients"),
        ({"headers": (*HEADERS, *(("received", f"by hop-{n}") for n in range(51)))}, "hops"),
    ],
)
def test_what_is_no_persons_by_its_format_opens_no_case(changes, expected):
    why = silence(message(**changes), OWN)
    assert (why.sign, why.strength == "format") == (expected, True)


def test_fifty_hops_are_a_long_way_and_no_loop():
    assert sign(with_fields(*(("received", f"by hop-{n}") for n in range(50)))) is None


@pytest.mark.parametrize("address", ["security@smallest.ai", "Security@Smallest.AI", "security+case@smallest.ai"])
def test_our_own_mail_is_recognised_in_any_spelling(address):
    assert sign(by(address)) == "own-mail"


def test_our_own_address_in_one_reading_is_enough():
    read = message(author_readings=(("attacker@y.example",), ("security@smallest.ai",), ()))
    assert sign(read) == "own-mail"


@pytest.mark.parametrize(
    "local",
    "MAILER-DAEMON postmaster listserv majordomo owner-talk talk-request talk-bounces bounce+17 bounce-17 root".split(),
)
def test_a_mail_systems_address_is_not_answered(local):
    assert sign(by(f"{local}@lists.example")) == "daemon"


def test_mailer_daemon_without_a_domain_is_one_too():
    headers = (("from", "MAILER-DAEMON"),)
    assert sign(message(headers=headers, authors=(), author_readings=((), (), ()))) == "daemon"


@pytest.mark.parametrize(
    "local",
    "no-reply noreply NoReply no_reply no.reply donotreply do-not-reply noreply+17 shop-noreply nicht-antworten "
    "ne-pas-repondre notifications newsletter".split(),
)
def test_an_address_that_nobody_reads_is_not_answered(local):
    assert sign(by(f"{local}@shop.example")) == "no-reply"


@pytest.mark.parametrize("local", "groot postmasterson rooter norey reply requests ann.alerts bo-list bouncer".split())
def test_a_name_that_only_resembles_one_is_a_persons(local):
    assert sign(by(f"{local}@example.org")) is None


def test_an_envelope_of_a_sending_service_is_a_persons_mail():
    assert sign(with_fields(("return-path", "<bounce+17=x@mailer.example>"))) is None
    assert sign(with_fields(("return-path", "<MAILER-DAEMON@mailer.example>"))) == "daemon"


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: your report",
        "Automatic reply",
        "Out of Office",
        "Out of office until Monday",
        "Out of Office AutoReply: Re: hello",
        "OOO: back on 7 December",
        "Abwesenheitsnotiz: Ihr Bericht",
        "Abwesend",
        "Réponse automatique : Re: votre message",
        "Respuesta automática: consulta",
        "Автоответ: Re: письмо",
        "自动回复：您好",
        "I am out of the office",
    ],
)
def test_an_absence_notice_is_known_by_its_subject(subject):
    assert sign(message(subject=subject, text="I am away.")) == "away"


@pytest.mark.parametrize(
    "subject",
    [
        "XSS in the vacation reply editor",
        "Auto-reply endpoint leaks addresses",
        "Automatic reply feature exposes its users",
        "Out of office replies can be read by anyone",
        "Out of bounds read in the parser",
        "Re: Automatic reply: your report",
        "Auto: a car that unlocks itself",
        "Vacation planner: IDOR",
    ],
)
def test_who_writes_about_automatic_replies_is_a_person(subject):
    assert sign(message(subject=subject)) is None


NOTICE = "Your message could not be delivered: 550 user unknown."


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Undelivered Mail Returned to Sender", NOTICE),
        ("Returned mail: see transcript for details", NOTICE),
        ("failure notice", "Hi. This is the qmail-send program at x.example.\nI wasn't able to deliver your message."),
        ("Re: hello", "Your message could not be delivered to the following recipients:\n  ann@example.org"),
    ],
)
def test_a_bounce_without_marks_is_known_by_subject_and_text(subject, text):
    assert sign(message(subject=subject, text=text)) == "bounce"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Fwd: Undelivered Mail Returned to Sender", f"My report came back, can you look?\n{NOTICE}"),
        (
            "Undelivered mail can be read by others",
            "There is a vulnerability: mail that was not delivered is shown to all.",
        ),
        ("Delivery status endpoint leaks recipients", "An attacker can list every recipient."),
        ("Undeliverable", "Hello, is anybody there?"),
    ],
)
def test_who_writes_about_a_bounce_is_a_person(subject, text):
    assert sign(message(subject=subject, text=text)) is None


def test_a_dmarc_report_is_known_by_its_subject_and_a_forwarded_one_is_a_persons():
    subject = "Report Domain: smallest.ai Submitter: mailbox.example Report-ID: 7"
    assert sign(message(subject=subject)) == "dmarc-report"
    assert sign(message(subject=f"[Preview] {subject}")) == "dmarc-report"
    assert sign(message(subject=f"Fwd: {subject}")) is None


def test_the_most_authoritative_sign_is_the_one_that_is_named():
    read = with_fields(
        ("auto-submitted", "auto-replied"),
        ("precedence", "bulk"),
        subject="Automatic reply: x",
        content_type="multipart/report",
    )
    assert sign(read) == "report"
    assert sign(with_fields(("auto-submitted", "auto-replied"), ("precedence", "bulk"))) == "auto-submitted"


def test_every_silence_says_why_and_where_it_is_written():
    why = silence(with_fields(("auto-submitted", "auto-replied")), OWN)
    assert why.rfc == "RFC 3834 section 5"
    assert why.reason == "its Auto-Submitted field says that a machine sent it"
