from datetime import UTC, datetime, timedelta

import pytest

from tests.support.fakes import MemoryLedger
from tests.support.servers import until
from triaged.adapters.imap.mailbox import ImapMailbox
from triaged.config.settings import MailboxSettings
from triaged.core.mail.arrival import Place
from triaged.ports import Refused, TryLater

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC)


def mail(number):
    return f"From: ann@example.org\r\nSubject: report {number}\r\n\r\nbody {number}\r\n".encode()


@pytest.fixture
def open_mailbox(dovecot, user, monkeypatch):
    monkeypatch.setenv("IMAP_PASSWORD", dovecot.password)
    opened = []

    def make(**changes):
        settings = {"host": "localhost", "port": dovecot.port, "security": "none"}
        mailbox = ImapMailbox(
            MailboxSettings(**{**settings, "username": user, "password_env": "IMAP_PASSWORD", **changes})
        )
        opened.append(mailbox)
        return mailbox

    yield make
    for mailbox in opened:
        mailbox.close()


def take(mailbox, ledger, now=None):
    fetched = list(mailbox.fetch_new(ledger, now or datetime.now(UTC)))
    ledger.take(fetched)
    return [each.raw for each in fetched]


def test_first_contact_leaves_old_mail_alone_and_takes_the_window(dovecot, user, open_mailbox):
    dovecot.append(user, mail(1), NOW - timedelta(days=30))
    dovecot.append(user, mail(2), NOW - timedelta(hours=47))
    dovecot.append(user, mail(3), NOW - timedelta(hours=49))
    dovecot.append(user, mail(4))
    assert take(open_mailbox(), MemoryLedger()) == [mail(2), mail(4)]


def test_old_mail_that_comes_after_first_contact_is_taken(dovecot, user, open_mailbox):
    mailbox, ledger = open_mailbox(), MemoryLedger()
    dovecot.append(user, mail(1), NOW - timedelta(days=30))
    assert take(mailbox, ledger) == []
    dovecot.append(user, mail(2), NOW - timedelta(days=60))
    assert take(mailbox, ledger) == [mail(2)]
    assert take(open_mailbox(), ledger) == []


def test_a_quiet_poll_asks_two_questions(dovecot, user, open_mailbox):
    mailbox, ledger = open_mailbox(), MemoryLedger()
    dovecot.append(user, mail(1))
    take(mailbox, ledger)
    imap = mailbox._client._imap
    before = imap.tagnum
    assert take(mailbox, ledger) == []
    assert imap.tagnum == before + 2


def test_the_flags_of_the_mailbox_stay_as_they_were(dovecot, user, open_mailbox):
    for number in range(3):
        dovecot.append(user, mail(number))
    with dovecot.session(user) as client:
        client.select("INBOX")
        client.store("2", "+FLAGS", "\\Seen")
    before = dovecot.flags(user)
    assert len(take(open_mailbox(), MemoryLedger())) == 3
    assert dovecot.flags(user) == before


def test_a_mail_over_the_limit_comes_as_its_beginning(dovecot, user, open_mailbox):
    big = b"From: ann@example.org\r\nSubject: big\r\n\r\n" + b"x" * 70 + b"\r\n" * 200_000
    dovecot.append(user, mail(1))
    dovecot.append(user, big)
    small, prefix = open_mailbox(max_size=100_000).fetch_new(MemoryLedger(), NOW)
    assert small.raw == mail(1)
    assert (prefix.raw, prefix.size) == (big[:262_144], len(big))


def test_a_thousand_mails_come_each_once(dovecot, user, open_mailbox):
    with dovecot.session(user) as client:
        for number in range(120):
            client.append("INBOX", "", None, mail(number))
    assert sorted(take(open_mailbox(), MemoryLedger())) == sorted(mail(number) for number in range(120))


def test_after_the_folder_was_made_anew_the_window_is_read_again(dovecot, user, open_mailbox):
    dovecot.create(user, "Reports")
    dovecot.append(user, mail(1), folder="Reports")
    mailbox, ledger = open_mailbox(folder="Reports"), MemoryLedger()
    assert take(mailbox, ledger) == [mail(1)]
    with dovecot.session(user) as client:
        client.delete("Reports")
        client.create("Reports")
    mailbox.close()
    dovecot.append(user, mail(1), folder="Reports")
    dovecot.append(user, mail(2), folder="Reports")
    assert take(mailbox, ledger) == [mail(1), mail(2)]
    assert len(ledger.contacts) == 2


def test_a_folder_is_named_in_plain_unicode(dovecot, user, open_mailbox):
    with dovecot.session(user) as client:
        assert client.create("S&AOk-curit&AOk-")[0] == "OK"
        client.append("S&AOk-curit&AOk-", "", None, mail(1))
    assert take(open_mailbox(folder="Sécurité"), MemoryLedger()) == [mail(1)]


def test_settled_mail_is_moved_where_the_settings_say(dovecot, user, open_mailbox):
    dovecot.create(user, "Filed")
    dovecot.append(user, mail(1))
    dovecot.append(user, mail(2))
    mailbox = open_mailbox(file_to="Filed")
    first, _ = mailbox.fetch_new(MemoryLedger(), NOW)
    mailbox.file(first.place)
    mailbox.file(first.place)
    assert (dovecot.count(user), dovecot.count(user, "Filed")) == (1, 1)


def test_a_keyword_is_set_and_nothing_else(dovecot, user, open_mailbox):
    dovecot.append(user, mail(1))
    mailbox = open_mailbox(keyword="$Triaged")
    (fetched,) = mailbox.fetch_new(MemoryLedger(), NOW)
    mailbox.file(fetched.place)
    assert "(UID 1 FLAGS ($Triaged))" in dovecot.flags(user)[0]


def test_a_place_under_another_uidvalidity_is_not_touched(dovecot, user, open_mailbox):
    dovecot.append(user, mail(1))
    mailbox = open_mailbox(keyword="$Triaged")
    list(mailbox.fetch_new(MemoryLedger(), NOW))
    mailbox.file(Place("INBOX", 1, 1))
    assert "$Triaged" not in dovecot.flags(user)[0]


def test_a_wrong_password_is_a_refused_login(open_mailbox, monkeypatch):
    monkeypatch.setenv("WRONG", "wrong")
    with pytest.raises(TryLater, match=r"refused the login of .* check mailbox.username") as caught:
        list(open_mailbox(password_env="WRONG").fetch_new(MemoryLedger(), NOW))
    assert caught.value.login


def test_a_missing_folder_names_those_that_are_there(dovecot, user, open_mailbox):
    dovecot.create(user, "Reports")
    with pytest.raises(Refused, match=r"there is no folder 'Reprots'; set mailbox.folder to one of: INBOX, Reports"):
        list(open_mailbox(folder="Reprots").fetch_new(MemoryLedger(), NOW))


def test_tls_is_verified_unless_the_authority_is_named(dovecot, user, open_mailbox):
    dovecot.append(user, mail(1))
    with pytest.raises(TryLater, match=r"its certificate cannot be trusted"):
        list(open_mailbox(port=dovecot.tls_port, security="tls").fetch_new(MemoryLedger(), NOW))
    trusted = open_mailbox(port=dovecot.tls_port, security="tls", ca_file=dovecot.ca_file)
    assert take(trusted, MemoryLedger()) == [mail(1)]
    upgraded = open_mailbox(security="starttls", ca_file=dovecot.ca_file)
    assert take(upgraded, MemoryLedger()) == [mail(1)]


@pytest.mark.parametrize("security", ["none", "tls"])
def test_new_mail_is_heard_of_between_polls(dovecot, user, open_mailbox, security):
    port = dovecot.tls_port if security == "tls" else dovecot.port
    mailbox, ledger = open_mailbox(port=port, security=security, ca_file=dovecot.ca_file), MemoryLedger()
    for number in range(3):
        assert take(mailbox, ledger) == []
        assert not mailbox.stirred()
        dovecot.append(user, mail(number))
        until(mailbox.stirred, what="nothing was heard")
        assert take(mailbox, ledger) == [mail(number)]


def test_the_same_object_goes_on_after_the_server_was_away(dovecot, user, open_mailbox):
    dovecot.append(user, mail(1))
    mailbox, ledger = open_mailbox(), MemoryLedger()
    take(mailbox, ledger)
    dovecot.stop()
    try:
        with pytest.raises(TryLater):
            take(mailbox, ledger)
        with pytest.raises(TryLater, match="connection was refused"):
            take(mailbox, ledger)
    finally:
        dovecot.start()
    dovecot.append(user, mail(2))
    assert take(mailbox, ledger) == [mail(2)]


def test_the_probe_says_what_the_server_can_do(open_mailbox):
    found = open_mailbox().probe()
    assert {"MOVE", "UIDPLUS", "IDLE"} <= found
