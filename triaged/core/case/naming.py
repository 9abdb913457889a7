"""Derive case ids and our Message-IDs from a secret key: a restart recreates them, and an outsider cannot guess them."""

import base64
import hashlib
import hmac

# Crockford's base32: no I, L, O, U, so that a case id survives a phone call.
_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_NAME, _SEAL = 16, 8
CASE_ID_PATTERN = r"SEC-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}"


def case_id(key: bytes, sha256: str) -> str:
    """Return the id of the case that this mail opens: 40 bits, the same after a crash between reading and recording."""
    digits = _keyed(key, f"case:{sha256}", 5)
    return f"SEC-{digits[:4]}-{digits[4:8]}"


def message_id(key: bytes, what: str, domain: str) -> str:
    """Return the Message-ID (without angle brackets) of the mail that `what` names, such as `SEC-7Q4K-2M8D acknowledgment 1`.

    Equal input gives an equal id, so a mail sent again after a crash is recognisable as the same mail. The second half of the
    id is a seal on the first: `wrote` recognises it without knowing what it was made for.
    """
    name = _keyed(key, f"message:{what}", 10)
    return f"{name}{_seal(key, name)}@{domain}".lower()


def wrote(key: bytes, message_id: str) -> bool:
    """True if `message_id` made that Message-ID with this key, in any domain."""
    local = message_id.partition("@")[0].upper()
    name, seal = local[:_NAME], local[_NAME:]
    return len(seal) == _SEAL and hmac.compare_digest(seal.encode(), _seal(key, name).encode())


def _seal(key: bytes, name: str) -> str:
    return _keyed(key, f"seal:{name}", 5)


def _keyed(key: bytes, text: str, octets: int) -> str:
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()[:octets]
    return base64.b32encode(digest).translate(_CROCKFORD).decode()
