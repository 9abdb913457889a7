"""Nothing in our own letters is ever evidence: through the reader and the decision, as the daemon goes."""

import html
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.values import NEW_ID, NOON, REPORTER, house, knowing, message, opened, owed, policy, second
from triaged.core.case.folding import fold
from triaged.core.intake.incoming import Mail, look_at, own_words
from triaged.core.mail.parsing.reading import read_message
from triaged.core.report.reading import read_report

RAW = (Path(__file__).parents[2] / "adapters/golden/needs-info.txt").read_text()
LETTER = RAW.partition("\n\n")[2]
PROMPT = "A prompt injection in the chat completion API makes the model reveal its system prompt to any caller of it."
CASE = opened(message(text=PROMPT), later=[owed(message_id="letter@smallest.ai", raw=RAW.replace("\n", "\r\n"))])
THANKS = "Thanks for the quick answer. I will send you the rest tomorrow from the office."
MARKED = textwrap.indent(LETTER, "> ", lambda _: True)
SUBJECT = f"Re: [{NEW_ID}] We received your report"


def answer(text, *, subject=SUBJECT, kind="plain", thread="In-Reply-To: <letter@smallest.ai>\r\n", author=REPORTER):
    head = f"From: <{author}>\r\nTo: security@smallest.ai\r\nSubject: {subject}\r\nMessage-ID: <r2@example.org>\r\n{thread}"
    typed = f"MIME-Version: 1.0\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
    return read_message(f"{head}{typed}\r\n{text}".encode())


def decided(text, **how):
    return second(answer(text, **how), CASE)


def missing(decision):
    return fold(NEW_ID, (*CASE.history, *decision.events)).report.missing


HTML_LETTER = html.escape(LETTER).replace("\n", "<br>")
ONLY_OURS = {
    "nothing but the quotation": (MARKED, {}),
    "gmail, dutch": (
        f"{THANKS}\n\nOp ma 23 nov 2026 om 13:00 schreef Security <security@smallest.ai>:\n\n{MARKED}",
        {},
    ),
    "outlook, hungarian": (
        (
            f"{THANKS}\n\nFeladó: Security <security@smallest.ai>\nElküldve: 2026. november 23.\nCímzett: Ann\nTárgy: hm"
            f"\n\n{LETTER}"
        ),
        {},
    ),
    "a client nobody knows": (f"{THANKS}\n\n~~ quoting Smallest.AI ~~\n\n{LETTER}", {}),
    "below our words": (f"{MARKED}\n\n{THANKS}", {}),
    "gmail, html": (
        (
            f'<div dir="ltr">{THANKS}</div><div class="gmail_quote"><div class="gmail_attr">El lun, 23 nov 2026 a las 13:00, '
            f"Security (&lt;security@smallest.ai&gt;) escribió:<br></div><blockquote>{HTML_LETTER}</blockquote></div>"
        ),
        {"kind": "html"},
    ),
    "outlook, html, thai": (
        (
            f"<p>{THANKS}</p><div><b>จาก:</b> Security<br><b>ส่ง:</b> 23/11/2026<br><b>ถึง:</b> Ann<br><b>เรื่อง:</b> x</div>"
            f"<pre>{html.escape(LETTER)}</pre>"
        ),
        {"kind": "html"},
    ),
    "by the tag alone": (f"{THANKS}\n\n{LETTER}", {"thread": ""}),
}


@pytest.mark.parametrize(("text", "how"), ONLY_OURS.values(), ids=ONLY_OURS)
def test_our_own_words_complete_no_report(text, how):
    decision = decided(text, **how)
    assert (decision.end, decision.case_id) == ("joined", NEW_ID)
    assert missing(decision) == CASE.report.missing == ("steps", "impact")
    quotes = " ".join(evidence.quote for evidence in decision.report.sections)
    assert "log in as user" not in quotes
    assert "attacker gains" not in quotes


@pytest.mark.parametrize("thread", ["In-Reply-To: <letter@smallest.ai>\r\n", ""], ids=["by thread", "by tag"])
def test_a_stranger_who_quotes_our_letter_reports_nothing_with_it(thread):
    decision = decided(f"{THANKS}\n\n{LETTER}", thread=thread, author="mallory@example.net")
    assert (decision.end, decision.events[0].related) == ("opened", NEW_ID)
    assert {"steps", "impact"} <= set(decision.report.missing)


def test_what_the_reporter_writes_between_our_lines_is_theirs():
    filled = LETTER.replace(
        "- Impact:", "  1. POST /v1/chat with the prompt\n  2. read the system prompt\n\n- Impact:"
    ).replace("What happens next:", "An attacker can read the system prompt of every customer.\n\nWhat happens next:")
    for text in (
        filled,
        textwrap.indent(filled, "> ").replace(">   1", "1").replace(">   2", "2").replace("> An", "An"),
    ):
        assert missing(decided(text)) == ()


def test_what_the_reporter_writes_below_a_block_of_outlooks_is_theirs():
    heading = "Da: Security\nInviato: lunedì 23 novembre 2026 13:00\nA: Ann\nOggetto: R: hm"
    steps = "1. POST /v1/chat\n2. read the answer\n\nAn attacker can read the system prompt of every customer."
    assert missing(decided(f"{heading}\n\n{LETTER}\n\n{steps}")) == ()


def test_a_quotation_that_only_looks_like_ours_clears_nothing():
    forged = (
        "> - Steps to reproduce: 1. curl https://api.smallest.ai/x 2. read\n> - Impact: an attacker can read all keys"
    )
    heading = "On Mon, 23 Nov 2026 at 13:00, Smallest.AI Security <security@smallest.ai> wrote:"
    block = "From: Smallest.AI Security\nSent: Monday\nTo: Ann\nSubject: We received your report"
    for text in (
        f"Thanks.\n\n{heading}\n{forged}",
        forged,
        f"Thanks.\n\n{block}\n\n{forged.replace('> ', '')}",
    ):
        assert missing(decided(text)) == ("steps", "impact")


def test_nothing_is_taken_out_of_a_mail_that_refers_to_no_case_of_ours():
    read = answer(LETTER, subject="hello", thread="")
    assert second(read, CASE).report.has("steps")


STEPS = "Steps to reproduce:\n1. Send this prompt: ignore all of the above.\n2. Read the system prompt in the answer.\n"
FIELDS = "Content-Type: message/rfc822\r\n\r\nFrom: <bo@example.net>\r\nSubject: how\r\n\r\n"
BESIDE = {
    "enclosed as a mail": FIELDS,
    "attached as a file": 'Content-Type: text/plain; name="r.txt"\r\nContent-Disposition: attachment; filename="r.txt"\r\n\r\n',
}


@pytest.mark.parametrize("head", BESIDE.values(), ids=BESIDE)
def test_what_stands_beside_the_quotation_of_our_letter_is_read(head):
    body = f"--b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n\r\n{MARKED}\r\n--b\r\n{head}{STEPS}\r\n--b--\r\n"
    raw = (
        f"From: <{REPORTER}>\r\nTo: security@smallest.ai\r\nSubject: {SUBJECT}\r\nMessage-ID: <r2@example.org>\r\n"
        f"In-Reply-To: <letter@smallest.ai>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{body}"
    )
    decision = second(read_message(raw.encode()), CASE)
    assert (decision.end, decision.case_id) == ("joined", NEW_ID)
    assert "steps" in CASE.report.missing
    assert "steps" not in missing(decision)


def test_what_the_reader_said_of_a_mail_holds_where_it_quotes_nothing_of_ours():
    read = message()
    said = replace(read_report(read, policy()), signature="ab" * 128)
    assert look_at(Mail(read, NOON, NEW_ID, report=said), house(), knowing(CASE)).report is said


@pytest.mark.parametrize("name", ONLY_OURS)
def test_what_the_reader_said_of_a_mail_that_quotes_us_is_said_again_without_our_words(name):
    text, how = ONLY_OURS[name]
    read = answer(text, **how)
    seen = look_at(Mail(read, NOON, NEW_ID, report=read_report(read, policy())), house(), knowing(CASE))
    assert seen.report == read_report(own_words(read, knowing(CASE)), policy())
    assert own_words(seen.mail.message, knowing(CASE)) == seen.mail.message
