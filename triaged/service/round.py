"""The order of the passes, for everything that runs them: the daemon's ticks, `run --once` and the demo.

Mail is taken in by slices. Before each slice the team's decisions are recorded. After it every due letter is owed, and owed
letters are delivered. In the daemon, delivery runs on its own thread.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from triaged.core.case.case import Case
from triaged.core.case.events import Event, TeamDecision
from triaged.core.team.digest import Health
from triaged.ports import Refused, TryLater
from triaged.service.alerting import send_alert
from triaged.service.decisions import take_up
from triaged.service.delivery import deliver
from triaged.service.erasing import Archive, erase_asked, retain
from triaged.service.intake import take_slice
from triaged.service.morning import health, raise_alarm, send_digest
from triaged.service.opening import Shelf, open_by_hand
from triaged.service.paging import page
from triaged.service.reminding import send_reminders
from triaged.service.replying import with_letters
from triaged.service.rewriting import write_again
from triaged.service.rooms import Mailroom, Outgoing, Pageroom, Scanroom, UnderWay, WritingDesk
from triaged.service.scanning import scan
from triaged.service.settling import Settled
from triaged.service.updating import send_updates

_DAILY = timedelta(days=1)


@dataclass(slots=True)
class Done:
    """The result of one pass of everything."""

    settled: list[Settled] = field(default_factory=list)
    sent: int = 0
    """The number of letters sent."""
    trouble: TryLater | Refused | None = None
    """The fault if a mailbox could not be read."""


@dataclass(frozen=True, slots=True)
class Round:
    """The rooms and the passes through them. A reload makes a new round around the same `under_way`."""

    under_way: UnderWay
    mailrooms: tuple[Mailroom, ...]
    """The mailrooms, in the order in which they are polled."""
    desk: WritingDesk
    outgoing: Outgoing
    scanroom: Scanroom
    pageroom: Pageroom
    archive: Archive | None = None
    """All that is kept; None: nothing is ever erased."""

    def take_up(self) -> int:
        """Record the team's decisions, and return their number."""
        kept = self.under_way
        shelf = Shelf(kept.store, kept.spool, kept.reader, self.desk.house, kept.key)
        with kept.turn():
            return take_up(kept.store, kept.decisions, partial(open_by_hand, shelf), self._written)

    def _written(self, case: Case, event: TeamDecision) -> tuple[Event, ...]:
        desk = self.desk
        return with_letters(case, (event,), desk.renderer, desk.house.policy, desk.clock())

    def erase(self) -> None:
        """Carry out the erasures that people asked for, then, once a day, those of what was kept long enough."""
        if self.archive is None:
            return
        erase_asked(self.archive, in_flight=self._in_flight)
        kept, now = self.under_way, self.under_way.clock()
        if kept.retained_at and kept.retained_at <= now < kept.retained_at + _DAILY:
            return
        if not self._in_flight() and not retain(self.archive).anything:
            kept.retained_at = now

    def _in_flight(self) -> bool:
        """True while a letter is being handed in, or its outcome waits for a full disk: what is told of it may name anybody."""
        kept = self.under_way
        with kept.turn():
            return bool(kept.unwritten) or any(letter.state == "submitting" for _, letter in kept.store.owed())

    def owe_at_once(self, *, digest: bool = True) -> None:
        """Owe urgent mail to the team: a flood alarm, an alert and, with `digest`, the digest that is due."""
        turn = self.under_way.turn
        with turn():
            raise_alarm(self.desk)
        with turn():
            send_alert(self.desk)
        if digest:
            with turn():
                send_digest(self.desk, self.health())

    def owe(self, *, digest: bool = True) -> None:
        """Owe everything that is due: answers that could not be written before, updates, and mail to the team."""
        write_again(self.desk)
        with self.under_way.turn():
            send_updates(self.desk)
            send_reminders(self.desk)
        self.owe_at_once(digest=digest)

    def health(self) -> Health:
        """The daemon's health, for the digest."""
        with self.under_way.turn():
            return health(self.under_way.store, self.under_way.pulse, self.under_way.clock())

    def once(self) -> Done:
        """Take in all new mail, and deliver owed letters after each slice; raises TryLater if the disk is full.

        If a mailbox cannot be read, `Done.trouble` says so, and mail that was taken in already is still settled and answered.
        Only the daemon owes digests; without it `triaged digest --send` sends them.
        """
        self.take_up()
        done = Done()
        for mailroom in self.mailrooms:
            self._taken_in(mailroom, done)
        self._sent(done)
        self.erase()
        return done

    def look_after(self) -> None:
        """Page the team and scan attachments: the two jobs that nothing waits for."""
        page(self.pageroom)
        scan(self.scanroom)

    def _taken_in(self, mailroom: Mailroom, done: Done) -> None:
        polling = more = True
        while more:
            try:
                part = take_slice(mailroom, polling=polling)
            except (TryLater, Refused) as error:
                if not polling:
                    raise
                done.trouble, polling = error, False
                continue
            done.settled += part.settled
            more = part.more
            if more:
                self._sent(done)

    def _sent(self, done: Done) -> None:
        self.owe(digest=False)
        done.sent += deliver(self.outgoing)
