"""The organisational domain (RFC 7489 section 3.2): the part of a domain name that its owner registered.

The Public Suffix List decides, including its private section: two customers of one host are unrelated.
"""

import re
import unicodedata
from functools import cache

import idna
from publicsuffixlist import PublicSuffixList

_LONGEST = 253
_LONGEST_LABEL = 63
# IDNA treats it as a full stop too (RFC 3490 section 3.1); NFKC turns the other two into `.` and this one.
_IDEOGRAPHIC_STOP = "\u3002"
# Microsoft gives each customer a name under these, with mail, and has not added them to the list. The longest comes first.
_TENANTS = ("mail.onmicrosoft.com", "onmicrosoft.com", "onmicrosoft.us", "onmicrosoft.de", "partner.onmschina.cn")
_ADDRESS = re.compile(r"\[.*|[0-9.]+|[0-9a-f.]*:.*")


def organisational_domain(domain: str) -> str:
    """Return the registered name in lower-case A-labels: `example.co.uk` for `mail.example.co.uk`.

    Public suffixes, IP addresses and invalid domains are returned as they are: they have no organisation. A name longer than
    allowed (RFC 1035 section 3.1) gives an empty string.
    """
    name = _ascii(domain)
    if _ADDRESS.fullmatch(name):
        return name
    landlord = next((each for each in _TENANTS if name.endswith(f".{each}")), None)
    if landlord:
        return f"{name.removesuffix(f'.{landlord}').rpartition('.')[2]}.{landlord}"
    return _suffixes().privatesuffix(name) or name


def aligned(one: str, other: str) -> bool:
    """True if two domains belong to one organisation: relaxed alignment (RFC 7489 section 3.1)."""
    return organisational_domain(one) == organisational_domain(other) != ""


def domain_of(address: str) -> str:
    """The domain of an addr-spec, in lower case; a bare domain is returned itself."""
    return address.rpartition("@")[2].strip(" \t<>").lower()


def unicode_form(address: str) -> str:
    """The domain of an addr-spec in U-labels (RFC 5890 section 2.3.2.1): `bücher.example` for `xn--bcher-kva.example`.

    Empty if the domain has no A-label, or one that IDNA does not allow.
    """
    domain = domain_of(address)
    if "xn--" not in domain or len(domain) > _LONGEST:
        return ""
    try:
        return idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return ""


@cache
def _suffixes() -> PublicSuffixList:
    """The Public Suffix List as installed; an unknown top-level domain counts as a suffix."""
    return PublicSuffixList()


def _ascii(domain: str) -> str:
    """Normalise a name to A-labels.

    Python's own IDNA codec is unsuitable: it maps `straße.de` to `strasse.de`, a different domain (RFC 5894 section 7.2).
    """
    if len(domain) > _LONGEST:
        return ""
    lower = unicodedata.normalize("NFKC", domain).replace(_IDEOGRAPHIC_STOP, ".").lower().rstrip(".")
    if lower.isascii():
        return lower
    return ".".join(map(_a_label, lower.split(".")))


def _a_label(label: str) -> str:
    if label.isascii() or len(label) > _LONGEST_LABEL:
        return label
    return f"xn--{label.encode('punycode').decode('ascii')}"
