"""The closed union of everything that can happen to a case. Only events are stored; everything shown is a fold over them.

Every `at` is an aware UTC instant. `kind` names the event in the store's JSON (docs/file-format.md): a name that was ever
written is kept for ever. `by` is the person who decided: a login name or a mail address.
"""

from typing import Annotated

from pydantic import Field

from triaged.core.case.events.letters import (
    NOT_WRITTEN,
    TO_REPORTERS,
    Deferred,
    Failed,
    Held,
    LetterEvent,
    Owed,
    Purpose,
    ReporterPurpose,
    Requeued,
    Submitted,
    Submitting,
    TeamPurpose,
    Withheld,
)
from triaged.core.case.events.mails import (
    Assessed,
    AtDoor,
    Copied,
    Erased,
    ExploitSuspected,
    MailEvent,
    Received,
    Scanned,
    TeamWrote,
)
from triaged.core.case.events.people import (
    Answered,
    AuthorityNotified,
    Closed,
    CreditAgreed,
    DisclosureAgreed,
    ExploitConfirmed,
    ExploitDismissed,
    FixAvailable,
    HoldPlaced,
    HoldReleased,
    MarkedDuplicate,
    Noted,
    OpenedByHand,
    OwnerSet,
    Reopened,
    Replied,
    SaidSame,
    ScopeSet,
    SeveritySet,
    StatutoryEvent,
    TeamEvent,
    Triaged,
    Undone,
    Waiting,
)

__all__ = [
    "NOT_WRITTEN",
    "TO_REPORTERS",
    "Answered",
    "Assessed",
    "AtDoor",
    "AuthorityNotified",
    "Closed",
    "Copied",
    "CreditAgreed",
    "Deferred",
    "DisclosureAgreed",
    "Erased",
    "Event",
    "ExploitConfirmed",
    "ExploitDismissed",
    "ExploitSuspected",
    "Failed",
    "FixAvailable",
    "Held",
    "HoldPlaced",
    "HoldReleased",
    "LetterEvent",
    "MailEvent",
    "MarkedDuplicate",
    "Noted",
    "OpenedByHand",
    "Owed",
    "OwnerSet",
    "Purpose",
    "Received",
    "Reopened",
    "Replied",
    "ReporterPurpose",
    "Requeued",
    "SaidSame",
    "Scanned",
    "ScopeSet",
    "SeveritySet",
    "StatutoryEvent",
    "Submitted",
    "Submitting",
    "TeamDecision",
    "TeamEvent",
    "TeamPurpose",
    "TeamWrote",
    "Triaged",
    "Undone",
    "Waiting",
    "Withheld",
]

TeamDecision = Annotated[TeamEvent | Requeued, Field(discriminator="kind")]
"""A decision that a person may record on a case or on a failed letter of it."""

Event = Annotated[
    MailEvent | LetterEvent | TeamEvent,
    Field(discriminator="kind"),
]
