"""Signals are fetched, not handled: no handler ever runs in the middle of something, such as inside a lock."""

import queue
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress


class Signals:
    """Sets an event for each signal that came."""

    def __init__(self, asked: Mapping[signal.Signals, threading.Event]) -> None:
        self._asked = asked
        self._came: queue.SimpleQueue[int] = queue.SimpleQueue()

    def take_over(self) -> None:
        """Block the signals in this thread, and so in all that it starts, but in the one that fetches them."""
        signal.pthread_sigmask(signal.SIG_BLOCK, self._asked)
        threading.Thread(target=self._fetch, name="signals", daemon=True).start()

    def wait(self, seconds: float) -> None:
        """Do what the next signal asks for; return after so many seconds without one."""
        with suppress(queue.Empty):
            self._asked[signal.Signals(self._came.get(timeout=seconds))].set()

    def _fetch(self) -> None:
        # Not sigtimedwait: stopped and continued past its time-out, it returns a number that nobody sent (a siginfo that
        # CPython never filled in).
        while True:
            self._came.put(signal.sigwait(self._asked))
