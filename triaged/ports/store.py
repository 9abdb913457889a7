"""The store (mails seen, cases, letters owed) and the spool of raw mail."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from triaged.core.case.case import Case
from triaged.core.case.events import Event, Owed
from triaged.core.case.outbox import Letter, TeamLetter, Transcript
from triaged.core.case.owner import Owner, ToTeam
from triaged.core.erasure.record import Erasure
from triaged.core.erasure.redaction import Redaction
from triaged.core.letters.caps import Sent
from triaged.core.mail.arrival import Arrival, End
from triaged.core.team.alerts import Mark, Told
from triaged.ports.mailbox import Places
from triaged.ports.team import Page


@dataclass(frozen=True, slots=True)
class Touched:
    """What an erasure changes."""

    cases: tuple[str, ...] = ()
    """Those that lose their reporter."""
    mentions: tuple[str, ...] = ()
    """Those that only mentioned the person, or only lose raw mail."""
    mails: tuple[str, ...] = ()
    """SHA-256 of the raw mails to be removed from the spool."""
    letters: int = 0
    """Mails that had not left yet, and never will."""
    to_team: int = 0
    """Mails to the team of which the words are gone."""

    @property
    def anything(self) -> bool:
        """False if nothing is kept of whom it was to erase."""
        return bool(self.cases or self.mentions or self.mails or self.letters or self.to_team)


class Ledger(Places, Protocol):
    """The mails taken in, by place and by content. Every write is durable on return."""

    def arrival(self, sha256: str) -> Arrival | None:
        """The mail with that content; None if it was never taken in."""

    def note(self, arrival: Arrival) -> None:
        """Record the state of the mail with that content."""

    def pending(self) -> Sequence[Arrival]:
        """Mails taken in but not settled, oldest first."""

    def seen(self) -> dict[End, int]:
        """The number of mails that came to each end."""

    def set_aside_since(self, at: datetime) -> Sequence[Arrival]:
        """Mails taken in at or after `at` that became no case: set aside, or commands of the team. Oldest first."""


class Cases(Protocol):
    """The cases. `record` is the commit point: one durable write, all or nothing."""

    def case(self, case_id: Owner) -> Case | None:
        """The case of that id; None if there is none or the owner is a mail to the team."""

    def cases(self) -> Iterable[Case]:
        """Every case, oldest first."""

    def by_message_id(self, message_id: str) -> Case | None:
        """The case with a mail under this id, whether received, owed or sent."""

    def by_reference(self, door: str, reference: str) -> Case | None:
        """The case of the report that another door (such as a bug bounty platform) knows by this id."""

    def by_fingerprint(self, fingerprint: str) -> Case | None:
        """The case that has a mail with this fingerprint."""

    def by_reporter(self, address: str) -> Sequence[Case]:
        """The cases whose reporter writes from that address, compared without regard to case, oldest first."""

    def record(self, case_id: str, events: Sequence[Event], arrival: Arrival | None = None) -> Case:
        """Append events to a case (the first ones open it), with the arrival's new state in the same write."""

    def replies_since(self, at: datetime) -> Sequence[Sent]:
        """Mails to reporters that left at or after `at`, at most a week back, and all that are owed: for the caps."""

    def opened_since(self, at: datetime) -> int:
        """The number of cases opened at or after `at`; at most a day back."""


class Outbox(Protocol):
    """Mails owed, both to reporters and to the team."""

    def owed(self) -> Sequence[tuple[Owner, Letter]]:
        """Every letter neither submitted nor failed, with its owner, oldest first."""

    def letter_event(self, owner: Owner, event: Event) -> None:
        """Append an event to that owner's letter, durably; `Owed` makes a mail to the team owed."""

    def letter_to_team(self, mail: ToTeam) -> Letter | None:
        """That mail to the team; None if it was never owed."""

    def next_alert(self) -> ToTeam:
        """The owner of the next alert. Alerts are numbered because a clock set back can repeat an instant."""

    def record_alert(self, alert: ToTeam, marks: Sequence[Mark], owed: Owed, page: str = "") -> None:
        """Owe an alert and record its marks in one durable write; `page` is the JSON for the pager, "" for none."""

    def unpaged(self) -> Sequence[Page]:
        """The pages without an outcome yet, oldest first."""

    def record_paged(self, alert: ToTeam, outcome: str) -> None:
        """Record the outcome of that alert's page, durably; it is not sent again."""

    def told(self) -> Told:
        """The marks that alerts have told so far."""

    def last_alert(self) -> Letter | None:
        """The alert that was recorded last; None if there was none."""

    def team_letter(self, message_id: str) -> TeamLetter | None:
        """Our mail to the team with this Message-ID, or its part before the @. A Message-ID that a relay gave it counts too."""

    def record_answer(self, arrival: Arrival, happened: Mapping[str, Sequence[Event]], transcript: Transcript) -> None:
        """Record in one durable write what a mail's commands did to each case, its transcript as owed, and the mail's end."""

    def acted_on(self, known_by: str) -> bool:
        """True if a transcript was recorded for a mail with this identity."""

    def transcripts_since(self, at: datetime, to: str) -> int:
        """How many transcripts to that address (compared without regard to case) were owed at or after `at`."""

    def last_digest(self, until: date) -> tuple[date, Letter] | None:
        """The newest digest dated `until` or earlier (local dates). This leaves out a digest that a wrong clock dated ahead."""


class Erasing(Protocol):
    """Taking people out of all that is kept."""

    def arrivals(self) -> Iterable[Arrival]:
        """Every mail that was ever taken in."""

    def erase(self, redaction: Redaction, record: Erasure) -> Touched:
        """Rewrite everything in one durable write, with the record of it; nothing is written where nothing changes.

        TryLater when the disk has no room for that: then all is as it was.
        """

    def erasures(self) -> Sequence[Erasure]:
        """What was erased, oldest first."""


class Restored(Protocol):
    """What it means that this store was restored from a backup."""

    def perhaps_answered(self, received_at: datetime) -> bool:
        """True for mail that came between a backup and its restore: a store that is lost may have answered it."""

    def record_restore(self, backup_at: datetime, restored_at: datetime) -> None:
        """Keep, durably, that what happened between these instants is not known here."""


class Store(Ledger, Cases, Outbox, Erasing, Restored, Protocol):
    """All of these, in one place with one durable write."""

    def group(self) -> AbstractContextManager[None]:
        """Make all writes inside one durable write, at its end: all or nothing. Nothing may leave before that end."""


class Spool(Protocol):
    """Raw mail by the SHA-256 of its bytes."""

    def keep(self, raw: bytes) -> str:
        """Keep the bytes, durable on return, and return their digest."""

    def keep_all(self, mails: Sequence[bytes]) -> Sequence[str]:
        """Keep the bytes of each mail, all durable on return, and return their names in the same order."""

    def read(self, sha256: str) -> bytes:
        """The bytes with that digest; raises FileNotFoundError."""

    def names(self) -> Sequence[str]:
        """The digests of all mails kept, in no order."""

    def remove(self, names: Iterable[str]) -> int:
        """Take these bytes away for good, durable on return; how many were there."""

    def kept_at(self, sha256: str) -> datetime | None:
        """When the bytes were written, UTC; None if they are missing or do not match. Their name is durable on return."""
