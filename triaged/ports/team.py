"""The team: its decisions, its pager, and the state of polling that it is shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from triaged.core.case.events import TeamDecision
from triaged.core.case.owner import ToTeam


@dataclass(frozen=True, slots=True)
class Pulse:
    """The state of polling, as the daemon last recorded it for `triaged status` and the digest."""

    last_poll_at: datetime | None = None
    """When a poll last succeeded."""
    poll_every_seconds: float = 60
    trouble: str = ""
    """Why every poll since `trouble_since` has failed, one sentence; "" if none failed."""
    trouble_since: datetime | None = None
    pid: int = 0
    unreadable: str = ""
    """The mails that the server fails to give, one sentence."""


@dataclass(frozen=True, slots=True)
class Page:
    """An alert for the pager."""

    alert: ToTeam
    at: datetime
    body: str
    """JSON, fixed when the alert was owed."""
    message_id: str
    """The Message-ID of the mail that carries the same alert."""


class Pager(Protocol):
    """The team's program or webhook, which gets each alert in addition to the mail. Nothing waits for it."""

    def page(self, page: Page) -> None:
        """Deliver one page; raises TryLater."""

    def abort(self) -> None:
        """Called from another thread: end the call under way at once, and refuse every later one."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One decision of the team, waiting to be recorded."""

    name: str
    case_id: str
    event: TeamDecision


class Decisions(Protocol):
    """The place where the team's decisions wait while the daemon holds the store."""

    def handed_in(self) -> Sequence[HandedIn]:
        """The waiting decisions, oldest first."""

    def taken_up(self, name: str) -> None:
        """Take one away: it is recorded, or can never be."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An erasure that a person asked for and that is not done yet."""

    name: str
    target: str
    """An address, or the id of a case."""
    by: str


class ErasuresAsked(Protocol):
    """Where erasures wait until they are done: a kill in the middle of one leaves it there."""

    def waiting(self) -> Sequence[Asked]:
        """Those waiting, oldest first."""

    def done(self, name: str) -> None:
        """Take one away, durably: it is done, or never can be. It names a person who is kept nowhere else."""

    def clear(self, holds: Callable[[bytes], bool]) -> None:
        """Remove what killed or unreadable commands left beside them, if `holds` says so of its bytes."""
