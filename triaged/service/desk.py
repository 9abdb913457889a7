"""What the passes work with: one desk on which every effect lies to hand, laid by `composition`."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triaged.core.case.events import Event
from triaged.core.case.incoming import House
from triaged.ports import Clock, Decisions, Mailbox, Pager, Reader, Renderer, Scanner, Spool, Store, Submission
from triaged.settings import AlertsSettings, DigestSettings

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))
"""After each failure in a row of something that nothing waits for, the last one for every further."""


@dataclass(slots=True)
class Pages:
    """How paging goes; forgotten with the process, which then begins again."""

    failures: int = 0
    """In a row."""
    quiet_until: datetime | None = None


@dataclass(slots=True)
class Scans:
    """How scanning goes; forgotten with the process, which then begins again."""

    tries: Counter[str] = field(default_factory=Counter)
    """Scans begun and not ended, by mail."""
    failures: int = 0
    """In a row."""
    quiet_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that the jobs work with."""

    mailbox: Mailbox
    submission: Submission
    store: Store
    spool: Spool
    reader: Reader
    decisions: Decisions
    renderer: Renderer
    house: House
    digest_settings: DigestSettings
    key: bytes
    clock: Clock
    alert_settings: AlertsSettings = field(default=AlertsSettings())
    on_uncertain: str = "resend"
    scanner: Scanner | None = None
    scans: Scans = field(default_factory=Scans)
    pager: Pager | None = None
    pages: Pages = field(default_factory=Pages)
    orphans: deque[str] = field(default_factory=deque)
    """Raw mails that no arrival named when the store was opened: a kill came between the two."""
    unwritten: deque[tuple[str, Event]] = field(default_factory=deque)
    """What became of letters, by owner, that the store could not be told yet: the disk was full."""
    stopping: Callable[[], bool] = field(default=lambda: False)
    """Asked between two mails: a daemon told to stop finishes the one in hand."""
    alive: Callable[[], None] = field(default=lambda: None)
    """Called after each mail, so that a long backlog does not look like a hang to the watchdog."""
