"""Delivery on its own thread: a server may take ten minutes to answer, and only letters should wait for that."""

import threading
from collections.abc import Callable
from datetime import timedelta

from triaged.daemon.guard import Guard
from triaged.service.delivery import deliver
from triaged.service.rooms import Outgoing

_TRIES_EVERY = timedelta(seconds=30)


class Courier:
    """Runs a delivery pass when woken and every half minute, in the room that `outgoing` returns at that time.

    After a reload it finishes the current letter in the old room, and goes on in the new one.
    """

    def __init__(self, outgoing: Callable[[], Outgoing], guard: Guard) -> None:
        self._outgoing, self._guard = outgoing, guard
        self._woken = threading.Event()
        self._used: Outgoing | None = None
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)

    def start(self) -> None:
        """Start the thread, which begins with a pass."""
        self._thread.start()

    def wake(self) -> None:
        """Start a pass now: a letter was owed, the settings changed, or the daemon is stopping."""
        self._woken.set()

    @property
    def works(self) -> bool:
        """True if the thread is alive, even if it is waiting for a server."""
        return self._thread.is_alive()

    @property
    def runs_here(self) -> bool:
        """True if called on this thread."""
        return threading.current_thread() is self._thread

    def ended(self, seconds: float) -> bool:
        """Wait up to `seconds`; True if the thread ended."""
        self._thread.join(max(seconds, 0.0))
        return not self.works

    def abort(self) -> None:
        """Cut a conversation with the server short."""
        if self._used is not None:
            self._used.submission.abort()

    def _run(self) -> None:
        while not self._guard.stop.is_set():
            self._guard.run(self.deliver)
            # Stopping the daemon sets `stop` first and wakes this thread afterwards, so no stop is missed.
            if not self._guard.stop.is_set():
                self._woken.wait(_TRIES_EVERY.total_seconds())
        if self._used is not None:
            self._used.submission.close()

    def deliver(self) -> None:
        """Run one pass. A call of `wake` during it starts another."""
        self._woken.clear()
        outgoing = self._outgoing()
        if self._used is not None and self._used is not outgoing:
            self._used.submission.close()
        self._used = outgoing
        deliver(outgoing, replaced=lambda: self._outgoing() is not outgoing, news=self._woken.is_set)
