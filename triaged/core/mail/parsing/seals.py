"""What cannot be looked into, known by its bytes whatever it is called: then its text is unknown, and not missing."""

import re

from triaged.core.mail.message import Seal
from triaged.core.mail.parsing.cms import cms_kind

# As it is on the wire (RFC 9580 section 6.2, RFC 7468 section 9, age's format); a stray line before it is common.
_ARMOUR: tuple[tuple[re.Pattern[bytes], Seal], ...] = (
    (re.compile(rb"(?:[^\r\n]{0,200}[\r\n]{1,4}){0,4}-----BEGIN PGP MESSAGE-----"), "openpgp"),
    (re.compile(rb"\s{0,20}-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----"), "smime"),
    (re.compile(rb"\s{0,20}-----BEGIN AGE ENCRYPTED FILE-----"), "age"),
)
_MAGIC: tuple[tuple[bytes, Seal], ...] = (
    # [MS-OXTNEF] section 2.1.3.1: Outlook's own packing.
    (b"\x78\x9f\x3e\x22", "tnef"),
    # [MS-OXORMMS] section 2.1.3.1: rights-managed mail.
    (b"\x76\xe8\x04\x60\xc4\x11\xe3\x86", "rights"),
    (b"age-encryption.org/", "age"),
)
_BY_TYPE: dict[str, Seal] = {
    "application/ms-tnef": "tnef",
    "application/vnd.ms-tnef": "tnef",
    "application/x-microsoft-rpmsg-message": "rights",
    "application/pgp-encrypted": "openpgp",
    "application/pkcs7-mime": "smime",
    "application/x-pkcs7-mime": "smime",
}
_BY_ENDING: dict[str, Seal] = {"p7m": "smime", "rpmsg": "rights"}
# RFC 9580 section 4.2: the tag of a session key packet, then its length; section 5.1 and 5.3: its version.
_OPENPGP = re.compile(
    rb"(?:\x84[^\0]|\x85[\0-\x0f].|\xc1(?:[\x20-\xbf]|[\xc0-\xdf].))[\x03\x06]"
    rb"|(?:\x8c[\x04-\x7f]|\xc3[\x04-\x7f])[\x04-\x06][\x01-\x0d]",
    re.DOTALL,
)


def seal_of(octets: bytes, claimed: str, filename: str) -> Seal:
    """How this part is sealed; empty for what can be looked into. What is compressed comes here only if it cannot be read."""
    kind = cms_kind(octets)
    if kind:
        return "" if kind == "signed" else "smime"
    for pattern, seal in _ARMOUR:
        if pattern.match(octets):
            return seal
    for magic, seal in _MAGIC:
        if octets.startswith(magic):
            return seal
    if _OPENPGP.match(octets):
        return "openpgp"
    return _BY_TYPE.get(claimed) or _BY_ENDING.get(filename.rpartition(".")[2].lower(), "")
