"""Copies, long threads, answers that are no news, and questions in new threads."""

from dataclasses import replace

import pytest

from tests.support.values import BORDER, NEW_ID, NOON, REPORT, REPORTER, decide, house, message, opened, second, vouched
from triaged.core.case.events import Closed, Waiting
from triaged.core.case.folding import fold
from triaged.core.mail.message import Attachment
from triaged.core.mail.parsing.reading import read_message
from triaged.core.mail.sender import Trust

OTHER = "SEC-0000-0000"
CLOSED = Closed(at=NOON, by="bo", reason="fixed")
RECEIVED = "Received: from a.example.org by mx.smallest.ai; Mon, 23 Nov 2026 10:00:00 +0000\r\n"
HEAD = (
    f"From: Ann <{REPORTER}>\r\nTo: security@smallest.ai\r\nSubject: Prompt injection\r\n"
    "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <r1@example.org>\r\n"
)
FIRST = read_message(f"{RECEIVED}{HEAD}\r\n{REPORT}".encode())


def copy(**changes: str):
    raw = f"{RECEIVED}Delivered-To: psirt@smallest.ai\r\nSubject: [list] Prompt injection\r\n{HEAD}\r\n{REPORT}"
    for old, new in changes.values():
        raw = raw.replace(old, new)
    return read_message(raw.encode())


@pytest.mark.parametrize("of", [(), (CLOSED,), (Waiting(at=NOON, by="bo"),)], ids=["open", "closed", "waiting"])
def test_a_copy_joins_is_not_answered_and_changes_nothing(of):
    case = opened(FIRST, later=of)
    decision = second(copy(), case)
    assert (decision.end, decision.case_id, decision.reply) == ("joined", NEW_ID, None)
    after = fold(NEW_ID, (*case.history, *decision.events))
    assert (after.state, after.mails, after.pauses) == (case.state, case.mails, case.pauses)
    assert [event.kind for event in decision.events] == ["copied"]


def test_a_copy_with_other_line_ends_is_a_copy_too():
    raw = f"{HEAD}\r\n{REPORT}".replace("\r\n", "\n")
    assert read_message(raw.encode()).fingerprint == FIRST.fingerprint


def test_a_copy_through_a_list_opens_no_second_case():
    listed = copy(a=("Delivered-To: psirt@smallest.ai\r\n", "List-Id: <all.smallest.ai>\r\nPrecedence: list\r\n"))
    assert second(listed, opened(FIRST)).end == "joined"


@pytest.mark.parametrize(
    "change",
    [
        ("An attacker", "Any attacker"),
        ("10:00:00 +0000\r\nMessage", "10:00:01 +0000\r\nMessage"),
        (f"<{REPORTER}>", "<mallory@example.net>"),
        ("<r1@example.org>", "<r2@example.org>"),
        ("Delivered-To: psirt@smallest.ai", "Content-Type: text/html"),
    ],
    ids=["body", "date", "author", "id", "type"],
)
def test_a_mail_that_borrows_an_id_is_no_copy(change):
    decision = second(copy(a=change), opened(FIRST))
    assert (decision.end, decision.case_id) == ("opened", "SEC-3333-3333")


def test_a_mail_without_a_date_has_no_copies():
    assert copy(a=("Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n", "")).fingerprint == ""


def thread(count: int, *, at: int) -> bytes:
    ids = [f"<{number}@x.example>" for number in range(count)]
    ids[at] = "<report-1@example.org>"
    folded = "\r\n ".join(ids)
    return (
        f"From: <{REPORTER}>\r\nMessage-ID: <n@x>\r\nSubject: Re: it\r\nReferences: {folded}\r\n\r\nMore.\r\n".encode()
    )


@pytest.mark.parametrize(("count", "at"), [(41, 40), (400, 399), (400, 200), (400, 0), (9_000, 8_999), (9_000, 4_500)])
def test_the_id_that_counts_may_stand_anywhere_among_very_many(count, at):
    decision = second(read_message(thread(count, at=at)), opened())
    assert (decision.end, decision.case_id) == ("joined", NEW_ID)


def test_of_more_references_than_any_thread_has_the_first_and_the_last_are_kept():
    read = read_message(b"References: " + b" ".join(b"<%d@x>" % number for number in range(20_000)) + b"\r\n\r\n")
    assert len(read.references) == 10_000
    assert (read.references[0], read.references[-1]) == ("0@x", "19999@x")


TAG = f"[{NEW_ID}] We received your report"
IDLE = {
    "thanks": ("Re", "Thank you very much for the quick reply!\n\nBest regards\nAnn"),
    "thanks, german": ("AW", "Vielen Dank für die schnelle Rückmeldung.\n\nViele Grüße\nAnn"),
    "thanks, japanese": ("Re", "承知しました。\nありがとうございます。"),
    "thanks, russian": ("Re", "Спасибо большое!"),
    "a heart": ("Re", "\u2764\ufe0f"),
    "a reaction": ("Re", "\U0001f44d Ann reacted to your message:"),
    "a reaction, french": ("Re", "Ann a réagi à votre message"),
    "nothing": ("Re", ""),
    "absence, hebrew": ("תשובה אוטומטית", "אני מחוץ למשרד עד 15.12.2026. בדחיפות פנו לקולגה."),
    "absence, polish": ("Automatyczna odpowiedź", "Jestem na urlopie do 15.12.2026."),
    "absence, unknown language": ("Awtomatik jogap berildi", "Men 15.12.2026 çenli dynç alýaryn."),
}
NEWS = {
    "it still works": "It still works.",
    "a question": "Thanks! When will it be public?",
    "in another language": "Hala çalışıyor.",
    "thanks and more": "Thanks, but the endpoint still returns the key.",
}


def answer(text, prefix="Re", **changes):
    return message(
        message_id="n@example.org",
        references=("report-1@example.org",),
        subject=f"{prefix}: {TAG}",
        text=text,
        **changes,
    )


@pytest.mark.parametrize(("prefix", "text"), IDLE.values(), ids=IDLE)
@pytest.mark.parametrize("event", [CLOSED, Waiting(at=NOON, by="bo")], ids=["closed", "waiting"])
def test_what_says_nothing_about_the_matter_joins_and_changes_nothing(event, prefix, text):
    case = opened(later=(event,))
    decision = second(answer(text, prefix), case)
    after = fold(NEW_ID, (*case.history, *decision.events))
    assert (decision.end, decision.reply, after.state) == ("joined", None, case.state)
    assert after.mails[-1].idle


@pytest.mark.parametrize("text", NEWS.values(), ids=NEWS)
def test_what_may_be_news_opens_a_closed_case_again(text):
    case = opened(later=(CLOSED,))
    decision = second(answer(text), case)
    assert fold(NEW_ID, (*case.history, *decision.events)).state == "new"
    assert decision.reply.variant == "reopened"


def test_an_attachment_or_what_cannot_be_read_is_news():
    case = opened(later=(CLOSED,))
    video = Attachment("poc.mp4", "video/mp4", "video/mp4", 512, "cd" * 32)
    logo = replace(video, media_type="image/png")
    assert second(answer("Thanks", attachments=(video,)), case).reply
    assert second(answer("", encrypted=True), case).reply
    assert second(answer("Thanks", attachments=(logo,)), case).reply is None


def test_a_reaction_is_known_by_its_part():
    read = answer("Ann: see what I pressed", part_types=("text/plain", "text/vnd.google.email-reaction+json"))
    assert second(read, opened(later=(CLOSED,))).reply is None


INVOICES = "The invoices endpoint of the dashboard does not check who is logged in: any customer reads those of others."
IDOR = opened(message(message_id="a@x", subject="IDOR in the invoices endpoint", text=INVOICES), case_id=OTHER)
LEAK = opened()


def nudge(text="Any news on the IDOR?", subject="Status", **changes):
    return message(message_id="n@example.org", references=(), subject=subject, text=text, **changes)


@pytest.mark.parametrize(
    ("text", "cases", "joins"),
    [
        ("Hello, any news?", (LEAK,), NEW_ID),
        ("Any news on the IDOR?", (IDOR, LEAK), OTHER),
        ("Gibt es Neuigkeiten zur prompt injection?", (IDOR, LEAK), NEW_ID),
        (f"Is there an update on {OTHER}?", (IDOR, LEAK), OTHER),
        ("有什么进展吗", (LEAK,), NEW_ID),
    ],
)
def test_a_reporter_who_asks_after_a_report_joins_the_case_they_plainly_mean(text, cases, joins):
    decision = second(nudge(text), *cases)
    assert (decision.end, decision.case_id, decision.reply) == ("joined", joins, None)


def test_where_it_is_not_plain_the_team_is_asked_which_and_nobody_is_asked_for_steps():
    decision = second(nudge("Hello, any news?"), IDOR, LEAK)
    assert (decision.end, decision.reply) == ("opened", None)
    assert decision.withheld.reason == f"it asks after a report; which of {OTHER}, {NEW_ID}?"
    assert decision.events[0].same_reporter == (OTHER, NEW_ID)


def test_a_question_about_a_case_that_is_closed_joins_no_other():
    closed = opened(message(message_id="a@x", subject="IDOR in the invoices endpoint"), case_id=OTHER, later=(CLOSED,))
    assert second(nudge(), closed, LEAK).end == "opened"


def test_a_stranger_who_asks_joins_nothing():
    border = house(trust=Trust(BORDER))
    case = opened(vouched(message()))
    assert second(nudge("any news?"), case, ours=border).end == "opened"
    assert second(vouched(nudge("any news?")), case, ours=border).end == "joined"


def test_a_second_report_is_a_case_of_its_own_that_names_the_first():
    decision = second(message(message_id="n@x", subject="XSS in the dashboard", text=f"Any news?\n\n{REPORT}"), LEAK)
    assert (decision.end, decision.events[0].same_reporter) == ("opened", (NEW_ID,))
    assert decision.reply
    assert decide(message()).events[0].same_reporter == ()
