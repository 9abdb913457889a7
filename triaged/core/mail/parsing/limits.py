"""What is too much for a parser: found in one linear pass over the raw bytes, before any parser touches them.

The limits are far above what people and their clients write, and below what costs a parser a second (docs/reliability.md,
"Hostile bytes"): mail-parser reads the header, `parsing` all else. What is hidden from the pass, in an encoding or by a
parser's leniency, meets the limits of the process that reads.
"""

import re
from dataclasses import dataclass

from triaged.core.mail.parsing.structure import parts_of

_SIZE = 64 * 1024 * 1024
_LINES = 1_000_000
_DEPTH = 50
# Each line is compared with the boundary of every part that is open.
_COMPARISONS = 3_000_000
_PARTS = 1000
# As much as `headers.read_fields` reads, so that no parser sees fields that decide nothing.
_HEAD = 256 * 1024
_FIELDS = 1000
_LONGEST = 64 * 1024
_LONGEST_DECISIVE = 8 * 1024
_DECISIVE = frozenset(
    b"from sender subject date message-id content-type content-disposition content-transfer-encoding content-id".split()
)
_RECEIVED = 200
_ADDRESSES = 2000
_ADDRESSED = frozenset(b"from sender reply-to to cc bcc".split())
_WORDS = 1000
# What is decoded is then normalised, which costs the square of its length where it is all combining marks.
_CODED_SQUARED = 20_000**2
_PARAMETERS, _ALL_PARAMETERS = 200, 5000

_BLANK_LINES = (b"\n\n", b"\n\r\n", b"\r\r")
# Codecs of Python that no mail is written in; their time is the square of the length.
_SLOW_CHARSET = re.compile(rb"punycode|idna", re.IGNORECASE)


class _OverLimit(Exception):  # noqa: N818 - private, and caught right below
    """One plain sentence that names the limit."""


def over_limit(raw: bytes) -> str | None:
    """The first limit that this mail is over, as one plain sentence; None for a mail that may be parsed."""
    try:
        _within(raw)
    except _OverLimit as over:
        return str(over)
    return None


def _within(raw: bytes) -> None:
    _hold(len(raw), _SIZE, "it has more than {} bytes")
    lines = raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")
    _hold(lines, _LINES, "it has more than {} lines")
    sums = _Sums()
    for number, part in enumerate(parts_of(raw), 1):
        _hold(part.head, _HEAD, "one of its headers has more than {} bytes")
        _hold(len(part.fields), _FIELDS, "one of its headers has more than {} fields")
        _hold(number, _PARTS, "it has more than {} parts")
        _hold(part.depth, _DEPTH, "its parts are nested more than {} deep")
        _hold(part.depth * lines, _COMPARISONS, "it has too many lines for parts nested so deep")
        for name, value in part.fields:
            _hold_field(name, value, sums)
        received = sum(name == b"received" for name, _ in part.fields)
        _hold(received, _RECEIVED, "it has more than {} Received fields")
        if part.in_status:
            paragraphs = sum(raw.count(blank, part.start, part.end) for blank in _BLANK_LINES)
            _hold(paragraphs, _PARTS, "it has more than {} parts")


def _hold(figure: int, limit: int, sentence: str) -> None:
    if figure > limit:
        raise _OverLimit(sentence.format(f"{limit:,}"))


@dataclass(slots=True)
class _Sums:
    """What adds up over all fields."""

    coded: int = 0
    parameters: int = 0


def _hold_field(name: bytes, value: bytes, sums: _Sums) -> None:
    """Hold one field against its limits; names are shown nowhere, for they are the sender's."""
    decisive = name in _DECISIVE
    longest = _LONGEST_DECISIVE if decisive else _LONGEST
    _hold(len(value), longest, "one of its fields is longer than {} bytes")
    words = value.count(b"=?")
    _hold(words, _WORDS, "one of its fields has more than {} encoded words")
    if words or not value.isascii():
        sums.coded += len(value) ** 2
        _hold(sums.coded, _CODED_SQUARED, "its fields have too much text in encoded words or beyond ASCII")
    if name in _ADDRESSED:
        _hold(value.count(b",") + value.count(b";"), _ADDRESSES, "one of its fields has more than {} addresses")
    if name.startswith(b"content-"):
        parameters = value.count(b";")
        _hold(parameters, _PARAMETERS, "one of its parts has more than {} parameters")
        sums.parameters += parameters
        _hold(sums.parameters, _ALL_PARAMETERS, "its parts have more than {} parameters")
        if _SLOW_CHARSET.search(value):
            raise _OverLimit("it is in a charset that no mail is written in")
