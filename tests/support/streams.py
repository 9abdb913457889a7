"""What a bad server says without end, for scripted servers of any protocol: each stream is an iterator of bytes."""

import itertools
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import BinaryIO

Stream = Callable[[], Iterator[bytes]]


def drip(said: bytes = b"* OK", pause: float = 0.05) -> Stream:
    """A byte now and then, and the last one for ever."""

    def dripping() -> Iterator[bytes]:
        for position in itertools.count():
            yield said[min(position, len(said) - 1) :][:1]
            time.sleep(pause)

    return dripping


def flood(piece: bytes, before: bytes = b"") -> Stream:
    """The same piece without a pause."""
    large = piece * max(1, 65536 // len(piece))
    return partial(itertools.chain, [before], itertools.repeat(large))


def said_for_ever(connection: socket.socket | BinaryIO, stream: Stream) -> None:
    """Say it until the other side has gone."""
    with suppress(OSError):
        for piece in stream():
            if isinstance(connection, socket.socket):
                connection.sendall(piece)
            else:
                connection.write(piece)
                connection.flush()
