"""Transfer encodings (RFC 2045 section 6) as clients read them: whatever is said about them in comments, quotes or twice."""

import binascii
import re
from collections.abc import Callable, Sequence

_COMMENT = re.compile(rb"\([^()]{0,200}\)")
_NO_LETTER = re.compile(rb"[^a-z0-9]+")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="
_NO_BASE64 = bytes(octet for octet in range(256) if octet not in _ALPHABET)
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
# Two words side by side, which no encoding has: a footer that a list has put behind.
_PROSE = re.compile(rb"[A-Za-z0-9,.:]{2}[ \t][A-Za-z0-9(]{2}")
_BASE64_LINES = re.compile(rb"\s*+(?:[A-Za-z0-9+/]{4,}[ \t]*\r?\n)*+(?:[A-Za-z0-9+/]{2,}={1,2}[ \t]*(?:\r?\n|\Z))?")
_LEAST_BASE64 = 16
_SOFT_BREAK = re.compile(rb"=[ \t]{1,200}(?=\r?\n)")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,300})\r?\n", re.MULTILINE)
_UU_END = re.compile(rb"^(?:end|====)[ \t]*\r?$", re.MULTILINE)
_LONGEST_UU_LINE = 200
_MOST_FILES = 20


def transferred(body: bytes, named: Sequence[bytes]) -> bytes:
    """The octets that were sent, given the values of every Content-Transfer-Encoding field. Total."""
    known = [decode for value in named for word in _words(value) if (decode := _DECODERS.get(word))]
    for decode in known:
        if (decoded := decode(body)) is not None:
            return decoded
    return body


def without_uuencoded(text: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """A text without the files that old mailers put into it, and these: name and octets."""
    kept: list[bytes] = []
    files: list[tuple[str, bytes]] = []
    at = 0
    while len(files) < _MOST_FILES and (begin := _UU_BEGIN.search(text, at)):
        end = _UU_END.search(text, begin.end())
        held = _uu_lines(text[begin.end() : end.start()]) if end else b""
        if end is None or not held:
            break
        kept.append(text[at : begin.start()])
        files.append((begin[1].decode("utf-8", "replace"), held))
        at = end.end()
    return b"".join([*kept, text[at:]]), files


def is_encoded(named: Sequence[bytes]) -> bool:
    """True if the values name an encoding that changes the octets."""
    return any(word in _DECODERS for value in named for word in _words(value))


def base64_octets(text: bytes) -> bytes:
    """What base64 holds: other characters passed over, padding optional, several pieces one after the other."""
    bare = text.translate(_URL_SAFE, _NO_BASE64)
    return b"".join(map(_piece, bare.split(b"="))) if b"=" in bare.rstrip(b"=") else _piece(bare.rstrip(b"="))


def _words(value: bytes) -> list[bytes]:
    """The tokens that a value may mean: `"Base64" (comment), base64;` is base64."""
    bare = _COMMENT.sub(b" ", value[:1000]).lower()
    return [_NO_LETTER.sub(b"", word) for word in (*re.split(rb"[,;]", bare), *bare.split())]


def _piece(text: bytes) -> bytes:
    whole = text[:-1] if len(text) % 4 == 1 else text
    try:
        return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
    except binascii.Error:
        return b""


def _base64(body: bytes) -> bytes | None:
    """None for a body that is not in base64, whatever is said of it."""
    if (b" " not in body and b"\t" not in body) or _PROSE.search(body) is None:
        return base64_octets(body)
    lines = _BASE64_LINES.match(body)
    if lines is None or len(lines[0]) < _LEAST_BASE64:
        return None
    return base64_octets(lines[0]) + b"\n" + body[lines.end() :]


def _quoted_printable(body: bytes) -> bytes:
    return binascii.a2b_qp(_SOFT_BREAK.sub(b"=", body))


def _uuencoded(body: bytes) -> bytes | None:
    begin = _UU_BEGIN.search(body)
    if begin is None:
        return None
    end = _UU_END.search(body, begin.end())
    inside = body[begin.end() : end.start() if end else len(body)]
    if begin[0].startswith(b"begin-base64"):
        return base64_octets(inside)
    return _uu_lines(inside)


def _uu_lines(lines: bytes) -> bytes:
    return b"".join(map(_uu_line, lines.split(b"\n")))


def _uu_line(line: bytes) -> bytes:
    bare = line.rstrip(b"\r")[:_LONGEST_UU_LINE]
    if not bare.strip() or bare[:1] < b" ":
        return b""
    said = (bare[0] - 32) & 63
    # Some writers put more into the last line than its length says: what it says is taken.
    for line_end in (None, (said * 4 + 5) // 3):
        try:
            return binascii.a2b_uu(bare[:line_end])
        except binascii.Error:
            continue
    return b""


_DECODERS: dict[bytes, Callable[[bytes], bytes | None]] = {
    **dict.fromkeys(b"base64 xbase64 b64 mimebase64".split(), _base64),
    **dict.fromkeys(b"quotedprintable xquotedprintable qp quotedprintible".split(), _quoted_printable),
    **dict.fromkeys(b"xuuencode uuencode xuue uue xuu uu xuuencoded uuencoded".split(), _uuencoded),
}
