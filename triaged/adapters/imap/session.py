"""One session with the IMAP server: opened, listened on, ended. What imaplib has no public way for is done here alone."""

import imaplib
import select
import ssl
import time
from contextlib import suppress

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from triaged.adapters.imap.faults import FAILURES, login_fault
from triaged.adapters.network import verifying_context
from triaged.config.settings import MailboxSettings
from triaged.config.yaml_source import SettingsError
from triaged.ports import TryLater

CONNECT_WITHIN = 15.0
_FAREWELL_WITHIN = 1.0
# RFC 2177 lets a server hang up after half an hour; providers and NAT boxes do so after ten minutes.
_RENEW_AFTER = 9 * 60
_REST = 3600.0

# A SEARCH that finds 140,000 mails is answered in one line of over a megabyte, which is where imaplib gives up.
imaplib._MAXLINE = 16 * 1024 * 1024  # type: ignore[attr-defined]  # noqa: SLF001


def connected(settings: MailboxSettings, patience: float) -> IMAPClient:
    """A connection, encrypted as the settings say, on which every read ends within `patience` seconds."""
    context = None if settings.security == "none" else verifying_context(settings.ca_file)
    client = IMAPClient(
        settings.host,
        settings.port,
        ssl=settings.security == "tls",
        ssl_context=context if settings.security == "tls" else None,
        timeout=SocketTimeout(connect=min(CONNECT_WITHIN, patience), read=patience),
    )
    try:
        _tame(client, settings.max_size)
        if settings.security == "starttls":
            client.starttls(context)
    except BaseException:
        shut(client)
        raise
    return client


def _tame(client: IMAPClient, max_size: int) -> None:
    imap = client._imap  # noqa: SLF001 - there is no public way
    # imapclient sets imaplib's debug level to 5, which makes imaplib repr() every literal even when nobody logs
    # it: 2.7 times the time on small mails, 8.7 times on large ones.
    imap.debug = 0
    # Otherwise INTERNALDATE comes as naive local time, wrong by an hour twice a year.
    client.normalise_times = False
    # imaplib takes memory for as many bytes as the server announces. Twice the limit: RFC822.SIZE is an estimate on
    # some servers.
    most, read = 2 * max_size + 1024 * 1024, imap.read

    def bounded(size: int) -> bytes:
        if size > most:
            raise imaplib.IMAP4.abort(f"unexpected literal of {size} bytes")
        return bytes(read(size))

    imap.read = bounded


def log_in(client: IMAPClient, settings: MailboxSettings) -> None:
    """Log in, or raise TryLater with what to do."""
    try:
        password = settings.password()
    except SettingsError as error:
        raise TryLater(str(error), login=True) from error
    try:
        if (settings.username + password).isascii():
            client.login(settings.username, password)
        else:
            # LOGIN takes ASCII; the PLAIN mechanism is UTF-8 (RFC 4616).
            client.plain_login(settings.username, password)
    except LoginError as error:
        raise login_fault(settings, error) from error


def search(client: IMAPClient, *criteria: str) -> set[int]:
    """The UIDs found. Unlike imapclient's it takes an answer in several lines, or one that nobody asked for beside it."""
    kind, lines = client._imap.uid("SEARCH", *criteria)  # noqa: SLF001 - imaplib's, and public there
    if kind != "OK":
        raise imaplib.IMAP4.error(f"search failed: {lines[0].decode('ascii', 'replace')}")
    return {int(word) for line in lines if line for word in line.split() if word.isdigit()}


def forget_news(client: IMAPClient) -> None:
    """Drop what the server told unasked: imaplib would collect it for as long as the session lasts."""
    untagged = client._imap.untagged_responses  # noqa: SLF001 - there is no public way
    for kind in ("EXISTS", "RECENT", "EXPUNGE", "FETCH"):
        untagged.pop(kind, None)


def shut(client: IMAPClient) -> None:
    """Close the connection without a word; no socket is left behind."""
    with suppress(*FAILURES):
        client.shutdown()


class Idling:
    """IDLE (RFC 2177) on the mailbox's own session, between two polls: never waits for news, only looks whether there are."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._resting_until = 0.0

    def stirred(self, client: IMAPClient) -> bool:
        """Whether the server has told of new mail since the last poll. Raises what `FAILURES` lists."""
        if self._since is None:
            if time.monotonic() < self._resting_until or not client.has_capability("IDLE"):
                return _news(client)
            return self._begin(client)
        if time.monotonic() - self._since > _RENEW_AFTER or _readable(client):
            # Left and begun anew at the next look; what was said is read on the way out.
            self.leave(client)
        return _news(client)

    def leave(self, client: IMAPClient) -> None:
        """Make the session ready for commands."""
        if self._since is not None:
            self._since = None
            client.idle_done()

    def forget(self) -> None:
        """The session is gone."""
        self._since = None

    def _begin(self, client: IMAPClient) -> bool:
        # Mail that came since the search is told now; told together with the server's consent it would lie unread.
        client.noop()
        if _news(client):
            return True
        # A server that says it can, and then cannot, is not asked again with every poll.
        self._resting_until = time.monotonic() + _REST
        imap = client._imap  # noqa: SLF001 - imapclient's idle() fails when anything comes before the consent
        tag = client._idle_tag = imap._command("IDLE")  # noqa: SLF001
        while imap._get_response() is not None:  # noqa: SLF001
            if imap.tagged_commands[tag]:
                imap.tagged_commands.pop(tag)
                return False
        self._since, self._resting_until = time.monotonic(), 0.0
        return _news(client)


def say_goodbye(client: IMAPClient, idling: Idling) -> None:
    """Log out if the server answers at once, and close the connection in any case."""
    with suppress(*FAILURES):
        client.socket().settimeout(_FAREWELL_WITHIN)
        idling.leave(client)
        client.logout()
    shut(client)


def _news(client: IMAPClient) -> bool:
    there = "EXISTS" in client._imap.untagged_responses  # noqa: SLF001 - there is no public way
    forget_news(client)
    return there


def _readable(client: IMAPClient) -> bool:
    """Whether bytes, or the end of the connection, lie on the socket."""
    sock = client.socket()
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
