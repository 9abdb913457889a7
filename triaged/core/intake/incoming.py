"""What a decision on a mail is made from: the mail, the house it comes to, what has happened before, and its reading."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from triaged.core.intake.correlate import NO_CASES, Known
from triaged.core.letters.caps import Sent
from triaged.core.letters.house import House
from triaged.core.mail.automatic.signs import Silence, silence
from triaged.core.mail.message import Message
from triaged.core.mail.sender import Sender, sender
from triaged.core.report.reading import read_report
from triaged.core.report.report import Report


@dataclass(frozen=True, slots=True)
class Past:
    """What has happened before."""

    known: Known = NO_CASES
    """How to find the cases there are."""
    sent: Sequence[Sent] = field(default=())
    """Mails to reporters that have left within the last week, or are owed."""
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
