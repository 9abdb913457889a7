"""Messages from a path: a mail, an mbox, a Maildir, a folder of these, a state directory, or standard input.

Only one message at a time is in memory, however large the mbox or spool is.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from triaged.adapters.disk.folder import Folder
from triaged.adapters.disk.spool import names_in
from triaged.adapters.store.journal import JOURNAL, SNAPSHOT
from triaged.cli.faults import NO_INPUT, Fault

_FROM = b"From "
_SEPARATOR = re.compile(rb"From \S[^\n]*\d{4}[^\n]*\n")
_BLANK = (b"\n", b"\r\n")


def messages(path: str) -> Iterator[tuple[str, bytes]]:
    """Yield each message with a label for its place; raises Fault if there is nothing to read."""
    place = Path(path)
    if path == "-":
        yield from _split("-", sys.stdin.buffer)
    elif holds_state(place):
        yield from _spool(place / "spool")
    elif place.is_dir():
        yield from _folder(place)
    elif place.exists():
        yield from _read(place)
    else:
        raise Fault(f"{path}: there is no such file or folder", NO_INPUT)


def holds_state(folder: Path) -> bool:
    """True if that is a state directory, whose only mails are those in its spool."""
    return any(Folder.of_state(folder).has(name) for name in (SNAPSHOT, JOURNAL))


def _spool(spool: Path) -> Iterator[tuple[str, bytes]]:
    """The raw mails of a spool: each is one message, even if it begins like an mbox."""
    folder, names = Folder.in_state(spool), sorted(names_in(spool))
    if not names:
        raise Fault(f"{spool}: holds no messages", NO_INPUT)
    for name in names:
        try:
            yield name, folder.read(name)
        except OSError as error:
            raise Fault(f"{spool / name}: cannot be read: {error.strerror}", NO_INPUT) from error


def _folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    files = sorted(
        file
        for file in folder.rglob("*")
        # A Maildir's tmp holds unfinished deliveries; dot files belong to its server.
        if file.is_file() and file.parent.name != "tmp" and not file.name.startswith(("dovecot", "."))
    )
    if not files:
        raise Fault(f"{folder}: holds no messages", NO_INPUT)
    for file in files:
        yield from _read(file)


def _read(file: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with file.open("rb") as stream:
            yield from _split(str(file), stream)
    except OSError as error:
        raise Fault(f"{file}: cannot be read: {error.strerror}", NO_INPUT) from error


def _split(label: str, lines: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Split an mbox (RFC 4155). A file that does not begin with a From line is one message."""
    source = iter(lines)
    first = next(source, b"")
    if not first.startswith(_FROM):
        yield label, b"".join((first, *source))
        return
    for number, (message, last) in enumerate(_messages(source), 1):
        yield (label if last and number == 1 else f"{label}#{number}"), message


def _messages(lines: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each message of an mbox after its first From line, with True for the last one."""
    held: list[bytes] = []
    for line in lines:
        if held and held[-1] in _BLANK and _SEPARATOR.fullmatch(line):
            # The blank line belongs to the separator.
            yield b"".join(held[:-1]), False
            held = []
        else:
            held.append(line)
    yield b"".join(held), True
