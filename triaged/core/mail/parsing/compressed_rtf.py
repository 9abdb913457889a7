"""Rich text as Outlook packs it ([MS-OXRTFCP]): a window of 4096 octets, into which references point."""

import struct

_PACKED, _PLAIN = b"LZFu", b"MELA"
_WINDOW = 4096
# What the window holds at the start ([MS-OXRTFCP] section 2.1.2.1).
_BEGUN = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans "
    b"SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_HEADER = struct.Struct("<II4sI")


def decompressed(data: bytes, most: int) -> bytes:
    """The RTF in a PidTagRtfCompressed, cut after `most` octets; empty where it is none. Total, and linear in `most`."""
    if len(data) < _HEADER.size:
        return b""
    _, length, kind, _ = _HEADER.unpack_from(data)
    if kind == _PLAIN:
        return data[_HEADER.size : _HEADER.size + min(length, most)]
    return _unpacked(data, min(length, most)) if kind == _PACKED else b""


def _unpacked(data: bytes, most: int) -> bytes:
    """LZ77 in runs of eight: a set bit is a reference into the window, a clear one a literal (section 2.2.2)."""
    out = bytearray(_BEGUN)
    at, end = _HEADER.size, len(_BEGUN) + most
    while at < len(data) and len(out) < end:
        control, at = data[at], at + 1
        for bit in range(8):
            if not control >> bit & 1:
                out += data[at : at + 1]
                at += 1
                continue
            reference = int.from_bytes(data[at : at + 2], "big")
            at += 2
            back = (len(out) - (reference >> 4)) % _WINDOW
            if back == 0 or back > len(out) or at > len(data):
                return bytes(out[len(_BEGUN) : end])
            for _ in range((reference & 15) + 2):
                out.append(out[-back])
    return bytes(out[len(_BEGUN) : end])
