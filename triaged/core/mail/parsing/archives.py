"""What an archive says of itself in its headers: whether it is encrypted, how large it becomes, what its members are called.

Nothing is unpacked. Every walk ends after a fixed number of entries, whatever the archive claims.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

_ENTRIES = 1000
_BLOCKS = 200
_NAME = 300
_GZIP_LEAST = 18
_ZIP_LOCAL, _ZIP_CENTRAL, _ZIP_END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_ZIP_END_SIZE, _ZIP_COMMENT = 22, 65_535
_ZIP_CENTRAL_SIZE, _ZIP_LOCAL_SIZE = 46, 30
# Flags, unpacked size, and the lengths of the name, the extra field and the comment; as far as each header has them.
_CENTRAL = struct.Struct("<8xH14xIHHH12x")
_LOCAL = struct.Struct("<6xH14xIH2x")
_UNKNOWN_32 = 0xFFFF_FFFF
_7Z_HEADER = 32
# The id of AES-256 with SHA-256 among 7-Zip's methods (Methods.txt), as it stands in a list of coders.
_7Z_AES = b"\x06\xf1\x07\x01"
_7Z_LOOKED_AT = 65_536
_RAR4, _RAR5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"


class Member(NamedTuple):
    """One file of a zip archive, as the archive describes it."""

    name: bytes
    encrypted: bool
    size: int
    """Declared, unpacked."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive's headers say, as far as they were followed."""

    names: tuple[bytes, ...] = ()
    encrypted: bool = False
    size: int = 0
    """Declared, all members together, unpacked."""


def contents(content: bytes) -> Contents:
    """What is known of an archive without unpacking it; nothing at all where it is none."""
    if content.startswith((_ZIP_LOCAL, _ZIP_END)):
        return _zip(content)
    if content.startswith(b"7z\xbc\xaf\x27\x1c"):
        return Contents(encrypted=_encrypted_7z(content))
    if content.startswith(_RAR5):
        return Contents(encrypted=_encrypted_rar5(content))
    if content.startswith(_RAR4):
        return Contents(encrypted=_encrypted_rar4(content))
    if content.startswith(b"\x1f\x8b") and len(content) > _GZIP_LEAST:
        # ISIZE (RFC 1952 section 2.3.1): the length of the last member, modulo 4 GiB.
        return Contents(size=_number(content, len(content) - 4, 4))
    return Contents()


def _zip(content: bytes) -> Contents:
    """Of the central directory (APPNOTE.TXT section 4.3.12) and of the local headers: an unpacker may believe either."""
    central, local = list(_central(content)), list(_local(content))
    return Contents(
        names=tuple(member.name for member in (*central, *local)),
        encrypted=any(member.encrypted for member in (*central, *local)),
        size=sum(member.size for member in central or local),
    )


def _central(content: bytes) -> Iterator[Member]:
    end = content.rfind(_ZIP_END, max(0, len(content) - _ZIP_END_SIZE - _ZIP_COMMENT))
    if end < 0:
        return
    # What stands before the archive shifts its offsets; the directory's length is right all the same.
    at = end - _number(content, end + 12, 4)
    if not content.startswith(_ZIP_CENTRAL, max(at, 0)):
        at = content.find(_ZIP_CENTRAL)
    for _ in range(_ENTRIES):
        if at < 0 or not content.startswith(_ZIP_CENTRAL, at) or at + _ZIP_CENTRAL_SIZE > len(content):
            return
        flags, size, named, more, comment = _CENTRAL.unpack_from(content, at)
        at += _ZIP_CENTRAL_SIZE
        if size == _UNKNOWN_32:
            size = _zip64_size(content[at + named : at + named + more], size)
        yield Member(content[at : at + min(named, _NAME)], bool(flags & 1), size)
        at += named + more + comment


def _zip64_size(extra: bytes, otherwise: int) -> int:
    """The size where ZIP64 keeps it (section 4.5.3); where it does not, 4 GiB is enough to be warned of."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = _number(extra, at, 2), _number(extra, at + 2, 2)
        if kind == 1:
            return _number(extra, at + 4, 8)
        at += 4 + length
    return otherwise


def _local(content: bytes) -> Iterator[Member]:
    """Whatever looks like a local header, wherever it lies: sizes in them are not to be followed."""
    at = content.find(_ZIP_LOCAL)
    for _ in range(_ENTRIES):
        if not 0 <= at <= len(content) - _ZIP_LOCAL_SIZE:
            return
        flags, size, named = _LOCAL.unpack_from(content, at)
        # Each may claim 64 KB that others claim as well.
        name = content[at + _ZIP_LOCAL_SIZE : at + _ZIP_LOCAL_SIZE + min(named, _NAME)]
        yield Member(name, bool(flags & 1), size)
        at = content.find(_ZIP_LOCAL, at + 4)


def _encrypted_7z(content: bytes) -> bool:
    """True if AES stands in the list of coders at its end (7zFormat.txt), where that list is not itself compressed."""
    at, size = _number(content, 12, 8), _number(content, 20, 8)
    begin = _7Z_HEADER + at
    return _7Z_AES in content[begin : begin + min(size, _7Z_LOOKED_AT)]


def _encrypted_rar4(content: bytes) -> bool:
    """True if the headers are encrypted, or a file is (technote.txt: MHD_PASSWORD, LHD_PASSWORD)."""
    at = len(_RAR4)
    for _ in range(_BLOCKS):
        kind, flags, size = _number(content, at + 2, 1), _number(content, at + 3, 2), _number(content, at + 5, 2)
        if (kind, flags & 0x80) == (0x73, 0x80) or (kind, flags & 0x04) == (0x74, 0x04):
            return True
        # LONG_BLOCK: data of so many bytes follows the header.
        step = size + (_number(content, at + 7, 4) if flags & 0x8000 else 0)
        if size == 0 or at + step >= len(content):
            return False
        at += step
    return False


def _encrypted_rar5(content: bytes) -> bool:
    """True if there is an encryption header, or a file with an encryption record (rarlab.com/technote.htm)."""
    at = len(_RAR5)
    for _ in range(_BLOCKS):
        size, begin = _vint(content, at + 4)
        kind, here = _vint(content, begin)
        flags, here = _vint(content, here)
        extra, here = _vint(content, here) if flags & 1 else (0, here)
        data, here = _vint(content, here) if flags & 2 else (0, here)
        end = begin + size
        if kind == _RAR5_ENCRYPTION or (kind in _RAR5_FILES and _has_encryption(content, end - extra, end)):
            return True
        if size == 0 or end + data >= len(content):
            return False
        at = end + data
    return False


_RAR5_ENCRYPTION = 4
_RAR5_FILES = frozenset({2, 3})


def _has_encryption(content: bytes, at: int, end: int) -> bool:
    for _ in range(_BLOCKS):
        if not 0 < at < min(end, len(content)):
            return False
        size, here = _vint(content, at)
        if _vint(content, here)[0] == 1:
            return True
        at = here + size
    return False


def _vint(content: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    value = 0
    for number, byte in enumerate(content[at : at + 10]):
        value |= (byte & 0x7F) << 7 * number
        if not byte & 0x80:
            return value, at + number + 1
    return value, at + 10


def _number(content: bytes, at: int, length: int) -> int:
    return int.from_bytes(content[max(at, 0) : max(at, 0) + length], "little")
