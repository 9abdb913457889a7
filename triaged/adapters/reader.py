"""The child process in which hostile bytes are parsed, under limits on CPU, memory, files and time.

The child loads the parsers once and forks; its fork reads many messages, each as a length-prefixed frame on standard input.
A message that was to be read quickly and is not kills the fork, and the child forks again: that costs a thirtieth of a
start. The child is replaced when a message kills it, when it does not answer in time, and after so many messages; the
message that did it comes back degraded, read by its headers alone.
"""

import os
import resource
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter, ValidationError

from triaged.core.mail.message import Message
from triaged.core.mail.parsing.headers import degraded_message

_LENGTH = struct.Struct(">Q")
_REQUEST = struct.Struct(">QQ")
"""How long the message is, and how many microseconds of processor time it may take; 0: no less than any message."""
_DEAD = struct.Struct(">QB")
"""No answer has the length 0: that is the fork's death, followed by the signal that killed it; 0 for none."""
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
# One that the daemon does not block, for a child inherits what is blocked.
_END = signal.SIGALRM
_ENDS_WITHIN = 0.5


class ChildReader:
    """Implements `ports.Reader` with one child at a time."""

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None
        self._read = 0

    def read(self, raw: bytes) -> Message:
        """Read one message; never raises for what is in it."""
        try:
            return self._answer(raw, 0)
        except _FAILURES as error:
            return degraded_message(raw, _why(error))

    def read_within(self, raw: bytes, seconds: float) -> Message | None:
        """As `read`; None as soon as it has taken so many seconds of processor time."""
        try:
            return self._answer(raw, round(seconds * 1_000_000))
        except _TooSlow:
            return None
        except _FAILURES as error:
            return degraded_message(raw, _why(error))

    def _answer(self, raw: bytes, microseconds: int) -> Message:
        try:
            message = _MESSAGE.validate_json(_asked(self._living(), raw, microseconds))
        except _OverBudget:
            raise
        except _FAILURES:
            self.close()
            raise
        self._read += 1
        if self._read >= _MESSAGES_A_CHILD:
            self.close()
        return message

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child, self._read = self._child, None, 0
        if child is None:
            return
        if child.poll() is None:
            _end(child)
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):
                _open(pipe).close()

    def _living(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None or _speaks(self._child):
            self.close()
            self._child = _started(self._command)
            _take(self._child, 1, time.monotonic() + _START_SECONDS)
        return self._child


class _GaveUp(Exception):  # noqa: N818 - private, and caught above
    """The child died on a message or did not answer; why, in one sentence."""


class _TooSlow(_GaveUp):
    """The child did not answer in time."""


class _OverBudget(_TooSlow):
    """The message took the processor time that it was given, and the child has forked again."""


_FAILURES = (_GaveUp, ValidationError, OSError)


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
        process_group=0,
    )
    os.set_blocking(_open(child.stdin).fileno(), False)
    return child


def _end(child: subprocess.Popen[bytes]) -> None:
    """End its fork, which it then reaps before it ends itself: whoever is process 1 may reap nothing."""
    os.killpg(child.pid, _END)
    try:
        child.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _asked(child: subprocess.Popen[bytes], raw: bytes, microseconds: int) -> bytes:
    until = time.monotonic() + _WALL_SECONDS
    _give(child, _REQUEST.pack(len(raw), microseconds), until)
    _give(child, raw, until)
    (length,) = _LENGTH.unpack(_take(child, _LENGTH.size, until))
    if length > _ANSWER:
        raise _GaveUp("what it holds as text is over the limit")
    if length == 0:
        (killer,) = _take(child, 1, until)
        # Its timer runs only while it reads this message. Any other death may have come before: then what the next fork
        # answers would be taken for the answer to the next message.
        raise _OverBudget(_TOO_SLOW) if killer == signal.SIGPROF else _GaveUp(_DIED)
    return _take(child, length, until)


def _give(child: subprocess.Popen[bytes], frame: bytes, until: float) -> None:
    pipe, rest = _open(child.stdin).fileno(), memoryview(frame)
    while rest:
        if not select.select([], [pipe], [], max(until - time.monotonic(), 0))[1]:
            raise _TooSlow(_TOO_SLOW)
        try:
            rest = rest[os.write(pipe, rest[:65536]) :]
        except BrokenPipeError as error:
            raise _GaveUp(_DIED) from error


def _take(child: subprocess.Popen[bytes], length: int, until: float) -> bytes:
    pipe, taken = _open(child.stdout).fileno(), bytearray()
    while len(taken) < length:
        if not select.select([pipe], [], [], max(until - time.monotonic(), 0))[0]:
            raise _TooSlow(_TOO_SLOW)
        piece = os.read(pipe, min(length - len(taken), 1 << 20))
        if not piece:
            raise _GaveUp(_DIED)
        taken += piece
    return bytes(taken)


def _speaks(child: subprocess.Popen[bytes]) -> bool:
    """Whether it says something unasked, which would be taken for the next answer."""
    return bool(select.select([_open(child.stdout)], [], [], 0)[0])


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
    """The child's side: fork, and fork again whenever a message has killed the fork, until the parent closes its end."""
    # mail-parser and all it needs, loaded before the limits on files and before the first message.
    from triaged.core.mail.parsing.reading import read_message  # noqa: PLC0415 - only the child pays for this import

    _limit()
    signal.signal(_END, signal.SIG_IGN)
    sink = sys.stdout.buffer
    sink.write(b"!")
    sink.flush()
    while (status := _forked(read_message)) and os.WTERMSIG(status) != _END:
        sink.write(_DEAD.pack(0, os.WTERMSIG(status)))
        sink.flush()


def _forked(read_message: Callable[[bytes], Message]) -> int:
    """Let a fork read messages; how it ended, as `os.waitpid` tells it: 0 at the end of all messages."""
    fork = os.fork()
    if fork:
        return os.waitpid(fork, 0)[1]
    code = 1
    signal.signal(_END, signal.SIG_DFL)
    try:
        _read_all(read_message)
        code = 0
    finally:
        # Whatever happened, the fork never goes on as if it were the child.
        os._exit(code)


def _read_all(read_message: Callable[[bytes], Message]) -> None:
    """Frames in, answers out, until the end of standard input."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while head := source.read(_REQUEST.size):
        length, microseconds = _REQUEST.unpack(head)
        raw = source.read(length)
        _allow_cpu()
        # At its end the signal's default kills the fork, wherever it is; an answer under way is never cut by it.
        signal.setitimer(signal.ITIMER_PROF, microseconds / 1_000_000)
        answer = _MESSAGE.dump_json(read_message(raw))
        signal.setitimer(signal.ITIMER_PROF, 0)
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
