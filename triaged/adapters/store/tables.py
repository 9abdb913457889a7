"""The store's tables on the journal, and appending to their documents."""

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
    """Shared by the parts of the store. Documents of older versions are upgraded when it is opened."""

    def __init__(self, storage: JournalStorage) -> None:
        if upgraded := all_upgraded(storage.read()):
            storage.renew(upgraded)
        self._storage = storage
        self._db = _Database(storage=lambda: storage)

    def close(self) -> None:
        """Close the files."""
        self._db.close()

    def _table(self, name: str) -> JournalTable:
        return cast(JournalTable, self._db.table(name))

    def _put(self, table: JournalTable, doc_id: str, body: Json) -> None:
        table.put(doc_id, {"version": VERSION, **body})

    def _append(self, table: JournalTable, doc_id: str, events: Sequence[Event], first: Json) -> None:
        """Append to a document's events; `first` holds its other fields if it is new."""
        new = EVENTS.dump_python(tuple(events), mode="json")
        if table.find(doc_id):
            table.grow(doc_id, "events", new)
        else:
            self._put(table, doc_id, {**first, "events": new})
