"""The bytes of the store (docs/file-format.md): lines with their checksums, headers, snapshots."""

import json
import os
import zlib
from pathlib import Path
from typing import Any

from triaged.ports import StateFault

Tables = dict[str, dict[str, Any]]
Change = tuple[str, str, Any]
"""A table, a document id, and the document as it is now (None: it is gone)."""


class StoreBroken(StateFault):
    """The store on disk cannot be trusted or no longer be written: nothing may be sent on the strength of it."""


def put(tables: Tables, table: str, doc_id: str, document: Any) -> None:  # noqa: ANN401 - any JSON document
    """Make this the document of that id, in memory; None takes it away."""
    rows = tables.setdefault(table, {})
    if document is None:
        rows.pop(doc_id, None)
    else:
        rows[doc_id] = document


def line_of(changes: list[Change]) -> bytes:
    """One durable write as a line."""
    body = json.dumps(changes, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(body), body)


def changes_in(path: Path, number: int, line: bytes) -> list[Change]:
    """The changes of one line; StoreBroken when its checksum does not match."""
    checksum, _, body = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(body):
        raise StoreBroken(
            f"{path}:{number}: this line is damaged; restore the state directory from a backup, "
            "or move this file away to go on from the last snapshot"
        )
    return [(table, doc_id, document) for table, doc_id, document in json.loads(body)]


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
    """Every table, as the snapshot of that generation."""
    content = {"triaged": "snapshot", "generation": generation, "tables": tables}
    return json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def read_snapshot(path: Path) -> tuple[int, Tables, int]:
    """Generation, tables and size in bytes; empty ones when there is no snapshot yet. StoreBroken for a damaged one."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return 0, {}, 0
    try:
        content = json.loads(raw)
        return int(content["generation"]), content["tables"], len(raw)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreBroken(f"{path}: is damaged; restore the state directory from a backup") from error


def write_all(file: int, content: bytes) -> None:
    """Write it all: on a disk that fills up, one `os.write` may take a part and say nothing."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]
