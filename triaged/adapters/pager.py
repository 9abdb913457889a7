"""A program of the team's that is told of alerts: no shell starts it, JSON is its standard input, nobody reads what it says."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from triaged.ports import TryLater

_WITHIN = 10.0


class CommandPager:
    """Implements `ports.Pager` with a command."""

    def __init__(self, command: Sequence[str], *, within: float = _WITHIN) -> None:
        self._command = tuple(command)
        self._within = within
        self._running: subprocess.Popen[bytes] | None = None
        self._aborted = False

    def page(self, body: str) -> None:
        """As the port says."""
        name = self._command[0]
        if self._aborted:
            raise TryLater(f"{name} was not run: triaged stops")
        try:
            # In a session of its own, so that all it has started can be ended with it.
            running = self._running = subprocess.Popen(  # noqa: S603 - what the settings say, and no shell
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise TryLater(f"{name} could not be run: {error.strerror}") from error
        try:
            running.communicate(body.encode(), self._within)
        except subprocess.TimeoutExpired as error:
            raise TryLater(f"{name} did not end within {self._within:g} s") from error
        finally:
            _end(running)
        if running.returncode:
            raise TryLater(f"{name} ended with {running.returncode}")

    def abort(self) -> None:
        """As the port says."""
        self._aborted = True
        if self._running is not None:
            _end(self._running, wait=False)


def _end(running: "subprocess.Popen[bytes]", *, wait: bool = True) -> None:
    if running.returncode is not None:
        return
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    if wait:
        if running.stdin:
            with suppress(OSError):
                running.stdin.close()
        running.wait()
