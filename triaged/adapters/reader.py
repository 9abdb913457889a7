"""The child process in which hostile bytes are parsed, under limits on CPU, memory, files and time.

One child reads many messages, each as a length-prefixed frame on its standard input. It is replaced when it dies, when it
takes too long, and after so many messages; the message it died on comes back degraded, read by its headers alone.
"""

import os
import resource
import select
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter, ValidationError

from triaged.core.mail.message import Message
from triaged.core.mail.parsing.headers import degraded_message

_LENGTH = struct.Struct(">Q")
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)
_COMMAND = (sys.executable, "-m", "triaged.adapters.reader")
_PACKAGE_FOLDER = str(Path(__file__).resolve().parents[2])

# The largest mail that is fetched by default (25 MB) takes 0.9 s of processor time and an ordinary one a hundredth of that: a
# machine twice as slow reads both. Five seconds are the most that a mail may keep the others waiting, and these leave time for
# the start of the next child. (What is over a limit of `core/mail/parsing/limits` needs none of this.)
_CPU_SECONDS = 2
_WALL_SECONDS = 3.5
_START_SECONDS = 30.0
_MEMORY = 1024 * 1024 * 1024
_ANSWER = 16 * 1024 * 1024
_MESSAGES_A_CHILD = 500


class ChildReader:
    """Implements `ports.Reader` with one child at a time."""

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None
        self._read = 0

    def read(self, raw: bytes) -> Message:
        """Read one message; never raises for what is in it."""
        try:
            message = _MESSAGE.validate_json(_asked(self._living(), raw))
        except (_GaveUp, ValidationError, OSError) as error:
            self.close()
            return degraded_message(raw, _why(error))
        self._read += 1
        if self._read >= _MESSAGES_A_CHILD:
            self.close()
        return message

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child, self._read = self._child, None, 0
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):
                _open(pipe).close()

    def _living(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._child = _started(self._command)
            _take(self._child, 1, time.monotonic() + _START_SECONDS)
        return self._child


class _GaveUp(Exception):  # noqa: N818 - private, and caught ten lines above
    """The child died on a message or did not answer; why, in one sentence."""


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(  # noqa: S603 - our own program, and no shell
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # No secret of the parent's environment; the path by which this very package was found.
        env={"PATH": os.defpath, "PYTHONPATH": _PACKAGE_FOLDER, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        close_fds=True,
    )
    os.set_blocking(_open(child.stdin).fileno(), False)
    return child


def _asked(child: subprocess.Popen[bytes], raw: bytes) -> bytes:
    until = time.monotonic() + _WALL_SECONDS
    _give(child, _LENGTH.pack(len(raw)), until)
    _give(child, raw, until)
    (length,) = _LENGTH.unpack(_take(child, _LENGTH.size, until))
    if length > _ANSWER:
        raise _GaveUp("what it holds as text is over the limit")
    return _take(child, length, until)


def _give(child: subprocess.Popen[bytes], frame: bytes, until: float) -> None:
    pipe, rest = _open(child.stdin).fileno(), memoryview(frame)
    while rest:
        if not select.select([], [pipe], [], max(until - time.monotonic(), 0))[1]:
            raise _GaveUp(_TOO_SLOW)
        try:
            rest = rest[os.write(pipe, rest[:65536]) :]
        except BrokenPipeError as error:
            raise _GaveUp(_DIED) from error


def _take(child: subprocess.Popen[bytes], length: int, until: float) -> bytes:
    pipe, taken = _open(child.stdout).fileno(), bytearray()
    while len(taken) < length:
        if not select.select([pipe], [], [], max(until - time.monotonic(), 0))[0]:
            raise _GaveUp(_TOO_SLOW)
        piece = os.read(pipe, min(length - len(taken), 1 << 20))
        if not piece:
            raise _GaveUp(_DIED)
        taken += piece
    return bytes(taken)


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("the child was started with pipes")
    return pipe


_TOO_SLOW = f"reading it took more than {_WALL_SECONDS} s"
_DIED = "reading it took more processor time or memory than a mail may"


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "its reader's answer was no message"
    return f"it has no reader: {error.strerror}" if isinstance(error, OSError) else str(error)


def _serve() -> None:
    """The child's side: frames in, answers out, until the parent closes its end."""
    # mail-parser and all it needs, loaded before the limits on files and before the first message.
    from triaged.core.mail.parsing.reading import read_message  # noqa: PLC0415 - only the child pays for this import

    source, sink = sys.stdin.buffer, sys.stdout.buffer
    _limit()
    sink.write(b"!")
    sink.flush()
    while head := source.read(_LENGTH.size):
        (length,) = _LENGTH.unpack(head)
        _allow_cpu()
        answer = _MESSAGE.dump_json(read_message(source.read(length)))
        sink.write(_LENGTH.pack(len(answer)) + answer)
        sink.flush()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def _allow_cpu() -> None:
    """So much processor time for the next message: the limit counts from the child's start."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + _CPU_SECONDS, hard))


if __name__ == "__main__":
    _serve()
