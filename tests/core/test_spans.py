from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.policy.spans import BusinessDays, read_duration, read_span, written


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("60s", timedelta(minutes=1)),
        ("15m", timedelta(minutes=15)),
        ("15 min", timedelta(minutes=15)),
        ("48h", timedelta(hours=48)),
        (" 14d ", timedelta(days=14)),
        ("2w", timedelta(weeks=2)),
        ("5 business days", BusinessDays(5)),
        ("1 business day", BusinessDays(1)),
    ],
)
def test_a_span_is_read_in_the_unit_it_was_written_in(text, span):
    assert read_span(text) == span


@pytest.mark.parametrize(
    "text", ["", "48", "h", "-1h", "1.5h", "48 hours", "48H", "1h 30m", "1e3s", "9999999d", "five business days"]
)
def test_what_is_no_length_of_time_is_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match="write it like 60s, 15m, 48h, 14d or 2w, or like 5 business days"):
        read_span(text)


def test_business_days_are_no_duration():
    with pytest.raises(ValueError, match="no length of time"):
        read_duration("5 business days")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1s", "1 second"),
        ("60s", "1 minute"),
        ("90s", "90 seconds"),
        ("60m", "1 hour"),
        ("24h", "24 hours"),
        ("48h", "48 hours"),
        ("2d", "48 hours"),
        ("3d", "3 days"),
        ("50h", "50 hours"),
        ("2w", "14 days"),
        ("1 business day", "1 business day"),
        ("5 business days", "5 business days"),
    ],
)
def test_a_span_is_written_as_people_say_it(text, words):
    assert written(read_span(text)) == words


@given(st.integers(0, 9999))
def test_business_days_are_read_as_they_are_written(count):
    assert read_span(str(BusinessDays(count))) == BusinessDays(count)
    assert read_span(written(BusinessDays(count))) == BusinessDays(count)


SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@given(st.integers(0, 999_999), st.sampled_from("smhdw"))
def test_what_is_written_is_as_long_as_what_was_read(count, unit):
    span = read_duration(f"{count}{unit}")
    number, _, name = written(span).partition(" ")
    assert timedelta(seconds=int(number) * SECONDS[name.removesuffix("s")]) == span
    assert name.endswith("s") is (number != "1")
