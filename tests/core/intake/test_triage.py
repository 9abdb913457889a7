from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import (
    BORDER,
    CAPS,
    HEADERS,
    HOUR,
    NEW_ID,
    NOON,
    REPORT,
    REPORTER,
    by,
    decide,
    house,
    knowing,
    message,
    opened,
    owed,
    policy,
    sent,
    vouched,
)
from triaged.core.case.events import Closed, MarkedDuplicate, Submitted, Triaged, Waiting
from triaged.core.case.folding import fold
from triaged.core.clocks.deadlines import deadlines
from triaged.core.intake.answering import acknowledgment
from triaged.core.intake.incoming import Mail, Past, look_at
from triaged.core.intake.triage import not_understood
from triaged.core.letters.caps import Sent
from triaged.core.letters.reply import ArrivedPart, Away
from triaged.core.mail.message import Attachment
from triaged.core.mail.ours import Ours
from triaged.core.mail.sender import Trust
from triaged.core.policy.profiles import promised
from triaged.core.policy.promises import Promise
from triaged.core.policy.rules import KindName, ScopeName
from triaged.core.report.report import Verdict

OLD, NEW = "SEC-0D00-0000", "SEC-3333-3333"
VACATION = {"subject": "Out of office", "text": "I am away until Monday."}
HALLUCINATION = {"subject": "The model hallucinates", "text": "Your model hallucinates wrong answers about history."}
FLOOD = {
    "subject": "Denial of service: DDoS attack on your servers",
    "text": "A botnet could be flooding you with a DDoS attack, a denial of service by http floods and syn floods.",
}
SEVERAL = {
    "text": REPORT
    + "\nIssue 1: the prompt leaks\nIt is printed in full.\n\nIssue 2: the tools leak\nThey are printed as well.\n"
}
VERIFYING = house(trust=Trust(BORDER))
"""A house whose border says who sent a mail."""
PICTURE = Attachment("a.png", "image/png", "image/png", 512, "cd" * 32)
AFTER = NOON + timedelta(days=1)
"""When the second mails of these tests come in."""


def with_header(name: str, value: str, **changes):
    return message(headers=((name, value), *HEADERS), **changes)


def kinds(decision) -> list[str]:
    return [event.kind for event in decision.events]


def second(read, *cases, **how):
    return decide(read, past=knowing(*cases), new_id=NEW, now=AFTER, **how)


# A new report.


def test_a_report_opens_a_case_and_is_answered():
    decision = decide(message())
    assert (decision.end, decision.reason, decision.case_id) == ("opened", "a new report", NEW_ID)
    assert kinds(decision) == ["received", "assessed"]
    assert decision.reply.variant == "complete"
    assert decision.withheld is None
    assert decision.silence is None


def test_the_case_keeps_the_facts_of_its_mail():
    received = decide(message(attachments=(PICTURE,), defects=("odd",))).events[0]
    assert (received.at, received.received_at) == (NOON, NOON - HOUR)
    assert (received.sha256, received.message_id) == ("ab" * 32, "report-1@example.org")
    assert (received.attachments, received.defects) == ((PICTURE,), ("odd",))
    assert (received.sender.address, received.related) == (REPORTER, None)


def test_the_reply_goes_to_the_one_reporter_in_their_thread():
    reply = decide(message(references=("a@x", "b@x"))).reply
    assert reply.to == REPORTER
    assert reply.in_reply_to == "report-1@example.org"


def test_a_mail_without_a_message_id_is_answered_without_one():
    assert decide(message(message_id=None, references=("a@x",))).reply.in_reply_to is None


def test_the_reply_proves_arrival_by_size_and_digest_the_mail_first():
    reply = decide(message(attachments=(PICTURE,) * 30)).reply
    assert reply.parts[:2] == (ArrivedPart(1234, "ab" * 32), ArrivedPart(512, "cd" * 32))
    assert len(reply.parts) == 11


def test_the_dates_in_the_reply_are_the_dates_that_are_tracked():
    decision = decide(message())
    tracked = {each.name: each.due for each in deadlines(fold(NEW_ID, decision.events), policy(), AFTER)}
    assert (decision.reply.triage_due, decision.reply.update_due) == (tracked["triage"], tracked["update"])


@pytest.mark.parametrize(
    ("changes", "variant", "missing"),
    [
        ({}, "complete", []),
        ({"text": "Prompt injection."}, "needs-info", ["description", "steps", "impact"]),
        ({"encrypted": True, "text": ""}, "encrypted", []),
        ({"degraded": True, "defects": ("too deep",)}, "unreadable", []),
        ({"degraded": True, "encrypted": True}, "unreadable", []),
        (HALLUCINATION, "wrong-answer", []),
        (FLOOD, "out-of-scope", []),
        (SEVERAL, "several", []),
    ],
)
def test_the_acknowledgment_fits_what_came(changes, variant, missing):
    reply = decide(vouched(message(**changes)), ours=VERIFYING).reply
    assert reply.variant == variant
    assert [section.name for section in reply.missing] == missing


def test_to_a_verified_sender_the_scope_is_told_and_to_nobody_else():
    assert decide(vouched(message()), ours=VERIFYING).reply.scope == "model"
    assert decide(message()).reply.scope is None
    assert decide(message(), ours=VERIFYING).reply.scope is None


def acknowledged_as(kind, scope, band):
    """The acknowledgment to a verified sender whose mail was read as that."""
    seen = look_at(Mail(vouched(message(text="Prompt injection.")), NOON, NEW_ID), VERIFYING, Past())
    report = replace(seen.report, kind=kind, verdict=Verdict(scope, band, ()))
    seen = replace(seen, report=report)
    return acknowledgment(seen, opened(), VERIFYING, knowing(), NOON)


@pytest.mark.parametrize("scope", get_args(ScopeName))
def test_only_a_sure_scope_is_told(scope):
    guessed, sure = (acknowledged_as("report", scope, band) for band in ("low", "high"))
    assert (guessed.scope, sure.scope) == (None, scope)
    assert guessed.variant == "needs-info"
    assert sure.variant == ("out-of-scope" if scope == "out-of-scope" else "needs-info")


@pytest.mark.parametrize("band", ["low", "high"])
@pytest.mark.parametrize("scope", get_args(ScopeName))
@pytest.mark.parametrize("kind", sorted({*get_args(KindName)} - {"report"}))
def test_what_is_no_report_is_told_no_scope_and_asked_for_nothing(kind, scope, band):
    reply = acknowledged_as(kind, scope, band)
    assert reply.variant not in {"complete", "needs-info", "several", "out-of-scope"}
    assert (reply.scope, reply.missing) == (None, ())


def test_where_nobody_is_verified_what_is_missing_is_asked_and_the_scope_not_told():
    reply = decide(message(**HALLUCINATION)).reply
    assert (reply.variant, reply.scope) == ("wrong-answer", None)
    assert decide(message(text="Prompt injection.")).reply.scope is None


def test_a_sender_whom_our_border_does_not_vouch_for_is_told_the_least():
    assert decide(message(), ours=VERIFYING).reply.variant == "unverified"
    assert decide(message(encrypted=True), ours=VERIFYING).reply.variant == "unverified"


def test_a_strangers_answer_to_a_mail_of_ours_is_filed_and_not_answered():
    ours = house(ours=Ours(frozenset(), wrote="sealed@smallest.ai".__eq__))
    decision = decide(message(references=("sealed@smallest.ai",)), ours=ours)
    assert (decision.end, decision.reply, decision.withheld.sign) == ("opened", None, "our-thread")


def test_a_doubted_sender_meets_half_of_a_cap():
    ours = replace(VERIFYING, caps=replace(CAPS, per_address_per_day=2))
    past = knowing(sent=sent(REPORTER))
    assert "for senders not verified" in decide(message(), past=past, ours=ours).hold.reason
    assert decide(vouched(message()), past=past, ours=ours).hold is None


def test_in_a_flood_an_acknowledgment_is_two_sentences():
    flooded = replace(CAPS, flood_per_hour=3)
    for opened_before, variant in ((2, "complete"), (3, "flood")):
        past = replace(knowing(), opened=opened_before)
        assert decide(message(), past=past, ours=house(caps=flooded)).reply.variant == variant


@pytest.mark.parametrize(("until", "said"), [(NOON.date(), True), ((NOON - timedelta(days=1)).date(), False)])
def test_an_absence_is_said_until_its_last_day_is_over(until, said):
    reply = decide(message(), ours=house(away=Away(until, "urgent@smallest.ai"))).reply
    assert (reply.away == Away(until, "urgent@smallest.ai")) is said


# A bounce of our own mail.

BOUNCE = {
    "headers": (("content-type", "multipart/report"),),
    "content_type": "multipart/report",
    "message_id": "bounce@mx.example",
    "author_readings": (),
    "bounce": "failed",
    "returned_ids": ("ack-1@smallest.ai",),
}


def acknowledged():
    first = opened(case_id=OLD)
    sent = Submitted(at=NOON, message_id="ack-1@smallest.ai", answer="250 ok")
    kept = [event for event in first.history if event.kind != "owed"]
    return fold(OLD, (*kept, owed(), sent))


def test_a_bounce_of_our_acknowledgment_fails_it_on_its_case():
    before = acknowledged()
    decision = decide(message(**BOUNCE), past=knowing(before), new_id=NEW)
    assert (decision.end, decision.case_id, decision.reply) == ("joined", OLD, None)
    after = fold(OLD, (*before.history, *decision.events))
    assert after.acknowledgment.state == "failed"
    assert "came back undelivered" in after.acknowledgment.reason
    assert "acknowledge" in {each.name for each in deadlines(after, policy(), NOON) if each.owed}


@pytest.mark.parametrize("changes", [{"bounce": "delayed"}, {"bounce": "delivered"}])
def test_a_delay_or_a_receipt_is_filed_with_the_case_and_changes_nothing(changes):
    decision = decide(message(**{**BOUNCE, **changes}), past=knowing(acknowledged()), new_id=NEW)
    assert (decision.end, decision.case_id, decision.events) == ("joined", OLD, ())


def test_a_bounce_of_anything_else_is_set_aside():
    decision = decide(message(**{**BOUNCE, "returned_ids": ("other@x",)}), past=knowing(acknowledged()), new_id=NEW)
    assert (decision.end, decision.case_id) == ("set-aside", None)


def test_a_bounce_that_only_refers_to_our_mail_fails_it_as_well():
    referring = {**BOUNCE, "returned_ids": (), "references": ("ack-1@smallest.ai",)}
    decision = decide(message(**referring), past=knowing(acknowledged()), new_id=NEW)
    assert [event.kind for event in decision.events] == ["failed"]


def test_a_persons_mail_that_quotes_our_id_fails_nothing():
    quoting = message(returned_ids=("ack-1@smallest.ai",))
    decision = decide(quoting, past=knowing(acknowledged()), new_id=NEW)
    assert not [event for event in decision.events if event.kind == "failed"]


def test_out_of_scope_is_never_closed_by_a_machine():
    decision = decide(message(**HALLUCINATION))
    assert decision.report.verdict.scope == "out-of-scope"
    assert decision.end == "opened"
    assert fold(NEW_ID, decision.events).state == "new"


def test_a_doubt_about_the_scope_is_not_told_as_out_of_scope():
    leak = {"subject": "The model hallucinates", "text": HALLUCINATION["text"] + " It leaks the system prompt as well."}
    decision = decide(message(**leak))
    assert decision.report.verdict.scope != "out-of-scope"
    assert decision.reply.variant in {"needs-info", "complete"}


# Automatic mail: the answer is suppressed, never the filing.


@pytest.mark.parametrize(
    ("name", "value", "sign"),
    [
        ("auto-submitted", "auto-replied", "auto-submitted"),
        ("return-path", "<>", "null-return-path"),
        ("precedence", "Bulk", "precedence"),
        ("list-id", "<a.example.org>", "list"),
        ("x-auto-response-suppress", "All", "suppress"),
    ],
)
def test_automatic_mail_that_is_no_report_is_set_aside_with_its_reason(name, value, sign):
    decision = decide(with_header(name, value, **VACATION))
    assert (decision.end, decision.case_id, decision.events, decision.reply) == ("set-aside", None, (), None)
    assert decision.silence.sign == sign
    assert decision.reason == decision.silence.reason != ""


def test_a_scanners_report_opens_a_case_whose_acknowledgment_is_withheld():
    decision = decide(with_header("auto-submitted", "auto-generated"))
    assert (decision.end, decision.reply) == ("opened", None)
    assert (decision.withheld.sign, decision.withheld.rfc) == ("auto-submitted", "RFC 3834 section 5")
    assert decision.withheld.reason == decision.silence.reason
    assert fold(NEW_ID, decision.events).acknowledgment.state == "withheld"


OF_OURS = house(ours=Ours(frozenset({"security@smallest.ai"}), wrote="sealed@smallest.ai".__eq__))


@pytest.mark.parametrize("text", [REPORT, "I am away."])
def test_what_is_a_machines_by_its_format_opens_no_case_whatever_it_says(text):
    assert decide(message(content_type="multipart/report", text=text)).end == "set-aside"
    assert decide(message(message_id="sealed@smallest.ai", text=text), ours=OF_OURS).end == "set-aside"


def test_an_automatic_answer_in_the_reporters_thread_does_not_join_it():
    away = with_header("auto-submitted", "auto-replied", **VACATION, references=("ack-sec-0d00-0000@smallest.ai",))
    assert second(away, opened(case_id=OLD)).end == "set-aside"


def test_a_scanners_report_in_a_known_thread_is_a_case_of_its_own_that_names_the_other():
    scan = with_header("auto-submitted", "auto-generated", references=("report-1@example.org",))
    decision = second(scan, opened(case_id=OLD))
    assert (decision.end, decision.case_id, decision.events[0].related) == ("opened", NEW, OLD)
    assert decision.withheld.sign == "auto-submitted"


def test_a_mail_marked_as_a_persons_is_answered():
    assert decide(with_header("auto-submitted", "no")).reply is not None


# Who may be answered.


def test_a_mail_without_one_sure_author_is_filed_and_not_answered():
    decision = decide(message(author_readings=((REPORTER,), ("mallory@example.net",), (REPORTER,))))
    assert (decision.end, decision.reply, decision.withheld.sign) == ("opened", None, "no-sender")
    assert decision.withheld.reason == decision.sender.reason


def test_a_forged_sender_is_filed_and_not_answered():
    forged = with_header("authentication-results", "mx.smallest.ai; dmarc=fail header.from=example.org")
    decision = decide(forged, ours=house(trust=Trust("mx.smallest.ai")))
    assert (decision.end, decision.reply, decision.withheld.sign) == ("opened", None, "sender-failed")
    assert decision.withheld.rfc == "RFC 8601 section 4.1"


def test_a_verdict_of_a_border_that_we_do_not_trust_is_nothing():
    forged = with_header("authentication-results", "mx.evil.example; dmarc=fail")
    assert decide(forged, ours=house(trust=Trust("mx.smallest.ai"))).reply is not None
    assert decide(forged).sender.verdict == "unverified"


def test_over_a_cap_the_report_is_filed_and_its_answer_held_back():
    decision = decide(
        message(), past=knowing(sent=sent(REPORTER)), ours=house(caps=replace(CAPS, per_address_per_day=1))
    )
    assert (decision.end, decision.reply.variant, decision.withheld) == ("opened", "complete", None)
    assert decision.hold.reason == "the cap of 1 acknowledgments a day to one address is reached"
    # 48 hours were promised an hour before noon, and the last quarter of them is a person's.
    assert (decision.hold.not_before, decision.hold.until) == (NOON + 24 * HOUR, NOON + 35 * HOUR)


def test_a_letter_is_not_held_back_beyond_a_date_that_it_names():
    capped = house(caps=replace(CAPS, per_address_per_day=1))
    away = replace(capped, away=Away(NOON.date(), None))
    past = knowing(sent=sent(REPORTER))
    assert decide(message(), past=past, ours=away).hold.until == datetime(2026, 11, 24, tzinfo=UTC)
    own = [Promise.model_validate({"name": "triage", "within": "15h"})]
    soon = policy().model_copy(update={"promises": promised(("policy",), own)})
    assert decide(message(), past=past, ours=replace(capped, policy=soon)).hold.until == NOON + 14 * HOUR


def test_the_notice_of_a_reopened_case_is_held_back_by_the_caps_too():
    closed = opened(case_id=OLD, later=(Closed(at=NOON, by="bo", reason="fixed"),))
    past = knowing(closed, sent=sent(REPORTER))
    answer = message(subject=f"Re: [{OLD}]", message_id="second@example.org")
    decision = decide(answer, past=past, ours=house(caps=replace(CAPS, per_address_per_day=1)))
    assert (decision.end, decision.reply.variant) == ("joined", "reopened")
    assert decision.hold.not_before == NOON + 24 * HOUR
    assert decide(answer, past=past).hold is None


def test_of_several_reasons_the_most_authoritative_is_kept():
    scan = with_header("auto-submitted", "auto-generated", author_readings=())
    assert decide(scan).withheld.sign == "auto-submitted"
    capped = house(caps=replace(CAPS, per_address_per_day=1))
    nobody = decide(message(author_readings=()), past=knowing(sent=sent(REPORTER)), ours=capped)
    assert nobody.withheld.sign == "no-sender"


def test_a_withheld_acknowledgment_keeps_its_clock_running():
    decision = decide(message(author_readings=()))
    late = deadlines(fold(NEW_ID, decision.events), policy(), NOON + 48 * HOUR)
    assert [each.name for each in late if each.overdue] == ["acknowledge"]


# What was not read whole.


def test_a_degraded_mail_ends_as_failed_with_the_reason_and_is_still_answered():
    decision = decide(message(degraded=True, defects=("it is nested too deep", "and more")))
    assert (decision.end, decision.reason, decision.case_id) == ("failed", "it is nested too deep", NEW_ID)
    assert decision.reply.variant == "unreadable"


def test_a_degraded_mail_of_a_machine_is_set_aside_like_any_other():
    assert decide(with_header("auto-submitted", "auto-replied", degraded=True, **VACATION)).end == "set-aside"


def test_a_mail_that_was_not_understood_is_a_case_for_a_person():
    decision = not_understood(Mail(message(), NOON - HOUR, NEW_ID), "reading it failed", policy(), NOON)
    assert (decision.end, decision.reason, decision.case_id) == ("failed", "reading it failed", NEW_ID)
    assert kinds(decision) == ["received", "assessed", "withheld"]
    assert (decision.reply, decision.sender.address, decision.withheld.sign) == (None, "", "not-understood")
    made = fold(NEW_ID, decision.events)
    assert (made.opening.defects, made.opening.sha256) == (("reading it failed",), "ab" * 32)
    assert (made.acknowledgment.state, made.acknowledgment.reason) == ("withheld", "reading it failed")
    assert made.report.verdict == Verdict("unclear", "low", ())
    assert [evidence.section for evidence in made.report.sections] == [section.name for section in policy().sections]


# Follow-ups.


@pytest.mark.parametrize(
    "reference",
    [
        {"references": ("report-1@example.org",)},
        {"references": ("ack-sec-0d00-0000@smallest.ai",)},
        {"references": ("unknown@example.com", "report-1@example.org")},
        {"subject": f"Re: [{OLD}] We received your report"},
    ],
)
def test_the_reporters_reply_joins_their_case_and_gets_no_second_acknowledgment(reference):
    decision = second(message(message_id="reply@example.org", **reference), opened(case_id=OLD))
    assert (decision.end, decision.case_id, decision.reply) == ("joined", OLD, None)
    assert decision.reason == f"its reporter writes on {OLD}"
    assert kinds(decision) == ["received"], "the same words change nothing in what was read"
    assert decision.withheld is None


def test_a_follow_up_fills_in_what_was_missing_and_takes_nothing_away():
    first = "There is a prompt injection in the chat completion endpoint that makes the model print what it was told."
    case = opened(message(text=first), case_id=OLD)
    assert case.report.missing == ("steps", "impact")
    more = message(text="Impact: an attacker reads it all.", references=("report-1@example.org",))
    assert "description" in decide(more).report.missing
    decision = second(more, case)
    assert kinds(decision) == ["received", "assessed"]
    joined = fold(OLD, (*case.history, *decision.events))
    assert joined.report.missing == ("steps",)
    assert joined.report.has("description")
    assert joined.scope == "model"
    assert len(joined.mails) == 2


def test_a_follow_up_ends_the_wait_for_the_reporter():
    case = opened(case_id=OLD, later=(Waiting(at=NOON, by="bo"),))
    decision = second(message(references=("report-1@example.org",)), case)
    assert fold(OLD, (*case.history, *decision.events)).state == "new"


@pytest.mark.parametrize(
    "end", [Closed(at=NOON, by="bo", reason="no answer"), MarkedDuplicate(at=NOON, by="bo", of="SEC-1111-1111")]
)
def test_the_reporters_mail_opens_a_closed_case_again(end):
    case = opened(case_id=OLD, later=(Triaged(at=NOON, by="bo"), end))
    decision = second(message(references=("report-1@example.org",)), case)
    assert kinds(decision) == ["received", "reopened"]
    assert decision.events[-1].by == "reporter"
    again = fold(OLD, (*case.history, *decision.events))
    assert (again.state, again.duplicate_of) == ("triaged", None)


def test_a_stranger_with_the_right_id_opens_a_case_of_their_own_that_names_the_other():
    stranger = by("mallory@example.net", subject=f"Re: [{OLD}] We received your report", message_id="m@example.net")
    decision = second(stranger, opened(case_id=OLD))
    assert (decision.end, decision.case_id) == ("opened", NEW)
    assert decision.events[0].related == OLD
    assert decision.reply.to == "mallory@example.net"
    assert OLD not in repr(decision.reply)


def test_a_forged_reporter_does_not_join():
    forged = with_header("authentication-results", "mx; dmarc=fail", references=("report-1@example.org",))
    decision = second(forged, opened(case_id=OLD), ours=house(trust=Trust("mx")))
    assert (decision.end, decision.events[0].related, decision.withheld.sign) == ("opened", OLD, "sender-failed")


@pytest.mark.parametrize(("results", "end"), [("dmarc=pass", "joined"), ("none", "opened")])
def test_where_our_border_is_asked_the_reporters_address_alone_joins_nothing(results, end):
    answer = with_header("authentication-results", f"mx; {results}", references=("report-1@example.org",))
    decision = second(answer, opened(case_id=OLD), ours=house(trust=Trust("mx")))
    assert decision.end == end
    assert decision.events[0].related == (None if end == "joined" else OLD)


@pytest.mark.parametrize(("cap", "told"), [(3, True), (2, False)])
def test_the_word_that_a_case_is_open_again_keeps_to_the_caps(cap, told):
    case = opened(case_id=OLD, later=(Closed(at=NOON, by="bo", reason="fixed"), owed(at=AFTER)))
    past = replace(knowing(case), sent=[Sent.of(letter, verified=False) for letter in case.letters])
    ours = house(caps=replace(CAPS, per_address_per_day=cap))
    decision = decide(message(references=("report-1@example.org",)), past=past, new_id=NEW, now=AFTER, ours=ours)
    assert kinds(decision) == ["received", "reopened"]
    assert (decision.hold is None) == told


def test_a_follow_up_on_a_case_that_was_never_read_is_its_report():
    unread = replace(opened(case_id=OLD), report=None)
    decision = second(message(references=("report-1@example.org",)), unread)
    assert decision.events[1].report == decide(message()).report


TEXTS = st.sampled_from([REPORT, "", VACATION["text"], HALLUCINATION["text"], "x" * 1000])
SUBJECTS = st.sampled_from(["", "Out of office", f"[{OLD}]", "The model hallucinates", "a report"])
MESSAGES = st.builds(
    message,
    text=TEXTS,
    subject=SUBJECTS,
    references=st.sampled_from([(), ("report-1@example.org",), ("ack-sec-0d00-0000@smallest.ai",)]),
    author_readings=st.sampled_from([((REPORTER,),), (("mallory@example.net",),), (), ((REPORTER,), ())]),
    headers=st.sampled_from([HEADERS, (("auto-submitted", "auto-replied"), *HEADERS), ()]),
    encrypted=st.booleans(),
    degraded=st.booleans(),
    message_id=st.none() | st.just("other@example.org"),
)


@given(MESSAGES, st.booleans(), st.integers(1, 2))
def test_any_message_comes_to_one_end_and_equal_arguments_to_the_equal_decision(read, known, cap):
    past = knowing(*([opened(case_id=OLD)] if known else []), sent=sent(REPORTER))
    ours = house(caps=replace(CAPS, per_address_per_day=cap))
    decision = decide(read, past=past, new_id=NEW, ours=ours)
    assert decision == decide(read, past=past, new_id=NEW, ours=ours)

    assert (decision.case_id is None) == (decision.end == "set-aside") == (decision.events == ())
    if decision.case_id == NEW:
        # Answered or visibly not: never neither, never both.
        assert (decision.reply is None) == (decision.withheld is not None)
        assert fold(NEW, decision.events).state == "new"
    else:
        assert decision.reply is None
    if decision.reply:
        assert decision.silence is None
        assert decision.reply.to == decision.sender.address != ""


SPAM = {
    "subject": "You have won!",
    "text": "Congratulations, you have won a cash bonus! Click here, act now, limited time, claim your free gift today.",
}
LETTER = {
    "subject": "Request under the GDPR",
    "text": "Under article 15 I hereby request a copy of my personal data; else I will lodge a complaint with "
    "the supervisory authority.",
}
RESUME = {
    "subject": "Application for the position of gardener",
    "text": "Please find attached my resume and my CV; the cover letter tells of ten years of experience and the salary.",
}


def test_what_is_surely_spam_is_set_aside_and_says_by_which_rule():
    decision = decide(message(**SPAM))
    assert (decision.end, decision.reason) == ("set-aside", "not a report but spam, by the rule kind.spam")
    assert (decision.events, decision.reply) == ((), None)


def test_a_letter_is_a_case_and_acknowledged():
    decision = decide(message(**LETTER))
    assert (decision.end, decision.report.kind, decision.withheld) == ("opened", "privacy", None)
    assert decision.reply


def test_what_the_policy_does_not_acknowledge_is_a_case_whose_acknowledgment_is_withheld():
    decision = decide(message(**RESUME))
    assert (decision.end, decision.report.kind, decision.reply) == ("opened", "recruiting", None)
    assert (decision.withheld.sign, decision.withheld.rfc) == ("not-a-report", "the policy's `kinds`")


def test_what_is_only_a_guess_is_treated_as_a_report():
    decision = decide(
        message(
            subject="A question on the invoice of another customer",
            text=f"{REPORT}\nPlease refund me, I was charged twice.",
        )
    )
    assert (decision.report.kind, decision.end) == ("report", "opened")
    assert decision.reply


def test_the_answer_of_a_reporter_joins_their_case_though_it_reads_as_an_offer():
    decision = second(
        by(REPORTER, references=(opened().letters[0].message_id,), message_id="second@example.org", **SPAM), opened()
    )
    assert decision.end == "joined"
