import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.service.rhythm import Rhythm

EVERY = 60.0


def failed(times, *, login, jitter=0.0):
    """The pauses after so many failures in a row, each poll tried as soon as it is due."""
    rhythm, now, pauses = Rhythm(), 0.0, []
    for _ in range(times):
        rhythm = rhythm.failed(now, login=login, jitter=jitter)
        pauses.append(rhythm.next_at - now)
        now = rhythm.next_at
    return pauses


def test_the_first_poll_is_due_at_once_and_the_next_after_its_interval():
    polled = Rhythm().polled(100, EVERY, 0)
    assert Rhythm().due(0)
    assert [polled.due(100 + seconds) for seconds in (0, 59, 60)] == [False, False, True]


def test_failures_are_answered_with_growing_pauses_up_to_five_minutes():
    assert failed(6, login=False) == [5, 15, 60, 300, 300, 300]


def test_a_refused_login_is_tried_after_1_5_30_and_60_minutes():
    assert failed(6, login=True) == [60, 300, 1800, 3600, 3600, 3600]


@given(st.floats(0, 1), st.integers(1, 8))
def test_jitter_never_makes_a_login_faster_nor_a_reconnect_slower(jitter, times):
    plain = failed(times, login=False, jitter=jitter)
    assert all(pause <= bound for pause, bound in zip(plain, failed(times, login=False), strict=True))
    assert min(plain) >= 4
    logins = failed(times, login=True, jitter=jitter)
    assert all(pause >= bound for pause, bound in zip(logins, failed(times, login=True), strict=True))


def test_another_kind_of_failure_and_a_success_begin_the_pauses_anew():
    down = Rhythm().failed(0, login=False, jitter=0).failed(5, login=False, jitter=0)
    assert down.failed(20, login=True, jitter=0).next_at == 80
    assert down.polled(20, EVERY, 0).failed(80, login=False, jitter=0).next_at == 85


@pytest.mark.parametrize("found", [0, 1])
def test_news_from_the_server_brings_the_next_poll_forward(found):
    polled = Rhythm().polled(100, 3600, found)
    assert not polled.due(101)
    assert polled.told().due(101)


def test_a_server_that_cries_wolf_is_believed_more_and_more_slowly():
    rhythm, now, pauses = Rhythm().polled(0, 3600, 1), 0.0, []
    for _ in range(5):
        rhythm = rhythm.told()
        pauses.append(next(wait for wait in range(10_000) if rhythm.due(now + wait)))
        now += pauses[-1]
        rhythm = rhythm.polled(now, 3600, 0)
    assert pauses == [0, 1, 3, 7, 15]
    assert rhythm.told().polled(now, 3600, 1).told().due(now)


def test_after_a_failure_news_does_not_cut_the_pause_short():
    down = Rhythm().failed(0, login=True, jitter=0)
    assert not down.listening
    assert not down.told().due(59)
    assert down.at_once().due(0)
