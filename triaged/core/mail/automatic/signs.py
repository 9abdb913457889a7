"""RFC 3834: why this message must not be answered. An ordered table of signs, the most authoritative first.

A field that only software sets outranks an address, and an address outranks words that a person may have typed. To add a sign:
a finder in the module that asks its question, a row here at its rank, a golden mail in tests/mails.

A sign forbids the answer, never the filing: its strength says what it tells of who wrote the mail, and `intake/telling` reads
what the mail says before any of it is set aside.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from triaged.core.mail.automatic import absence, addresses, bounces, desks, filters, marks, software
from triaged.core.mail.message import Message
from triaged.core.mail.ours import Ours, answers_us, by_us, in_our_name

__all__ = ["Ours", "Silence", "Strength", "silence"]

Strength = Literal["format", "replied", "mass", "machine", "carried", "marked", "worded"]
"""`format`: no person's words by its very format (a delivery report). `replied`: a machine's answer or receipt. `mass`: one
mail for many (a list, a campaign). `machine`: software composed it. `carried`: software in which people write brought it (a
desk, a form). `marked`: a field forbids the answer, whoever wrote. `worded`: words alone, which anybody types."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A sign that this must not be answered, and the rule that says so."""

    sign: str
    """Short name of the sign: `auto-submitted`."""
    rfc: str
    """Where it is written: `RFC 3834 section 2`."""
    reason: str
    """One sentence for the team."""
    strength: Strength = "marked"
    """What all the signs of the mail come to together."""
    notice: bool = False
    """True if its words are those of an absence notice, a desk's thanks, a challenge or a bounce."""


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
    _Sign("auto-submitted", "RFC 3834 section 5", marks.auto_replied, "replied"),
    _Sign("auto-submitted", "RFC 3834 section 5", marks.auto_submitted, "machine"),
    _Sign("null-return-path", "RFC 3834 section 2", marks.null_return_path, "machine"),
    _Sign("list", "RFC 5230 section 4.6", marks.mailing_list, "mass"),
    _Sign("precedence", "RFC 3834 section 2", marks.reply_precedence, "replied"),
    _Sign("precedence", "RFC 3834 section 2", marks.list_precedence, "mass"),
    _Sign("precedence", "RFC 3834 section 2", marks.precedence, "machine"),
    _Sign("suppress", "MS-OXCMAIL 2.2.3.2.14", marks.suppress),
    _Sign("automatic-reply", "RFC 3834 section 2", software.automatic_reply, "replied"),
    _Sign("generated", "RFC 3834 section 2", software.generated, "machine"),
    _Sign("software", "RFC 3834 section 2", software.desk, "carried"),
    _Sign("software", "RFC 3834 section 2", software.tracker, "machine"),
    _Sign("bulk", "RFC 3834 section 2", software.campaign, "mass"),
    # Fields that forbid an answer and say nothing of who wrote.
    _Sign("forwarded", "RFC 3834 section 2", marks.auto_forwarded),
    _Sign("loop", "RFC 3834 section 2", software.loop),
    _Sign("challenger", "RFC 3834 section 2", software.challenger),
    _Sign("mail-service", "RFC 3834 section 2", software.mail_service),
    _Sign("own-mail", "RFC 3834 section 2", in_our_name, "carried"),
    # Addresses that no person reads.
    _Sign("daemon", "RFC 5230 section 4.6", addresses.daemon, "machine"),
    _Sign("no-reply", "RFC 3834 section 2", addresses.no_reply, "machine"),
    # Several things that are a machine's together and a person's alone.
    _Sign("invitation", "RFC 6047 section 2", bounces.invitation, "replied"),
    _Sign("dmarc-report", "RFC 7489 section 7.2", bounces.domain_report, "replied"),
    _Sign("complaint", "RFC 5965 section 2", bounces.complaint, "replied"),
    _Sign("bounce", "RFC 3834 section 2", bounces.unmarked_bounce, "replied"),
    _Sign("receipt", "RFC 8098 section 3", bounces.receipt, "replied"),
    # Words, last: a person may have typed them.
    _Sign("worded-bounce", "RFC 3834 section 2", bounces.worded_bounce, "worded"),
    _Sign("away", "RFC 3834 section 3.1.5", absence.away, "worded"),
    _Sign("recall", "RFC 3834 section 2", filters.recalled, "worded"),
    _Sign("challenge", "RFC 3834 section 2", filters.challenge, "worded"),
    _Sign("moderation", "RFC 3834 section 2", filters.moderated, "worded"),
    _Sign("desk", "RFC 3834 section 2", desks.desk, "worded"),
)
_QUESTION = re.compile(r"[?？؟](?:\s|$)")
_SHOWN_TO_A_PERSON = frozenset({"recall"})
"""Notices that are a case whatever else marks them: a recall often follows a leak."""


def silence(message: Message, ours: Ours) -> Silence | None:
    """The first sign that forbids an answer, with what all of them come to; None when a person wrote this."""
    found = [(sign, reason) for sign in _SIGNS if (reason := sign.found(message, ours))]
    if not found:
        return None
    first, reason = found[0]
    signs = [sign for sign, _ in found]
    strength = _together(signs, answers=answers_us(message, ours), asks=bool(_QUESTION.search(message.text)))
    return Silence(first.name, first.rfc, reason, strength, notice=signs[-1].strength == "worded")


def _together(signs: Sequence[_Sign], *, answers: bool, asks: bool) -> Strength:
    """What the signs come to. Words weigh more beside a mark, or in an answer to our mail: the first to answer are machines."""
    found = {sign.strength for sign in signs}
    if "format" in found or "replied" in found:
        return "format" if "format" in found else "replied"
    if "worded" in found and (answers or len(found) > 1) and signs[-1].name not in _SHOWN_TO_A_PERSON:
        return "replied"
    if "carried" in found and "mass" not in found:
        # Two desks that answer each other do it in each other's threads; only a person who works at one asks something.
        return "machine" if answers and not asks else "carried"
    order: tuple[Strength, ...] = ("mass", "machine", "carried", "marked", "worded")
    return next(strength for strength in order if strength in found)
