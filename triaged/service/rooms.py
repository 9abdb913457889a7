"""The rooms in which the passes work. The settings make them, and a reload makes them anew.

What is under way when a reload comes is in none of them: it is in `UnderWay`, which every room shares and no reload replaces.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from triaged.config.settings import AlertsSettings, DigestSettings
from triaged.core.case.events import Event
from triaged.core.case.owner import Owner
from triaged.core.letters.house import House
from triaged.core.mail.arrival import MAIN, Arrival
from triaged.ports import (
    Clock,
    Decisions,
    Mailbox,
    Pager,
    Pulse,
    Reader,
    Renderer,
    Scanner,
    Spool,
    Store,
    Submission,
)
from triaged.service.one_at_a_time import OneAtATime
from triaged.service.patience import LOGIN_PAUSES, Patience
from triaged.service.rhythm import Rhythm


@dataclass(slots=True)
class UnderWay:
    """What lives as long as the process: the parts of the state directory, and what the process remembers of its work."""

    store: Store
    spool: Spool
    reader: Reader
    decisions: Decisions
    key: bytes
    clock: Clock
    stopping: Callable[[], bool] = field(default=lambda: False)
    """Asked between two mails or letters: a daemon told to stop finishes the one in hand."""
    alive: Callable[[], None] = field(default=lambda: None)
    """Called after each mail or letter, so that a long backlog does not look like a hang to the watchdog."""
    turn: OneAtATime = field(default_factory=OneAtATime)
    """Held by whichever thread touches the store."""
    orphans: deque[str] = field(default_factory=deque)
    """Raw mails that no arrival names: a kill, or a full disk, came between the two."""
    unwritten: deque[tuple[Owner, Event]] = field(default_factory=deque)
    """Outcomes of letters, by owner, that the store did not take because the disk was full."""
    rewrites: Counter[str] = field(default_factory=Counter)
    """How often each answer that no template could write was tried again, by case."""
    scans_begun: Counter[str] = field(default_factory=Counter)
    """Scans that have not ended, by mail."""
    rhythms: dict[str, Rhythm] = field(default_factory=dict)
    """How the polling of each mailroom goes, by its name."""
    retained_at: datetime | None = None
    """When nothing was left to erase for having been kept long enough."""
    pulse: Pulse = field(default_factory=Pulse)
    """As it was last written down."""


class _Room:
    """What every room reaches through what is under way."""

    __slots__ = ()
    under_way: UnderWay

    @property
    def store(self) -> Store:
        """Touched only by the thread whose turn it is."""
        return self.under_way.store

    @property
    def clock(self) -> Clock:
        """The current instant, UTC."""
        return self.under_way.clock

    @property
    def spool(self) -> Spool:
        """Raw mail by its SHA-256."""
        return self.under_way.spool

    @property
    def reader(self) -> Reader:
        """Bytes to a message."""
        return self.under_way.reader

    def stopping(self) -> bool:
        """True if the process was told to stop."""
        return self.under_way.stopping()

    def alive(self) -> None:
        """To be called after each mail or letter."""
        self.under_way.alive()

    @property
    def turn(self) -> OneAtATime:
        """The turn at the store."""
        return self.under_way.turn


@dataclass(frozen=True, slots=True)
class WritingDesk(_Room):
    """Where letters are written: answers, updates, and what the team is told."""

    under_way: UnderWay
    house: House
    renderer: Renderer
    digest_settings: DigestSettings
    alert_settings: AlertsSettings = field(default=AlertsSettings())
    paged: bool = False
    """True if a pager tells of alerts beside the mail."""

    @property
    def rewrites(self) -> Counter[str]:
        """As in `UnderWay`."""
        return self.under_way.rewrites


@dataclass(frozen=True, slots=True)
class Mailroom(_Room):
    """One mailbox, from which mail is taken in by slices."""

    under_way: UnderWay
    desk: WritingDesk
    mailbox: Mailbox
    sent: Mailbox | None = None
    """The folder of what the team sends, if it is watched; never filed or marked."""
    sent_folder: str | None = None
    """Its name."""
    name: str = MAIN
    """By which `Place.mailbox` knows it."""
    adopts: bool = True
    """True if it takes in raw mails that no arrival names: the last one polled does, so that every server comes first."""

    def owns(self, arrival: Arrival) -> bool:
        """True if this mail is brought to its end here."""
        return not arrival.places or arrival.places[-1].mailbox == self.name


@dataclass(frozen=True, slots=True)
class Outgoing(_Room):
    """Where letters leave by the submission server, within the caps."""

    under_way: UnderWay
    house: House
    submission: Submission
    on_uncertain: str = "resend"
    in_flight: int = 8
    """Letters noted as on their way together, which a kill leaves in doubt."""
    patience: Patience = field(default_factory=lambda: Patience(pauses=LOGIN_PAUSES))
    """With a server that refuses our login; new settings begin anew."""


@dataclass(frozen=True, slots=True)
class Scanroom(_Room):
    """Where attachments are scanned."""

    under_way: UnderWay
    scanner: Scanner | None = None
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True)
class Pageroom(_Room):
    """From where a program or a receiver of the team's is told of alerts."""

    under_way: UnderWay
    pager: Pager | None = None
    patience: Patience = field(default_factory=Patience)
