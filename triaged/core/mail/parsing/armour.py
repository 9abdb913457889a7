"""Text in OpenPGP's armour: signed in clear, it is read (RFC 9580 section 7); encrypted, it is left out."""

import re

_SIGNED, _SIGNATURE = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----"
_SIGNATURE_END = "-----END PGP SIGNATURE-----"
_BEGIN, _END = "-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"
_HASHES = re.compile(r"(?:[ \t]*\n)?(?:[A-Za-z-]{1,30}: [^\n]{0,200}\n)*[ \t]*\n?")
_DASHED = re.compile(r"^- ", re.MULTILINE)
_MOST = 20


def without_signature(text: str) -> str:
    """The text as its writer wrote it: no lines of the armour, and no `- ` before a line that begins with a dash."""
    pieces, rest = [], text
    for _ in range(_MOST):
        before, begin, signed = rest.partition(_SIGNED)
        if not begin:
            break
        clear, signature, behind = signed.partition(_SIGNATURE)
        headers = _HASHES.match(clear.removeprefix("\n"))
        written = clear.removeprefix("\n")[headers.end() if headers else 0 :]
        pieces += [before, _DASHED.sub("", written)]
        rest = behind.partition(_SIGNATURE_END)[2] if signature else ""
    return "".join([*pieces, rest])


def holds_message(text: str) -> bool:
    """True if an encrypted message stands in the text."""
    return _BEGIN in text


def outside_message(text: str) -> str:
    """The text without its encrypted message; one that never ends reaches to the end."""
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.rpartition(_END)
    return f"{before}{after}" if begin and end else before
