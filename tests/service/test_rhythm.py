"""When the mailbox is polled next, told by a clock that a test sets."""

import pytest

from triaged.service.rhythm import Rhythm

MINUTE, HOUR = 60.0, 3600.0


def pauses(rhythm, count, *, login, jitter):
    found = []
    for _ in range(count):
        rhythm = rhythm.failed(0.0, login=login, jitter=jitter)
        found.append(rhythm.next_at)
    return found


def test_failures_are_followed_by_growing_pauses_of_five_seconds_to_five_minutes():
    assert pauses(Rhythm(), 6, login=False, jitter=0.0) == [5, 15, MINUTE, 5 * MINUTE, 5 * MINUTE, 5 * MINUTE]


def test_refused_logins_are_repeated_after_1_5_30_and_60_minutes_and_never_sooner():
    assert pauses(Rhythm(), 5, login=True, jitter=0.0) == [MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, HOUR]
    assert pauses(Rhythm(), 5, login=True, jitter=1.0) == pytest.approx(
        [1.2 * MINUTE, 6 * MINUTE, 36 * MINUTE, 1.2 * HOUR, 1.2 * HOUR]
    )


def test_jitter_spreads_those_who_lost_the_same_server_and_never_beyond_five_minutes():
    spread = [Rhythm().failed(100.0, login=False, jitter=jitter / 10).next_at for jitter in range(11)]
    assert spread == sorted(spread, reverse=True)
    assert (spread[0], spread[-1]) == (105, 104)
    assert max(pauses(Rhythm(), 20, login=False, jitter=0.0)) == 5 * MINUTE


def test_a_server_that_was_long_away_does_not_make_its_first_refused_login_cost_an_hour():
    rhythm = Rhythm()
    for _ in range(9):
        rhythm = rhythm.failed(0.0, login=False, jitter=0.0)
    assert rhythm.failed(0.0, login=True, jitter=0.0).next_at == MINUTE


def test_a_day_of_refused_logins_is_few_logins():
    now, logins, rhythm = 0.0, 0, Rhythm()
    while now < 24 * HOUR:
        if rhythm.due(now):
            logins += 1
            rhythm = rhythm.failed(now, login=True, jitter=0.0)
        now += 1
    assert logins == 27


def test_a_poll_comes_at_its_interval():
    rhythm = Rhythm().polled(1000.0, MINUTE, found=0)
    assert [rhythm.due(at) for at in (1000, 1059, 1060, 1061)] == [False, False, True, True]


def test_what_the_server_tells_is_believed_at_once_and_does_not_wait_for_the_interval():
    rhythm = Rhythm().polled(1000.0, HOUR, found=0)
    assert not rhythm.due(1001)
    assert rhythm.told().due(1001)
    assert not rhythm.told().listening


def test_a_server_that_cries_wolf_is_believed_later_each_time_until_there_is_mail():
    now, polled, rhythm = 0.0, [], Rhythm().polled(0.0, HOUR, found=0)
    while now < 300:
        now += 1
        rhythm = rhythm.told()
        if rhythm.due(now):
            polled.append(now)
            rhythm = rhythm.polled(now, HOUR, found=0)
    assert polled == [1, 2, 5, 12, 27, 58, 121, 248]
    assert rhythm.told().polled(300.0, HOUR, found=1).told().due(300)


def test_a_quiet_interval_restores_the_belief():
    rhythm = Rhythm().polled(0.0, HOUR, found=0)
    for _ in range(20):
        rhythm = rhythm.told().polled(0.0, HOUR, found=0)
    assert not rhythm.told().due(HOUR - 1)
    assert rhythm.polled(HOUR, HOUR, found=0).told().due(HOUR)


def test_nothing_is_listened_to_while_a_pause_lasts():
    rhythm = Rhythm().polled(0.0, HOUR, found=0).told().failed(1.0, login=True, jitter=0.0)
    assert not rhythm.listening
    assert not rhythm.told().due(60)


def test_a_person_who_asks_is_served_at_once_and_the_pauses_begin_anew():
    rhythm = Rhythm()
    for _ in range(5):
        rhythm = rhythm.failed(100.0, login=True, jitter=0.0)
    rhythm = rhythm.at_once()
    assert rhythm.due(101)
    assert rhythm.failed(101.0, login=True, jitter=0.0).next_at == 101 + MINUTE
