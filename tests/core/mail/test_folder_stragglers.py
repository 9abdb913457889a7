from itertools import pairwise

import pytest

from tests.support.numbered import HOUR, LARGEST, MINUTE, NOW, REACH, Mail, deliver, watching
from triaged.core.mail.folder import BYTES_AT_ONCE, Bodies, Known, Sizes, Waiting
from triaged.core.mail.folder.asking import groups


def bodies(watch):
    return [ask for ask in watch.asked if isinstance(ask, Bodies)]


# How much is asked for at once.


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([10] * 51, [50, 1]),
        ([LARGEST] * 9, [8, 1]),
        ([10, LARGEST + 1, 10, 10], [1, 1, 2]),
        ([BYTES_AT_ONCE * 2], [1]),
    ],
)
def test_bodies_are_asked_for_in_groups_that_fit_into_memory(sizes, expected):
    mails = [Waiting(uid, size, NOW) for uid, size in enumerate(sizes, 1)]
    assert [len(group) for group in groups(mails, LARGEST)] == expected


def test_sizes_are_asked_for_five_hundred_at_a_time_and_their_bodies_before_the_next():
    watch = watching(*[HOUR] * 501)
    assert watch.poll() == list(range(1, 502))
    assert [len(ask.uids) for ask in watch.asked if isinstance(ask, Sizes)] == [500, 1]
    assert isinstance(watch.asked[-2], Sizes)


def test_mail_comes_in_the_order_of_its_uids_although_a_request_was_refused():
    watch = watching(*[HOUR] * 501)
    watch.server.broken[1] = "refuse"
    assert watch.poll() == list(range(2, 502))


def test_a_mail_that_nobody_asked_for_is_left_alone():
    watch = watching(HOUR)
    watch.connect()
    watch.folder.search(Known(), NOW)
    watch.folder.found([1], lambda _: False)
    assert watch.folder.next_ask() == Sizes((1,))
    asked_for = Waiting(1, 10, NOW)
    watch.folder.measured([Waiting(2, 10, NOW), asked_for])
    assert watch.folder.next_ask() == Bodies((asked_for,))
    assert watch.folder.gave([1, 2]) == [asked_for]


def test_a_mail_over_the_limit_is_asked_for_by_its_beginning():
    watch = watching(HOUR, size=LARGEST + 1)
    deliver(watch, 2, size=LARGEST)
    assert watch.poll() == [1, 2]
    assert [ask.octets for ask in bodies(watch)] == [256 * 1024, None]


# Mails that do not come.


@pytest.mark.parametrize("fault", ["nil", "refuse", "hang"])
def test_a_mail_that_does_not_come_holds_up_no_other_and_is_asked_for_at_growing_intervals(fault):
    watch = watching(*[HOUR] * 5)
    watch.server.broken[3] = fault
    came, tries = [], []
    for minute in range(180):
        asked = len(watch.asked)
        came += watch.poll()
        tries += [minute] if len(watch.asked) > asked else []
        assert minute < 3 or came == [1, 2, 4, 5]
    assert watch.news.count("mail not fetched") == 2
    assert [later - earlier for earlier, later in pairwise(tries)][-4:] == [5, 15, 60, 60]
    watch.server.broken.clear()
    assert watch.poll(HOUR) == [3]
    assert not watch.folder.unreadable(1)
    assert watch.news[-2:] == ["mail unreadable on the server", "mail readable again"]


def test_stragglers_are_asked_for_alone_and_the_most_hopeful_first():
    watch = watching(*[HOUR] * 3)
    watch.server.broken = dict.fromkeys((1, 2), "nil")
    watch.poll()
    watch.server.broken[3] = "nil"
    deliver(watch, 4)
    watch.server.broken[4] = "nil"
    watch.poll()
    watch.asked.clear()
    watch.poll()
    assert [ask.uids for ask in watch.asked] == [(4,), (4,), (1,), (1,), (2,), (2,)]


def test_a_straggler_is_due_when_the_clock_was_set_back():
    watch = watching(HOUR)
    watch.server.broken[1] = "nil"
    for _ in range(5):
        watch.poll(HOUR)
    watch.server.broken.clear()
    assert watch.poll(-MINUTE) == [1]


def test_a_straggler_that_is_gone_is_forgotten():
    watch = watching(HOUR)
    watch.server.broken[1] = "nil"
    for _ in range(3):
        watch.poll()
    assert watch.folder.unreadable(3) == [(1, "the server gave no bytes of it")]
    watch.server.mails.clear()
    watch.poll(HOUR)
    assert not watch.folder.unreadable(1)
    assert watch.news[-1] == "mail gone before it was fetched"


def test_a_straggler_that_came_as_the_pass_was_cut_short_is_not_asked_for_again():
    watch = watching(HOUR)
    watch.server.broken[1] = "nil"
    watch.poll()
    watch.server.broken.clear()
    assert watch.poll(most=1) == [1]
    assert watch.poll() == []
    assert not watch.folder.unreadable(0)


def test_a_new_uidvalidity_makes_an_end_of_stragglers():
    watch = watching(HOUR, HOUR)
    watch.server.broken[2] = "nil"
    watch.poll()
    watch.server.renumber()
    watch.connect()
    assert not watch.folder.unreadable(0)


def test_a_straggler_that_a_new_window_leaves_alone_is_forgotten():
    watch = watching(HOUR)
    watch.poll()
    deliver(watch, 2, age=400 * HOUR)
    deliver(watch, 3)
    watch.server.broken[2] = "nil"
    watch.poll()
    watch.server.restore(3)
    watch.connect()
    watch.poll(HOUR)
    assert not watch.folder.unreadable(0)


def test_a_mail_that_never_comes_whole_is_asked_for_by_its_beginning():
    watch = watching(HOUR, size=LARGEST)
    watch.server.broken[1] = "nil"
    for _ in range(4):
        watch.poll(HOUR)
    assert [ask.octets for ask in bodies(watch)] == [None, None, None, 256 * 1024]


def test_under_a_number_given_anew_another_mail_is_asked_for_whole():
    watch = watching(HOUR, HOUR, size=LARGEST)
    watch.server.broken[2] = "nil"
    for _ in range(4):
        watch.poll(HOUR)
    watch.server.restore(2)
    watch.connect()
    watch.server.mails[2] = Mail(3, watch.now, LARGEST)
    assert 3 in watch.poll(MINUTE)
    assert bodies(watch)[-1].octets is None


def test_more_than_twenty_refusals_end_the_pass():
    watch = watching(*[HOUR] * 40)
    watch.server.broken = dict.fromkeys(range(1, 41), "refuse")
    watch.poll()
    assert (len(watch.asked), watch.connected) == (21, False)
    watch.server.broken.clear()
    assert sorted(watch.poll() + watch.poll()) == list(range(1, 41))


def test_one_lost_connection_puts_no_mail_under_suspicion():
    watch = watching(*[HOUR] * 3)
    for _ in range(4):
        watch.server.dies_in = 3
        watch.poll()
        assert not watch.folder.unreadable(0)
        watch.poll()
        deliver(watch, len(watch.server.mails) + 1)
    assert not watch.folder.unreadable(0)


def test_a_pass_that_loses_no_connection_lifts_all_suspicion():
    watch = watching(HOUR, REACH)
    for _ in range(4):
        watch.server.dies_in = 2
        watch.poll(HOUR)
        watch.poll()
    assert not watch.folder.unreadable(0)
    watch.server.dies_in = 2
    watch.poll(HOUR)
    watch.server.dies_in = 2
    watch.poll()
    assert watch.folder.unreadable(0) == [(2, "")]


def test_a_connection_lost_over_the_last_straggler_ends_a_pass_that_is_complete():
    watch = watching(HOUR, HOUR)
    watch.server.broken = dict.fromkeys((1, 2), "nil")
    watch.poll()
    watch.server.broken = {1: "hang"}
    watch.now += HOUR
    assert watch.poll() == []
    assert not watch.connected
    watch.server.broken = {1: "hang"}
    assert watch.poll() == [2]
    assert watch.poll() == []
    assert [search.since is None for search in watch.searches] == [False, False, False, True]
