"""The child process that parses each mail and reports on it, under limits on processor time, memory, files and time.

The child loads the parsers and the policy once and forks; its fork reads many messages, each as a length-prefixed frame on
standard input. A message that exceeds its processor time kills the fork, and the child forks again, which costs a thirtieth
of a start.
"""

import os
import pickle
import resource
import signal
import struct
import sys
import time
from typing import Protocol

from pydantic import TypeAdapter

from triaged.core.mail.message import Message
from triaged.core.policy.policy import Policy
from triaged.core.report.reading import Reading, read_report

LENGTH = struct.Struct(">Q")
REQUEST = struct.Struct(">QQ?")
"""The length of the frame; its microseconds of processor time (0: as many as any message may take); and True if the frame is a
message that was parsed before, as JSON, on which only a report is wanted."""
DEAD = struct.Struct(">QB")
"""Announces the fork's death, because no answer has the length 0. The signal that killed it follows; 0 for none."""
MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)
READING: TypeAdapter[Reading] = TypeAdapter(Reading)
END = signal.SIGALRM
"""The signal that ends a fork. The daemon does not block it: a child inherits blocked signals."""

# The largest mail fetched by default (25 MB) takes 1.2 s of processor time, an ordinary one a hundredth of that. A machine half
# as fast reads both. (A mail over a limit of `core/mail/parsing/limits` is not parsed in full.)
_CPU_SECONDS = 2
_MEMORY = 1024 * 1024 * 1024


class _Answer(Protocol):
    def __call__(self, frame: bytes, *, apart: bool) -> Reading: ...


def serve() -> None:
    """Fork, and again whenever a message has killed the fork, until the parent closes its end."""
    # mail-parser and its dependencies load before the limit on files applies and before the first message.
    from triaged.core.mail.parsing.reading import read_message  # noqa: PLC0415 - only the child pays for this import

    policy = _policy()

    def answer(frame: bytes, *, apart: bool) -> Reading:
        message = MESSAGE.validate_json(frame) if apart else read_message(frame)
        return Reading(message, read_report(message, policy) if policy else None)

    answer(b"", apart=False)  # lazily built tables are built once, before the fork
    _limit()
    signal.signal(END, signal.SIG_IGN)
    sink = sys.stdout.buffer
    sink.write(b"!")
    sink.flush()
    while (status := _forked(answer)) and os.WTERMSIG(status) != END:
        sink.write(DEAD.pack(0, os.WTERMSIG(status)))
        sink.flush()


def _policy() -> Policy | None:
    """Read the policy, which the parent sends first."""
    source = sys.stdin.buffer
    (length,) = LENGTH.unpack(source.read(LENGTH.size))
    given = pickle.loads(source.read(length))  # noqa: S301 - our parent's own words
    return given if isinstance(given, Policy) else None


def _forked(answer: _Answer) -> int:
    """Let a fork read messages, and return its wait status: 0 at the end of all messages."""
    fork = os.fork()
    if fork:
        return os.waitpid(fork, 0)[1]
    code = 1
    signal.signal(END, signal.SIG_DFL)
    try:
        _read_all(answer)
        code = 0
    finally:
        # Whatever happened, the fork never goes on as if it were the child.
        os._exit(code)


def _read_all(answer: _Answer) -> None:
    """Read frames and write answers until the end of standard input."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while head := source.read(REQUEST.size):
        length, microseconds, apart = REQUEST.unpack(head)
        frame = source.read(length)
        _allow_cpu()
        # When the timer fires, the signal's default action kills the fork. The timer is off while an answer is written.
        signal.setitimer(signal.ITIMER_PROF, microseconds / 1_000_000)
        told = READING.dump_json(answer(frame, apart=apart))
        signal.setitimer(signal.ITIMER_PROF, 0)
        sink.write(LENGTH.pack(len(told)) + told)
        sink.flush()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def _allow_cpu() -> None:
    """Raise the limit by the next message's processor time: the kernel counts from the start of the process."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + _CPU_SECONDS, hard))


if __name__ == "__main__":
    serve()
