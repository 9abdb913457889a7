"""IMAP servers that never come to an end, say more than memory holds, or answer what breaks a parser."""

import ssl
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.support import servers
from tests.support.imap_place import assert_plain, mail
from tests.support.streams import drip, flood
from triaged.adapters.imap.connection import Waits
from triaged.ports import TryLater

VERBS = ("GREETING", "CAPABILITY", "LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH", "NOOP")
ENDLESS = {
    "a drip": drip(),
    "a drip in a literal": drip(b"* 1 FETCH (UID 1 BODY[] {90000}\r\nx"),
    "untagged lines": flood(b"* OK again\r\n"),
    "the shortest lines": flood(b"* X\r\n"),
    "news": flood(b"* 3 EXISTS\r\n"),
    "one line": flood(b"x", b"* OK "),
    "a line of numbers": flood(b" 17", b"* SEARCH"),
    "literals": flood(b"* 1 FETCH (UID 1 BODY[] {4}\r\nabcd)\r\n"),
    "empty literals": flood(b" {0}\r\n", b"* 1 FETCH (UID 1 X"),
    "nothing but line ends": flood(b"\r\n"),
    "zeros": flood(b"\0"),
    "continuations": flood(b"+ go on\r\n"),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("what", ENDLESS)
def test_an_answer_without_end_is_left_and_the_next_poll_goes_on(field, what, verb):
    place = field(patience=1.0)
    place.server.deliver(mail(1))
    if verb == "NOOP":
        place.poll()
    place.server.script[verb] = [ENDLESS[what]]
    tolerant(place)
    assert place.server.script[verb] == []
    place.server.deliver(mail(2))
    place.poll()
    place.poll()
    assert sorted(place.raws) == [mail(1), mail(2)]


def tolerant(place, later=timedelta(minutes=1)):
    """A poll; if it fails, the fault is said in one short sentence."""
    with suppress(TryLater):
        try:
            place.poll(later)
        except TryLater as error:
            assert_plain(str(error))
            raise


def test_why_it_was_left_is_said(field):
    for patience, stream, why in (
        (0.5, drip(), "it did not finish its answer in time"),
        (100.0, flood(b"* OK again\r\n"), "its answer does not end; the connection was closed"),
    ):
        place = field(patience=patience)
        place.server.script["LOGIN"] = [stream]
        assert why in str(place.fails())


def test_many_commands_that_each_end_in_time_are_one_turn_that_does_not(field):
    # Each answer comes in its last moment. All of them together would take longer than any test may.
    place = field(patience=1000.0, turn=0.5)
    place.server.script["CAPABILITY"] = [drip()]
    place.fails()
    place.server.script["UID SEARCH"] = [drip()]
    place.fails()
    assert place.poll() == []


@pytest.mark.parametrize("verb", ["IDLE", "DONE", "NOOP"])
@pytest.mark.parametrize("what", ["a drip", "untagged lines"])
def test_an_answer_without_end_between_two_polls_is_left(field, what, verb):
    place = field(patience=0.5)
    place.poll()
    if verb == "DONE":
        place.mailbox.stirred()
    place.server.script[verb] = [ENDLESS[what]]
    place.mailbox.stirred()
    place.server.deliver(mail(1))
    assert place.poll() == [mail(1)]


@pytest.mark.parametrize("what", ["a drip", "untagged lines", "one line"])
@pytest.mark.parametrize("verb", ["LOGOUT", "DONE"])
def test_a_farewell_without_end_is_cut_short(field, verb, what):
    place = field(patience=1000.0)
    place.poll()
    if verb == "DONE":
        place.mailbox.stirred()
    place.server.script[verb] = [ENDLESS[what]]
    place.mailbox.close()
    place.server.quiet()


@pytest.mark.parametrize("what", ["a drip", "untagged lines"])
def test_a_courtesy_that_does_not_end_is_given_up(field, what):
    place = field(file_to="Filed", patience=0.5)
    place.server.deliver(mail(1))
    place.server.script["UID MOVE"] = [ENDLESS[what]]
    place.fails()
    assert place.poll() == []
    assert place.raws == [mail(1)]


# What breaks a parser.

PARENTHESES = "* 1 FETCH " + "(" * 50_000
BREAKING = {
    "parentheses": PARENTHESES,
    "parentheses that close": f"{PARENTHESES}{')' * 50_000}",
    "a zone of a hundred hours": '* 1 FETCH (UID 1 RFC822.SIZE 9 INTERNALDATE "01-Jan-2026 00:00:00 +9959")',
    "a year of many digits": '* 1 FETCH (UID 1 RFC822.SIZE 9 INTERNALDATE "01-Jan-99999999999999999999 00:00:00 +0000")',
    "a month that is none": '* 1 FETCH (UID 1 RFC822.SIZE 9 INTERNALDATE "01-Foo-2026 99:99:99 +0000")',
    "a date that is a list": "* 1 FETCH (UID 1 RFC822.SIZE 9 INTERNALDATE (1 2))",
    "a size that is a list": "* 1 FETCH (UID 1 RFC822.SIZE (1 2) INTERNALDATE NIL)",
    "a size of many digits": f"* 1 FETCH (UID 1 RFC822.SIZE {'9' * 5000})",
    "a UID of many digits": f"* 1 FETCH (UID {'9' * 5000})",
    "a UID below zero": "* 1 FETCH (UID -1 RFC822.SIZE 9)",
    "a message of no number": "* 1 FETCH",
    "a body structure of nothing": "* 1 FETCH (BODYSTRUCTURE ())",
    "an envelope of nothing": "* 1 FETCH (ENVELOPE ())",
    "an envelope that is a number": "* 1 FETCH (ENVELOPE 7)",
    "quotes that stay open": '* 1 FETCH (UID "',
    "a literal of nothing": "* 1 FETCH (UID 1 BODY[] {})",
    "a literal below zero": "* 1 FETCH (UID 1 BODY[] {-5})",
    "a literal inside quotes": '* 1 FETCH (UID 1 BODY[] "{5}")',
    "a literal that is huge": "* 1 FETCH (UID 1 BODY[] {999999999999999999999999}",
    "NULs": "* 1 FETCH (\0\0\0)",
    "an unknown charset": "* OK [BADCHARSET (\xff)] x",
}


@pytest.mark.parametrize("what", BREAKING)
def test_what_breaks_the_parser_is_the_servers_fault_and_the_next_poll_goes_on(field, what):
    place = field(patience=5.0)
    place.server.deliver(mail(1))
    place.server.script["UID FETCH"] = [BREAKING[what]]
    tolerant(place)
    place.poll()
    place.poll()
    assert place.raws == [mail(1)]


@pytest.mark.parametrize(
    "at", ["31-Dec-9999 23:59:59 -0100", "31-Dec-9999 23:59:59 -9959", "01-Jan-2026 00:00:00 +9959"]
)
def test_a_mail_from_the_end_of_time_came_in_now(field, at):
    place = field()
    place.server.deliver(mail(1))
    place.server.letters[0].internaldate = at
    assert place.poll() == [mail(1)]
    assert place.fetched[0].received_at <= place.now


@pytest.mark.parametrize(
    "uids", ["0", "4294967296", "99999999999999999999", "1 2 3 4 5 6 7", "-1", "x" * 5000, "9" * 5000]
)
def test_uids_that_are_none_or_not_there_hide_no_mail(field, uids):
    place = field()
    place.server.script["UID SEARCH"] = [f"* SEARCH {uids}"]
    place.server.deliver(mail(1))
    assert place.poll() == [mail(1)]
    place.server.deliver(mail(2))
    assert place.poll() == [mail(2)]


def test_a_mail_that_nobody_asked_for_is_not_taken(field):
    place = field()
    place.server.deliver(mail(1))
    lies = "* 9 FETCH (UID 4000000000 RFC822.SIZE 3 INTERNALDATE NIL BODY[] {3}\r\nlie)"
    place.server.script["UID FETCH"] = [lies, lies]
    assert place.poll() == [mail(1)]
    place.server.deliver(mail(2))
    assert place.poll() == [mail(2)]


def test_a_mail_that_never_comes_whole_is_had_by_its_beginning(field):
    place = field(patience=0.5)
    long = mail(1) + b"words\r\n" * 100_000
    place.server.deliver(long)
    place.server.broken[1] = "too slow"
    for _ in range(8):
        tolerant(place, timedelta(minutes=5))
    assert place.raws == [long[: 256 * 1024]]
    assert place.fetched[0].size == len(long)


# TLS.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    servers.need("openssl")
    folder = tmp_path_factory.mktemp("tls")
    servers._self_signed(folder / "key.pem", folder / "cert.pem")
    return folder


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("what", ["a drip", "a drip of TLS", "a flood", "a flood of TLS"])
def test_a_handshake_without_end_is_left(field, what, security):
    # A record of TLS begins with its kind, a version, and how long it is.
    streams = {
        "a drip": drip(),
        "a drip of TLS": drip(b"\x16\x03\x03\x40\x00\x02"),
        "a flood": flood(b"zero"),
        "a flood of TLS": flood(b"\x14\x03\x03\x00\x01\x01"),
    }
    place = field("STARTTLS" if security == "starttls" else "IDLE", patience=0.5, security=security)
    place.server.script["HANDSHAKE"] = [streams[what]]
    place.fails()
    place.server.quiet()


@pytest.mark.parametrize("what", ["a drip", "untagged lines", "one line"])
def test_an_answer_to_starttls_without_end_is_left(field, what):
    place = field("STARTTLS", patience=0.5, security="starttls")
    place.server.script["STARTTLS"] = [ENDLESS[what]]
    place.fails()
    place.server.quiet()


@pytest.mark.parametrize("what", ["a drip", "untagged lines"])
@pytest.mark.parametrize("verb", ["CAPABILITY", "UID SEARCH", "LOGOUT"])
def test_what_comes_encrypted_is_bounded_too(field, certificate, what, verb):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    place = field(patience=0.7, security="tls", ca_file=certificate / "cert.pem", host="localhost")
    place.server.tls = context
    place.server.script[verb] = [ENDLESS[what]]
    if verb == "LOGOUT":
        place.poll()
        place.mailbox.close()
    else:
        with pytest.raises(TryLater, match="its answer"):
            place.poll()
    place.server.quiet()


def test_the_daemon_waits_for_no_poll_longer_than_its_digest_may_be_late():
    assert Waits().turn + 30 < 90
    assert Waits().command <= Waits().turn
