"""The daemon: the scheduler's ticks, signals, and what the service manager is told.

One worker thread does every pass, in turn: the store has one writer, and a pass that hangs also stops the heartbeat, which
is how the service manager learns of it. APScheduler is only the tick (interval jobs, UTC): what is due is decided from
stored instants, because its cron trigger skips or doubles a day when clocks change.
"""

import logging
import os
import queue
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from triaged.adapters.notify import notify_systemd, write_pulse
from triaged.composition import hang_up, prove, reequipped, shelf_of, utc_now
from triaged.config.loading import Loaded, load
from triaged.config.yaml_source import SettingsError
from triaged.core.plural import counted
from triaged.ports import Pulse, Refused, TryLater
from triaged.service.alerting import send_alert
from triaged.service.decisions import take_up
from triaged.service.delivery import deliver
from triaged.service.desk import Desk
from triaged.service.intake import Slice, take_slice
from triaged.service.morning import health, missing_mail, raise_alarm, send_digest
from triaged.service.opening import open_by_hand
from triaged.service.paging import page
from triaged.service.rewriting import write_again
from triaged.service.rhythm import Rhythm
from triaged.service.scanning import scan
from triaged.service.settling import slow
from triaged.service.updating import send_updates

log = structlog.get_logger()

_TICKS = {
    "poll": timedelta(seconds=1),
    "deliver": timedelta(seconds=30),
    "digest": timedelta(seconds=30),
    "alert": timedelta(seconds=30),
    "update": timedelta(seconds=60),
    "heartbeat": timedelta(seconds=20),
    "scan": timedelta(seconds=10),
    "page": timedelta(seconds=10),
}
_STOP_WITHIN = 3.5
"""Seconds that a pass in hand gets after SIGTERM before its sockets are shut; being killed is safe at any time anyway."""
_CLOCK_JUMP = 60.0


class Daemon:
    """Runs the passes until it is told to stop. `config` is read again at SIGHUP."""

    def __init__(self, config: Path, loaded: Loaded, desk: Desk) -> None:
        self._config = config
        self._loaded = loaded
        self._stop = threading.Event()
        self._reload_asked = threading.Event()
        self._poll_asked = threading.Event()
        self._signals: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._asked = {
            signal.SIGHUP: self._reload_asked,
            signal.SIGUSR1: self._poll_asked,
            signal.SIGTERM: self._stop,
            signal.SIGINT: self._stop,
        }
        self._desk = replace(desk, stopping=self._stop.is_set, alive=_alive)
        self._working = threading.Lock()
        self._broken: BaseException | None = None
        self._quiet_until = 0.0
        self._pulse = Pulse(poll_every_seconds=loaded.settings.mailbox.poll_every.total_seconds(), pid=os.getpid())
        self._rhythm = Rhythm()

    def serve(self) -> None:
        """Work until SIGTERM or SIGINT, then return within 5 s; raises what a pass could not go on from."""
        # Blocked here and so in every thread but fetched by one: no handler ever runs in the middle of something.
        signal.pthread_sigmask(signal.SIG_BLOCK, self._asked)
        threading.Thread(target=self._fetch_signals, name="signals", daemon=True).start()
        scheduler = self._scheduler()
        scheduler.start()
        notify_systemd("READY=1", "STATUS=started")
        log.info("started", pid=os.getpid(), mailbox=self._loaded.settings.mailbox.username)
        drift = time.time() - time.monotonic()
        while not self._stop.is_set():
            with suppress(queue.Empty):
                self._asked[signal.Signals(self._signals.get(timeout=1.0))].set()
            drift = self._watch_clock(scheduler, drift)
        notify_systemd("STOPPING=1")
        scheduler.shutdown(wait=False)
        self._finish()
        hang_up(self._desk)
        if self._broken is not None:
            raise self._broken
        log.info("stopped")

    def _fetch_signals(self) -> None:
        # Not sigtimedwait: stopped and continued past its time-out, it returns a number that nobody sent (a siginfo that
        # CPython never filled in).
        while True:
            self._signals.put(signal.sigwait(self._asked))

    def _scheduler(self) -> BackgroundScheduler:
        # Its one warning, that a tick fell into a running pass, is this design working.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = BackgroundScheduler(
            executors={name: ThreadPoolExecutor(max_workers=1) for name in ("default", "scanner", "pager")},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            timezone=UTC,
        )
        jobs = {
            "poll": self._poll,
            "deliver": self._deliver,
            "digest": self._digest,
            "alert": self._alert,
            "update": self._update,
            "heartbeat": self._heartbeat,
        }
        guarded = {name: ("default", self._guarded(job, self._working)) for name, job in jobs.items()}
        # A scan may take a minute, so it has a thread of its own, and the worker's turn only to read and write the store.
        guarded["scan"] = ("scanner", self._guarded(self._scan, nullcontext()))
        guarded["page"] = ("pager", self._guarded(self._page, nullcontext()))
        for name, (executor, run) in guarded.items():
            seconds = _TICKS[name].total_seconds()
            scheduler.add_job(run, "interval", seconds=seconds, id=name, executor=executor, next_run_time=utc_now())
        return scheduler

    def _guarded(self, job: Callable[[], None], turn: AbstractContextManager[object]) -> Callable[[], None]:
        """The job, so wrapped that what it could not handle ends the daemon: the scheduler would only log it."""

        def run() -> None:
            if self._stop.is_set():
                return
            with turn:
                try:
                    job()
                except TryLater as error:
                    self._put_off(error)
                except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
                    self._broken = error
                    self._stop.set()

        return run

    def _put_off(self, error: TryLater) -> None:
        """A pass that could not go on for now (the disk is full) is begun again by the next tick; said once a minute."""
        if time.monotonic() >= self._quiet_until and not self._stop.is_set():
            self._quiet_until = time.monotonic() + 60
            log.warning("pass put off", cause=str(error))

    def _watch_clock(self, scheduler: BackgroundScheduler, drift: float) -> float:
        """Run every job now when the wall clock has jumped: the scheduler would sleep through an hour set back."""
        now_drift = time.time() - time.monotonic()
        if abs(now_drift - drift) < _CLOCK_JUMP:
            return drift
        log.warning("clock jumped", seconds=round(now_drift - drift))
        for job in scheduler.get_jobs():
            job.modify(next_run_time=utc_now())
        return now_drift

    def _finish(self) -> None:
        """Wait for the mail in hand; then shut its sockets, and at last leave: a kill is safe wherever it falls."""
        for outside in (self._desk.scanner, self._desk.pager):
            if outside is not None:
                outside.abort()
        if self._working.acquire(timeout=_STOP_WITHIN):
            return
        self._desk.mailbox.abort()
        if self._desk.sent is not None:
            self._desk.sent.abort()
        self._desk.submission.abort()
        if not self._working.acquire(timeout=0.5):
            log.warning("stopped in the middle of a pass; the next start takes it up again")
            # The worker is no daemon thread: without this the interpreter would wait for it at exit.
            os._exit(0)

    def _poll(self) -> None:
        if self._reload_asked.is_set():
            self._reload_asked.clear()
            self._reload()
        take_up(self._desk.store, self._desk.decisions, partial(open_by_hand, shelf_of(self._desk)))
        if self._poll_asked.is_set():
            self._poll_asked.clear()
            self._rhythm = self._rhythm.at_once()
        if self._rhythm.listening and self._desk.mailbox.stirred():
            self._rhythm = self._rhythm.told()
        polling = self._rhythm.due(time.monotonic())
        if not polling and not slow(self._desk.store):
            return
        try:
            part = take_slice(self._desk, polling=polling)
        except (TryLater, Refused) as error:
            self._poll_failed(error)
            return
        if polling:
            self._polled(part)
        if part.settled or part.more:
            self._send_all()

    def _send_all(self) -> None:
        """Whatever is due, between two slices of intake: a backlog must not hold up an answer or the digest."""
        raise_alarm(self._desk)
        send_alert(self._desk)
        send_digest(self._desk, health(self._desk.store, self._pulse, utc_now()))
        deliver(self._desk)

    def _polled(self, part: Slice) -> None:
        settled = len(part.settled)
        if self._pulse.trouble_since:
            out_for = utc_now() - self._pulse.trouble_since
            log.info("mailbox reached again", out_for_seconds=round(out_for.total_seconds()))
        every = self._loaded.settings.mailbox.poll_every.total_seconds()
        self._rhythm = self._rhythm.polled(time.monotonic(), every, settled)
        if part.more:
            self._rhythm = self._rhythm.at_once()
        unreadable = missing_mail(self._desk)
        self._pulse = replace(
            self._pulse, last_poll_at=utc_now(), trouble="", trouble_since=None, unreadable=unreadable
        )
        write_pulse(self._loaded.settings.state_dir, self._pulse)
        if settled:
            log.info("polled", settled=settled)
        notify_systemd(f"STATUS=polled {utc_now():%H:%M:%S} UTC; {counted(len(self._desk.store.owed()), 'mail')} owed")

    def _poll_failed(self, error: TryLater | Refused) -> None:
        now, login = time.monotonic(), isinstance(error, TryLater) and error.login
        self._rhythm = self._rhythm.failed(now, login=login, jitter=random.random())  # noqa: S311 - hides nothing
        since = self._pulse.trouble_since or utc_now()
        self._pulse = replace(self._pulse, trouble=str(error), trouble_since=since)
        write_pulse(self._loaded.settings.state_dir, self._pulse)
        log.warning("mailbox not read", cause=str(error), again_in_seconds=round(self._rhythm.next_at - now))
        notify_systemd(f"STATUS=mailbox not read: {error}")

    def _deliver(self) -> None:
        write_again(self._desk)
        deliver(self._desk)

    def _digest(self) -> None:
        if send_digest(self._desk, health(self._desk.store, self._pulse, utc_now())):
            deliver(self._desk)

    def _alert(self) -> None:
        if send_alert(self._desk):
            deliver(self._desk)

    def _update(self) -> None:
        if send_updates(self._desk):
            deliver(self._desk)

    def _scan(self) -> None:
        scan(self._desk, self._turn)

    def _page(self) -> None:
        page(self._desk, self._turn)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The worker's turn, for another thread; raises TryLater when the daemon stops: then it never comes."""
        while not self._working.acquire(timeout=0.2):
            if self._stop.is_set():
                raise TryLater("the daemon stops")
        try:
            yield
        finally:
            self._working.release()

    def _heartbeat(self) -> None:
        _alive()

    def _reload(self) -> None:
        """Take the settings anew, all or nothing: with a fault in them the old ones stay."""
        try:
            loaded = load(self._config)
            prove(loaded)
        except SettingsError as error:
            log.error("settings not reloaded; the old ones stay", faults=list(error.faults))
            return
        if loaded.settings.state_dir != self._loaded.settings.state_dir:
            log.error("settings not reloaded; state_dir changes only with a restart")
            return
        old = self._desk
        hang_up(old)
        self._desk = reequipped(old, loaded)
        self._loaded = loaded
        self._pulse = replace(self._pulse, poll_every_seconds=loaded.settings.mailbox.poll_every.total_seconds())
        self._rhythm = self._rhythm.at_once()
        log.info("settings reloaded")


def _alive() -> None:
    notify_systemd("WATCHDOG=1")
