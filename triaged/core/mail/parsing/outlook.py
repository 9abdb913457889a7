"""Outlook's winmail.dat as a part that holds others: its bodies are alternatives, its files are attached."""

from triaged.core.mail.parsing.filetype import UNKNOWN
from triaged.core.mail.parsing.rtf import rtf_text
from triaged.core.mail.parsing.tnef import MAGIC, File, Winmail, winmail
from triaged.core.mail.parsing.tree import Node

EMBEDDED = "message/x-tnef"
"""Our name for a mail that is attached in Outlook's own form."""
_DEPTH = 15
"""Parts within parts that one counts for, because each is copied as a whole."""


def is_winmail(node: Node) -> bool:
    """True if this is a winmail.dat, whatever it is called."""
    return not node.children and node.content.startswith(MAGIC)


def opened(node: Node) -> Node | None:
    """The winmail.dat as a multipart; None where nothing in it can be read."""
    found = winmail(node.content)
    if found is None:
        return None
    depth = node.depth + _DEPTH
    bodies = _part("multipart/alternative", depth)
    bodies.children = [_body(kind, text, depth) for kind, text in _bodies(found) if text.strip()]
    mixed = _part("multipart/mixed", depth)
    mixed.children = [*([bodies] if bodies.children else []), *(_file(file, depth) for file in found.files)]
    return mixed


def _bodies(found: Winmail) -> list[tuple[str, str]]:
    rich, is_page = rtf_text(found.rtf)
    return [("text/plain", found.text), ("text/html" if is_page else "text/plain", rich), ("text/html", found.html)]


def _body(kind: str, text: str, depth: int) -> Node:
    body = _part(kind, depth, text.encode("utf-8", "replace"))
    body.type_parameters = {"charset": "utf-8"}
    return body


def _file(file: File, depth: int) -> Node:
    attached = _part(EMBEDDED if file.octets.startswith(MAGIC) else UNKNOWN, depth, file.octets)
    attached.filename, attached.disposition = file.name, "attachment"
    return attached


def _part(kind: str, depth: int, octets: bytes = b"") -> Node:
    return Node(b"", kind, [], 0, 0, depth, octets=octets)
