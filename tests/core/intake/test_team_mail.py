"""The team's own mail: in a case's thread it may be the answer; anywhere else it is a line for a person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.values import (
    BORDER,
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
    vouched,
)
from triaged.core.case.folding import fold
from triaged.core.intake.incoming import Mail
from triaged.core.intake.triage import triage
from triaged.core.letters.house import Team
from triaged.core.mail.ours import Ours
from triaged.core.mail.parsing.reading import read_message
from triaged.core.mail.sender import Trust

KIM, BO = "kim@smallest.ai", "bo@contractor.example"
OURS = Ours(frozenset({"security@smallest.ai"}), wrote="sealed@smallest.ai".__eq__)
TEAM = Team(frozenset({KIM}), frozenset({"contractor.example"}), frozenset({"smallest.ai"}))
HOUSE = house(team=TEAM, trust=Trust(BORDER), ours=OURS)
CASE = opened(vouched(message()))
LATER = NOON + timedelta(days=1)
WROTE = "Tue, 24 Nov 2026 08:30:00 +0100"
AT = NOON.replace(day=24, hour=7, minute=30)


def wrote(address=KIM, *, to=REPORTER, thread=("report-1@example.org",), date=WROTE, more=(), **changes):
    read = by(address, **{"message_id": "k1@x", "references": thread, "subject": "Re: it", "text": REPORT, **changes})
    fields = [(name, value) for name, value in read.headers if name != "to"]
    return replace(read, headers=(*fields, ("to", to), ("cc", "security@smallest.ai"), ("date", date), *more))


def outcome(read, *, case=CASE, ours=HOUSE, sent=False):
    mail = Mail(read, LATER - timedelta(hours=1), "SEC-3333-3333", sent=sent)
    return triage(mail, ours, knowing(case), LATER)


def after(decision, case=CASE):
    return fold(NEW_ID, (*case.history, *decision.events))


@pytest.mark.parametrize("address", [KIM, BO, "someone.else@smallest.ai"])
def test_a_verified_colleagues_answer_is_the_persons_word_at_its_own_date(address):
    decision = outcome(vouched(wrote(address)))
    assert (decision.end, decision.case_id, decision.reply) == ("joined", NEW_ID, None)
    assert after(decision).answered_at == (AT,)
    assert (after(decision).mails, after(decision).report) == (CASE.mails, CASE.report)


def test_an_unverified_colleague_joins_and_answers_nothing():
    decision = outcome(wrote())
    assert (decision.end, [event.kind for event in decision.events]) == ("joined", ["team-wrote"])
    assert after(decision).answered_at == ()


def test_what_does_not_go_to_the_reporter_is_no_answer():
    assert after(outcome(vouched(wrote(to="bo@smallest.ai")))).answered_at == ()


RECEIVED_AT = LATER - timedelta(hours=1)


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Mon, 1 Jan 2035 00:00:00 +0000", RECEIVED_AT),
        ("nonsense", RECEIVED_AT),
        ("Mon, 1 Jan 2001 00:00:00 +0000", CASE.received_at),
    ],
)
def test_a_clock_that_is_wrong_moves_the_answer_to_no_impossible_time(date, at):
    assert after(outcome(vouched(wrote(date=date)))).answered_at == (at,)


def test_the_same_answer_from_the_folder_of_sent_mail_counts_once():
    once = after(outcome(vouched(wrote())))
    again = outcome(wrote(), case=once, sent=True)
    assert [event.kind for event in again.events] == ["copied"]


@pytest.mark.parametrize("address", [KIM, "security@smallest.ai"])
def test_what_lies_in_the_folder_of_sent_mail_needs_no_border(address):
    decision = outcome(wrote(address), sent=True, ours=replace(HOUSE, trust=Trust()))
    assert after(decision).answered_at == (AT,)


@pytest.mark.parametrize("read", [wrote(thread=()), wrote(REPORTER), wrote("me@home.example", thread=())])
def test_sent_mail_of_no_case_is_set_aside(read):
    assert outcome(read, sent=True).end == "set-aside"


def test_an_answer_from_our_own_address_is_a_persons_unless_we_made_it():
    assert after(outcome(vouched(wrote("security@smallest.ai")))).answered_at == (AT,)
    assert outcome(vouched(wrote("security@smallest.ai", message_id="sealed@smallest.ai"))).end == "set-aside"


def test_a_colleagues_absence_notice_is_no_answer():
    decision = outcome(vouched(wrote(more=(("auto-submitted", "auto-replied"),))))
    assert decision.end in {"set-aside", "opened"}
    assert decision.reply is None


def test_a_colleague_who_found_the_flaw_is_its_reporter():
    case = opened(vouched(by("ann@smallest.ai")))
    decision = outcome(vouched(wrote("ann@smallest.ai", text="More on it.")), case=case)
    assert decision.events[0].kind == "received"


def test_a_forged_colleague_joins_nothing_and_is_not_answered():
    forged = wrote(more=(("authentication-results", f"{BORDER}; dmarc=fail"),))
    forged = replace(forged, headers=(("authentication-results", f"{BORDER}; dmarc=fail"), *forged.headers))
    decision = outcome(forged)
    assert (decision.end, decision.case_id, decision.reply) == ("opened", "SEC-3333-3333", None)
    assert decision.withheld.sign == "sender-failed"
    line = outcome(replace(forged, text="Please close it."))
    assert (line.end, line.events) == ("command", ())
    assert "dmarc=fail" in line.reason


@pytest.mark.parametrize("text", ["What is this?", REPORT], ids=["a word", "a report"])
def test_verified_mail_of_the_team_outside_a_thread_opens_no_case(text):
    decision = outcome(vouched(wrote(thread=("sealed@smallest.ai",), text=text)))
    assert (decision.end, decision.case_id, decision.reply) == ("command", None, None)


def test_unverified_mail_in_the_teams_name_is_a_line_for_a_person_but_a_report_is_not_lost():
    assert outcome(wrote(thread=(), text="What is this?")).end == "command"
    decision = outcome(wrote(thread=(), text=f"{REPORT}\nIt is a vulnerability."))
    assert (decision.end, decision.reply, decision.withheld.sign) == ("opened", None, "team")


def test_a_forward_in_a_colleagues_name_that_nobody_vouches_for_is_a_case_and_not_answered():
    head = "---------- Forwarded message ---------\nFrom: Eve <eve@lab.example>\nDate: Monday\nSubject: keys\nTo: <a@b>"
    raw = f"From: Kim <{KIM}>\r\nTo: security@smallest.ai\r\nSubject: Fwd: keys\r\nMessage-ID: <f1@x>\r\n\r\n{head}\n\n{REPORT}"
    read = read_message(raw.encode())
    decision = decide(read, ours=HOUSE)
    assert (decision.end, decision.reply, decision.withheld.sign) == ("opened", None, "team")
    assert decision.events[0].sender.address == "eve@lab.example"
    assert decide(vouched(read), ours=HOUSE).reply.variant == "forwarded"


def test_an_answer_in_a_reporters_name_that_nobody_vouches_for_says_so():
    read = message(
        message_id="n@x", references=("sealed@smallest.ai",), subject=f"Re: [{NEW_ID}] We received your report"
    )
    decision = outcome(read)
    assert (decision.end, decision.case_id, decision.withheld.sign) == ("opened", "SEC-3333-3333", "our-thread")
    assert "nothing proves that its reporter wrote it" in decision.withheld.reason


def test_a_colleague_of_our_domain_who_is_not_of_the_team_may_report():
    decision = outcome(vouched(wrote("dev@smallest.ai", thread=())))
    assert (decision.end, decision.reply.to) == ("opened", "dev@smallest.ai")


def test_where_no_team_is_named_nothing_is_the_teams():
    assert decide(message()).reply.to == REPORTER
