"""Every text that raw mail holds. Its structure is not believed: an attacker writes that, and part of it may be torn off.

Linear in the size of the mail. What is compressed or encrypted is not looked into.
"""

import binascii
import quopri
import re
from collections.abc import Iterator

_ENCODED_WORDS = re.compile(rb"=\?[^?\s]{1,60}\?([BbQq])\?([^?\s]*+)\?=(\s*+(?==\?))?")
_BASE64_LINE = re.compile(rb"[ \t>]*+([A-Za-z0-9+/_-]++={0,2})[ \t]*+\r?")
_DEEPEST = 3
"""Layers of transfer encoding: a mail in base64 that was attached in base64, and one more."""


def texts_in(raw: bytes, depth: int = _DEEPEST) -> Iterator[str]:
    """Its text as it stands and with each transfer encoding taken off, as UTF-8, Latin-1 and UTF-16."""
    yield from _as_text(raw)
    if depth == 0:
        return
    if b"=" in raw:
        plain = quopri.decodestring(raw)
        if plain != raw:
            yield from _as_text(plain)
        if words := _encoded_words(raw):
            yield from _as_text(words)
    for block in _base64_blocks(raw):
        yield from texts_in(block, depth - 1)


def _as_text(octets: bytes) -> Iterator[str]:
    """Without NULs, ASCII in UTF-16 reads as itself."""
    bare = octets.replace(b"\0", b"")
    yield _unfolded(bare.decode("utf-8", "replace"))
    if not bare.isascii():
        yield _unfolded(bare.decode("latin-1"))


def _unfolded(text: str) -> str:
    return text.replace("\r\n", "\n")


def _encoded_words(raw: bytes) -> bytes:
    """What RFC 2047 encoded, neighbours joined as section 6.2 has it."""
    found = []
    for word in _ENCODED_WORDS.finditer(raw):
        content = word[2].replace(b"_", b"=20") if word[1] in b"Qq" else word[2]
        found.append(quopri.decodestring(content) if word[1] in b"Qq" else _unbased(content))
        found.append(b"" if word[3] else b"\n")
    return b"".join(found)


def _base64_blocks(raw: bytes) -> Iterator[bytes]:
    """Each run of lines that may be base64, decoded. An ordinary word of a text before it shifts its groups of four."""
    run: list[bytes] = []
    for line in (*raw.split(b"\n"), b" "):
        if found := _BASE64_LINE.fullmatch(line):
            run.append(found[1])
        elif run:
            joined, run = b"".join(run), []
            yield from (_unbased(joined[shift:]) for shift in range(4) if len(joined) - shift > 3)  # noqa: PLR2004


def _unbased(content: bytes) -> bytes:
    """As far as it goes: what is missing at its end was torn off."""
    clean = content.translate(bytes.maketrans(b"-_", b"+/"), b"=")
    return binascii.a2b_base64(clean[: len(clean) // 4 * 4] + _end(clean))


def _end(clean: bytes) -> bytes:
    rest = clean[len(clean) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""
