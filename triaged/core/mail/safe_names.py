"""Names of our own for a sender's files: nothing of theirs is in them but an ending that opens nothing dangerous."""

from triaged.core.mail.message import Attachment

_HARMLESS = frozenset(
    "txt log md csv json yaml yml diff patch png jpg jpeg gif webp bmp heic mp3 wav ogg flac m4a mp4 mov webm avi pdf "
    "zip gz bz2 xz zst 7z tar eml pcap pcapng har asc sig".split()
)
_ANY = "bin"
_MISLEADING = ("type mismatch", "executable", "double extension", "script in it", "office file with macros")
"""What is warned of so must not open at a double click."""


def safe_name(number: int, part: Attachment) -> str:
    """`03.png`: the file's number, and its ending where that is harmless and its bytes do not belie it; else `03.bin`."""
    ending = part.filename.rpartition(".")[2].lower() if "." in part.filename else ""
    misleads = any(warning.startswith(_MISLEADING) for warning in part.warnings)
    return f"{number:02}.{ending if ending in _HARMLESS and not misleads else _ANY}"
