import html
import re
from dataclasses import replace
from datetime import UTC, date, timedelta
from email import message_from_bytes, message_from_string, policy
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from linkify_it import LinkifyIt

from tests.support.letters import TEAM, Writer
from tests.support.values import HOUR, NEW_ID, NOON, REPORTER, by, case, decide, message, opened, owed
from tests.support.values import policy as shipped_policy
from triaged.adapters.letters import samples
from triaged.adapters.letters.mail_bytes import verify
from triaged.adapters.letters.render import JinjaRenderer
from triaged.adapters.letters.templates import SHIPPED
from triaged.config.loading import example as shipped_example
from triaged.config.settings import Identity, PublicKey
from triaged.core.case.events import ExploitSuspected, ReporterPurpose, Scanned, TeamPurpose, Withheld
from triaged.core.case.folding import fold
from triaged.core.deciding.replying import letter_text
from triaged.core.letters.draft import ANSWERING
from triaged.core.letters.drafts import acknowledgment
from triaged.core.letters.reply import (
    ArrivedPart,
    Away,
    Reminder,
    Reply,
    ReplyTemplate,
    Standing,
    Update,
    Variant,
    Written,
)
from triaged.core.mail.message import Attachment
from triaged.core.team.alerts import Manner, Told, alert
from triaged.core.team.digest import Health, Inputs, digest
from triaged.core.team.ical import week_text
from triaged.core.team.listing import standing
from triaged.ports import Unwritten

GOLDEN = Path(__file__).parent / "golden"
KEY = bytes(32)
UPDATES = {"update": {}, "update-away": {"away": Away(date(2026, 12, 31), "urgent@smallest.ai")}}
GOLDENS = {
    **{variant: {} for variant in get_args(Variant)},
    "not-told-the-scope": {"variant": "needs-info", "scope": None},
    "abuse": {"variant": "abuse", "contact": "abuse@smallest.ai"},
    "privacy": {"variant": "privacy", "contact": "privacy@smallest.ai", "answer_due": NOON + timedelta(days=30)},
    "vacation": {"variant": "complete", "away": Away(date(2026, 12, 31), "urgent@smallest.ai")},
}
"""Golden file to what its mail differs in: one for each variant, and two for what any of them may say."""
FIELDS = (
    "From To Subject Date Message-ID In-Reply-To References Auto-Submitted X-Auto-Response-Suppress Precedence "
    "MIME-Version Content-Type Content-Transfer-Encoding"
).split()
HOSTILE = '<script>alert("x")</script> \u202egnp.exe\u2066 \x1b[31m\r\nBcc: victim@example.net'


def renderer(identity=None, rules=None, **options):
    rules, digest_to = rules or shipped_policy(), options.pop("digest_to", TEAM)
    return Writer(
        JinjaRenderer(identity or shipped_example().settings.identity, rules, KEY, **options), rules, digest_to
    )


def reply(variant="complete", **changes):
    """A report with three attachments, in the words of a variant."""
    whole = Reply(
        variant=variant,
        case_id=NEW_ID,
        to=REPORTER,
        in_reply_to="report-1@example.org",
        received_at=NOON - HOUR,
        scope="out-of-scope" if variant == "out-of-scope" else "infrastructure",
        parts=tuple(
            ArrivedPart(size, digits * 32)
            for size, digits in ((12_345, "1a"), (1_234_567, "2b"), (987, "3c"), (99_999, "4d"))
        ),
        missing=tuple(part for part in shipped_policy().sections if part.required) if variant == "needs-info" else (),
        issues=3 if variant == "several" else 1,
        triage_due=NOON + timedelta(days=7),
        update_due=NOON + timedelta(days=14),
    )
    return replace(whole, **changes)


def an_update(**changes):
    """The second automatic word on a case, two weeks after it was received."""
    whole = Update(
        case_id=NEW_ID,
        number=2,
        to=REPORTER,
        in_reply_to="report-1@example.org",
        received_at=NOON - timedelta(days=14),
        due=NOON + 20 * HOUR,
        next_due=NOON + timedelta(days=14),
    )
    return replace(whole, **changes)


def read(owed_mail):
    return message_from_bytes(owed_mail.raw.encode("ascii"), policy=policy.default)


def body(owed_mail):
    return read(owed_mail).get_content().replace("\r\n", "\n")


def golden(name):
    changes = {"variant": name, **GOLDENS[name]}
    return reply(changes.pop("variant"), **changes)


@pytest.mark.parametrize("name", GOLDENS)
def test_a_mail_to_a_reporter_is_byte_for_byte_the_golden_one(name):
    """After a change that is meant: `python tests/adapters/test_render.py` writes them anew."""
    raw = renderer().reply(golden(name), NOON).raw
    assert raw.replace("\r\n", "\n").encode("ascii") == (GOLDEN / f"{name}.txt").read_bytes()
    assert re.search(r"[^\r]\n|\r[^\n]", raw) is None


OUR_KEY = PublicKey(url="https://smallest.ai/key.asc", fingerprint="0123456789abcdef" * 2 + "01234567")


def with_key(key):
    return shipped_example().settings.identity.model_copy(update={"key": key})


@pytest.mark.parametrize("name", ["key-request", "encrypted"])
def test_who_writes_encrypted_or_asks_how_is_told_our_key(name):
    keyed = renderer(with_key(OUR_KEY))
    told = " ".join(body(keyed.reply(golden(name), NOON)).split())
    assert "https://smallest.ai/key.asc (fingerprint 0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567)" in told


@pytest.mark.parametrize("key", [None, OUR_KEY])
@pytest.mark.parametrize("name", ["encrypted", "unreadable"])
def test_nobody_is_asked_to_send_anything_in_clear(name, key):
    told = " ".join(body(renderer(with_key(key)).reply(golden(name), NOON)).split())
    assert "in clear" not in told.replace("do not send it in clear", "")
    assert "plain text" not in told


@pytest.mark.parametrize("name", UPDATES)
def test_an_automatic_update_is_byte_for_byte_the_golden_one(name):
    raw = renderer().update(an_update(**UPDATES[name]), NOON).raw
    assert raw.replace("\r\n", "\n").encode("ascii") == (GOLDEN / f"{name}.txt").read_bytes()


def test_what_a_report_states_is_not_asked_again():
    def asked(*known):
        text = " ".join(body(renderer().reply(reply(known=frozenset(known)), NOON)).split())
        return (re.search(r"- If you (.*?), a reply to this mail is enough", text) or ["", ""])[1]

    assert asked() == (
        "plan a publication date, have seen it exploited, have told others of it, or wish to be credited in some way"
    )
    assert asked("publish", "credit") == "have seen it exploited or have told others of it"
    assert asked("publish", "credit", "informed") == "have seen it exploited"
    assert asked("publish", "credit", "informed", "exploited") == ""


@pytest.mark.parametrize(
    ("known", "asks"),
    [
        ((), "- Tell us too if you plan a publication date or wish to be credited."),
        (("publish",), "- Tell us too if you wish to be credited."),
        (("credit",), "- Tell us too if you plan a publication date."),
        (("publish", "credit"), ""),
    ],
)
def test_who_is_asked_for_more_is_not_asked_again_for_what_they_stated(known, asks):
    told = " ".join(body(renderer().reply(reply("needs-info", known=frozenset(known)), NOON)).split())
    assert (re.search(r"- Tell us too [^.]*\.", told) or [""])[0] == asks


def test_who_says_that_attackers_use_it_hears_that_people_are_alerted():
    told = " ".join(body(renderer().reply(reply(alerted=True, known=frozenset({"exploited"})), NOON)).split())
    assert "our people are alerted at once" in told
    assert "alerted" not in body(renderer().reply(reply(), NOON))


STANDINGS = {
    "waiting": ["answer from you", "A reply to this mail"],
    "closed": [f"closed on {NOON:%a} 23 Nov", "opens it again"],
    "fixed": ["A fix is available", "You hear from us by Mon 7 Dec"],
    "open": ["judged it", "You hear from us by Mon 7 Dec"],
    "unread": ["nobody has judged it", "You hear from us by Mon 30 Nov"],
}


@pytest.mark.parametrize("standing", get_args(Standing))
def test_who_asks_is_told_how_the_case_stands_and_the_next_date(standing):
    told = " ".join(body(renderer().reply(reply("status", standing=standing, closed_at=NOON), NOON)).split())
    assert all(words in told for words in STANDINGS[standing])
    late = " ".join(body(renderer().reply(reply("status", standing=standing, closed_at=NOON, late=True), NOON)).split())
    assert ("should have heard" in late) == (standing not in {"waiting", "closed"})


def a_reminder(**changes):
    whole = Reminder(NEW_ID, 1, REPORTER, "report-1@example.org", NOON - 20 * HOUR, NOON, shipped_policy().sections[:2])
    return replace(whole, **changes)


def test_a_reminder_is_byte_for_byte_the_golden_one():
    raw = renderer().reminder(a_reminder(), NOON).raw
    assert raw.replace("\r\n", "\n").encode("ascii") == (GOLDEN / "reminder.txt").read_bytes()


def a_letter(text="Fixed in 2.1, which is out today.", **changes):
    """The first letter of a person on a case."""
    whole = Written(
        case_id=NEW_ID,
        number=1,
        to=REPORTER,
        in_reply_to="report-1@example.org",
        received_at=NOON - timedelta(days=14),
        text=text,
        next_due=NOON + timedelta(days=14),
        publication=NOON + timedelta(days=30),
    )
    return replace(whole, **changes)


def a_reply(name):
    return renderer().written(a_letter(renderer().begun(a_letter(), name, NOON).strip("\n")), NOON)


@pytest.mark.parametrize("name", get_args(ReplyTemplate))
def test_a_letter_of_a_person_is_byte_for_byte_the_golden_one(name):
    raw = a_reply(name).raw
    assert raw.replace("\r\n", "\n").encode("ascii") == (GOLDEN / f"reply-{name}.txt").read_bytes()
    assert "Auto-Submitted" not in raw
    assert "Precedence" not in raw


@pytest.mark.parametrize("name", get_args(ReplyTemplate))
def test_a_letter_to_begin_from_reads_well_without_words_of_its_own(name):
    text = renderer().begun(a_letter("", publication=None), name, NOON)
    assert "\n\n\n" not in text.strip("\n")
    assert max(map(len, text.splitlines())) <= 90
    assert re.fullmatch(r"[A-Z].*", text.splitlines()[0])


@pytest.mark.parametrize("name", get_args(ReplyTemplate))
def test_nobody_is_asked_again_how_to_be_named(name):
    text = renderer().begun(a_letter(credited=True), name, NOON)
    assert "named" not in text
    assert "\n\n\n" not in text.strip("\n")


_WRITABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.just("\n"), min_size=1, max_size=400)


@given(_WRITABLE)
@example("From here on\n.\n..\n.hidden\n" + "é" * 1200)
@example("{{ identity }} {% raw %} {# no #}")
def test_what_a_person_writes_arrives_as_they_wrote_it(text):
    text = letter_text(text)
    assume(text)
    written = renderer().written(a_letter(text), NOON)
    # Some characters end a line for Python, and none for a mail.
    assert message_from_string(written.raw).get_payload(decode=True).decode().replace("\r\n", "\n") == (
        f"Hello,\n\n{text}\n\nSmallest.AI Security <security@smallest.ai>\n"
    )


_ABSOLUTE = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2} 20\d\d, \d\d:\d\d [A-Z]{3,4}\b")


@pytest.mark.parametrize("rules", ["shipped", "with a url and a zone"])
@pytest.mark.parametrize("name", GOLDENS)
def test_a_mail_to_a_reporter_reads_well(name, rules):
    adopted = shipped_policy()
    if rules != "shipped":
        calendar = adopted.calendar.model_copy(update={"timezone": ZoneInfo("Europe/Berlin")})
        adopted = adopted.model_copy(update={"url": "https://smallest.ai/security", "calendar": calendar})
    text = body(renderer(rules=adopted).reply(golden(name), NOON))
    lines = text.splitlines()
    assert len(lines) <= 25
    assert all(len(line) <= 76 for line in lines if "://" not in line)
    assert lines == [line.rstrip() for line in lines]
    assert "\n\n\n" not in text
    assert not re.search(r"\{\{|\}\}|\{%|%\}|\bNone\b|\bUndefined\b", text)
    flowing = " ".join(text.split())
    dates = {"flood": 2, "reopened": 2, "completed": 2, "status": 1, "vacation": 1}.get(name, 3)
    assert len(_ABSOLUTE.findall(flowing)) == dates
    assert len(re.findall(r"\b20\d\d\b", flowing)) == dates + 2 * (name == "vacation")
    proof = () if name in {"flood", "status"} else ("1a1a1a1a", "12.3 kB")
    automatic = ("A machine wrote this",) if name in {"flood", "status"} else ("This confirmation is automatic",)
    person = {"status": "The team sees", "flood": "a person reads"}.get(name, "a member of our team reads")
    for needed in (NEW_ID, *automatic, person, *proof):
        assert needed in flowing
    for never in ("reject", "declin", "do not reply", "noreply", "ticket", "invalid", "not a vulnerability"):
        assert never not in flowing.lower()
    assert ("https://smallest.ai/security" in text) == (rules != "shipped" and name not in {"flood", "status"})


def test_dates_are_in_the_policys_zone_and_name_it():
    calendar = shipped_policy().calendar.model_copy(update={"timezone": ZoneInfo("Europe/Berlin")})
    rules = shipped_policy().model_copy(update={"calendar": calendar})
    flowing = " ".join(body(renderer(rules=rules).reply(reply(), NOON)).split())
    assert "we received your report on Mon 23 Nov 2026, 12:00 CET." in flowing
    assert "By Mon 7 Dec 2026, 13:00 CET, you hear from us again" in flowing


def test_what_is_missing_is_asked_for_each_with_an_example():
    flowing = " ".join(body(renderer().reply(reply("needs-info"), NOON)).split())
    for section in shipped_policy().sections:
        assert (f"{section.title}: {section.example}" in flowing) == section.required


def test_a_letter_is_answered_without_a_word_of_reports_sections_and_scopes():
    policy = shipped_policy()
    flowing = " ".join(body(renderer().reply(reply("letter", missing=policy.sections), NOON)).split())
    told = (
        *policy.scopes.titles.values(),
        *(section.title for section in policy.sections),
        *(policy.sentences.out_of_scope,),
    )
    assert not [words for words in (*told, "your report", "credited", "publication") if words in flowing]


def test_a_long_url_stays_whole():
    url = "https://smallest.ai/" + "x" * 200
    rules = shipped_policy().model_copy(update={"url": url})
    assert url in body(renderer(rules=rules).reply(reply(), NOON)).split()


def test_the_header_is_exactly_the_one_of_the_contract():
    mail = renderer().reply(reply(), NOON)
    parsed = read(mail)
    assert parsed.keys() == FIELDS
    assert {name: parsed[name] for name in FIELDS if name not in {"Date", "Message-ID", "MIME-Version"}} == {
        "From": '"Smallest.AI Security" <security@smallest.ai>',
        "To": REPORTER,
        "Subject": f"[{NEW_ID}] We received your report",
        "In-Reply-To": "<report-1@example.org>",
        "References": "<report-1@example.org>",
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "All",
        "Precedence": "bulk",
        "Content-Type": 'text/plain; charset="us-ascii"',
        "Content-Transfer-Encoding": "7bit",
    }
    assert parsed["Date"].datetime == NOON
    assert parsed["Message-ID"] == f"<{mail.message_id}>"


def test_the_envelope_has_one_recipient_and_no_sender_unless_one_is_set():
    mail = renderer().reply(reply(), NOON)
    assert (mail.envelope_from, mail.to, mail.purpose, mail.at) == ("", (REPORTER,), "acknowledgment", NOON)
    mail = renderer(envelope_from="bounces@smallest.ai").reply(reply(), NOON)
    assert mail.envelope_from == "bounces@smallest.ai"


def test_the_message_id_is_the_cases_own_and_the_same_again_after_a_crash():
    first = renderer().reply(reply(), NOON)
    again = renderer().reply(reply(), NOON + HOUR)
    assert again.message_id == first.message_id
    assert first.message_id.endswith("@smallest.ai")
    assert renderer().reply(reply(case_id="SEC-0000-0000"), NOON).message_id != first.message_id
    assert renderer().reply(reply(), NOON) == first


def test_trying_ends_when_the_promise_does_and_not_at_once():
    assert renderer().reply(reply(received_at=NOON), NOON).expires_at == NOON + 48 * HOUR
    assert renderer().reply(reply(received_at=NOON - 400 * HOUR), NOON).expires_at == NOON + 4 * HOUR


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Acme Security", "Acme Security <security@smallest.ai>"),
        ('Acme, "Inc."', '"Acme, \\"Inc.\\"" <security@smallest.ai>'),
        ("Ängström Sécurité", None),
        ("x\r\nBcc: victim@example.net", None),
    ],
)
def test_any_name_of_ours_is_one_from_field(name, field):
    identity = Identity(organization="Acme", name=name, address="security@smallest.ai")
    mail = renderer(identity).reply(reply(), NOON)
    parsed = read(mail)
    assert parsed.keys() == FIELDS
    (address,) = parsed["From"].addresses
    assert address.addr_spec == "security@smallest.ai"
    assert address.display_name.split() == name.split()
    if field:
        assert f"From: {field}\r\n" in mail.raw


def test_words_beyond_ascii_are_encoded_and_come_back():
    sentences = shipped_policy().sentences.model_copy(update={"credit": "Wir nennen Sie gern: öffentlich. 谢谢"})
    mail = renderer(rules=shipped_policy().model_copy(update={"sentences": sentences})).reply(reply(), NOON)
    assert mail.raw.isascii()
    assert read(mail)["Content-Transfer-Encoding"] == "quoted-printable"
    assert "Wir nennen Sie gern: öffentlich. 谢谢" in " ".join(body(mail).split())


# The automatic update.


@pytest.mark.parametrize("name", UPDATES)
def test_an_automatic_update_says_the_case_two_dates_and_that_a_machine_wrote_it(name):
    mail = renderer().update(an_update(**UPDATES[name]), NOON)
    text = body(mail)
    flowing = " ".join(text.split())
    assert _ABSOLUTE.findall(flowing) == ["Mon 9 Nov 2026, 12:00 UTC", "Mon 7 Dec 2026, 12:00 UTC"]
    assert "You hear from us again by Mon 7 Dec 2026, 12:00 UTC." in flowing
    assert "A machine wrote this mail on the team's behalf" in flowing
    assert NEW_ID in flowing
    # Who is away is not said to be at work.
    assert ("being worked on" in flowing) == (name == "update")
    assert len(text.splitlines()) <= 12
    assert all(line == line.rstrip() and len(line) <= 76 for line in text.splitlines())
    assert not re.search(r"\n\n\n|\{\{|\}\}|\{%|%\}|\bNone\b", text)


def test_an_automatic_update_stands_in_the_thread_and_is_no_answer_to_a_mail():
    mail = renderer().update(an_update(), NOON)
    parsed = read(mail)
    assert parsed.keys() == FIELDS
    assert (parsed["Auto-Submitted"], parsed["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert parsed["Subject"] == f"Re: [{NEW_ID}] We received your report"
    assert parsed["In-Reply-To"] == parsed["References"] == "<report-1@example.org>"
    assert (mail.envelope_from, mail.to, mail.purpose, mail.at) == ("", (REPORTER,), "update", NOON)
    assert not renderer().update(an_update(in_reply_to="<a b@c>\r\nBcc: x@y"), NOON).raw.count("Bcc")


def test_an_automatic_update_has_a_message_id_by_its_number_and_is_tried_until_it_is_due():
    first, again = (renderer().update(an_update(), at) for at in (NOON, NOON + HOUR))
    assert first.message_id == again.message_id
    others = (renderer().update(an_update(number=1), NOON), renderer().reply(reply(), NOON))
    assert first.message_id not in {other.message_id for other in others}
    assert first.expires_at == NOON + 20 * HOUR
    assert renderer().update(an_update(due=NOON - HOUR), NOON).expires_at == NOON + 4 * HOUR


# What a stranger chose, as far as it reaches the renderer.
_WORDS = st.text(max_size=30) | st.sampled_from(
    ["a@b", "a@b>\r\nBcc: <v@x", "", "a@b\n", "a b@c", "<a@b>", "a@b, c@d", "\r\n\r\nbody", "é@x", "a@" + "b" * 300]
)


OURS = renderer()


@given(in_reply_to=st.none() | _WORDS)
def test_whatever_id_a_mail_carries_the_header_is_exact(in_reply_to):
    mail = OURS.reply(reply(in_reply_to=in_reply_to), NOON)
    parsed = message_from_bytes(mail.raw.encode("ascii"))
    assert [name for name in parsed if name not in {"In-Reply-To", "References"}] == [
        name for name in FIELDS if name not in {"In-Reply-To", "References"}
    ]
    assert all(len(line) <= 998 for line in mail.raw.split("\r\n"))
    for name in ("In-Reply-To", "References"):
        for value in parsed.get_all(name, []):
            assert re.fullmatch(r"<[!-;=?-~]+@[!-;=?-~]+>", value)
    assert mail.raw.partition("\r\n\r\n")[2] == OURS.reply(reply(), NOON).raw.partition("\r\n\r\n")[2]


@given(to=_WORDS)
def test_an_address_that_would_break_the_header_is_never_sent_to(to):
    """The core lets none through; should one come all the same, nothing is sent."""
    try:
        mail = OURS.reply(reply(to=to), NOON)
    except Unwritten:
        return
    parsed = message_from_string(mail.raw)
    assert parsed.keys() == FIELDS
    assert parsed.get_all("To") == [to] == list(mail.to)


def test_an_address_beyond_ascii_stands_in_the_header_in_utf8_and_nothing_else_does():
    mail = renderer().reply(reply(to="josé@example.es"), NOON)
    head, _, text = mail.raw.partition("\r\n\r\n")
    assert [line for line in head.split("\r\n") if not line.isascii()] == ["To: josé@example.es"]
    assert text.isascii()
    assert message_from_string(mail.raw, policy=policy.SMTPUTF8)["To"].addresses[0].addr_spec == "josé@example.es"
    assert mail.to == ("josé@example.es",)


def test_a_letter_beyond_ascii_anywhere_else_in_the_mail_stops_it():
    with pytest.raises(ValueError, match="beyond ASCII outside its To field"):
        verify(renderer().reply(reply(), NOON).raw.replace("Subject: ", "Subject: é"), FIELDS, [REPORTER])


@pytest.mark.parametrize("text", ["complete", "missing", "out of scope"])
def test_nothing_that_the_sender_wrote_is_in_an_acknowledgment(text):
    words = {"complete": message().text, "missing": "zebra crossing", "out of scope": "a hallucination of zebras"}
    marked = by(
        "ann@example.org",
        subject="zebra",
        text=f"{words[text]}\nzebra\n",
        references=("zebra-not-an-id",),
        attachments=(Attachment("zebra.png", "image/png", "image/png", 10, "ab" * 32, ("zebra",)),),
    )
    marked = replace(marked, authors=tuple(replace(author, name="zebra") for author in marked.authors))
    decision = decide(marked)
    mail = renderer().reply(decision.reply, NOON)
    assert "zebra" not in mail.raw.lower()


# The digest.


def work_list(*cases, zone=UTC, **health):
    well = Health(
        **{"last_poll_at": NOON, "problems": (), "owed": 0, "oldest_owed_at": None, "version": "1.0", **health}
    )
    inputs = Inputs(cases, (), {"opened": len(cases)}, well, NOON - 24 * HOUR)
    return digest(inputs, shipped_policy(), NOON, date(2026, 11, 23), zone)


def hostile_case():
    return case(owed(), case_id="SEC-2222-2222")


def test_a_digest_is_text_first_then_html_and_says_that_a_machine_made_it():
    mail = renderer(digest_to=["team@smallest.ai", "ciso@smallest.ai"]).digest(work_list(), NOON)
    parsed = read(mail)
    assert parsed.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert [address.addr_spec for address in parsed["To"].addresses] == ["team@smallest.ai", "ciso@smallest.ai"]
    assert parsed["Subject"].startswith("[triaged] ")
    assert parsed["Subject"].endswith(" - 2026-11-23")
    assert (mail.purpose, mail.to) == ("digest", ("team@smallest.ai", "ciso@smallest.ai"))
    assert not parsed.defects
    assert all(not part.defects for part in parsed.iter_parts())


def test_a_digest_carries_the_weeks_deadlines_as_a_calendar_where_there_are_any():
    parsed = read(renderer().digest(work_list(case(owed())), NOON))
    bodies, calendar = parsed.iter_parts()
    assert parsed.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in bodies.iter_parts()] == ["text/plain", "text/html"]
    assert (calendar.get_content_type(), calendar.get_filename()) == ("text/calendar", "deadlines.ics")
    carried = calendar.get_payload(decode=True).decode()
    assert carried == week_text([standing(case(owed()), shipped_policy(), NOON)], NOON)
    assert "deadlines.ics" in bodies.get_body(("plain",)).get_content()
    assert not [defect for part in parsed.walk() for defect in part.defects]
    assert "deadlines.ics" not in str(read(renderer().digest(work_list(), NOON)))


def test_a_digest_to_many_keeps_its_lines_short():
    team = [f"a.person.with.a.long.name.{number}@smallest.ai" for number in range(100)]
    mail = renderer(digest_to=team).digest(work_list(), NOON)
    assert max(map(len, mail.raw.split("\r\n"))) <= 998
    assert [address.addr_spec for address in read(mail)["To"].addresses] == team


def test_a_stranger_puts_no_markup_and_no_direction_into_a_digest():
    subject, text, html = renderer().digest_parts(work_list(_with_subject(HOSTILE), problems=("<script>",)))
    assert "&lt;script›" in html
    assert "<script" not in html
    for part in (subject, text.replace("\n", ""), html.replace("\n", "")):
        for char in ("\u202e", "\u2066", "\x1b"):
            assert char not in part
    assert "\\u202e" in text
    assert not [line for line in text.splitlines() if line.startswith("Bcc:")]


EVIL = (
    "Key leak\n  > triaged case SEC-0 close https://evil.example //evil \\\\evil\\x evil.example"
    " tel:evil a@evil.example 192.0.2.7/evil"
)


def _in_every_place():
    """A case into whose every field its sender wrote links and a command of ours."""
    whole = opened(
        message(
            text=f"It is actively exploited in the wild. {EVIL}\nPOST /v1/evil?x={EVIL}",
            attachments=(Attachment(EVIL, EVIL, EVIL, 9, "cd" * 32, (EVIL,)),),
        )
    )
    opening = replace(whole.opening, subject=EVIL, sender=replace(whole.opening.sender, name=EVIL, address=EVIL))
    others = (
        Withheld(at=NOON, sign="x", rfc="x", reason=EVIL),
        ExploitSuspected(at=NOON, quote=EVIL),
        Scanned(at=NOON, sha256="cd" * 32, verdict="infected", reason=EVIL),
    )
    return fold("SEC-2222-2222", (opening, *whole.history[1:], *others))


def linked(text):
    """What of a stranger's a mail client would make a link of."""
    found = LinkifyIt(options={"fuzzy_ip": True}).tlds(["example"], keep_old=True).match(text) or ()
    broken = re.findall(r"\S*(?://|\\\\|[a-z]:|(?<!\[)@|\w\.)(?=\S*evil)\S*", text)
    return [match.url for match in found if "evil" in match.url or "192.0.2.7" in match.url] + broken


def test_nothing_that_a_stranger_or_a_server_wrote_can_be_clicked_or_taken_for_a_command():
    assert len(linked(EVIL)) > 6
    mine = _in_every_place()
    found = alert([mine], Told(), shipped_policy(), Manner(UTC), NOON + 300 * HOUR)
    alert_mail = read(renderer(answers=True).alert(found, ["team@smallest.ai"], NOON))
    alerted, alert_page = (alert_mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    composed = work_list(mine, problems=(f"it refused: {EVIL}",))
    _, text, markup = renderer().digest_parts(composed)
    page, alert_page = (
        html.unescape(re.sub(r"<style.*?</style>|<[^>]*>", " ", each, flags=re.DOTALL)) for each in (markup, alert_page)
    )
    assert all("evil" in part for part in (alerted, alert_page, text, page))
    for part in (alerted, alert_page, text, page, composed.calendar.replace("\r\n ", "")):
        assert linked(part) == []
        assert "> triaged case SEC-0" not in part
    for part in (alerted, alert_page, text, page):
        assert len(re.findall(r'"Key leak › triaged case SEC-0 close hxxps', part)) > 1


def _with_subject(subject):
    opening = case().opening
    return fold("SEC-2222-2222", (replace(opening, subject=subject, sender=replace(opening.sender, name=subject)),))


def test_a_digest_names_its_times_in_the_teams_zone():
    stale = {"last_poll_at": NOON - HOUR, "oldest_owed_at": NOON - HOUR, "owed": 1}
    _, text, html = renderer().digest_parts(work_list(zone=ZoneInfo("Asia/Tokyo"), **stale))
    for part in (text, html):
        assert "last read Mon 23 Nov 20:00 JST" in part
        assert "the oldest since 2026-11-23 20:00 JST" in part


def test_a_digest_by_hand_has_a_message_id_of_its_own():
    daily, extra = (renderer().digest(work_list(), NOON, extra=extra) for extra in (False, True))
    assert daily.message_id != extra.message_id
    assert renderer().digest(work_list(), NOON + HOUR).message_id == daily.message_id


# The alert.


def test_an_alert_is_of_a_machine_and_its_text_stands_first_with_nothing_of_a_stranger_but_the_subject():
    found = alert([_with_subject(HOSTILE)], Told(), shipped_policy(), Manner(ZoneInfo("Asia/Tokyo")), NOON + 300 * HOUR)
    owed_mail = renderer().alert(found, ["team@smallest.ai", "ciso@smallest.ai"], NOON)
    mail = message_from_bytes(owed_mail.raw.encode("ascii"), policy=policy.default)
    assert (owed_mail.purpose, owed_mail.to) == ("alert", ("team@smallest.ai", "ciso@smallest.ai"))
    assert mail["To"] == "team@smallest.ai, ciso@smallest.ai"
    assert (mail["Auto-Submitted"], mail["Bcc"]) == ("auto-generated", None)
    assert mail["Subject"] == "[triaged] alert: 2 missed"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text, page = (part.get_content() for part in mail.iter_parts())
    for part in (text, page):
        assert "\u202e" not in part
        assert "\x1b" not in part
    assert "> triaged case SEC-2222-2222 triage" in text
    assert "JST" in text
    assert renderer().alert(found, ["a@smallest.ai"], NOON + HOUR).message_id == owed_mail.message_id


def test_the_message_id_of_each_purpose_is_the_one_that_it_always_had():
    """A letter that is written again after a crash must be known as the same: these ids may never change."""
    ours = renderer(digest_to=["team@smallest.ai"])
    mails = {
        "4rkmpbt7dp503byxrr9kv81t": ours.reply(reply(), NOON),
        "rte6ma5w9qrhy2gcjpzpr60b": ours.reply(reply("reopened"), NOON),
        "v80q8jrzfw82a2yx5vv6wcb4": ours.update(an_update(), NOON),
        "h5ged0sbqwytz23qehd0cmvn": ours.alarm(90, NOON),
        "q6fmb9b1e1e0n8q6qtjcp1fs": ours.alert(samples.ALERT, ["team@smallest.ai"], NOON),
        "s967wmsq9hdr5vm5eg0hsxdc": ours.digest(samples.DIGEST, NOON),
        "w1v2j4kttedgksxz4wcfqv5t": ours.digest(samples.DIGEST, NOON, extra=True),
    }
    assert {name: each.message_id.partition("@")[0] for name, each in mails.items()} == {name: name for name in mails}


# What any draft may ask for.


def test_a_letter_that_must_be_encrypted_is_never_written_in_clear():
    draft = replace(acknowledgment(reply(), shipped_policy(), NOON), encrypt_to="0123456789ABCDEF" * 2)
    with pytest.raises(Unwritten, match=f"the acknowledgment of {NEW_ID} must be encrypted"):
        renderer().renderer.finished(draft, NOON)


def test_a_letter_without_fields_of_a_machine_reads_as_a_persons():
    draft = replace(acknowledgment(reply(), shipped_policy(), NOON), fields=(), subject=f"Re: [{NEW_ID}] your report")
    mail = read(renderer().renderer.finished(draft, NOON))
    assert mail.keys() == [name for name in FIELDS if name not in {each for each, _ in ANSWERING}]
    assert mail["Subject"] == f"Re: [{NEW_ID}] your report"


@pytest.mark.parametrize("where", ["subject", "in_reply_to", "fields", "to"])
def test_a_draft_that_would_add_a_field_is_not_sent(where):
    evil = {"fields": (("Auto-Submitted", "auto-replied\r\nBcc: victim@example.net"),), "to": ("a@b\r\nBcc: v@w",)}
    value = evil.get(where, "x@y\r\nBcc: victim@example.net")
    draft = replace(acknowledgment(reply(), shipped_policy(), NOON), **{where: value})
    if where == "in_reply_to":
        assert "Bcc" not in renderer().renderer.finished(draft, NOON).raw
    else:
        with pytest.raises(Unwritten, match="other header fields"):
            renderer().renderer.finished(draft, NOON)


def test_the_samples_try_every_purpose_and_every_shipped_template():
    drafts = list(samples.drafts(shipped_policy()))
    assert {each.purpose for each in drafts} == {*get_args(ReporterPurpose), *get_args(TeamPurpose)}
    tried = {f"{each.template}.{kind}.j2" for each in drafts for kind in ("txt", *(("html",) if each.html else ()))}
    assert {path.name for path in SHIPPED.iterdir()} - tried == {"acknowledgment.txt.j2"}  # the others extend it


# Templates of the team's own.


def test_a_template_of_the_teams_own_takes_precedence_and_the_others_stay(tmp_path):
    (tmp_path / "acknowledgment-complete.txt.j2").write_text("Case {{ reply.case_id }}.\n")
    ours = renderer(overrides=tmp_path)
    ours.proof()
    assert body(ours.reply(reply(), NOON)) == f"Case {NEW_ID}.\n"
    (tmp_path / "update.txt.j2").write_text("By {{ update.next_due | when }}.\n")
    assert body(renderer(overrides=tmp_path).update(an_update(), NOON)) == "By Mon 7 Dec 2026, 12:00 UTC.\n"
    assert ours.reply(reply("encrypted"), NOON) == renderer().reply(reply("encrypted"), NOON)


def test_the_shipped_templates_prove_well():
    assert renderer().proof() is None


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("acknowledgment-complete.txt.j2", "one\n{% if %}\n", r"complete\.txt\.j2:2: "),
        ("acknowledgment-encrypted.txt.j2", "one\ntwo\n{{ reply.subject }}\n", r"encrypted\.txt\.j2:3: .*'subject'"),
        ("acknowledgment-needs-info.txt.j2", "{{ 1 // 0 }}\n", r"needs-info\.txt\.j2:1: ZeroDivisionError"),
        (
            "acknowledgment-unreadable.txt.j2",
            "{{ reply.__class__.__mro__ }}\n",
            r"unreadable\.txt\.j2:1: SecurityError",
        ),
        ("acknowledgment-unreadable.txt.j2", '{% include "none.j2" %}\n', r"unreadable\.txt\.j2:1: .*none\.j2"),
        ("digest.txt.j2", "one\n{{ digest.nothing }}\n", r"digest\.txt\.j2:2: .*'nothing'"),
        ("update.txt.j2", "one\n{{ update.subject }}\n", r"update\.txt\.j2:2: .*'subject'"),
        ("update.txt.j2", "a{% if update.away %}{{ update.x }}{% endif %}", r"update\.txt\.j2:1: .*'x'"),
        ("update.txt.j2", "a{% if not update.away %}{{ update.x }}{% endif %}", r"update\.txt\.j2:1: .*'x'"),
        ("alert.txt.j2", "one\n{{ alert.nothing }}\n", r"alert\.txt\.j2:2: .*'nothing'"),
        ("digest.html.j2", "{% for %}\n", r"digest\.html\.j2:1: "),
    ],
)
def test_the_proof_names_file_and_line_of_a_broken_template(tmp_path, name, content, says):
    (tmp_path / name).write_text(content)
    with pytest.raises(Unwritten, match=f"{re.escape(str(tmp_path))}/.*{says}"):
        renderer(overrides=tmp_path).proof()


@pytest.mark.parametrize("content", ["{{ nothing }}", "{% if %}", " ", "{{ 1 // 0 }}", "{% include name %}"])
@pytest.mark.parametrize("name", ["digest.txt.j2", "digest.html.j2", "alert.txt.j2", "alarm.txt.j2"])
def test_a_mail_to_the_team_goes_out_whatever_is_wrong_with_their_template_and_says_so(tmp_path, name, content):
    ours = renderer(overrides=tmp_path)
    (tmp_path / name).write_text(content)  # edited after the start
    found = alert([case(owed())], Told(), shipped_policy(), Manner(UTC), NOON + 300 * HOUR)
    mails = {
        "digest": ours.digest(work_list(case(owed())), NOON),
        "alert": ours.alert(found, ["team@smallest.ai"], NOON),
        "alarm": ours.alarm(90, NOON),
    }
    about = name.partition(".")[0]
    assert {what for what, each in mails.items() if "is at fault" in " ".join(shown(each).split())} == {about}
    assert f"{name}" in shown(mails[about])
    assert "Nothing is due" not in shown(mails["digest"])
    (tmp_path / name).unlink()
    assert "is at fault" not in shown(ours.digest(work_list(case(owed())), NOON))


def shown(owed_mail):
    """All the text of a mail, without its line ends."""
    parts = [part for part in read(owed_mail).walk() if part.get_content_maintype() == "text"]
    return "\n".join(part.get_content() for part in parts)


@pytest.mark.parametrize("template", ["{{ reply.nothing }}", " ", "{{ reply.to.x }}", "{{ reply.parts[99].size }}"])
def test_a_mail_to_a_reporter_is_never_written_in_other_words_than_the_teams(tmp_path, template):
    (tmp_path / "acknowledgment-complete.txt.j2").write_text(template)
    with pytest.raises(Unwritten) as caught:
        renderer(overrides=tmp_path).reply(reply(), NOON)
    assert str(tmp_path / "acknowledgment-complete.txt.j2") in str(caught.value)
    assert REPORTER not in str(caught.value)


def test_what_fails_on_the_words_of_a_stranger_does_not_repeat_them(tmp_path):
    (tmp_path / "acknowledgment-complete.txt.j2").write_text("{{ reply.to | int(base=1) }}{{ [].index(reply.to) }}")
    with pytest.raises(Unwritten, match="ValueError") as caught:
        renderer(overrides=tmp_path).reply(reply(), NOON)
    assert REPORTER not in str(caught.value)


if __name__ == "__main__":
    written = {each: renderer().reply(golden(each), NOON) for each in GOLDENS}
    written |= {each: renderer().update(an_update(**UPDATES[each]), NOON) for each in UPDATES}
    written["reminder"] = renderer().reminder(a_reminder(), NOON)
    written |= {f"reply-{each}": a_reply(each) for each in get_args(ReplyTemplate)}
    for each, letter in written.items():
        (GOLDEN / f"{each}.txt").write_text(letter.raw.replace("\r\n", "\n"), encoding="ascii")


@pytest.mark.parametrize("variant", ["complete", "needs-info"])
def test_what_would_help_is_asked_kindly_and_never_called_missing(variant):
    owed = renderer().reply(reply(variant, helpful=shipped_policy().details[:2]), NOON)
    text = " ".join(body(owed).split())
    assert "at hand" in text
    assert "the exact prompts, or the id of the conversation" in text
    assert "missing" not in text
