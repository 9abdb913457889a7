"""clamd's INSTREAM command (clamd(8)): send the whole raw mail, read one line. clamd parses the MIME itself.

A mail is clean only if that line says so. After silence, rubbish or half an answer we ask again later.
"""

import socket
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain

from triaged.adapters.network import time_left
from triaged.core.text import visible
from triaged.ports import Refused, TryLater

_CHUNK = 65_536
_LONGEST_ANSWER = 4096
_ENDS = (b"\0", b"\n")
_CAUSES: tuple[tuple[type[OSError], str], ...] = (
    (TimeoutError, "no answer in time"),
    (socket.gaierror, "the host name is not known"),
    (FileNotFoundError, "its socket is not there; does clamd run?"),
    (ConnectionRefusedError, "the connection was refused; does clamd run?"),
    (PermissionError, "its socket may not be opened by this user; see LocalSocketMode in clamd.conf"),
    (ConnectionError, "it hung up without an answer"),
)


class Clamd:
    """`ports.Scanner` over a socket. `address` is a path or host:port; `within` is the seconds that one scan may take."""

    def __init__(self, address: str, *, within: float = 60.0, connect_within: float = 2.0) -> None:
        self._address = address
        self._within = within
        self._connect_within = connect_within
        self._connection: socket.socket | None = None
        self._aborted = False

    def scan(self, raw: bytes) -> str:
        """Send the mail and return the name of what was found; a mail over StreamMaxLength raises Refused."""
        answer = self._asked(chain([b"zINSTREAM\0"], _chunks(raw)))
        if answer == "stream: OK":
            return ""
        if answer.endswith(" FOUND"):
            return visible(answer.removeprefix("stream: ").removesuffix("FOUND"), 120) or "something without a name"
        if "size limit exceeded" in answer:
            raise Refused(f"{self}: the mail is larger than it takes (StreamMaxLength in clamd.conf)")
        raise TryLater(f"{self}: it answers {visible(answer, 120)!r}")

    def probe(self) -> str:
        """Return clamd's version; raises TryLater with the remedy."""
        if (answer := self._asked([b"zPING\0"])) != "PONG":
            raise TryLater(f"{self}: it is no clamd: to PING it answers {visible(answer, 60)!r}")
        return visible(self._asked([b"zVERSION\0"]), 120)

    def abort(self) -> None:
        """Shut the socket under the scan."""
        self._aborted = True
        connection = self._connection
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __str__(self) -> str:
        return f"clamd at {self._address}"

    def _asked(self, words: Iterable[bytes]) -> str:
        """Send the words and return the answer. clamd may answer and hang up before everything is sent."""
        deadline = time.monotonic() + self._within
        with self._connected(deadline) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                for word in words:
                    connection.settimeout(time_left(deadline))
                    connection.sendall(word)
            return self._answer(connection, deadline)

    def _answer(self, connection: socket.socket, deadline: float) -> str:
        said = b""
        while len(said) <= _LONGEST_ANSWER:
            connection.settimeout(time_left(deadline))
            if not (more := connection.recv(_LONGEST_ANSWER)):
                break
            said += more
            if said.endswith(_ENDS):
                return said[:-1].decode("utf-8", "replace")
        raise TryLater(f"{self}: {'its answer broke off' if said else 'it hung up without an answer'}")

    @contextmanager
    def _connected(self, deadline: float) -> Iterator[socket.socket]:
        try:
            with self._socket(min(self._connect_within, time_left(deadline))) as connection:
                self._connection = connection
                # Another thread may have called `abort` before the connection existed.
                if self._aborted:
                    raise ConnectionAbortedError
                yield connection
        except OSError as error:
            words = next((words for kind, words in _CAUSES if isinstance(error, kind)), error.strerror or str(error))
            raise TryLater(f"{self}: {visible(words, 200)}") from error
        finally:
            self._connection = None

    def _socket(self, within: float) -> socket.socket:
        if not self._address.startswith("/"):
            host, _, port = self._address.rpartition(":")
            return socket.create_connection((host.strip("[]"), int(port)), timeout=within)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(within)
            connection.connect(self._address)
        except OSError:
            connection.close()
            raise
        return connection


def _chunks(raw: bytes) -> Iterator[bytes]:
    """Each chunk is preceded by its length; a chunk of length 0 ends the stream."""
    for begin in range(0, len(raw), _CHUNK):
        chunk = raw[begin : begin + _CHUNK]
        yield struct.pack(">I", len(chunk)) + chunk
    yield struct.pack(">I", 0)
