"""Who wrote it, and how sure we are."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from triaged.core.mail.authentication import Findings, Result, trusted_results
from triaged.core.mail.domains import aligned, domain_of
from triaged.core.mail.lists import hides_author, original_authors
from triaged.core.mail.message import Message
from triaged.core.mail.parsing.headers import strict_authors
from triaged.core.text import visible

SenderVerdict = Literal["verified", "unverified", "failed"]

# What SMTP carries and no submission server takes for an option (CVE-2016-10033): a dot-atom of RFC 5322 section 3.2.3, or a
# quoted string of its letters, dots and blanks, that begins with a letter or a digit, at a dotted domain in ASCII. RFC 6532
# section 3.2 adds every letter beyond ASCII to the dot-atom. Only visible letters, marks and digits in NFC are taken: two mail
# systems may read anything else as two addresses.
_LOCAL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{0,62}[A-Za-z0-9!#$%&'*+/=?^_`{|}~-])?")
_QUOTED_LOCAL = re.compile(r'"[A-Za-z0-9][A-Za-z0-9 .!#$%&\'*+/=?^_`{|}~-]{0,61}"')
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,20}[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_LONGEST_LOCAL, _LONGEST = 64, 254
"""Octets (RFC 5321 sections 4.5.3.1.1 and 4.5.3.1.3)."""
_VISIBLE = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"})
_FOREIGN = re.compile(r"[^\x00-\x7f]")
# The methods that can vouch for a domain, and the property that says for which (RFC 8601 section 2.7). Gmail names the
# signer only as header.i, Cisco's gateways the author's domain only as d.
_VOUCHES = {"dmarc": ("header.from", "d"), "spf": ("smtp.mailfrom",), "dkim": ("header.d", "header.i")}
# Where a domain has no policy DMARC says nothing of its mail; Exchange then tells what it would have found.
_NO_POLICY = frozenset({"none", "bestguesspass"})


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
    if not is_safe(address):
        return "", "its From address is of a form that is not safe to answer"
    if hides_author(message):
        return "", f"a mailing list has put its own address into From{_original(message)}"
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}", ""


def is_safe(address: str) -> bool:
    """True if SMTP carries this address without quoting, and nothing takes it for something else.

    A local part beyond ASCII needs a server that offers SMTPUTF8 (RFC 6531).
    """
    local, _, domain = address.rpartition("@")
    plain = local if local.isascii() else _romanised(local)
    dotted = _LOCAL.fullmatch(plain) and ".." not in plain
    # Some software decodes an encoded word even inside an address, and so sees another one.
    if "=?" in local or not (dotted or _QUOTED_LOCAL.fullmatch(local)):
        return False
    octets = len(address.encode("utf-8", "replace"))
    return octets <= _LONGEST and bool(_DOMAIN.fullmatch(domain))


def _romanised(local: str) -> str:
    """The local part with `a` for each letter beyond ASCII, so that one grammar judges both; empty where it is not safe."""
    foreign = _FOREIGN.findall(local)
    safe = all(unicodedata.category(letter) in _VISIBLE and visible(letter) == letter for letter in foreign)
    begins = unicodedata.category(local[0])[0] != "M"
    fits = len(local.encode("utf-8", "replace")) <= _LONGEST_LOCAL
    composed = unicodedata.is_normalized("NFC", local)
    return _FOREIGN.sub("a", local) if safe and begins and fits and composed else ""


def _original(message: Message) -> str:
    """Whom such a list says it has taken out of From: for a person to read, and never answered."""
    values = original_authors(message)
    named = strict_authors((("from", values[0]),)) if len(values) == 1 else ()
    return f", and names {named[0]} as its author" if named and is_safe(named[0]) else ""


def _verdict(message: Message, address: str, trust: Trust) -> tuple[SenderVerdict, str]:
    border = trust.authserv_id
    if border is None:
        return "unverified", "no border server's results are trusted (trust.authserv_id is not set)"
    findings = trusted_results(message.headers, border, trust.inner_hops)
    elsewhere = _returns_elsewhere(message, address)
    if findings == Findings() and elsewhere:
        return "failed", f"its return path is of another domain, and {border} says nothing about it"
    if any(result.method == "dmarc" and result.outcome == "fail" for result in findings.results):
        return "failed", f"{border} says dmarc=fail: the From address is likely forged"
    if doubt := _doubt(findings, domain_of(address)):
        return "unverified", f"{border} {doubt}"
    method = next((method for method in _VOUCHES if _all_pass(method, findings.results, domain_of(address))), None)
    if method is None or elsewhere:
        but = (
            f"{method}=pass, but its return path is of another domain" if method else "nothing that settles who sent it"
        )
        return "unverified", f"{border} says {but}"
    return "verified", f"{border} says {method}=pass"


def vouched_for(message: Message, address: str, trust: Trust) -> bool:
    """True if our border vouches for that author, by whatever way the mail came: services send from envelopes of their own."""
    if trust.authserv_id is None:
        return False
    findings, domain = trusted_results(message.headers, trust.authserv_id, trust.inner_hops), domain_of(address)
    failed = any(result.method == "dmarc" and result.outcome == "fail" for result in findings.results)
    return (
        not failed
        and not _doubt(findings, domain)
        and any(_all_pass(way, findings.results, domain) for way in _VOUCHES)
    )


def _returns_elsewhere(message: Message, address: str) -> bool:
    """True if its envelope names another organisation, as aliases, forwarders and mail services do as honestly as forgers."""
    return any(not aligned(domain_of(value), domain_of(address)) for value in message.all("return-path"))


def _doubt(findings: Findings, domain: str) -> str:
    """Why nothing that these results say may vouch for anybody, in words; empty where nothing speaks against them."""
    results, unreadable = findings
    if unreadable:
        return "has written results that cannot be read without doubt"
    policy = {result.outcome for result in results if result.method == "dmarc"}
    if undecided := sorted(policy - _NO_POLICY - {"pass"}):
        return f"says dmarc={undecided[0]}"
    contradicted = next((method for method in _VOUCHES if _contradicts(method, results)), None)
    if contradicted or len(policy) > 1:
        return f"says of {contradicted or 'dmarc'} two things that cannot both be true"
    if any(result.method == "dmarc" and not aligned(_vouched_for(result, domain), domain) for result in results):
        return "says dmarc of another domain than the one in From"
    return ""


def _contradicts(method: str, results: Sequence[Result]) -> bool:
    """True if one thing is said to have passed and not to have passed. A result that names nothing is about all of it."""
    said = [(result.identity(), result.outcome) for result in results if result.method == method]
    unnamed = {outcome for identity, outcome in said if not identity}
    if unnamed:
        return len({outcome for _, outcome in said}) > 1
    return len(set(said)) > len({identity for identity, _ in said})


def _all_pass(method: str, results: Sequence[Result], domain: str) -> bool:
    """True if the method vouches for the domain in From: DMARC's own word, or what DMARC would have made it from.

    Alignment is relaxed (RFC 7489 section 3.1). A fail of SPF or DKIM alone says nothing: forwarders and lists cause both. But
    of several results of one method for one domain somebody else may have caused the one that passes.
    """
    about = [result for result in results if result.method == method and aligned(_vouched_for(result, domain), domain)]
    return bool(about) and all(result.outcome == "pass" for result in about)


def _vouched_for(result: Result, author: str) -> str:
    """The domain that a result is about; empty where it does not say one and the same."""
    named = [domain_of(result.property(name)) for name in _VOUCHES[result.method] if result.has(name)]
    if not named:
        # The one From field that `_agreed` saw is the one that DMARC is about. What else it names shows that the words before
        # it belong to another method's result.
        return author if result.method == "dmarc" and not result.identity() else ""
    # The signer's identity lies in the signing domain (RFC 6376 section 3.5).
    within = all(f".{each}".endswith(f".{named[0]}") for each in named)
    return named[0] if within else ""
