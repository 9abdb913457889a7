"""What happens to outgoing mail, whether it goes to the reporter or to the team."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

NOT_WRITTEN = "not-written"
"""The sign of an acknowledgment that is withheld only until its template is fixed."""

ReporterPurpose = Literal["acknowledgment", "notice", "completed", "status", "reminder", "update", "reply"]
"""The one acknowledgment of a case; the notice that it is open again; the word that nothing is missing any more; what a
reporter is told who asks how it stands; the one reminder while they are awaited; the automatic update while it is being worked
on; and what a person writes."""

TeamPurpose = Literal["digest", "alarm", "alert", "transcript"]
"""The daily digest, the alarm when a flood begins, the alert about deadlines and suspicions, or what mailed commands did."""

Purpose = Literal[ReporterPurpose, TeamPurpose]

TO_REPORTERS = frozenset(get_args(ReporterPurpose))


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A mail is to be sent. Its bytes and its Message-ID are fixed here, before the first SMTP byte."""

    kind: Literal["owed"] = "owed"
    at: datetime
    purpose: Purpose
    message_id: str
    envelope_from: str
    to: tuple[str, ...]
    raw: str
    """The finished mail with CRLF line ends; ASCII, except for a UTF-8 address in To (RFC 6532)."""
    expires_at: datetime
    """When retries end and the failure is shown to a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A mail that is owed waits until a cap has room for it, or until `until`, when it is withheld."""

    kind: Literal["held"] = "held"
    at: datetime
    message_id: str
    reason: str
    not_before: datetime
    """When there may be room, as far as was known at `at`."""
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """The acknowledgment is not sent. The clock keeps running: answering is now a person's task."""

    kind: Literal["withheld"] = "withheld"
    at: datetime
    sign: str
    """What forbids it, in one word; `not-written` if nothing forbids it but its template failed."""
    rfc: str
    reason: str
    message_id: str | None = None
    """The Message-ID, if the mail was already written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitting:
    """The mail is about to be handed to the server. If no event follows (a crash), nobody knows whether it went out."""

    kind: Literal["submitting"] = "submitting"
    at: datetime
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The server answered 250 and is now responsible for the mail (RFC 5321 section 6.1)."""

    kind: Literal["submitted"] = "submitted"
    at: datetime
    message_id: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """The server did not take the mail, or nobody knows and the settings say to resend; `retry_at` is the next try."""

    kind: Literal["deferred"] = "deferred"
    at: datetime
    message_id: str
    cause: str
    retry_at: datetime
    refused: bool = False
    """True if the server refused the mail permanently, but because of our settings and not because of this letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The mail is not retried: permanently refused, expired, no longer true, or held because it may already have gone out."""

    kind: Literal["failed"] = "failed"
    at: datetime
    message_id: str
    reason: str
    uncertain: bool = False
    refused: bool = False
    """True if the server's permanent refusal may concern all our mail: see `refusals`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requeued:
    """A mail that failed, or was held back or withheld, is to be sent after all: same bytes, same Message-ID.

    Either a person asked for it, or `triaged` itself did: this mail was the first of several to be refused, and the settings
    turned out to be at fault.
    """

    kind: Literal["requeued"] = "requeued"
    at: datetime
    by: str
    message_id: str
    expires_at: datetime


LetterEvent = Owed | Held | Withheld | Submitting | Submitted | Deferred | Failed | Requeued
"""Everything that can happen to an outgoing mail; `outbox` folds these events."""
