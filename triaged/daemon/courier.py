"""Delivery on a thread of its own: a server may take ten minutes to answer, and only letters wait for it."""

import threading
from collections.abc import Callable
from datetime import timedelta

from triaged.daemon.guard import Guard
from triaged.service.delivery import deliver
from triaged.service.rooms import Outgoing

_TRIES_EVERY = timedelta(seconds=30)


class Courier:
    """Makes a delivery pass whenever it is woken, and every half minute, with the room that `outgoing` gives at the time.

    After a reload it ends the letter in hand with the room it was begun in, and goes on with the new one.
    """

    def __init__(self, outgoing: Callable[[], Outgoing], guard: Guard) -> None:
        self._outgoing, self._guard = outgoing, guard
        self._woken = threading.Event()
        self._used: Outgoing | None = None
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)

    def start(self) -> None:
        """Begin, with a pass."""
        self._thread.start()

    def wake(self) -> None:
        """Letters were owed, the settings are new, or the daemon stops."""
        self._woken.set()

    @property
    def works(self) -> bool:
        """True if the thread lives: one that waits for a server does."""
        return self._thread.is_alive()

    @property
    def runs_here(self) -> bool:
        """True if the thread is the caller's."""
        return threading.current_thread() is self._thread

    def ended(self, seconds: float) -> bool:
        """True if the thread ended within so many seconds."""
        self._thread.join(max(seconds, 0.0))
        return not self.works

    def abort(self) -> None:
        """End a conversation with the server at once."""
        if self._used is not None:
            self._used.submission.abort()

    def _run(self) -> None:
        while not self._guard.stop.is_set():
            self._guard.run(self.deliver)
            # Whoever stops the daemon sets `stop` first and wakes us then, so it is seen here or cuts the wait short.
            if not self._guard.stop.is_set():
                self._woken.wait(_TRIES_EVERY.total_seconds())
        if self._used is not None:
            self._used.submission.close()

    def deliver(self) -> None:
        """Make one pass. Whoever wakes us during it has news."""
        self._woken.clear()
        outgoing = self._outgoing()
        if self._used is not None and self._used is not outgoing:
            self._used.submission.close()
        self._used = outgoing
        deliver(outgoing, replaced=lambda: self._outgoing() is not outgoing, news=self._woken.is_set)
