"""One session with the submission server: connected, encrypted, logged in, and limited in time and octets."""

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass

from triaged.adapters.bounded import Allowance, TooMuchError, bounding, dialled
from triaged.adapters.credentials import password_of, token_of
from triaged.adapters.network import cause, verifying_context
from triaged.config.settings import SmtpSettings
from triaged.config.yaml_source import SettingsError
from triaged.core.oauth import TokenRefusedError, oauthbearer, xoauth2
from triaged.core.plural import counted
from triaged.core.text import defanged
from triaged.crash import crash_point
from triaged.ports import TryLater

FAILURES = (
    smtplib.SMTPException,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    ArithmeticError,
    AttributeError,
    TypeError,
    RuntimeError,
    MemoryError,
)
"""What smtplib, ssl and socket raise. All but the first three come from answers that break the grammar."""

PERMANENT = 500
# RFC 5321 section 4.5.3.1.5 allows 512 octets a line, and no EHLO has a hundred lines.
_LONGEST_ANSWER = 64 * 1024


# RFC 5321 section 4.5.3.2.4 and .5: DATA and a block of the content get less time than other commands.
_DATA, _BLOCK = 120.0, 180.0


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds that the server gets for one command, for a letter up to its final dot, and for the answer to the dot.

    RFC 5321 section 4.5.3.2 gives a command five minutes and the answer to the dot ten. The limit on the whole letter is our
    own: many commands that each end in time must not add up to an hour.
    """

    command: float = 300.0
    letter: float = 900.0
    after_dot: float = 600.0
    farewell: float = 0.5

    @property
    def data(self) -> float:
        """Seconds for the answer to DATA."""
        return min(self.command, _DATA)

    @property
    def block(self) -> float:
        """Seconds for the server to take one block of the content."""
        return min(self.command, _BLOCK)


WHILE_A_PERSON_WAITS = Waits(command=60.0, letter=120.0)


class Session(smtplib.SMTP):
    """smtplib, with an allowance for each command."""

    def __init__(
        self, settings: SmtpSettings, allowance: Allowance, seconds: float, context: ssl.SSLContext | None
    ) -> None:
        self._allowance, self._seconds, self._context = allowance, seconds, context
        self.allow(seconds, _CONNECTING)
        super().__init__(settings.host, settings.port)

    def allow(self, seconds: float, what: str) -> None:
        """Begin a command, or a step that counts as one. `what` names what we wait for, for the fault message."""
        self._allowance.command(seconds, _LONGEST_ANSWER, what)

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Send the command as smtplib does, and start its clock."""
        verb = cmd.partition(" ")[0].upper()
        # The second line of a login is the password and no command: it must not be shown.
        self.allow(self._seconds, f"the answer to {verb if verb in _VERBS else 'AUTH'}")
        super().putcmd(cmd, args)

    @property
    def carries_utf8(self) -> bool:
        """True if the server takes addresses and headers in UTF-8. RFC 6531 section 3.1 also requires 8BITMIME."""
        return self.has_extn("smtputf8") and self.has_extn("8bitmime")

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        _ = timeout
        connection = dialled(host, port, self._allowance, self._context)
        # The content is written in pieces. Without Nagle's delay, no piece waits for the server to acknowledge the one before.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


_CONNECTING = "a connection and its greeting"
_VERBS = frozenset({"EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "QUIT"})
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3} ")


def opened(settings: SmtpSettings, allowance: Allowance, seconds: float) -> Session:
    """A session ready for mail; raises TryLater for a refused login, otherwise one of `FAILURES`."""
    context = None if settings.security == "none" else bounding(verifying_context(settings.ca_file), allowance)
    session = Session(settings, allowance, seconds, context if settings.security == "tls" else None)
    try:
        crash_point("smtp-connected")
        session.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            session.starttls(context=context)
            session.ehlo()
        if settings.username is not None:
            _log_in(session, settings, settings.username)
    except BaseException:
        session.close()
        raise
    return session


def _log_in(session: Session, settings: SmtpSettings, username: str) -> None:
    try:
        if token := token_of(settings):
            _log_in_by_token(session, settings, username, token)
        else:
            session.login(username, password_of(settings))
    except (SettingsError, TokenRefusedError) as error:
        raise TryLater(str(error), login=True) from error
    except smtplib.SMTPAuthenticationError as error:
        words = said(error.smtp_code, error.smtp_error)
        advice = _login_advice(f"{settings.host}:{settings.port}", username, words)
        raise TryLater(advice, login=error.smtp_code >= PERMANENT) from error


def _log_in_by_token(session: Session, settings: SmtpSettings, username: str, token: str) -> None:
    mechanism, first = "XOAUTH2", xoauth2(username, token)
    if mechanism not in session.esmtp_features.get("auth", "").upper().split():
        mechanism, first = "OAUTHBEARER", oauthbearer(username, token, settings.host, settings.port)
    # A refusal comes as a challenge first, and only an empty answer to it brings the code (RFC 7628 section 3.2.3).
    session.auth(mechanism, lambda challenge=None: first if challenge is None else "")


def said(code: int, answer: bytes | str) -> str:
    """A reply as one line that is safe to show: the codes unchanged, the server's words with their links defanged."""
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    enhanced = _ENHANCED.match(words)
    stands = enhanced[0] if enhanced else ""
    return f"{code} {stands}{defanged(words.removeprefix(stands), 200)}"


def plain(error: BaseException, allowance: Allowance) -> str:
    """Why a session ended, in one phrase; for a time-out also how long we waited and for what."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "it does not offer STARTTLS or a login, which the settings require; check smtp.port and smtp.security"
    if isinstance(error, smtplib.SMTPResponseException):
        return said(error.smtp_code, error.smtp_error)
    origin = _origin(error)
    if isinstance(origin, TimeoutError):
        silent = type(origin) is TimeoutError and allowance.what != _CONNECTING
        why = "no answer in time" if silent else cause(origin)
        return f"{why}; waited {_span(allowance.waited())} for {allowance.what}"
    return "it hung up" if hung_up(error) else cause(origin)


def hung_up(error: BaseException) -> bool:
    """True if the server ended the connection."""
    origin = _origin(error)
    return isinstance(origin, _HUNG_UP) and not isinstance(origin, TooMuchError)


_HUNG_UP = (smtplib.SMTPServerDisconnected, ConnectionResetError, ConnectionAbortedError, BrokenPipeError, EOFError)


def _origin(error: BaseException) -> BaseException:
    """The underlying fault of the connection, which smtplib hides behind its own exception."""
    hidden = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else None
    return hidden if isinstance(hidden, OSError) else error


def _span(seconds: float) -> str:
    if seconds < _IN_SECONDS:
        return counted(round(seconds), "second")
    return counted(round(seconds / 60), "minute")


_IN_SECONDS = 100


def _login_advice(server: str, username: str, words: str) -> str:
    start = f"{server} refused the login of {username} ({words})"
    if "5.7.139" in words:
        return f"{start}: SMTP AUTH is switched off for this tenant or mailbox; an administrator can allow it"
    return f"{start}: check smtp.username and the password"
