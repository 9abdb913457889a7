"""What a decision on a mail is made from: the mail, the house it comes to, what has happened before, and its reading."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from triaged.core.case.events import Owed
from triaged.core.intake.correlate import NO_CASES, Known
from triaged.core.letters.caps import Caps
from triaged.core.letters.reply import Away
from triaged.core.mail.automatic.signs import Ours, Silence, silence
from triaged.core.mail.message import Message
from triaged.core.mail.sender import Sender, Trust, sender
from triaged.core.policy.policy import Policy
from triaged.core.report.reading import read_report
from triaged.core.report.report import Report


@dataclass(frozen=True, slots=True)
class House:
    """What we are and what we decided, as far as a decision on a mail needs it."""

    policy: Policy
    ours: Ours
    caps: Caps
    trust: Trust = field(default_factory=Trust)
    away: Away | None = None
    updates_in_a_row: int = 0
    """How many automatic updates may follow one another without a person's word; 0: none is sent."""

    def away_at(self, now: datetime) -> Away | None:
        """What is said of the team's absence, while it lasts."""
        return self.away if self.away and now.date() <= self.away.until else None


@dataclass(frozen=True, slots=True)
class Past:
    """What has happened before."""

    known: Known = NO_CASES
    """How to find the cases there are."""
    sent: Sequence[Owed] = field(default=())
    """Mails owed to reporters within the last day."""
    opened: int = 0
    """Cases opened within the last hour."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message at our door."""

    message: Message
    received_at: datetime
    """INTERNALDATE, UTC: promises count from here."""
    new_id: str
    """The id of the case that it opens, should it open one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A mail and what the readings made of it."""

    mail: Mail
    sender: Sender
    silence: Silence | None
    report: Report


def look_at(mail: Mail, house: House) -> Seen:
    """Read the mail: who wrote it, whether it may be answered, what it says."""
    return Seen(
        mail,
        sender(mail.message, house.trust),
        silence(mail.message, house.ours),
        read_report(mail.message, house.policy),
    )
