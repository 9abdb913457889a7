"""Any bytes to a Message: total. The only module that imports mail-parser; it runs in a child under limits.

The parts are taken apart by `parsing`, for what a mail client shows is more than mail-parser knows of. What decides whom to
answer is read by `headers`, and mail-parser's From is one of three readings that have to agree.
"""

import email.utils
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import mailparser

from triaged.core.mail.automatic.returned import with_returned
from triaged.core.mail.mailbox import canonical
from triaged.core.mail.message import Address, Message, Seal
from triaged.core.mail.parsing.armour import holds_message, outside_message, without_signature
from triaged.core.mail.parsing.content import Content, content_of
from triaged.core.mail.parsing.files import MOST, described
from triaged.core.mail.parsing.fingerprint import fingerprint
from triaged.core.mail.parsing.furniture import without_furniture
from triaged.core.mail.parsing.headers import (
    Fields,
    decoded,
    degraded_message,
    first,
    message_ids,
    read_fields,
    references,
    split_head,
    sure_authors,
    whole_unicode,
)
from triaged.core.mail.parsing.html import text_of
from triaged.core.mail.parsing.limits import over_limit
from triaged.core.mail.parsing.links import unwrapped
from triaged.core.mail.parsing.passing_on import innermost, original
from triaged.core.mail.parsing.quoting import Split, passes_on, split
from triaged.core.mail.parsing.structure import head_without
from triaged.core.mail.parsing.tree import Node, tree_of

_TEXT, _LINES = 1_000_000, 20_000
_ATTACHED = 256 * 1024
_HIDDEN = 2000
_AUTHORS = 20
_PARTS = 100
_METHOD = re.compile(r"[a-z-]{1,30}")
# Beside what is sealed, a greeting tells nothing, and more than that is a report; the wrapping of rights-managed mail is long.
_A_GREETING, _A_WRAPPING = 200, 3000


def read_message(raw: bytes) -> Message:
    """Read one message. Never raises: what cannot be taken apart comes back degraded, with the reason in its defects."""
    try:
        over = over_limit(raw)
        return degraded_message(raw, over) if over else _read(raw)
    except (Exception, RecursionError) as error:  # noqa: BLE001 - whatever a parser lets through
        return degraded_message(raw, f"its structure could not be read ({type(error).__name__})")


def _read(raw: bytes) -> Message:
    fields = read_fields(raw)
    root = tree_of(raw)
    content = content_of(root)
    subject, refers_to = decoded(first(fields, "subject")), references(fields)
    whole, enclosed = _readable(content.text), tuple(map(_readable, content.enclosed))
    parts = split(whole, answers=bool(refers_to) and not passes_on(subject))
    if parts.forwarded:
        parts = replace(parts, forwarded=innermost(parts.forwarded))
    told, quoted = _told([parts, *map(split, enclosed)])
    attached = _bounded("\n\n".join(content.attached), _ATTACHED)
    seal = _seal(content, f"{told}\n{quoted}\n{attached}")
    if attached and not seal and len(told.strip()) < _A_GREETING:
        # "Please see the report attached": the file is the report.
        told, enclosed, attached = _bounded(f"{told}\n\n{attached}".strip(), _TEXT), (*enclosed, attached), ""
    parsed = mailparser.parse_from_bytes(head_without(raw, b"content-"))
    authors, sure = _authors(parsed), sure_authors(raw, fields)
    own_id = message_ids(first(fields, "message-id"))
    message = Message(
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        headers=fields,
        message_id=own_id[0] if own_id else None,
        references=refers_to,
        subject=subject,
        authors=authors or tuple(Address("", address) for address in sure),
        author_readings=(*_lenient(fields, authors), sure),
        content_type=root.kind[:100],
        text=told,
        original=original(fields, content.heads, parts.forwarded),
        quoted=quoted,
        whole=whole,
        enclosed=enclosed,
        fingerprint=fingerprint(raw, fields),
        attached_text=attached,
        documents=tuple(replace(each, text=whole_unicode(each.text)) for each in content.documents),
        attachments=tuple(map(described, content.attachments[:MOST])),
        encrypted=bool(seal),
        seal=seal,
        alternatives_differ=content.differ,
        defects=tuple(_defects(parsed, fields, raw, content)),
        part_types=tuple(_part_types(root)),
        hidden=whole_unicode(text_of("\n".join(content.hidden))[:_HIDDEN]),
    )
    return with_returned(message, split_head(raw)[1])


def _readable(text: str) -> str:
    """The text as it stood, bounded, with its signature and the wrappings of its links undone."""
    return unwrapped(_bounded(without_signature(text), _TEXT))


def _told(parts: Sequence[Split]) -> tuple[str, str]:
    """What was written in the mail and in those that it encloses, and what each of them quotes."""
    own = "\n\n".join(without_furniture(part.evidence) for part in parts if part.evidence)
    quoted = "\n\n".join(part.quoted for part in parts if part.quoted)
    return _bounded(own, _TEXT), _bounded(quoted, max(_TEXT - len(own), 0))


def _bounded(text: str, length: int) -> str:
    lines = text[:length].replace("\r\n", "\n").replace("\r", "\n").split("\n", maxsplit=_LINES)[:_LINES]
    return whole_unicode("\n".join(lines))


def _seal(content: Content, text: str) -> Seal:
    """How that is sealed of which the sections are unknown; empty where enough of it stands in clear.

    Exchange turns multipart/encrypted into multipart/mixed, so a sealed part counts wherever it stands.
    """
    seals = list(content.seals)
    if holds_message(text):
        seals.append("openpgp")
    if not seals:
        return ""
    clear = len(outside_message(text).strip())
    return seals[0] if clear < (_A_WRAPPING if "rights" in seals else _A_GREETING) else ""


def _authors(parsed: Any) -> tuple[Address, ...]:  # noqa: ANN401 - mail-parser is untyped
    pairs = [(str(name or ""), str(address or "")) for name, address in parsed.from_[:_AUTHORS]]
    return tuple(Address(whole_unicode(decoded(name)), _tidy(address)) for name, address in pairs if "@" in address)


def _lenient(fields: Fields, authors: tuple[Address, ...]) -> Iterator[tuple[str, ...]]:
    """The readings of the two parsers that take more than the standard; who cannot read at all has no say."""
    yield from filter(None, (_once(author.address for author in authors), _stdlib_authors(fields)))


def _stdlib_authors(fields: Fields) -> tuple[str, ...]:
    values = [value for name, value in fields if name == "from"]
    try:
        # What has no @ is a piece of a name that this parser has taken apart.
        return _once(_tidy(address) for _, address in email.utils.getaddresses(values)[:_AUTHORS] if "@" in address)
    except RecursionError:
        return ()


def _once(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple({address.lower(): address for address in addresses}.values())


def _tidy(address: str) -> str:
    return canonical(whole_unicode(address))


def _part_types(root: Node) -> Iterator[str]:
    """The types of the leaf parts, in order; a forwarded message is a leaf."""
    for leaf in islice(root.leaves(), _PARTS):
        method = leaf.type_parameters.get("method", "").lower() if leaf.kind == "text/calendar" else ""
        yield leaf.kind[:100] + (f"; method={method}" if _METHOD.fullmatch(method) else "")


def _defects(parsed: Any, fields: Fields, raw: bytes, content: Content) -> list[str]:  # noqa: ANN401 - mail-parser is untyped
    count = {name: sum(key == name for key, _ in fields) for name in ("from", "date", "message-id", "subject")}
    found = [f"no {name.title()} field" for name, times in count.items() if not times]
    found += [f"{times} {name.title()} fields" for name, times in count.items() if times > 1]
    found += [f"MIME: {kind}" for kind in sorted(str(kind)[:60] for kind in parsed.defects_categories)][:5]
    if not raw:
        found.append("the mail is empty")
    if len(content.attachments) > MOST:
        found.append(f"{len(content.attachments)} attachments, of which {MOST} are listed")
    return found
