"""Hearing of new mail between polls, from servers that tell of it and from those that fall silent."""

import pytest

from tests.support.imap_place import mail
from tests.support.servers import until


def test_new_mail_is_heard_of_between_polls(field):
    place = field()
    place.poll()
    assert not place.mailbox.stirred()
    until(lambda: place.server.count("IDLE") == 1)
    place.server.deliver(mail(1))
    until(place.mailbox.stirred, what="nothing was heard")
    assert place.poll() == [mail(1)]
    assert not place.mailbox.stirred()


def test_mail_that_came_before_listening_began_is_heard_of(field):
    place = field()
    place.poll()
    place.server.deliver(mail(1))
    assert place.mailbox.stirred()


def test_a_server_that_says_it_is_still_there_causes_no_poll(field):
    place = field()
    place.poll()
    place.server.script["DONE"] = ["* OK still here"]
    place.mailbox.stirred()
    place.mailbox._idling.leave(place.mailbox._client)
    assert not place.mailbox.stirred()
    assert place.server.count("IDLE") == 2


@pytest.mark.parametrize("answer", ["NO not here", "BAD what", "* 5 FETCH (FLAGS ())"])
def test_a_server_that_cannot_idle_after_all_is_polled_on_the_same_session(field, answer):
    place = field()
    place.server.script["IDLE"] = [answer]
    place.poll()
    for _ in range(5):
        assert not place.mailbox.stirred()
    place.server.deliver(mail(1))
    assert place.poll() == [mail(1)]
    assert (place.server.count("LOGIN"), place.server.count("IDLE")) == (1, 1)


@pytest.mark.parametrize("how", ["without the capability", "by the settings"])
def test_nobody_is_asked_to_idle_who_should_not(field, how):
    place = field("MOVE") if how == "without the capability" else field(idle=False)
    place.poll()
    for _ in range(3):
        assert not place.mailbox.stirred()
    assert place.server.count("IDLE") == 0


def test_a_connection_that_ends_while_idle_is_noticed_and_replaced(field):
    place = field()
    place.poll()
    place.mailbox.stirred()
    for connection in list(place.server._connections):
        connection.shutdown(2)
    until(place.mailbox.stirred, what="the end was not noticed")
    assert not place.mailbox.stirred()
    place.server.deliver(mail(1))
    assert place.poll() == [mail(1)]


def test_a_half_open_connection_while_idle_is_found_out_by_the_next_poll(field):
    place = field(patience=0.5)
    place.poll()
    place.mailbox.stirred()
    place.server.script["DONE"] = ["silence"]
    place.server.deliver(mail(1))
    assert place.poll() == [mail(1)]
    assert place.server.count("LOGIN") == 2


def test_idle_is_renewed_before_nine_minutes_have_passed(field):
    place = field()
    place.poll()
    place.mailbox.stirred()
    place.mailbox._idling._since -= 8 * 60
    assert not place.mailbox.stirred()
    assert place.server.count("DONE") == 0
    place.mailbox._idling._since -= 61
    assert not place.mailbox.stirred()
    assert not place.mailbox.stirred()
    assert (place.server.count("DONE"), place.server.count("IDLE")) == (1, 2)


def test_closing_a_silent_session_waits_for_nobody(field):
    # More than any test may take.
    place = field(patience=1000.0)
    place.poll()
    place.mailbox.stirred()
    place.server.script["DONE"] = ["silence"]
    place.mailbox.close()
    place.server.quiet()
    assert place.server.count("LOGOUT") == 0
