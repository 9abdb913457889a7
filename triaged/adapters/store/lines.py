"""The bytes of the store (docs/file-format.md): lines with their checksums, headers, snapshots."""

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
    """The store on disk cannot be trusted or no longer be written: nothing may be sent on the strength of it."""


@dataclass(frozen=True, slots=True)
class Put:
    """The document of that id, as it is now; None: it is gone."""

    table: str
    doc_id: str
    document: Any
    before: Any = None
    """What stood there; known only to the process that wrote it."""

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
    """More items of one list of a document. They are written alone, so that a long history costs nothing more."""

    table: str
    doc_id: str
    key: str
    items: list[Any]

    def row(self) -> list[Any]:
        """The change as JSON."""
        return [self.table, self.doc_id, self.key, self.items]

    def apply(self, tables: Tables) -> None:
        """Make the change in memory; KeyError when there is no such document."""
        tables[self.table][self.doc_id][self.key].extend(self.items)

    def undo(self, tables: Tables) -> None:
        """Take it back in memory."""
        items = tables[self.table][self.doc_id][self.key]
        del items[len(items) - len(self.items) :]


Change = Put | Grown


def put(tables: Tables, table: str, doc_id: str, document: Any) -> None:  # noqa: ANN401 - any JSON document
    """Make this the document of that id, in memory; None takes it away."""
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
    """The changes of one line; StoreBroken when its checksum does not match."""
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
    """The generation that the first line of a journal names; StoreBroken when it is none."""
    try:
        return int(json.loads(head)["generation"])
    except (ValueError, KeyError, TypeError) as error:
        raise StoreBroken(f"{path}:1: is no journal of triaged; restore it from a backup") from error


def snapshot_of(generation: int, tables: Tables) -> bytes:
    """Every table, as the snapshot of that generation, with the CRC-32 of what stands after `"tables":`."""
    body = json.dumps(tables, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    head = {"triaged": "snapshot", "generation": generation, "crc32": f"{zlib.crc32(body):08x}"}
    return json.dumps(head, separators=(",", ":")).encode("ascii")[:-1] + _TABLES + body + b"}\n"


def read_snapshot(folder: Folder, name: str) -> tuple[int, Tables, int]:
    """Generation, tables and size in bytes; empty ones when there is no snapshot yet. StoreBroken for a damaged one."""
    try:
        raw = folder.read(name)
    except FileNotFoundError:
        return 0, {}, 0
    try:
        content = json.loads(raw)
        # One that an older triaged wrote has no checksum.
        if "crc32" in content and content["crc32"] != f"{zlib.crc32(raw.partition(_TABLES)[2][:-2]):08x}":
            raise ValueError("wrong checksum")  # noqa: TRY301 - one sentence for every kind of damage
        return int(content["generation"]), content["tables"], len(raw)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreBroken(f"{folder.path / name}: is damaged; restore the state directory from a backup") from error


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as it lies on disk; `changes` is empty when it is not of the generation asked for."""

    generation: int = -1
    """-1: there is none."""
    changes: Sequence[Change] = ()
    end: int = 0
    """The offset after its last whole line."""
    torn: bytes = b""
    """What stands after that: the beginning of a write that never returned, so nobody was told that it happened."""


def read_journal(folder: Folder, name: str, generation: int) -> Journal:
    """Read the journal of that generation; StoreBroken when a line in it is damaged."""
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
    """True if a power cut came between the pages of a line: what was not written of it reads as zeros, which JSON has not.

    Only of the last line can that be: the one before was fsynced before it was begun (etcd's WAL tells torn from damaged so).
    """
    return b"\0" in line


def case_ids_in(torn: bytes) -> list[str]:
    """The cases that a torn line spoke of, as far as it can be read."""
    return sorted({found.decode("ascii") for found in _CASE.findall(torn)})
