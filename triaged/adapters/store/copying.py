"""A copy of a whole state directory, consistent though a daemon writes to it meanwhile.

The order makes it so. Snapshot and journal are read first, the journal as far as its last whole line. Every mail that they name
lay in the spool before they named it, and is read after them. Only an erasure takes anything away: then all is read again.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from triaged.adapters.disk.folder import Folder
from triaged.adapters.disk.state_dir import has_key, refuse_unfinished
from triaged.adapters.store.journal import JOURNAL, SNAPSHOT
from triaged.adapters.store.lines import Journal, StoreBroken, header_of, read_journal, read_snapshot

MANIFEST = "backup.json"
"""Named last: a backup that has it is whole."""
_TRIES = 100


def copy_of(state_dir: Path, at: datetime) -> Iterator[tuple[str, bytes]]:
    """Every file of a backup, by its name, the manifest last; StoreBroken where the store cannot be trusted."""
    refuse_unfinished(state_dir)
    manifest: dict[str, Any] = {"triaged": "backup", "at": at.isoformat(), "files": {}}
    for name, content in _files(state_dir):
        manifest["files"][name] = hashlib.sha256(content).hexdigest()
        yield name, content
    yield MANIFEST, json.dumps(manifest, indent=1).encode("ascii") + b"\n"


def _files(state_dir: Path) -> Iterator[tuple[str, bytes]]:
    # First, so that a decision that the daemon records meanwhile is in the journal, or here, or in both.
    yield from _decisions(Folder.in_state(state_dir / "decisions"))
    folder, spool = Folder.of_state(state_dir), Folder.in_state(state_dir / "spool")
    files, mails = _store(folder)
    yield from files.items()
    if has_key(state_dir):
        yield "key", folder.read("key")
    for sha256 in mails:
        try:
            raw = spool.read(sha256)
        except FileNotFoundError as error:
            why = "missing; if it was erased just now, try again, else see triaged store verify"
            raise StoreBroken(f"{spool.path / sha256}: this mail is {why}") from error
        if hashlib.sha256(raw).hexdigest() != sha256:
            raise StoreBroken(f"{spool.path / sha256}: this mail is not what came in; see triaged store verify")
        yield f"spool/{sha256}", raw


def _decisions(folder: Folder) -> Iterator[tuple[str, bytes]]:
    for name in folder.names():
        if name.endswith(".json") and not name.startswith("."):
            with suppress(FileNotFoundError):
                yield f"decisions/{name}", folder.read(name)


def _store(folder: Folder) -> tuple[dict[str, bytes], list[str]]:
    """Snapshot and journal of one generation, and the mails that they name and that are not erased."""
    for _ in range(_TRIES):
        before = _bytes(folder, SNAPSHOT)
        generation, tables, _ = read_snapshot(folder, SNAPSHOT)
        journal = read_journal(folder, JOURNAL, generation)
        raw = _bytes(folder, JOURNAL)
        if before != _bytes(folder, SNAPSHOT) or journal.generation > generation:
            continue
        if journal.generation < generation:
            # It is contained in the snapshot, whole.
            raw, journal = header_of(generation), Journal(generation, end=len(header_of(generation)))
        for change in journal.changes:
            change.apply(tables)
        mails = [sha256 for sha256, document in tables.get("mails", {}).items() if not document.get("erased_at")]
        return {**({SNAPSHOT: before} if before else {}), JOURNAL: raw[: journal.end]}, mails
    raise StoreBroken(f"{folder.path}: the store changed each time it was read; try again")


def _bytes(folder: Folder, name: str) -> bytes:
    return folder.read(name) if folder.has(name) else b""
