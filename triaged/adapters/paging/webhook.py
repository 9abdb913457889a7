"""Paging by webhook: each alert is posted to a receiver of the team's, signed per Standard Webhooks 1.0.0.

The specification is at standardwebhooks.com. `http.client` is not used: its time-out covers one read, not the whole call, and
it rejects an answer for faults after the status line. Only the status of an answer is read. Messages name only the host of
the URL, because the path may be a secret.
"""

import base64
import hashlib
import hmac
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import contextmanager, suppress
from functools import partial
from urllib.parse import urlsplit

from triaged.adapters.network import cause, time_left, verifying_context
from triaged.config.settings import WebhookSettings
from triaged.config.yaml_source import SettingsError
from triaged.ports import Clock, Page, TryLater

_WITHIN = 10.0
_CONNECT_WITHIN = 3.0
"""Seconds for each address of the host, so that a dead one leaves time for the next."""
_LONGEST_ANSWER = 16_384
_SUCCESS = range(200, 300)
_REDIRECT = range(300, 400)
_PROTOCOL = b"HTTP/1."
_STATUS = re.compile(rb"HTTP/1\.[0-9] ([0-9]{3})[ \r\n]")
_SECRET = "whsec_"  # noqa: S105 - the prefix of every secret
_KEY_OCTETS = range(24, 65)


def signing_key(secret: str) -> bytes:
    """Decode a `whsec_` secret; raises SettingsError."""
    coded = secret.removeprefix(_SECRET)
    try:
        key = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(_SECRET) or len(key) not in _KEY_OCTETS:
        what = "the secret of alerts.webhook must be whsec_ and the base64 of 24 to 64 bytes"
        raise SettingsError((f"{what}; make one with: echo whsec_$(openssl rand -base64 32)",))
    return key


def signature(key: bytes, message: str, timestamp: int, body: bytes) -> str:
    """The value of the `webhook-signature` field."""
    digest = hmac.new(key, f"{message}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


class WebhookPager:
    """`ports.Pager` that sends a POST. `within` is the seconds that one call may take."""

    def __init__(self, settings: WebhookSettings, clock: Clock, *, within: float = _WITHIN) -> None:
        self._settings = settings
        self._url = urlsplit(settings.url)
        self._clock = clock
        self._within = within
        self._end: Callable[[], object] | None = None
        """Ends the call under way."""
        self._aborted = False

    def page(self, page: Page) -> None:
        """Post the page; any status but 2xx raises TryLater, redirects included."""
        deadline = time.monotonic() + self._within
        try:
            status = self._answered(self._request(page), deadline)
        except SettingsError as error:
            raise TryLater(str(error)) from error
        except (OSError, CancelledError) as error:
            why = "not told: triaged is stopping" if self._aborted else _cause(error)
            raise TryLater(f"{self._settings.host}: {why}") from error
        finally:
            self._end = None
        if status not in _SUCCESS:
            followed = ", a redirect, and those are not followed" if status in _REDIRECT else ""
            raise TryLater(f"{self._settings.host} answered {status}{followed}")

    def abort(self) -> None:
        """Shut the connection, or stop waiting for it to be made."""
        self._aborted = True
        if end := self._end:
            end()

    def _request(self, page: Page) -> bytes:
        body, timestamp = page.body.encode(), int(self._clock().timestamp())
        # Only this part of the Message-ID, which has no dot: in the signed text a dot separates the id from the timestamp.
        message = page.message_id.partition("@")[0]
        head = (
            f"POST {self._url.path or '/'}{'?' if self._url.query else ''}{self._url.query} HTTP/1.1",
            f"Host: {self._url.netloc}",
            "User-Agent: triaged",
            "Connection: close",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            f"webhook-id: {message}",
            f"webhook-timestamp: {timestamp}",
            f"webhook-signature: {signature(signing_key(self._settings.secret()), message, timestamp, body)}",
        )
        return "\r\n".join((*head, "", "")).encode("ascii") + body

    def _answered(self, request: bytes, deadline: float) -> int:
        with self._connected(deadline) as connection:
            # A receiver that refuses early may hang up before we have sent everything. Its answer may still have arrived.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.settimeout(time_left(deadline))
                connection.sendall(request)
            return self._status(connection, deadline)

    def _status(self, connection: socket.socket, deadline: float) -> int:
        said, most = b"", _LONGEST_ANSWER
        while most > 0 and said[: len(_PROTOCOL)] == _PROTOCOL[: len(said)]:
            if status := _STATUS.match(said):
                if not status[1].startswith(b"1"):
                    return int(status[1])
                # Any server may send an interim answer (RFC 9110 section 15.2). The final one comes after it.
                _, ended, rest = said.partition(b"\r\n\r\n")
                if ended:
                    said = rest
                    continue
            elif b"\n" in said:
                break
            connection.settimeout(time_left(deadline))
            if not (more := connection.recv(min(most, 4096))):
                raise ConnectionResetError
            said, most = said + more, most - len(more)
        raise TryLater(f"{self._settings.host} does not answer in HTTP; check the port")

    @contextmanager
    def _connected(self, deadline: float) -> Iterator[socket.socket]:
        tls = verifying_context(self._settings.ca_file) if self._url.scheme == "https" else None
        with self._reached(deadline) as plain:
            self._hold(partial(_shut, plain))
            if tls is None:
                yield plain
                return
            host = self._settings.host
            with tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False) as encrypted:
                self._hold(partial(_shut, encrypted))
                encrypted.settimeout(time_left(deadline))
                encrypted.do_handshake()
                yield encrypted

    def _reached(self, deadline: float) -> socket.socket:
        """Connect in a thread that is abandoned if it hangs: a name lookup has no time-out and cannot be aborted."""
        connection: Future[socket.socket] = Future()
        address = (self._settings.host, self._url.port or (443 if self._url.scheme == "https" else 80))
        self._hold(connection.cancel)
        threading.Thread(target=_connect, args=(connection, address), daemon=True).start()
        try:
            return connection.result(time_left(deadline))
        except TimeoutError:
            # The connection may have come at this very moment.
            if not connection.cancel() and not connection.exception():
                connection.result().close()
            raise

    def _hold(self, end: Callable[[], object]) -> None:
        self._end = end
        # Another thread may have called `abort` before there was anything to end.
        if self._aborted:
            raise ConnectionAbortedError


def _connect(reached: Future[socket.socket], address: tuple[str, int]) -> None:
    try:
        connection = socket.create_connection(address, timeout=_CONNECT_WITHIN)
    except OSError as error:
        with suppress(InvalidStateError):
            reached.set_exception(error)
        return
    try:
        reached.set_result(connection)
    except InvalidStateError:
        connection.close()


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        # Not SSLSocket.shutdown, which would remove the TLS layer under the thread that is using it.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _cause(error: BaseException) -> str:
    if isinstance(error, ConnectionResetError | ConnectionAbortedError | BrokenPipeError):
        return "it hung up without an answer"
    return cause(error)
