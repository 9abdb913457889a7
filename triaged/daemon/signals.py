"""Signals, fetched by a waiting thread and not by handlers: a handler could run anywhere, such as inside a lock."""

import queue
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress


class Signals:
    """Sets an event for each signal that arrives."""

    def __init__(self, asked: Mapping[signal.Signals, threading.Event]) -> None:
        self._asked = asked
        self._came: queue.SimpleQueue[int] = queue.SimpleQueue()

    def take_over(self) -> None:
        """Block the signals in this thread and in every thread it starts, except the one that fetches them."""
        signal.pthread_sigmask(signal.SIG_BLOCK, self._asked)
        threading.Thread(target=self._fetch, name="signals", daemon=True).start()

    def wait(self, seconds: float) -> None:
        """Act on the next signal; return after `seconds` without one."""
        with suppress(queue.Empty):
            self._asked[signal.Signals(self._came.get(timeout=seconds))].set()

    def _fetch(self) -> None:
        # Not sigtimedwait: if the process is stopped and continued past the time-out, it returns a signal that nobody sent
        # (a siginfo that CPython never filled in).
        while True:
            self._came.put(signal.sigwait(self._asked))
