"""Sockets on which a server can neither take longer nor say more than one command allows.

A time-out of the standard library covers one read, so a byte now and then holds its caller for ever, and a server that
never stops fills the memory. Here both are counted for the whole of a command, whichever library reads.
"""

import math
import socket
import ssl
import time
from typing import Any

CONNECT_WITHIN = 15.0


class TooMuchError(ConnectionError):
    """The server said more than any honest answer holds."""


class SlowAnswerError(TimeoutError):
    """The server began to answer and did not come to an end in time."""


class Allowance:
    """What the server may still take: seconds of a command, seconds of the turn around it, and octets of an answer.

    A turn is all that a caller asks for in one go, so that many slow commands cannot add up.
    """

    def __init__(self) -> None:
        self._turn_ends = self._command_ends = math.inf
        self._octets_left = 0
        self._answered = False
        self._begun = time.monotonic()
        self.what = ""
        """What is waited for in the command, in words."""

    def turn(self, seconds: float) -> None:
        """Begin a turn; it also bounds what precedes its first command."""
        self._turn_ends = time.monotonic() + seconds
        self._command_ends = math.inf

    def command(self, seconds: float, octets: int, what: str = "") -> None:
        """Begin a command within the turn."""
        self._begun, self.what = time.monotonic(), what
        self._command_ends = self._begun + seconds
        self._octets_left = octets
        self._answered = False

    def seconds_left(self) -> float:
        """Of the command, or of the turn if that ends sooner; raises TimeoutError when there are none."""
        left = min(self._turn_ends, self._command_ends) - time.monotonic()
        if left <= 0:
            raise self.over()
        return left

    def waited(self) -> float:
        """The seconds since the command was begun."""
        return time.monotonic() - self._begun

    def over(self) -> TimeoutError:
        """What to raise when the time is."""
        return SlowAnswerError() if self._answered else TimeoutError()

    def received(self, octets: int) -> int:
        """Count what came, and hand the number on; raises TooMuchError."""
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
    """What `ssl` makes of a bounded socket. The handshake ends with the time-out that the socket has when it begins."""


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
    """The context, changed so that the sockets it makes are held to the allowance."""
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
