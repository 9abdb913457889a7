"""The Protocols that the service needs from the outside world, and the exceptions with which they fail."""

from collections.abc import Callable
from datetime import datetime

from triaged.ports.faults import Refused, StateFault, TryLater, Unwritten
from triaged.ports.letters import Renderer, Submission
from triaged.ports.mailbox import Fetched, Mailbox, Places
from triaged.ports.reading import Reader, Scanner
from triaged.ports.store import Cases, Ledger, Outbox, Spool, Store, Touched
from triaged.ports.team import Asked, Decisions, ErasuresAsked, HandedIn, Page, Pager, Pulse

__all__ = [
    "Asked",
    "Cases",
    "Clock",
    "Decisions",
    "ErasuresAsked",
    "Fetched",
    "HandedIn",
    "Ledger",
    "Mailbox",
    "Outbox",
    "Page",
    "Pager",
    "Places",
    "Pulse",
    "Reader",
    "Refused",
    "Renderer",
    "Scanner",
    "Spool",
    "StateFault",
    "Store",
    "Submission",
    "Touched",
    "TryLater",
    "Unwritten",
]

Clock = Callable[[], datetime]
"""The current instant, aware, UTC."""
