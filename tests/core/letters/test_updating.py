from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.values import BORDER, CAPS, HOUR, NEW_ID, NOON, REPORTER, decide, house, message, owed, policy
from tests.support.values import received as arrived
from tests.support.values import sent as left_for
from triaged.core.case.case import Case
from triaged.core.case.events import (
    Answered,
    Assessed,
    Closed,
    Deferred,
    Failed,
    MarkedDuplicate,
    Noted,
    OwnerSet,
    Reopened,
    ScopeSet,
    Submitted,
    Submitting,
    Triaged,
    Undone,
    Waiting,
    Withheld,
)
from triaged.core.case.folding import fold
from triaged.core.clocks.deadlines import deadlines
from triaged.core.letters.reply import Away
from triaged.core.letters.updating import overtaken, update, within_caps
from triaged.core.mail.sender import Sender, Trust
from triaged.core.policy.promises import Promise
from triaged.core.team.metrics import metrics

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
HOUSE = house(trust=Trust(BORDER), updates_in_a_row=2)
VERIFIED = Sender("Ann", REPORTER, "verified", f"{BORDER} says dmarc=pass")
DUE = NOON - HOUR + 14 * DAY
TRIAGED = Triaged(at=NOON, by="bo")


def received(**changes):
    return arrived(**{"sender": VERIFIED, **changes})


def sent(letter, at=NOON):
    """A letter that went out at once."""
    return letter, Submitting(at=at, message_id=letter.message_id), submitted(letter, at)


def submitted(letter, at=NOON):
    return Submitted(at=at, message_id=letter.message_id, answer="250")


def failed(letter, at=NOON):
    return Failed(at=at, message_id=letter.message_id, reason="550 no such user")


ACKNOWLEDGED = sent(owed())


def taken_up(*events, opening=None):
    """A verified report, acknowledged and triaged, and what happened since."""
    return fold(NEW_ID, (opening or received(), *ACKNOWLEDGED, TRIAGED, *events))


def an_update(number=1, at=DUE - DAY):
    return owed(purpose="update", message_id=f"update-{number}@smallest.ai", at=at)


def tracked(subject: Case, now, rules=None):
    return next(each for each in deadlines(subject, rules or policy(), now) if each.name == "update")


def test_it_is_owed_from_thirty_hours_before_the_update_is_due_and_when_that_is_late():
    assert update(taken_up(), HOUSE, DUE - 30 * HOUR - MINUTE) is None
    for now in (DUE - 30 * HOUR, DUE, DUE + 30 * DAY):
        found = update(taken_up(), HOUSE, now)
        assert (found.to, found.due, found.next_due, found.number) == (REPORTER, DUE, now + 14 * DAY, 1)
        assert (found.case_id, found.received_at, found.away) == (NEW_ID, NOON - HOUR, None)


def test_of_a_short_promise_half_the_time_is_the_teams():
    rules = with_promise(name="update", within="12h")
    ours = replace(HOUSE, policy=rules)
    due = NOON - HOUR + 12 * HOUR
    assert update(taken_up(), ours, due - 6 * HOUR - MINUTE) is None
    assert update(taken_up(), ours, due - 6 * HOUR).due == due


def with_promise(**update_promise):
    promises = [each for each in policy().promises if each.name != "update"]
    return policy().model_copy(update={"promises": (*promises, Promise.model_validate(update_promise))})


def test_switched_off_it_is_never_owed():
    assert update(taken_up(), replace(HOUSE, updates_in_a_row=0), DUE) is None
    assert house().updates_in_a_row == 0


NOTICE = owed(purpose="notice", message_id="notice-1@smallest.ai")
NOT_WORKED_ON = {
    "closed": (Closed(at=NOON, by="bo", reason="fixed"),),
    "duplicate": (MarkedDuplicate(at=NOON, by="bo", of="SEC-0000-0000"),),
    "waiting": (Waiting(at=NOON, by="bo"),),
    "out of scope": (ScopeSet(at=NOON, by="bo", scope="out-of-scope"),),
    "no report": (Assessed(at=NOON, report=replace(decide(message()).report, kind="billing")),),
    "its reporter opened it again": (Reopened(at=NOON, by="reporter"),),
    "acknowledgment came back": (failed(ACKNOWLEDGED[0]),),
    "a notice failed": (*sent(NOTICE)[:2], failed(NOTICE)),
    "a notice is in doubt": (*sent(NOTICE)[:2], replace(failed(NOTICE), uncertain=True)),
}


@pytest.mark.parametrize("events", NOT_WORKED_ON.values(), ids=NOT_WORKED_ON)
def test_a_machine_does_not_say_so_where_it_is_not_so_or_would_not_arrive(events):
    there = taken_up(*events)
    assert update(there, HOUSE, DUE) is None
    letter = an_update(at=DUE - HOUR)
    assert overtaken(taken_up(letter), only(taken_up(letter)), HOUSE, DUE) == ""
    assert overtaken(fold(NEW_ID, (*there.history, letter)), only(there, letter), HOUSE, DUE)


def only(there, *events):
    (letter,) = fold(there.id, (*there.history, *events)).updates
    return letter


@pytest.mark.parametrize(
    "history",
    [
        (received(), *ACKNOWLEDGED),
        (received(), *ACKNOWLEDGED, OwnerSet(at=NOON, by="bo", owner="bo"), OwnerSet(at=NOON, by="bo", owner="")),
        (received(), *ACKNOWLEDGED, Noted(at=NOON, by="bo", text="seen")),
        (received(), TRIAGED),
        (received(), owed(), TRIAGED),
        (received(), Withheld(at=NOON, sign="cap", rfc="RFC 3834", reason="the cap is reached"), TRIAGED),
        (arrived(), *ACKNOWLEDGED, TRIAGED),
        (received(sender=replace(VERIFIED, verdict="failed")), *ACKNOWLEDGED, TRIAGED),
        (received(sender=replace(VERIFIED, address="")), *ACKNOWLEDGED, TRIAGED),
    ],
    ids="untouched no-owner noted unacknowledged owed withheld unverified failed nobody".split(),
)
def test_it_takes_a_person_an_acknowledgment_and_a_verified_reporter(history):
    assert update(fold(NEW_ID, history), HOUSE, DUE) is None


def test_an_owner_is_a_person_who_has_taken_it_up():
    there = fold(NEW_ID, (received(), *ACKNOWLEDGED, OwnerSet(at=NOON, by="bo", owner="cy")))
    assert update(there, HOUSE, DUE)


def test_where_no_border_is_trusted_nobody_is_verified_whatever_a_case_once_said():
    assert update(taken_up(), replace(HOUSE, trust=Trust()), DUE) is None


def test_a_case_that_its_reporter_opened_again_waits_until_a_person_has_looked():
    again = (Closed(at=NOON, by="bo", reason="fixed"), Reopened(at=NOON, by="reporter"))
    assert update(taken_up(*again), HOUSE, DUE) is None
    assert update(taken_up(*again, Noted(at=NOON, by="bo", text="seen")), HOUSE, DUE)
    assert update(taken_up(*again[:1], Reopened(at=NOON, by="bo")), HOUSE, DUE)
    seen = Noted(at=NOON + HOUR, by="bo", text="seen")
    taken_back = Undone(at=NOON + HOUR, by="bo", decision="noted", decided_at=seen.at)
    assert update(taken_up(*again, seen, taken_back), HOUSE, DUE) is None


def test_it_answers_the_reporters_last_mail():
    second = received(at=NOON + DAY, message_id="second@example.org", sha256="cd" * 32)
    assert update(taken_up(), HOUSE, DUE).in_reply_to == "report-1@example.org"
    assert update(taken_up(second), HOUSE, DUE).in_reply_to == "second@example.org"
    assert update(taken_up(replace(second, message_id=None)), HOUSE, DUE).in_reply_to is None


def test_the_teams_absence_is_said_while_it_lasts():
    away = Away(DUE.date())
    assert update(taken_up(), replace(HOUSE, away=away), DUE).away == away
    assert update(taken_up(), replace(HOUSE, away=away), DUE + DAY).away is None


# What it does to the clock.


def test_once_out_it_moves_the_next_due_date_from_when_it_was_written_and_says_so():
    letter, later = an_update(), DUE - 20 * HOUR
    there = taken_up(letter)
    assert tracked(there, later).due == DUE
    out = taken_up(letter, Submitting(at=later, message_id=letter.message_id), submitted(letter, later))
    assert tracked(out, later).due == letter.at + 14 * DAY
    assert tracked(out, later).rule == "14 days from 2026-12-06 11:00 UTC (an automatic update)"
    assert tracked(taken_up(), later).rule == "14 days from 2026-11-23 11:00 UTC"


def test_a_word_that_is_dated_before_the_report_itself_counts_for_nothing():
    there = taken_up(Answered(at=NOON - 2 * HOUR, by="bo"))
    assert tracked(there, NOON).rule == "14 days from 2026-11-23 11:00 UTC"
    assert tracked(there, NOON).due == DUE


def test_refused_for_good_or_come_back_it_moves_nothing_and_a_person_sees_it_due():
    letter = an_update()
    refused = (letter, Submitting(at=DUE, message_id=letter.message_id), failed(letter, DUE))
    for events in (refused, (*sent(letter, DUE - DAY), failed(letter, DUE))):
        assert tracked(taken_up(*events), DUE + MINUTE).due == DUE
        assert tracked(taken_up(*events), DUE + MINUTE).overdue
        assert update(taken_up(*events), HOUSE, DUE + MINUTE) is None


def test_it_is_no_persons_answer():
    there = taken_up(*sent(an_update(), DUE - DAY))
    figures = metrics([there], policy(), DUE)
    assert (figures.to_person.count, figures.to_machine.count, figures.to_machine.median) == (0, 1, HOUR)
    rules = with_promise(name="update", within="14d")
    rules = rules.model_copy(
        update={"promises": (*rules.promises, Promise.model_validate({"name": "first-answer", "within": "5d"}))}
    )
    (first,) = (each for each in deadlines(there, rules, DUE) if each.name == "first-answer")
    assert (first.met_at, first.overdue) == (None, True)
    assert metrics([there], rules, DUE).deadlines["first-answer"].overdue == 1
    assert (there.answered_at, there.state) == ((), "triaged")


# A few in a row, and each once.


def test_after_two_in_a_row_it_is_the_teams_work_again_until_a_person_writes():
    first, second = an_update(1), an_update(2, DUE + 12 * DAY)
    third_due = second.at + 14 * DAY
    there = taken_up(*sent(first, first.at))
    assert update(there, HOUSE, first.at + 12 * DAY) is None
    assert update(there, HOUSE, second.at).number == 2
    there = taken_up(*sent(first, first.at), *sent(second, second.at))
    assert update(there, HOUSE, third_due + 90 * DAY) is None
    assert update(there, replace(HOUSE, updates_in_a_row=3), third_due).number == 3
    assert tracked(there, third_due + MINUTE).overdue
    answered = fold(NEW_ID, (*there.history, Answered(at=third_due, by="bo")))
    assert update(answered, HOUSE, third_due + 13 * DAY).number == 3


def test_one_that_is_owed_or_was_overtaken_has_had_its_turn():
    letter = an_update()
    deferred = Deferred(at=DUE, message_id=letter.message_id, cause="451", retry_at=DUE)
    for events in ((), (Submitting(at=DUE, message_id=letter.message_id),), (deferred,), (failed(letter, DUE),)):
        assert update(taken_up(letter, *events), HOUSE, DUE + DAY) is None
    # Never tried, it says nothing of the address: after a person's word the next one may go.
    answered = taken_up(letter, failed(letter, DUE), Answered(at=DUE, by="bo"))
    assert update(answered, HOUSE, DUE + 13 * DAY).number == 2


@pytest.mark.parametrize(
    ("events", "later", "says"),
    [
        ((), HOUR, ""),
        ((), 14 * DAY - MINUTE, ""),
        ((), 14 * DAY, "the date that it names has passed"),
        ((Answered(at=DUE, by="bo"),), 2 * DAY, "a person has written since"),
        ((Answered(at=DUE - DAY, by="bo"),), 2 * DAY, "a person has written since"),
        ((Answered(at=DUE - 2 * DAY, by="bo"),), 2 * DAY, "a person has written since"),
        ((Answered(at=DUE, by="bo"), Undone(at=DUE, by="bo", decision="answered", decided_at=DUE)), 2 * DAY, ""),
        ((Answered(at=DUE, by="bo"), NOTICE), 2 * DAY, "a person has written since"),
        ((OwnerSet(at=DUE, by="bo", owner="cy"),), 2 * DAY, ""),
        ((Closed(at=DUE, by="bo", reason="done"),), 2 * DAY, "the case is closed"),
    ],
)
def test_it_goes_out_only_as_long_as_it_is_true(events, later, says):
    letter = an_update()
    there = taken_up(letter, *events)
    assert overtaken(there, only(there), HOUSE, letter.at + later) == says


def test_a_persons_word_before_it_does_not_hold_it_back():
    there = taken_up(Answered(at=DUE - 14 * DAY, by="bo"), an_update())
    assert overtaken(there, only(there), HOUSE, DUE) == ""


def test_switched_off_what_is_owed_stays_here():
    there = taken_up(an_update())
    assert (
        overtaken(there, only(there), replace(HOUSE, updates_in_a_row=0), DUE) == "automatic updates are switched off"
    )


@pytest.mark.parametrize(
    ("cap", "others"),
    [
        ("per_address_per_day", (REPORTER, REPORTER)),
        ("per_domain_per_hour", ("bo@example.org", "cy@example.org")),
        ("per_domain_per_day", ("bo@example.org", "cy@example.org")),
        ("per_hour", ("bo@example.com", "cy@example.net")),
        ("per_day", ("bo@example.com", "cy@example.net")),
    ],
)
def test_updates_leave_three_quarters_of_each_cap_to_acknowledgments(cap, others):
    found = update(taken_up(), HOUSE, DUE)
    ours = replace(HOUSE, caps=replace(CAPS, **{cap: 8}))
    letters = left_for(*others, at=DUE - MINUTE)
    assert within_caps(found, letters[:1], ours, DUE)
    assert not within_caps(found, letters, ours, DUE)
    assert within_caps(found, letters, ours, DUE + DAY)


# Any history.

SPANS = st.sampled_from(["36h", "14d", "1 business day", "5 business days", "3 business hours", "1 month"])
CALENDARS = st.sampled_from(
    [
        {"timezone": "UTC"},
        {"timezone": "Europe/Berlin", "closed": [date(2026, 12, 24), date(2026, 12, 25)]},
        {"timezone": "America/New_York", "hours": "09:00-17:00"},
    ]
)


@given(
    SPANS,
    CALENDARS,
    st.integers(6 * 60, 60 * 24 * 120),
    st.integers(0, 60 * 24),
    st.sampled_from(["high", "low", None]),
)
def test_the_date_that_it_names_is_the_deadline_that_is_tracked_once_it_is_out(span, calendar, wait, delay, severity):
    rules = with_promise(name="update", within={"high": "2d", "default": span}, pausable=True)
    calendar = type(rules.calendar).model_validate(calendar)
    ours = replace(HOUSE, policy=rules.model_copy(update={"calendar": calendar}))
    now = NOON + wait * MINUTE
    there = taken_up(
        replace(TRIAGED, severity=severity), Waiting(at=NOON, by="bo"), received(at=NOON + 6 * HOUR, sha256="cd" * 32)
    )
    found = update(there, ours, now)
    if found is None:
        assert now < tracked(there, now, ours.policy).due
        return
    letter = an_update(at=now)
    out = fold(NEW_ID, (*there.history, *sent(letter, now + delay * MINUTE)))
    assert tracked(out, now + delay * MINUTE, ours.policy).due == found.next_due > now


_STEPS = st.sampled_from(
    "tick tick tick tick submit submit fail bounce defer answer wait mail close reopen again owner nobody scope".split()
)


@settings(max_examples=300)
@given(
    st.sampled_from(["verified", "verified", "verified", "unverified", "failed"]),
    st.sampled_from([BORDER, BORDER, None]),
    st.integers(1, 3),
    st.lists(st.tuples(_STEPS, st.integers(-2, 15)), max_size=60),
)
def test_over_any_history_it_is_owed_once_a_date_a_few_in_a_row_and_only_where_it_is_true(
    verdict, border, in_a_row, steps
):
    ours = replace(HOUSE, trust=Trust(border), updates_in_a_row=in_a_row)
    there = taken_up(opening=received(sender=replace(VERIFIED, verdict=verdict)))
    now, dues, silent = NOON, [], 0
    for step, days in steps:
        now += days * DAY
        if step == "tick" and (found := update(there, ours, now)):
            dues.append(found.due)
            silent += 1
            assert (verdict, border, there.waiting, there.closed_at) == ("verified", BORDER, False, None)
            assert found.next_due > now
            assert silent <= in_a_row
            there = after(there, an_update(found.number, now))
        elif step == "answer":
            there, silent = after(there, Answered(at=now, by="bo")), 0
        else:
            there = after(there, *happening(step, there, ours, now))
    assert len(dues) == len(set(dues))
    assert len({letter.message_id for letter in there.updates}) == len(dues)


def after(there, *events):
    return fold(there.id, (*there.history, *events))


def happening(step, there, ours, now):
    """What the world makes of the last update, or of the case."""
    last = there.updates[-1] if there.updates else None
    if step in {"submit", "fail", "defer"}:
        return attempt(step, there, last, ours, now) if last and last.state == "owed" else ()
    if step == "bounce":
        return (failed(last, now),) if last and last.state == "submitted" else ()
    return {
        "wait": (Waiting(at=now, by="bo"),),
        "mail": (received(at=now, sha256="cd" * 32),),
        "close": (Closed(at=now, by="bo", reason="done"),),
        "reopen": (Reopened(at=now, by="bo"),),
        "again": (Reopened(at=now, by="reporter"),),
        "owner": (OwnerSet(at=now, by="bo", owner="bo"),),
        "nobody": (OwnerSet(at=now, by="bo", owner=""),),
        "scope": (ScopeSet(at=now, by="bo", scope="model"),),
        "tick": (),
    }[step]


def attempt(step, there, last, ours, now):
    if overtaken(there, last, ours, now):
        return (failed(last, now),)
    outcome = {
        "submit": submitted(last, now),
        "fail": failed(last, now),
        "defer": Deferred(at=now, message_id=last.message_id, cause="451", retry_at=now),
    }
    return Submitting(at=now, message_id=last.message_id), outcome[step]
