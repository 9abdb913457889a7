from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.values import HOUR, NOON, REPORTER, owed
from triaged.core.letters.caps import LONGEST_WINDOW, Caps, over_cap

WIDE = 1000
NAMES = [field.name for field in fields(Caps)]
MINUTE = timedelta(minutes=1)


def sent(*addresses: str, ago: timedelta = MINUTE):
    return [owed(to=(address,), at=NOON - ago) for address in addresses]


def over(to: str, letters, **caps: int) -> str | None:
    return over_cap(to, letters, Caps(**{**dict.fromkeys(NAMES, WIDE), **caps}), NOON)


@pytest.mark.parametrize(
    ("cap", "others", "what"),
    [
        ("per_address_per_day", (REPORTER, REPORTER.upper(), "Ann@Example.org"), "a day to one address"),
        ("per_domain_per_hour", (REPORTER, "bo@example.org", "CY@EXAMPLE.ORG"), "an hour to one domain"),
        ("per_domain_per_day", (REPORTER, "bo@example.org", "CY@EXAMPLE.ORG"), "a day to one domain"),
        ("per_hour", (REPORTER, "bo@example.com", "cy@example.net"), "an hour in all"),
        ("per_day", (REPORTER, "bo@example.com", "cy@example.net"), "a day in all"),
    ],
)
def test_the_cap_is_reached_by_as_many_as_it_names(cap, others, what):
    letters = sent(*others)
    assert over(REPORTER, letters, **{cap: 3}) == f"the cap of 3 acknowledgments {what} is reached"
    assert over(REPORTER, letters, **{cap: 4}) is None


def test_other_addresses_and_domains_do_not_count():
    letters = sent("bo@example.com", "ann@example.com", "ann@mail.example.org", "x@notexample.org")
    assert over(REPORTER, letters, per_address_per_day=1, per_domain_per_hour=1) is None


@pytest.mark.parametrize(
    ("cap", "window"),
    [
        ("per_address_per_day", 24 * HOUR),
        ("per_domain_per_hour", HOUR),
        ("per_domain_per_day", 24 * HOUR),
        ("per_hour", HOUR),
        ("per_day", 24 * HOUR),
    ],
)
def test_a_window_slides(cap, window):
    inside, outside = sent(REPORTER, ago=window - MINUTE), sent(REPORTER, ago=window)
    assert over(REPORTER, inside, **{cap: 1}) is not None
    assert over(REPORTER, outside, **{cap: 1}) is None


@pytest.mark.parametrize("cap", ["per_address_per_day", "per_domain_per_hour", "per_hour"])
def test_a_doubted_sender_may_use_half_of_each_cap(cap):
    caps = replace(Caps(*[WIDE] * len(NAMES)), **{cap: 5})
    assert over_cap(REPORTER, sent(REPORTER, REPORTER), caps, NOON, doubted=True) is None
    said = over_cap(REPORTER, sent(REPORTER, REPORTER, REPORTER), caps, NOON, doubted=True)
    assert "the cap of 3 acknowledgments" in said
    assert "for senders not verified" in said
    assert over_cap(REPORTER, sent(REPORTER, REPORTER, REPORTER), caps, NOON) is None


def test_no_window_is_longer_than_what_is_kept_for_it():
    assert over(REPORTER, sent(REPORTER, ago=LONGEST_WINDOW), per_address_per_day=1) is None


def test_the_first_acknowledgment_ever_may_go():
    assert over(REPORTER, [], per_address_per_day=1, per_domain_per_hour=1, per_hour=1) is None


ADDRESSES = st.sampled_from(["a@x.example", "b@x.example", "c@y.example", "d@z.example"])
ARRIVALS = st.lists(st.tuples(ADDRESSES, st.integers(0, 3000)), max_size=60)


@given(ARRIVALS, st.integers(1, 4), st.integers(1, 6), st.integers(1, 9))
def test_a_flood_gets_no_more_answers_than_the_caps_allow(arrivals, per_address, per_domain, per_hour):
    caps = Caps(per_address, per_domain, per_hour, WIDE, WIDE, WIDE)
    answered = []
    for address, minute in sorted(arrivals, key=lambda arrival: arrival[1]):
        now = NOON + minute * MINUTE
        if over_cap(address, answered, caps, now) is None:
            answered.append(owed(to=(address,), at=now))
    for last in answered:
        day = [each for each in answered if last.at - 24 * HOUR < each.at <= last.at]
        hour = [each for each in day if last.at - HOUR < each.at]
        domain = last.to[0].partition("@")[2]
        assert sum(each.to == last.to for each in day) <= per_address
        assert sum(each.to[0].endswith(domain) for each in hour) <= per_domain
        assert len(hour) <= per_hour
