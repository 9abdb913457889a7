"""The inputs of a decision on a mail: the mail, the house that receives it, the past, and the reading."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from triaged.core.intake.correlate import NO_CASES, Known, referred, to_team
from triaged.core.intake.doors import Knock, knock
from triaged.core.intake.subtracting import without_our_words
from triaged.core.letters.caps import Sent
from triaged.core.letters.house import House
from triaged.core.mail.automatic.signs import Silence, silence
from triaged.core.mail.message import Message
from triaged.core.mail.sender import Sender, sender
from triaged.core.report.reading import read_report
from triaged.core.report.report import Fact, FactKind, Report
from triaged.core.text import visible


@dataclass(frozen=True, slots=True)
class Past:
    """What happened before this mail."""

    known: Known = NO_CASES
    """Looks up the existing cases."""
    sent: Sequence[Sent] = field(default=())
    """Mails to reporters that left within the last week or are owed."""
    opened: int = 0
    """Cases opened within the last hour."""
    transcripts: Callable[[str], int] = lambda _: 0
    """How many transcripts were owed to an address within the last hour."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as it arrived."""

    message: Message
    received_at: datetime
    """INTERNALDATE, UTC; promises count from here."""
    new_id: str
    """The id of the case that it opens, if it opens one."""
    sent: bool = False
    """True if it lies in our own folder of sent mail."""
    report: Report | None = None
    """What it says, where that was read already."""
    perhaps_answered: bool = False
    """True if it may have been answered already: the store was restored from a backup that is older than it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A mail and the results of reading it."""

    mail: Mail
    sender: Sender
    silence: Silence | None
    report: Report
    knock: Knock | None = None
    """The door that sent it, or that its sender claims to be."""

    @property
    def door(self) -> Knock | None:
        """The door, if it really sent the mail."""
        return self.knock if self.knock and self.knock.vouched else None

    @property
    def forged_door(self) -> Knock | None:
        """The door that an unvouched sender claims to be. An authority's people may write without that proof."""
        forged = self.knock and not self.knock.vouched and self.knock.door.brings != "coordination"
        return self.knock if forged else None


def look_at(mail: Mail, house: House, past: Past) -> Seen:
    """Read the mail: who wrote it, whether it may be answered, and what it says apart from our own quoted words."""
    own = own_words(mail.message, past)
    # An earlier reading that included our own words is done again without them.
    report = mail.report if mail.report and own == mail.message else read_report(own, house.policy)
    mail = replace(mail, message=own)
    author = sender(own, house.trust)
    why = silence(mail.message, house.ours)
    knocked = knock(mail.message, author, why, house.policy.doors, house.trust)
    if knocked and knocked.vouched:
        report = _at_door(report, knocked)
    return Seen(mail, author, why, report, knocked)


def own_words(message: Message, past: Past) -> Message:
    """The message without the words of our letters that it quotes. Applying it twice changes nothing more."""
    return without_our_words(message, referred(message, past.known), to_team(message, past.known))


def _at_door(report: Report, knocked: Knock) -> Report:
    """The report with the waiting place among its facts. A door is not asked for the sections of a report."""
    named: tuple[tuple[FactKind, str], ...] = (("door", knocked.link), ("reference", knocked.reference))
    facts = tuple(Fact(kind, visible(value), "") for kind, value in named if value)
    return replace(report, missing=(), facts=replace(report.facts, found=(*facts, *report.facts.found)))
