"""A case is the fold of its events."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from triaged.core.case.events import (
    NOT_WRITTEN,
    AtDoor,
    AuthorityNotified,
    CreditAgreed,
    DisclosureAgreed,
    Erased,
    Event,
    HoldPlaced,
    Received,
    Scanned,
    Withheld,
)
from triaged.core.case.exploitation import Exploitation
from triaged.core.case.outbox import Acknowledgment, Letter
from triaged.core.mail.sender import Sender
from triaged.core.policy.promises import Severity
from triaged.core.policy.rules import ScopeName
from triaged.core.report.report import Report

State = Literal["new", "triaged", "waiting", "closed"]


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch during which the team waits for the reporter; still open while `until` is None."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One report and everything that happened to it. Only `fold` makes cases."""

    id: str
    history: tuple[Event, ...]
    """Every event, including the decisions that were later taken back."""
    opening: Received
    """The mail that opened the case."""
    mails: tuple[Received, ...]
    in_force: tuple[Event, ...] = field(default=(), compare=False)
    """The history without the decisions that were taken back; the case is the fold of these events."""
    letters: tuple[Letter, ...] = ()
    """The current state of every mail ever owed to the reporter."""
    report: Report | None = None
    """What the rules read in the report; None if the mail could not be read at all."""
    scope_set: ScopeName | None = None
    """The scope that a person set; it overrides the rules' verdict."""
    severity: Severity | None = None
    owner: str = ""
    withheld: Withheld | None = None
    scans: tuple[Scanned, ...] = ()
    answered_at: tuple[datetime, ...] = ()
    """The instants at which a person wrote to the reporter."""
    triaged_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    closed_at: datetime | None = None
    closing: str = ""
    """Why it was closed."""
    untold: bool = False
    """True if it was closed and its reporter, who has had a word of ours, has not been told."""
    duplicate_of: str | None = None
    same_as: tuple[str, ...] = ()
    """The cases that a person said tell of the same flaw; the word may stand in either case (`clusters`)."""
    exploitation: Exploitation | None = None
    fixed_at: datetime | None = None
    """When a fix or a mitigation was first available."""
    notified: tuple[AuthorityNotified, ...] = ()
    disclosure: DisclosureAgreed | None = None
    """The day on which both sides agreed to publish."""
    credit: CreditAgreed | None = None
    """How the reporter agreed to be credited; None while nobody has asked them."""
    door: AtDoor | None = None
    """Where it waits, if a platform or an authority told us of it."""
    hold: HoldPlaced | None = None
    """Why nothing of it may be erased, while that is so."""
    erasures: tuple[Erased, ...] = ()
    """What was erased of it, and when."""

    @property
    def sorted_as(self) -> str:
        """The scope of a report, or the kind of any other mail: `not-a-report: legal`."""
        if self.scope_set or self.report is None or self.report.kind == "report":
            return self.scope
        return f"not-a-report: {self.report.kind}"

    @property
    def reporter(self) -> Sender:
        """The sender of the first mail."""
        return self.opening.sender

    @property
    def erased_at(self) -> datetime | None:
        """When its reporter was erased; None while they are known. Nobody can be written to any more."""
        return next((event.at for event in self.erasures if event.what == "reporter"), None)

    def mail_erased_at(self, sha256: str) -> datetime | None:
        """When that raw mail was erased; None if it was not."""
        return next((event.at for event in self.erasures if sha256 in event.mails), None)

    @property
    def received_at(self) -> datetime:
        """When the first mail arrived; promises count from here."""
        return self.opening.received_at

    @property
    def waiting(self) -> bool:
        """True if the team is waiting for the reporter."""
        return bool(self.pauses) and self.pauses[-1].until is None

    @property
    def state(self) -> State:
        """The state in one word; where several apply, the strongest."""
        if self.closed_at is not None:
            return "closed"
        if self.waiting:
            return "waiting"
        return "new" if self.triaged_at is None else "triaged"

    @property
    def scope(self) -> ScopeName:
        """The scope that a person set, else the rules' verdict, else `unclear`."""
        return self.scope_set or (self.report.verdict.scope if self.report else "unclear")

    @property
    def updates(self) -> tuple[Letter, ...]:
        """Every automatic update, whether or not it was sent."""
        return tuple(letter for letter in self.letters if letter.purpose == "update")

    @property
    def acknowledgment(self) -> Acknowledgment | None:
        """The state of the acknowledgment; None only until it is decided."""
        for letter in self.letters:
            if letter.purpose == "acknowledgment":
                state = "owed" if letter.state == "submitting" else letter.state
                room_at = letter.held.not_before if letter.held else None
                at = letter.settled_at or letter.owed_at
                return Acknowledgment(state, letter.reason, at, letter.message_id, room_at)
        if self.withheld is not None:
            return Acknowledgment("withheld", self.withheld.reason, self.withheld.at, None)
        return None

    @property
    def unwritten(self) -> bool:
        """True if the reporter still has no answer because its template failed, and nobody has written by hand."""
        if (
            self.withheld is None
            or self.withheld.sign != NOT_WRITTEN
            or self.closed_at
            or self.answered_at
            or self.erased_at
        ):
            return False
        return not any(letter.purpose == "acknowledgment" for letter in self.letters)

    @property
    def words_at(self) -> tuple[datetime, ...]:
        """Every instant at which the reporter was sent something, automatically or by a person, in order."""
        sent = [letter.settled_at for letter in self.letters if letter.state == "submitted" and letter.settled_at]
        return tuple(sorted([*sent, *self.answered_at]))
