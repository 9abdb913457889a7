"""An agreed day of disclosure, from the command to the clocks, the digest, the alerts and the calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.values import NEW_ID, NOON, case, decide, house, message, policy, received
from triaged.core.case.events import Assessed, DisclosureAgreed
from triaged.core.case.folding import folded_on
from triaged.core.clocks.clocks import publication
from triaged.core.clocks.deadlines import outstanding
from triaged.core.commands.command import AgreeDisclosure, AwaitReporter, Close, Undo
from triaged.core.commands.reading import Order, read_line
from triaged.core.commands.writing import words
from triaged.core.deciding.decide import Around
from triaged.core.deciding.decide import decide as decided_on
from triaged.core.deciding.decided import By, No
from triaged.core.report.report import Fact, Facts
from triaged.core.team.alerts import Manner, Told, alert
from triaged.core.team.digest import Health, Inputs, digest
from triaged.core.team.ical import calendar_text

ANA = By("ana", "ana")
DAY = timedelta(days=1)
AGREED = AgreeDisclosure("2026-12-24", "their talk is that day", "Ann of CERT")


def after(*commands, begun=None):
    known = begun or case()
    for command in commands:
        outcome = decided_on(command, known, ANA, NOON, Around(house(), (NEW_ID,)))
        assert not isinstance(outcome, No), outcome
        known = folded_on(known, outcome.events)
    return known


def refused(command, known=None):
    outcome = decided_on(command, known or case(), ANA, NOON, Around(house(), (NEW_ID,)))
    assert isinstance(outcome, No), outcome
    return outcome.sentence


def dated(known, now=NOON):
    return {each.name: each for each in outstanding(known, policy(), now) if each.name.endswith("-date")}


def with_plan(value):
    report = decide(message()).report
    facts = Facts((Fact("publish", value, "we publish then"),))
    return case(received(received_at=NOON), Assessed(at=NOON, report=replace(report, facts=facts)))


def test_an_agreed_day_is_a_deadline_that_says_with_whom_and_why():
    clock = dated(after(AGREED))["agreed-date"]
    assert clock.due == datetime(2026, 12, 24, tzinfo=UTC)
    assert "(agreed with Ann of CERT: their talk is that day)" in clock.rule


def test_it_is_moved_with_a_reason_and_the_history_keeps_both():
    moved = after(AGREED, AgreeDisclosure("2027-01-07", "the fix slipped"))
    assert dated(moved)["agreed-date"].due == datetime(2027, 1, 7, tzinfo=UTC)
    assert [event.on for event in moved.history if isinstance(event, DisclosureAgreed)] == [
        date(2026, 12, 24), date(2027, 1, 7)
    ]  # fmt: skip
    assert dated(after(Undo(), begun=moved))["agreed-date"].due == datetime(2026, 12, 24, tzinfo=UTC)


def test_waiting_for_the_reporter_does_not_pause_it():
    waiting = after(AGREED, AwaitReporter())
    later = dated(waiting, NOON + 20 * DAY)["agreed-date"]
    assert (later.due, later.state) == (datetime(2026, 12, 24, tzinfo=UTC), "pending")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (AgreeDisclosure("2026-11-22", "x"), "2026-11-22 is over; today is 2026-11-23"),
        (AgreeDisclosure("24.12.", "x"), "'24.12.' is no day to publish on; write it like 2026-11-23"),
        (AgreeDisclosure("DATE", "x"), "'DATE' is no day to publish on"),
        (AgreeDisclosure("9999-12-31", "x"), "'9999-12-31' is no day to publish on"),
        (AgreeDisclosure("2026-12-24", " "), "say why it is that day"),
        (AgreeDisclosure("2026-12-24", "..."), "say why it is that day"),
    ],
)
def test_a_day_without_sense_or_reason_is_refused(command, why):
    assert why in refused(command)


def test_a_closed_case_agrees_on_nothing():
    assert "is closed; first: triaged case" in refused(AGREED, after(Close("published")))


def test_what_is_written_is_read_back():
    written = words(AGREED)
    assert written == 'disclose 2026-12-24 --reason "their talk is that day" --with "Ann of CERT"'
    assert read_line(f"{NEW_ID} {written}") == Order((NEW_ID,), AGREED)
    assert "disclose lacks --reason" in read_line(f"{NEW_ID} disclose 2026-12-24")


def test_the_agreed_day_goes_before_the_reporters_and_both_run():
    plan = with_plan("2027-02-01")
    calendar = policy().calendar
    assert publication(case(), calendar) is None
    assert not publication(plan, calendar).agreed
    both = after(AGREED, begun=plan)
    assert set(dated(both)) == {"reporter-date", "agreed-date"}
    assert (publication(both, calendar).at, publication(both, calendar).agreed) == (
        datetime(2026, 12, 24, tzinfo=UTC), True
    )  # fmt: skip


def test_a_policy_that_names_neither_day_tracks_both():
    shipped = policy()
    bare = shipped.model_validate(
        {
            **{name: getattr(shipped, name) for name in shipped.model_fields_set},
            "promises": [{"name": name, "within": "48h"} for name in ("acknowledge", "triage", "update")],
        }
    )
    names = {each.name for each in outstanding(after(AGREED, begun=with_plan("2027-02-01")), bare, NOON)}
    assert {"reporter-date", "agreed-date"} <= names


def test_days_of_publication_stand_in_the_digest_the_nearest_first():
    far, near = after(AGREED, begun=case(case_id="SEC-0000-0001")), with_plan("in 10 days")
    well = Health(last_poll_at=NOON, problems=(), owed=0, oldest_owed_at=None, version="1")
    composed = digest(Inputs((far, near), (), {}, well, NOON - DAY), policy(), NOON, NOON.date(), UTC)
    (found,) = [each for each in composed.sections if each.title == "Days of publication"]
    assert [item.case_id for item in found.items] == [near.id, far.id]
    assert "the reporter means to publish: due in 9 d" in found.items[0].what
    assert found.order == "nearest first"


def test_the_team_is_told_at_its_marks_and_the_calendar_has_it():
    known = after(AGREED)
    told = alert([known], Told(), policy(), Manner(UTC), datetime(2026, 12, 21, 1, tzinfo=UTC))
    assert [line.what for line in told.lines if "publish it, as agreed: due Thu 24 Dec" in line.what]
    assert "UID:sec-7q4k-2m8d.agreed-date@triaged" in calendar_text([known], policy(), NOON, ahead=60 * DAY)
