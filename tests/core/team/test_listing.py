from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import HOUR, NOON, case, owed, policy
from triaged.core.case.events import (
    Answered,
    AuthorityNotified,
    Closed,
    ExploitConfirmed,
    FixAvailable,
    OwnerSet,
    Submitted,
    Triaged,
    Waiting,
)
from triaged.core.clocks.deadlines import outstanding, overdue
from triaged.core.policy.profiles import promised
from triaged.core.team.listing import Choice, next_first, owned_by, owners, standing

DAY = timedelta(days=1)
STATES = ["new", "triaged", "waiting", "closed"]
CLOSED = Closed(at=NOON, by="bo", reason="fixed")
OURS = policy().model_copy(update={"promises": promised(("disclosure-90", "eu-cra"), ())})

happenings = st.sampled_from(
    [
        Answered(at=NOON, by="bo"),
        Triaged(at=NOON, by="bo"),
        Waiting(at=NOON, by="bo"),
        OwnerSet(at=NOON, by="bo", owner="Ann"),
        OwnerSet(at=NOON, by="bo", owner=""),
        ExploitConfirmed(at=NOON, by="bo", reason="our logs"),
        FixAvailable(at=NOON, by="bo"),
        AuthorityNotified(at=NOON, by="bo", duty="cra-early-warning"),
        CLOSED,
        owed(),
        Submitted(at=NOON, message_id="ack-1@smallest.ai", answer="250"),
    ]
)
subjects = st.lists(happenings, max_size=6).map(lambda events: case(*events))
nows = st.integers(0, 100).map(lambda days: NOON + days * DAY)


wishes = st.fixed_dictionaries(
    {
        "state": st.sampled_from([None, *STATES]),
        "waiting": st.booleans(),
        "overdue": st.booleans(),
        "owner": st.sampled_from([None, "ann", "nobody", "eve"]),
        "due_by": st.none() | nows,
    }
)


@given(subjects, nows, wishes)
def test_a_case_is_admitted_when_it_meets_all_that_is_asked(subject, now, wish):
    until = wish["due_by"]
    wanted = [
        wish["state"] in {None, subject.state},
        not wish["waiting"] or subject.state == "waiting",
        not wish["overdue"] or overdue(subject, OURS, now),
        wish["owner"] in {None, subject.owner.lower() or "nobody"},
        until is None or any(each.due <= until for each in outstanding(subject, OURS, now) if each.state != "paused"),
    ]
    assert Choice(**wish).admits(standing(subject, OURS, now)) == all(wanted)


@given(st.lists(subjects, max_size=8), nows)
def test_what_is_due_next_comes_first_and_what_is_over_last(many, now):
    ordered = next_first(standing(each, OURS, now) for each in many)
    assert sorted(each.case.history.__repr__() for each in ordered) == sorted(each.history.__repr__() for each in many)
    dues = [each.owed[0].due for each in ordered if each.owed]
    assert dues == sorted(dues)
    groups = [0 if each.owed else 2 if each.case.state == "closed" else 1 for each in ordered]
    assert groups == sorted(groups)


@pytest.mark.parametrize("events", [(CLOSED,), (Waiting(at=NOON - HOUR, by="bo"), Answered(at=NOON, by="bo"))])
def test_nothing_is_due_on_what_is_over_or_waits(events):
    assert standing(case(*events), policy(), NOON).owed == ()


def test_nobody_waits_on_what_is_closed():
    waits = Waiting(at=NOON, by="bo")
    for events, waiting in (((waits,), True), ((CLOSED, waits), False), ((waits, CLOSED), False)):
        assert Choice(waiting=True).admits(standing(case(*events), policy(), NOON)) == waiting


def test_a_closed_case_with_a_final_report_owed_keeps_its_place():
    exploited = case(ExploitConfirmed(at=NOON, by="bo", reason="logs"), FixAvailable(at=NOON, by="bo"), CLOSED)
    calm, over = case(Triaged(at=NOON, by="bo")), case(CLOSED)
    found = next_first(standing(each, OURS, NOON + DAY) for each in (over, calm, exploited))
    assert [each.case for each in found] == [exploited, calm, over]
    assert found[0].owed[0].name == "cra-early-warning"


def test_a_name_is_known_in_whatever_case_it_is_written():
    anns = case(OwnerSet(at=NOON, by="bo", owner="Ann"))
    assert owned_by(anns, "aNN")
    assert not owned_by(anns, "nobody")
    assert owned_by(case(), "Nobody")
    assert owners([case(), anns, case(OwnerSet(at=NOON, by="bo", owner="Al")), anns]) == ("Al", "Ann")
