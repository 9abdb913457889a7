"""RFC 3834: why this message must not be answered. An ordered table of signs, the most authoritative first.

A field that only software sets outranks an address, and an address outranks words that a person may have typed. To add a sign:
a finder in the module that asks its question, a row here at its rank, a golden mail in tests/mails.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from triaged.core.mail.automatic import bounces, marks, wording
from triaged.core.mail.message import Message
from triaged.core.mail.ours import Ours, answers_us, by_us

__all__ = ["Ours", "Silence", "Strength", "silence"]

Strength = Literal["format", "marked", "worded"]
"""`format`: no person's words by its very format (a delivery report), so no case. `marked`: software marked it; a case where it
has the shape of a report. `worded`: words alone say so, which a person may have typed; always a case."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A sign that a machine sent this, and the rule that forbids an answer."""

    sign: str
    """Short name of the sign: `auto-submitted`."""
    rfc: str
    """Where it is written: `RFC 3834 section 2`."""
    reason: str
    """One sentence for the team."""
    strength: Strength = "marked"


@dataclass(frozen=True, slots=True)
class _Sign:
    name: str
    rfc: str
    found: Callable[[Message, Ours], str]
    """One sentence, or an empty string where the sign is absent."""
    strength: Strength = "marked"


_SIGNS: tuple[_Sign, ...] = (
    # By format, no person's words.
    _Sign("report", "RFC 6522 section 3", bounces.report, "format"),
    _Sign("own-mail", "RFC 3834 section 2", by_us, "format"),
    _Sign("failed-recipients", "RFC 3834 section 2", bounces.failed_recipients, "format"),
    _Sign("tls-report", "RFC 8460 section 5.3", bounces.tls_report, "format"),
    _Sign("hops", "RFC 5321 section 6.3", marks.hops, "format"),
    _Sign("calendar", "RFC 6047 section 2", bounces.calendar, "format"),
    # Fields that software sets; a scanner may send a true report under them.
    _Sign("auto-submitted", "RFC 3834 section 5", marks.auto_submitted),
    _Sign("null-return-path", "RFC 3834 section 2", marks.null_return_path),
    _Sign("list", "RFC 5230 section 4.6", marks.mailing_list),
    _Sign("precedence", "RFC 3834 section 2", marks.precedence),
    _Sign("suppress", "MS-OXCMAIL 2.2.3.2.14", marks.suppress),
    _Sign("automatic-reply", "RFC 3834 section 2", marks.automatic_reply),
    _Sign("software", "RFC 3834 section 2", marks.software),
    _Sign("bulk", "RFC 3834 section 2", marks.campaign),
    # Addresses that no person reads.
    _Sign("daemon", "RFC 5230 section 4.6", marks.daemon),
    _Sign("no-reply", "RFC 3834 section 2", marks.no_reply),
    # Several things that are a machine's together and a person's alone.
    _Sign("invitation", "RFC 6047 section 2", bounces.invitation),
    _Sign("dmarc-report", "RFC 7489 section 7.2", bounces.domain_report),
    _Sign("complaint", "RFC 5965 section 2", bounces.complaint),
    _Sign("bounce", "RFC 3834 section 2", bounces.unmarked_bounce),
    _Sign("receipt", "RFC 8098 section 3", bounces.receipt),
    # Words, last: a person may have typed them.
    _Sign("worded-bounce", "RFC 3834 section 2", bounces.worded_bounce, "worded"),
    _Sign("away", "RFC 3834 section 3.1.5", wording.away, "worded"),
    _Sign("challenge", "RFC 3834 section 2", wording.challenge, "worded"),
    _Sign("moderation", "RFC 3834 section 2", wording.moderated, "worded"),
    _Sign("desk", "RFC 3834 section 2", wording.desk, "worded"),
)


def silence(message: Message, ours: Ours) -> Silence | None:
    """The first sign that forbids an answer; None when a person wrote this.

    Words weigh more in an answer to a mail of ours: our mails invite people, and the first to answer them are machines.
    """
    for sign in _SIGNS:
        if reason := sign.found(message, ours):
            found = Silence(sign.name, sign.rfc, reason, sign.strength)
            return (
                replace(found, strength="marked") if sign.strength == "worded" and answers_us(message, ours) else found
            )
    return None
