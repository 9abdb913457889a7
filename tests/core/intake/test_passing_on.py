"""Forwards: the author of what is passed on is the reporter; who passed it on is told that we cannot write to them."""

import pytest

from tests.support.values import BORDER, NEW_ID, REPORT, decide, house, opened, second
from triaged.core.case.folding import fold
from triaged.core.letters.house import Team
from triaged.core.mail.ours import Ours
from triaged.core.mail.parsing.reading import read_message
from triaged.core.mail.sender import Trust

KIM = "kim@partner.example"
ROSA = "rosa@lab.example"
INTRO = "Hi, one of our customers wrote this to support. Could you take it over from here?\n\nThanks, Kim"
ROSAS = f"Rosa Luz <{ROSA}>"
INLINE = {
    "gmail": f"---------- Forwarded message ---------\nFrom: {ROSAS}\nDate: Mon, 23 Nov 2026 at 09:00\nSubject: x",
    "gmail, spanish": f"---------- Forwarded message ---------\nDe: {ROSAS}\nDate: lun, 23 nov 2026 a las 9:00\nSubject: x",
    "outlook, french": f"De : {ROSAS}\nEnvoyé : lundi 23 novembre 2026 09:00\nÀ : support\nObjet : x",
    "outlook, old": f"From: Rosa Luz [mailto:{ROSA}]\nSent: Monday, November 23, 2026 9:00 AM\nTo: support\nSubject: x",
    "thunderbird": f"-------- Weitergeleitete Nachricht --------\nBetreff: \tx\nDatum: \tMon, 23 Nov 2026\nVon: \t{ROSAS}",
    "apple": f"Begin forwarded message:\n\nFrom: {ROSAS}\nSubject: x\nDate: 23 November 2026 at 09:00:00 CET",
    "outlook, chinese": f"发件人: {ROSAS}\n发送时间: 2026年11月23日 9:00\n收件人: support\n主题: x",
}


def forward(text, *, subject="Fwd: x", author=KIM, more="", plain=True):
    typed = "Content-Type: text/plain; charset=utf-8\r\n" if plain else ""
    head = f"From: Kim <{author}>\r\nTo: security@smallest.ai\r\nSubject: {subject}\r\nMessage-ID: <f1@partner.example>\r\n"
    return read_message(f"{more}{head}MIME-Version: 1.0\r\n{typed}\r\n{text}".encode())


def attached(*, inner="", subject="Fwd: x", more="", author=KIM, by=ROSA):
    body = (
        "This is a forward.\r\n--b\r\nContent-Type: text/plain\r\n\r\nPlease see the attached mail.\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}From: Rosa Luz <{by}>\r\nSubject: x\r\n\r\n{REPORT}\r\n--b--\r\n"
    )  # fmt: skip
    return forward(
        body, subject=subject, author=author, more=f'{more}Content-Type: multipart/mixed; boundary="b"\r\n', plain=False
    )


def passed_on(decision, *, to=KIM):
    """True if Rosa is the reporter, and whoever passed it on is told."""
    received = decision.events[0]
    assert (decision.end, received.sender.address, received.passed_on_by) == ("opened", ROSA, to)
    assert (received.sender.verdict, received.sender.name) == ("unverified", "Rosa Luz")
    assert (decision.reply.variant, decision.reply.to) == ("forwarded", to)
    return True


@pytest.mark.parametrize("heading", INLINE.values(), ids=INLINE)
def test_the_author_within_the_text_is_the_reporter(heading):
    decision = decide(forward(f"{INTRO}\n\n{heading}\n\n{REPORT}"))
    assert passed_on(decision)
    assert decision.reply.missing == ()


@pytest.mark.parametrize("subject", ["Fwd: x", "WG: x", "[Support #12] x"])
def test_the_author_of_an_attached_mail_is_the_reporter(subject):
    assert passed_on(decide(attached(subject=subject)))


def test_a_mail_that_is_attached_as_evidence_makes_nobody_a_reporter():
    decision = decide(attached(subject="Phishing in your name"))
    assert (decision.events[0].sender.address, decision.events[0].passed_on_by) == (KIM, "")


def nested(depth):
    text = f"{INLINE['gmail']}\n\n{REPORT}"
    for number in range(depth - 1):
        heading = INLINE["gmail"].replace(ROSA, f"desk{number}@partner.example").replace("Rosa Luz", "Desk")
        text = f"{heading}\n\nSee below.\n\n{text}"
    return forward(f"{INTRO}\n\n{text}")


@pytest.mark.parametrize("depth", [2, 3, 50])
def test_of_a_forward_within_forwards_the_innermost_author_is_the_reporter(depth):
    decision = decide(nested(depth))
    assert passed_on(decision)
    assert "See below" not in nested(depth).text


def test_of_a_forward_that_is_deeper_than_any_the_author_stays_unknown():
    decision = decide(nested(150))
    assert (decision.end, decision.events[0].sender.address) == ("opened", KIM)


@pytest.mark.parametrize(
    "named",
    ["security@smallest.ai", "kim@smallest.ai", KIM, "MAILER-DAEMON@x.example", "-oQ/tmp@x.example"],
)
def test_nobody_reports_in_our_own_name_through_others(named):
    text = f"{INTRO}\n\n{INLINE['gmail'].replace(ROSA, named)}\n\n{REPORT}"
    ours = house(team=Team(own_domains=frozenset({"smallest.ai"})))
    decision = decide(forward(text), ours=ours)
    assert (decision.events[0].sender.address, decision.events[0].passed_on_by) == (KIM, "")
    assert decision.reply.to == KIM


VERIFIED = f"Authentication-Results: {BORDER}; dmarc=pass\r\n"
HOUSE = house(team=Team(frozenset({"sue@smallest.ai"})), trust=Trust(BORDER))


def test_an_author_whom_our_border_saw_is_answered_where_a_colleague_attaches_the_mail():
    read = attached(inner=VERIFIED, more=VERIFIED, author="sue@smallest.ai")
    decision = decide(read, ours=HOUSE)
    assert (decision.events[0].sender.address, decision.events[0].sender.verdict) == (ROSA, "verified")
    assert (decision.reply.to, decision.reply.variant) == (ROSA, "complete")
    assert decision.events[0].passed_on_by == "sue@smallest.ai"


def test_results_in_a_mail_that_a_stranger_attaches_vouch_for_nobody():
    decision = decide(attached(inner=VERIFIED, more=VERIFIED), ours=HOUSE)
    assert passed_on(decision)


def test_a_colleague_who_passes_a_report_on_is_told_too():
    read = forward(f"{INTRO}\n\n{INLINE['gmail']}\n\n{REPORT}", author="sue@smallest.ai", more=VERIFIED)
    assert passed_on(decide(read, ours=HOUSE), to="sue@smallest.ai")


def test_who_passes_it_on_without_proof_of_who_they_are_is_told_the_least():
    read = forward(f"{INTRO}\n\n{INLINE['gmail']}\n\n{REPORT}")
    assert decide(read, ours=HOUSE).reply.variant == "unverified"


def test_both_the_author_and_whoever_passed_it_on_join_the_case():
    case = opened(forward(f"{INTRO}\n\n{INLINE['gmail']}\n\n{REPORT}"))
    for who in (KIM, ROSA, "mallory@example.net"):
        answer = read_message(
            f"From: <{who}>\r\nMessage-ID: <n@x>\r\nSubject: Re: [{NEW_ID}] it\r\n\r\nIt still works.\r\n".encode()
        )
        assert second(answer, case).end == ("opened" if "mallory" in who else "joined")


def test_a_mail_that_was_sent_on_as_it_was_says_by_whom():
    read = forward(REPORT, subject="x", author=ROSA, more=f"Resent-From: Kim <{KIM}>\r\n")
    decision = decide(read)
    assert (decision.events[0].sender.address, decision.events[0].passed_on_by) == (ROSA, KIM)
    assert decision.reply.to == ROSA


def test_the_author_behind_a_list_is_shown_and_not_answered():
    fields = f"X-Original-From: Rosa Luz <{ROSA}>\r\nList-Id: <security.smallest.ai>\r\n"
    ours = house(ours=Ours(frozenset({"security@smallest.ai"}), frozenset({"security.smallest.ai"})))
    decision = decide(forward(REPORT, subject="x", author="security@smallest.ai", more=fields), ours=ours)
    assert (decision.end, decision.events[0].sender.address, decision.reply) == ("opened", ROSA, None)


def test_a_forward_in_a_known_thread_changes_no_reporter():
    case = opened(forward(REPORT, subject="x", author=KIM))
    read = forward(f"{INLINE['gmail']}\n\n{REPORT}", more="References: <f1@partner.example>\r\n")
    decision = second(read, case)
    assert fold(NEW_ID, (*case.history, *decision.events)).reporter.address == KIM
