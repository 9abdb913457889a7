"""TinyDB on a journal: tables in memory, each change one checksummed line, fsynced; now and then a fresh snapshot.

TinyDB's own JSONStorage rewrites its file in place: a kill between its write and its truncate leaves it unreadable, and
a write costs the whole database. Here a write appends one line, whatever the size, and a crash costs at most a line
that was never reported as written.

Two files: `cases.json`, the snapshot, and `journal.jsonl`, what has happened since. Both carry a generation; a journal
of an older generation than the snapshot is wholly contained in it (a crash fell between the two renames) and ignored.
"""

import errno
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

from tinydb import Storage
from tinydb.table import Table

from triaged.adapters.state_dir import sync_folder
from triaged.ports import StateFault, TryLater

SNAPSHOT, JOURNAL = "cases.json", "journal.jsonl"
_COMPACT_FLOOR = 4 * 1024 * 1024
_OUT_OF_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_MISMATCH = "the journal is newer than the snapshot, so a snapshot is missing; restore both files from one backup"

Tables = dict[str, dict[str, Any]]
Change = tuple[str, str, Any]
"""A table, a document id, and the document as it is now (None: it is gone)."""


class StoreBroken(StateFault):
    """The store on disk cannot be trusted or no longer be written: nothing may be sent on the strength of it."""


class JournalStorage(Storage):
    """TinyDB's storage, kept in memory and written as changes."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self._folder = folder
        self._generation = 0
        self._tables: Tables = {}
        self._snapshot_size = 0
        self._batch: list[tuple[Change, Any]] | None = None
        self._broken = False
        self._file = -1
        self._end = 0
        if read_only:
            self._load_beside_a_writer()
        else:
            self._load_and_open()

    def read(self) -> Tables:
        """The live tables; `JournalTable` changes them only together with the journal."""
        return self._tables

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace everything (TinyDB's drop_table and drop_tables): by way of a new snapshot."""
        # TinyDB may hand in the very tables that `read` gave it, changed in place.
        self._tables = dict(data)
        if not self._compact():
            self._broken = True
            raise StoreBroken(f"{self._folder}: the disk is full and took no new snapshot; make room, then restart")

    def close(self) -> None:
        """Close the journal; there is nothing left to flush."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    @contextmanager
    def together(self) -> Iterator[None]:
        """Everything changed inside is one line, one fsync: all of it survives a crash, or nothing does."""
        batch: list[tuple[Change, Any]] = []
        self._batch = batch
        try:
            yield
        except BaseException:
            self._roll_back(batch)
            raise
        finally:
            self._batch = None
        self._append(batch)

    def changed(self, changes: list[tuple[Change, Any]]) -> None:
        """Keep changes that were made in memory; each comes with what stood there before."""
        if self._batch is not None:
            self._batch += changes
        else:
            self._append(changes)

    def _append(self, changes: list[tuple[Change, Any]]) -> None:
        if not changes:
            return
        try:
            self._write_line([change for change, _ in changes])
        except BaseException:
            self._roll_back(changes)
            raise
        if self._end > max(_COMPACT_FLOOR, 2 * self._snapshot_size):
            self._compact()

    def _roll_back(self, changes: list[tuple[Change, Any]]) -> None:
        for (table, doc_id, _), before in reversed(changes):
            _put(self._tables, table, doc_id, before)

    def _write_line(self, changes: list[Change]) -> None:
        if self._broken or self._file < 0:
            raise StoreBroken(f"{self._folder}: the store takes no more writes after a failed one; restart the daemon")
        line = _line(changes)
        try:
            _write_all(self._file, line)
        except OSError as error:
            self._cut_back(error)
            raise TryLater(f"{self._folder}: the disk is full; nothing is acknowledged until it has room") from error
        # From here on the line may be on disk or not, and only a restart can tell (PostgreSQL's data_sync_retry).
        self._durably(os.fdatasync, self._file)
        self._end += len(line)

    def _cut_back(self, error: OSError) -> None:
        """Take a half-written line away; only a full disk is something to wait for."""
        try:
            os.ftruncate(self._file, self._end)
            os.lseek(self._file, self._end, os.SEEK_SET)
        except OSError:
            self._broken = True
        if error.errno not in _OUT_OF_SPACE:
            self._broken = True
        if self._broken:
            raise StoreBroken(f"{self._folder / JOURNAL}: cannot be written: {error.strerror}") from error

    def _durably(self, step: Callable[..., object], *arguments: object) -> None:
        try:
            step(*arguments)
        except OSError as error:
            self._broken = True
            raise StoreBroken(f"{self._folder}: the disk failed ({error.strerror}); check it, then restart") from error

    def _compact(self) -> bool:
        """Write a snapshot of the next generation, then begin its journal. Each step alone leaves a whole store.

        False when the disk has no room for it: the journal goes on growing, it is whole, and the next write tries again.
        """
        try:
            self._snapshot_size = self._replace(SNAPSHOT, _snapshot(self._generation + 1, self._tables))
        except OSError as error:
            if error.errno in _OUT_OF_SPACE:
                # What room there is belongs to the journal.
                (self._folder / f"{SNAPSHOT}.draft").unlink(missing_ok=True)
                return False
            self._broken = True
            raise StoreBroken(f"{self._folder / SNAPSHOT}: cannot be written: {error.strerror}") from error
        self._generation += 1
        self._durably(self._begin_journal)
        return True

    def _begin_journal(self) -> None:
        self._end = self._replace(JOURNAL, _header(self._generation))
        self.close()
        self._file = os.open(self._folder / JOURNAL, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def _replace(self, name: str, content: bytes) -> int:
        """Draft, fsync, rename, fsync of the folder (ALICE, OSDI 2014: leave one out and a crash can undo the rest)."""
        draft = self._folder / f"{name}.draft"
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            _write_all(file, content)
            os.fsync(file)
        finally:
            os.close(file)
        draft.rename(self._folder / name)
        sync_folder(self._folder)
        return len(content)

    def _load_and_open(self) -> None:
        self._generation, self._tables, self._snapshot_size = _read_snapshot(self._folder / SNAPSHOT)
        generation, self._end = self._replay()
        if generation == self._generation:
            self._file = os.open(self._folder / JOURNAL, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            os.ftruncate(self._file, self._end)
        elif generation < self._generation:
            self._durably(self._begin_journal)
        else:
            raise StoreBroken(f"{self._folder}: {_MISMATCH}")

    def _load_beside_a_writer(self) -> None:
        """Read both files as they are; again, when the writer has replaced the snapshot between the two reads."""
        for _ in range(100):
            self._generation, self._tables, self._snapshot_size = _read_snapshot(self._folder / SNAPSHOT)
            generation, self._end = self._replay()
            if generation <= self._generation:
                return
        raise StoreBroken(f"{self._folder}: {_MISMATCH}")

    def _replay(self) -> tuple[int, int]:
        """Apply the journal, if it is this snapshot's; return its generation and the offset of its last whole line."""
        path = self._folder / JOURNAL
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return -1, 0
        head, newline, _ = raw.partition(b"\n")
        if not newline:
            return -1, 0
        generation = _generation(path, head)
        end = len(head) + 1
        if generation != self._generation:
            return generation, end
        for number, line in enumerate(raw[end:].split(b"\n"), 2):
            whole = end + len(line) + 1
            if whole > len(raw):
                # Torn: the write that made it never returned, so nobody was told that it happened.
                break
            for table, doc_id, document in _changes(path, number, line):
                _put(self._tables, table, doc_id, document)
            end = whole
        return generation, end


class JournalTable(Table):
    """A table whose writes cost what they change, not what it holds. Ids are strings: case ids, digests, dates."""

    document_id_class = str  # type: ignore[assignment] # TinyDB allows any class here and declares int

    def put(self, doc_id: str, document: Mapping[str, Any]) -> None:
        """Make this the document of that id."""
        self._update_table(lambda table: table.__setitem__(doc_id, dict(document)))

    def find(self, doc_id: str) -> dict[str, Any] | None:
        """The document of that id, without TinyDB's linear search."""
        return cast(JournalStorage, self._storage).read().get(self.name, {}).get(doc_id)

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        storage = cast(JournalStorage, self._storage)
        view = _Recorder(storage.read().setdefault(self.name, {}))
        try:
            updater(view)
        except BaseException:
            view.undo()
            raise
        storage.changed(view.changes(self.name))
        self.clear_cache()


class _Recorder(MutableMapping[str, Any]):
    """A view of a table that remembers what stood where it was written."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._table = table
        self._before: dict[str, Any] = {}

    def __getitem__(self, doc_id: str) -> Any:  # noqa: ANN401 - any JSON document
        # TinyDB updates what it is given in place: it gets a copy, and what stood there before stays as it was.
        self[doc_id] = document = deepcopy(self._table[doc_id])
        return document

    def __setitem__(self, doc_id: str, document: Any) -> None:  # noqa: ANN401 - any JSON document
        self._before.setdefault(doc_id, self._table.get(doc_id))
        self._table[doc_id] = document

    def __delitem__(self, doc_id: str) -> None:
        self._before.setdefault(doc_id, self._table.get(doc_id))
        del self._table[doc_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def changes(self, name: str) -> list[tuple[Change, Any]]:
        """What is other than before; TinyDB's `update` looks at every document to find those to change."""
        rows = [(doc_id, self._table.get(doc_id), before) for doc_id, before in self._before.items()]
        return [((name, doc_id, now), before) for doc_id, now, before in rows if now != before]

    def undo(self) -> None:
        for doc_id, before in self._before.items():
            _put({"": self._table}, "", doc_id, before)


def _put(tables: Tables, table: str, doc_id: str, document: Any) -> None:  # noqa: ANN401 - any JSON document
    rows = tables.setdefault(table, {})
    if document is None:
        rows.pop(doc_id, None)
    else:
        rows[doc_id] = document


def _line(changes: list[Change]) -> bytes:
    body = json.dumps(changes, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(body), body)


def _changes(path: Path, number: int, line: bytes) -> list[Change]:
    checksum, _, body = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(body):
        raise StoreBroken(
            f"{path}:{number}: this line is damaged; restore the state directory from a backup, "
            "or move this file away to go on from the last snapshot"
        )
    return [(table, doc_id, document) for table, doc_id, document in json.loads(body)]


def _header(generation: int) -> bytes:
    return json.dumps({"triaged": "journal", "generation": generation}).encode("ascii") + b"\n"


def _generation(path: Path, head: bytes) -> int:
    try:
        return int(json.loads(head)["generation"])
    except (ValueError, KeyError, TypeError) as error:
        raise StoreBroken(f"{path}:1: is no journal of triaged; restore it from a backup") from error


def _snapshot(generation: int, tables: Tables) -> bytes:
    content = {"triaged": "snapshot", "generation": generation, "tables": tables}
    return json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def _read_snapshot(path: Path) -> tuple[int, Tables, int]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return 0, {}, 0
    try:
        content = json.loads(raw)
        return int(content["generation"]), content["tables"], len(raw)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreBroken(f"{path}: is damaged; restore the state directory from a backup") from error


def _write_all(file: int, content: bytes) -> None:
    """Write it all: on a disk that fills up, one `os.write` may take a part and say nothing."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]
