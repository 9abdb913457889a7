from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import HOUR, NOON, case, owed, policy, received
from triaged.core.case.events import Answered, Closed, Reopened, Submitted, Triaged, Waiting
from triaged.core.clocks.counting import business_end, span_end
from triaged.core.clocks.deadlines import deadlines, overdue
from triaged.core.policy.calendar import Calendar
from triaged.core.policy.policy import Policy
from triaged.core.policy.promises import Promise
from triaged.core.policy.spans import BusinessDays

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
BERLIN = Calendar(timezone="Europe/Berlin")
ACK = "ack-1@smallest.ai"
SENT = Submitted(at=NOON, message_id=ACK, answer="250")
TRIAGED = Triaged(at=NOON, by="bo")
CLOSED = Closed(at=NOON, by="bo", reason="fixed")
RECEIVED = NOON - HOUR
"""Monday, 23 November 2026, 11:00 UTC: when `values.case` came in."""

DST_CHANGES = {
    "Europe/Berlin": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "Pacific/Auckland": ("2026-04-04T14:00", "2026-09-26T14:00"),
    "Asia/Kolkata": ("2026-03-29T01:00", "2026-10-25T01:00"),  # which has none
    "UTC": ("2026-03-29T01:00", "2026-10-25T01:00"),
}


def on(calendar: Calendar) -> Policy:
    return policy().model_copy(update={"calendar": calendar})


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def deadline(name, subject, now=NOON, ours=None):
    return next(each for each in deadlines(subject, ours or policy(), now) if each.name == name)


def state(name, subject, now):
    return deadline(name, subject, now).state


def test_there_is_one_deadline_a_promise_in_the_policys_order():
    assert [each.name for each in deadlines(case(), policy(), NOON)] == ["acknowledge", "triage", "update"]


def test_the_shipped_promises_count_from_receipt():
    assert [each.due for each in deadlines(case(), policy(), NOON)] == [
        RECEIVED + 48 * HOUR,
        at("2026-11-30T11:00"),
        RECEIVED + 14 * DAY,
    ]


@pytest.mark.parametrize(
    ("name", "length"), [("acknowledge", 48 * HOUR), ("triage", 7 * DAY), ("update", 14 * DAY)], ids=str
)
def test_a_promise_is_pending_until_its_due_instant_has_passed(name, length):
    due = RECEIVED + length
    assert state(name, case(), due) == "pending"
    late = deadline(name, case(), due + timedelta(microseconds=1))
    assert (late.state, late.met_at, late.overdue, late.owed) == ("missed", None, True, True)


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("acknowledge", (owed(), SENT)),
        ("acknowledge", (Answered(at=NOON, by="bo"),)),
        ("triage", (TRIAGED,)),
        ("triage", (CLOSED,)),
        ("update", (CLOSED,)),
    ],
)
def test_a_promise_kept_in_time_is_met_for_ever(name, events):
    for now in (NOON, NOON + 1000 * DAY):
        met = deadline(name, case(*events), now)
        assert (met.state, met.met_at, met.overdue, met.owed) == ("met", NOON, False, False)


def test_a_promise_kept_late_is_missed_but_no_longer_overdue():
    late = Triaged(at=RECEIVED + 8 * DAY, by="bo")
    kept = deadline("triage", case(late), NOON + 90 * DAY)
    assert (kept.state, kept.met_at, kept.overdue, kept.owed) == ("missed", late.at, False, False)


def test_a_promise_kept_at_its_due_instant_is_kept_in_time():
    due = RECEIVED + 7 * DAY
    assert state("triage", case(Triaged(at=due, by="bo")), due) == "met"
    assert state("triage", case(Triaged(at=due + timedelta(microseconds=1), by="bo")), due + DAY) == "missed"


def test_an_acknowledgment_that_is_only_owed_meets_nothing():
    assert state("acknowledge", case(owed()), NOON) == "pending"


def test_the_first_word_is_the_acknowledgment():
    words = case(owed(), Submitted(at=NOON + HOUR, message_id=ACK, answer="250"), Answered(at=NOON + 2 * HOUR, by="bo"))
    assert deadline("acknowledge", words).met_at == NOON + HOUR


def test_an_automatic_acknowledgment_is_no_progress():
    assert deadline("update", case(owed(), SENT)).due == RECEIVED + 14 * DAY


def test_every_word_of_a_person_begins_the_update_clock_anew():
    told = case(Answered(at=NOON + 9 * DAY, by="bo"), Answered(at=NOON + 3 * DAY, by="bo"))
    assert deadline("update", told, NOON + 10 * DAY).due == NOON + 23 * DAY


def test_a_reopened_case_owes_its_update_and_its_triage_again():
    again = case(CLOSED, Reopened(at=NOON + HOUR, by="reporter"))
    assert [state(name, again, NOON + HOUR) for name in ("triage", "update")] == ["pending", "pending"]
    assert [deadline(name, again).met_at for name in ("triage", "update")] == [None, None]


def test_waiting_holds_only_what_the_policy_calls_pausable():
    waiting = case(Waiting(at=NOON, by="bo"))
    assert [each.state for each in deadlines(waiting, policy(), NOON + HOUR)] == ["pending", "paused", "paused"]
    assert deadline("acknowledge", waiting, NOON + 3 * DAY).overdue


def test_a_pause_moves_the_due_time_by_its_own_length():
    waited = case(Waiting(at=NOON, by="bo"), received(at=NOON + 50 * HOUR))
    assert deadline("triage", waited, NOON + 9 * DAY).due == at("2026-11-30T11:00") + 50 * HOUR
    assert deadline("acknowledge", waited).due == RECEIVED + 48 * HOUR


def test_an_open_pause_moves_the_due_time_along_with_the_clock():
    waiting = case(Waiting(at=NOON, by="bo"))
    for days in (0, 5, 400):
        paused = deadline("triage", waiting, NOON + days * DAY)
        assert (paused.state, paused.due) == ("paused", at("2026-11-30T11:00") + days * DAY)
        assert paused.owed
        assert not paused.overdue


def test_a_pause_that_began_too_late_mends_nothing():
    assert deadline("triage", case(Waiting(at=NOON + 8 * DAY, by="bo")), NOON + 9 * DAY).overdue


def test_a_pause_before_the_last_word_does_not_move_the_next_update():
    told = case(Waiting(at=NOON, by="bo"), received(at=NOON + DAY), Answered(at=NOON + 2 * DAY, by="bo"))
    assert deadline("update", told, NOON + 3 * DAY).due == NOON + 16 * DAY


def test_a_pause_after_the_end_does_not_make_a_late_end_timely():
    late = case(Triaged(at=RECEIVED + 8 * DAY, by="bo"), Waiting(at=RECEIVED + 9 * DAY, by="bo"))
    assert state("triage", late, NOON + 30 * DAY) == "missed"


def test_what_two_pauses_share_counts_once():
    # A decision that reached a busy daemon after the reporter's mail had ended the first pause.
    overlapping = case(
        Waiting(at=NOON, by="bo"),
        received(at=NOON + 6 * HOUR),
        Waiting(at=NOON + 4 * HOUR, by="bo"),
        received(at=NOON + 9 * HOUR),
    )
    assert deadline("triage", overlapping, NOON + DAY).due == at("2026-11-30T11:00") + 9 * HOUR


def test_a_clock_set_back_never_makes_time_out_of_a_pause():
    waiting = case(Waiting(at=NOON + DAY, by="bo"))
    assert deadline("triage", waiting, NOON).due == at("2026-11-30T11:00")


def test_a_case_is_overdue_while_any_promise_is():
    assert not overdue(case(), policy(), RECEIVED + 48 * HOUR)
    assert overdue(case(), policy(), RECEIVED + 49 * HOUR)
    assert overdue(case(owed(), SENT), policy(), RECEIVED + 8 * DAY)


def test_on_a_closed_case_nothing_is_overdue():
    assert not overdue(case(CLOSED), policy(), NOON + 90 * DAY)


@pytest.mark.parametrize(
    ("calendar", "subject", "rules"),
    [
        (
            Calendar(),
            case(),
            [
                "48 hours from 2026-11-23 11:00 UTC",
                "5 business days from 2026-11-23 11:00 UTC",
                "14 days from 2026-11-23 11:00 UTC",
            ],
        ),
        (
            BERLIN,
            case(Waiting(at=NOON, by="bo"), received(at=NOON + 77 * HOUR + 20 * MINUTE)),
            [
                "48 hours from 2026-11-23 12:00 CET",
                "5 business days from 2026-11-23 12:00 CET, 3 d 5 h 20 min of waiting for the reporter not counted",
                "14 days from 2026-11-23 12:00 CET, 3 d 5 h 20 min of waiting for the reporter not counted",
            ],
        ),
    ],
)
def test_the_rule_says_how_the_due_time_came_about(calendar, subject, rules):
    assert [each.rule for each in deadlines(subject, on(calendar), NOON + 9 * DAY)] == rules


def test_the_rule_does_not_hide_a_short_pause():
    blink = case(Waiting(at=NOON, by="bo"), received(at=NOON + timedelta(seconds=40)))
    assert deadline("triage", blink).rule.endswith("UTC")  # at its very beginning
    assert deadline("triage", blink, NOON + HOUR).rule.endswith(
        ", under a minute of waiting for the reporter not counted"
    )


@pytest.mark.parametrize(
    ("start", "days", "end", "calendar"),
    [
        ("2026-11-23T17:05", 5, "2026-11-30T17:05", BERLIN),
        ("2026-11-27T17:05", 1, "2026-11-30T17:05", BERLIN),
        ("2026-11-28T10:00", 1, "2026-12-01T00:00", BERLIN),
        ("2026-11-29T23:59", 5, "2026-12-07T00:00", BERLIN),
        ("2026-12-23T09:00", 2, "2026-12-28T09:00", Calendar(timezone="Europe/Berlin", closed=("2026-12-25",))),
        ("2026-12-25T09:00", 1, "2026-12-29T00:00", Calendar(timezone="Europe/Berlin", closed=("2026-12-25",))),
        ("2026-11-26T09:00", 2, "2026-11-29T09:00", Calendar(timezone="Europe/Berlin", weekend=("friday",))),
        ("2026-11-27T09:00", 1, "2026-11-28T09:00", Calendar(timezone="Europe/Berlin", weekend=())),
        # The clock goes forward at 02:00 and back at 03:00: the local time of day is what stays.
        ("2026-03-27T12:00", 1, "2026-03-30T12:00", BERLIN),
        ("2026-03-28T02:30", 1, "2026-03-29T03:30", Calendar(timezone="Europe/Berlin", weekend=("monday",))),
    ],
)
def test_business_days_keep_the_local_time_of_day(start, days, end, calendar):
    found = business_end(at(start, "Europe/Berlin"), BusinessDays(days), calendar)
    assert found == at(end, "Europe/Berlin")
    assert found.tzinfo is UTC


def test_a_time_of_day_that_comes_twice_means_its_first_pass():
    calendar = Calendar(timezone="Europe/Berlin", weekend=("monday",))
    assert business_end(at("2026-10-24T02:30", "Europe/Berlin"), BusinessDays(1), calendar) == at("2026-10-25T00:30")


def test_the_same_instant_is_another_day_in_another_zone():
    # Friday 23:00 UTC is Saturday, a closed day, in Auckland.
    start = at("2026-11-27T23:00")
    assert span_end(start, BusinessDays(1), Calendar()) == at("2026-11-30T23:00")
    assert span_end(start, BusinessDays(1), Calendar(timezone="Pacific/Auckland")) == at(
        "2026-12-01T00:00", "Pacific/Auckland"
    )


ZONES = st.sampled_from(sorted(DST_CHANGES))


@st.composite
def starts(draw, zone: str) -> datetime:
    """Whole minutes, many of them a few days before a change of the clocks, so that the ends fall around it."""
    change = at(draw(st.sampled_from(DST_CHANGES[zone])))
    return change - draw(st.integers(-3, 16)) * DAY + draw(st.integers(-200, 200)) * MINUTE


@st.composite
def calendars(draw, zone: str) -> Calendar:
    weekdays = "monday tuesday wednesday thursday friday saturday sunday".split()
    closed = draw(st.lists(st.dates(date(2026, 2, 15), date(2026, 12, 15)), max_size=60))
    weekend = draw(st.lists(st.sampled_from(weekdays), max_size=6, unique=True))
    return Calendar(timezone=zone, weekend=tuple(weekend), closed=tuple(closed))


def counted_end(start: datetime, count: int, calendar: Calendar) -> datetime:
    """The same by hand: a list of the open dates, and a walk through the minutes around the end."""
    local = start.astimezone(calendar.timezone)
    dates = [local.date() + number * DAY for number in range(300)]
    opened = [day for day in dates if f"{day:%A}".lower() not in calendar.weekend and day not in set(calendar.closed)]
    clock = local.time() if opened[0] == local.date() else time(0)
    wanted = datetime.combine(opened[count], clock)
    return first_instant_of(wanted, calendar.timezone)


def first_instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first UTC minute at which the clock on the wall shows this; in a gap, as long after its begin as it would be."""
    shown, begin = [], wall.replace(tzinfo=UTC) - 15 * HOUR
    for number in range(30 * 60):
        instant = begin + number * MINUTE
        shown.append((instant, instant.astimezone(zone).replace(tzinfo=None)))
    exact = [instant for instant, local in shown if local == wall]
    if exact:
        return exact[0]
    before, local = next((i, v) for (i, v), (_, after) in pairwise(shown) if v < wall < after)
    return before + (wall - local)


@given(st.data(), ZONES, st.integers(1, 12))
def test_business_days_end_where_counting_by_hand_ends(data, zone, count):
    start, calendar = data.draw(starts(zone)), data.draw(calendars(zone))
    assert span_end(start, BusinessDays(count), calendar) == counted_end(start, count, calendar)


@given(st.data(), ZONES, st.integers(1, 60 * 24 * 40))
def test_calendar_time_is_elapsed_time_whatever_the_clocks_do(data, zone, minutes):
    start = data.draw(starts(zone))
    end = span_end(start, minutes * MINUTE, Calendar(timezone=zone))
    assert (end - start).total_seconds() == minutes * 60


PROMISES = (
    Promise(name="acknowledge", within="48h"),
    Promise(name="triage", within="5 business days", pausable=True),
    Promise(name="update", within="14d", pausable=True),
)


@st.composite
def waits(draw) -> list[tuple[int, int | None]]:
    """Stretches of waiting, in minutes after receipt; they may overlap, and the last may be open."""
    stretches = draw(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 9000)), max_size=5))
    waited = [(since, since + length) for since, length in stretches]
    return [*waited, (draw(st.integers(0, 20_000)), None)] if draw(st.booleans()) else waited


@given(st.data(), ZONES, waits(), st.none() | st.integers(0, 30_000), st.integers(0, 45_000))
def test_pauses_count_minute_by_minute(data, zone, stretches, triaged_after, now_after):
    start, calendar = data.draw(starts(zone)), data.draw(calendars(zone))
    events = []
    for since, until in stretches:
        events.append(Waiting(at=start + since * MINUTE, by="bo"))
        events += [received(at=start + until * MINUTE)] if until is not None else []
    met = None
    if triaged_after is not None and not any(until is None for _, until in stretches):
        met = triaged_after
        events.append(Triaged(at=start + met * MINUTE, by="bo"))
    subject = replace(case(*events), opening=received(received_at=start))

    minutes_paused = set()
    for since, until in stretches:
        minutes_paused |= set(range(since, 100_000 if until is None else until))
    end = now_after if met is None else met
    paused = sum(minute < end for minute in minutes_paused)
    due = counted_end(start, 5, calendar) + paused * MINUTE

    now = start + now_after * MINUTE
    found = deadline("triage", subject, now, policy().model_copy(update={"calendar": calendar, "promises": PROMISES}))
    assert found.due == due
    if met is not None:
        assert found.state == ("met" if start + met * MINUTE <= due else "missed")
    elif now > due:
        assert found.overdue
    else:
        assert found.state == ("paused" if any(until is None for _, until in stretches) else "pending")
