"""A clamd for tests: speaks INSTREAM, and misbehaves as it is told, on a unix socket or on TCP."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class ScriptedClamd:
    """`answers` are given to the streams one by one, the last one for ever; None is what a sound clamd would say."""

    def __init__(self, listening: socket.socket, *answers: bytes | str | None, most: int = 1 << 30) -> None:
        self.listening = listening
        self.answers = list(answers) or [None]
        self.most = most
        """StreamMaxLength."""
        self.streams: list[bytes] = []
        self.ended = threading.Event()

    @property
    def address(self) -> str:
        name = self.listening.getsockname()
        return name if isinstance(name, str) else f"{name[0]}:{name[1]}"

    def serve(self) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        command = self._until_zero(connection)
        if command == b"zPING":
            connection.sendall(b"PONG\0")
        elif command == b"zVERSION":
            connection.sendall(b"ClamAV 1.4.1/27400/Mon Nov 23 09:00:00 2026\0")
        else:
            assert command == b"zINSTREAM", command
            self._stream(connection)

    def _stream(self, connection: socket.socket) -> None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        content = self._content(connection)
        if content is None:
            connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
            return
        self.streams.append(content)
        if answer == "silence":
            self.ended.wait(10)
        elif answer is None:
            connection.sendall(b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0")
        else:
            connection.sendall(answer)

    def _content(self, connection: socket.socket) -> bytes | None:
        content = b""
        while length := struct.unpack(">I", self._exactly(connection, 4))[0]:
            if len(content) + length > self.most:
                return None
            content += self._exactly(connection, length)
        return content

    def _until_zero(self, connection: socket.socket) -> bytes:
        said = b""
        while not said.endswith(b"\0"):
            said += self._exactly(connection, 1)
        return said[:-1]

    def _exactly(self, connection: socket.socket, length: int) -> bytes:
        said = b""
        while len(said) < length:
            more = connection.recv(length - len(said))
            if not more:
                raise ConnectionError
            said += more
        return said


@contextmanager
def scripted_clamd(
    *answers: bytes | str | None, path: Path | None = None, most: int = 1 << 30
) -> Iterator[ScriptedClamd]:
    """One that listens: at that path, else on a port of its own."""
    listening = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_STREAM)
    with listening:
        listening.bind(str(path) if path else ("127.0.0.1", 0))
        listening.listen()
        clamd = ScriptedClamd(listening, *answers, most=most)
        thread = threading.Thread(target=clamd.serve)
        thread.start()
        try:
            yield clamd
        finally:
            clamd.ended.set()
            # A close alone does not wake an accept.
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(15)
