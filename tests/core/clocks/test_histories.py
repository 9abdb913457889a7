"""Deadlines of random histories, in zones whose clocks change, against a counter of minutes."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.values import case, policy, received
from tests.support.walls import CHANGES, DAY, MINUTE, Walls, at, worked
from triaged.core.case.events import Answered, SeveritySet, Triaged, Waiting
from triaged.core.clocks.deadlines import deadlines
from triaged.core.policy.calendar import Calendar
from triaged.core.policy.promises import Promise

WITHIN = {"critical": "2d", "high": "3 business days", "low": "11 business hours", "default": "9d"}
LENGTHS = {"critical": 2 * 1440, "high": 3, "low": 11 * 60, None: 9 * 1440}
ANSWER_WITHIN = 3 * 1440
WEEK = "monday tuesday wednesday thursday friday saturday sunday".split()


@dataclass(frozen=True)
class History:
    """What happened, each in minutes after receipt."""

    waits: list[tuple[int, int | None]]
    severities: list[tuple[int, str]]
    answer: int | None

    def events(self, start: datetime):
        found = [(since, Waiting(at=start + since * MINUTE, by="bo")) for since, _ in self.waits]
        found += [(until, received(at=start + until * MINUTE)) for _, until in self.waits if until is not None]
        found += [(when, SeveritySet(at=start + when * MINUTE, by="bo", severity=how)) for when, how in self.severities]
        found += [(self.answer, Answered(at=start + self.answer * MINUTE, by="bo"))] if self.answer is not None else []
        return [event for _, event in sorted(found, key=lambda each: each[0])]

    def waited(self, minute: int) -> bool:
        return any(since <= minute and (until is None or minute < until) for since, until in self.waits)


@st.composite
def histories(draw) -> History:
    marks = sorted(draw(st.lists(st.integers(0, 9000), max_size=7, unique=True)))
    waits = list(zip(marks[::2], [*marks[1::2], None][: len(marks[::2])], strict=True))
    severities = draw(
        st.lists(st.tuples(st.integers(0, 12_000), st.sampled_from(["critical", "high", "low"])), max_size=3)
    )
    return History(waits, sorted(severities), draw(st.none() | st.integers(0, 12_000)))


@st.composite
def calendars(draw, zone: str, start: datetime) -> Calendar:
    around = [(start + number * DAY).date() for number in range(-1, 12)]
    opens = draw(st.sampled_from([0, 2, 8, 9]))
    closes = draw(st.sampled_from([opens + 2, 17, 24]))
    return Calendar(
        timezone=zone,
        weekend=tuple(draw(st.lists(st.sampled_from(WEEK), max_size=2, unique=True))),
        closed=tuple(draw(st.lists(st.sampled_from(around), max_size=3))),
        hours=draw(st.sampled_from([None, f"{opens:02}:00-{closes:02}:00"])),
    )


def business_days_later(start: datetime, count: int, calendar: Calendar, walls: Walls) -> datetime:
    local = start.astimezone(calendar.timezone).replace(tzinfo=None)
    opened = [
        day
        for day in walls.dates
        if day >= local.date() and f"{day:%A}".lower() not in calendar.weekend and day not in calendar.closed
    ]
    return walls.shown(datetime.combine(opened[count], local.time() if opened[0] == local.date() else time(0)))


def counted(start: datetime, history: History, severity: str | None, calendar: Calendar, until: int) -> datetime:
    """When the fix is due, if the clock is read so many minutes after receipt."""
    walls = Walls(start - 3 * DAY, 48 * 1440, calendar.timezone)
    paused = sum(history.waited(minute) for minute in range(until))
    if severity == "high":
        return business_days_later(start, LENGTHS["high"], calendar, walls) + paused * MINUTE
    if severity != "low":
        return start + (LENGTHS[severity] + paused) * MINUTE
    working, left = worked(walls, calendar), LENGTHS["low"]
    for minute in walls.minutes:
        after = (minute - start) // MINUTE
        left -= after >= 0 and minute in working and not (after < until and history.waited(after))
        if left == 0:
            return minute + MINUTE
    raise AssertionError("48 days have more working hours than that")


@settings(max_examples=40)
@given(st.data(), st.sampled_from(sorted(CHANGES)), st.sampled_from([0, 1]), histories(), st.integers(0, 15_000))
def test_every_deadline_of_every_history_is_where_the_minutes_say(data, zone, change, history, now_after):
    start = at(CHANGES[zone][change]) - data.draw(st.integers(-2000, 9000)) * MINUTE
    now = start + now_after * MINUTE
    calendar = data.draw(calendars(zone, start))
    ours = policy().model_copy(
        update={
            "calendar": calendar,
            "promises": (
                Promise.model_validate({"name": "first-answer", "within": "3d"}),
                Promise.model_validate({"name": "fix", "within": WITHIN, "pausable": True}),
            ),
        }
    )
    subject = replace(case(*history.events(start)), opening=received(received_at=start))
    first, fix = deadlines(subject, ours, now)
    severity = history.severities[-1][1] if history.severities else None
    assert fix.due == counted(start, history, severity, calendar, now_after)
    assert first.due == start + ANSWER_WITHIN * MINUTE
    assert first.met_at == (None if history.answer is None else start + history.answer * MINUTE)
    late = (now_after if history.answer is None else history.answer) > ANSWER_WITHIN
    assert first.state == ("missed" if late else "pending" if history.answer is None else "met")
    waiting = bool(history.waits) and history.waits[-1][1] is None
    assert fix.state == ("missed" if now > fix.due else "paused" if waiting else "pending")


def test_a_triage_ends_the_pause_for_the_clocks_that_run_on():
    start = at("2026-11-23T09:00")
    ours = policy().model_copy(update={"promises": (Promise(name="fix", within="9d", pausable=True),)})
    events = (Waiting(at=start + DAY, by="bo"), Triaged(at=start + 3 * DAY, by="bo"))
    subject = replace(case(*events), opening=received(received_at=start))
    (fix,) = deadlines(subject, ours, start + 5 * DAY)
    assert (fix.due, fix.state) == (start + 9 * DAY + timedelta(days=2), "pending")
