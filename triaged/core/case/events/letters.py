"""What happens to a mail that is sent: to the reporter, or to the team."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

NOT_WRITTEN = "not-written"
"""The sign of an acknowledgment that is withheld only until its template is mended."""

ReporterPurpose = Literal["acknowledgment", "notice", "completed", "status", "reminder", "update", "reply"]
"""The one acknowledgment of a case; the notice that it is open again; the word that nothing is missing any more; what a
reporter is told who asks how it stands; the one reminder while they are awaited; the automatic update while it is being worked
on; and what a person writes."""

TeamPurpose = Literal["digest", "alarm", "alert", "transcript"]
"""The day's digest, the alarm when a flood begins, the alert on deadlines and suspicions, what became of commands by mail."""

Purpose = Literal[ReporterPurpose, TeamPurpose]

TO_REPORTERS = frozenset(get_args(ReporterPurpose))


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A mail is to be sent: its bytes and its Message-ID are fixed here, before the first SMTP byte."""

    kind: Literal["owed"] = "owed"
    at: datetime
    purpose: Purpose
    message_id: str
    envelope_from: str
    to: tuple[str, ...]
    raw: str
    """The finished mail, CRLF line ends; ASCII, but for a To address that is in UTF-8 (RFC 6532)."""
    expires_at: datetime
    """When trying ends and a person is shown the failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A mail that is owed waits until a cap has room for it, or until `until`, when it is withheld."""

    kind: Literal["held"] = "held"
    at: datetime
    message_id: str
    reason: str
    not_before: datetime
    """When there may be room, by what was known at `at`."""
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """The acknowledgment is not sent, and why. The clock runs on: it is a person's task now."""

    kind: Literal["withheld"] = "withheld"
    at: datetime
    sign: str
    """What forbids it, in a word; `not-written` if nothing does and its template failed."""
    rfc: str
    reason: str
    message_id: str | None = None
    """Of the mail, if it was written already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitting:
    """About to hand the mail to the server. If nothing follows (a crash), it is uncertain whether the mail went out."""

    kind: Literal["submitting"] = "submitting"
    at: datetime
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The server answered 250: the mail is in its care now (RFC 5321 section 6.1)."""

    kind: Literal["submitted"] = "submitted"
    at: datetime
    message_id: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """It was not taken this time (or nobody knows, and the settings say resend); it is tried again from `retry_at`."""

    kind: Literal["deferred"] = "deferred"
    at: datetime
    message_id: str
    cause: str
    retry_at: datetime
    refused: bool = False
    """True if the server refused it for good, and our settings are to blame rather than the letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """It will not be tried again by itself: refused for good, expired, no longer true, or held because it may have gone out."""

    kind: Literal["failed"] = "failed"
    at: datetime
    message_id: str
    reason: str
    uncertain: bool = False
    refused: bool = False
    """True if the server refused it for good in words that may be about all our mail: see `refusals`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requeued:
    """A mail is to be sent that failed, or that was held back or withheld: the same bytes, the same Message-ID.

    A person wants it, or `triaged` itself: it was refused first of several, and the settings turned out to be at fault.
    """

    kind: Literal["requeued"] = "requeued"
    at: datetime
    by: str
    message_id: str
    expires_at: datetime


LetterEvent = Owed | Held | Withheld | Submitting | Submitted | Deferred | Failed | Requeued
"""What happens to an outgoing mail; `outbox` folds these."""
