"""The ticks: interval jobs of APScheduler, in UTC, each on the thread that is named for it.

What is due is decided from stored instants and never by the scheduler: its cron trigger skips or doubles a day when clocks
change.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

log = structlog.get_logger()

_CLOCK_JUMP = 60.0

Tick = tuple[str, timedelta, Callable[[], None]]
"""The thread, how often, and what it runs."""


class Ticks:
    """Runs each job by name, at once and then at its interval. A tick that falls into its own running job is left out."""

    def __init__(self, jobs: Mapping[str, Tick]) -> None:
        # Its one warning, that a tick fell into a running job, is this design working.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        threads = {thread for thread, _, _ in jobs.values()}
        self._scheduler = BackgroundScheduler(
            executors={"default" if name == "worker" else name: ThreadPoolExecutor(max_workers=1) for name in threads},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            timezone=UTC,
        )
        for name, (thread, every, run) in jobs.items():
            executor, seconds = "default" if thread == "worker" else thread, every.total_seconds()
            self._scheduler.add_job(
                run, "interval", seconds=seconds, id=name, executor=executor, next_run_time=datetime.now(UTC)
            )
        self._drift = time.time() - time.monotonic()

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Begin no further job; those in hand go on."""
        self._scheduler.shutdown(wait=False)

    def watch_clock(self) -> None:
        """Run every job now if the wall clock has jumped: the scheduler would sleep through an hour set back."""
        drift = time.time() - time.monotonic()
        if abs(drift - self._drift) < _CLOCK_JUMP:
            return
        log.warning("clock jumped", seconds=round(drift - self._drift))
        self._drift = drift
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))
