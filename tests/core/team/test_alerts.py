import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.values import HOUR, NEW_ID, NOON, case, policy, received
from triaged.core.case.events import (
    Closed,
    ExploitConfirmed,
    ExploitDismissed,
    ExploitSuspected,
    OwnerSet,
    Reopened,
    Triaged,
    Waiting,
)
from triaged.core.case.folding import fold
from triaged.core.policy.policy import Policy
from triaged.core.team.alerts import SHOWN, SUSPICIONS_EVERY, Manner, QuietHours, Told, alert

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ALWAYS = Manner(UTC)
NIGHT = QuietHours(time(20), time(8))
SUSPECTED = ExploitSuspected(at=NOON, quote="attackers use it")


def promising(*promises, profile="eu-cra", **more):
    """The shipped policy with other promises; acknowledgment, triage and update a year away unless they are given."""
    given = {each["name"] for each in promises}
    rest = [{"name": name, "within": "365d"} for name in ("acknowledge", "triage", "update") if name not in given]
    shipped = policy().model_dump(exclude={"promises", "calendar", "profile"}, exclude_unset=True, by_alias=True)
    return Policy.model_validate({**shipped, "profile": profile, "promises": [*promises, *rest], **more})


TRIAGE = {"name": "triage", "within": "10h", "warn": ["4h", "1h"]}
PAUSED = {**TRIAGE, "pausable": True}
OURS = promising(TRIAGE)
DUE = NOON - HOUR + 10 * HOUR


class Team:
    """Remembers what it was told, as the store does."""

    def __init__(self, ours=OURS, manner=ALWAYS) -> None:
        self.ours, self.manner = ours, manner
        self.told = Told(set())
        self.alerts = []

    def tick(self, now, *cases):
        found = alert(cases, self.told, self.ours, self.manner, now)
        if found is None:
            return []
        self.alerts.append((now, found))
        self.told.marks.update(found.marks)
        if any(mark.deadline == "exploitation" for mark in found.marks):
            self.told = replace(self.told, suspicion_at=now)
        if not all(mark.urgent for mark in found.marks):
            self.told = replace(self.told, ordinary_at=now)
        return [(line.marks[-1].deadline, line.marks[-1].mark) for line in found.lines]

    @property
    def times(self):
        return Counter(mark for _, found in self.alerts for mark in found.marks)


def many(count, **changes):
    return [case(case_id=f"SEC-{number:04}", **changes) for number in range(count)]


def test_each_mark_and_the_miss_are_told_once_and_nothing_before():
    team, there = Team(), case()
    assert team.tick(DUE - 4 * HOUR - MINUTE, there) == []
    assert team.tick(DUE - 4 * HOUR, there) == [("triage", "4 hours before")]
    assert team.tick(DUE - 2 * HOUR, there) == []
    assert team.tick(DUE - HOUR, there) == [("triage", "1 hour before")]
    assert team.tick(DUE, there) == []
    assert team.tick(DUE + MINUTE, there) == [("triage", "missed")]
    assert team.tick(DUE + 9 * DAY, there) == []


def test_after_days_away_what_was_missed_is_told_as_missed_and_all_of_it_in_one():
    team, there = Team(), many(70)
    assert team.tick(DUE + 3 * DAY, *there) == [("triage", "missed")] * SHOWN
    ((_, found),) = team.alerts
    assert (found.more, found.state, len(found.marks)) == (70 - SHOWN, "70 missed", 3 * 70)
    assert team.tick(DUE + 3 * DAY + HOUR, *there) == []


def test_a_clock_set_back_tells_nothing_twice_and_holds_nothing_for_longer():
    team, first, second = Team(), case(), case(Triaged(at=NOON, by="bo"), case_id="SEC-2")
    assert team.tick(DUE + MINUTE, first, second) == [("triage", "missed")]
    assert team.tick(DUE - 5 * HOUR, first, second) == []
    late = case(case_id="SEC-3")
    assert team.tick(DUE - 4 * HOUR, first, late) == [("triage", "4 hours before")]


def test_ordinary_alerts_come_once_an_hour_and_what_came_in_between_is_in_the_next():
    team = Team()
    others = [fold(f"SEC-{n}", (received(received_at=NOON - HOUR + n * MINUTE),)) for n in range(3)]
    assert len(team.tick(DUE + timedelta(seconds=1), *others)) == 3  # two of them are soon due
    for minutes in range(2, 60):
        assert team.tick(DUE + minutes * MINUTE, *others) == []
    assert team.tick(DUE + HOUR + MINUTE, *others) == [("triage", "missed")] * 2


def test_a_suspicion_goes_at_once_in_the_night_and_says_how_to_decide():
    team = Team(manner=Manner(UTC, NIGHT))
    night = NOON + 14 * HOUR
    there = case(replace(SUSPECTED, at=night), OwnerSet(at=NOON, by="bo", owner="cy"))
    assert team.tick(night, there, case(case_id="SEC-LATE")) == [("exploitation", "suspected")]
    line = team.alerts[0][1].lines[0]
    assert (line.owner, line.command) == ("cy", f'triaged case {NEW_ID} exploited confirm --reason "..."')
    assert team.tick(night + HOUR, there) == []
    # By day the others, and with them what the law asks.
    assert team.tick(NOON + 20 * HOUR, there) == [("cra-early-warning", "20 hours before"), ("triage", "missed")]


WAITING = Manner(UTC, NIGHT, closed_days=True, unverified_claims_wait=True)
IN_THE_NIGHT = NOON + 14 * HOUR


def claimed_by(verdict, *events):
    """A report of the night that says it is exploited."""
    sender = replace(received().sender, verdict=verdict)
    opening = received(at=IN_THE_NIGHT, received_at=IN_THE_NIGHT, sender=sender)
    return fold(NEW_ID, (opening, replace(SUSPECTED, at=IN_THE_NIGHT), *events))


@pytest.mark.parametrize("verdict", ["unverified", "doubtful"])
def test_a_strangers_claim_of_exploitation_may_wait_until_the_morning(verdict):
    team, there = Team(manner=WAITING), claimed_by(verdict)
    for hours in range(6):
        assert team.tick(IN_THE_NIGHT + hours * HOUR, there) == []
    # Nothing of it is forgotten: in the morning the claim is told, and what the law asks.
    assert {"exploitation", "cra-early-warning"} <= {name for name, _ in team.tick(NOON + 20 * HOUR, there)}
    assert [name for name, _ in Team(manner=Manner(UTC, NIGHT)).tick(IN_THE_NIGHT, there)] == ["exploitation"]


@pytest.mark.parametrize(
    "there",
    [
        claimed_by("verified"),
        claimed_by("unverified", ExploitConfirmed(at=IN_THE_NIGHT, by="bo", reason="logs")),
    ],
    ids=["vouched for", "confirmed by a person"],
)
def test_what_more_than_a_stranger_says_of_exploitation_wakes_the_team(there):
    assert Team(manner=WAITING).tick(IN_THE_NIGHT + 4 * HOUR, there)


def test_a_strangers_claim_in_a_verified_reporters_case_waits_too():
    sender = replace(received().sender, verdict="verified")
    later = received(at=IN_THE_NIGHT, received_at=IN_THE_NIGHT, sha256="cd" * 32)
    there = fold(NEW_ID, (received(sender=sender), later, replace(SUSPECTED, at=IN_THE_NIGHT)))
    assert Team(manner=WAITING).tick(IN_THE_NIGHT, there) == []


def test_a_closed_day_holds_a_strangers_claim_back_too():
    saturday = NOON + 5 * DAY
    there = fold(NEW_ID, (received(at=saturday, received_at=saturday), replace(SUSPECTED, at=saturday)))
    assert Team(manner=WAITING).tick(saturday, there) == []
    assert Team(manner=WAITING).tick(saturday + 2 * DAY, there)


def test_a_suspicion_dismissed_and_raised_again_is_news():
    team = Team()
    dismissed = (SUSPECTED, ExploitDismissed(at=NOON + MINUTE, by="bo", reason="a lab"))
    again = case(*dismissed, replace(SUSPECTED, at=NOON + HOUR))
    assert team.tick(NOON, case(SUSPECTED)) == [("exploitation", "suspected")]
    assert team.tick(NOON + MINUTE, case(*dismissed)) == []
    assert team.tick(NOON + HOUR, again) == [("exploitation", "suspected")]


def test_a_flood_of_suspicions_is_no_flood_of_alerts():
    team = Team(promising(profile="policy"))
    there = [fold(f"SEC-{n}", (received(), replace(SUSPECTED, at=NOON + n * MINUTE))) for n in range(60)]
    for n in range(60):
        team.tick(NOON + n * MINUTE, *there[: n + 1])
    assert len(team.alerts) == 60 * MINUTE // SUSPICIONS_EVERY
    assert team.tick(NOON + 2 * HOUR, *there) == [("exploitation", "suspected")] * 4
    assert set(team.times.values()) == {1}


def test_statutory_marks_go_at_once_though_an_alert_has_just_gone_and_also_when_the_case_is_closed():
    team = Team(manner=Manner(UTC, NIGHT))
    there = case(ExploitConfirmed(at=NOON, by="bo", reason="logs"), Closed(at=NOON, by="bo", reason="done"))
    assert team.tick(NOON, there, case(case_id="SEC-2")) == []
    assert team.tick(NOON + 4 * HOUR, there) == [("cra-early-warning", "20 hours before")]
    assert team.tick(NOON + 24 * HOUR + MINUTE, there) == [("cra-early-warning", "missed")]


@pytest.mark.parametrize(
    ("quiet", "clock", "covered"),
    [
        (NIGHT, time(20), True),
        (NIGHT, time(3), True),
        (NIGHT, time(8), False),
        (NIGHT, time(19, 59), False),
        (QuietHours(time(12), time(13)), time(12, 30), True),
        (QuietHours(time(12), time(13)), time(13), False),
    ],
)
def test_quiet_hours_may_go_over_midnight(quiet, clock, covered):
    assert quiet.cover(clock) is covered


def test_quiet_hours_are_by_the_teams_clock_and_hold_until_they_end():
    team, there = Team(manner=Manner(ZoneInfo("Asia/Tokyo"), NIGHT)), case()
    assert team.tick(DUE + MINUTE, there) == []  # 06:01 in Tokyo
    assert team.tick(DUE + 2 * HOUR - MINUTE, there) == []
    assert team.tick(DUE + 2 * HOUR, there) == [("triage", "missed")]
    assert "JST" in team.alerts[0][1].lines[0].what


def test_closed_days_hold_until_the_next_open_one_if_asked():
    there, saturday = case(), NOON + 5 * DAY
    team = Team(manner=Manner(UTC, closed_days=True))
    assert team.tick(saturday, there) == team.tick(saturday + DAY, there) == []
    assert team.tick(saturday + 2 * DAY, there) == [("triage", "missed")]
    assert Team().tick(saturday, there) == [("triage", "missed")]


def test_an_open_pause_moves_a_due_time_and_tells_nothing_of_it_again():
    team = Team(promising(PAUSED))
    late = case(Waiting(at=DUE + HOUR, by="bo"))
    assert team.tick(DUE + 2 * HOUR, late) == [("triage", "missed")]
    for hours in range(3, 90):
        assert team.tick(DUE + hours * HOUR, late) == []
    in_time = case(Waiting(at=NOON, by="bo"))
    assert Team(promising(PAUSED)).tick(DUE + 90 * HOUR, in_time) == []


def test_what_is_only_shown_when_missed_is_told_at_its_marks_and_not_when_missed():
    team = Team(promising({**TRIAGE, "on_breach": "show"}))
    assert team.tick(DUE - 4 * HOUR, case()) == [("triage", "4 hours before")]
    assert team.tick(DUE + HOUR, case()) == []


def test_a_mark_that_the_policy_is_given_later_is_told_only_if_it_is_the_latest():
    team, there = Team(), case()
    team.tick(DUE + MINUTE, there)
    team.ours = promising({**TRIAGE, "warn": ["4h", "2h", "1h"]})
    assert team.tick(DUE + 2 * HOUR, there) == []
    team.ours = promising({"name": "triage", "within": "12h"})
    assert team.tick(DUE + 4 * HOUR, there) == [("triage", "missed")]  # it is another due time


def test_a_subject_is_shown_escaped_short_and_without_links():
    hostile = fold(NEW_ID, (received(subject="a\u202e\x1b[31m https://evil.example " + "x" * 99),))
    team = Team()
    team.tick(DUE + MINUTE, hostile)
    line = team.alerts[0][1].lines[0]
    assert "\\u202e" in line.subject
    assert "hxxps[:]/[/]evil[.]example" in line.subject
    assert len(line.subject) <= 60
    assert line.subject.isprintable()
    assert line.quoted == f'"{line.subject}"'


_EVENTS = st.sampled_from(("wait", "resume", "close", "reopen", "triage", "suspect", "confirm", "dismiss"))
_MANNERS = st.sampled_from((ALWAYS, Manner(UTC, NIGHT), Manner(UTC, NIGHT, closed_days=True), WAITING))


def _event(name, at):
    return {
        "wait": Waiting(at=at, by="bo"),
        "resume": received(at=at),
        "close": Closed(at=at, by="bo", reason="done"),
        "reopen": Reopened(at=at, by="bo"),
        "triage": Triaged(at=at, by="bo"),
        "suspect": ExploitSuspected(at=at, quote="attackers use it"),
        "confirm": ExploitConfirmed(at=at, by="bo", reason="logs"),
        "dismiss": ExploitDismissed(at=at, by="bo", reason="a lab"),
    }[name]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60 * 24 * 4), _EVENTS), max_size=6),
    st.lists(st.integers(0, 60 * 24 * 5), min_size=1, max_size=40),
    _MANNERS,
)
def test_whatever_passes_its_mark_is_told_exactly_once_over_any_ticks(happened, ticks, manner):
    ours, team = promising(PAUSED), Team(promising(PAUSED), manner)

    def cases(now):
        events = [[], [], []]
        for number, minutes, name in sorted(happened, key=lambda each: each[1]):
            at = NOON + minutes * MINUTE
            if at <= now:
                events[number].append(_event(name, at))
        return [fold(f"SEC-{number}", (received(), *each)) for number, each in enumerate(events)]

    last = NOON
    for minutes in ticks:
        now = NOON + minutes * MINUTE
        last = max(last, now)
        team.tick(now, *cases(last))  # the clock may go back, what happened stays
    # Two open mornings on, nothing is held any more: all that has passed is told, and then there is silence.
    end = last + 6 * DAY
    for hours in range(0, 24 * 5, 4):
        team.tick(end + hours * HOUR, *cases(last))
    assert set(team.times.values()) <= {1}
    final = end + 24 * 5 * HOUR
    everything = alert(cases(last), Told(), ours, ALWAYS, final)
    untold = set(everything.marks if everything else ()) - set(team.times)
    assert untold == set()
    ordinary = [at for at, found in team.alerts if not all(mark.urgent for mark in found.marks)]
    assert all(later < at or later - at >= HOUR for at, later in itertools.pairwise(ordinary))
