"""The bytes of the store's files (docs/file-format.md): checksummed lines, journal headers and snapshots."""

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triaged.adapters.disk.folder import Folder
from triaged.ports import StateFault

Tables = dict[str, dict[str, Any]]

_TABLES = b',"tables":'
_CASE = re.compile(rb'\["cases","([A-Z0-9-]{4,40})"')


class StoreBroken(StateFault):
    """The store is damaged or can no longer be written. Nothing may be sent that relies on it."""


@dataclass(frozen=True, slots=True)
class Put:
    """Sets the document of that id; None removes it."""

    table: str
    doc_id: str
    document: Any
    before: Any = None
    """The document before the change; known only to the process that made it."""

    def row(self) -> list[Any]:
        """The change as JSON."""
        return [self.table, self.doc_id, self.document]

    def apply(self, tables: Tables) -> None:
        """Make the change in memory."""
        put(tables, self.table, self.doc_id, self.document)

    def undo(self, tables: Tables) -> None:
        """Take it back in memory."""
        put(tables, self.table, self.doc_id, self.before)


@dataclass(frozen=True, slots=True)
class Grown:
    """Appends items to one list of a document. Only the new items are written, so a long history costs nothing extra."""

    table: str
    doc_id: str
    key: str
    items: list[Any]

    def row(self) -> list[Any]:
        """The change as JSON."""
        return [self.table, self.doc_id, self.key, self.items]

    def apply(self, tables: Tables) -> None:
        """Make the change in memory; raises KeyError if there is no such document."""
        tables[self.table][self.doc_id][self.key].extend(self.items)

    def undo(self, tables: Tables) -> None:
        """Take it back in memory."""
        items = tables[self.table][self.doc_id][self.key]
        del items[len(items) - len(self.items) :]


Change = Put | Grown


def put(tables: Tables, table: str, doc_id: str, document: Any) -> None:  # noqa: ANN401 - any JSON document
    """Set the document of that id in memory; None removes it."""
    rows = tables.setdefault(table, {})
    if document is None:
        rows.pop(doc_id, None)
    else:
        rows[doc_id] = document


class Batch:
    """Changes that become one line. Each row is written down at once, because a later change may grow its document."""

    def __init__(self) -> None:
        self._changes: list[Change] = []
        self._rows: list[bytes] = []

    def __len__(self) -> int:
        return len(self._changes)

    def add(self, changes: Sequence[Change]) -> None:
        """Add changes that were made in memory."""
        rows = [
            json.dumps(change.row(), ensure_ascii=True, separators=(",", ":")).encode("ascii") for change in changes
        ]
        self._changes += changes
        self._rows += rows

    def undo(self, tables: Tables, start: int = 0) -> None:
        """Take back in memory what was added from `start` on."""
        for change in reversed(self._changes[start:]):
            change.undo(tables)
        del self._changes[start:], self._rows[start:]

    def line(self) -> bytes:
        """One durable write as a line."""
        body = b"[" + b",".join(self._rows) + b"]"
        return b"%08x %s\n" % (zlib.crc32(body), body)


def changes_in(path: Path, number: int, line: bytes) -> list[Change]:
    """The changes of one line; raises StoreBroken if its checksum does not match."""
    checksum, _, body = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(body):
        raise StoreBroken(
            f"{path}:{number}: this line is damaged; restore the state directory from a backup, "
            "or move this file away to go on from the last snapshot"
        )
    return [Put(*row) if len(row) == len(("table", "id", "document")) else Grown(*row) for row in json.loads(body)]


def header_of(generation: int) -> bytes:
    """The first line of a journal."""
    return json.dumps({"triaged": "journal", "generation": generation}).encode("ascii") + b"\n"


def generation_of(path: Path, head: bytes) -> int:
    """The generation in the first line of a journal; raises StoreBroken if there is none."""
    try:
        return int(json.loads(head)["generation"])
    except (ValueError, KeyError, TypeError) as error:
        raise StoreBroken(f"{path}:1: is not a journal of triaged; restore it from a backup") from error


def snapshot_of(generation: int, tables: Tables) -> bytes:
    """The snapshot of that generation as bytes, with the CRC-32 of everything after `"tables":`."""
    body = json.dumps(tables, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    head = {"triaged": "snapshot", "generation": generation, "crc32": f"{zlib.crc32(body):08x}"}
    return json.dumps(head, separators=(",", ":")).encode("ascii")[:-1] + _TABLES + body + b"}\n"


def read_snapshot(folder: Folder, name: str) -> tuple[int, Tables, int]:
    """Generation, tables and size in bytes; zeros and no tables if there is no snapshot. Raises StoreBroken if damaged."""
    try:
        raw = folder.read(name)
    except FileNotFoundError:
        return 0, {}, 0
    try:
        content = json.loads(raw)
        # Snapshots of older versions have no checksum.
        if "crc32" in content and content["crc32"] != f"{zlib.crc32(raw.partition(_TABLES)[2][:-2]):08x}":
            raise ValueError("wrong checksum")  # noqa: TRY301 - one sentence for every kind of damage
        return int(content["generation"]), content["tables"], len(raw)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreBroken(f"{folder.path / name}: is damaged; restore the state directory from a backup") from error


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as read from disk; `changes` is empty if its generation is another than the one asked for."""

    generation: int = -1
    """-1 if there is no journal."""
    changes: Sequence[Change] = ()
    end: int = 0
    """The offset after its last complete line."""
    torn: bytes = b""
    """The bytes after that: the beginning of a write that never returned, so nobody was told of it."""


def read_journal(folder: Folder, name: str, generation: int) -> Journal:
    """Read the journal of that generation; raises StoreBroken if a line is damaged."""
    try:
        raw = folder.read(name)
    except FileNotFoundError:
        return Journal()
    path = folder.path / name
    head, newline, _ = raw.partition(b"\n")
    if not newline:
        return Journal()
    found, end = generation_of(path, head), len(head) + 1
    if found != generation:
        return Journal(found, end=end)
    changes: list[Change] = []
    for number, line in enumerate(raw[end:].split(b"\n"), 2):
        whole = end + len(line) + 1
        if whole > len(raw) or (whole == len(raw) and _half_on_disk(line)):
            break
        changes += changes_in(path, number, line)
        end = whole
    return Journal(found, changes, end, raw[end:])


def _half_on_disk(line: bytes) -> bool:
    """True if a power cut left a line half written: the missing pages read as zeros, which never occur in JSON.

    This can happen to the last line only, because each line is fsynced before the next begins. etcd's WAL uses the same test.
    """
    return b"\0" in line


def case_ids_in(torn: bytes) -> list[str]:
    """The cases that a torn line names, as far as it can be read."""
    return sorted({found.decode("ascii") for found in _CASE.findall(torn)})
