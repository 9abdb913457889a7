"""TinyDB on a journal: tables in memory, one checksummed and fsynced line for each change, and now and then a snapshot.

TinyDB's own JSONStorage rewrites its file in place: a kill between its write and its truncate leaves it unreadable, and
a write costs the whole database. Here a write appends one line, however large the store is, and a crash loses at most
a line that was never reported as written.

There are two files: `cases.json`, the snapshot, and `journal.jsonl`, the changes since then. Both carry a generation. A journal
older than the snapshot is ignored: a crash came between the two renames, and the snapshot holds everything in it.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import structlog
from tinydb import Storage

from triaged.adapters.disk.durable import give_name, write_all, write_draft
from triaged.adapters.disk.folder import Folder
from triaged.adapters.disk.state_dir import refuse_unfinished
from triaged.adapters.store.lines import (
    Batch,
    Change,
    Journal,
    StoreBroken,
    Tables,
    case_ids_in,
    header_of,
    read_journal,
    read_snapshot,
    snapshot_of,
)
from triaged.crash import crash_point
from triaged.ports import TryLater

log = structlog.get_logger()

SNAPSHOT, JOURNAL = "cases.json", "journal.jsonl"
_COMPACT_FLOOR = 4 * 1024 * 1024
_OUT_OF_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_MISMATCH = "the journal is newer than the snapshot, so a snapshot is missing; restore both files from one backup"

_ASTRAY = "the journal adds to a document that does not exist; restore the state directory from a backup"


class JournalStorage(Storage):
    """TinyDB's storage, kept in memory and written as changes."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        refuse_unfinished(folder)
        self._folder = Folder.of_state(folder)
        self._generation = 0
        self._tables: Tables = {}
        self._snapshot_size = 0
        self._batch: Batch | None = None
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
        """Replace everything, through a new snapshot; TinyDB's drop_table and drop_tables come here."""
        # TinyDB may pass the tables that `read` returned, changed in place.
        self._tables = dict(data)
        if not self._compact():
            self._broken = True
            raise StoreBroken(
                f"{self._folder.path}: the disk is full and took no new snapshot; make room, then restart"
            )

    def renew(self, tables: Tables) -> None:
        """Go on with these tables: a writer saves them in a new snapshot, a reader only keeps them in memory.

        TryLater when the disk has no room for the snapshot: what lies there, and what is read here, is then as it was.
        """
        before, self._tables = self._tables, tables
        try:
            if self._file >= 0:
                self.compact()
        except TryLater:
            self._tables = before
            raise

    def close(self) -> None:
        """Close the journal; every write is on disk already."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    @contextmanager
    def together(self) -> Iterator[None]:
        """Everything changed inside is one line, one fsync: all of it survives a crash, or nothing does.

        Inside another `together` it belongs to that one's line; a fault in it still takes back its own changes alone.
        """
        outer = self._batch
        batch = self._batch = Batch() if outer is None else outer
        begun = len(batch)
        try:
            yield
        except BaseException:
            batch.undo(self._tables, begun)
            raise
        finally:
            self._batch = outer
        if outer is None:
            self._append(batch)

    def changed(self, changes: list[Change]) -> None:
        """Keep changes that were made in memory."""
        batch = Batch() if self._batch is None else self._batch
        batch.add(changes)
        if self._batch is None:
            self._append(batch)

    def _append(self, batch: Batch) -> None:
        if not len(batch):
            return
        try:
            self._write_line(batch.line())
        except BaseException:
            batch.undo(self._tables)
            raise
        if self._end > max(_COMPACT_FLOOR, 2 * self._snapshot_size):
            self._compact()

    def _write_line(self, line: bytes) -> None:
        self._whole()
        try:
            write_all(self._file, line)
        except OSError as error:
            self._cut_back(error)
            raise TryLater(
                f"{self._folder.path}: the disk is full; nothing is acknowledged until it has room"
            ) from error
        crash_point("journal-line-appended")
        # From here on only a restart can tell if the line is on disk (see PostgreSQL's data_sync_retry).
        self._durably(os.fdatasync, self._file)
        crash_point("journal-line-fsynced")
        self._end += len(line)

    def _whole(self) -> None:
        if self._broken or self._file < 0:
            raise StoreBroken(
                f"{self._folder.path}: the store accepts no writes after a failed one; restart the daemon"
            )

    def _cut_back(self, error: OSError) -> None:
        """Cut a half-written line off. Only a full disk may be retried; any other fault is lasting."""
        try:
            os.ftruncate(self._file, self._end)
            os.lseek(self._file, self._end, os.SEEK_SET)
        except OSError:
            self._broken = True
        if error.errno not in _OUT_OF_SPACE:
            self._broken = True
        if self._broken:
            raise StoreBroken(f"{self._folder.path / JOURNAL}: cannot be written: {error.strerror}") from error

    def _durably(self, step: Callable[..., object], *arguments: object) -> None:
        try:
            step(*arguments)
        except OSError as error:
            self._broken = True
            raise StoreBroken(
                f"{self._folder.path}: the disk failed ({error.strerror}); check it, then restart"
            ) from error

    def compact(self) -> None:
        """Write a snapshot now; raises TryLater if the disk has no room for it."""
        self._whole()
        if not self._compact():
            raise TryLater(f"{self._folder.path}: the disk is full and took no new snapshot; the store is as it was")

    def _compact(self) -> bool:
        """Write a snapshot of the next generation, then begin its journal. After each step the store on disk is complete.

        False if the disk has no room for both: the journal stays and grows, and the next write tries again.
        """
        generation = self._generation + 1
        snapshot = snapshot_of(generation, self._tables)
        try:
            write_draft(self._folder, _draft(SNAPSHOT), snapshot, "snapshot")
            write_draft(self._folder, _draft(JOURNAL), header_of(generation), "journal")
        except OSError as error:
            if error.errno in _OUT_OF_SPACE:
                # Leave the remaining room to the journal.
                self._remove_drafts()
                return False
            self._broken = True
            raise StoreBroken(f"{self._folder.path / _draft(SNAPSHOT)}: cannot be written: {error.strerror}") from error
        # Once the snapshot has its name there is no way back: the journal of the old generation no longer counts.
        self._durably(give_name, self._folder, _draft(SNAPSHOT), SNAPSHOT, "snapshot")
        self._generation, self._snapshot_size = generation, len(snapshot)
        self._durably(self._begin_journal)
        return True

    def _begin_journal(self) -> None:
        """Give the drafted journal its name and write to it from now on."""
        give_name(self._folder, _draft(JOURNAL), JOURNAL, "journal")
        self._end = len(header_of(self._generation))
        self.close()
        self._open_journal()

    def _open_journal(self) -> None:
        self._file = self._folder.open(JOURNAL, os.O_WRONLY | os.O_APPEND)

    def _remove_drafts(self) -> None:
        for name in (SNAPSHOT, JOURNAL):
            with suppress(OSError):
                self._folder.remove(_draft(name))

    def _load_and_open(self) -> None:
        # A killed writer may have renamed a file and died before the fsync. A power cut must not undo that under later writes.
        self._durably(self._folder.sync)
        self._generation, self._tables, self._snapshot_size = read_snapshot(self._folder, SNAPSHOT)
        journal = self._replay()
        if journal.generation > self._generation:
            raise StoreBroken(f"{self._folder.path}: {_MISMATCH}")
        if journal.generation < self._generation:
            self._draft_first_journal()
            self._durably(self._begin_journal)
            return
        if journal.torn:
            log.warning("torn line dropped", file=JOURNAL, bytes=len(journal.torn), cases=case_ids_in(journal.torn))
        self._end = journal.end
        self._open_journal()
        if journal.torn:
            os.ftruncate(self._file, self._end)
        # A killed writer may have died between a line and its fsync. Its lines have just been read as fact: make them durable.
        self._durably(os.fdatasync, self._file)

    def _draft_first_journal(self) -> None:
        try:
            write_draft(self._folder, _draft(JOURNAL), header_of(self._generation), "journal")
        except OSError as error:
            if error.errno in _OUT_OF_SPACE:
                self._remove_drafts()
                raise TryLater(
                    f"{self._folder.path}: the disk is full; the store is opened when it has room"
                ) from error
            raise

    def _load_beside_a_writer(self) -> None:
        """Read both files; read again if the writer has replaced the snapshot between the two reads."""
        for _ in range(100):
            self._generation, self._tables, self._snapshot_size = read_snapshot(self._folder, SNAPSHOT)
            if self._replay().generation <= self._generation:
                return
        raise StoreBroken(f"{self._folder.path}: {_MISMATCH}")

    def _replay(self) -> Journal:
        """Apply the journal if it belongs to this snapshot."""
        journal = read_journal(self._folder, JOURNAL, self._generation)
        for change in journal.changes:
            try:
                change.apply(self._tables)
            except KeyError as error:
                raise StoreBroken(f"{self._folder.path}: {_ASTRAY}") from error
        return journal


def _draft(name: str) -> str:
    return f"{name}.draft"
