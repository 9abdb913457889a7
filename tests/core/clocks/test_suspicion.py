from dataclasses import replace

import pytest

from tests.support.values import HOUR, NEW_ID, NOON, REPORT, decide, knowing, message, opened
from triaged.core.case.case import Exploitation
from triaged.core.case.events import ExploitDismissed, ExploitSuspected
from triaged.core.case.folding import fold

SAID = f"{REPORT}\nWe found that it is actively exploited in the wild by a ransomware group.\n"
EXPLOITED = message(text=SAID)
FOLLOW_UP = replace(
    EXPLOITED, sha256="cd" * 32, message_id="report-2@example.org", references=("report-1@example.org",)
)
DISMISSED = ExploitDismissed(at=NOON, by="bo", reason="a lab exploit")


def suspicions(decision):
    return [event for event in decision.events if isinstance(event, ExploitSuspected)]


def test_a_report_that_says_so_raises_the_suspicion_with_its_words_at_its_arrival():
    (suspected,) = suspicions(decide(EXPLOITED))
    assert suspected.at == NOON - HOUR
    assert "actively exploited in the wild" in suspected.quote
    folded = fold(NEW_ID, decide(EXPLOITED).events)
    assert folded.exploitation == Exploitation("suspected", NOON - HOUR, suspected.quote)


@pytest.mark.parametrize("text", [REPORT, f"{REPORT}\nIt has not been exploited in the wild.\n"])
def test_a_report_that_does_not_say_so_or_denies_it_raises_none(text):
    assert suspicions(decide(message(text=text))) == []


def test_the_suspicion_changes_no_answer_and_no_scope():
    plain, suspected = decide(message()), decide(EXPLOITED)
    assert suspected.reply.variant == plain.reply.variant
    assert suspected.reply.triage_due == plain.reply.triage_due
    assert suspected.report.verdict.scope == plain.report.verdict.scope


def test_a_follow_up_raises_it_once_and_again_only_after_a_dismissal():
    plain, said, dismissed = opened(), opened(EXPLOITED), opened(EXPLOITED, later=(DISMISSED,))
    for case, count in ((plain, 1), (said, 0), (dismissed, 1)):
        decision = decide(FOLLOW_UP, past=knowing(case), now=NOON + HOUR)
        assert (decision.end, decision.case_id) == ("joined", case.id)
        assert len(suspicions(decision)) == count


def test_a_follow_up_that_says_nothing_of_it_raises_nothing_again():
    told = decide(replace(FOLLOW_UP, text="Any news?"), past=knowing(opened(EXPLOITED, later=(DISMISSED,))), now=NOON)
    assert (told.end, suspicions(told)) == ("joined", [])
