"""Authentication-Results (RFC 8601): what our own border found out about a mail, and nobody else's word.

A sender can write any such field. Only one that names our border's authserv-id counts, and only where our border put it:
above the first Received (RFC 8601 section 5 has it delete forged ones; that is hoped for, not relied on).

Borders copy what a sender chose into these fields, and not all of them quote it. So a field is read to its end by the grammar
or not at all: an open comment or quotation, tokens that touch, a word that has no place and a field that was cut leave nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from triaged.core.mail.parsing.headers import Fields, was_cut

_VERSION = "1"

_NAME = r"[A-Za-z][A-Za-z0-9_-]{0,60}"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
# No space but blank and tab parts words here, and no other control is one; U+FFFD stands for a NUL.
_WORD = r'[^\s"();\\\x00-\x1f\x7f-\x9f\ufffd]'
_TOKEN = re.compile(
    rf"(?P<gap>[ \t]+)|(?P<end>;)|(?P<comment>\()|(?P<quoted>{_QUOTED})|(?P<word>{_WORD}{{1,500}}+(?!{_WORD}))"
)
# A quotation inside a comment is none to RFC 5322, and one to many programs: it may hold nothing that they take differently.
_IN_COMMENT = re.compile(r'[^()"\\]++|\\.|"[^"()\\]*+"|(?P<bracket>[()])')

_HEAD = re.compile(rf"(?P<id>{_QUOTED}|[^ ]+)(?: (?P<version>\d{{1,3}}))?")
_METHOD = re.compile(rf"(?P<method>{_NAME})(?: ?/ ?(?P<version>\d{{1,3}}))? ?= ?(?P<outcome>{_NAME})(?: |\Z)")
# White space may stand around the dot and the equals sign (CFWS). A value after such white space holds no equals sign of its
# own: `smtp.mailfrom= smtp.helo=x` is an empty value and another property.
_PROPERTY = re.compile(
    rf'(?P<name>{_NAME}(?: ?\. ?{_NAME})?) ?=(?P<value> ?{_QUOTED}(?:@[^ "]+)?|[^ "]+| [^ "=]+(?= |\Z)|)(?: |\Z)'
)
_ALONE = re.compile(rf" ?{_NAME}(?:/\d)?={_NAME}")
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Result:
    """One method's outcome: `dmarc`, `pass`, and its properties such as `header.from`."""

    method: str
    outcome: str
    properties: tuple[tuple[str, str], ...]

    def property(self, name: str) -> str:
        """The value of that property, lower case; an empty string where it is absent, or said twice and differently."""
        values = {value for key, value in self.properties if key == name}
        return values.pop() if len(values) == 1 else ""

    def has(self, name: str) -> bool:
        """True if it has that property, whatever the value."""
        return any(key == name for key, _ in self.properties)

    def identity(self) -> frozenset[tuple[str, str]]:
        """What of the message or of its envelope it is about; empty where it does not say."""
        if self.outcome == "none" and self.method == "dkim":
            return frozenset()  # no signature: some name it `header.d=none`
        return frozenset(pair for pair in self.properties if pair[0].startswith(("header.", "smtp.")))


class Findings(NamedTuple):
    """What our border wrote."""

    results: tuple[Result, ...] = ()
    unreadable: bool = False
    """True if it wrote a field that cannot be read without doubt, and of which nothing is among the results."""


# What may touch: a value its equals sign, a domain its quoted local part, and a comment the outcome (`dmarc=pass(p=NONE)`, as
# Yahoo and Zoho write). Behind a value a comment might be half of what the sender chose.
_MAY_TOUCH: dict[tuple[str, str], Callable[[str, str], bool]] = {
    ("word", "quoted"): lambda before, _: before.endswith("="),
    ("quoted", "word"): lambda _, word: word.startswith("@"),
    ("word", "comment"): lambda before, _: bool(_ALONE.fullmatch(before)),
    ("comment", "comment"): lambda *_: True,
}
_PARTS = frozenset({"gap", "end"})


def trusted_results(fields: Fields, authserv_id: str, inner_hops: int = 0) -> Findings:
    """The results of our border: of the fields that name it, above the Received that it wrote itself.

    `inner_hops` servers of our own stand behind it, each with a Received above its results.
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
    """The results in one field's value, if its authserv-id is that one; None if that field cannot be read without doubt."""
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
    """What stands between semicolons, comments and white space as one blank; and whether the grammar held to the end."""
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
    """Where the comment ends that is open at that place; beyond the value's end if it never does."""
    depth = 1
    while depth:
        match = _IN_COMMENT.match(value, at)
        if match is None:
            return len(value) + 1
        depth += {"(": 1, ")": -1}.get(match["bracket"] or "", 0)
        at = match.end()
    return at


def _runs_on(before: str, group: str) -> bool:
    """True if a group may be the tail of the value before it: `header.d=x;dmarc=pass` in which all is the signer's."""
    ends_in_value = bool(before) and not _ALONE.fullmatch(before.rstrip())
    return ends_in_value and bool(_ALONE.fullmatch(group.rstrip())) and not group.startswith(" ")


def _results(group: str) -> list[Result] | None:
    """The one result of a group, none where it says none or is of another version; None if it holds a stray word."""
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
    """A value without its quotation marks: `"a b"@x.example` is `a b@x.example`."""
    if not value.startswith('"'):
        return value
    text, _, domain = value[1:].rpartition('"')
    return _ESCAPE.sub(r"\1", text) + domain
