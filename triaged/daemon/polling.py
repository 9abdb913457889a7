"""When each mailbox is polled, and how polling is reported: to the service manager, and in the pulse for `triaged status`."""

import random
import time
from dataclasses import replace
from pathlib import Path

import structlog

from triaged.adapters.notify import notify_systemd, write_pulse
from triaged.core.plural import counted
from triaged.ports import Refused, TryLater
from triaged.service.intake import Slice, take_slice, waiting
from triaged.service.morning import missing_mail
from triaged.service.rhythm import Rhythm
from triaged.service.rooms import Mailroom
from triaged.service.round import Round

log = structlog.get_logger()


class Polling:
    """Takes slices from the mailrooms of a round, each in its own rhythm."""

    def __init__(self, rooms: Round, state_dir: Path) -> None:
        self._rooms, self._kept, self._state_dir = rooms, rooms.under_way, state_dir

    def at_once(self) -> None:
        """Have the next tick poll every mailbox, even after failures."""
        for room in self._rooms.mailrooms:
            self._keep(room, self._rhythm(room).at_once())

    def tick(self) -> bool:
        """Take a slice from each mailroom that is due; True if mail was settled or waits for another slice."""
        return sum(self._ticked(room) for room in self._rooms.mailrooms) > 0

    def _ticked(self, room: Mailroom) -> bool:
        if self._rhythm(room).listening and room.mailbox.stirred():
            self._keep(room, self._rhythm(room).told())
        polling = self._rhythm(room).due(time.monotonic())
        if not polling and not waiting(room):
            return False
        try:
            part = take_slice(room, polling=polling)
        except (TryLater, Refused) as error:
            self._failed(room, error)
            return False
        if polling:
            self._polled(room, part)
        return bool(part.settled) or part.more

    def _polled(self, room: Mailroom, part: Slice) -> None:
        settled, now = len(part.settled), self._kept.clock()
        if self._kept.pulse.trouble_since:
            log.info(
                "mailbox reached again", out_for_seconds=round((now - self._kept.pulse.trouble_since).total_seconds())
            )
        rhythm = self._rhythm(room).polled(time.monotonic(), self._kept.pulse.poll_every_seconds, settled)
        self._keep(room, rhythm.at_once() if part.more else rhythm)
        if not any(rhythm.failures for rhythm in self._kept.rhythms.values()):
            self._kept.pulse = replace(self._kept.pulse, trouble="", trouble_since=None)
        unreadable = missing_mail(self._rooms.mailrooms)
        self._kept.pulse = replace(self._kept.pulse, last_poll_at=now, unreadable=unreadable)
        write_pulse(self._state_dir, self._kept.pulse)
        if settled:
            log.info("polled", settled=settled)
        with room.turn():
            owed = len(room.store.owed())
        notify_systemd(f"STATUS=polled {now:%H:%M:%S} UTC; {counted(owed, 'mail')} owed")

    def _failed(self, room: Mailroom, error: TryLater | Refused) -> None:
        if room.stopping():
            # We shut the sockets ourselves.
            return
        now, login = time.monotonic(), isinstance(error, TryLater) and error.login
        rhythm = self._rhythm(room).failed(now, login=login, jitter=random.random())  # noqa: S311 - hides nothing
        self._keep(room, rhythm)
        since = self._kept.pulse.trouble_since or self._kept.clock()
        self._kept.pulse = replace(self._kept.pulse, trouble=str(error), trouble_since=since)
        write_pulse(self._state_dir, self._kept.pulse)
        log.warning("mailbox not read", cause=str(error), again_in_seconds=round(rhythm.next_at - now))
        notify_systemd(f"STATUS=mailbox not read: {error}")

    def _rhythm(self, room: Mailroom) -> Rhythm:
        return self._kept.rhythms.get(room.name, Rhythm())

    def _keep(self, room: Mailroom, rhythm: Rhythm) -> None:
        self._kept.rhythms[room.name] = rhythm
