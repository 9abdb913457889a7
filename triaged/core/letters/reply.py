"""Mails owed to a reporter, before rendering: every fact that their templates may show, and nothing that a sender wrote."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from triaged.core.case.events import ReporterPurpose
from triaged.core.policy.details import Detail
from triaged.core.policy.rules import LetterName, ScopeName, Section
from triaged.core.report.report import FactKind

ReplyTemplate = Literal[
    "accepted", "need-info", "duplicate", "not-affected", "fixed-please-verify", "declined", "closing", "disclosure"
]
"""The letters that a person can begin from."""

Variant = Literal[
    "complete",
    "needs-info",
    "several",
    "out-of-scope",
    "encrypted",
    "unreadable",
    LetterName,
    "forwarded",
    "unverified",
    "flood",
    "reopened",
    "completed",
    "status",
]
"""Which mail: nothing missing, sections missing, several issues in one, likely outside the policy, encrypted, not readable;
one for each sort of letter that is no report, which is neither judged by the policy nor asked for anything; one to whoever
passed on somebody else's report; the least that can be said to a sender whom our border could not verify, and to anybody
during a flood; and three that are no acknowledgment (`IN_THREAD`): to
the reporter whose answer opened a closed case again, whose answer brought what was missing, or who asks how it stands."""

ASKED_FOR: frozenset[FactKind] = frozenset({"publish", "exploited", "informed", "credit"})
"""What an acknowledgment asks for, unless the report states it."""

IN_THREAD: Mapping[Variant, ReporterPurpose] = {"reopened": "notice", "completed": "completed", "status": "status"}
"""The variants that answer a further mail on a case, and the purpose of each."""

Standing = Literal["unread", "open", "waiting", "fixed", "closed"]
"""How a case stands, as far as its reporter is told: nobody has looked at it; it is worked on; we wait for them; ..."""


@dataclass(frozen=True, slots=True)
class Away:
    """The team is not at work: every mail to a reporter says so until that date is over."""

    until: date
    contact: str | None = None
    """Who to contact about urgent matters."""


@dataclass(frozen=True, slots=True)
class ArrivedPart:
    """Proof of arrival without content: the size, and the first eight digits of the SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail to a reporter about their case. Its only outside words are an address and msg-ids, both checked."""

    variant: Variant
    case_id: str
    to: str
    in_reply_to: str | None
    received_at: datetime
    scope: ScopeName | None
    """None if it is not told: the sender may be forged, or the scope is only a guess."""
    parts: tuple[ArrivedPart, ...]
    """The mail itself first, then its attachments."""
    missing: tuple[Section, ...]
    """At most three, together with `helpful`."""
    triage_due: datetime
    update_due: datetime
    issues: int = 1
    """How many separate issues the report seems to contain."""
    away: Away | None = None
    answer_due: datetime | None = None
    """When a letter must be answered, if its kind has a deadline of its own."""
    reference: str = ""
    """A coordinator's id of the report, in a shape that the policy allows."""
    helpful: tuple[Detail, ...] = ()
    """What would help with a report of that scope, without being needed."""
    known: frozenset[FactKind] = frozenset()
    """What the report states by itself: nobody is asked for it."""
    alerted: bool = False
    """True if it says that attackers use the flaw, and the team is told of that at once."""
    standing: Standing = "unread"
    closed_at: datetime | None = None
    late: bool = False
    """True if the date that it would name has passed."""
    contact: str | None = None
    """Whom the writer of a letter that is no report can turn to directly."""


@dataclass(frozen=True, slots=True)
class Update:
    """The automatic message that a case is still being worked on. It mentions nothing of the report except when it arrived."""

    case_id: str
    number: int
    """The number among the automatic updates of its case, from 1."""
    to: str
    in_reply_to: str | None
    received_at: datetime
    due: datetime
    """When the reporter is due to hear from us."""
    next_due: datetime
    """When the next update is due after this one is sent: the date that it names."""
    away: Away | None = None
    reference: str = ""
    """A coordinator's id of it, as in the acknowledgment."""


@dataclass(frozen=True, slots=True)
class Written:
    """A letter that a person writes, as its templates see it. Its text is that person's."""

    case_id: str
    number: int
    """Of the replies of its case, from 1."""
    to: str
    in_reply_to: str | None
    received_at: datetime
    text: str
    next_due: datetime
    """By when the reporter hears from us again, if this is sent and the case stays open."""
    publication: datetime | None = None
    """When the flaw is to become public, where anybody has named a day."""
    reference: str = ""
    """A coordinator's id of it, as in the acknowledgment."""
    credited: bool = False
    """True if the reporter has said already how they wish to be named, or that they do not."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """The one reminder to a reporter who is awaited."""

    case_id: str
    number: int
    """Of the reminders of its case, from 1."""
    to: str
    in_reply_to: str | None
    received_at: datetime
    since: datetime
    """Since when they are awaited."""
    missing: tuple[Section, ...]
    """What the report still lacks."""
    reference: str = ""
    """A coordinator's id of it, as in the acknowledgment."""
