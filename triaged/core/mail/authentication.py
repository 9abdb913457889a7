"""Authentication-Results (RFC 8601): what our own border verified about a mail; no other server's word counts.

A sender can forge any such field. Only a field with our border's authserv-id counts, and only where our border put it: above
the first Received. (RFC 8601 section 5 tells borders to delete forged fields; this code does not rely on that.)

Borders copy values that a sender chose into these fields, and not all of them quote the values. So a field counts only if
all of it follows the grammar: an open comment or quotation, adjoining tokens, a stray word or a truncated field void it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from triaged.core.mail.parsing.headers import Fields, was_cut

_VERSION = "1"

_NAME = r"[A-Za-z][A-Za-z0-9_-]{0,60}"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
# Only space and tab separate words here, and other controls are invalid; U+FFFD stands for a NUL.
_WORD = r'[^\s"();\\\x00-\x1f\x7f-\x9f\ufffd]'
_TOKEN = re.compile(
    rf"(?P<gap>[ \t]+)|(?P<end>;)|(?P<comment>\()|(?P<quoted>{_QUOTED})|(?P<word>{_WORD}{{1,500}}+(?!{_WORD}))"
)
# Inside a comment, RFC 5322 knows no quotations but many programs do, so these may contain nothing ambiguous.
_IN_COMMENT = re.compile(r'[^()"\\]++|\\.|"[^"()\\]*+"|(?P<bracket>[()])')

_HEAD = re.compile(rf"(?P<id>{_QUOTED}|[^ ]+)(?: (?P<version>\d{{1,3}}))?")
_METHOD = re.compile(rf"(?P<method>{_NAME})(?: ?/ ?(?P<version>\d{{1,3}}))? ?= ?(?P<outcome>{_NAME})(?: |\Z)")
# White space may surround the dot and the equals sign (CFWS). A value after such white space holds no equals sign of its
# own: `smtp.mailfrom= smtp.helo=x` is an empty value and another property.
_PROPERTY = re.compile(
    rf'(?P<name>{_NAME}(?: ?\. ?{_NAME})?) ?=(?P<value> ?{_QUOTED}(?:@[^ "]+)?|[^ "]+| [^ "=]+(?= |\Z)|)(?: |\Z)'
)
_ALONE = re.compile(rf" ?{_NAME}(?:/\d)?={_NAME}")
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one method, such as `dmarc` and `pass`, and its properties such as `header.from`."""

    method: str
    outcome: str
    properties: tuple[tuple[str, str], ...]

    def property(self, name: str) -> str:
        """The value of that property in lower case; empty if it is absent or given with different values."""
        values = {value for key, value in self.properties if key == name}
        return values.pop() if len(values) == 1 else ""

    def has(self, name: str) -> bool:
        """True if the result has that property, with any value."""
        return any(key == name for key, _ in self.properties)

    def identity(self) -> frozenset[tuple[str, str]]:
        """The part of the message or envelope that the result is about; empty if it does not say."""
        if self.outcome == "none" and self.method == "dkim":
            return frozenset()  # no signature: some write `header.d=none`
        return frozenset(pair for pair in self.properties if pair[0].startswith(("header.", "smtp.")))


class Findings(NamedTuple):
    """The results that our border wrote."""

    results: tuple[Result, ...] = ()
    unreadable: bool = False
    """True if a field of our border is ambiguous; none of its results are included."""


# Tokens that may adjoin: a value and its equals sign, a domain and its quoted local part, an outcome and a comment
# (`dmarc=pass(p=NONE)`, as Yahoo and Zoho write). After a value, a comment could be half of what the sender chose.
_MAY_TOUCH: dict[tuple[str, str], Callable[[str, str], bool]] = {
    ("word", "quoted"): lambda before, _: before.endswith("="),
    ("quoted", "word"): lambda _, word: word.startswith("@"),
    ("word", "comment"): lambda before, _: bool(_ALONE.fullmatch(before)),
    ("comment", "comment"): lambda *_: True,
}
_PARTS = frozenset({"gap", "end"})


def trusted_results(fields: Fields, authserv_id: str, inner_hops: int = 0) -> Findings:
    """Return the results in the fields that name our border, above the Received field that it wrote itself.

    `inner_hops` servers of our own come after it, each with a Received above its results.
    """
    found: list[Result] = []
    unreadable = False
    passed = 0
    for name, value in fields:
        passed += name == "received"
        if passed > inner_hops:
            break
        if name == "authentication-results":
            results = parse_results(value, authserv_id)
            found += results or []
            unreadable = unreadable or results is None
    return Findings(tuple(found), unreadable)


def parse_results(value: str, authserv_id: str) -> list[Result] | None:
    """Parse the results in one field's value if it has that authserv-id; None if the field is ambiguous."""
    (head, *groups), whole = _groups(value)
    named = _HEAD.match(head.strip())
    if not named or _plain(named["id"]).lower() != authserv_id.lower():
        return []
    strange = named.end() < len(head.strip()) or named["version"] not in {None, _VERSION}
    if strange or not whole or was_cut(value) or any(map(_runs_on, groups, groups[1:])):
        return None
    read = [_results(group.strip()) for group in groups]
    return None if None in read else [result for results in read for result in results or ()]


def _groups(value: str) -> tuple[list[str], bool]:
    """Return the text between semicolons with comments and white space as one blank; and whether all of it was grammatical."""
    groups, last, at = [""], "gap", 0
    while at < len(value):
        match = _TOKEN.match(value, at)
        kind = (match.lastgroup if match else None) or ""
        if match is None or not _fits(last, kind, groups[-1], match[0]):
            return groups, False
        at = _comment_end(value, match.end()) if kind == "comment" else match.end()
        if kind == "end":
            groups.append("")
        elif kind in {"word", "quoted"}:
            groups[-1] += match[0]
        elif not groups[-1].endswith(" "):
            groups[-1] += " "
        last = kind
    return groups, at == len(value)


def _fits(last: str, kind: str, before: str, token: str) -> bool:
    if last in _PARTS or kind in _PARTS:
        return True
    allowed = _MAY_TOUCH.get((last, kind))
    return allowed is not None and allowed(before, token)


def _comment_end(value: str, at: int) -> int:
    """The end of the comment that is open at this position; beyond the end of the value if it never ends."""
    depth = 1
    while depth:
        match = _IN_COMMENT.match(value, at)
        if match is None:
            return len(value) + 1
        depth += {"(": 1, ")": -1}.get(match["bracket"] or "", 0)
        at = match.end()
    return at


def _runs_on(before: str, group: str) -> bool:
    """True if a group may belong to the value before it: in `header.d=x;dmarc=pass`, all of it may be the signer's text."""
    ends_in_value = bool(before) and not _ALONE.fullmatch(before.rstrip())
    return ends_in_value and bool(_ALONE.fullmatch(group.rstrip())) and not group.startswith(" ")


def _results(group: str) -> list[Result] | None:
    """The one result of a group; empty if it has none or is of another version; None if it contains a stray word."""
    if group in {"", "none"}:
        return []
    match = _METHOD.match(group)
    if match is None:
        return None
    at, properties = match.end(), []
    while at < len(group):
        pair = _PROPERTY.match(group, at)
        if pair is None:
            return None
        properties.append((pair["name"].replace(" ", "").lower(), _plain(pair["value"].strip(" ")).lower()))
        at = pair.end()
    if match["version"] not in {None, _VERSION}:
        return []
    return [Result(match["method"].lower(), match["outcome"].lower(), tuple(properties))]


def _plain(value: str) -> str:
    """The value without its quotation marks: `"a b"@x.example` becomes `a b@x.example`."""
    if not value.startswith('"'):
        return value
    text, _, domain = value[1:].rpartition('"')
    return _ESCAPE.sub(r"\1", text) + domain
