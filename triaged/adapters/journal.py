"""TinyDB on a journal: tables in memory, each change one checksummed line, fsynced; now and then a fresh snapshot.

TinyDB's own JSONStorage rewrites its file in place: a kill between its write and its truncate leaves it unreadable, and
a write costs the whole database. Here a write appends one line, whatever the size, and a crash costs at most a line
that was never reported as written.

Two files: `cases.json`, the snapshot, and `journal.jsonl`, what has happened since. Both carry a generation; a journal
of an older generation than the snapshot is wholly contained in it (a crash fell between the two renames) and ignored.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tinydb import Storage

from triaged.adapters.journal_lines import (
    Change,
    StoreBroken,
    Tables,
    changes_in,
    generation_of,
    header_of,
    line_of,
    put,
    read_snapshot,
    snapshot_of,
    write_all,
)
from triaged.adapters.state_dir import sync_folder
from triaged.ports import TryLater

SNAPSHOT, JOURNAL = "cases.json", "journal.jsonl"
_COMPACT_FLOOR = 4 * 1024 * 1024
_OUT_OF_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_MISMATCH = "the journal is newer than the snapshot, so a snapshot is missing; restore both files from one backup"


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
            put(self._tables, table, doc_id, before)

    def _write_line(self, changes: list[Change]) -> None:
        if self._broken or self._file < 0:
            raise StoreBroken(f"{self._folder}: the store takes no more writes after a failed one; restart the daemon")
        line = line_of(changes)
        try:
            write_all(self._file, line)
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
            self._snapshot_size = self._replace(SNAPSHOT, snapshot_of(self._generation + 1, self._tables))
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
        self._end = self._replace(JOURNAL, header_of(self._generation))
        self.close()
        self._file = os.open(self._folder / JOURNAL, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def _replace(self, name: str, content: bytes) -> int:
        """Draft, fsync, rename, fsync of the folder (ALICE, OSDI 2014: leave one out and a crash can undo the rest)."""
        draft = self._folder / f"{name}.draft"
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            write_all(file, content)
            os.fsync(file)
        finally:
            os.close(file)
        draft.rename(self._folder / name)
        sync_folder(self._folder)
        return len(content)

    def _load_and_open(self) -> None:
        self._generation, self._tables, self._snapshot_size = read_snapshot(self._folder / SNAPSHOT)
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
            self._generation, self._tables, self._snapshot_size = read_snapshot(self._folder / SNAPSHOT)
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
        generation = generation_of(path, head)
        end = len(head) + 1
        if generation != self._generation:
            return generation, end
        for number, line in enumerate(raw[end:].split(b"\n"), 2):
            whole = end + len(line) + 1
            if whole > len(raw):
                # Torn: the write that made it never returned, so nobody was told that it happened.
                break
            for table, doc_id, document in changes_in(path, number, line):
                put(self._tables, table, doc_id, document)
            end = whole
        return generation, end
