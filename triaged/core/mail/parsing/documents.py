"""Attached files that may be a report as data: kept as text with their names, for `core/report/documents` to read."""

import re

from triaged.core.mail.message import Document
from triaged.core.mail.parsing.filetype import display_name
from triaged.core.mail.parsing.tree import Node

_ENDINGS = frozenset("json jsonld sarif csaf osv vex cdx".split())
_TYPES = re.compile(r"(?:application|text)/(?:json|[\w.-]{1,80}\+json|sarif)")
_OCTETS, _TOGETHER, _COUNT = 1_000_000, 2_000_000, 8


def is_data(node: Node) -> bool:
    """True if it is a file of data small enough to be read; a larger one stays an attachment like any other."""
    named = node.filename.rpartition(".")[2].lower() in _ENDINGS or _TYPES.fullmatch(node.kind)
    return bool(named) and len(node.content) <= _OCTETS


def data_in(node: Node) -> Document:
    """The file of data; without text where it is not all UTF-8, for JSON has no other encoding (RFC 8259 section 8.1)."""
    try:
        text = node.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    return Document(display_name(node.filename), text)


def keep(kept: list[Document], document: Document) -> None:
    """Add it while there is room; what comes after that is only attached."""
    if len(kept) < _COUNT and sum(len(each.text) for each in kept) + len(document.text) <= _TOGETHER:
        kept.append(document)
