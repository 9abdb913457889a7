"""A login by token, on a dovecot that asks a token server about each: as Microsoft 365 and Google do it."""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.fakes import MemoryLedger
from tests.support.token_server import token_dovecot
from triaged.adapters.imap.mailbox import ImapMailbox
from triaged.config.login import Auth
from triaged.config.settings import MailboxSettings
from triaged.ports import TryLater


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory(prefix="tt") as folder, token_dovecot(Path(folder) / "d") as there:
        yield there


@pytest.fixture
def mailbox(server, tmp_path, user):
    """A mailbox of that user, and the file in which its program finds a token."""
    token = tmp_path / "token"
    program = (sys.executable, "-c", f"print(open({str(token)!r}).read(), end='')")
    settings = MailboxSettings(
        host="localhost", port=server.port, security="none", username=user, auth=Auth(token_command=program)
    )
    box = ImapMailbox(settings)
    box.token = token
    yield box
    box.close()


def polled(box):
    return list(box.fetch_new(MemoryLedger(), datetime.now(UTC)))


def test_a_token_that_counts_opens_the_mailbox(server, mailbox, user):
    server.tokens.users["good.1"] = user
    mailbox.token.write_text("good.1\n")
    assert polled(mailbox) == []


def test_a_token_that_does_not_count_is_a_refused_login_and_is_not_shown(mailbox):
    mailbox.token.write_text("expired.token")
    with pytest.raises(TryLater) as refused:
        polled(mailbox)
    assert refused.value.login
    assert "expired.token" not in str(refused.value)


def test_another_users_token_is_refused(server, mailbox):
    server.tokens.users["theirs"] = "somebody-else"
    mailbox.token.write_text("theirs")
    with pytest.raises(TryLater):
        polled(mailbox)


def test_each_connection_asks_for_a_token_anew(server, mailbox, user):
    server.tokens.users["first"] = user
    mailbox.token.write_text("first")
    polled(mailbox)
    mailbox.close()
    # The first has run out since, and the program has another one.
    del server.tokens.users["first"]
    server.tokens.users["second"] = user
    mailbox.token.write_text("second")
    assert polled(mailbox) == []
