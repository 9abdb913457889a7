"""A mail owed to a reporter, before rendering: every fact its template may show, and nothing that a sender wrote."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triaged.core.policy import ScopeName, Section

Variant = Literal["complete", "needs-info", "out-of-scope", "encrypted", "unreadable"]
"""Which acknowledgment: nothing missing, sections missing, likely outside the policy, encrypted, or not readable."""


@dataclass(frozen=True, slots=True)
class ArrivedPart:
    """Proof of arrival without content: how large, and the first eight digits of its SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The acknowledgment of a case. Its only words from outside are an address and msg-ids, both checked."""

    variant: Variant
    case_id: str
    to: str
    in_reply_to: str | None
    references: tuple[str, ...]
    received_at: datetime
    scope: ScopeName
    parts: tuple[ArrivedPart, ...]
    """The mail itself first, then its attachments."""
    missing: tuple[Section, ...]
    triage_due: datetime
    update_due: datetime
