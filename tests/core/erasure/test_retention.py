"""Whose time has come, by the settings and the calendar."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.stores import arrival
from tests.support.values import NOON, house, received
from triaged.core.case.events import Closed, HoldPlaced, Reopened
from triaged.core.case.folding import fold
from triaged.core.erasure.retention import Kept, Period, expired

YEAR = timedelta(days=366)
WHO = {"by": "bo"}


@pytest.mark.parametrize(
    ("text", "months", "after_closing"),
    [
        ("24 months", 24, False),
        ("1 month", 1, False),
        ("3 years after closing", 36, True),
        ("36  months  after closing", 36, True),
    ],
)
def test_a_period_is_read_as_people_write_it(text, months, after_closing):
    assert Period.read(text) == Period(months, after_closing)
    assert Period.read(str(Period.read(text))) == Period(months, after_closing)


@pytest.mark.parametrize(
    "text", ["", "24", "0 months", "-1 months", "24 days", "24 months later", "months", "99999 months"]
)
def test_what_is_no_period_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="24 months"):
        Period.read(text)


def case(*events):
    return fold("SEC-7Q4K-2M8D", (received(), *events))


def due(kept, *cases, now=NOON + YEAR, arrivals=None):
    known = [arrival(sha256=each.opening.sha256, received_at=NOON, end="opened", case_id=each.id) for each in cases]
    return expired(kept, cases, known if arrivals is None else arrivals, house(), now)


CLOSED = Closed(at=NOON, reason="fixed", **WHO)


@pytest.mark.parametrize(
    ("events", "over"),
    [
        ((CLOSED,), True),
        ((), False),
        ((CLOSED, Reopened(at=NOON, **WHO)), False),
        ((CLOSED, HoldPlaced(at=NOON, reason="a court", **WHO)), False),
        ((Closed(at=NOON + timedelta(days=300), reason="fixed", **WHO),), False),
    ],
)
def test_a_reporter_is_kept_while_the_case_is_open_or_on_hold_and_for_the_period_after_it(events, over):
    plan = due(Kept(identities=Period(6, after_closing=True)), case(*events))
    assert plan.cases == (frozenset({"SEC-7Q4K-2M8D"}) if over else frozenset())


def test_raw_mail_goes_by_when_it_came_and_by_itself():
    plan = due(Kept(raw_mail=Period(6)), case(Closed(at=NOON + timedelta(days=300), reason="fixed", **WHO)))
    assert (plan.cases, len(plan.mails)) == (frozenset(), 1)


def test_a_period_ends_at_the_same_day_of_a_later_month():
    kept, closed = Kept(identities=Period(6, after_closing=True)), case(CLOSED)
    end = NOON.replace(year=NOON.year + (NOON.month + 6 > 12), month=(NOON.month + 5) % 12 + 1)
    assert not due(kept, closed, now=end - timedelta(days=1)).cases
    assert due(kept, closed, now=end).cases


def test_mail_that_became_no_case_goes_too_and_what_is_not_settled_stays():
    kept = Kept(raw_mail=Period(6))
    aside, pending = arrival(1, end="set-aside"), arrival(2)
    assert due(kept, arrivals=[aside, pending]).mails == frozenset({aside.sha256})


def test_what_is_erased_already_is_not_erased_again():
    gone = replace(arrival(1, end="set-aside"), erased_at=NOON)
    assert due(Kept(raw_mail=Period(6)), arrivals=[gone]).mails == frozenset()


def test_without_settings_everything_is_kept():
    assert not due(Kept(), case(CLOSED)).cases
