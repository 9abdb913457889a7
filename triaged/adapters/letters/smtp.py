"""Submission over SMTP (RFC 6409), in stages: the stage of a failure tells whether the mail may have gone out.

Before the final dot nothing has been sent. After it, without an answer, the mail may have been sent: this is the one uncertain
outcome (RFC 5321 section 4.5.3.2.6; RFC 1047 says why it cannot be avoided).
"""

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from triaged.adapters.bounded import Allowance
from triaged.adapters.letters.smtp_session import FAILURES, PERMANENT, Session, Waits, hung_up, opened, plain, said
from triaged.config.settings import SmtpSettings
from triaged.core.case.blame import Stage, blame
from triaged.core.case.outbox import Letter
from triaged.crash import crash_point
from triaged.ports import Refused, TryLater

_IDLE = 45.0
_STOPPED = "triaged was stopped"
_NO_CODE = -1
"""The code that smtplib reports for an answer without a number."""
_REFUSED: dict[Stage, str] = {"sender": "the sender", "recipient": "the recipient", "content": "the mail"}


class SmtpSubmission:
    """`ports.Submission` on one connection for many mails."""

    def __init__(self, settings: SmtpSettings, waits: Waits = Waits()) -> None:  # noqa: B008 - frozen
        self._settings = settings
        self._waits = waits
        self._allowance = Allowance()
        self._client: Session | None = None
        self._used_at = 0.0
        self._aborted = False

    def submit(self, letter: Letter) -> str:
        """Hand one letter in and return the server's answer.

        Raises TryLater (`uncertain` only after the final dot) or Refused with the blame.
        """
        client = self._fresh_session()
        with self._translated():
            self._sender(client, letter.envelope_from, self._options(client, letter))
            refused = self._recipients(client, letter.to)
            answer = self._content(client, letter)
        self._used_at = time.monotonic()
        return answer + (f"; refused: {', '.join(refused)}" if refused else "")

    def probe(self, sender: str, recipient: str) -> None:
        """Log in and check, without sending a mail, that the server takes this envelope; raises TryLater or Refused."""
        client = self._fresh_session()
        with self._translated():
            self._sender(client, sender)
            self._recipients(client, (recipient,))
            client.rset()

    def close(self) -> None:
        """Send QUIT and hang up, within half a second."""
        client, self._client = self._client, None
        if client is not None:
            self._allowance.turn(self._waits.farewell)
            with suppress(*FAILURES):
                client.quit()
            client.close()

    def abort(self) -> None:
        """Shut the connection from another thread. A call that waits on it ends at once and does not blame the server."""
        self._aborted = True
        client = self._client
        if client is not None and client.sock is not None:
            with suppress(OSError):
                client.sock.shutdown(socket.SHUT_RDWR)

    @property
    def _server(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    def _fresh_session(self) -> Session:
        """The kept session if it still answers, else a new one: servers hang up on idle clients without notice."""
        if self._client is not None and time.monotonic() - self._used_at > _IDLE:
            self.close()
        self._allowance.turn(self._waits.letter)
        if self._client is not None:
            try:
                if self._client.rset()[0] == 250:  # noqa: PLR2004 - RFC 5321 section 4.1.1.5
                    return self._client
            except FAILURES:
                pass
            self._drop()
        with self._translated():
            self._client = opened(self._settings, self._allowance, self._waits.command)
            self._used_at = time.monotonic()
            return self._client

    def _options(self, client: Session, letter: Letter) -> tuple[str, ...]:
        """The MAIL FROM options for this letter (RFC 6531 section 3.4); raises Refused if it needs SMTPUTF8 in vain."""
        if letter.raw.isascii() and all(address.isascii() for address in letter.to):
            return ()
        if not client.carries_utf8:
            words = f"{self._server} does not offer SMTPUTF8 (RFC 6531), without which no mail reaches this address"
            raise Refused(f"{words}; write to its owner from an account that can, or by another way")
        return ("SMTPUTF8", "BODY=8BITMIME")

    def _sender(self, client: Session, sender: str, options: Sequence[str] = ()) -> None:
        code, answer = client.mail(sender, options)
        if code != 250:  # noqa: PLR2004 - RFC 5321 section 4.3.2
            self._refuse("sender", code, answer)
        crash_point("smtp-mail-taken")

    def _recipients(self, client: Session, to: Sequence[str]) -> list[str]:
        """Send RCPT TO for each recipient and return those refused for good; raises if none was taken."""
        refused: list[tuple[int, bytes]] = []
        for address in to:
            code, answer = client.rcpt(address)
            if code not in {250, 251}:
                refused.append((code, answer))
        if len(refused) == len(to):
            # A recipient who may be taken later counts more than one who never will be.
            self._refuse("recipient", *min(refused))
        crash_point("smtp-rcpt-taken")
        return [said(code, answer) for code, answer in refused]

    def _content(self, client: Session, letter: Letter) -> str:
        code, answer = self._data(client)
        if code != 354:  # noqa: PLR2004 - RFC 5321 section 4.1.1.4
            self._refuse("content", code, answer)
        crash_point("smtp-data-begun")
        body = _dotted(letter.raw.encode("utf-8"))
        # The dot is sent separately, so a server that hangs up before it has taken nothing.
        self._send(client, body[: len(body) // 2])
        crash_point("smtp-content-half-sent")
        self._send(client, body[len(body) // 2 :])
        crash_point("smtp-content-sent")
        self._allowance.turn(self._waits.after_dot)
        client.allow(self._waits.after_dot, "the answer to the final dot")
        with self._uncertain():
            client.send(b".\r\n")
            crash_point("smtp-dot-sent")
            code, answer = client.getreply()
        crash_point("smtp-answer-read")
        # Only the first digit decides (RFC 5321 section 4.2.1): any answer that begins with 2 means the mail was taken.
        if code >= 400:  # noqa: PLR2004
            self._refuse("content", code, answer)
        if not 200 <= code < 300:  # noqa: PLR2004
            what = f"{self._server} answered the mail with {said(code, answer)}: it may have gone out"
            raise TryLater(what, uncertain=True)
        return said(code, answer)

    def _send(self, client: Session, part: bytes) -> None:
        client.allow(self._waits.block, "it to take the content")
        client.send(part)

    def _data(self, client: Session) -> tuple[int, bytes]:
        client.putcmd("DATA")
        client.allow(self._waits.data, "the answer to DATA")
        return client.getreply()

    def _refuse(self, stage: Stage, code: int, answer: bytes) -> None:
        words = f"{self._server} refused {_REFUSED[stage]}: {said(code, answer)}"
        if code == _NO_CODE:
            raise TryLater(f"{self._server}: its answer has no code, which breaks the rules of SMTP")
        if code >= PERMANENT:
            raise Refused(words, blame=blame(stage, said(code, answer)))
        raise TryLater(words)

    @contextmanager
    def _uncertain(self) -> Iterator[None]:
        """From the final dot to the answer: for any failure inside, the server may have taken the mail."""
        try:
            yield
        except FAILURES as error:
            if self._aborted:
                what = f"{_STOPPED} before {self._server} answered the mail"
            elif hung_up(error):
                what = f"{self._server} took the mail and hung up without an answer"
            else:
                what = f"{self._server} took the mail, but: {plain(error, self._allowance)}"
            raise TryLater(f"{what}: it may have gone out", uncertain=True) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except Refused:
            raise
        except TryLater:
            self._drop()
            raise
        except FAILURES as error:
            self._drop()
            why = _STOPPED if self._aborted else plain(error, self._allowance)
            raise TryLater(f"{self._server}: {why}") from error

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(*FAILURES):
                client.close()


def _dotted(raw: bytes) -> bytes:
    """The content with leading dots doubled (RFC 5321 section 4.5.2), ending in a line break."""
    stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in raw.split(b"\r\n"))
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
