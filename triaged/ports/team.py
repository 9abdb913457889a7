"""The team: what it decides, what it is told beside its mail, and how polling goes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from triaged.core.case.events import TeamDecision
from triaged.core.case.owner import ToTeam


@dataclass(frozen=True, slots=True)
class Pulse:
    """How polling goes, as the daemon last wrote it down for `triaged status` and the digest."""

    last_poll_at: datetime | None = None
    """When a poll last succeeded."""
    poll_every_seconds: float = 60
    trouble: str = ""
    """What has gone wrong with every poll since, one sentence."""
    trouble_since: datetime | None = None
    pid: int = 0
    unreadable: str = ""
    """Which mails the server fails to give, one sentence."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the pager is to be told of an alert."""

    alert: ToTeam
    at: datetime
    body: str
    """JSON; its bytes were fixed when the alert was owed."""
    message_id: str
    """Of the mail that tells the same."""


class Pager(Protocol):
    """A program or a receiver of the team's that is told of alerts beside the mail. Nothing ever waits for it."""

    def page(self, page: Page) -> None:
        """Tell it; raises TryLater."""

    def abort(self) -> None:
        """From another thread: end a call under way at once, and every later one."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One decision of the team that waits to be recorded."""

    name: str
    case_id: str
    event: TeamDecision


class Decisions(Protocol):
    """Where the team's decisions wait while the daemon holds the store."""

    def handed_in(self) -> Sequence[HandedIn]:
        """Those waiting, oldest first."""

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
