"""Any bytes to a Message: total. The only module that imports mail-parser; it runs in a child under limits.

mail-parser takes the structure apart (parts, charsets, attachments). What decides whether and whom to answer is read by
`headers`, and mail-parser's From is only one of three readings that have to agree.
"""

import base64
import binascii
import email.utils
import hashlib
import re
from collections import deque
from collections.abc import Iterator
from typing import Any

import mailparser

from triaged.core.mail.automatic.returned import with_returned
from triaged.core.mail.message import Address, Attachment, Message
from triaged.core.mail.parsing.filetype import display_name, media_type, warnings_for
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
from triaged.core.mail.parsing.hidden import hidden_apart
from triaged.core.mail.parsing.html import text_of
from triaged.core.mail.parsing.limits import over_limit
from triaged.core.mail.parsing.quoting import passes_on, split

_TEXT, _LINES = 1_000_000, 20_000
_HIDDEN = 2000
_ATTACHMENTS = 200
_AUTHORS = 20
_PARTS = 100
_NEXT_TO_NOTHING = 20
_A_GREETING = 200
_PGP_BEGIN, _PGP_END = "-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"
_SMIME = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_METHOD = re.compile(r"""\bmethod\s{0,3}=\s{0,3}["']?([A-Za-z-]{1,30})""", re.IGNORECASE)
# What mail-parser calls a part that has no name: ten letters at random.
_INVENTED = re.compile(r"[a-z]{10}\.(?:txt|rtf)")
_ITS_ENDING = re.compile(rb"(?<=[a-z]{10})\.(?:txt|rtf)")


def read_message(raw: bytes) -> Message:
    """Read one message. Never raises: what cannot be taken apart comes back degraded, with the reason in its defects."""
    try:
        over = over_limit(raw)
        return degraded_message(raw, over) if over else _read(raw)
    except (Exception, RecursionError) as error:  # noqa: BLE001 - mail-parser lets at least five kinds through
        return degraded_message(raw, f"its structure could not be read ({type(error).__name__})")


def _read(raw: bytes) -> Message:
    parsed = mailparser.parse_from_bytes(raw)
    fields = read_fields(raw)
    page, hidden = hidden_apart("\n".join(parsed.text_html))
    body = _body(parsed, page)
    subject, refers_to = decoded(first(fields, "subject")), references(fields)
    parts = split(body, answers=bool(refers_to) and not passes_on(subject))
    listed = parsed.attachments[:_ATTACHMENTS]
    invented = _invented([str(part.get("filename") or "") for part in listed], raw)
    attachments = tuple(_attachment(part, invented) for part in listed)
    own_id = message_ids(first(fields, "message-id"))
    message = Message(
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        headers=fields,
        message_id=own_id[0] if own_id else None,
        references=refers_to,
        subject=subject,
        authors=_authors(parsed),
        author_readings=(_addresses(_authors(parsed)), _stdlib_authors(fields), sure_authors(raw, fields)),
        content_type=whole_unicode(parsed.message.get_content_type()[:100]),
        text=parts.evidence,
        quoted=parts.quoted,
        attachments=attachments,
        encrypted=_encrypted(parsed.message.get_content_type(), body, attachments),
        defects=tuple(_defects(parsed, fields, raw)),
        part_types=tuple(_part_types(parsed.message)),
        hidden=whole_unicode(text_of(hidden)[:_HIDDEN]),
    )
    return with_returned(message, split_head(raw)[1])


def _body(parsed: Any, page: str) -> str:  # noqa: ANN401 - mail-parser is untyped
    plain = "\n".join(parsed.text_plain)[:_TEXT]
    if len(plain.strip()) < _NEXT_TO_NOTHING and page:
        # A plain part of a few characters beside HTML is a client's placeholder.
        plain = text_of(page)
    if not plain.strip() and parsed.text_not_managed:
        plain = "\n".join(parsed.text_not_managed)[:_TEXT]
    lines = plain.replace("\r\n", "\n").replace("\r", "\n").split("\n", maxsplit=_LINES)[:_LINES]
    return whole_unicode("\n".join(lines))


def _authors(parsed: Any) -> tuple[Address, ...]:  # noqa: ANN401 - mail-parser is untyped
    pairs = [(str(name or ""), str(address or "")) for name, address in parsed.from_[:_AUTHORS]]
    return tuple(Address(whole_unicode(decoded(name)), _tidy(address)) for name, address in pairs if "@" in address)


def _addresses(authors: tuple[Address, ...]) -> tuple[str, ...]:
    return tuple(author.address for author in authors)


def _stdlib_authors(fields: Fields) -> tuple[str, ...]:
    values = [value for name, value in fields if name == "from"]
    try:
        return tuple(_tidy(address) for _, address in email.utils.getaddresses(values)[:_AUTHORS] if address)
    except RecursionError:
        return ()


def _tidy(address: str) -> str:
    local, at, domain = whole_unicode(address.strip()).rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _invented(names: list[str], raw: bytes) -> frozenset[str]:
    """Those of the names that mail-parser made up, looked for in one pass: a mail must read the same twice."""
    doubtful = {name.encode(): name for name in names if _INVENTED.fullmatch(name)}
    if doubtful:
        for ending in _ITS_ENDING.finditer(raw):
            doubtful.pop(raw[ending.start() - 10 : ending.end()], None)
    return frozenset(doubtful.values())


def _attachment(part: dict[str, Any], invented: frozenset[str]) -> Attachment:
    content = _content(part)
    name = str(part.get("filename") or "")
    name = "" if name in invented else name
    claimed = str(part.get("mail_content_type") or "").lower()[:100]
    return Attachment(
        filename=display_name(whole_unicode(name)),
        media_type=media_type(content),
        claimed_type=whole_unicode(claimed),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        warnings=warnings_for(name, claimed, content),
    )


def _content(part: dict[str, Any]) -> bytes:
    payload = part.get("payload") or ""
    if not part.get("binary"):
        return str(payload).encode("utf-8", "replace")
    try:
        return base64.b64decode(payload)
    except (binascii.Error, ValueError):
        return str(payload).encode("utf-8", "replace")


def _part_types(root: Any) -> Iterator[str]:  # noqa: ANN401 - mail-parser is untyped
    """The types of the leaf parts, in order; a forwarded message is a leaf."""
    waiting = deque([root])
    for _ in range(_PARTS):
        if not waiting:
            return
        part = waiting.popleft()
        kind = part.get_content_type()
        if kind.startswith("multipart/") and part.is_multipart():
            waiting.extendleft(reversed(part.get_payload()))
            continue
        method = _METHOD.search(str(part.get("content-type", ""))[:1000]) if kind == "text/calendar" else None
        yield whole_unicode(kind[:100] + (f"; method={method[1].lower()}" if method else ""))


def _encrypted(content_type: str, body: str, attachments: tuple[Attachment, ...]) -> bool:
    """Whether what matters is inside PGP (RFC 3156, or inline) or S/MIME (RFC 8551) and cannot be looked at.

    An opaque S/MIME signature hides its text from us as well as encryption does. Exchange turns multipart/encrypted into
    multipart/mixed, so the parts are looked at too.
    """
    if content_type == "multipart/encrypted" or content_type in _SMIME:
        return True
    sealed = any(part.media_type == "application/pgp-encrypted" or part.claimed_type in _SMIME for part in attachments)
    return (sealed or _PGP_BEGIN in body) and len(_outside_pgp(body).strip()) < _A_GREETING


def _outside_pgp(body: str) -> str:
    """The body without its PGP message; one that never ends reaches to the end."""
    before, begin, rest = body.partition(_PGP_BEGIN)
    _, end, after = rest.rpartition(_PGP_END)
    return f"{before}{after}" if begin and end else before


def _defects(parsed: Any, fields: Fields, raw: bytes) -> list[str]:  # noqa: ANN401 - mail-parser is untyped
    count = {name: sum(key == name for key, _ in fields) for name in ("from", "date", "message-id", "subject")}
    found = [f"no {name.title()} field" for name, times in count.items() if not times]
    found += [f"{times} {name.title()} fields" for name, times in count.items() if times > 1]
    found += [f"MIME: {kind}" for kind in sorted(str(kind)[:60] for kind in parsed.defects_categories)][:5]
    if not raw:
        found.append("the mail is empty")
    if len(parsed.attachments) > _ATTACHMENTS:
        found.append(f"{len(parsed.attachments)} attachments, of which {_ATTACHMENTS} are listed")
    return found
