"""The value and the parameters of a MIME field: RFC 2045, RFC 2231, and what is written in their place."""

import re
from itertools import islice
from urllib.parse import unquote_to_bytes

from triaged.core.mail.parsing.charsets import decoded
from triaged.core.mail.parsing.words import in_clear

_FOLD = re.compile(rb"[\r\n]+[ \t]*")
_TYPE = re.compile(rb"\s*[\"']?([!#$&^_.+*a-zA-Z0-9-]{1,100})\s?/\s?([!#$&^_.+*a-zA-Z0-9-]{1,100})")
_TOKEN = re.compile(rb"\s*(?:\([^()]{0,200}\)\s*)?[\"']?([a-zA-Z0-9_.-]{1,100})")
_PARAMETER = re.compile(
    rb"[;\s]\s{0,9}([a-zA-Z][a-zA-Z0-9_.-]{0,40})(\*[0-9]{1,3})?(\*)?\s{0,9}=\s{0,9}"
    rb"(?:\"((?:[^\"\\]|\\.)*+)\"?|([^;\"]*+)|([^;]*+))",
    re.DOTALL,
)
_NAMED = frozenset({b"name", b"filename"})
_COMMENT_BEHIND = re.compile(rb"\s+\([^()]{0,200}\)\s*$")
_QUOTED_PAIR = re.compile(rb"\\([\"\\])")
_MOST = 200
# Shorthand of old clients.
_SHORT_TYPES = {b"text": b"text/plain", b"plain": b"text/plain", b"html": b"text/html", b"message": b"message/rfc822"}

Parameters = dict[str, str]
_Pieces = dict[int, tuple[bytes, bool]]
"""By number (-1 for the only one): the octets, and whether they are percent-encoded."""


def unfolded(value: bytes) -> bytes:
    """A field's value on one line."""
    return _FOLD.sub(b" ", value).strip()


def media_type_of(value: bytes) -> str:
    """The `type/subtype` that a Content-Type names, lower case; empty where it names none."""
    if match := _TYPE.match(value):
        return b"/".join(match.groups()).lower().decode("ascii")
    token = _TOKEN.match(value)
    return _SHORT_TYPES.get(token[1].lower(), b"").decode("ascii") if token else ""


def token_of(value: bytes) -> str:
    """The first word of a field, lower case: `attachment` of a Content-Disposition."""
    token = _TOKEN.match(value)
    return token[1].lower().decode("ascii") if token else ""


def parameters(value: bytes) -> Parameters:
    """The parameters of a field by name, each decoded to text. What stands first counts, but RFC 2231 before all else."""
    sections = _sections(value)
    return {name.decode("ascii"): _text(pieces) for name, pieces in sections.items()}


def boundary_of(value: bytes) -> bytes:
    """The boundary that a Content-Type names, as octets; empty where it names none."""
    pieces = _sections(value).get(b"boundary")
    return _joined(pieces)[1].rstrip() if pieces else b""


def _sections(value: bytes) -> dict[bytes, _Pieces]:
    """The pieces of each parameter in their order; those of RFC 2231 before a plain one, and what stands first of two."""
    plain: dict[bytes, _Pieces] = {}
    continued: dict[bytes, _Pieces] = {}
    for match in islice(_PARAMETER.finditer(unfolded(value)), _MOST):
        name, section, extended = match[1].lower(), match[2], bool(match[3])
        pieces = (continued if section or extended else plain).setdefault(name, {})
        pieces.setdefault(int(section[1:]) if section else -1, (_bare(match, name), extended))
    return {**plain, **continued}


def _bare(match: re.Match[bytes], name: bytes) -> bytes:
    if match[4] is not None:
        return _QUOTED_PAIR.sub(rb"\1", match[4])
    value = (match[5] if match[5] is not None else match[6]).strip()
    # A name without quotes may hold blanks and brackets; no other value does.
    return value if name in _NAMED else _COMMENT_BEHIND.sub(b"", value).split(b" ")[0]


def _text(pieces: _Pieces) -> str:
    charset, joined = _joined(pieces)
    extended = any(extended for _, extended in pieces.values())
    return decoded(joined, charset) if extended else in_clear(joined)


def _joined(pieces: _Pieces) -> tuple[str, bytes]:
    """The charset, and the sections joined. The charset stands before the first section, and may be left out."""
    charset, joined = "", b""
    for place, (_, (value, extended)) in enumerate(sorted(pieces.items())):
        taken = value
        if extended and place == 0 and value.count(b"'") >= 2:  # noqa: PLR2004 - charset'language'text
            label, _, taken = value.split(b"'", 2)
            charset = label.decode("ascii", "replace")
        joined += unquote_to_bytes(taken) if extended else taken
    return charset, joined
