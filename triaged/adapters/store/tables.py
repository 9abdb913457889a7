"""The tables on the journal, and how a document is written to one."""

from collections.abc import Sequence
from typing import cast

from pydantic import TypeAdapter
from tinydb import TinyDB

from triaged.adapters.store.documents import VERSION, Json, all_upgraded
from triaged.adapters.store.journal import JournalStorage
from triaged.adapters.store.table import JournalTable
from triaged.core.case.events import Event

EVENTS: TypeAdapter[tuple[Event, ...]] = TypeAdapter(tuple[Event, ...])


class _Database(TinyDB):
    table_class = JournalTable


class Tables:
    """What the parts of the store share. Documents of older versions are upgraded at open."""

    def __init__(self, storage: JournalStorage) -> None:
        if upgraded := all_upgraded(storage.read()):
            storage.renew(upgraded)
        self._storage = storage
        self._db = _Database(storage=lambda: storage)

    def close(self) -> None:
        """Let the files go."""
        self._db.close()

    def _table(self, name: str) -> JournalTable:
        return cast(JournalTable, self._db.table(name))

    def _put(self, table: JournalTable, doc_id: str, body: Json) -> None:
        table.put(doc_id, {"version": VERSION, **body})

    def _append(self, table: JournalTable, doc_id: str, events: Sequence[Event], first: Json) -> None:
        """Append to a document's events; `first` is what it holds beside them, should these be its first."""
        new = EVENTS.dump_python(tuple(events), mode="json")
        if table.find(doc_id):
            table.grow(doc_id, "events", new)
        else:
            self._put(table, doc_id, {**first, "events": new})
