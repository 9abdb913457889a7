from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import HOUR, NOON, case, opened, owed, policy, received
from triaged.core.case.events import Answered, Assessed, Closed, FixAvailable, Submitted, Triaged
from triaged.core.case.folding import fold
from triaged.core.team.weekly import COLUMNS, WEEKS, weekly

DAY = timedelta(days=1)
MONDAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def arrived(at, *events):
    return fold("SEC-0000-0001", (received(at=at, received_at=at), *events))


def figures(*cases, zone=UTC):
    found = weekly(cases, policy(), NINE, MONDAY, zone)
    return {week.begins: dict(zip(COLUMNS, week.counts, strict=True)) for week in found.weeks}


def told(*cases):
    return {what: value for _, what, value in weekly(cases, policy(), NINE, MONDAY, UTC).figures}


def test_eight_whole_weeks_end_as_the_day_begins_the_newest_first():
    begins = [week.begins for week in weekly((), policy(), NINE, MONDAY, UTC).weeks]
    assert begins == [date(2026, 11, 16) - number * 7 * DAY for number in range(WEEKS)]


def test_each_thing_counts_in_the_week_in_which_it_happened():
    at = datetime(2026, 11, 4, 12, tzinfo=UTC)
    one = arrived(
        at,
        owed(at=at),
        Submitted(at=at, message_id="ack-1@smallest.ai", answer="250"),
        Answered(at=at + 7 * DAY, by="bo"),
        Answered(at=at + 14 * DAY, by="bo"),
        Triaged(at=at + 7 * DAY, by="bo"),
        Closed(at=at + 14 * DAY, by="bo", reason="fixed"),
    )
    found = figures(one)
    none = dict.fromkeys(COLUMNS, 0)
    assert found[date(2026, 11, 2)] == {**none, "received": 1, "by machine": 1}
    assert found[date(2026, 11, 9)] == {**none, "by person": 1, "triaged": 1}
    assert found[date(2026, 11, 16)] == {**none, "closed": 1}
    assert found[date(2026, 10, 26)] == none


def test_a_promise_that_was_not_kept_counts_in_the_week_in_which_it_fell_due():
    at = datetime(2026, 11, 4, 12, tzinfo=UTC)
    late = arrived(at, Answered(at=at + 3 * DAY, by="bo"), Triaged(at=at + DAY, by="bo"))
    # Acknowledged on the 7th, not by the 6th; told no more since, though an update was due by the 21st.
    assert [week["missed"] for week in figures(late).values()] == [1, 0, 1, 0, 0, 0, 0, 0]
    never = arrived(at)
    # Acknowledgment by Friday the 6th, triage by the 11th, an update by the 18th.
    assert [week["missed"] for week in figures(never).values()] == [1, 1, 1, 0, 0, 0, 0, 0]


def test_a_week_begins_at_midnight_where_the_team_is():
    sunday_late = arrived(datetime(2026, 11, 15, 23, 30, tzinfo=UTC))
    assert figures(sunday_late)[date(2026, 11, 9)]["received"] == 1
    assert figures(sunday_late, zone=ZoneInfo("Europe/Berlin"))[date(2026, 11, 16)]["received"] == 1


def test_how_things_stand_is_told_of_open_cases_and_how_long_things_took_of_recent_ones():
    old = arrived(NINE - 100 * DAY)
    quick = arrived(NINE - 5 * DAY, Answered(at=NINE - 5 * DAY + HOUR, by="bo"))
    slow = arrived(NINE - 9 * DAY, Answered(at=NINE - 6 * DAY, by="bo"), FixAvailable(at=NINE - 4 * DAY, by="bo"))
    closed = arrived(NINE - 9 * DAY, Answered(at=NINE - 6 * DAY, by="bo"), Closed(at=NINE - DAY, by="bo", reason="x"))
    found = told(old, quick, slow, closed)
    assert found["median age of all open cases"] == "9.0 d (of 3)"
    assert found["median time to a person's first answer"] == "3.0 d (of 3)"
    assert told()["median age of all open cases"] == "-"


def test_the_ten_figures_of_the_directive_are_there_in_order_over_what_the_weeks_received():
    found = weekly(
        (arrived(NINE - 100 * DAY), arrived(NINE - 5 * DAY), arrived(NINE - 4 * DAY)), policy(), NINE, MONDAY, UTC
    )
    assert "".join(letter for letter, _, _ in found.figures) == "abcdefghij"
    assert found.figures[0] == ("a", "reports", "2")
    assert sum(week.counts[0] for week in found.weeks) == 2


def test_what_is_no_report_is_counted_apart():
    report = replace(opened().report, kind="support")
    at = NINE - 5 * DAY
    question = arrived(at, Assessed(at=at, report=report), Answered(at=at + HOUR, by="bo"))
    assert told(question, arrived(at))["cases that were no report"] == "1 of 2"
    assert figures(question, arrived(at))[date(2026, 11, 16)]["received"] == 1
    assert figures(question)[date(2026, 11, 16)]["by person"] == 0


@given(st.lists(st.integers(0, 24 * 70), max_size=20))
def test_no_case_of_the_eight_weeks_is_counted_twice_or_left_out(hours):
    cases = [arrived(NINE - hour * HOUR) for hour in hours]
    inside = sum(9 < hour <= 9 + WEEKS * 7 * 24 for hour in hours)
    assert sum(week["received"] for week in figures(*cases).values()) == inside


def test_a_full_bar_is_the_highest_figure():
    cases = [case(case_id=f"SEC-0000-000{number}") for number in range(3)]
    assert weekly(cases, policy(), NOON + 7 * DAY, MONDAY + 7 * DAY, UTC).most == 3
    assert weekly((), policy(), NINE, MONDAY, UTC).most == 0
