from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.walls import CHANGES, DAY, MINUTE, Walls, at, worked
from triaged.core.clocks.counting import business_hours_end, end_of_next_business_day, instant, span_end
from triaged.core.policy.calendar import Calendar
from triaged.core.policy.spans import BusinessDays, BusinessHours, Months

OFFICE = Calendar(timezone="Europe/Berlin", hours="09:00-17:00")
WEEK = "monday tuesday wednesday thursday friday saturday sunday".split()

ZONES = st.sampled_from(sorted(CHANGES))


@pytest.mark.parametrize("zone", sorted(CHANGES))
def test_the_clocks_of_these_zones_do_change(zone):
    offsets = [
        [(at(change) + hours * timedelta(hours=1)).astimezone(ZoneInfo(zone)).utcoffset() for hours in (-24, 24)]
        for change in CHANGES[zone]
    ]
    assert offsets[0][0] < offsets[0][1]
    assert offsets[1][0] > offsets[1][1]


@pytest.mark.parametrize(
    ("start", "hours", "end", "calendar"),
    [
        ("2026-11-23T09:00", 8, "2026-11-23T17:00", OFFICE),
        ("2026-11-23T16:00", 2, "2026-11-24T10:00", OFFICE),
        ("2026-11-23T05:00", 1, "2026-11-23T10:00", OFFICE),
        ("2026-11-23T17:00", 1, "2026-11-24T10:00", OFFICE),
        ("2026-11-27T16:30", 1, "2026-11-30T09:30", OFFICE),
        ("2026-11-28T12:00", 8, "2026-11-30T17:00", OFFICE),
        ("2026-11-23T09:00", 40, "2026-11-27T17:00", OFFICE),
        ("2026-11-23T17:05", 24, "2026-11-24T17:05", Calendar(timezone="Europe/Berlin")),
        ("2026-11-27T17:05", 24, "2026-11-30T17:05", Calendar(timezone="Europe/Berlin")),
        ("2026-12-24T16:00", 2, "2026-12-28T10:00", OFFICE.model_copy(update={"closed": (date(2026, 12, 25),)})),
        ("2026-12-31T16:00", 2, "2027-01-01T10:00", OFFICE),
        ("2028-02-28T16:00", 9, "2028-02-29T17:00", OFFICE),
        # On the night between them the clocks go forward, and of the shift that they would cut nothing is lost.
        ("2026-03-28T17:00", 8, "2026-03-29T17:00", OFFICE.model_copy(update={"weekend": ()})),
        (
            "2026-03-29T00:00",
            2,
            "2026-03-29T05:30",
            Calendar(timezone="Europe/Berlin", weekend=(), hours="02:30-10:00"),
        ),
        ("2026-03-29T00:00", 23, "2026-03-30T00:00", Calendar(timezone="Europe/Berlin", weekend=())),
        ("2026-10-25T00:00", 25, "2026-10-26T00:00", Calendar(timezone="Europe/Berlin", weekend=())),
    ],
)
def test_business_hours_pass_while_people_work(start, hours, end, calendar):
    found = business_hours_end(at(start, "Europe/Berlin"), BusinessHours(hours), calendar)
    assert (found, found.tzinfo) == (at(end, "Europe/Berlin"), UTC)


def test_of_a_pause_only_the_working_time_is_not_counted():
    friday, night = at("2026-11-27T16:00", "Europe/Berlin"), at("2026-11-27T20:00", "Europe/Berlin")
    monday = at("2026-11-30T10:00", "Europe/Berlin")
    assert span_end(friday, BusinessHours(2), OFFICE, [(friday, monday)]) == at("2026-11-30T12:00", "Europe/Berlin")
    assert span_end(friday, BusinessHours(2), OFFICE, [(night, monday)]) == at("2026-11-30T11:00", "Europe/Berlin")
    assert span_end(friday, BusinessHours(2), OFFICE, [(night, night + MINUTE)]) == at(
        "2026-11-30T10:00", "Europe/Berlin"
    )


def test_a_pause_after_the_end_of_business_hours_moves_nothing():
    start = at("2026-11-23T09:00", "Europe/Berlin")
    late = (start + 3 * DAY, start + 9 * DAY)
    assert span_end(start, BusinessHours(4), OFFICE, [late]) == start + timedelta(hours=4)


def test_a_date_that_a_zone_left_out_has_no_working_hours():
    # Samoa went from Thursday, 29 December 2011, to Saturday, 31 December.
    samoa = Calendar(timezone="Pacific/Apia", weekend=(), hours="09:00-17:00")
    start = at("2011-12-29T09:00", "Pacific/Apia")
    assert span_end(start, BusinessHours(16), samoa) == at("2011-12-31T17:00", "Pacific/Apia")
    assert span_end(start, BusinessHours(24), samoa) == at("2012-01-01T17:00", "Pacific/Apia")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-11-23T17:05", 1, "2026-12-23T17:05"),
        ("2026-12-31T09:00", 1, "2027-01-31T09:00"),
        ("2027-01-31T09:00", 1, "2027-02-28T09:00"),
        ("2028-01-31T09:00", 1, "2028-02-29T09:00"),
        ("2028-02-29T09:00", 12, "2029-02-28T09:00"),
        ("2026-11-30T09:00", 3, "2027-02-28T09:00"),
        ("2026-02-28T02:30", 1, "2026-03-28T02:30"),
        ("2026-02-25T12:00", 2, "2026-04-25T12:00"),
        ("2026-09-25T02:30", 1, "2026-10-25T02:30"),
    ],
)
def test_a_month_ends_on_the_same_date_and_time_of_day(start, months, end):
    found = span_end(at(start, "Europe/Berlin"), Months(months), Calendar(timezone="Europe/Berlin"))
    assert found == at(end, "Europe/Berlin")


def test_a_month_that_ends_in_a_gap_ends_as_long_after_its_begin():
    start = at("2027-02-28T02:30", "Europe/Berlin")
    assert span_end(start, Months(1), OFFICE) == at("2027-03-28T03:30", "Europe/Berlin")


@given(st.integers(0, 70 * 365 * 1440), st.integers(1, 60), ZONES)
def test_a_month_has_between_28_and_31_days(minutes, months, zone):
    start = at("2020-01-01") + minutes * MINUTE
    length = span_end(start, Months(months), Calendar(timezone=zone)) - start
    assert 28 * months * DAY - timedelta(hours=1) <= length <= 31 * months * DAY + timedelta(hours=1)


def test_the_end_of_the_next_business_day_is_the_midnight_after_it():
    assert end_of_next_business_day(at("2026-11-27T12:00"), Calendar()) == at("2026-12-01T00:00")
    assert end_of_next_business_day(at("2026-11-23T12:00"), OFFICE) == at("2026-11-25T00:00", "Europe/Berlin")


@pytest.mark.parametrize("zone", sorted(CHANGES))
@pytest.mark.parametrize("change", [0, 1], ids=["gap", "repeat"])
def test_a_time_of_day_is_one_instant_on_the_days_when_the_clocks_change(zone, change):
    calendar = Calendar(timezone=zone)
    walls = Walls(at(CHANGES[zone][change]) - 3 * DAY, 6 * 1440, calendar.timezone)
    for day in walls.dates[2:-2]:
        for minute in range(0, 1440, 7):
            clock = time(minute // 60, minute % 60)
            assert instant(day, clock, calendar) == walls.shown(datetime.combine(day, clock))


@st.composite
def stretches(draw, start: datetime) -> list[tuple[datetime, datetime]]:
    """Pauses, in order, none into the next."""
    marks = sorted(draw(st.lists(st.integers(0, 15_000), max_size=8, unique=True)))
    return [(start + a * MINUTE, start + b * MINUTE) for a, b in zip(marks[::2], marks[1::2], strict=False)]


@st.composite
def shifts(draw) -> str:
    opens = draw(st.sampled_from([0, 30, 60, 90, 120, 150, 180, 540, 600]))
    closes = draw(st.sampled_from([opens + 60, opens + 90, 1020, 1440]))
    return f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


@settings(max_examples=40)
@given(st.data(), ZONES, st.sampled_from([0, 1]), st.none() | shifts(), st.integers(1, 12))
def test_business_hours_count_minute_by_minute(data, zone, change, shift, count):
    start = at(CHANGES[zone][change]) - data.draw(st.integers(-600, 5000)) * MINUTE
    around = [start.date() + number * DAY for number in range(-1, 9)]
    calendar = Calendar(
        timezone=zone,
        weekend=tuple(data.draw(st.lists(st.sampled_from(WEEK), max_size=3, unique=True))),
        closed=tuple(data.draw(st.lists(st.sampled_from(around), max_size=3))),
        hours=shift,
    )
    paused = data.draw(stretches(start))
    # Of the days after the last pause and closed day at least every other is worked on, an hour or more.
    walls = Walls(start - 3 * DAY, (3 + 11 + 2 * count + 6) * 1440, calendar.timezone)
    working = worked(walls, calendar)
    counted = 0
    for minute in walls.minutes:
        if minute >= start and minute in working and not any(a <= minute < b for a, b in paused):
            counted += 1
        if counted == 60 * count:
            break
    assert counted == 60 * count
    assert span_end(start, BusinessHours(count), calendar, paused) == minute + MINUTE


@given(st.data(), ZONES, st.integers(15_000, 20_000))
def test_of_calendar_time_every_minute_counts_that_is_not_paused(data, zone, count):
    start = at(CHANGES[zone][0]) - data.draw(st.integers(0, 5000)) * MINUTE
    paused = data.draw(stretches(start))
    minutes, minute = 0, start
    while minutes < count:
        minutes += not any(since <= minute < until for since, until in paused)
        minute += MINUTE
    assert span_end(start, count * MINUTE, Calendar(timezone=zone), paused) == minute


@given(ZONES, st.integers(0, 40), st.integers(0, 1439))
def test_a_whole_business_day_later_the_clock_shows_the_same(zone, days, minute):
    calendar = Calendar(timezone=zone, weekend=())
    start = instant(date(2026, 6, 1) + days * DAY, time(minute // 60, minute % 60), calendar)
    end = span_end(start, BusinessDays(3), calendar).astimezone(calendar.timezone)
    assert (end.date(), end.time()) == (date(2026, 6, 4) + days * DAY, time(minute // 60, minute % 60))
