"""RFC 3834: find out why a message must not be answered, by an ordered table of signs, the most authoritative first.

A field that only software sets outranks an address, and an address outranks words that a person may have typed. To add a sign:
a finder in the module for its topic, a row here at its rank, a golden mail in tests/mails.

A sign forbids the answer, never the filing: its strength says what it reveals about the author, and `intake/telling` reads
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
"""What a sign reveals about the author. `format`: the format rules out a person (a delivery report). `replied`: a machine's
answer or receipt. `mass`: one mail for many (a list, a campaign). `machine`: software composed it. `carried`: people write
in software that sent it (a desk, a form). `marked`: a field forbids the answer, whoever wrote it. `worded`: only words, which
anybody can type.
"""


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a message must not be answered: the sign, and the rule behind it."""

    sign: str
    """The sign's short name: `auto-submitted`."""
    rfc: str
    """The source of the rule: `RFC 3834 section 2`."""
    reason: str
    """One sentence for the team."""
    strength: Strength = "marked"
    """The combined strength of all signs of the mail."""
    notice: bool = False
    """True if it is worded like an absence notice, a desk's thanks, a challenge or a bounce."""


@dataclass(frozen=True, slots=True)
class _Sign:
    name: str
    rfc: str
    found: Callable[[Message, Ours], str]
    """Returns one sentence, or an empty string if the sign is absent."""
    strength: Strength = "marked"


_SIGNS: tuple[_Sign, ...] = (
    # Formats that rule out a person.
    _Sign("report", "RFC 6522 section 3", bounces.report, "format"),
    _Sign("own-mail", "RFC 3834 section 2", by_us, "format"),
    _Sign("failed-recipients", "RFC 3834 section 2", bounces.failed_recipients, "format"),
    _Sign("tls-report", "RFC 8460 section 5.3", bounces.tls_report, "format"),
    _Sign("hops", "RFC 5321 section 6.3", marks.hops, "format"),
    _Sign("calendar", "RFC 6047 section 2", bounces.calendar, "format"),
    # Fields that only software sets; a scanner may send a real report with them.
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
    # Fields that forbid an answer but reveal nothing about the author.
    _Sign("forwarded", "RFC 3834 section 2", marks.auto_forwarded),
    _Sign("loop", "RFC 3834 section 2", software.loop),
    _Sign("challenger", "RFC 3834 section 2", software.challenger),
    _Sign("mail-service", "RFC 3834 section 2", software.mail_service),
    _Sign("own-mail", "RFC 3834 section 2", in_our_name, "carried"),
    # Addresses that nobody reads.
    _Sign("daemon", "RFC 5230 section 4.6", addresses.daemon, "machine"),
    _Sign("no-reply", "RFC 3834 section 2", addresses.no_reply, "machine"),
    # Features that suggest a machine only in combination.
    _Sign("invitation", "RFC 6047 section 2", bounces.invitation, "replied"),
    _Sign("dmarc-report", "RFC 7489 section 7.2", bounces.domain_report, "replied"),
    _Sign("complaint", "RFC 5965 section 2", bounces.complaint, "replied"),
    _Sign("bounce", "RFC 3834 section 2", bounces.unmarked_bounce, "replied"),
    _Sign("receipt", "RFC 8098 section 3", bounces.receipt, "replied"),
    # Words come last: a person may have typed them.
    _Sign("worded-bounce", "RFC 3834 section 2", bounces.worded_bounce, "worded"),
    _Sign("away", "RFC 3834 section 3.1.5", absence.away, "worded"),
    _Sign("recall", "RFC 3834 section 2", filters.recalled, "worded"),
    _Sign("challenge", "RFC 3834 section 2", filters.challenge, "worded"),
    _Sign("moderation", "RFC 3834 section 2", filters.moderated, "worded"),
    _Sign("desk", "RFC 3834 section 2", desks.desk, "worded"),
)
_QUESTION = re.compile(r"[?？؟](?:\s|$)")
_SHOWN_TO_A_PERSON = frozenset({"recall"})
"""Notices that always open a case: a recall often follows a leak."""


def silence(message: Message, ours: Ours) -> Silence | None:
    """The first sign that forbids an answer, with their combined strength; None if a person wrote the message."""
    found = [(sign, reason) for sign in _SIGNS if (reason := sign.found(message, ours))]
    if not found:
        return None
    first, reason = found[0]
    signs = [sign for sign, _ in found]
    strength = _together(signs, answers=answers_us(message, ours), asks=bool(_QUESTION.search(message.text)))
    return Silence(first.name, first.rfc, reason, strength, notice=signs[-1].strength == "worded")


def _together(signs: Sequence[_Sign], *, answers: bool, asks: bool) -> Strength:
    """Combine the signs. Words count more with a mark, or in an answer to our mail, which machines are the first to answer."""
    found = {sign.strength for sign in signs}
    if "format" in found or "replied" in found:
        return "format" if "format" in found else "replied"
    if "worded" in found and (answers or len(found) > 1) and signs[-1].name not in _SHOWN_TO_A_PERSON:
        return "replied"
    if "carried" in found and "mass" not in found:
        # Two desks answer each other in each other's threads; only a person at a desk asks questions.
        return "machine" if answers and not asks else "carried"
    order: tuple[Strength, ...] = ("mass", "machine", "carried", "marked", "worded")
    return next(strength for strength in order if strength in found)
