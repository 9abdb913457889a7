"""Names that a restart finds again and an outsider cannot guess: case ids and our Message-IDs, from a secret key."""

import base64
import hashlib
import hmac

# Crockford's base32: no I, L, O, U, so that a case id survives a phone call.
_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_NAME, _SEAL = 16, 8
CASE_ID_PATTERN = r"SEC-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}"


def case_id(key: bytes, sha256: str) -> str:
    """The id of the case that this mail opens: 40 bits, the same again after a crash between reading and recording."""
    digits = _keyed(key, f"case:{sha256}", 5)
    return f"SEC-{digits[:4]}-{digits[4:8]}"


def message_id(key: bytes, what: str, domain: str) -> str:
    """The Message-ID (without angle brackets) of the mail named by `what`, such as `SEC-7Q4K-2M8D acknowledgment 1`.

    Equal input gives the equal id, so that a mail sent again after a crash is recognisable as the same mail. Its second half
    is a seal on the first: `wrote` knows it again without knowing what it was made for.
    """
    name = _keyed(key, f"message:{what}", 10)
    return f"{name}{_seal(key, name)}@{domain}".lower()


def wrote(key: bytes, message_id: str) -> bool:
    """True if that Message-ID is one that `message_id` made with this key, in whatever domain."""
    local = message_id.partition("@")[0].upper()
    name, seal = local[:_NAME], local[_NAME:]
    return len(seal) == _SEAL and hmac.compare_digest(seal.encode(), _seal(key, name).encode())


def _seal(key: bytes, name: str) -> str:
    return _keyed(key, f"seal:{name}", 5)


def _keyed(key: bytes, text: str, octets: int) -> str:
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()[:octets]
    return base64.b32encode(digest).translate(_CROCKFORD).decode()
