from datetime import date, timedelta

import pytest

from tests.support.numbered import HOUR, LARGEST, MINUTE, NOW, REACH, deliver, watching
from triaged.core.mail.arrival import Contact, Place
from triaged.core.mail.folder import Folder, Known, Search

# What is searched for.

CONTACT = Contact("INBOX", 7, NOW - REACH, 10)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (Known(), Search(10, date(2026, 5, 1), Contact("INBOX", 7, NOW - REACH, 10))),
        (Known(None, 0, NOW - 100 * HOUR), Search(10, date(2026, 4, 27), Contact("INBOX", 7, NOW - 148 * HOUR, 10))),
        (Known(None, 0, NOW + HOUR), Search(10, date(2026, 5, 1), Contact("INBOX", 7, NOW - REACH, 10))),
        (Known(CONTACT, 9, NOW), Search(10, date(2026, 5, 1))),
        (Known(CONTACT, 0, NOW), Search(10, date(2026, 5, 1))),
        (Known(CONTACT, 10, NOW), Search(10, date(2026, 5, 1), given_anew=True)),
        (Known(Contact("INBOX", 7, NOW, 11), 0, NOW), Search(10, date(2026, 5, 1), given_anew=True)),
    ],
)
def test_the_first_search_of_a_session(known, expected):
    folder = Folder("INBOX", REACH, LARGEST)
    folder.selected(7, 10)
    assert folder.search(known, NOW) == expected


@pytest.mark.parametrize(
    ("highest", "later", "expected"),
    [
        (0, HOUR - MINUTE, Search(10)),
        (25, HOUR - MINUTE, Search(26)),
        (25, HOUR, Search(10, date(2026, 5, 1))),
        (25, -MINUTE, Search(10, date(2026, 5, 1))),
    ],
)
def test_once_all_uids_were_compared_the_search_is_above_the_highest_for_an_hour(highest, later, expected):
    folder = Folder("INBOX", REACH, LARGEST)
    folder.selected(7, 10)
    folder.search(Known(CONTACT), NOW)
    folder.found((), lambda _: False)
    assert folder.next_ask() is None
    assert folder.search(Known(CONTACT, highest, NOW), NOW + later) == expected


def test_a_comparison_that_did_not_come_to_its_end_is_made_again():
    watch = watching(HOUR, HOUR)
    assert watch.poll(most=1) == [1]
    assert watch.poll() == [2]
    watch.poll()
    assert [search.since is None for search in watch.searches] == [False, False, True]


def test_all_uids_are_compared_once_an_hour_however_often_it_polls():
    watch = watching(HOUR)
    for _ in range(130):
        watch.poll()
    assert [number for number, search in enumerate(watch.searches) if search.since] == [0, 60, 120]


def test_a_new_session_alone_is_no_reason_to_compare():
    watch = watching()
    watch.poll()
    watch.connected = False
    watch.poll()
    assert watch.searches[1] == Search(1)


def test_places_and_contacts_name_their_mailbox():
    folder = Folder("INBOX", REACH, LARGEST, "psirt")
    folder.selected(7, 10)
    assert folder.search(Known(), NOW).remember.mailbox == "psirt"
    assert folder.place(3) == Place("INBOX", 7, 3, "psirt")


# Which mail is wanted.


def test_first_contact_leaves_alone_what_had_arrived_before_its_window_and_takes_all_that_comes_later():
    watch = watching(REACH - 2 * MINUTE, REACH - MINUTE, REACH, timedelta(days=30))
    assert watch.poll() == [1, 2]
    deliver(watch, 5, age=timedelta(days=400))
    assert watch.poll() == [5]
    assert watch.news == ["first contact"]


def test_the_comparison_finds_what_the_search_above_the_highest_does_not():
    watch = watching(HOUR)
    deliver(watch, 2, 3)
    late = watch.server.mails.pop(2)
    assert watch.poll() == [1, 3]
    watch.server.mails[2] = late
    assert watch.poll() == []
    assert watch.poll(HOUR) == [2]


def test_a_quiet_pass_asks_for_nothing():
    watch = watching(HOUR, timedelta(days=30))
    watch.poll()
    watch.asked.clear()
    assert watch.poll() == []
    assert watch.asked == []


def test_under_a_new_uidvalidity_the_window_reaches_back_from_the_last_mail_taken_in():
    watch = watching(HOUR)
    watch.poll()
    watch.now += timedelta(days=10)
    deliver(watch, 2, age=timedelta(days=11))
    deliver(watch, 3, age=timedelta(days=13))
    watch.server.renumber()
    watch.connected = False
    assert watch.poll() == [1, 2]
    assert watch.news == ["first contact", "first contact"]


def test_a_new_uidvalidity_within_the_hour_is_read_at_once():
    watch = watching(HOUR, HOUR)
    watch.poll()
    watch.server.renumber()
    watch.connected = False
    assert watch.poll() == [1, 2]


def test_a_first_contact_is_grave_once_mail_was_taken_in():
    for last_taken_at, grave in ((None, False), (NOW, True)):
        folder = Folder("INBOX", REACH, LARGEST)
        folder.selected(7, 10)
        folder.search(Known(None, 0, last_taken_at), NOW)
        assert [(news.words, news.grave) for news in folder.news()] == [("first contact", grave)]
        assert folder.news() == []


# UIDs given anew.


@pytest.fixture
def restored():
    """Five mails were taken in; a backup of the time after the third is restored."""
    watch = watching(*[HOUR] * 5)
    watch.poll()
    watch.server.restore(4)
    watch.connected = False
    return watch


def test_mail_under_used_numbers_is_taken_in_and_the_rest_once_more(restored):
    deliver(restored, 6)
    assert restored.poll() == [1, 2, 3, 6]
    for name in range(7, 12):
        deliver(restored, name)
        assert restored.poll() == [name]
    assert restored.poll(HOUR) == []
    assert restored.news.count("UIDs given anew; the window is read again") == 1


def test_reading_the_window_again_goes_on_where_it_was_cut_short(restored):
    assert [restored.poll(most=2) for _ in range(3)] == [[1, 2], [2, 3], [3]]
    assert restored.poll() == []


def test_reading_the_window_again_reaches_as_far_when_it_goes_on(restored):
    restored.now += timedelta(days=10)
    assert restored.poll(most=1) == [1]
    assert restored.poll() == [1, 2, 3]


def test_old_mail_that_comes_while_a_session_is_lost_is_taken_in_all_the_same(restored):
    restored.poll()
    restored.connected = False
    deliver(restored, 6, age=timedelta(days=400))
    assert restored.poll() == [6]


def test_a_folder_that_is_empty_after_it_was_restored_is_searched_above_its_uidnext(restored):
    restored.server.mails.clear()
    restored.poll()
    restored.poll()
    assert [search.first for search in restored.searches[-2:]] == [4, 4]
    restored.connected = False
    restored.poll()
    assert restored.searches[-1] == Search(4)


def test_numbers_that_go_back_twice_are_noticed_twice(restored):
    deliver(restored, 6, 7)
    restored.poll()
    restored.server.restore(5)
    restored.connect()
    deliver(restored, 8)
    assert 8 in restored.poll()


def test_a_new_uidvalidity_ends_what_is_remembered_of_the_old_one(restored):
    restored.poll()
    restored.server.renumber()
    restored.connected = False
    assert restored.poll() == [1, 2, 3]


def test_numbers_that_go_back_but_not_below_what_was_taken_in_are_noticed_in_a_running_process():
    watch = watching(HOUR, HOUR)
    watch.poll()
    watch.server.uidnext = 9
    watch.connect()
    watch.server.restore(2)
    deliver(watch, *range(3, 7))
    watch.connected = False
    assert watch.poll() == [1, 3, 4, 5, 6]


def test_a_higher_uidnext_is_no_reason_to_read_anything_again():
    watch = watching(HOUR)
    watch.poll()
    watch.server.uidnext = 30
    watch.connected = False
    assert watch.poll() == []
