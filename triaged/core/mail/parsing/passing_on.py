"""Whose mail somebody passes on: attached (message/rfc822), within their text, or sent on as it was."""

import re

from triaged.core.mail.message import Original, Passing
from triaged.core.mail.parsing.headers import Fields, decoded, first, read_fields, split_head, whole_unicode
from triaged.core.mail.parsing.quoting import Forwarded, passes_on, split

_DEEPEST = 100
"""Forwards within forwards; of a deeper one the author stays unknown."""
_INTRODUCTION = 60
"""Words that whoever passes a forward on again may put above it."""
_HEAD = 64 * 1024
_ATTACHED = re.compile(rb"^Content-Type[ \t]{0,8}:[ \t]{0,8}message/(?:rfc822|global)\b", re.IGNORECASE | re.MULTILINE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_ADDRESS = re.compile(r"(?:mailto:)?([^\s<>()\[\]:;,\"']{1,64}@[^\s<>()\[\]:;,\"']{1,255})")


def original(raw: bytes, fields: Fields, forwarded: Forwarded | None) -> Original | None:
    """The mail that this one passes on, as far as it says so; `forwarded`: within its text, the innermost one."""
    if resent := first(fields, "resent-from"):
        by = _ADDRESS.search(decoded(resent)[:_HEAD])
        return Original("", "", "resent", by=by[1].lower()) if by else None
    subject = decoded(first(fields, "subject"))
    if attached := _attached(split_head(raw)[1], subject):
        return _named(decoded(first(attached, "from")), "attached", attached)
    return _named(forwarded.author, "inline") if forwarded else None


def _attached(body: bytes, subject: str) -> Fields:
    """The header of the attached mail that is no forward itself; empty where none is attached, or only to show it."""
    for found in list(_ATTACHED.finditer(body))[:_DEEPEST]:
        blank = _BLANK.search(body, found.end(), found.end() + _HEAD)
        if blank is None:
            return ()
        head = read_fields(body[blank.end() : blank.end() + _HEAD])
        inner = decoded(first(head, "subject")).strip()
        if not passes_on(subject) and not (inner and inner in subject):
            return ()
        if not passes_on(inner):
            return head
    return ()


def innermost(forwarded: Forwarded) -> Forwarded:
    """The report itself, where what is passed on had been passed on before; of one that is too deep the author is unknown."""
    for _ in range(_DEEPEST):
        parts = split(forwarded.text)
        if parts.forwarded is None or len(parts.own.split()) > _INTRODUCTION:
            return forwarded
        forwarded = parts.forwarded
    return Forwarded(forwarded.text)


def _named(author: str, how: Passing, head: Fields = ()) -> Original | None:
    found = _ADDRESS.search(author[:1000])
    if found is None:
        return None
    name = author[: found.start()].strip(" \t\"'<([")
    return Original(whole_unicode(name[:200]), whole_unicode(found[1]), how, head)
