"""A connection to the IMAP server, encrypted as the settings say and limited in time and octets.

Only this module and `session` use private parts of imaplib and imapclient.
"""

import imaplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from imapclient import IMAPClient

from triaged.adapters.bounded import CONNECT_WITHIN, Allowance, bounding, dialled
from triaged.adapters.imap.faults import FAILURES, TOO_LONG
from triaged.adapters.network import verifying_context
from triaged.config.settings import MailboxSettings
from triaged.core.mail.folder import BYTES_AT_ONCE

# A SEARCH that finds 140,000 mails answers in one line of over a megabyte, and imaplib refuses longer lines.
imaplib._MAXLINE = 16 * 1024 * 1024  # type: ignore[attr-defined]  # noqa: SLF001
_MEBIBYTE = 1024 * 1024
# Most answers are parsed, which takes up to twenty times their size in memory; the answer to SEARCH is only split.
_TEXT, _TEXT_OF_SEARCH = 4 * _MEBIBYTE, 16 * _MEBIBYTE


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds that the server gets for one command, and for all commands of one call to `ImapMailbox`."""

    command: float = 30.0
    turn: float = 45.0
    """The daemon's worker is blocked this long, and digests and alerts must leave within 90 s."""


class _Imap(imaplib.IMAP4):
    """imaplib, held to an allowance. A literal may be as large as a mail; the text around literals may not."""

    def __init__(
        self, settings: MailboxSettings, allowance: Allowance, seconds: float, context: ssl.SSLContext | None
    ) -> None:
        self._allowance, self._seconds, self._context = allowance, seconds, context
        # Twice the limit: RFC822.SIZE is an estimate on some servers.
        self._most = 2 * max(settings.max_size, BYTES_AT_ONCE) + _MEBIBYTE
        self.allow()
        super().__init__(settings.host, settings.port)

    def allow(self, text: int = _TEXT) -> None:
        """Begin a command, or a step that counts as one, such as reading the greeting."""
        self._text_left, self._literals_left = text, self._most
        self._allowance.command(self._seconds, text + self._most)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        _ = timeout
        return dialled(self.host, self.port, self._allowance, self._context)

    def _command(self, name: str, *args: object) -> object:
        self.allow(_TEXT_OF_SEARCH if "SEARCH" in args else _TEXT)
        return super()._command(name, *args)  # type: ignore[misc]

    def readline(self) -> bytes:
        try:
            line = super().readline()
        except self.error as error:
            # imaplib raises the same exception for an over-long line as for a refused command, such as a login.
            raise self.abort(TOO_LONG) from error
        self._text_left -= len(line)
        if self._text_left < 0:
            raise self.abort(TOO_LONG)
        return line

    def read(self, size: int) -> bytes:
        # imaplib allocates as many bytes as the server announces.
        self._literals_left -= size
        if self._literals_left < 0:
            raise self.abort(f"unexpected literal of {size} bytes")
        return super().read(size)


class _Client(IMAPClient):  # type: ignore[misc]
    """imapclient, made to use `_Imap`."""

    def __init__(self, settings: MailboxSettings, make: Callable[[], _Imap]) -> None:
        self._make = make
        super().__init__(settings.host, settings.port, ssl=settings.security == "tls", timeout=CONNECT_WITHIN)

    def _create_IMAP4(self) -> _Imap:  # noqa: N802 - imapclient's name
        return self._make()


def connected(settings: MailboxSettings, allowance: Allowance, seconds: float) -> IMAPClient:
    """Connect, encrypted as the settings say. Every command on the connection ends within `seconds`."""
    context = None if settings.security == "none" else bounding(verifying_context(settings.ca_file), allowance)
    client = _Client(
        settings, lambda: _Imap(settings, allowance, seconds, context if settings.security == "tls" else None)
    )
    # imapclient sets imaplib's debug level to 5, which makes imaplib repr() every literal even when nobody logs
    # it: 2.7 times the time on small mails, 8.7 times on large ones.
    client._imap.debug = 0  # noqa: SLF001 - there is no public way
    # Otherwise INTERNALDATE comes as naive local time, wrong by an hour twice a year.
    client.normalise_times = False
    try:
        if settings.security == "starttls":
            client.starttls(context)
    except BaseException:
        shut(client)
        raise
    return client


def shut(client: IMAPClient) -> None:
    """Close the connection without LOGOUT; no socket is left behind."""
    with suppress(*FAILURES):
        client.shutdown()
