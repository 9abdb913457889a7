"""The organisational domain (RFC 7489 section 3.2): who a domain's name was registered by.

The Public Suffix List decides, its private section too: two customers of one host are strangers to each other.
"""

import re
import unicodedata
from functools import cache

import idna
from publicsuffixlist import PublicSuffixList

_LONGEST = 253
_LONGEST_LABEL = 63
# IDNA reads it as a full stop too (RFC 3490 section 3.1); NFKC makes the other two of these `.` and this one.
_IDEOGRAPHIC_STOP = "\u3002"
# Microsoft gives every customer a name under these, with mail, and has not put them on the list. The longest stands first.
_TENANTS = ("mail.onmicrosoft.com", "onmicrosoft.com", "onmicrosoft.us", "onmicrosoft.de", "partner.onmschina.cn")
_ADDRESS = re.compile(r"\[.*|[0-9.]+|[0-9a-f.]*:.*")


def organisational_domain(domain: str) -> str:
    """The registered name that this domain belongs to, in lower-case A-labels: `mail.example.co.uk` gives `example.co.uk`.

    A public suffix, an IP address and what is no domain at all stand for themselves: they have no organisation. What is longer
    than a name can be (RFC 1035 section 3.1) gives an empty string.
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
    """The domain of an addr-spec, lower case; of a bare domain, itself."""
    return address.rpartition("@")[2].strip(" \t<>").lower()


def unicode_form(address: str) -> str:
    """The domain of an addr-spec in U-labels (RFC 5890 section 2.3.2.1): `bücher.example` for `xn--bcher-kva.example`.

    Empty where the domain has no A-label, or one that IDNA does not allow.
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
    """The list as the installed release has it; a top-level domain that it does not know counts as a suffix."""
    return PublicSuffixList()


def _ascii(domain: str) -> str:
    """One spelling of each name.

    Python's own IDNA codec would not do: it takes `straße.de` for `strasse.de`, somebody else's (RFC 5894 section 7.2).
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
