"""Paging through a program of the team's. It starts without a shell, gets JSON on standard input, and its output is dropped.

It starts as from a fresh login: with a few named variables, and with no signal blocked or ignored.
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
"""The only variables that the program inherits: our environment may hold passwords (`password_env`)."""
_CATCHABLE = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}


class CommandPager:
    """`ports.Pager` that runs a command; `within` is the seconds that one run may take."""

    def __init__(self, command: Sequence[str], *, within: float = _WITHIN) -> None:
        self._command = tuple(command)
        self._within = within
        self._aborted = threading.Event()

    def page(self, page: Page) -> None:
        """Run the program and wait for it; TryLater if it fails, does not end in time, or cannot be started."""
        name = self._command[0]
        if self._aborted.is_set():
            raise TryLater(f"{name} was not run: triaged is stopping")
        try:
            running = _started(self._command, page.body.encode())
        except OSError as error:
            raise TryLater(f"{name} could not be run: {error.strerror}") from error
        code = self._code(running)
        if code is None:
            late = f"did not end within {self._within:g} s"
            raise TryLater(f"{name} {'was ended: triaged is stopping' if self._aborted.is_set() else late}")
        if code:
            raise TryLater(f"{name} ended with {code}")

    def abort(self) -> None:
        """Kill the program and everything it has started."""
        self._aborted.set()

    def _code(self, running: int) -> int | None:
        """Wait for the exit code; None if the program must be killed."""
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
    """Start the program and return its process id. It leads its own session, so that its children can be killed with it."""
    nowhere = ((os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2))
    # A file and no pipe: a program that reads slowly, or not at all, blocks nobody.
    with open(os.memfd_create("alert"), "w+b") as file:  # noqa: PTH123 - it has no path
        file.write(told)
        file.seek(0)
        # Not `subprocess`: its child inherits the signals that this thread blocks. Unblocking them here, even for a moment,
        # would let one meant for the main thread end the process.
        return os.posix_spawnp(
            command[0],
            command,
            {"PATH": os.defpath} | {name: os.environ[name] for name in _INHERITED if name in os.environ},
            file_actions=[(os.POSIX_SPAWN_DUP2, file.fileno(), 0), *nowhere],
            setsid=True,
            setsigmask=(),
            # A child inherits ignored signals: SIGPIPE, which Python ignores, and SIGHUP if nohup started triaged.
            setsigdef=_CATCHABLE,
        )
