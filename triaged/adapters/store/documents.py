"""The versions of the store's documents, and their upgrades (docs/file-format.md)."""

from collections.abc import Callable, Mapping
from typing import Any

from triaged.adapters.store.lines import StoreBroken, Tables
from triaged.core.mail.arrival import MAIN

Json = dict[str, Any]
VERSION = 2
Upgrade = Callable[[str, str, Json], tuple[str, Json]]
"""Maps a table, an id and a document to the id and body of the document in the next version. Pure."""


def _naming_its_mailbox(table: str, doc_id: str, document: Json) -> tuple[str, Json]:
    """Version 1 had one mailbox and did not name it."""
    if table == "contacts":
        return f"{MAIN} {doc_id}", {**document, "mailbox": MAIN}
    if table == "mails":
        return doc_id, {**document, "places": [{**place, "mailbox": MAIN} for place in document["places"]]}
    return doc_id, document


UPGRADES: Mapping[int, Upgrade] = {1: _naming_its_mailbox}
"""The upgrade from each version to the next."""


def upgraded(
    table: str, doc_id: str, document: Json, upgrades: Mapping[int, Upgrade] = UPGRADES, version: int = VERSION
) -> tuple[str, Json]:
    """The document and its id in the current version; StoreBroken if a newer triaged wrote it."""
    while document["version"] < version:
        next_version = document["version"] + 1
        doc_id, document = upgrades[document["version"]](table, doc_id, document)
        document = {**document, "version": next_version}
    if document["version"] > version:
        raise StoreBroken(
            f"table {table}: written by a newer triaged (version {document['version']}; this one knows {version}): "
            "upgrade this one"
        )
    return doc_id, document


def all_upgraded(tables: Tables) -> Tables | None:
    """Every table in the current version; None if nothing needs an upgrade."""
    now = {
        table: dict(upgraded(table, doc_id, document) for doc_id, document in rows.items())
        for table, rows in tables.items()
    }
    return None if now == tables else now


def body_of(document: Json) -> Json:
    """The document without its version."""
    return {key: value for key, value in document.items() if key != "version"}
