from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import HOUR, NOON, case, owed, policy, received
from triaged.core.case.case import Exploitation
from triaged.core.case.events import (
    Answered,
    Assessed,
    AuthorityNotified,
    Closed,
    ExploitConfirmed,
    ExploitDismissed,
    ExploitSuspected,
    FixAvailable,
    MarkedDuplicate,
    Reopened,
    SeveritySet,
    Submitted,
    Triaged,
    Waiting,
)
from triaged.core.clocks.deadlines import critical, deadlines, outstanding, overdue
from triaged.core.policy.calendar import Calendar
from triaged.core.policy.policy import Policy
from triaged.core.policy.profiles import PROFILES, promised
from triaged.core.policy.promises import Promise, is_statutory
from triaged.core.report.report import Fact, Facts, Report, Verdict

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
RECEIVED = NOON - HOUR
SENT = (owed(), Submitted(at=NOON, message_id="ack-1@smallest.ai", answer="250"))
SUSPECTED = ExploitSuspected(at=NOON, quote="seen in the wild")
CONFIRMED = ExploitConfirmed(at=NOON + 5 * HOUR, by="bo", reason="our logs")
DISMISSED = ExploitDismissed(at=NOON + 6 * HOUR, by="bo", reason="a lab exploit")
CRA = ("cra-early-warning", "cra-notification", "cra-final-report")
NIS2 = ("nis2-early-warning", "nis2-notification", "nis2-final-report")


def promising(*promises: dict, profile: tuple[str, ...] = (), calendar: Calendar | None = None) -> Policy:
    """The shipped promises, with these in their place or beside them."""
    own = [Promise.model_validate(each) for each in promises]
    together = promised(("policy", *profile), own)
    return policy().model_copy(update={"promises": together, "calendar": calendar or Calendar()})


LAWS = promising(profile=("eu-cra", "nis2"))


def told(duty, at=NOON + 9 * HOUR):
    return AuthorityNotified(at=at, by="bo", duty=duty)


def found(name, subject, ours, now=NOON):
    return next((each for each in deadlines(subject, ours, now) if each.name == name), None)


def dues(subject, now=NOON, names=(*CRA, *NIS2)):
    return {each.name: each.due for each in deadlines(subject, LAWS, now) if each.name in names}


# A person's word and a machine's.

BOTH = promising({"name": "first-answer", "within": "3d"})


def test_the_automatic_acknowledgment_meets_the_machines_promise_alone():
    states = {each.name: each.met_at for each in deadlines(case(*SENT), BOTH, NOON + HOUR)}
    assert (states["acknowledge"], states["first-answer"]) == (NOON, None)


def test_a_persons_word_meets_both_and_the_first_one_counts():
    spoke = case(*SENT, Answered(at=NOON + HOUR, by="bo"), Answered(at=NOON + 2 * HOUR, by="bo"))
    states = {each.name: each.met_at for each in deadlines(spoke, BOTH, NOON + 3 * HOUR)}
    assert (states["acknowledge"], states["first-answer"]) == (NOON, NOON + HOUR)
    by_hand = found("acknowledge", case(Answered(at=NOON + HOUR, by="bo")), BOTH)
    assert by_hand.met_at == NOON + HOUR


def test_a_persons_triage_is_no_word_to_the_reporter():
    triaged = found("first-answer", case(*SENT, Triaged(at=NOON, by="bo")), BOTH, NOON + 4 * DAY)
    assert (triaged.state, triaged.met_at) == ("missed", None)


# What the team sets for itself.


@pytest.mark.parametrize(
    ("event", "met"),
    [
        (FixAvailable(at=NOON, by="bo"), {"fix", "reporter-date"}),
        (Closed(at=NOON, by="bo", reason="fixed"), {"fix", "disclosure", "triage", "update", "reporter-date"}),
        (Triaged(at=NOON, by="bo"), {"triage"}),
        (Answered(at=NOON, by="bo"), {"acknowledge", "first-answer"}),
    ],
)
def test_each_promise_is_met_by_its_own_event(event, met):
    ours = promising({"name": "first-answer", "within": "3d"}, profile=("disclosure-90",))
    subject = case(assessed("2027-01-15"), event)
    assert {each.name for each in deadlines(subject, ours, NOON) if each.state == "met"} == met


@pytest.mark.parametrize(
    ("since", "event", "start"),
    [
        ("receipt", None, RECEIVED),
        ("triage", Triaged(at=NOON + HOUR, by="bo"), NOON + HOUR),
        ("fix-available", FixAvailable(at=NOON + HOUR, by="bo"), NOON + HOUR),
        ("awareness", SUSPECTED, NOON),
    ],
)
def test_a_promise_counts_from_where_the_policy_lets_it(since, event, start):
    ours = promising({"name": "disclosure", "within": "30d", "since": since})
    happened = (event,) if event else ()
    assert found("disclosure", case(*happened), ours).due == start + 30 * DAY


@pytest.mark.parametrize("since", ["triage", "fix-available", "awareness"])
def test_what_has_not_begun_is_no_deadline(since):
    assert found("disclosure", case(), promising({"name": "disclosure", "within": "30d", "since": since})) is None


def test_a_changed_severity_chooses_another_length_and_keeps_the_pauses():
    ours = promising({"name": "fix", "within": {"critical": "7d", "default": "90d"}, "pausable": True})
    waited = (Waiting(at=NOON, by="bo"), received(at=NOON + 50 * HOUR))
    assert found("fix", case(*waited), ours, NOON + 3 * DAY).due == RECEIVED + 90 * DAY + 50 * HOUR
    grave = SeveritySet(at=NOON + 60 * HOUR, by="bo", severity="critical")
    assert found("fix", case(*waited, grave), ours, NOON + 3 * DAY).due == RECEIVED + 7 * DAY + 50 * HOUR
    mild = SeveritySet(at=NOON + 61 * HOUR, by="bo", severity="low")
    assert found("fix", case(*waited, grave, mild), ours, NOON + 3 * DAY).due == RECEIVED + 90 * DAY + 50 * HOUR


def test_a_changed_policy_recomputes_and_keeps_the_pauses():
    waited = case(Waiting(at=NOON, by="bo"), received(at=NOON + 4 * HOUR))
    for within, length in (("10d", 10 * DAY), ("20d", 20 * DAY), ("36h", 36 * HOUR)):
        ours = promising({"name": "triage", "within": within, "pausable": True})
        assert found("triage", waited, ours, NOON + DAY).due == RECEIVED + length + 4 * HOUR
    unpausable = promising({"name": "triage", "within": "10d"})
    assert found("triage", waited, unpausable, NOON + DAY).due == RECEIVED + 10 * DAY


def test_warnings_come_before_the_due_time_and_move_with_it():
    ours = promising({"name": "fix", "within": "10d", "warn": ["12h", "3d"], "pausable": True})
    due = RECEIVED + 10 * DAY
    early, warned = found("fix", case(), ours, due - 4 * DAY), found("fix", case(), ours, due - 3 * DAY)
    assert (early.warn_at, early.warned) == ((due - 3 * DAY, due - 12 * HOUR), False)
    assert warned.warned
    waited = case(Waiting(at=NOON, by="bo"), received(at=NOON + DAY))
    assert found("fix", waited, ours, due - 3 * DAY).warn_at[0] == due - 2 * DAY
    waiting = case(Waiting(at=due - 2 * DAY, by="bo"))
    assert not found("fix", waiting, ours, due - DAY).warned
    assert not found("fix", case(FixAvailable(at=due - 3 * DAY, by="bo")), ours, due).warned


def test_what_is_only_shown_makes_no_case_overdue():
    shown = promising({"name": "fix", "within": "1d", "on_breach": "show"})
    loud = promising({"name": "fix", "within": "1d"})
    now = NOON + 30 * HOUR
    assert found("fix", case(), shown, now).overdue
    assert (overdue(case(), shown, now), overdue(case(), loud, now)) == (False, True)


def test_a_promise_may_have_days_of_its_own():
    holidays = Calendar(closed=("2026-11-24",))
    ours = promising({"name": "first-answer", "within": "1 business day"}, calendar=holidays)
    assert found("first-answer", case(), ours).due == RECEIVED + 2 * DAY
    every_day = promising(profile=("hackerone",), calendar=holidays)
    assert found("first-answer", case(), every_day).due == RECEIVED + DAY
    zoned = promising({"name": "fix", "within": "3d", "calendar": {"timezone": "Asia/Kolkata"}}, calendar=holidays)
    assert found("fix", case(), zoned).rule == "3 days from 2026-11-23 16:30 IST"


# The date that the report names.


def assessed(*dates: str) -> Assessed:
    facts = Facts(tuple(Fact("publish", value, f"I publish on {value}") for value in dates))
    return Assessed(at=NOON, report=Report((), (), Verdict("unclear", "low", ()), facts=facts))


THEIRS = promising({"name": "reporter-date", "warn": ["14d"]}, calendar=Calendar(timezone="Europe/Berlin"))


@pytest.mark.parametrize(
    ("dates", "due"),
    [
        (("2027-01-15",), "2027-01-15"),
        (("2027-01-15", "2026-12-24"), "2026-12-24"),
        (("2026-11-23",), "2026-11-23"),
        (("in 90 days",), "2027-02-21"),
        (("2 weeks",), "2026-12-07"),
        (("90-day",), "2027-02-21"),
        (("2026-11-22", "2027-01-15"), "2027-01-15"),
        (("2028-02-29",), "2028-02-29"),
    ],
)
def test_the_reporters_own_date_falls_due_as_its_day_begins(dates, due):
    theirs = found("reporter-date", case(assessed(*dates)), THEIRS)
    assert theirs.due == datetime.fromisoformat(due).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize("dates", [(), ("2020-01-01",), ("9999-12-31",), ("soon",), ("12/01/2027",), ("9999 weeks",)])
def test_a_date_that_has_passed_or_may_be_read_in_two_ways_is_none(dates):
    assert found("reporter-date", case(assessed(*dates)), THEIRS) is None
    assert found("reporter-date", case(), THEIRS) is None


def test_the_rule_of_the_reporters_date_holds_no_word_of_the_reporter():
    theirs = found("reporter-date", case(assessed("in 90 days")), THEIRS)
    assert theirs.rule == "2027-02-21 00:00 CET (the reporter means to publish)"


def test_the_shipped_policy_keeps_the_day_that_a_report_names():
    names = [each.name for each in deadlines(case(assessed("2027-01-15")), policy(), NOON)]
    assert names == ["acknowledge", "triage", "update", "reporter-date"]


# The statutory clocks.


def test_no_statutory_clock_runs_where_nobody_speaks_of_exploitation():
    assert dues(case(FixAvailable(at=NOON, by="bo"))) == {}


def test_a_suspicion_starts_the_clocks_and_is_shown_as_one():
    suspected = case(SUSPECTED)
    assert dues(suspected) == {
        "cra-early-warning": NOON + 24 * HOUR,
        "cra-notification": NOON + 72 * HOUR,
        "nis2-early-warning": NOON + 24 * HOUR,
        "nis2-notification": NOON + 72 * HOUR,
        "nis2-final-report": datetime(2026, 12, 26, 12, tzinfo=UTC),
    }
    assert all(each.suspected == is_statutory(each.name) for each in deadlines(suspected, LAWS, NOON))
    rule = found("cra-early-warning", suspected, LAWS).rule
    assert rule == (
        "24 hours from 2026-11-23 12:00 UTC (exploitation is suspected: confirm or dismiss it), "
        "Regulation (EU) 2024/2847, article 14(2)"
    )


def test_a_confirmation_counts_from_the_suspicion():
    confirmed = case(SUSPECTED, CONFIRMED)
    assert dues(confirmed) == dues(case(SUSPECTED))
    assert not any(each.suspected for each in deadlines(confirmed, LAWS, NOON))
    assert "(exploitation is known)" in found("cra-notification", confirmed, LAWS).rule
    assert dues(case(CONFIRMED))["cra-early-warning"] == CONFIRMED.at + 24 * HOUR


def test_a_dismissal_ends_them_and_a_confirmation_takes_it_back():
    assert dues(case(SUSPECTED, DISMISSED)) == {}
    assert dues(case(SUSPECTED, CONFIRMED, DISMISSED)) == {}
    mended = ExploitConfirmed(at=NOON + 7 * HOUR, by="bo", reason="it is real")
    assert dues(case(SUSPECTED, DISMISSED, mended)) == dues(case(SUSPECTED))


def test_a_second_suspicion_moves_nothing_unless_the_first_was_dismissed():
    again = ExploitSuspected(at=NOON + 9 * HOUR, quote="again")
    assert dues(case(SUSPECTED, again)) == dues(case(SUSPECTED))
    assert dues(case(SUSPECTED, CONFIRMED, again)) == dues(case(SUSPECTED))
    assert case(SUSPECTED, CONFIRMED, again).exploitation.standing == "confirmed"
    renewed = case(SUSPECTED, DISMISSED, again)
    assert renewed.exploitation == Exploitation("suspected", NOON + 9 * HOUR, "again")
    assert dues(renewed)["cra-early-warning"] == NOON + 33 * HOUR


def test_what_the_authority_was_told_of_a_dismissed_suspicion_meets_nothing_of_a_new_one():
    again = ExploitSuspected(at=NOON + 9 * HOUR, quote="again")
    anew = case(SUSPECTED, told("cra-early-warning", NOON + HOUR), DISMISSED, again)
    assert found("cra-early-warning", anew, LAWS, NOON + 10 * HOUR).met_at is None


def test_the_cras_final_report_is_due_14_days_after_a_fix_is_available():
    fix = FixAvailable(at=NOON + 20 * DAY, by="bo")
    assert "cra-final-report" not in dues(case(SUSPECTED, CONFIRMED))
    assert dues(case(SUSPECTED, CONFIRMED, fix))["cra-final-report"] == fix.at + 14 * DAY
    later = FixAvailable(at=NOON + 25 * DAY, by="bo")
    assert dues(case(SUSPECTED, fix, later))["cra-final-report"] == fix.at + 14 * DAY


def test_a_fix_that_was_there_before_anybody_knew_counts_from_the_awareness():
    assert dues(case(FixAvailable(at=NOON - 40 * DAY, by="bo"), SUSPECTED))["cra-final-report"] == NOON + 14 * DAY


def test_nis2s_final_report_is_due_a_month_after_the_notification():
    early = told("nis2-notification", datetime(2026, 11, 24, 8, tzinfo=UTC))
    assert dues(case(SUSPECTED, early))["nis2-final-report"] == datetime(2026, 12, 24, 8, tzinfo=UTC)
    assert "(the notification)" in found("nis2-final-report", case(SUSPECTED, early), LAWS).rule
    assert "(when the notification is due)" in found("nis2-final-report", case(SUSPECTED), LAWS).rule


@pytest.mark.parametrize("duty", [*CRA, *NIS2])
def test_only_the_word_that_the_authority_was_told_meets_it(duty):
    fix = FixAvailable(at=NOON, by="bo")
    others = (*SENT, Answered(at=NOON, by="bo"), Triaged(at=NOON, by="bo"), Closed(at=NOON, by="bo", reason="done"))
    assert found(duty, case(SUSPECTED, fix, *others), LAWS, NOON + HOUR).state == "pending"
    kept = found(duty, case(SUSPECTED, fix, *others, told(duty)), LAWS, NOON + 90 * DAY)
    assert (kept.state, kept.met_at) == ("met", NOON + 9 * HOUR)


@pytest.mark.parametrize("end", [Closed(at=NOON, by="bo", reason="x"), MarkedDuplicate(at=NOON, by="bo", of="SEC-1")])
def test_the_end_of_a_case_ends_every_promise_but_the_statutory(end):
    ended = case(SUSPECTED, FixAvailable(at=NOON, by="bo"), end)
    assert {each.name for each in outstanding(ended, LAWS, NOON + HOUR)} == {*CRA, *NIS2}
    assert outstanding(case(end), LAWS, NOON + HOUR) == ()
    assert not overdue(ended, LAWS, NOON + 24 * HOUR)
    assert overdue(ended, LAWS, NOON + 25 * HOUR)


def test_what_is_critical_speaks_from_its_first_mark_on():
    suspected = case(SUSPECTED)
    names = [each.name for each in critical(suspected, promising(profile=("eu-cra",)), NOON + 4 * HOUR)]
    assert names == ["cra-early-warning"]
    assert critical(suspected, LAWS, NOON + 3 * HOUR) == ()
    assert critical(case(), policy(), NOON + 90 * DAY) == ()
    kept = case(SUSPECTED, told("cra-early-warning"), told("nis2-early-warning"))
    assert critical(kept, LAWS, NOON + 25 * HOUR) == ()


STOPPING = [
    Waiting(at=NOON, by="bo"),
    received(at=NOON + 5 * HOUR),
    Closed(at=NOON + 6 * HOUR, by="bo", reason="x"),
    Reopened(at=NOON + 7 * HOUR, by="bo"),
    Triaged(at=NOON, by="bo", severity="low"),
    SeveritySet(at=NOON, by="bo", severity="critical"),
    Answered(at=NOON, by="bo"),
    *SENT,
]


@given(
    st.lists(st.sampled_from(STOPPING), max_size=10),
    st.sampled_from(["Europe/Berlin", "Africa/Cairo", "Pacific/Auckland", "America/Santiago"]),
    st.integers(0, 365 * 24),
    st.booleans(),
)
def test_no_pause_no_closed_day_and_no_change_of_the_clocks_moves_a_statutory_clock(events, zone, hours, known):
    at = NOON + hours * HOUR
    closed = tuple((at + number * DAY).date() for number in range(40))
    calendar = Calendar(timezone=zone, closed=closed, weekend=("friday", "saturday"))
    ours = promising(profile=("eu-cra", "nis2"), calendar=calendar)
    fix = FixAvailable(at=at + DAY, by="bo")
    decided = [ExploitConfirmed(at=at + HOUR, by="bo", reason="x")] if known else []
    subject = case(ExploitSuspected(at=at, quote="x"), *decided, *events, fix)
    due = {each.name: each.due - at for each in deadlines(subject, ours, at + 60 * DAY)}
    assert [due[name] for name in (*CRA, *NIS2[:2])] == [24 * HOUR, 72 * HOUR, 15 * DAY, 24 * HOUR, 72 * HOUR]
    assert 31 * DAY - HOUR <= due["nis2-final-report"] <= 34 * DAY + HOUR


def test_an_acknowledgment_clock_never_pauses_under_any_profile():
    waiting = case(Waiting(at=NOON, by="bo"))
    for name in PROFILES:
        for each in deadlines(waiting, promising(profile=(name,)), NOON + HOUR):
            assert (each.state == "paused") <= (each.name in {"triage", "update", "fix", "disclosure"})


# Business hours, from the history.

OFFICE = Calendar(timezone="Europe/Berlin", hours="09:00-17:00", closed=("2026-11-25",))
HOURS = promising({"name": "triage", "within": "8 business hours", "pausable": True}, calendar=OFFICE)


@given(st.lists(st.integers(0, 12_000), max_size=7, unique=True), st.integers(0, 20_000), st.integers(0, 2000))
def test_a_pausable_clock_in_business_hours_counts_minute_by_minute(marks, now_after, start_after):
    start = NOON + start_after * MINUTE
    events, waits = [], sorted(marks)
    for since, until in zip(waits[::2], [*waits[1::2], None][: len(waits[::2])], strict=True):
        events.append(Waiting(at=start + since * MINUTE, by="bo"))
        events += [received(at=start + until * MINUTE)] if until is not None else []
    subject = replace(case(*events), opening=received(received_at=start))
    now = start + now_after * MINUTE
    triage = found("triage", subject, HOURS, now)

    def paused(minute):
        if minute >= now:
            return False
        after = (minute - start) // MINUTE
        return sum(mark <= after for mark in waits) % 2 == 1

    counted, minute = 0, start
    while counted < 480:
        local = minute.astimezone(ZoneInfo("Europe/Berlin"))
        counted += local.weekday() < 5 and local.day != 25 and 9 <= local.hour < 17 and not paused(minute)
        minute += MINUTE
    assert triage.due == minute
    assert triage.state == ("missed" if now > minute else "paused" if len(waits) % 2 else "pending")
