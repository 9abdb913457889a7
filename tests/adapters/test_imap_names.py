"""IMAP as it is in the field: numbers that change, mail that is filed, and being let in, on a scripted server."""

from contextlib import closing
from itertools import islice

import pytest
from structlog.testing import capture_logs

from tests.support.imap_place import NOW, assert_plain, mail
from triaged.ports import Refused, TryLater

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


def test_a_restored_folder_is_read_to_its_end_although_every_pass_is_cut_short(field):
    place = field()
    for number in range(5):
        place.server.deliver(mail(number))
    place.poll()
    for uid in (4, 5):
        place.server.expunge(uid)
    place.server.uidnext = 4
    place.server.deliver(mail(10))
    place.server.script["NOOP"] = ["hang up"]
    for _ in range(6):
        with closing(place.mailbox.fetch_new(place.ledger, place.now)) as coming:
            for each in islice(coming, 2):
                place.ledger.take([each])
                place.fetched.append(each)
    assert mail(10) in place.raws


def test_a_folder_without_numbers_is_said_to_be_so(field):
    place = field()
    place.server.uidvalidity = 0
    assert "without UIDVALIDITY and UIDNEXT" in str(place.fails())


def test_an_answer_to_a_search_may_be_a_line_of_over_a_megabyte(field):
    place = field()
    place.server.deliver(mail(1))
    far = " ".join(str(uid) for uid in range(4_000_000_000, 4_000_120_000))
    place.server.script["UID SEARCH"] = [f"* SEARCH {far}"]
    assert place.poll() == [mail(1)]


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


def test_a_server_that_keeps_no_keywords_is_told_of_in_the_log(field):
    with capture_logs() as logs:
        field(keywords=False, keyword="$Triaged").poll()
        field(keywords=True, keyword="$Triaged").poll()
    told = [line for line in logs if line["event"] == "the server keeps no keywords"]
    assert [(line["log_level"], line["keyword"]) for line in told] == [("warning", "$Triaged")]


def test_a_folder_that_can_only_be_read_is_said_to_be_so(field):
    place = field(keyword="$Triaged")
    place.server.script["SELECT"] = ["* OK [READ-ONLY] it is shared"]
    assert "the folder is read-only" in str(place.fails())


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


@pytest.mark.parametrize("capabilities", ["IDLE", "STARTTLS"])
def test_a_server_without_tls_is_sent_no_password(field, capabilities):
    place = field(capabilities, security="starttls")
    place.server.script["STARTTLS"] = ["NO not today"]
    assert str(place.fails()).endswith("it does not start TLS; check port and security")
    assert place.server.count("LOGIN") == 0


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
