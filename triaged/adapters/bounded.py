"""Sockets that limit how long a server may take over one command, and how many octets it may send.

A time-out of the standard library covers one read: a server that sends a byte now and then holds its caller for ever, and
one that never stops fills the memory. Here time and octets are counted over the whole command, whichever library reads.
"""

import math
import socket
import ssl
import time
from typing import Any

CONNECT_WITHIN = 15.0


class TooMuchError(ConnectionError):
    """The server sent more than any honest answer holds."""


class SlowAnswerError(TimeoutError):
    """The server began its answer and did not finish it in time."""


class Allowance:
    """What is left for the server: seconds of the command, seconds of the turn around it, and octets of the answer.

    A turn is everything that a caller asks for in one go. It keeps many slow commands from adding up.
    """

    def __init__(self) -> None:
        self._turn_ends = self._command_ends = math.inf
        self._octets_left = 0
        self._answered = False
        self._begun = time.monotonic()
        self.what = ""
        """What the command waits for, in words for the fault message."""

    def turn(self, seconds: float) -> None:
        """Begin a turn. Its time also covers what comes before the first command, such as connecting."""
        self._turn_ends = time.monotonic() + seconds
        self._command_ends = math.inf

    def command(self, seconds: float, octets: int, what: str = "") -> None:
        """Begin a command within the turn."""
        self._begun, self.what = time.monotonic(), what
        self._command_ends = self._begun + seconds
        self._octets_left = octets
        self._answered = False

    def seconds_left(self) -> float:
        """The seconds left of the command, or of the turn if that ends sooner; raises TimeoutError when none are left."""
        left = min(self._turn_ends, self._command_ends) - time.monotonic()
        if left <= 0:
            raise self.over()
        return left

    def waited(self) -> float:
        """The seconds since the command began."""
        return time.monotonic() - self._begun

    def over(self) -> TimeoutError:
        """The exception to raise when the time has run out."""
        return SlowAnswerError() if self._answered else TimeoutError()

    def received(self, octets: int) -> int:
        """Count the octets that arrived and return their number; raises TooMuchError."""
        self._octets_left -= octets
        self._answered = True
        if self._octets_left < 0:
            raise TooMuchError
        return octets


class _Bounded(socket.socket):
    allowance: Allowance

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:  # noqa: ANN401 - a buffer
        self.settimeout(self.allowance.seconds_left())
        try:
            received = super().recv_into(buffer, nbytes or len(buffer), flags)
        except TimeoutError:
            raise self.allowance.over() from None
        return self.allowance.received(received)

    def send(self, data: Any, flags: int = 0) -> int:  # noqa: ANN401 - a buffer
        self.settimeout(self.allowance.seconds_left())
        return super().send(data, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:  # noqa: ANN401 - a buffer
        self.settimeout(self.allowance.seconds_left())
        super().sendall(data, flags)


class _BoundedTls(_Bounded, ssl.SSLSocket):
    """The encrypted socket that `ssl` makes of a bounded one. The handshake uses the time-out set when it begins."""


def dialled(host: str, port: int, allowance: Allowance, context: ssl.SSLContext | None = None) -> socket.socket:
    """A connection to the first address of the host that answers, encrypted if there is a context; raises OSError."""
    connection = _connected(host, port, allowance)
    if context is None:
        return connection
    try:
        connection.settimeout(allowance.seconds_left())
        return bounding(context, allowance).wrap_socket(connection, server_hostname=host)
    except BaseException:
        connection.close()
        raise


def bounding(context: ssl.SSLContext, allowance: Allowance) -> ssl.SSLContext:
    """Change the context in place so that its sockets keep to the allowance, and return it."""
    context.sslsocket_class = type("_Allowed", (_BoundedTls,), {"allowance": allowance})
    return context


def _connected(host: str, port: int, allowance: Allowance) -> _Bounded:
    refused: OSError = ConnectionError("the host has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        connection = _Bounded(family, kind, protocol)
        connection.allowance = allowance
        try:
            connection.settimeout(min(CONNECT_WITHIN, allowance.seconds_left()))
            connection.connect(address)
        except OSError as error:
            connection.close()
            refused = error
        else:
            return connection
    raise refused
