"""The versions of the store's documents, and how an older one becomes today's (docs/file-format.md)."""

from collections.abc import Callable, Mapping
from typing import Any

from triaged.adapters.store.lines import StoreBroken

Json = dict[str, Any]
VERSION = 1
Upgrade = Callable[[str, Json], Json]
UPGRADES: Mapping[int, Upgrade] = {}
"""From a document's version to the function that makes it the next one: (table, document) -> document. Pure."""


def upgraded(table: str, document: Json, upgrades: Mapping[int, Upgrade] = UPGRADES, version: int = VERSION) -> Json:
    """The document in today's version; StoreBroken for one that a newer triaged wrote."""
    while document["version"] < version:
        document = upgrades[document["version"]](table, document)
    if document["version"] > version:
        raise StoreBroken(
            f"table {table}: written by a newer triaged (version {document['version']}; this one knows {version}): "
            "upgrade this one"
        )
    return document


def body_of(document: Json) -> Json:
    """What the document says, without its version."""
    return {key: value for key, value in document.items() if key != "version"}
