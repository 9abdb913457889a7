"""Enough of S/MIME's container (CMS, RFC 5652, BER or DER) to know its kind, and to open what is only signed or compressed."""

import zlib

_OIDS = {
    bytes.fromhex("2a864886f70d010702"): "signed",
    bytes.fromhex("2a864886f70d010703"): "enveloped",
    bytes.fromhex("2a864886f70d010706"): "enveloped",
    bytes.fromhex("2a864886f70d0109100109"): "compressed",
    bytes.fromhex("2a864886f70d0109100117"): "enveloped",
}
_SEQUENCE, _OID, _OCTETS, _OCTETS_IN_PIECES, _EXPLICIT = 0x30, 0x06, 0x04, 0x24, 0xA0
_DEEPEST = 12
_MOST_INFLATED = 2_000_000


class _NotCms(Exception):  # noqa: N818 - private, and caught in this module
    """It is built otherwise."""


def cms_kind(octets: bytes) -> str:
    """`signed`, `compressed` (RFC 3274), or `enveloped` for what is encrypted by whatever means; empty for what is no CMS."""
    try:
        return _opened(octets)[0]
    except _NotCms:
        return ""


def cms_content(octets: bytes) -> bytes | None:
    """What a signed or compressed message holds; None where that is elsewhere (a detached signature) or cannot be read."""
    try:
        kind, at = _opened(octets)
        if kind == "enveloped":
            return None
        at, _ = _entered(octets, at, _EXPLICIT)
        at, _ = _entered(octets, at, _SEQUENCE)
        # The version, then the algorithms; then the content and its type. Both kinds are built alike so far.
        at = _behind(octets, _behind(octets, at))
        at, _ = _entered(octets, at, _SEQUENCE)
        at, _ = _entered(octets, _behind(octets, at), _EXPLICIT)
        held = _octet_string(octets, at)
        return _inflated(held) if kind == "compressed" else held
    except _NotCms:
        return None


def _inflated(octets: bytes) -> bytes | None:
    """What zlib's form (RFC 3274 section 2) holds, cut at a fixed length."""
    try:
        return zlib.decompressobj().decompress(octets, _MOST_INFLATED) or None
    except zlib.error:
        return None


def _opened(octets: bytes) -> tuple[str, int]:
    """What its type says it is, and where its content begins."""
    at, _ = _entered(octets, 0, _SEQUENCE)
    start, stop = _entered(octets, at, _OID)
    kind = _OIDS.get(octets[start:stop], "")
    if not kind or stop is None:
        raise _NotCms
    return kind, stop


def _header(octets: bytes, at: int) -> tuple[int, int, int | None]:
    """The tag of the element there, where its content begins, and where that ends: None if it ends by a mark."""
    if len(octets) < at + 2:
        raise _NotCms
    tag, length = octets[at], octets[at + 1]
    start = at + 2
    if length == 0x80:  # noqa: PLR2004 - X.690 section 8.1.3.6
        return tag, start, None
    if length > 0x80:  # noqa: PLR2004 - X.690 section 8.1.3.5
        size = length & 0x7F
        length = int.from_bytes(octets[start : start + min(size, 8)], "big")
        start += size
    return tag, start, start + length


def _entered(octets: bytes, at: int, tag: int) -> tuple[int, int | None]:
    found, start, stop = _header(octets, at)
    if found != tag:
        raise _NotCms
    return start, stop


def _behind(octets: bytes, at: int, depth: int = 0) -> int:
    """Where the next element begins."""
    _, start, stop = _header(octets, at)
    if stop is not None:
        return stop
    if depth == _DEEPEST:
        raise _NotCms
    while octets[start : start + 2] != b"\0\0":
        start = _behind(octets, start, depth + 1)
    return start + 2


def _octet_string(octets: bytes, at: int) -> bytes:
    """Its octets, be they in one piece or in many."""
    tag, start, stop = _header(octets, at)
    if tag == _OCTETS and stop is not None:
        return octets[start : min(stop, len(octets))]
    if tag != _OCTETS_IN_PIECES:
        raise _NotCms
    pieces: list[bytes] = []
    end = len(octets) if stop is None else min(stop, len(octets))
    while start < end and octets[start : start + 2] != b"\0\0":
        _, piece, behind = _header(octets, start)
        if behind is None:
            raise _NotCms
        pieces.append(octets[piece:behind])
        start = behind
    return b"".join(pieces)
