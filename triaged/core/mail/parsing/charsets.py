"""Octets to text by the one table of labels: bodies, encoded words, file names. One bad octet costs one letter."""

import codecs
import re

from triaged.core.mail.parsing.labels import GUESS, codec_of
from triaged.core.mail.parsing.stateful import escapes_in, hz, iso2022_jp, iso2022_shifted, utf7

_BOMS = (
    (codecs.BOM_UTF8, "utf_8"),
    (codecs.BOM_UTF32_LE, "utf_32_le"),
    (codecs.BOM_UTF32_BE, "utf_32_be"),
    (codecs.BOM_UTF16_LE, "utf_16_le"),
    (codecs.BOM_UTF16_BE, "utf_16_be"),
)
_STATEFUL = {
    "iso2022_jp": iso2022_jp,
    "iso2022_kr": iso2022_shifted,
    "iso2022_cn": iso2022_shifted,
    "hz": hz,
}
# Tried in turn while the one before does not fit: what else is written under the same name.
_SUPERSETS = {
    "cp932": ("cp932", "shift_jis_2004"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "big5hkscs": ("big5hkscs", "cp950"),
}
_MULTIBYTE = frozenset("gb18030 cp949 euc_tw johab".split())
_HARDLY, _SURELY = 2, 6
"""So many letters that are good UTF-8 are not in another charset by chance: of single octets, of several."""
_WIDE = {"utf_16": ("utf_16_le", "utf_16_be"), "utf_32": ("utf_32_le", "utf_32_be")}
_BEARABLE = 2
"""So many octets of what is labelled UTF-8 may be wrong although nothing else in it shows that it is."""
_META_WITHIN = 4096
_SAMPLE = 500
# HTML section 13.2.3.2; XHTML's declaration.
_META = re.compile(
    rb"""<meta\s[^>]{0,500}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{1,60})|<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w.:-]{1,60})""",
    re.IGNORECASE,
)
_ONE_LETTER = "triaged.one-letter"


def decoded(raw: bytes, label: str = "", *, page: bool = False) -> str:
    """The text of these octets. Total; NULs and lone surrogates may be in it.

    A byte order mark outranks the label (WHATWG Encoding section 6.1). Where the label says nothing, a page's own meta
    speaks (`page`: it is HTML), then the octets: an escape of a stateful charset, UTF-8 where they are that, windows-1252.
    """
    for mark, codec in _BOMS:
        if raw.startswith(mark):
            return _by(codec, raw[len(mark) :])
    codec = codec_of(label) or (_declared(raw) if page else GUESS)
    return (_guessed(raw) if codec == GUESS else _by(codec, raw)).removeprefix("\ufeff")


def decodes(raw: bytes, label: str) -> bool:
    """True if these octets are whole text under that label, without one letter lost."""
    return "\ufffd" not in decoded(raw, label)


def is_known(label: str) -> bool:
    """True if the label names a charset."""
    return codec_of(label) != GUESS


def _guessed(raw: bytes) -> str:
    if stateful := escapes_in(raw):
        return _by(stateful, raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _utf8_with_faults(raw)


def _utf8_with_faults(raw: bytes, bearable: int = 0) -> str:
    """UTF-8 of which a few octets are wrong, or else what is no UTF-8 at all: windows-1252."""
    text = raw.decode("utf-8", _ONE_LETTER)
    lost = text.count("\ufffd")
    whole = sum(char > "\x7f" for char in text) - lost
    return text if lost <= max(whole, bearable) else raw.decode("cp1252", "replace")


def _declared(raw: bytes) -> str:
    meta = _META.search(raw[:_META_WITHIN])
    codec = codec_of((meta[1] or meta[2]).decode("ascii", "replace")) if meta else GUESS
    # It was found as ASCII, so it is not true (HTML section 13.2.3.2, step 15).
    return "utf_8" if codec.startswith(("utf_16", "utf_32")) else codec


def _by(codec: str, raw: bytes) -> str:
    if codec in _STATEFUL:
        return _STATEFUL[codec](raw)
    if codec == "utf_8":
        return _utf8_with_faults(raw, _BEARABLE)
    if codec in _WIDE:
        little, big = _WIDE[codec]
        codec = big if _is_big(raw) else little
    supersets = _SUPERSETS.get(codec, (codec,))
    if _is_utf8(raw, at_least=_SURELY if len(supersets) > 1 or codec in _MULTIBYTE else _HARDLY):
        return raw.decode("utf-8")
    for each in supersets:
        try:
            return raw.decode(each)
        except (UnicodeError, ValueError, LookupError):
            continue
    if codec == "utf_7":
        return utf7(raw)
    best = min(supersets, key=lambda each: _with_letters_lost(each, raw[:_SAMPLE]).count("\ufffd"))
    return _with_letters_lost(best, raw)


def _with_letters_lost(codec: str, raw: bytes) -> str:
    """The text; a codec that knows no handler of ours has Python's own."""
    for handler in (_ONE_LETTER, "replace"):
        try:
            return raw.decode(codec, handler)
        except (UnicodeError, ValueError, LookupError):
            continue
    return raw.decode("cp1252", "replace")


def _is_utf8(raw: bytes, *, at_least: int) -> bool:
    """True if so many letters beyond ASCII stand here, all in UTF-8: then that is what it is, whatever the label says."""
    if raw.isascii():
        return False
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum(char > "\x7f" for char in text) >= at_least


def _is_big(raw: bytes) -> bool:
    """True if wide letters come high octet first: then the zeros of Latin letters and blanks stand first (RFC 2781)."""
    head = raw[:1000]
    return head[0::2].count(0) > head[1::2].count(0)


def _one_letter(error: UnicodeError) -> tuple[str, int]:
    """In place of what cannot be decoded one U+FFFD; an ASCII octet behind a lead octet is a letter of its own."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    behind = next((at for at in range(error.start + 1, error.end) if error.object[at] < 0x80), error.end)  # noqa: PLR2004
    return "\ufffd", behind


codecs.register_error(_ONE_LETTER, _one_letter)
