"""A program of the team's that is told of alerts: no shell starts it, JSON is its standard input, nobody reads what it says.

It begins as from a fresh login: a few named variables, no signal blocked or ignored.
"""

import os
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from triaged.ports import Page, TryLater

_WITHIN = 10.0
_LOOK_EVERY = 0.02
_INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
"""All that a program is given of our environment, which may hold passwords (`password_env`)."""
_CATCHABLE = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}


class CommandPager:
    """Implements `ports.Pager` with a command."""

    def __init__(self, command: Sequence[str], *, within: float = _WITHIN) -> None:
        self._command = tuple(command)
        self._within = within
        self._aborted = threading.Event()

    def page(self, page: Page) -> None:
        """Implements the port."""
        name = self._command[0]
        if self._aborted.is_set():
            raise TryLater(f"{name} was not run: triaged stops")
        try:
            running = _started(self._command, page.body.encode())
        except OSError as error:
            raise TryLater(f"{name} could not be run: {error.strerror}") from error
        code = self._code(running)
        if code is None:
            late = f"did not end within {self._within:g} s"
            raise TryLater(f"{name} {'was ended: triaged stops' if self._aborted.is_set() else late}")
        if code:
            raise TryLater(f"{name} ended with {code}")

    def abort(self) -> None:
        """Implements the port."""
        self._aborted.set()

    def _code(self, running: int) -> int | None:
        """What it ended with; None where it has to be ended."""
        deadline, ended = time.monotonic() + self._within, 0
        try:
            while time.monotonic() < deadline:
                ended, status = os.waitpid(running, os.WNOHANG)
                if ended:
                    return os.waitstatus_to_exitcode(status)
                if self._aborted.wait(_LOOK_EVERY):
                    break
            return None
        finally:
            if not ended:
                with suppress(ProcessLookupError):
                    os.killpg(running, signal.SIGKILL)
                os.waitpid(running, 0)


def _started(command: tuple[str, ...], told: bytes) -> int:
    """Its process id. It leads a session of its own, so that all it has started can be ended with it."""
    nowhere = ((os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2))
    # No pipe: one that reads slowly, or nothing, holds nobody up.
    with open(os.memfd_create("alert"), "w+b") as file:  # noqa: PTH123 - it has no path
        file.write(told)
        file.seek(0)
        # Not `subprocess`, which hands on the signals that this thread blocks. To unblock them here, if only for a moment,
        # would let one meant for the main thread end the process.
        return os.posix_spawnp(
            command[0],
            command,
            {"PATH": os.defpath} | {name: os.environ[name] for name in _INHERITED if name in os.environ},
            file_actions=[(os.POSIX_SPAWN_DUP2, file.fileno(), 0), *nowhere],
            setsid=True,
            setsigmask=(),
            # What is ignored stays so in a child: by Python for itself (SIGPIPE), or by who started triaged (nohup, SIGHUP).
            setsigdef=_CATCHABLE,
        )
