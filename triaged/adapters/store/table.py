"""A TinyDB table whose writes cost as much as they change, however large the table is."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from copy import deepcopy
from typing import Any, cast

from tinydb.table import Table

from triaged.adapters.store.journal import JournalStorage
from triaged.adapters.store.lines import Change, Grown, Put, put


class JournalTable(Table):
    """A TinyDB table with string ids (case ids, digests, dates) that writes each change to the journal."""

    document_id_class = str  # type: ignore[assignment] # TinyDB allows any class here and declares int

    def put(self, doc_id: str, document: Mapping[str, Any]) -> None:
        """Set the document of that id."""
        self._update_table(lambda table: table.__setitem__(doc_id, dict(document)))

    def find(self, doc_id: str) -> dict[str, Any] | None:
        """The document of that id, without TinyDB's linear search."""
        return cast(JournalStorage, self._storage).read().get(self.name, {}).get(doc_id)

    def grow(self, doc_id: str, key: str, items: list[Any]) -> None:
        """Append to a list of the document of that id; raises KeyError if there is none."""
        storage = cast(JournalStorage, self._storage)
        change = Grown(self.name, doc_id, key, items)
        change.apply(storage.read())
        storage.changed([change])
        self.clear_cache()

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
    """A view of a table that remembers each document before it was overwritten."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._table = table
        self._before: dict[str, Any] = {}

    def __getitem__(self, doc_id: str) -> Any:  # noqa: ANN401 - any JSON document
        # TinyDB updates documents in place. It gets a copy, so that the old document stays unchanged.
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

    def changes(self, name: str) -> list[Change]:
        """The documents that differ from before. TinyDB's `update` reads every document, also those it leaves alone."""
        rows = [(doc_id, self._table.get(doc_id), before) for doc_id, before in self._before.items()]
        return [Put(name, doc_id, now, before) for doc_id, now, before in rows if now != before]

    def undo(self) -> None:
        for doc_id, before in self._before.items():
            put({"": self._table}, "", doc_id, before)
