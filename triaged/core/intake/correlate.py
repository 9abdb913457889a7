"""Find the case that a message belongs to, and decide who may join it.

Anybody can forge a reference, so only the case's own reporter joins it. A stranger who quotes a case id or one of our
Message-IDs opens a new case that names the other one (subject tags were used to hijack tickets in Zendesk and RT).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from triaged.core.case.case import Case
from triaged.core.case.naming import CASE_ID_PATTERN
from triaged.core.case.outbox import Letter, TeamLetter
from triaged.core.case.relayed import bare
from triaged.core.mail.message import Message
from triaged.core.mail.sender import Sender

_CASE_ID = re.compile(CASE_ID_PATTERN)
_TAGS_LOOKED_UP = 5
_REFERENCES_LOOKED_UP, _LETTERS_TO_TEAM = 100, 5


@dataclass(frozen=True, slots=True)
class Known:
    """Look up cases and letters by the ids and keys that a mail may contain."""

    by_message_id: Callable[[str], Case | None]
    by_id: Callable[[str], Case | None]
    by_reference: Callable[[str, str], Case | None] = lambda _door, _reference: None
    """The case of a report at another door, by the door's id and the report's id there."""
    by_fingerprint: Callable[[str], Case | None] = lambda _: None
    """The case that already has a copy of this mail."""
    by_reporter: Callable[[str], Sequence[Case]] = lambda _: ()
    """The cases of the reporter with this address, oldest first."""
    to_team: Callable[[str], TeamLetter | None] = lambda _: None
    """Our mail to the team with this Message-ID, or with this part of one before the @."""
    acted_on: Callable[[str], bool] = lambda _: False
    """True if the commands of a mail with this key were already carried out (`orders.known_by`)."""


@dataclass(frozen=True, slots=True)
class Link:
    """The case that a message refers to: one that its sender may join, one that it merely names, or neither."""

    joins: Case | None = None
    names: Case | None = None


NO_CASES = Known(by_message_id=lambda _: None, by_id=lambda _: None)


def correlate(message: Message, sender: Sender, known: Known, *, vouched: bool = False) -> Link:
    """Find the case that this message belongs to; its thread outranks a tag in the subject.

    `vouched`: our border checks senders, so only a sender that it vouches for may join.
    """
    for case in referred(message, known):
        if is_reporter(sender, case, vouched=vouched):
            return Link(joins=case)
    return Link(names=next(referred(message, known), None))


def referred(message: Message, known: Known) -> Iterator[Case]:
    """Every case that a message refers to, by its thread and then by tags in its subject; with repetitions."""
    for message_id in message.references:
        if case := by_any_id(known, message_id):
            yield case
    for tag in _CASE_ID.findall(message.subject)[:_TAGS_LOOKED_UP]:
        if case := known.by_id(tag):
            yield case


def to_team(message: Message, known: Known) -> tuple[Letter, ...]:
    """The latest few of our mails to the team that a message refers to."""
    found = (known.to_team(each) for each in message.references[:_REFERENCES_LOOKED_UP])
    return tuple(each.letter for each in found if each)[:_LETTERS_TO_TEAM]


def by_any_id(known: Known, message_id: str) -> Case | None:
    """The case to which a Message-ID belongs, whether we made the id or a relay replaced ours with it."""
    return known.by_message_id(message_id) or known.by_message_id(bare(message_id))


def is_reporter(sender: Sender, case: Case, *, vouched: bool) -> bool:
    """True if this sender opened the case: by address and, if our border checks senders (`vouched`), by its word."""
    allowed = {"verified"} if vouched else {"verified", "unverified"}
    # A person who forwarded the report received our letter and may answer it.
    known = {case.reporter.address.lower(), case.opening.passed_on_by.lower()}
    return bool(sender.address) and sender.verdict in allowed and sender.address.lower() in known
