"""The commands of one IMAP session: login, search, move, IDLE and logout."""

import imaplib
import select
import ssl
import time
from contextlib import suppress

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from triaged.adapters.bounded import Allowance
from triaged.adapters.credentials import password_of, token_of
from triaged.adapters.imap.connection import shut
from triaged.adapters.imap.faults import FAILURES, login_fault
from triaged.config.settings import MailboxSettings
from triaged.config.yaml_source import SettingsError
from triaged.core.oauth import TokenRefusedError, oauthbearer, xoauth2
from triaged.ports import TryLater

_FAREWELL_WITHIN = 0.5
# RFC 2177 lets a server hang up after half an hour; providers and NAT boxes do so after ten minutes.
_RENEW_AFTER = 9 * 60
_REST = 3600.0
_HIGHEST_UID = 2**32 - 1
_LONGEST_UID = 10


def log_in(client: IMAPClient, settings: MailboxSettings) -> None:
    """Log in; raises TryLater with the remedy."""
    try:
        if token := token_of(settings):
            _log_in_by_token(client, settings, token)
            return
        password = password_of(settings)
    except (SettingsError, TokenRefusedError) as error:
        raise TryLater(str(error), login=True) from error
    try:
        if (settings.username + password).isascii():
            client.login(settings.username, password)
        else:
            # LOGIN takes ASCII; the PLAIN mechanism is UTF-8 (RFC 4616).
            client.plain_login(settings.username, password)
    except LoginError as error:
        raise login_fault(settings, error) from error


def _log_in_by_token(client: IMAPClient, settings: MailboxSettings, token: str) -> None:
    mechanism, first = "XOAUTH2", xoauth2(settings.username, token)
    if not client.has_capability("AUTH=XOAUTH2"):
        mechanism, first = "OAUTHBEARER", oauthbearer(settings.username, token, settings.host, settings.port)
    # A refusal comes as a challenge first, and only an empty answer to it brings the reason (RFC 7628 section 3.2.3).
    answers = iter((first.encode(),))
    try:
        client._imap.authenticate(mechanism, lambda _: next(answers, b""))  # noqa: SLF001 - imaplib's, and public there
    except imaplib.IMAP4.error as error:
        refused = LoginError(str(error))
        refused.__context__ = error
        raise login_fault(settings, refused) from error


def search(client: IMAPClient, *criteria: str) -> set[int]:
    """The UIDs found. Unlike imapclient's search it accepts several answer lines and unsolicited ones among them."""
    kind, lines = client._imap.uid("SEARCH", *criteria)  # noqa: SLF001 - imaplib's, and public there
    if kind != "OK":
        raise imaplib.IMAP4.error(f"search failed: {lines[0].decode('ascii', 'replace')}")
    return {int(word) for line in lines if line for word in line.split() if _is_uid(word)}


def _is_uid(word: bytes) -> bool:
    # RFC 9051 section 2.3.1.1: from 1 to 2**32 - 1. A larger one, if believed, would hide all later mail.
    return word.isdigit() and len(word) <= _LONGEST_UID and 0 < int(word) <= _HIGHEST_UID


def folders(client: IMAPClient) -> list[str]:
    """The names of the folders, for an error message; empty if the server does not list them."""
    with suppress(*FAILURES):
        return sorted(str(name) for _, _, name in client.list_folders())
    return []


def move(client: IMAPClient, uid: int, folder: str) -> bool:
    """Move a mail; False if the server offers no safe way to."""
    if client.has_capability("MOVE"):
        client.move([uid], folder)
    elif client.has_capability("UIDPLUS"):
        client.copy([uid], folder)
        client.delete_messages([uid], silent=True)
        # UID EXPUNGE (RFC 4315): a bare EXPUNGE would also remove mail that other people marked as deleted.
        client.uid_expunge([uid])
    else:
        return False
    return True


def forget_news(client: IMAPClient) -> None:
    """Drop unsolicited responses, which imaplib would otherwise collect for as long as the session lasts."""
    untagged = client._imap.untagged_responses  # noqa: SLF001 - there is no public way
    for kind in ("EXISTS", "RECENT", "EXPUNGE", "FETCH"):
        untagged.pop(kind, None)


class Idling:
    """IDLE (RFC 2177) on the mailbox's own session between two polls. It never waits: it only checks for news."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._resting_until = 0.0

    def stirred(self, client: IMAPClient) -> bool:
        """True if the server has announced new mail since the last poll. Raises one of `FAILURES`."""
        if self._since is None:
            if time.monotonic() < self._resting_until or not client.has_capability("IDLE"):
                return _news(client)
            return self._begin(client)
        if time.monotonic() - self._since > _RENEW_AFTER or _readable(client):
            # Leaving reads what the server said; the next check begins IDLE again.
            self.leave(client)
        return _news(client)

    def leave(self, client: IMAPClient) -> None:
        """End IDLE if it is on, so that the session takes commands again."""
        if self._since is not None:
            self._since = None
            client._imap.allow()  # noqa: SLF001 - DONE is the end of a command, and no other
            client.idle_done()

    def forget(self) -> None:
        """Note that the session is gone, and IDLE with it."""
        self._since = None

    def _begin(self, client: IMAPClient) -> bool:
        # NOOP reports mail that came since the search. Reported together with the answer to IDLE, it would go unnoticed.
        client.noop()
        if _news(client):
            return True
        # A server that offers IDLE and then refuses it is not asked again at every poll.
        self._resting_until = time.monotonic() + _REST
        imap = client._imap  # noqa: SLF001 - imapclient's idle() fails when anything comes before the consent
        tag = client._idle_tag = imap._command("IDLE")  # noqa: SLF001
        while imap._get_response() is not None:  # noqa: SLF001
            if imap.tagged_commands[tag]:
                imap.tagged_commands.pop(tag)
                return False
        self._since, self._resting_until = time.monotonic(), 0.0
        return _news(client)


def say_goodbye(client: IMAPClient, allowance: Allowance, idling: Idling) -> None:
    """Log out if the server answers at once, and close the connection in any case."""
    allowance.turn(_FAREWELL_WITHIN)
    with suppress(*FAILURES):
        idling.leave(client)
        client.logout()
    shut(client)


def _news(client: IMAPClient) -> bool:
    there = "EXISTS" in client._imap.untagged_responses  # noqa: SLF001 - there is no public way
    forget_news(client)
    return there


def _readable(client: IMAPClient) -> bool:
    """True if the socket has bytes to read or has reached its end."""
    sock = client.socket()
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
