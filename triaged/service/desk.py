"""What the passes work with: one desk on which every effect lies to hand, laid by `composition`."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from triaged.config.settings import AlertsSettings, DigestSettings
from triaged.core.case.events import Event
from triaged.core.case.owner import Owner
from triaged.core.letters.house import House
from triaged.ports import Clock, Decisions, Mailbox, Pager, Reader, Renderer, Scanner, Spool, Store, Submission
from triaged.service.patience import LOGIN_PAUSES, Patience


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
    sent: Mailbox | None = None
    """The folder of what the team sends, where it is watched; never filed or marked."""
    sent_folder: str | None = None
    """Its name."""
    on_uncertain: str = "resend"
    login_patience: Patience = field(default_factory=lambda: Patience(pauses=LOGIN_PAUSES))
    """With the submission server, once it has refused our login; new settings begin anew."""
    scanner: Scanner | None = None
    scanner_patience: Patience = field(default_factory=Patience)
    scans_begun: Counter[str] = field(default_factory=Counter)
    """Those that have not ended, by mail; forgotten with the process."""
    pager: Pager | None = None
    pager_patience: Patience = field(default_factory=Patience)
    orphans: deque[str] = field(default_factory=deque)
    """Raw mails that no arrival named when the store was opened: a kill came between the two."""
    unwritten: deque[tuple[Owner, Event]] = field(default_factory=deque)
    """What became of letters, by owner, that the store could not be told yet: the disk was full."""
    rewrites: Counter[str] = field(default_factory=Counter)
    """How often each answer that no template could write was tried again, by case; forgotten with the process."""
    stopping: Callable[[], bool] = field(default=lambda: False)
    """Asked between two mails: a daemon told to stop finishes the one in hand."""
    alive: Callable[[], None] = field(default=lambda: None)
    """Called after each mail, so that a long backlog does not look like a hang to the watchdog."""
