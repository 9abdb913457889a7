"""The ticks: APScheduler interval jobs in UTC, each on its named thread.

Stored instants decide what is due, never the scheduler: its cron trigger skips or repeats a day when clocks change.
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
"""The thread, the interval, and the job."""


class Ticks:
    """Runs each job at once and then at its interval. A tick is skipped while its job is still running."""

    def __init__(self, jobs: Mapping[str, Tick]) -> None:
        # Its only warning, about a tick skipped while its job runs, reports intended behaviour.
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
        """Start the ticks."""
        self._scheduler.start()

    def stop(self) -> None:
        """Start no further job; running ones go on."""
        self._scheduler.shutdown(wait=False)

    def watch_clock(self) -> None:
        """Run every job now if the wall clock has jumped: set back by an hour, it would make the scheduler sleep that long."""
        drift = time.time() - time.monotonic()
        if abs(drift - self._drift) < _CLOCK_JUMP:
            return
        log.warning("clock jumped", seconds=round(drift - self._drift))
        self._drift = drift
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))
