import subprocess
import sys
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from triaged.core.clocks.counting import business_end
from triaged.core.policy.calendar import Calendar, Hours
from triaged.core.policy.spans import BusinessDays


def faults(**given) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        Calendar(**given)
    return [
        (".".join(map(str, each["loc"])), each["msg"].removeprefix("Value error, ")) for each in caught.value.errors()
    ]


@pytest.mark.parametrize("zone", ["Nowhere/Here", "", "no", "/etc/passwd", "../UTC", "Europe", 5, None])
def test_a_zone_is_one_that_the_world_knows(zone):
    assert faults(timezone=zone) == [("timezone", f"{str(zone)!r} is no time zone; write it like Europe/Berlin")]


def test_a_calendar_takes_zones_days_and_dates_by_name():
    calendar = Calendar(timezone="Asia/Kolkata", weekend=("sunday",), closed=("2026-12-25",))
    assert (calendar.timezone, calendar.closed) == (ZoneInfo("Asia/Kolkata"), (date(2026, 12, 25),))
    days = [date(2026, 12, day) for day in (24, 25, 26, 27)]
    assert [calendar.is_open(day) for day in days] == [True, False, True, False]


def test_a_week_has_at_least_one_working_day():
    week = "monday tuesday wednesday thursday friday saturday sunday".split()
    assert faults(weekend=tuple(week)) == [("weekend", "a week needs at least one working day")]
    assert Calendar(weekend=tuple(week[1:] * 2)).weekend[0] == "tuesday"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("09:00-17:00", Hours(time(9), time(17))),
        (" 08:30 - 12:45 ", Hours(time(8, 30), time(12, 45))),
        ("00:00-24:00", Hours(time(0), time(0))),
        ("22:00-00:00", Hours(time(22), time(0))),
        (Hours(time(9), time(17)), Hours(time(9), time(17))),
    ],
)
def test_working_hours_are_read_as_people_write_them(text, meant):
    assert Calendar(hours=text).hours == meant


@pytest.mark.parametrize(
    "text", ["9-17", "09:00", "09:00-25:00", "09:60-17:00", "24:00-17:00", "", 9, "09:00-17:00-18:00"]
)
def test_what_are_no_working_hours_is_said_with_what_is(text):
    assert faults(hours=text) == [("hours", f'{str(text)!r} are no working hours; write them like "09:00-17:00"')]


@pytest.mark.parametrize("text", ["17:00-09:00", "09:00-09:00", "09:00-09:59", "23:30-24:00"])
def test_working_hours_last_an_hour_and_end_on_their_day(text):
    said = "working hours last at least an hour, and end on the day on which they begin"
    assert faults(hours=text) == [("hours", said)]


GERMAN = Calendar(holidays={"country": "DE"})
BAVARIAN = Calendar(holidays={"country": "DE", "subdivision": "BY"})


def test_a_public_holiday_is_no_working_day():
    assert not GERMAN.is_open(date(2026, 12, 25))
    assert GERMAN.is_open(date(2026, 1, 6))
    assert not BAVARIAN.is_open(date(2026, 1, 6))
    assert business_end_of("2026-12-24", BAVARIAN) == "2026-12-28"
    assert business_end_of("2026-12-31", GERMAN) == "2027-01-04"
    assert business_end_of("2027-12-23", Calendar(holidays={"country": "US"})) == "2027-12-27"


def business_end_of(day: str, calendar: Calendar) -> str:
    start = datetime.fromisoformat(f"{day}T09:00+00:00")
    return business_end(start, BusinessDays(1), calendar).date().isoformat()


def test_a_holiday_on_a_weekend_is_kept_on_the_weekday_that_stands_in_for_it():
    # New Year's Day of 2028 is a Saturday: its substitute is in the year before.
    assert not Calendar(holidays={"country": "US"}).is_open(date(2027, 12, 31))


@pytest.mark.parametrize(
    ("holidays", "where", "what"),
    [
        ({"country": "XX"}, "holidays.country", "'XX' is no country whose holidays are known; write it like DE"),
        ({"country": "de"}, "holidays.country", "String should match pattern '^[A-Z]{2,3}$'"),
        ({"country": "__init__"}, "holidays.country", "String should match pattern '^[A-Z]{2,3}$'"),
        ({"subdivision": "BY"}, "holidays.country", "Field required"),
        (
            {"country": "ZZ", "subdivision": "X"},
            "holidays.country",
            "'ZZ' is no country whose holidays are known; write",
        ),
        ({"country": "DE", "subdivision": "XX"}, "holidays.subdivision", "'XX' is no part of DE; known are: BB, BE, "),
        ({"country": "MC", "subdivision": "XX"}, "holidays.subdivision", "'XX' is no part of MC; known are: none"),
    ],
)
def test_holidays_that_nobody_knows_are_a_fault(holidays, where, what):
    ((found, said),) = faults(holidays=holidays)
    assert found == where
    assert said.startswith(what)


def test_what_a_promise_says_of_its_days_stands_in_place_of_the_policys():
    policys = Calendar(timezone="Asia/Kolkata", weekend=("sunday",), closed=("2026-12-25",), hours="09:00-17:00")
    other = Calendar(closed=(), hours=None)
    assert policys.instead(other) == Calendar(timezone="Asia/Kolkata", weekend=("sunday",))
    assert policys.instead(None) is policys
    assert policys.instead(Calendar()) == policys


def test_who_names_no_country_does_not_pay_for_the_library():
    code = "import sys, triaged.config.loading as it; it.load_policy(); sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("country", ["DE", "GB", "US", "IN", "JP", "BR"])
def test_there_are_holidays_and_working_days_in_every_year_to_come(country):
    calendar = Calendar(weekend=(), holidays={"country": country})
    for year in (2026, 2027, 2028, 2035):
        days = [date(year, 1, 1) + number * timedelta(days=1) for number in range(365)]
        assert 3 < sum(not calendar.is_open(day) for day in days) < 60


@given(st.integers(-3, 27), st.integers(-3, 63), st.integers(-3, 27), st.integers(-3, 63))
def test_any_two_times_of_day_are_hours_that_pass_or_a_fault(opens, opens_at, closes, closes_at):
    text = f"{opens:02}:{opens_at:02}-{closes:02}:{closes_at:02}"
    begins, ends = opens * 60 + opens_at, closes * 60 + closes_at
    whole = all(0 <= hour < 24 and 0 <= minute < 60 for hour, minute in ((opens, opens_at), (closes, closes_at)))
    midnight = 0 <= opens < 24 and 0 <= opens_at < 60 and (closes, closes_at) in {(24, 0), (0, 0)}
    if (whole and ends - begins >= 60) or (midnight and 1440 - begins >= 60):
        assert Calendar(hours=text).hours.opens == time(opens, opens_at)
    else:
        assert [where for where, _ in faults(hours=text)] == ["hours"]
