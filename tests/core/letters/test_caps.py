from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import HOUR, NOON, REPORTER, sent
from triaged.core.case.events import Held, Withheld
from triaged.core.letters.caps import REMEMBERED, Caps, Room

WIDE = 1000
NAMES = [field.name for field in fields(Caps)]
MINUTE, DAY = timedelta(minutes=1), 24 * HOUR
UNTIL = NOON + 36 * HOUR


def caps_of(**caps: int) -> Caps:
    return Caps(**{**dict.fromkeys(NAMES, WIDE), **caps})


def over(to: str, letters, **caps: int) -> str:
    return Room(letters, caps_of(**caps), NOON).objection(to)


def ago(span: timedelta, *addresses: str):
    return sent(*addresses, at=NOON - span)


def hold(to: str, letters, *, doubted: bool = False, verified: bool = False, until=UNTIL, **caps: int):
    return Room(letters, caps_of(**caps), NOON).hold(to, until, doubted=doubted, verified=verified)


@pytest.mark.parametrize(
    ("cap", "others", "what"),
    [
        ("per_address_per_day", (REPORTER, REPORTER.upper(), "Ann@Example.org"), "a day to one address"),
        (
            "per_address_per_day",
            ("ann+a@example.org", "ann+b@example.org", "ANN+c+d@example.org."),
            "a day to one address",
        ),
        ("per_domain_per_hour", (REPORTER, "bo@example.org", "CY@EXAMPLE.ORG"), "an hour to one domain"),
        ("per_domain_per_day", (REPORTER, "bo@example.org", "CY@EXAMPLE.ORG"), "a day to one domain"),
        ("per_domain_per_hour", ("x@a.example.org", "x@b.example.org", "x@c.d.example.org"), "an hour to one domain"),
        ("per_hour", (REPORTER, "bo@example.com", "cy@example.net"), "an hour in all"),
        ("per_day", (REPORTER, "bo@example.com", "cy@example.net"), "a day in all"),
    ],
)
def test_the_cap_is_reached_by_as_many_as_it_names(cap, others, what):
    letters = ago(MINUTE, *others)
    assert over(REPORTER, letters, **{cap: 3}) == f"the cap of 3 acknowledgments {what} is reached"
    assert over(REPORTER, letters, **{cap: 4}) == ""


def test_other_addresses_and_organisations_do_not_count():
    letters = ago(MINUTE, "bo@example.com", "ann@example.com", "x@notexample.org", "ann@example.co.uk")
    assert over(REPORTER, letters, per_address_per_day=1, per_domain_per_hour=1) == ""


@pytest.mark.parametrize(
    "provider", ["gmail.com", "GoogleMail.com", "outlook.com", "proton.me", "qq.com", "gmx.de", "ya.ru"]
)
def test_a_providers_users_do_not_use_up_each_others_caps(provider):
    letters = ago(MINUTE, *(f"forged{number}@{provider}" for number in range(20)))
    assert over(f"real@{provider}", letters, per_domain_per_hour=1, per_domain_per_day=1) == ""


@pytest.mark.parametrize(
    "same",
    [
        "a.n.n@gmail.com",
        "ann@googlemail.com",
        "A.nn+tag@GoogleMail.com",
        '"ann+x"@gmail.com',
        "ann@gmail.com.",
        "ann+@gmail.com",
    ],
)
def test_the_spellings_of_one_gmail_mailbox_are_one(same):
    assert over("ann@gmail.com", ago(MINUTE, same), per_address_per_day=1)


def test_dots_tell_people_apart_elsewhere_and_a_tag_alone_is_no_name():
    letters = ago(MINUTE, "a.nn@example.org", "+one@example.org")
    assert over("ann@example.org", letters, per_address_per_day=1) == ""
    assert over("+two@example.org", letters, per_address_per_day=1) == ""


def test_a_customers_own_name_below_a_providers_counts_by_itself():
    letters = ago(MINUTE, *(f"m{number}@mallory.fastmail.com" for number in range(3)))
    assert over("other@mallory.fastmail.com", letters, per_domain_per_hour=3)
    assert over("real@fastmail.com", letters, per_domain_per_hour=3) == ""


@pytest.mark.parametrize(
    ("cap", "window"),
    [
        ("per_address_per_day", DAY),
        ("per_domain_per_hour", HOUR),
        ("per_domain_per_day", DAY),
        ("per_hour", HOUR),
        ("per_day", DAY),
    ],
)
def test_a_window_slides_and_a_letter_is_held_until_it_has(cap, window):
    inside, outside = ago(window - MINUTE, REPORTER), ago(window, REPORTER)
    assert over(REPORTER, inside, **{cap: 1})
    assert over(REPORTER, outside, **{cap: 1}) == ""
    held = hold(REPORTER, inside, **{cap: 1})
    assert held.not_before == NOON + MINUTE
    assert hold(REPORTER, outside, **{cap: 1}) is None


@pytest.mark.parametrize("cap", ["per_address_per_day", "per_domain_per_hour", "per_hour"])
def test_a_doubted_sender_may_use_half_of_each_cap(cap):
    caps = replace(Caps(*[WIDE] * len(NAMES)), **{cap: 5})
    assert Room(ago(MINUTE, REPORTER, REPORTER), caps, NOON).objection(REPORTER, doubted=True) == ""
    three = Room(ago(MINUTE, REPORTER, REPORTER, REPORTER), caps, NOON)
    said = three.objection(REPORTER, doubted=True)
    assert "the cap of 3 acknowledgments" in said
    assert "for senders not verified" in said
    assert three.objection(REPORTER) == ""


def test_what_a_person_wants_sent_meets_the_caps_for_all_alone():
    letters = ago(MINUTE, REPORTER, REPORTER)
    one = Room(letters, caps_of(per_address_per_day=1, per_domain_per_hour=1), NOON)
    assert one.objection(REPORTER)
    assert one.objection(REPORTER, by_hand=True) == ""
    assert Room(letters, caps_of(per_hour=2), NOON).objection(REPORTER, by_hand=True)


def test_each_that_waits_takes_the_place_of_the_next_that_left():
    letters = [*ago(50 * MINUTE, "a@a.example"), *ago(10 * MINUTE, "b@b.example")]
    turns = []
    for number in range(5):
        held = hold(f"h{number}@h{number}.example", letters, per_hour=2)
        turns.append((held.not_before - NOON) / MINUTE)
        letters += sent(f"h{number}@h{number}.example", left_at=None, held=True)
    assert turns == [10, 50, 70, 110, 130]


def test_a_verified_sender_waits_behind_verified_ones_alone_and_one_answered_before_behind_all():
    full = ago(10 * MINUTE, "a@a.example", REPORTER)
    waiting = sent(*(f"forged{number}@f{number}.example" for number in range(40)), left_at=None, held=True)
    letters = [*full, *waiting]
    assert hold("real@real.example", letters, verified=True, per_hour=2).not_before == NOON + 50 * MINUTE
    first, again = hold("new@new.example", letters, per_hour=2), hold(REPORTER, letters, per_hour=2)
    assert first.not_before == again.not_before == NOON + 50 * MINUTE + 20 * HOUR
    before = [*letters, *sent(*("a@a.example",) * 2, left_at=None, held=True)]
    assert hold("new@new.example", before, per_hour=2).not_before == first.not_before
    assert hold(REPORTER, before, per_hour=2).not_before == again.not_before + HOUR


def test_a_letter_is_held_where_there_is_room_in_time_and_else_a_persons_task_at_once():
    letters = ago(HOUR, *(REPORTER,) * 5)
    held = hold(REPORTER, letters, per_address_per_day=5).event("1@x", NOON)
    assert isinstance(held, Held)
    assert (held.not_before, held.until) == (NOON + 23 * HOUR, UNTIL)
    letters += sent(*(REPORTER,) * 5, left_at=None, held=True)
    late = hold(REPORTER, letters, per_address_per_day=5).event("2@x", NOON)
    assert isinstance(late, Withheld)
    assert late.sign == "cap"
    assert "no room in time" in late.reason


def test_an_address_that_has_used_up_two_days_caps_within_a_week_is_not_held_back_but_left_to_a_person():
    letters = [*ago(3 * DAY, *(REPORTER,) * 5), *ago(HOUR, *(REPORTER,) * 5)]
    hopeless = hold(REPORTER, letters, per_address_per_day=5)
    assert hopeless.not_before is None
    assert isinstance(hopeless.event("1@x", NOON), Withheld)
    assert hold(REPORTER, letters[1:], per_address_per_day=5).not_before is not None
    assert hold(REPORTER, letters[:5], per_address_per_day=5) is None


def conversation(count: int, *, every: timedelta, answered_after: timedelta):
    begun = NOON - count * every
    return [
        letter
        for number in range(count)
        for letter in sent(
            f"ticket-{number}@desk.example",
            at=begun + number * every,
            left_at=begun + number * every + answered_after,
        )
    ]


def test_an_organisation_that_writes_once_for_each_of_our_letters_is_a_machine():
    one_by_one = conversation(20, every=2 * MINUTE, answered_after=MINUTE)
    assert hold("ticket-21@desk.example", one_by_one, per_domain_per_hour=20).not_before is None
    at_once = conversation(20, every=timedelta(0), answered_after=MINUTE)
    assert hold("p21@desk.example", at_once, per_domain_per_hour=20).not_before is not None


def test_no_window_is_longer_than_what_is_kept_for_it():
    assert over(REPORTER, ago(REMEMBERED, REPORTER), per_address_per_day=1) == ""


def test_the_first_acknowledgment_ever_may_go():
    assert over(REPORTER, [], per_address_per_day=1, per_domain_per_hour=1, per_hour=1) == ""


ADDRESSES = st.sampled_from(["a@x.example", "b@x.example", "c@y.example", "d@z.example"])
ARRIVALS = st.lists(st.tuples(ADDRESSES, st.integers(0, 3000)), max_size=60)


@given(ARRIVALS, st.integers(1, 4), st.integers(1, 6), st.integers(1, 9))
def test_a_flood_gets_no_more_answers_than_the_caps_allow(arrivals, per_address, per_domain, per_hour):
    caps = Caps(per_address, per_domain, per_hour, WIDE, WIDE, WIDE)
    answered = []
    for address, minute in sorted(arrivals, key=lambda arrival: arrival[1]):
        now = NOON + minute * MINUTE
        if not Room(answered, caps, now).objection(address):
            answered += sent(address, at=now)
    for last in answered:
        day = [each for each in answered if last.left_at - DAY < each.left_at <= last.left_at]
        hour = [each for each in day if last.left_at - HOUR < each.left_at]
        assert sum(each.mailbox == last.mailbox for each in day) <= per_address
        assert sum(each.organisation == last.organisation for each in hour) <= per_domain
        assert len(hour) <= per_hour
