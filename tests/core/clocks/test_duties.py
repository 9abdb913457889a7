from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.values import NEW_ID, NOON, case, owed, policy
from triaged.core.case.events import (
    Answered,
    Closed,
    ExploitConfirmed,
    ExploitSuspected,
    FixAvailable,
    Submitted,
    Triaged,
)
from triaged.core.clocks.deadlines import Deadline, deadlines
from triaged.core.clocks.duties import duty, settled_by
from triaged.core.commands.command import Close, FindExploited, RecordAnswer, RecordFix, RecordNotified, Triage
from triaged.core.policy.profiles import promised
from triaged.core.policy.promises import PROMISES
from triaged.core.team.digest import Health, Inputs, digest

DAY = timedelta(days=1)
GRAVE = "Exploited, and what a law wants"
WELL = Health(NOON, (), 0, None, "0")
SUSPECTED = ExploitSuspected(at=NOON, quote="seen in the wild \x1b[31m")
CONFIRMED = ExploitConfirmed(at=NOON, by="bo", reason="our logs")
CALM = (owed(), Submitted(at=NOON, message_id="ack-1@smallest.ai", answer="250"), Triaged(at=NOON, by="bo"))


def under(*profiles):
    return policy().model_copy(update={"promises": promised(profiles, ())})


def composed(subject, ours, now):
    return digest(Inputs((subject,), (), {}, WELL, now), ours, now, now.date(), UTC)


def section(title, subject, ours, now):
    found = [each for each in composed(subject, ours, now).sections if each.title == title]
    return [(item.what, item.command) for each in found for item in each.items]


@pytest.mark.parametrize("name", PROMISES)
def test_every_deadline_says_what_to_do_and_what_to_type(name):
    deadline = Deadline(name, NOON, "pending", None, "a rule")
    assert duty(deadline)
    assert isinstance(settled_by(deadline), RecordAnswer | Triage | RecordFix | Close | RecordNotified)
    assert settled_by(replace(deadline, suspected=True)) == FindExploited("confirm", "...")


def test_a_suspected_statutory_deadline_stands_in_the_digest_with_the_way_to_decide_it():
    subject, ours = case(*CALM, SUSPECTED), under("eu-cra")
    item = composed(subject, ours, NOON + timedelta(hours=21)).sections[0].items[0]
    what, command = item.notes[0], item.command
    assert what == "send the CRA early warning, or dismiss the suspicion: due in 3 h (Tue 24 Nov 12:00)"
    assert command == f'triaged case {subject.id} exploited confirm --reason "..."'


def test_a_confirmed_one_says_what_to_type_once_it_is_sent():
    subject = case(*CALM, SUSPECTED, CONFIRMED)
    what, command = section(GRAVE, subject, under("eu-cra"), NOON + timedelta(hours=26))[0]
    assert what.startswith("send the CRA early warning: 2 h overdue")
    assert command == f"triaged case {subject.id} notified cra-early-warning"


def test_a_final_report_stands_in_the_digest_although_the_case_is_closed():
    closed = case(*CALM, SUSPECTED, CONFIRMED, FixAvailable(at=NOON, by="bo"), Closed(at=NOON, by="bo", reason="fixed"))
    now = NOON + 13 * DAY + timedelta(hours=12)
    (item,) = composed(closed, under("eu-cra"), now).sections[0].items
    assert item.what == "send the CRA early warning: 12 d overdue (Tue 24 Nov 12:00)"
    assert item.notes[-1] == "and send the CRA final report: due in 12 h (Mon 07 Dec 12:00)"
    assert section(GRAVE, closed, policy(), now) == []


def test_a_suspicion_needs_a_decision_and_its_words_are_shown_escaped():
    found = section(GRAVE, case(*CALM, SUSPECTED), policy(), NOON)
    assert found[0][0].startswith('said to be exploited: "seen in the wild ')
    assert "\x1b" not in found[0][0]
    assert not [what for what, _ in section(GRAVE, case(*CALM, CONFIRMED), policy(), NOON) if "exploited" in what]


def test_what_its_promise_warns_of_is_shown_before_the_last_day():
    ours, title = under("cisa-bod-20-01"), "Due soon, as its promise warns"
    due = next(each.due for each in deadlines(case(*CALM), ours, NOON) if each.name == "fix")
    assert section(title, told_yesterday(due - 15 * DAY), ours, due - 15 * DAY) == []
    (line,) = section(title, told_yesterday(due - 14 * DAY), ours, due - 14 * DAY)
    assert line == ("make a fix available: due in 14 d (Sun 21 Feb 11:00)", f"triaged case {case().id} fixed")
    assert composed(told_yesterday(due - 14 * DAY), ours, due - 14 * DAY).state == "1 due soon"
    near = datetime(2027, 2, 20, 12, tzinfo=UTC)
    assert section(title, told_yesterday(near), ours, near) == []
    found = section("Due within 24 hours", told_yesterday(near), ours, near)
    assert found[0][0].startswith("make a fix available: due in 23 h")


def told_yesterday(now):
    return case(*CALM, Answered(at=now - DAY, by="bo"))


def test_what_is_warned_of_beside_something_overdue_is_named_with_it():
    ours = under("cisa-bod-20-01")
    due = next(each.due for each in deadlines(case(*CALM), ours, NOON) if each.name == "fix")
    (item,) = composed(case(*CALM), ours, due - 14 * DAY).sections[0].items
    assert item.what.startswith("send the reporter an update: 62 d overdue")
    assert item.notes == (
        "and make a fix available: due in 14 d (Sun 21 Feb 11:00)",
        f"if you wrote from elsewhere: triaged case {NEW_ID} answered",
    )
