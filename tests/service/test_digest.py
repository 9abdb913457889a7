from dataclasses import replace

import pytest

from tests.support.fakes import (
    FakeClock,
    Killed,
)
from tests.support.office import DAY, DIGESTS, MINUTE, MONDAY, NOBODY, well
from tests.support.values import CAPS, HOUR, NOON, fetched, house, mail
from triaged.core.case.owner import ToTeam
from triaged.ports import Refused
from triaged.service.morning import compose_digest, raise_alarm, send_digest


def test_the_digest_is_owed_once_a_local_date_and_goes_to_the_team(office):
    office.receive(mail())
    assert send_digest(office.desk, well(office)) == MONDAY
    assert send_digest(office.desk, well(office)) is None
    letters = office.send()
    assert [letter.to for letter in letters if letter.purpose == "digest"] == [("team@smallest.ai",)]
    assert office.store.letter_to_team(ToTeam.dated("digest", MONDAY)).state == "submitted"
    office.wait(21 * HOUR - MINUTE)
    assert send_digest(office.desk, well(office)) is None
    office.wait(MINUTE)
    assert send_digest(office.desk, well(office)) == MONDAY + DAY
    assert [letter.purpose for letter in office.send()] == ["digest"]


def test_a_digest_sent_while_the_clock_was_years_ahead_silences_none_after_it(office):
    right = office.desk.clock()
    office.change(clock=FakeClock(right + 900 * DAY))
    assert send_digest(office.desk, well(office)) == MONDAY + 900 * DAY
    office.change(clock=FakeClock(right))
    assert send_digest(office.desk, well(office)) == MONDAY
    assert send_digest(office.desk, well(office)) is None


def test_a_flood_alarms_the_team_once_and_shortens_the_answers(office):
    office.change(house=house(caps=replace(CAPS, flood_per_hour=3)))
    settled = office.receive(*(mail(number) for number in range(5)))
    assert [each.decision.reply.variant == "flood" for each in settled] == [False] * 3 + [True] * 2
    assert raise_alarm(office.desk)
    assert not raise_alarm(office.desk)
    office.restart()
    assert not raise_alarm(office.desk)
    alarms = [letter for letter in office.send() if letter.purpose == "alarm"]
    assert [letter.to for letter in alarms] == [("team@smallest.ai",)]
    assert "5 cases have been opened" in alarms[0].raw
    assert "Auto-Submitted: auto-generated" in alarms[0].raw
    office.wait(DAY)
    assert not raise_alarm(office.desk)


def test_a_first_start_before_the_set_time_owes_no_digest_yet(office):
    office.change(clock=FakeClock(NOON - 4 * HOUR))
    assert send_digest(office.desk, well(office)) is None
    assert office.store.last_digest(MONDAY) is None
    office.wait(HOUR)
    assert send_digest(office.desk, well(office)) == MONDAY


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_around_the_digests_write_sends_one(office, after):
    office.killed_at(1, after=after)
    with pytest.raises(Killed):
        send_digest(office.desk, well(office))
    office.restart()
    assert send_digest(office.desk, well(office)) == (None if after else MONDAY)
    assert len(office.send()) == 1


def test_a_digest_that_failed_is_not_owed_again_but_is_a_problem(office):
    send_digest(office.desk, well(office))
    office.send(Refused("554 looks like spam"))
    assert send_digest(office.desk, well(office)) is None
    assert well(office).problems == ("the digest of 2026-11-23 was not sent: 554 looks like spam",)


def test_the_weeks_figures_come_once_a_week_also_where_their_day_was_missed(office):
    found = []
    for days in (1, 6, 8, 900, 0):
        day = send_digest(office.desk, well(office))
        now = office.desk.clock()
        found.append(compose_digest(office.store, office.desk.house.policy, well(office), now, day, DIGESTS).weekly)
        office.wait(days * DAY)
    # On Monday, Tuesday, Monday, the second Tuesday after that, and years later.
    assert [each is not None for each in found] == [True, False, True, True, True]


def test_what_is_new_is_new_in_one_digest_only(office):
    def new() -> list[int]:
        day = office.desk.clock.now.date()
        composed = compose_digest(
            office.store, office.desk.house.policy, well(office), office.desk.clock.now, day, DIGESTS
        )
        return [section.count for section in composed.sections if section.title == "New"]

    office.receive(mail(1), NOBODY.encode())
    assert new() == [1]
    send_digest(office.desk, well(office))
    assert new() == [1]  # the day's own digest, looked at again
    office.wait(DAY)
    assert new() == []
    office.receive(fetched(mail(2), 7))
    assert new() == [1]
