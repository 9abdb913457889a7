"""Seven-bit charsets in which an escape says what follows: ISO-2022-JP, -KR, -CN (RFC 1468, 1557, 1922) and HZ (RFC 1843).

Written anew because Python's codecs lose the text behind one wrong pair, and lack the letters that Windows adds.
"""

import binascii
import re
from collections.abc import Callable
from functools import lru_cache

_Decode = Callable[[bytes], str]

_ESCAPE = re.compile(rb"\x1b(\$[@AB]|\$\([A-DO-Q]|\$[)*+][A-Z]|\([A-Z]|[.NO][A-Z]?)")
_HZ = re.compile(rb"~(?:\{((?:(?!~\}|\n).)*+)(?:~\})?|(~)|\r?\n)", re.DOTALL)
_UTF7_RUN = re.compile(rb"\+([A-Za-z0-9+/\x80-\xff]*+)-?")
_SHIFTED = re.compile(rb"\x0e([^\x0f\r\n]*+)\x0f?")
_DESIGNATION = re.compile(rb"\x1b\$[)*+]([A-Z])")
_SIGNS = (rb"\x1b\$[@B]", rb"\x1b\([IJ]", rb"\x1b\$\)[CA]")
_LOOKS_STATEFUL = re.compile(b"|".join(_SIGNS))
_PAIR = re.compile(rb"[^\x00-\x20]{1,2}")
_PAIRS = re.compile(rb"(?:[!-~]{2})++")
_PAIRS_OR_FAULT = re.compile(rb"((?:[!-~]{2})++)|[^\x00-\x20]{1,2}")
_ROW, _HALF, _PLANE = 0x5F, 0x60, 94
_LOST = "\ufffd".encode()
_BY_DESIGNATION = {b"C": "cp949", b"A": "gb18030"}


def escapes_in(raw: bytes) -> str:
    """The codec of the stateful charset whose escapes stand in these bytes; an empty string where none does."""
    found = _LOOKS_STATEFUL.search(raw)
    if not found or not raw.isascii():
        return ""
    return {b"\x1b$)C": "iso2022_kr", b"\x1b$)A": "iso2022_cn"}.get(found[0], "iso2022_jp")


def iso2022_jp(raw: bytes) -> str:
    """Japanese text by its escapes, with the letters of CP932 (NEC's and IBM's rows) that Windows writes under this name."""
    decode: _Decode = _ascii
    pieces, at = [], 0
    for escape in _ESCAPE.finditer(raw):
        pieces.append(_by_line(raw[at : escape.start()], decode))
        decode, at = _JAPANESE.get(escape[1], _ascii), escape.end()
    return "".join([*pieces, _by_line(raw[at:], decode)])


def utf7(raw: bytes) -> str:
    """UTF-7 (RFC 2152) in which something is wrong; what is wrong in a run costs its letter."""

    def decoded(match: re.Match[bytes]) -> bytes:
        run = match[1].translate(_BASE64)
        whole = binascii.a2b_base64(run + b"A" * (-len(run) % 4))[: len(run) * 6 // 16 * 2]
        return whole.decode("utf-16-be", "replace").encode("utf-8") if run else b"+"

    return _ascii(_UTF7_RUN.sub(decoded, raw))


def iso2022_shifted(raw: bytes) -> str:
    """Korean or Chinese text: pairs between the controls SO and SI, in the set that the last designation named."""
    pieces, at, codec = [], 0, "cp949"
    for designation in _DESIGNATION.finditer(raw):
        pieces.append(_shifted(raw[at : designation.start()], codec))
        codec, at = _BY_DESIGNATION.get(designation[1], ""), designation.end()
    return "".join([*pieces, _shifted(raw[at:], codec)])


def hz(raw: bytes) -> str:
    """Chinese text: pairs between `~{` and `~}`, each on one line."""

    def decoded(match: re.Match[bytes]) -> bytes:
        if match[1] is not None:
            return _pairs(match[1], "gb18030")
        return match[2] or b""

    return _HZ.sub(decoded, raw).decode("utf-8", "replace")


def _shifted(raw: bytes, codec: str) -> str:
    def decoded(match: re.Match[bytes]) -> bytes:
        return _pairs(match[1], codec) if codec else _LOST * (len(match[1]) // 2)

    return _SHIFTED.sub(decoded, raw).decode("utf-8", "replace")


def _pairs(raw: bytes, codec: str) -> bytes:
    """Pairs of seven bits in a set whose codec knows them with the eighth; in UTF-8."""

    def decoded(match: re.Match[bytes]) -> bytes:
        return _upper(match[1]).decode(codec, "replace").encode("utf-8") if match[1] else _LOST

    return _PAIRS_OR_FAULT.sub(decoded, raw)


def _by_line(raw: bytes, decode: _Decode) -> str:
    """A segment decoded; a line's end takes every charset back to ASCII."""
    first, *rest = re.split(rb"(?=[\r\n])", raw, maxsplit=1)
    return decode(first) + _ascii(b"".join(rest))


def _ascii(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _kanji(raw: bytes) -> str:
    """Pairs of JIS X 0208 by way of Shift_JIS, which has the rows that were added."""
    return _PAIR.sub(lambda pair: _kanji_of(pair[0]), raw).decode("utf-8", "replace")


@lru_cache(maxsize=_PLANE * _PLANE)
def _kanji_of(pair: bytes) -> bytes:
    """One letter, in UTF-8."""
    if not _PAIRS.fullmatch(pair):
        return _LOST
    row, cell = pair
    lead = (row + 1) // 2 + (0x70 if row < _ROW else 0xB0)
    trail = cell + (0x7E if row % 2 == 0 else 0x1F if cell < _HALF else 0x20)
    try:
        return bytes((lead, trail)).decode("cp932").encode("utf-8")
    except UnicodeDecodeError:
        return _LOST


def _katakana(raw: bytes) -> str:
    return _upper(raw).decode("cp932", "replace")


def _supplement(raw: bytes) -> str:
    """Pairs of JIS X 0212."""
    return _PAIR.sub(lambda pair: b"\x8f" + _upper(pair[0]), raw).decode("euc_jp", "replace")


def _in(codec: str) -> _Decode:
    return lambda raw: _ascii(_pairs(raw, codec))


def _upper(raw: bytes) -> bytes:
    return raw.translate(_UPPER)


_BASE64 = bytes(octet if octet < 0x80 else ord("A") for octet in range(256))  # noqa: PLR2004 - the end of ASCII
_UPPER = bytes(octet | 0x80 if octet > 0x20 else octet for octet in range(256))  # noqa: PLR2004 - blanks are no letters
_JAPANESE: dict[bytes, _Decode] = {
    b"$@": _kanji,
    b"$B": _kanji,
    b"$(B": _kanji,
    b"(I": _katakana,
    b"$(D": _supplement,
    b"$A": _in("gb18030"),
    b"$(A": _in("gb18030"),
    b"$(C": _in("cp949"),
    b"$(O": _in("euc_jis_2004"),
    b"$(Q": _in("euc_jis_2004"),
}
