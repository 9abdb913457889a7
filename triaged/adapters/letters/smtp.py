"""Submission over SMTP (RFC 6409), stage by stage, so that it is known at every failure whether a mail can be out.

Before the final dot nothing has been sent. After it, without an answer, it may have been (RFC 5321 section 4.5.3.2.6; RFC
1047 says why that cannot be cured): that is the one uncertain outcome.
"""

import smtplib
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from triaged.adapters.network import cause, verifying_context
from triaged.config.settings import SmtpSettings
from triaged.config.yaml_source import SettingsError
from triaged.core.case.outbox import Letter
from triaged.core.text import visible
from triaged.crash import crash_point
from triaged.ports import Refused, TryLater

_TIMEOUT = 60.0
_AFTER_DOT = 120.0
_IDLE = 45.0
_PERMANENT = 500


class SmtpSubmission:
    """Implements `ports.Submission` on one connection for many mails."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._client: smtplib.SMTP | None = None
        self._used_at = 0.0

    def submit(self, letter: Letter) -> str:
        """As the port says."""
        client = self._fresh_session()
        with self._translated():
            self._envelope(client, letter)
            refused = self._recipients(client, letter)
            answer = self._content(client, letter)
        self._used_at = time.monotonic()
        return answer + (f"; refused: {', '.join(refused)}" if refused else "")

    def probe(self) -> None:
        """Connect and log in without sending; raises TryLater or Refused with the remedy."""
        self._fresh_session()

    def close(self) -> None:
        """As the port says."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_FAILURES):
                client.quit()

    def abort(self) -> None:
        """As the port says."""
        client = self._client
        if client is not None and client.sock is not None:
            with suppress(OSError):
                client.sock.shutdown(socket.SHUT_RDWR)

    @property
    def _server(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    def _fresh_session(self) -> smtplib.SMTP:
        """The kept session if it still answers, else a new one: servers hang up on idle clients without a word."""
        if self._client is not None and time.monotonic() - self._used_at > _IDLE:
            self.close()
        if self._client is not None:
            try:
                if self._client.rset()[0] == 250:  # noqa: PLR2004 - RFC 5321 section 4.1.1.5
                    return self._client
            except _FAILURES:
                pass
            self._drop()
        with self._translated():
            self._client = self._connected()
            self._used_at = time.monotonic()
            return self._client

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        context = None if settings.security == "none" else verifying_context(settings.ca_file)
        if settings.security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=_TIMEOUT, context=context)
        else:
            client = smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT)
        self._client = client
        if client.sock is not None:
            # The content goes out in pieces, each at once, not held back until the server acknowledges the one before.
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        crash_point("smtp-connected")
        client.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            client.starttls(context=context)
            client.ehlo()
        if settings.username is not None:
            self._log_in(client, settings.username)
        return client

    def _log_in(self, client: smtplib.SMTP, username: str) -> None:
        try:
            client.login(username, self._settings.password())
        except SettingsError as error:
            raise TryLater(str(error), login=True) from error
        except smtplib.SMTPAuthenticationError as error:
            said = _said(error.smtp_code, error.smtp_error)
            raise TryLater(_login_advice(self._server, username, said), login=error.smtp_code >= _PERMANENT) from error

    def _envelope(self, client: smtplib.SMTP, letter: Letter) -> None:
        code, answer = client.mail(letter.envelope_from)
        if code != 250:  # noqa: PLR2004 - RFC 5321 section 4.3.2
            self._refuse("the sender", code, answer)
        crash_point("smtp-mail-taken")

    def _recipients(self, client: smtplib.SMTP, letter: Letter) -> list[str]:
        """Name the recipients; those refused for good, as long as one was taken."""
        refused: list[tuple[int, bytes]] = []
        for address in letter.to:
            code, answer = client.rcpt(address)
            if code not in {250, 251}:
                refused.append((code, answer))
        if len(refused) == len(letter.to):
            # A recipient who may be taken later outweighs one who never will.
            self._refuse("the recipient", *min(refused))
        crash_point("smtp-rcpt-taken")
        return [_said(code, answer) for code, answer in refused]

    def _content(self, client: smtplib.SMTP, letter: Letter) -> str:
        code, answer = client.docmd("DATA")
        if code != 354:  # noqa: PLR2004 - RFC 5321 section 4.1.1.4
            self._refuse("the mail", code, answer)
        crash_point("smtp-data-begun")
        body = _dotted(letter.raw.encode("ascii"))
        # Who hangs up before the dot is sent has taken nothing: the dot goes out by itself.
        client.send(body[: len(body) // 2])
        crash_point("smtp-content-half-sent")
        client.send(body[len(body) // 2 :])
        crash_point("smtp-content-sent")
        if client.sock is not None:
            client.sock.settimeout(_AFTER_DOT)
        with self._uncertain():
            client.send(b".\r\n")
            crash_point("smtp-dot-sent")
            code, answer = client.getreply()
        crash_point("smtp-answer-read")
        if client.sock is not None:
            client.sock.settimeout(_TIMEOUT)
        # The first digit alone decides (RFC 5321 section 4.2.1): whatever begins with 2 is a mail taken.
        if code >= 400:  # noqa: PLR2004
            self._refuse("the mail", code, answer)
        if not 200 <= code < 300:  # noqa: PLR2004
            what = f"{self._server} answered the mail with {_said(code, answer)}: it may have gone out"
            raise TryLater(what, uncertain=True)
        return _said(code, answer)

    def _refuse(self, what: str, code: int, answer: bytes) -> None:
        words = f"{self._server} refused {what}: {_said(code, answer)}"
        if code == -1:
            raise TryLater(f"{self._server} hung up")
        if code >= _PERMANENT:
            raise Refused(words)
        raise TryLater(words)

    @contextmanager
    def _uncertain(self) -> Iterator[None]:
        """From the final dot to the answer: who hangs up in here may have taken the mail."""
        try:
            yield
        except _FAILURES as error:
            raise TryLater(
                f"{self._server} took the mail and hung up without an answer: it may have gone out", uncertain=True
            ) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except Refused:
            raise
        except TryLater:
            self._drop()
            raise
        except _FAILURES as error:
            self._drop()
            raise TryLater(f"{self._server}: {_cause(error)}") from error

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_FAILURES):
                client.close()


_FAILURES = (smtplib.SMTPException, OSError, EOFError, ValueError)


def _dotted(raw: bytes) -> bytes:
    """The content with leading dots doubled (RFC 5321 section 4.5.2), ending in a line break."""
    stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in raw.split(b"\r\n"))
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _said(code: int, answer: bytes | str) -> str:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {visible(words, 200)}"


def _cause(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "it does not offer what the settings ask for (STARTTLS or a login); check smtp.port and smtp.security"
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    return cause(error)


def _login_advice(server: str, username: str, said: str) -> str:
    start = f"{server} refused the login of {username} ({said})"
    if "5.7.139" in said:
        return f"{start}: SMTP AUTH is switched off for this tenant or mailbox; an administrator can allow it"
    return f"{start}: check smtp.username and the password"
