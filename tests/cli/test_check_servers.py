"""`triaged check` against servers: what it asks of them, and what it leaves as it was."""

import imaplib
from contextlib import closing

import pytest

from tests.cli.conftest import CONFIG
from tests.support.scripted_imap import ScriptedImap
from tests.support.scripted_smtp import scripted
from tests.support.servers import smtp_sink

pytestmark = pytest.mark.slow


@pytest.fixture
def imap():
    with closing(Stopped()) as server:
        yield server


class Stopped(ScriptedImap):
    close = ScriptedImap.stop


@pytest.fixture
def check(config, imap, triaged):
    """Run it with this submission server, and more settings."""

    def command(smtp_port, code=0, *, smtp="", mailbox=""):
        text = CONFIG.replace(
            "port: 1, security: none, username", f"port: {imap.port}, security: none{mailbox}, username"
        )
        config.write_text(text.replace("port: 1, security: none}", f"port: {smtp_port}, security: none{smtp}}}"))
        return triaged("check", code=code)

    return command


def test_both_senders_and_each_of_the_team_are_tried_and_no_mail_is_begun(check):
    with scripted() as server:
        assert "and would take mail for the team; no mail was sent" in check(server.port)
        verbs = [line for line in server.commands if not line.upper().startswith("EHLO")]
    senders = [line.lower().removeprefix("mail from:").split()[0] for line in verbs if line.lower().startswith("mail")]
    assert senders == ["<>", "<security@smallest.ai>"]
    assert [line.lower() for line in verbs if line.lower().startswith("rcpt")] == ["rcpt to:<team@smallest.ai>"] * 2
    assert [line.upper() for line in verbs].count("RSET") >= 2
    assert not [line for line in verbs if line.upper().startswith(("DATA", "BDAT"))]


def test_the_envelope_sender_of_the_settings_is_the_one_that_is_tried(check):
    with scripted() as server:
        check(server.port, smtp=", envelope_from: bounces@smallest.ai")
        assert "mail from:<bounces@smallest.ai>" in [line.lower() for line in server.commands]


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"mail": ["550 5.7.1 null sender refused"]}, "mail from <> to <team@smallest.ai>"),
        ({"mail": ["250 ok", "553 5.7.1 not yours"]}, "mail from <security@smallest.ai> to <team@smallest.ai>"),
        ({"mail": ["530 5.7.0 log in first"]}, "check smtp.username"),
        ({"rcpt": ["554 5.7.1 Relay access denied"]}, "and that it relays for us"),
        ({"rcpt": ["550 5.1.1 User unknown"]}, "correct digest.to"),
        ({"rcpt": ["250 ok", "550 5.1.8 Sender rejected"]}, "mail from <security@smallest.ai> to <team@smallest.ai>"),
    ],
)
def test_a_server_that_would_refuse_our_mail_is_a_fault_with_its_remedy(check, answers, says):
    with scripted(**answers) as server:
        said = check(server.port, 69)
    (fault,) = [line for line in said.splitlines() if line.startswith("fault")]
    assert fault.startswith("fault   smtp")
    assert says in fault


def test_what_passes_by_itself_is_for_later(check):
    with scripted(rcpt=["451 4.7.1 greylisted"]) as server:
        assert "greylisted" in check(server.port, 75)


@pytest.mark.parametrize("mailbox", ["", ", file_to: Filed", ", keyword: $Triaged"])
def test_the_folder_is_only_examined(check, imap, mailbox):
    with smtp_sink() as sink:
        check(sink.port, mailbox=mailbox)
    assert imap.count("EXAMINE") == 1
    assert imap.count("SELECT") == 0


def test_the_folder_of_sent_mail_is_only_examined_too(check, imap):
    with smtp_sink() as sink:
        said = check(sink.port, mailbox=", sent_folder: INBOX")
    assert (imap.count("EXAMINE"), imap.count("SELECT")) == (2, 0)
    assert "sent folder" in said


def test_a_folder_of_sent_mail_that_is_not_there_is_a_fault_with_its_remedy(check, imap):
    with smtp_sink() as sink:
        said = check(sink.port, 69, mailbox=", sent_folder: Sent")
    assert "there is no folder 'Sent'; set mailbox.sent_folder to one of: INBOX" in said


@pytest.mark.parametrize("more", ["", "  keyword: $Triaged\n"])
def test_new_mail_is_as_new_as_before(dovecot, user, config, triaged, monkeypatch, more):
    monkeypatch.setenv("TRIAGED_PASSWORD", dovecot.password)
    dovecot.append(user, b"Subject: a\r\n\r\nb\r\n")
    maildir = dovecot.folder / "mail" / user / "Maildir"
    arrived = sorted(maildir.glob("cur/*")) + sorted(maildir.glob("new/*"))
    for path in arrived:
        # As a delivery agent leaves it: what IMAP's APPEND stores is seen by the session that stored it.
        path.rename(maildir / "new" / path.name.partition(":")[0])
    with smtp_sink() as sink:
        mailbox = f"mailbox:\n  host: localhost\n  port: {dovecot.port}\n  security: none\n  username: {user}\n"
        lines = [line for line in CONFIG.splitlines() if not line.startswith("mailbox")]
        text = "\n".join(lines) + f"\n{mailbox}  password_env: TRIAGED_PASSWORD\n{more}"
        config.write_text(text.replace("port: 1,", f"port: {sink.port},"))
        triaged("check")
        assert [path.parent.name for path in maildir.glob("[cn][ue][rw]/*")] == ["new"]
        with imaplib.IMAP4("localhost", dovecot.port) as client:
            client.login(user, dovecot.password)
            client.select("INBOX")
    assert [path.parent.name for path in maildir.glob("[cn][ue][rw]/*")] == ["cur"], "the test can tell"
