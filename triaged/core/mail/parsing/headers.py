"""Header fields from raw bytes, linear and without a parser that could be slowed or broken by them.

What mail-parser and the email package do with hostile headers costs seconds (an 80 kB Subject: 4 s); the decisions that
must never fail (may this be answered? who wrote it?) are made on these values instead.
"""

import hashlib
import re

from triaged.core.mail.automatic.returned import with_returned
from triaged.core.mail.mailbox import canonical, one_mailbox
from triaged.core.mail.message import Message
from triaged.core.mail.parsing.words import in_clear

_BLOCK = 256 * 1024
_FIELDS = 1000
_VALUE = 8 * 1024
_THREAD = frozenset({"references", "in-reply-to"})
"""Fields that are never cut: their last ids are the nearest ones (RFC 5322 section 3.6.4)."""
_REFERENCES = 10_000
_BODY_SHOWN = 64 * 1024
_LINES_SHOWN = 5000

_BREAKS = re.compile(rb"[\r\n]+")
_BLANK_LINE = re.compile(rb"(?>\r\n|\r|\n){2}")
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*")
_MSG_ID = re.compile(r"<([!-;=?-~]{1,200}@[!-;=?-~]{1,200})>")
_LONGEST_MSG_ID = 250

Fields = tuple[tuple[str, str], ...]


def split_head(raw: bytes) -> tuple[bytes, bytes]:
    """The header block and the body; a mail whose header never ends is all header up to the limit."""
    start = 0
    if raw.startswith((b"From ", b">From ")):
        start = raw.find(b"\n") + 1
    if breaks := _BREAKS.match(raw, start):
        start = breaks.end()
    window = raw[start : start + _BLOCK]
    blank = _BLANK_LINE.search(window)
    if not blank:
        return window, raw[start + _BLOCK :]
    return window[: blank.start()], raw[start + blank.end() :]


def read_fields(raw: bytes) -> Fields:
    """Every field in order: name in lower case, value unfolded (RFC 5322 section 2.2.3), not decoded, long ones cut."""
    head, _ = split_head(raw)
    fields: list[tuple[str, bytearray]] = []
    for line in head.splitlines():
        if line[:1] in {b" ", b"\t"} and fields:
            if len(fields[-1][1]) < _longest(fields[-1][0]):
                fields[-1][1].extend(b" " + line.strip())
        elif match := _FIELD.match(line):
            if len(fields) == _FIELDS:
                break
            fields.append((match[1].decode("ascii").lower(), bytearray(line[match.end() :].strip())))
    # A NUL may be a letter to one parser and nothing to another: it stays to be seen.
    return tuple((name, _text(bytes(value[: _longest(name)]), nul="\ufffd")) for name, value in fields)


def _longest(name: str) -> int:
    return _BLOCK if name in _THREAD else _VALUE


def was_cut(value: str) -> bool:
    """True if `read_fields` may have cut this value."""
    return len(value.encode("utf-8", "replace")) >= _VALUE


def decoded(value: str) -> str:
    """A field's text with its encoded words (RFC 2047) decoded; what cannot be decoded costs its letter."""
    return whole_unicode(in_clear(value[:_VALUE]))


def message_ids(value: str, most: int = 100) -> tuple[str, ...]:
    """The msg-ids in a field's value, without angle brackets; what is over-long or malformed is not one."""
    return tuple(found for found in _MSG_ID.findall(value)[:most] if len(found) <= _LONGEST_MSG_ID)


def whole_unicode(text: str) -> str:
    """The text without NULs and lone surrogates, which neither JSON nor any encoder takes."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def references(fields: Fields) -> tuple[str, ...]:
    """The ids of In-Reply-To, then of References, each once; of very many the first half and the last."""
    values = [value for name in ("in-reply-to", "references") for key, value in fields if key == name]
    found = tuple(dict.fromkeys(each for value in values for each in message_ids(value, _BLOCK)))
    half = _REFERENCES // 2
    return found if len(found) <= _REFERENCES else (*found[:half], *found[-half:])


def first(fields: Fields, name: str) -> str:
    """The topmost value of a field, or an empty string."""
    return next((value for key, value in fields if key == name), "")


def degraded_message(raw: bytes, why: str) -> Message:
    """A message read by its headers alone, with what its body shows as plain text; total over any bytes."""
    fields = read_fields(raw)
    own_id = message_ids(first(fields, "message-id"))
    message = Message(
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        headers=fields,
        message_id=own_id[0] if own_id else None,
        references=references(fields),
        subject=decoded(first(fields, "subject")),
        authors=(),
        author_readings=(sure_authors(raw, fields),),
        content_type=first(fields, "content-type").partition(";")[0].strip().lower() or "text/plain",
        text=(text := _plain_body(raw)),
        whole=text,
        defects=(why,),
        degraded=True,
    )
    return with_returned(message, split_head(raw)[1])


# Nobody's is longer, and one that was cut (at so many bytes) is.
_LONGEST_FROM = _VALUE // 4 - 1


def strict_authors(fields: Fields) -> tuple[str, ...]:
    """The addr-spec of the one From field, as SMTP carries it, where nothing can read that field otherwise; else nothing."""
    values = [value for name, value in fields if name == "from"]
    if len(values) != 1 or len(values[0]) > _LONGEST_FROM:
        return ()
    address = one_mailbox(values[0])
    return (canonical(address),) if address else ()


def sure_authors(raw: bytes, fields: Fields) -> tuple[str, ...]:
    """The strict reading of these fields of this mail; nobody where they are not all of its header.

    What stands behind the cut may name another author, or be a machine's mark. A From whose colon stands in the next line is a
    field to one parser and the end of the header to another. Some end at a NUL; letters beyond ASCII are read alike only in
    UTF-8 (RFC 6532).
    """
    head, _ = split_head(raw)
    author = first(fields, "from")
    cut = len(fields) == _FIELDS or len(head) == _BLOCK
    torn = any(line.strip().lower() == b"from" for line in head.splitlines())
    ended = "\ufffd" in author and b"\0" in head
    as_written = one_mailbox(author).encode("utf-8") in head
    return strict_authors(fields) if as_written and not (cut or torn or ended) else ()


def _plain_body(raw: bytes) -> str:
    """The lines of the body that look like words: what a person needs to see of a mail that could not be taken apart."""
    _, body = split_head(raw)
    lines = _text(body[:_BODY_SHOWN]).splitlines()[:_LINES_SHOWN]
    return "\n".join(line for line in lines if " " in line.strip() or len(line) < 60)  # noqa: PLR2004 - base64 lines are longer


def _text(raw: bytes, nul: str = "") -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return whole_unicode(text.replace("\0", nul))
