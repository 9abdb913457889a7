"""IMAP as it is in the field: what servers do that the standard does not have, against one that does it by script."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.fakes import MemoryLedger
from tests.scripted_imap import ScriptedImap
from tests.servers import until
from triaged.adapters.imap import ImapMailbox
from triaged.ports import Refused, TryLater
from triaged.settings import MailboxSettings

NOW = datetime.now(UTC)


def mail(number):
    return f"From: ann@example.org\r\nSubject: report {number}\r\n\r\n{'body ' * 9}{number}\r\n".encode()


class Place:
    """A scripted server, a mailbox on it, and a ledger; `raws` is all that was ever taken in."""

    def __init__(self, server, mailbox):
        self.server, self.mailbox = server, mailbox
        self.ledger = MemoryLedger()
        self.now = NOW
        self.fetched = []

    @property
    def raws(self):
        return [each.raw for each in self.fetched]

    def poll(self, later=timedelta(minutes=1)):
        """One pass as the daemon does it: each mail is known before the next is asked for."""
        self.now += later
        came = []
        for each in self.mailbox.fetch_new(self.ledger, self.now):
            self.ledger.take([each])
            self.fetched.append(each)
            self.mailbox.file(each.place)
            came.append(each.raw)
        return came

    def fails(self, polls=1):
        for _ in range(polls):
            with pytest.raises((TryLater, Refused)) as caught:
                self.poll()
            assert_plain(str(caught.value))
        return caught.value


def assert_plain(said):
    """One sentence that a person can use: none of a library's insides."""
    assert "\n" not in said
    assert said.startswith("127.0.0.1:")
    for inside in ("Errno", "Traceback", "b'", "=>", "socket error", "command:", "Exception"):
        assert inside not in said, said


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def field(monkeypatch):
    """Builds a `Place`; afterwards nothing is left of it, and no bare EXPUNGE was ever sent."""
    monkeypatch.setenv("IMAP_PASSWORD", "secret")
    threads, files = threading.active_count(), open_files()
    places = []

    def make(capabilities="IDLE MOVE UIDPLUS", *, keywords=True, patience=20.0, **changes):
        server = ScriptedImap(capabilities, keywords=keywords)
        settings = {"host": "127.0.0.1", "port": server.port, "security": "none", "username": "ann"}
        mailbox = ImapMailbox(MailboxSettings(**{**settings, "password_env": "IMAP_PASSWORD", **changes}), patience)
        places.append(Place(server, mailbox))
        return places[-1]

    yield make
    for place in places:
        place.mailbox.close()
        place.server.quiet()
        place.server.stop()
        assert place.server.most_open <= 1
        assert place.server.count("EXPUNGE") == 0
    assert threading.active_count() == threads
    assert open_files() == files


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
    assert said.startswith("the mail with UID 1 in INBOX: ")
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
    for _ in range(5):
        assert place.poll() == []
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


# What the server calls a mail.


def test_a_folder_numbered_anew_between_sessions_is_read_again_under_its_new_numbers(field):
    place = field()
    for number in range(3):
        place.server.deliver(mail(number))
    place.poll()
    place.server.expunge(1)
    place.server.renumber(2)
    place.server.script["NOOP"] = ["hang up"]
    place.server.deliver(mail(3))
    assert place.poll() == [mail(1), mail(2), mail(3)]
    assert {(each.place.uidvalidity, each.place.uid): each.raw for each in place.fetched[3:]} == {
        (2, 1): mail(1),
        (2, 2): mail(2),
        (2, 3): mail(3),
    }


def test_a_folder_numbered_anew_in_the_middle_of_a_pass_gives_no_mail_another_ones_number(field):
    place = field(file_to="Filed", max_size=65536)
    for number in range(4):
        place.server.deliver(mail(number) + b"x" * 70_000)
    place.server.script["UID MOVE"] = ["hang up"]
    place.server.after["UID FETCH"] = lambda: place.server.after.update(
        {"UID FETCH": lambda: (place.server.expunge(1), place.server.renumber(2))}
    )
    place.fails()
    while place.server.letters:
        place.poll()
    by_place = {}
    for each in place.fetched:
        assert by_place.setdefault(each.place, each.raw) == each.raw
    assert {each.raw[:60] for each in place.fetched} == {mail(number)[:60] for number in range(4)}


def test_a_folder_restored_from_a_backup_loses_no_mail_that_comes_under_a_used_number(field):
    place = field()
    for number in range(5):
        place.server.deliver(mail(number))
    place.poll()
    for uid in (4, 5):
        place.server.expunge(uid)
    place.server.uidnext = 4
    place.server.deliver(mail(10))
    place.server.script["NOOP"] = ["hang up"]
    with capture_logs() as logs:
        assert mail(10) in place.poll()
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == [
        "UIDs given anew; the window is read again"
    ]
    for number in range(11, 15):
        place.server.deliver(mail(number))
        assert place.poll() == [mail(number)]
    searches = place.server.count("UID FETCH")
    assert place.poll() == []
    assert place.server.count("UID FETCH") == searches


def test_a_folder_without_numbers_is_said_to_be_so(field):
    place = field()
    place.server.uidvalidity = 0
    assert "without UIDVALIDITY and UIDNEXT" in str(place.fails())


# Filing.


def test_without_move_mail_is_copied_and_that_copy_alone_expunged(field):
    place = field("UIDPLUS", file_to="Filed")
    place.server.deliver(mail(1))
    place.server.deliver(mail(2)).flags.add("\\Deleted")
    place.poll()
    assert (place.server.filed, place.server.letters) == ([mail(1), mail(2)], [])
    assert (place.server.count("UID COPY"), place.server.count("UID EXPUNGE")) == (2, 2)


def test_without_move_and_uidplus_mail_stays_where_it_is(field):
    place = field("IDLE", file_to="Filed")
    place.server.deliver(mail(1))
    with pytest.raises(Refused, match="has neither MOVE nor UIDPLUS"):
        place.poll()
    assert place.server.letters[0].flags == set()


def test_without_keywords_the_ledger_knows_all_the_same(field):
    place = field(keywords=False, keyword="$Triaged")
    place.server.script["UID STORE"] = ["NO no keywords here"] * 2
    for number in range(2):
        place.server.deliver(mail(number))
    came = []
    for each in place.mailbox.fetch_new(place.ledger, NOW):
        place.ledger.take([each])
        came.append(each.raw)
        with pytest.raises(TryLater, match="it refused STORE: no keywords here"):
            place.mailbox.file(each.place)
    assert came == [mail(0), mail(1)]
    assert place.poll() == []
    assert place.server.count("LOGIN") == 1
    assert not place.mailbox.probe().keywords_allowed


def test_a_backlog_that_cannot_be_filed_costs_no_login_for_each_mail(field):
    place = field(file_to="Filed")
    for number in range(20):
        place.server.deliver(mail(number))
    place.server.script["UID MOVE"] = ["hang up"] * 20
    for each in place.mailbox.fetch_new(place.ledger, NOW):
        place.ledger.take([each])
        with pytest.raises(TryLater) as caught:
            place.mailbox.file(each.place)
        assert_plain(str(caught.value))
    assert len(place.ledger.places) == 20
    assert place.server.count("LOGIN") == 1


# Being let in.


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ("NO [AUTHENTICATIONFAILED] invalid credentials", True),
        ("NO login failed", True),
        ("NO [ALERT] Application-specific password required", True),
        ("NO User is authenticated but not connected.", True),
        ("BAD Command Argument Error. 12", True),
        ("NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded", False),
        ("NO [LIMIT] over quota", False),
        ("NO Too many simultaneous connections. (Failure)", False),
        ("NO [INUSE] locked by another session", False),
        ("BYE too busy", False),
        ("hang up", False),
    ],
)
def test_only_a_real_refusal_of_a_login_counts_as_one(field, answer, refused):
    place = field()
    place.server.script["LOGIN"] = [answer]
    assert place.fails().login == refused
    assert place.server.count("LOGIN") == 1
    assert place.poll() == []


def test_a_greeting_that_turns_us_away_is_told_in_its_words(field):
    place = field()
    place.server.script["GREETING"] = ["BYE Too many connections, come back later"]
    assert str(place.fails()).endswith("it turned us away: BYE Too many connections, come back later")


def test_a_folder_that_does_not_open_today_is_not_called_a_missing_one(field):
    place = field()
    place.server.script["EXAMINE"] = ["NO [UNAVAILABLE] the backend is down"]
    error = place.fails()
    assert isinstance(error, TryLater)
    assert "folder 'INBOX' does not open: it refused SELECT: [UNAVAILABLE] the backend is down" in str(error)


def test_a_missing_folder_is_told_with_those_that_are_there_whatever_their_names(field):
    place = field(folder="Reports")
    place.server.folders = [
        b'"S&AOk-curit&AOk-"',
        b'"Work/\\"x\\""',
        b'"INBOX"',
        b'"\x1b[31mred"',
        b"1999",
        b'"Caf\xc3\xa9"',
    ]
    error = place.fails()
    assert isinstance(error, Refused)
    assert "Sécurité" in str(error)
    assert "\x1b" not in str(error)


def test_a_list_of_folders_that_cannot_be_read_hides_nothing(field):
    place = field(folder="Reports")
    place.server.folders = [b'"unclosed']
    assert "there is no folder 'Reports'" in str(place.fails())


def test_a_session_that_dies_between_polls_is_replaced_within_the_poll(field):
    place = field()
    place.poll()
    for _ in range(3):
        place.server.script["NOOP"] = ["hang up"]
        place.server.deliver(mail(place.server.uidnext))
        assert place.poll() == [mail(place.server.uidnext - 1)]
    assert place.server.count("LOGIN") == 4


def test_a_password_that_is_not_ascii_goes_by_plain(field, monkeypatch):
    place = field()
    monkeypatch.setenv("IMAP_PASSWORD", "pässwörd")
    error = place.fails()
    assert place.server.count("AUTHENTICATE") == 1
    assert "ä" not in str(error)


# Listening.


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


def test_idle_is_renewed_before_nine_minutes_have_passed(field, monkeypatch):
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
    place = field()
    place.poll()
    place.mailbox.stirred()
    place.server.script["DONE"] = ["silence"]
    began = threading.active_count()
    place.mailbox.close()
    place.server.quiet()
    assert threading.active_count() <= began
    assert place.server.count("LOGOUT") == 0
