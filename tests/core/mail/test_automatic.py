import pytest

from tests.support.values import HEADERS, by, message
from triaged.core.mail.automatic.signs import Ours, silence
from triaged.core.mail.message import Attachment
from triaged.core.mail.parsing.headers import degraded_message
from triaged.core.mail.parsing.reading import read_message

OWN = Ours(frozenset({"security@smallest.ai"}))
GROUP = Ours(frozenset({"security@smallest.ai"}), lists=frozenset({"security.smallest.ai"}))
OUR_MAIL = "ack-1@smallest.ai"
AUTHORS = Ours(frozenset({"security@smallest.ai"}), wrote=lambda message_id: message_id == OUR_MAIL)


def sign(read, ours=OWN):
    why = silence(read, ours)
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
    assert why.reason == "its Auto-Submitted field says that a machine answers with it"


GROUPS_FIELDS = (
    ("list-id", '"Security, <all of us>" <Security.smallest.ai>'),
    ("list-post", "<mailto:security@smallest.ai>"),
    ("list-unsubscribe", "<mailto:security+unsubscribe@smallest.ai>"),
    ("mailing-list", "list security@smallest.ai"),
    ("x-beenthere", "security@smallest.ai"),
    ("precedence", "list"),
)


def test_a_report_through_our_own_list_is_a_persons():
    assert sign(with_fields(*GROUPS_FIELDS), GROUP) is None
    other = Ours(frozenset({"security@elsewhere.example"}))
    assert sign(with_fields(*GROUPS_FIELDS), other) == "list"


def test_a_group_whose_address_is_ours_needs_no_setting():
    assert sign(with_fields(*GROUPS_FIELDS)) is None
    posted = (("list-post", "<mailto:security@smallest.ai>"), ("list-unsubscribe", "<https://groups.example/u>"))
    assert sign(with_fields(*posted)) is None
    assert sign(with_fields(*posted, ("mailing-list", "list talk@lists.example"))) == "list"
    assert sign(from_group("'Ann' via Security", ("List-ID", "<security.smallest.ai>"))) is None


def test_another_list_beside_our_own_makes_it_that_lists_mail():
    assert sign(with_fields(*GROUPS_FIELDS, ("list-id", "<news.example.org>")), GROUP) == "list"
    assert sign(with_fields(("list-id", "<security.smallest.ai.example>")), GROUP) == "list"
    assert sign(with_fields(("list-unsubscribe", "<mailto:x@news.example>")), GROUP) == "list"
    assert sign(with_fields(("list-id", "security.smallest.ai <news.example.org>")), GROUP) == "list"


def test_our_own_list_excuses_nothing_but_its_own_fields():
    assert sign(with_fields(*GROUPS_FIELDS, ("precedence", "bulk")), GROUP) == "precedence"
    assert sign(with_fields(*GROUPS_FIELDS, ("auto-submitted", "auto-replied")), GROUP) == "auto-submitted"


def from_group(name, *fields):
    raw = f'From: "{name}" <security@smallest.ai>\r\nSubject: a report\r\n' + "".join(
        f"{key}: {value}\r\n" for key, value in fields
    )
    return read_message(f"{raw}\r\nText.\r\n".encode())


def test_a_mail_into_which_our_own_group_put_its_address_is_not_our_own():
    assert sign(from_group("'Ann' via Security", ("List-ID", "<security.smallest.ai>")), GROUP) is None
    assert sign(from_group("'Ann' via Security", ("List-ID", "<other.example>")), GROUP) == "list"
    assert sign(from_group("'Ann' via Security"), GROUP) == "own-mail"
    assert sign(from_group("Smallest Security", ("List-ID", "<security.smallest.ai>")), GROUP) == "own-mail"
    assert silence(from_group("Smallest website"), GROUP).strength == "carried"


def test_a_degraded_mail_through_our_own_group_is_not_our_own_either():
    raw = b"From: \"'Ann' via Security\" <security@smallest.ai>\r\nList-ID: <security.smallest.ai>\r\n\r\nText.\r\n"
    assert sign(degraded_message(raw, "too slow"), GROUP) is None
    other = raw.replace(b"List-ID: <security.smallest.ai>", b"X-Other: 1")
    assert sign(degraded_message(other, "too slow"), GROUP) == "own-mail"


def test_our_own_mail_is_recognised_by_its_message_id_whoever_sends_it():
    why = silence(message(message_id=OUR_MAIL), AUTHORS)
    assert (why.sign, why.strength) == ("own-mail", "format")
    assert sign(message(message_id="other@smallest.ai"), AUTHORS) is None


def test_words_weigh_more_in_an_answer_to_a_mail_of_ours():
    notice = {"subject": "Automatic reply: Re: hello", "text": "I am away."}
    assert silence(message(**notice), AUTHORS).strength == "worded"
    assert silence(message(**notice, references=("x@y.example",)), AUTHORS).strength == "worded"
    assert silence(message(**notice, references=("x@y.example", OUR_MAIL)), AUTHORS).strength == "replied"
    assert silence(with_fields(("x-loop", "x"), **notice), AUTHORS).strength == "replied"


@pytest.mark.parametrize(
    "field",
    [
        ("x-autoreply", "yes"),
        ("x-auto-reply-from", "a@x.example"),
        ("x-autorespond", "Re: hello"),
        ("x-autoresponder", "1"),
        ("x-mail-autoreply", "vacation"),
        ("x-autogenerated", "Reply"),
        ("x-ms-exchange-generated-message-source", "Mailbox Rules Agent"),
        ("x-mailer", "Vacation/1.2"),
        ("delivered-to", "Autoresponder"),
    ],
)
def test_an_autoresponders_own_field_is_a_mark(field):
    assert sign(with_fields(field)) == "automatic-reply"


@pytest.mark.parametrize(
    "field",
    [
        ("x-autoreply", "no"),
        ("x-autogenerated", "Mirror"),
        ("x-auto-response-suppress", "DR"),
        ("x-mailer", "Apple Mail (2.3654)"),
        ("feedback-id", "i1234:Fastmail"),
        ("feedback-id", "1.eu-west-1.abc:AmazonSES"),
        ("x-priority", "1 (Highest)"),
        ("precedence", "first-class"),
        ("x-ms-exchange-inbox-rules-loop", "ann@example.org"),
        ("x-campaigner", "ann"),
        ("x-retina", "1"),
        ("thread-index", "AdFuZ6XxOH"),
        ("disposition-notification-to", "ann@example.org"),
        ("sender", "ann@example.org"),
        ("delivered-to", "security@smallest.ai"),
    ],
)
def test_what_peoples_clients_and_gateways_add_is_no_mark(field):
    assert sign(with_fields(field)) is None


@pytest.mark.parametrize(
    "field",
    [
        ("x-zendesk-from-account-id", "1"),
        ("x-otrs-owner", "help@x.example"),
        ("rt-ticket", "x.example #17"),
        ("x-servicenow-generated", "true"),
        ("x-freescout-mail-type", "user.notification"),
        ("x-mailer", "osTicket Mailer"),
        ("x-powered-by", "Zammad - Helpdesk/Support"),
        ("x-managed-by", "RT 5.0.1"),
    ],
)
def test_a_ticket_system_forbids_an_answer_and_carries_what_people_write(field):
    assert (sign(with_fields(field)), silence(with_fields(field), OWN).strength) == ("software", "carried")


@pytest.mark.parametrize(
    "field", [("x-github-reason", "mention"), ("x-jira-fingerprint", "1"), ("x-cron-env", "<SHELL=/bin/sh>")]
)
def test_a_trackers_field_is_a_machines(field):
    assert (sign(with_fields(field)), silence(with_fields(field), OWN).strength) == ("software", "machine")


@pytest.mark.parametrize(
    "field",
    [
        ("sender", "talk-bounces@lists.example"),
        ("sender", "owner-talk@lists.example"),
        ("delivered-to", "mailing list talk@lists.example"),
        ("x-mailman-version", "2.1"),
        ("x-beenthere", "talk@lists.example"),
    ],
)
def test_a_list_is_known_by_its_older_marks_too(field):
    assert sign(with_fields(field)) == "list"


@pytest.mark.parametrize(
    ("part_types", "text", "expected"),
    [
        (("text/plain", "text/calendar; method=reply"), "Ann has accepted.", ("invitation", "replied")),
        (("text/calendar; method=request",), "", ("calendar", "format")),
        (("text/plain", "text/calendar; method=publish"), "The conference.", None),
        (("text/plain", "text/calendar"), "See the file.", None),
    ],
)
def test_calendar_mail_has_a_method(part_types, text, expected):
    why = silence(message(content_type="multipart/mixed", part_types=part_types, text=text), OWN)
    assert (why and (why.sign, why.strength)) == expected


def test_a_tls_report_is_known_by_its_fields_or_its_part():
    assert sign(with_fields(("tls-report-domain", "smallest.ai"))) == "tls-report"
    parts = ("text/plain", "application/tlsrpt+gzip")
    assert sign(message(content_type="multipart/mixed", part_types=parts)) == "tls-report"
    assert sign(message(content_type="multipart/mixed", part_types=parts, subject="Fwd: figures")) is None


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        ("Ticket Received - 286612", "A ticket has been created for your request.", "desk"),
        ("[Ticket#2024-17] Your request has been received", "Thank you for your message.", "desk"),
        ("Re: your report", "Thank you for contacting Acme. Your case number is 00123.", "desk"),
        ("Ihre Anfrage [Ticket#17]", "Wir haben Ihre Anfrage erhalten.", "desk"),
        ("Please confirm", "Confirm that you are a person, and your message will be delivered.", "challenge"),
        ("Re: hello [Boxbe]", "Your message will be delivered when you are on the guest list.", "challenge"),
        ("Your mail to talk", "Your message is being held for the moderator.", "moderation"),
        ("Re: hello", "I am out of the office until 7 December. In urgent cases call Bo.", "away"),
        ("Re: Hallo", "Ich bin bis zum 7. Dezember nicht im Büro und antworte danach.", "away"),
        ("Delivery problem", "The mailbox is full: quota exceeded.", "worded-bounce"),
    ],
)
def test_words_alone_withhold_an_answer_and_never_the_case(subject, text, expected):
    why = silence(message(subject=subject, text=text), OWN)
    assert (why.sign, why.strength) == (expected, "worded")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Ticket system leaks other people's tickets", "Any ticket that has been created can be read by its number."),
        ("Was my report received?", "Hello, I sent a report last week and would like to know."),
        ("Re: your request", "Thank you for your message. I will reply with a video tomorrow."),
        ("Confirmation mail can be replayed", "An attacker can confirm that you are somebody else."),
        ("Friday", "I will be out of the office on Friday, so let us talk on Thursday."),
        ("Read: path traversal in the files API", "Any file can be read without a login."),
        ("Vacation", "The vacation page shows other people's plans."),
        ("Delivery status of orders is public", "Orders of others can be read at /orders/1."),
        ("Mail delivery can be spoofed", "Mail in your name is accepted everywhere."),
        ("Thank you for contacting me", "Here are the details that you asked for."),
        ("[Ticket#17] screenshot", "Thank you for your message. Here is the picture."),
    ],
)
def test_who_uses_a_machines_words_otherwise_is_a_person(subject, text):
    assert sign(message(subject=subject, text=text)) is None


@pytest.mark.parametrize(
    "subject", ["Fwd: Undelivered Mail", "WG: Unzustellbar: x", "Re: Fw: failure notice", "[x] TR : x"]
)
def test_who_passes_a_bounce_on_is_a_person(subject):
    assert sign(message(subject=subject, text="Hi. This is the qmail-send program at x.example.")) is None


def test_who_quotes_a_bounce_is_a_person():
    read = message(
        subject="No answer", text="My mail came back, see below.", quoted="Hi. This is the qmail-send program."
    )
    assert sign(read) is None


@pytest.mark.parametrize(
    "subject",
    [
        "Automatische Antwort: Bericht",
        "Fuori sede: rapporto",
        "Frånvaro: rapport",
        "Autosvar: rapport",
        "Automaattinen vastaus: raportti",
        "Odpowiedź automatyczna: raport",
        "Automatická odpověď: zpráva",
        "Automatikus válasz: jelentés",
        "Otomatik yanıt: rapor",
        "Afwezig: rapport",
        "自動応答: 報告",
        "부재중: 보고",
    ],
)
def test_an_absence_notice_is_known_in_a_dozen_more_languages(subject):
    assert silence(message(subject=subject, text="..."), OWN).strength == "worded"
    assert sign(message(subject=subject, text="...")) == "away"


def test_a_receipt_is_known_by_subject_and_text_together():
    text = "Your message\n\n  To: Ann\n  Sent: Monday\n\nwas read on Monday."
    assert sign(message(subject="Read: your report", text=text)) == "receipt"
    assert sign(message(subject="Re: your report", text=text)) is None


@pytest.mark.parametrize(
    "filename", ["x.example!smallest.ai!1763856000!1763942399.xml.gz", "a!b!1763856000!1763942399!7.zip"]
)
def test_a_dmarc_report_is_known_by_its_files_name(filename):
    part = Attachment(filename, "application/gzip", "application/gzip", 40, "ab" * 32)
    assert sign(message(subject="Figures", text="Attached.", attachments=(part,))) == "dmarc-report"
    assert sign(message(subject="DMARC", text="I found that your policy is none.", attachments=(part,))) is None


def test_a_table_of_many_megabytes_of_words_is_looked_at_only_at_its_beginning():
    for filler in ("your message ", "the ticket has been ", "confirm click ", "i am on leave ", "message "):
        assert sign(message(subject=filler * 100, text=filler * 50_000)) is None
