import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.report.dates import first_date, first_length


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("on 2026-03-01", "2026-03-01"),
        ("on 2026/3/1.", "2026-03-01"),
        ("on 1 March 2026", "2026-03-01"),
        ("on the 1st of March 2026", "2026-03-01"),
        ("March 1, 2026", "2026-03-01"),
        ("on Mar. 1st, 2026", "2026-03-01"),
        ("am 1. März 2026", "2026-03-01"),
        ("am 01.03.2026", "2026-03-01"),
        ("le 1er mars 2026", "2026-03-01"),
        ("el 1 de marzo de 2026", "2026-03-01"),
        ("1 марта 2026", "2026-03-01"),
        ("2026年3月1日", "2026-03-01"),
        ("on 25/12/2026", "2026-12-25"),
        ("on 12/25/2026", "2026-12-25"),
        ("on 05/05/2026", "2026-05-05"),
    ],
)
def test_a_date_is_read_where_it_can_mean_one_thing(text, read):
    assert first_date(text)[0] == read


@pytest.mark.parametrize(
    "text",
    ["", "on 03/01/2026", "2026-02-30", "on 31.02.2026", "version 1.2.2026.4", "in 90 days", "on May", "1 Foo 2026"],
)
def test_what_is_no_date_or_two_is_not_read(text):
    assert first_date(text) is None


def test_the_first_of_several_is_read():
    assert first_date("not before 4 April 2026, at the latest 2026-05-01")[0] == "2026-04-04"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("in 90 days from now", "in 90 days"),
        ("a 90-day deadline", "90-day"),
        ("on 03/01/2026", "03/01/2026"),
        ("soon", None),
    ],
)
def test_a_length_of_time_is_kept_in_its_words(text, read):
    found = first_length(text)
    assert (found and found[0]) == read


@given(st.text("0123456789-/. MarchJune年月日,", max_size=60))
def test_anything_is_read_or_not_without_raising(text):
    for found in (first_date(text), first_length(text)):
        assert found is None or 0 <= found[1] < found[2] <= len(text)
