"""Messages from the paths people have: a mail, an mbox, a Maildir, a folder of any of these, or standard input."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from triaged.cli.faults import NO_INPUT, Fault

_FROM_LINE = re.compile(rb"^From [^\n]*\n", re.MULTILINE)
_SEPARATOR = re.compile(rb"(?:\A|\r?\n\r?\n)(?=From \S[^\n]*\d{4}[^\n]*\n)")


def messages(path: str) -> Iterator[tuple[str, bytes]]:
    """Yield each message with a label that says where it was found; Fault when there is nothing to read."""
    if path == "-":
        yield from _split("-", sys.stdin.buffer.read())
        return
    place = Path(path)
    if place.is_dir():
        yield from _folder(place)
    elif place.exists():
        yield from _split(path, _bytes(place))
    else:
        raise Fault(f"{path}: there is no such file or folder", NO_INPUT)


def _folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    files = sorted(
        file
        for file in folder.rglob("*")
        # A Maildir's tmp holds deliveries not finished; dot files are its server's own.
        if file.is_file() and file.parent.name != "tmp" and not file.name.startswith(("dovecot", "."))
    )
    if not files:
        raise Fault(f"{folder}: holds no messages", NO_INPUT)
    for file in files:
        yield from _split(str(file), _bytes(file))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Fault(f"{file}: cannot be read: {error.strerror}", NO_INPUT) from error


def _split(label: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Take an mbox apart (RFC 4155); anything that does not begin with its From line is one message."""
    if not raw.startswith(b"From "):
        yield label, raw
        return
    parts = [part for part in _SEPARATOR.split(raw) if part]
    for number, part in enumerate(parts, 1):
        yield (label if len(parts) == 1 else f"{label}#{number}"), _FROM_LINE.sub(b"", part, count=1)
