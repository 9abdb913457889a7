"""What becomes of a fault on one of the daemon's threads: put off if it passes, else the daemon ends with it."""

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
        """What the daemon ends with: the first fault that a job could not handle."""
        self._quiet_until = 0.0

    def run(self, job: Callable[[], None]) -> None:
        """Run one job, unless the daemon stops; raises nothing."""
        if self.stop.is_set():
            return
        try:
            job()
        except TurnsOver:
            # The daemon ends already, and the fault that ended it is kept.
            self.stop.set()
        except TryLater as error:
            self._put_off(error)
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
            self.broken = self.broken or error
            self.stop.set()

    def _put_off(self, error: TryLater) -> None:
        """A pass that cannot go on for now (the disk is full) is begun again by the next tick; said once a minute."""
        if time.monotonic() >= self._quiet_until and not self.stop.is_set():
            self._quiet_until = time.monotonic() + _SAY_EVERY
            log.warning("pass put off", cause=str(error))
