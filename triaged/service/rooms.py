"""The rooms: what each pass needs to do its work. They are made from the settings, and again by a reload.

Work under way is kept in `UnderWay`, which every room shares and no reload replaces.
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
    """Everything that lives as long as the process: the parts of the state directory, and the memory of work under way."""

    store: Store
    spool: Spool
    reader: Reader
    decisions: Decisions
    key: bytes
    clock: Clock
    stopping: Callable[[], bool] = field(default=lambda: False)
    """Asked between two mails or letters: a daemon told to stop finishes the current one."""
    alive: Callable[[], None] = field(default=lambda: None)
    """Called after each mail or letter, so that the watchdog does not take a long backlog for a hang."""
    turn: OneAtATime = field(default_factory=OneAtATime)
    """Held by the thread that uses the store."""
    orphans: deque[str] = field(default_factory=deque)
    """Raw mails that no arrival names, because a kill or a full disk came between the two writes."""
    unwritten: deque[tuple[Owner, Event]] = field(default_factory=deque)
    """Outcomes of letters, by owner, that a full disk kept from being recorded."""
    rewrites: Counter[str] = field(default_factory=Counter)
    """How often each answer that could not be rendered was tried again, by case."""
    scans_begun: Counter[str] = field(default_factory=Counter)
    """Unfinished scans, by mail."""
    rhythms: dict[str, Rhythm] = field(default_factory=dict)
    """How the polling of each mailroom goes, by its name."""
    retained_at: datetime | None = None
    """When nothing was left to erase for having been kept long enough."""
    pulse: Pulse = field(default_factory=Pulse)
    """The pulse as last recorded."""


class _Room:
    """The parts of `UnderWay` that every room uses."""

    __slots__ = ()
    under_way: UnderWay

    @property
    def store(self) -> Store:
        """The store. Only the thread that holds the turn may use it."""
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
        """The reader of raw mail."""
        return self.under_way.reader

    def stopping(self) -> bool:
        """True if the process was told to stop."""
        return self.under_way.stopping()

    def alive(self) -> None:
        """Report progress to the watchdog; called after each mail or letter."""
        self.under_way.alive()

    @property
    def turn(self) -> OneAtATime:
        """The turn at the store."""
        return self.under_way.turn


@dataclass(frozen=True, slots=True)
class WritingDesk(_Room):
    """The room for writing letters: answers, updates, and mail to the team."""

    under_way: UnderWay
    house: House
    renderer: Renderer
    digest_settings: DigestSettings
    alert_settings: AlertsSettings = field(default=AlertsSettings())
    paged: bool = False
    """True if a pager gets alerts in addition to the mail."""

    @property
    def rewrites(self) -> Counter[str]:
        """How often each answer that could not be rendered was tried again, by case."""
        return self.under_way.rewrites


@dataclass(frozen=True, slots=True)
class Mailroom(_Room):
    """The room for one mailbox, from which mail is taken in by slices."""

    under_way: UnderWay
    desk: WritingDesk
    mailbox: Mailbox
    sent: Mailbox | None = None
    """The folder of the team's sent mail, if it is watched; nothing in it is filed or marked."""
    sent_folder: str | None = None
    """Its name."""
    name: str = MAIN
    """Its name in `Place.mailbox`."""
    adopts: bool = True
    """True if it takes in raw mails that no arrival names. Only the mailroom polled last does, after every server."""

    def owns(self, arrival: Arrival) -> bool:
        """True if this mail is settled in this room."""
        return not arrival.places or arrival.places[-1].mailbox == self.name


@dataclass(frozen=True, slots=True)
class Outgoing(_Room):
    """The room where letters leave through the submission server, within the caps."""

    under_way: UnderWay
    house: House
    submission: Submission
    on_uncertain: str = "resend"
    in_flight: int = 8
    """Letters noted as on their way together, which a kill leaves in doubt."""
    patience: Patience = field(default_factory=lambda: Patience(pauses=LOGIN_PAUSES))
    """The pauses for a server that refuses our login. A reload forgets them."""


@dataclass(frozen=True, slots=True)
class Scanroom(_Room):
    """The room for scanning attachments."""

    under_way: UnderWay
    scanner: Scanner | None = None
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True)
class Pageroom(_Room):
    """The room for paging the team."""

    under_way: UnderWay
    pager: Pager | None = None
    patience: Patience = field(default_factory=Patience)
