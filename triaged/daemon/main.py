"""The daemon's life: what its threads do and when, how it takes new settings, and how it ends."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog

from triaged.adapters.notify import notify_systemd
from triaged.composition import furnished, hang_up, prove
from triaged.config.loading import Loaded, load
from triaged.config.yaml_source import SettingsError
from triaged.daemon.courier import Courier
from triaged.daemon.guard import Guard
from triaged.daemon.polling import Polling
from triaged.daemon.signals import Signals
from triaged.daemon.ticks import Ticks
from triaged.ports import Pulse
from triaged.service.paging import page
from triaged.service.round import Round
from triaged.service.scanning import scan

log = structlog.get_logger()

_POLL, _OWE, _HEARTBEAT, _LOOK_AFTER = (timedelta(seconds=seconds) for seconds in (1, 30, 20, 10))
_STOP_WITHIN = 3.5
"""Seconds that the mail and the letter in hand get after SIGTERM before their sockets are shut; a kill is safe at any time."""
_SHUT_WITHIN = 0.5
"""Seconds after which a thread whose socket was shut is not waited for any more."""


class DeliveryEndedError(Exception):
    """The thread that delivers is gone, though nobody told it to end."""


class Daemon:
    """A worker on which the passes run in turn, a courier for what they owe, and two threads that nothing waits for.

    SIGHUP reloads the settings, SIGUSR1 polls at once, SIGTERM and SIGINT end it.
    """

    def __init__(self, config: Path, loaded: Loaded, rooms: Round) -> None:
        self._config, self._loaded, self._rooms = config, loaded, rooms
        self._guard = Guard()
        self._reload_asked, self._poll_asked = threading.Event(), threading.Event()
        self._courier = Courier(lambda: self._rooms.outgoing, self._guard)
        self._working = threading.Lock()
        kept = rooms.under_way
        kept.stopping, kept.alive = self._guard.stop.is_set, self._alive
        kept.pulse = Pulse(poll_every_seconds=_seconds_between_polls(loaded), pid=os.getpid())

    def serve(self) -> None:
        """Work until SIGTERM or SIGINT, then return within 5 s; raises what a pass could not go on from."""
        stop = self._guard.stop
        asked = {signal.SIGHUP: self._reload_asked, signal.SIGUSR1: self._poll_asked}
        signals = Signals({**asked, signal.SIGTERM: stop, signal.SIGINT: stop})
        signals.take_over()
        ticks = self._ticks()
        self._courier.start()
        ticks.start()
        notify_systemd("READY=1", "STATUS=started")
        log.info("started", pid=os.getpid(), mailbox=self._loaded.settings.mailbox.username)
        while not stop.is_set():
            signals.wait(1.0)
            ticks.watch_clock()
        notify_systemd("STOPPING=1")
        ticks.stop()
        self._finish()
        hang_up(self._rooms)
        if self._guard.broken is not None:
            raise self._guard.broken
        log.info("stopped")

    def _ticks(self) -> Ticks:
        # A scan may take a minute and a pager hang: each has a thread of its own.
        return Ticks(
            {
                "poll": ("worker", _POLL, self._in_turn(self.poll)),
                "owe": ("worker", _OWE, self._in_turn(self._owe)),
                "heartbeat": ("worker", _HEARTBEAT, self._in_turn(self._heartbeat)),
                "scan": ("scanner", _LOOK_AFTER, lambda: self._guard.run(self._scan)),
                "page": ("pager", _LOOK_AFTER, lambda: self._guard.run(self._page)),
            }
        )

    def _in_turn(self, job: Callable[[], None]) -> Callable[[], None]:
        """The job as the worker runs it: whoever ends the daemon can wait for it."""

        def run() -> None:
            with self._working:
                self._guard.run(job)

        return run

    def poll(self) -> None:
        """The worker's tick: what people ask for, then a slice of mail, then what the team must hear of it."""
        if self._reload_asked.is_set():
            self._reload_asked.clear()
            self._reload()
        self._rooms.take_up()
        self._rooms.erase()
        polling = Polling(self._rooms, self._loaded.settings.state_dir)
        if self._poll_asked.is_set():
            self._poll_asked.clear()
            polling.at_once()
        if polling.tick():
            self._rooms.owe_at_once()
            self._courier.wake()

    def _owe(self) -> None:
        self._rooms.owe()
        self._courier.wake()

    def _scan(self) -> None:
        scan(self._rooms.scanroom)

    def _page(self) -> None:
        page(self._rooms.pageroom)

    def _heartbeat(self) -> None:
        # In this order: when it has ended because the daemon stops, the stop is to be seen.
        if not self._courier.works and not self._guard.stop.is_set():
            raise DeliveryEndedError("the thread that delivers has ended by itself")
        self._alive()

    def _alive(self) -> None:
        # Letters that leave must not hide a worker that hangs.
        if not self._courier.runs_here:
            notify_systemd("WATCHDOG=1")

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
        old, kept = self._rooms, self._rooms.under_way
        self._rooms, self._loaded = furnished(loaded, kept), loaded
        hang_up(old)
        self._courier.wake()
        kept.pulse = replace(kept.pulse, poll_every_seconds=_seconds_between_polls(loaded))
        Polling(self._rooms, loaded.settings.state_dir).at_once()
        log.info("settings reloaded")

    def _finish(self) -> None:
        """Wait for the mail and the letter in hand; then shut their sockets, and at last leave them: a kill is safe."""
        for outside in (self._rooms.scanroom.scanner, self._rooms.pageroom.pager):
            if outside is not None:
                outside.abort()
        self._courier.wake()
        ended = self._ended_within(_STOP_WITHIN)
        if not ended:
            self._abort()
            ended = self._ended_within(_SHUT_WITHIN)
        # From here on no thread touches the store, so that it can be closed.
        ended = self._rooms.under_way.turn.end(_SHUT_WITHIN) and ended
        if not ended and self._guard.broken is None:
            log.warning("stopped in the middle of a pass; the next start takes it up again")
            # The worker is no daemon thread: without this the interpreter would wait for it at exit.
            os._exit(0)

    def _ended_within(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        worker = self._working.acquire(timeout=seconds)
        courier = self._courier.ended(until - time.monotonic())
        if worker:
            self._working.release()
        return worker and courier

    def _abort(self) -> None:
        for room in self._rooms.mailrooms:
            room.mailbox.abort()
            if room.sent is not None:
                room.sent.abort()
        self._courier.abort()


def _seconds_between_polls(loaded: Loaded) -> float:
    return loaded.settings.mailbox.poll_every.total_seconds()
