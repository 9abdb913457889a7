"""The parent's side of reading: a child process (`child`) parses hostile bytes, and its answers are checked here.

The child is replaced when a message kills it, when it does not answer in time, when the policy changes, and after a number of
messages. A message that killed or stalled the child comes back degraded, read from its headers alone.
"""

import os
import pickle
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from triaged.adapters.reader.child import END, LENGTH, MESSAGE, READING, REQUEST
from triaged.core.mail.message import Message
from triaged.core.mail.parsing.headers import degraded_message
from triaged.core.policy.policy import Policy
from triaged.core.report.border import is_sound
from triaged.core.report.reading import Reading, unread
from triaged.core.report.report import Report

_COMMAND = (sys.executable, "-m", "triaged.adapters.reader.child")
_PACKAGE_FOLDER = str(Path(__file__).resolve().parents[3])

# A mail may delay the others by at most five seconds. This limit leaves time to start the next child.
_WALL_SECONDS = 3.5
_START_SECONDS = 30.0
_BRIEFLY = 0.5
"""Seconds of processor time to report on the headers of a mail that has failed its reader once."""
_ANSWER = 16 * 1024 * 1024
_MESSAGES_A_CHILD = 500
_ENDS_WITHIN = 0.5


class ChildReader:
    """`ports.Reader` with one child at a time. Without a policy it parses messages and makes no reports."""

    def __init__(self, command: Sequence[str] = _COMMAND, *, policy: Policy | None = None) -> None:
        self._command = command
        self._policy = policy
        self._child: subprocess.Popen[bytes] | None = None
        self._read = 0

    def reads_by(self, policy: Policy) -> None:
        """Report by this policy from now on."""
        if policy is not self._policy:
            self.close()
            self._policy = policy

    def read(self, raw: bytes) -> Reading:
        """Read one message; never raises because of its content."""
        try:
            return self._answer(raw)
        except _FAILURES as error:
            return self._by_headers(raw, _why(error))

    def read_within(self, raw: bytes, seconds: float) -> Reading | None:
        """As `read`; None as soon as the message has used `seconds` of processor time."""
        try:
            return self._answer(raw, seconds)
        except _TooSlow:
            return None
        except _FAILURES as error:
            return self._by_headers(raw, _why(error))

    def report_on(self, message: Message, seconds: float = 0.0) -> Report | None:
        """Report on a message that was parsed before; an empty report if the child fails on it."""
        if self._policy is None:
            return None
        try:
            return self._answer(MESSAGE.dump_json(message), seconds, apart=True).report
        except _FAILURES:
            return unread(self._policy)

    def _by_headers(self, raw: bytes, why: str) -> Reading:
        message = degraded_message(raw, why)
        return Reading(message, self.report_on(message, _BRIEFLY))

    def _answer(self, frame: bytes, seconds: float = 0.0, *, apart: bool = False) -> Reading:
        """The child's answer to a raw mail or a parsed message. `seconds` of processor time; 0 for the largest limit."""
        try:
            request = REQUEST.pack(len(frame), round(seconds * 1_000_000), apart)
            reading = READING.validate_json(_asked(self._living(), request, frame))
            if not self._may_say(reading.report):
                raise _GaveUp(_NO_REPORT)
        except _OverBudget:
            raise
        except _FAILURES:
            self.close()
            raise
        self._read += 1
        if self._read >= _MESSAGES_A_CHILD:
            self.close()
        return reading

    def _may_say(self, report: Report | None) -> bool:
        """True if our own code can have produced this report: a child that a mail has taken over may answer anything."""
        if report is None or self._policy is None:
            return report is None and self._policy is None
        return is_sound(report, self._policy)

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
            self._prepare(self._child, time.monotonic() + _START_SECONDS)
        return self._child

    def _prepare(self, child: subprocess.Popen[bytes], until: float) -> None:
        """Send the child its policy, and wait until it is ready to read."""
        # Pickle is safe in this direction, from us to our own program. The child's answers are never unpickled.
        policy = pickle.dumps(self._policy)
        _give(child, LENGTH.pack(len(policy)) + policy, until)
        _take(child, 1, until)


class _GaveUp(Exception):  # noqa: N818 - private, and caught above
    """The child died on a message or did not answer; why, in one sentence."""


class _TooSlow(_GaveUp):
    """The child did not answer in time."""


class _OverBudget(_TooSlow):
    """The message used up its processor time, and the child has forked again."""


_FAILURES = (_GaveUp, ValidationError, OSError)


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(  # noqa: S603 - our own program, and no shell
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # The child gets none of the parent's environment, only the path on which this package was found.
        env={"PATH": os.defpath, "PYTHONPATH": _PACKAGE_FOLDER, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        close_fds=True,
        process_group=0,
    )
    os.set_blocking(_open(child.stdin).fileno(), False)
    return child


def _end(child: subprocess.Popen[bytes]) -> None:
    """Let the child reap its fork and then end: in a container, process 1 may reap nothing."""
    os.killpg(child.pid, END)
    try:
        child.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _asked(child: subprocess.Popen[bytes], request: bytes, frame: bytes) -> bytes:
    until = time.monotonic() + _WALL_SECONDS
    _give(child, request, until)
    _give(child, frame, until)
    (length,) = LENGTH.unpack(_take(child, LENGTH.size, until))
    if length > _ANSWER:
        raise _GaveUp("what it holds as text is over the limit")
    if length == 0:
        (killer,) = _take(child, 1, until)
        # The timer runs only while the fork reads this message. Any other death may have come earlier, and the next fork's
        # answer would then be taken for the answer to the wrong message.
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
    """True if the child has sent bytes unasked, which would be taken for the next answer."""
    return bool(select.select([_open(child.stdout)], [], [], 0)[0])


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("the child was started with pipes")
    return pipe


_TOO_SLOW = f"reading it took more than {_WALL_SECONDS} s"
_DIED = "reading it took more processor time or memory than is allowed for one mail"
_NO_REPORT = "the reader's answer holds no valid report"


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "the reader's answer holds no valid message"
    return f"the reader could not be started: {error.strerror}" if isinstance(error, OSError) else str(error)
