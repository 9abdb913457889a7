"""What all copies of one mail have in common, whatever way each of them came."""

import hashlib

from triaged.core.mail.parsing.headers import Fields, first, split_head

_IDENTITY = ("message-id", "from", "date")
_HOW_WRITTEN = ("content-type", "content-transfer-encoding")


def fingerprint(raw: bytes, fields: Fields) -> str:
    """The SHA-256 of who wrote it, when, under which id, and of its body; empty where it does not name all three.

    Two mails with the same one differ only in what was written on the way (RFC 5321 section 4.4): they are one mail
    (RFC 5322 section 3.6.4). A mail that borrows the id of another has another body, and so another fingerprint.
    """
    said = [" ".join(first(fields, name).split()) for name in (*_IDENTITY, *_HOW_WRITTEN)]
    if not all(said[: len(_IDENTITY)]):
        return ""
    digest = hashlib.sha256("\n".join(said).encode("utf-8", "replace"))
    digest.update(b"\n\n" + split_head(raw)[1].replace(b"\r\n", b"\n").rstrip())
    return digest.hexdigest()
