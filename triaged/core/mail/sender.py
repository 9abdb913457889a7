"""Who wrote it, and how sure we are."""

import re
from dataclasses import dataclass
from typing import Literal

from triaged.core.mail.authentication import trusted_results
from triaged.core.mail.message import Message

SenderVerdict = Literal["verified", "unverified", "failed"]

# What SMTP carries without quoting and no submission server takes for an option (CVE-2016-10033): a dot-atom of
# RFC 5322 section 3.2.3 that begins with a letter or a digit, at a dotted domain; UTF-8 only in the domain (IDNA).
_LOCAL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{0,62}[A-Za-z0-9!#$%&'*+/=?^_`{|}~-])?")
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,20}[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_LONGEST = 254


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word on a sender counts."""

    authserv_id: str | None = None
    """Our border's id in Authentication-Results; None: nobody's word, and every sender is unverified."""
    inner_hops: int = 0
    """How many Received fields our own servers put above the border's results."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The one person an answer may go to."""

    name: str
    """As the mail says; for the team's eyes, escaped, and never sent back."""
    address: str
    """The one From mailbox on which all parsers agree and that SMTP can take; empty where there is none."""
    verdict: SenderVerdict
    """From Authentication-Results of our own border (RFC 8601), if the settings name it; else unverified."""
    reason: str
    """Why the verdict, or why there is no address to answer."""


def sender(message: Message, trust: Trust) -> Sender:
    """The author of a message. An address is given only where no reading of From disagrees (CVE-2023-27043)."""
    name = message.authors[0].name if message.authors else ""
    address, trouble = _agreed(message)
    if trouble:
        return Sender(name, "", "unverified", trouble)
    verdict, reason = _verdict(message, address, trust)
    return Sender(name, address, verdict, reason)


def _agreed(message: Message) -> tuple[str, str]:
    fields = message.all("from")
    if not fields:
        return "", "it has no From field"
    if len(fields) > 1:
        return "", f"it has {len(fields)} From fields"
    readings = {tuple(address.lower() for address in reading) for reading in message.author_readings}
    if len(readings) != 1 or any(len(reading) != 1 for reading in readings):
        return "", "its From field does not name one mailbox that every parser reads alike"
    address = message.author_readings[-1][0]
    local, _, domain = address.rpartition("@")
    domain = domain.lower()
    # Some software decodes an encoded word even inside an address, and so sees another one.
    if any(sign in local for sign in ("..", "=?")) or not _LOCAL.fullmatch(local):
        return "", "its From address is of a form that is not safe to answer"
    if len(address) > _LONGEST or not _DOMAIN.fullmatch(domain):
        return "", "its From address is of a form that is not safe to answer"
    return f"{local}@{domain}", ""


def _verdict(message: Message, address: str, trust: Trust) -> tuple[SenderVerdict, str]:
    authserv_id = trust.authserv_id
    if authserv_id is None:
        return "unverified", "no border server's results are trusted (trust.authserv_id is not set)"
    domain = address.rpartition("@")[2]
    for result in trusted_results(message.headers, authserv_id):
        if result.method != "dmarc":
            continue
        if result.outcome == "pass" and result.property("header.from") in {"", domain}:
            return "verified", f"{authserv_id} says dmarc=pass"
        if result.outcome == "fail":
            return "failed", f"{authserv_id} says dmarc=fail: the From address is likely forged"
    return "unverified", f"{authserv_id} says nothing that settles who sent it"
