"""The month of a request about personal data (GDPR, article 12(3))."""

from datetime import UTC, datetime, timedelta

from tests.support.values import NOON, decide, message, policy
from triaged.core.case.events import Answered
from triaged.core.case.folding import fold
from triaged.core.clocks.deadlines import deadlines
from triaged.core.clocks.duties import duty, settled_by
from triaged.core.commands.command import RecordAnswer
from triaged.core.team.digest import Health, Inputs, digest

REQUEST = (
    "Under article 15 of the GDPR I request access to all personal data that you hold about me, my voice recordings included. "
    "Please send me a copy of my data and delete my account afterwards."
)
WELL = Health(last_poll_at=NOON, problems=(), owed=0, oldest_owed_at=None, version="1")


def opened(text=REQUEST, subject="Request for access to my personal data"):
    decision = decide(message(text=text, subject=subject))
    return fold(decision.case_id, decision.events), decision


def month_of(case, now=NOON):
    return [each for each in deadlines(case, policy(), now) if each.name == "privacy"]


def test_a_request_about_personal_data_has_its_month_from_receipt():
    case, decision = opened()
    [deadline] = month_of(case)
    assert case.sorted_as == "not-a-report: privacy"
    assert deadline.due == datetime(2026, 12, 23, 11, 0, tzinfo=UTC)
    assert deadline.due == decision.reply.answer_due
    assert "article 12(3)" in deadline.rule
    said = "answer the request about personal data (`triaged erase` deletes it)"
    assert (duty(deadline), settled_by(deadline)) == (said, RecordAnswer())


def test_a_report_has_no_such_month():
    decision = decide(message())
    assert not month_of(fold(decision.case_id, decision.events))


def test_a_persons_answer_meets_it_and_silence_does_not():
    case, decision = opened()
    assert month_of(case, NOON + timedelta(days=40))[0].overdue
    answered = fold(decision.case_id, (*decision.events, Answered(at=NOON + timedelta(days=3), by="ann")))
    assert month_of(answered, NOON + timedelta(days=40))[0].state == "met"


def test_the_digest_says_who_is_to_know():
    case, _ = opened()
    composed = digest(Inputs((case,), (), {}, WELL, NOON - timedelta(days=1)), policy(), NOON, NOON.date(), UTC)
    [new] = [each for each in composed.sections if each.title == "New"]
    assert "this is for data protection: pass it on" in new.items[0].notes
