"""IMAP as it is in the field: what servers do that the standard does not have, against one that does it by script."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.support.imap_place import assert_plain, mail
from triaged.ports import Refused, TryLater

PHASES = ("GREETING", "CAPABILITY", "LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH", "NOOP")


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("fault", ["silence", "hang up", "reset", "BYE back soon", "NO not now", "BAD not so"])
def test_whatever_goes_wrong_wherever_the_same_object_goes_on(field, phase, fault):
    place = field(patience=0.5 if fault == "silence" else 20.0)
    place.server.script[phase] = [fault]
    place.server.deliver(mail(1))
    place.server.deliver(mail(2))
    for _ in range(3):
        try:
            place.poll()
        except (TryLater, Refused) as error:
            assert_plain(str(error))
    assert place.server.script[phase] == []
    assert sorted(place.raws) == [mail(1), mail(2)]
    assert len({each.place for each in place.fetched}) == 2


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["silence", "reset", "hang up", "BYE", "NO no", "BAD bad"])
def test_each_command_of_a_life_fails_in_turn(field, fault):
    nth = 0
    failed = True
    while failed:
        nth += 1
        place = field(file_to="Filed", keyword="$Triaged", patience=0.3 if fault == "silence" else 20.0)
        place.server.fail_at = (nth, fault)
        for number in range(3):
            place.server.deliver(mail(number))
            live(place)
        place.mailbox.close()
        for _ in range(2):
            live(place)
        assert sorted(place.raws) == [mail(0), mail(1), mail(2)], nth
        assert len({each.place for each in place.fetched}) == 3, nth
        failed = len(place.server.verbs) >= nth
    assert nth > 25


def live(place):
    """A poll, and a look between polls."""
    try:
        place.poll()
    except (TryLater, Refused) as error:
        assert_plain(str(error))
    place.mailbox.stirred()


# What the server gives for a mail.


@pytest.mark.parametrize("fault", ["NIL", "empty", "quoted", "NO [SERVERBUG] corrupted", "BAD internal"])
def test_a_mail_that_the_server_has_no_bytes_of_is_asked_for_again_and_no_other_waits_for_it(field, fault):
    place = field()
    for number in range(1, 6):
        place.server.deliver(mail(number))
    place.server.broken[3] = fault
    assert place.poll() == [mail(1), mail(2), mail(4), mail(5)]
    assert place.poll() == []
    place.server.broken.clear()
    assert place.poll() == [mail(3)]
    assert place.mailbox.unreadable() == ()


@pytest.mark.parametrize("fault", ["hang up", "BYE", "cut", "short", "long", "huge", "silence"])
def test_a_mail_that_breaks_the_session_comes_last_and_no_other_waits_for_it(field, fault):
    place = field(patience=0.5)
    for number in range(1, 6):
        place.server.deliver(mail(number))
    place.server.broken[3] = fault
    place.fails(3)
    assert place.raws == [mail(1), mail(2)]
    assert place.poll() == [mail(4), mail(5)]
    place.server.deliver(mail(6))
    assert place.poll() == [mail(6)]
    place.server.broken.clear()
    assert place.poll(timedelta(minutes=5)) == [mail(3)]
    assert len({each.place for each in place.fetched}) == 6


@pytest.mark.parametrize("fault", ["NIL", "NO [SERVERBUG] corrupted", "cut"])
def test_what_cannot_be_had_is_told_after_a_few_tries_and_then_asked_for_once_an_hour(field, fault):
    place = field()
    place.server.deliver(mail(1))
    place.server.broken[1] = fault
    with capture_logs() as logs:
        for _ in range(6):
            try:
                place.poll()
            except TryLater as error:
                assert_plain(str(error))
    (said,) = place.mailbox.unreadable()
    assert said.startswith("UID 1 in INBOX: ")
    assert any(line["event"] == "mail unreadable on the server" and line["log_level"] == "warning" for line in logs)
    before = bodies_asked(place)
    for _ in range(60):
        place.poll(timedelta(minutes=2))
    assert 0 < bodies_asked(place) - before <= 8
    place.server.broken.clear()
    assert place.poll(timedelta(hours=1)) == [mail(1)]
    assert place.mailbox.unreadable() == ()


def bodies_asked(place):
    return place.server.count("UID FETCH")


def test_what_cannot_be_had_costs_no_whole_comparison_with_each_poll(field):
    place = field()
    place.server.deliver(mail(1))
    place.server.broken[1] = "NIL"
    place.poll()
    searches = place.server.count("UID SEARCH")
    for _ in range(10):
        place.poll()
    assert place.server.count("UID SEARCH") == searches + 10


def test_a_mail_that_was_expunged_between_search_and_fetch_is_forgotten(field):
    place = field()
    place.server.deliver(mail(1))
    place.server.deliver(mail(2))
    place.server.after["UID FETCH"] = lambda: place.server.expunge(1)
    assert place.poll() == [mail(2)]
    assert place.poll() == []
    asked = place.server.count("UID FETCH")
    for _ in range(5):
        assert place.poll() == []
    assert place.server.count("UID FETCH") == asked
    assert place.mailbox.unreadable() == ()


def test_a_server_that_refuses_every_fetch_is_a_trouble_and_not_five_hundred_commands(field):
    place = field()
    for number in range(100):
        place.server.deliver(mail(number))
    place.server.script["UID FETCH"] = ["NO [LIMIT] slow down"] * 1000
    assert "it refused FETCH: [LIMIT] slow down" in str(place.fails())
    assert place.server.count("UID FETCH") < 30
    place.server.script.clear()
    for _ in range(3):
        place.poll()
    assert sorted(place.raws) == sorted(mail(number) for number in range(100))


@pytest.mark.parametrize(
    "junk",
    [
        "* 7 EXISTS",
        "* 1 FETCH (FLAGS (\\Seen))",
        "* OK [ALERT] the disk is nearly full",
        "* XBOSS 1 2 (3",
        "* SEARCH 900",
        "* 99 EXPUNGE",
        "* NO something else went wrong",
    ],
)
def test_lines_that_nobody_asked_for_do_no_harm(field, junk):
    place = field()
    place.server.deliver(mail(1))
    for phase in PHASES[2:]:
        place.server.script[phase] = [junk]
    assert place.poll() == [mail(1)]
    place.server.deliver(mail(2))
    assert place.poll() == [mail(2)]


@pytest.mark.parametrize("junk", ["what?", "A99 OK done", "* 1 FETCH (UID 1 BODY[] {5}", "\x00\xff"])
def test_lines_that_are_not_imap_cost_a_session_and_no_mail(field, junk):
    place = field(patience=0.5)
    place.server.deliver(mail(1))
    place.server.script["UID FETCH"] = [junk]
    place.fails()
    assert place.poll() == [mail(1)]
