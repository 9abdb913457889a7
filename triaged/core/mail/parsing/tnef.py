"""Outlook's winmail.dat ([MS-OXTNEF]): the body of a mail and its files, read within bounds and in linear time.

Everything in it is a length and that many octets. A length that leads out of the data ends the reading with what was found;
checksums are not looked at, as no client does.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from triaged.core.mail.parsing.charsets import decoded
from triaged.core.mail.parsing.codepages import label_of
from triaged.core.mail.parsing.compressed_rtf import decompressed

MAGIC = b"\x78\x9f\x3e\x22"
"""Section 2.1.3.1."""
_MOST_ATTRIBUTES, _MOST_PROPERTIES, _MOST_FILES = 2000, 2000, 100
_MOST_RTF = 1_000_000
_NAME = 300

# Attributes (section 2.1.3.2) and properties ([MS-OXPROPS]) by their ids.
_CODEPAGE, _BODY, _MESSAGE_PROPERTIES = 0x9007, 0x800C, 0x9003
_FILE_BEGINS, _FILE_NAME, _FILE_DATA, _FILE_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_TEXT, _HTML, _RTF, _INTERNET_CODEPAGE = 0x1000, 0x1013, 0x1009, 0x3FDE
_LONG_NAME, _DISPLAY_NAME, _DATA = 0x3707, 0x3001, 0x3701
# Types of properties (section 2.1.3.5) with the octets of a value of theirs.
_SIZES = {0x02: 2, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 2, 0x14: 8, 0x40: 8, 0x48: 16}
_STRING, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x0102
_VARIABLE = frozenset({_STRING, _UNICODE, _OBJECT, _BINARY})
_MANY, _NAMED = 0x1000, 0x8000
_INTERFACE = 16
"""Octets of the interface's id before an object's data."""


class _Ended(Exception):  # noqa: N818 - private, and caught in this module
    """The data ends here."""


@dataclass(slots=True)
class File:
    """A file in it; a mail that is attached in Outlook's own form is one whose octets begin with MAGIC."""

    name: str = ""
    octets: bytes = b""


@dataclass(slots=True)
class Winmail:
    """What one holds. Of the bodies those that are there: Outlook writes one or several of the same text."""

    text: str = ""
    html: str = ""
    rtf: bytes = b""
    files: list[File] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """Numbers and octets one after the other; `_Ended` where the data ends."""

    data: bytes
    at: int = 0

    def take(self, length: int) -> bytes:
        if self.at + length > len(self.data):
            raise _Ended
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, form: str = "<I") -> int:
        return int(struct.unpack(form, self.take(struct.calcsize(form)))[0])

    def padded(self, length: int) -> bytes:
        taken = self.take(length)
        self.at += -length % 4
        return taken


@dataclass(slots=True)
class _Value:
    kind: int
    octets: bytes

    def text(self, label: str) -> str:
        return decoded(self.octets, "utf-16le" if self.kind == _UNICODE else label).rstrip("\0")

    def number(self) -> int:
        return int.from_bytes(self.octets[:4], "little")


def winmail(data: bytes) -> Winmail | None:
    """What a winmail.dat holds; None where it holds neither a body nor a file. Total."""
    if not data.startswith(MAGIC):
        return None
    found, label = Winmail(), "windows-1252"
    for attribute, octets in _attributes(data):
        if attribute == _CODEPAGE:
            label = label_of(int.from_bytes(octets[:4], "little"))
        elif attribute == _FILE_BEGINS:
            if len(found.files) == _MOST_FILES:
                break
            found.files.append(File())
        elif attribute in _OF_THE_MAIL:
            _OF_THE_MAIL[attribute](found, octets, label)
        elif attribute in _OF_A_FILE and found.files:
            _OF_A_FILE[attribute](found.files[-1], octets, label)
    found.files = [file for file in found.files if file.octets]
    return found if found.text.strip() or found.html.strip() or found.rtf or found.files else None


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The id of each attribute and its octets; their level and checksum say nothing more."""
    reader = _Reader(data, len(MAGIC) + 2)
    try:
        for _ in range(_MOST_ATTRIBUTES):
            reader.take(1)
            attribute = reader.number() & 0xFFFF
            octets = reader.take(reader.number())
            reader.take(2)
            yield attribute, octets
    except _Ended:
        return


def _properties(data: bytes) -> dict[int, _Value]:
    """The first value of each property, by its id."""
    reader = _Reader(data)
    found: dict[int, _Value] = {}
    try:
        for _ in range(min(reader.number(), _MOST_PROPERTIES)):
            kind, name = reader.number("<H"), reader.number("<H")
            if name >= _NAMED:
                _skip_name(reader)
            found.setdefault(name, _Value(kind & ~_MANY, _value(reader, kind)))
    except _Ended:
        pass
    return found


def _skip_name(reader: _Reader) -> None:
    reader.take(16)
    if reader.number() == 0:
        reader.take(4)
    else:
        reader.padded(reader.number())


def _value(reader: _Reader, kind: int) -> bytes:
    """The first of the values that follow."""
    single = kind & ~_MANY
    if single in _VARIABLE:
        values = [reader.padded(reader.number()) for _ in range(min(reader.number(), _MOST_PROPERTIES))]
        return values[0] if values else b""
    if single not in _SIZES:
        raise _Ended
    size = _SIZES[single]
    return reader.padded(size * reader.number())[:size] if kind & _MANY else reader.padded(size)


def _body(found: Winmail, octets: bytes, label: str) -> None:
    found.text = found.text or decoded(octets, label).rstrip("\0")


def _message_properties(found: Winmail, octets: bytes, label: str) -> None:
    held = _properties(octets)
    page = label_of(held[_INTERNET_CODEPAGE].number()) if _INTERNET_CODEPAGE in held else label
    if _TEXT in held:
        found.text = held[_TEXT].text(label)
    if _HTML in held:
        found.html = held[_HTML].text(page)
    if _RTF in held:
        found.rtf = decompressed(held[_RTF].octets, _MOST_RTF)


def _file_name(file: File, octets: bytes, label: str) -> None:
    file.name = file.name or decoded(octets[:_NAME], label).rstrip("\0")


def _file_data(file: File, octets: bytes, _label: str) -> None:
    file.octets = octets


def _file_properties(file: File, octets: bytes, label: str) -> None:
    held = _properties(octets)
    named = next((held[name].text(label) for name in (_LONG_NAME, _DISPLAY_NAME) if name in held), "")
    file.name = named[:_NAME] or file.name
    if _DATA in held and not file.octets:
        data = held[_DATA]
        file.octets = data.octets[_INTERFACE:] if data.kind == _OBJECT else data.octets


_OF_THE_MAIL: dict[int, Callable[[Winmail, bytes, str], None]] = {
    _BODY: _body,
    _MESSAGE_PROPERTIES: _message_properties,
}
_OF_A_FILE: dict[int, Callable[[File, bytes, str], None]] = {
    _FILE_NAME: _file_name,
    _FILE_DATA: _file_data,
    _FILE_PROPERTIES: _file_properties,
}
