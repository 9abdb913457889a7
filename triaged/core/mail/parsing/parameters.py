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
    sections: dict[bytes, dict[int, tuple[bytes, bool]]] = {}
    for match in islice(_PARAMETER.finditer(unfolded(value)), _MOST):
        name, section, extended = match[1].lower(), match[2], match[3]
        order = int(section[1:]) if section else -1
        key = name + (b"*" if section or extended else b"")
        sections.setdefault(key, {}).setdefault(order, (_bare(match, name), bool(extended)))
    plain = {name: _text(pieces) for name, pieces in sections.items() if not name.endswith(b"*")}
    continued = {name[:-1]: _continued(pieces) for name, pieces in sections.items() if name.endswith(b"*")}
    return {name.decode("ascii"): text for name, text in {**plain, **continued}.items()}


def boundary_of(value: bytes) -> bytes:
    """The boundary that a Content-Type names, as octets; empty where it names none."""
    sections: dict[int, bytes] = {}
    for match in islice(_PARAMETER.finditer(unfolded(value)), _MOST):
        if match[1].lower() == b"boundary":
            sections.setdefault(int(match[2][1:]) if match[2] else 0, _bare(match, b"boundary"))
    return b"".join(value for _, value in sorted(sections.items())).rstrip()


def _bare(match: re.Match[bytes], name: bytes) -> bytes:
    if match[4] is not None:
        return _QUOTED_PAIR.sub(rb"\1", match[4])
    value = (match[5] if match[5] is not None else match[6]).strip()
    # A name without quotes may hold blanks and brackets; no other value does.
    return value if name in _NAMED else _COMMENT_BEHIND.sub(b"", value).split(b" ")[0]


def _text(pieces: dict[int, tuple[bytes, bool]]) -> str:
    return in_clear(next(iter(pieces.values()))[0])


def _continued(pieces: dict[int, tuple[bytes, bool]]) -> str:
    """The sections of RFC 2231 joined; the charset stands before the first, and may be left out."""
    charset, joined, percent = "", b"", False
    for place, (_, (value, extended)) in enumerate(sorted(pieces.items())):
        taken = value
        if extended and place == 0 and value.count(b"'") >= 2:  # noqa: PLR2004 - charset'language'text
            label, _, taken = value.split(b"'", 2)
            charset = label.decode("ascii", "replace")
        percent = percent or extended
        joined += unquote_to_bytes(taken) if extended else taken
    return decoded(joined, charset) if percent else in_clear(joined)
