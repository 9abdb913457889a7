"""What a decision on a mail is made from: the mail, the house it comes to, what has happened before, and its reading."""

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
    """What has happened before."""

    known: Known = NO_CASES
    """How to find the cases there are."""
    sent: Sequence[Sent] = field(default=())
    """Mails to reporters that have left within the last week, or are owed."""
    opened: int = 0
    """Cases opened within the last hour."""
    transcripts: Callable[[str], int] = lambda _: 0
    """How many transcripts were owed to that address within the last hour."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message at our door."""

    message: Message
    received_at: datetime
    """INTERNALDATE, UTC: promises count from here."""
    new_id: str
    """The id of the case that it opens, should it open one."""
    sent: bool = False
    """True if it lies in our own folder of sent mail."""
    report: Report | None = None
    """What it says, where that was read already."""
    perhaps_answered: bool = False
    """True if it may have been answered already: the store was restored from a backup that is older than it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A mail and what the readings made of it."""

    mail: Mail
    sender: Sender
    silence: Silence | None
    report: Report
    knock: Knock | None = None
    """The door that it is from, or says that it is from."""

    @property
    def door(self) -> Knock | None:
        """The door that it is truly from."""
        return self.knock if self.knock and self.knock.vouched else None

    @property
    def forged_door(self) -> Knock | None:
        """The door in whose name it comes without our border's word. An authority's people are heard all the same."""
        forged = self.knock and not self.knock.vouched and self.knock.door.brings != "coordination"
        return self.knock if forged else None


def look_at(mail: Mail, house: House, past: Past) -> Seen:
    """Read the mail: who wrote it, whether it may be answered, what it says when our own words are taken out of it."""
    own = own_words(mail.message, past)
    # What was read with our own words in it is read again without them.
    report = mail.report if mail.report and own == mail.message else read_report(own, house.policy)
    mail = replace(mail, message=own)
    author = sender(own, house.trust)
    why = silence(mail.message, house.ours)
    knocked = knock(mail.message, author, why, house.policy.doors, house.trust)
    if knocked and knocked.vouched:
        report = _at_door(report, knocked)
    return Seen(mail, author, why, report, knocked)


def own_words(message: Message, past: Past) -> Message:
    """The message in its writer's own words, without those of our letters. Done twice, it is the same as once."""
    return without_our_words(message, referred(message, past.known), to_team(message, past.known))


def _at_door(report: Report, knocked: Knock) -> Report:
    """The report with where it waits among its facts. Who passes one on is asked for no sections of it."""
    named: tuple[tuple[FactKind, str], ...] = (("door", knocked.link), ("reference", knocked.reference))
    facts = tuple(Fact(kind, visible(value), "") for kind, value in named if value)
    return replace(report, missing=(), facts=replace(report.facts, found=(*facts, *report.facts.found)))
