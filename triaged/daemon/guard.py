"""Faults on the daemon's threads: a passing fault puts the pass off, any other ends the daemon."""

import threading
import time
from collections.abc import Callable

import structlog

from triaged.ports import TryLater
from triaged.service.one_at_a_time import TurnsOver

log = structlog.get_logger()

_SAY_EVERY = 60.0


class Guard:
    """Runs the jobs of every thread until `stop` is set."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.broken: BaseException | None = None
        """The first fault that ended a job; the daemon raises it as it ends."""
        self._quiet_until = 0.0

    def run(self, job: Callable[[], None]) -> None:
        """Run one job unless the daemon is stopping; never raises."""
        if self.stop.is_set():
            return
        try:
            job()
        except TurnsOver:
            # The daemon is ending already, and the fault that ended it is kept.
            self.stop.set()
        except TryLater as error:
            self._put_off(error)
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
            self.broken = self.broken or error
            self.stop.set()

    def _put_off(self, error: TryLater) -> None:
        """Leave the pass to the next tick, because it cannot go on for now (the disk is full). Logged once a minute."""
        if time.monotonic() >= self._quiet_until and not self.stop.is_set():
            self._quiet_until = time.monotonic() + _SAY_EVERY
            log.warning("pass put off", cause=str(error))
