"""Whose mail somebody passes on: attached (message/rfc822), within their text, or sent on as it was."""

import re
from collections.abc import Sequence

from triaged.core.mail.message import Original, Passing
from triaged.core.mail.parsing.headers import Fields, decoded, first, read_fields, whole_unicode
from triaged.core.mail.parsing.quoting import Forwarded, passes_on, split

_DEEPEST = 100
"""Forwards within forwards; of a deeper one the author stays unknown."""
_INTRODUCTION = 60
"""Words that whoever passes a forward on again may put above it."""
_HEAD = 64 * 1024
_ADDRESS = re.compile(r"(?:mailto:)?([^\s<>()\[\]:;,\"']{1,64}@[^\s<>()\[\]:;,\"']{1,255})")


def original(fields: Fields, enclosed: Sequence[bytes], forwarded: Forwarded | None) -> Original | None:
    """The mail that this one passes on, as far as it says so.

    `enclosed`: the headers of the mails that are attached to it, outermost first; `forwarded`: the innermost mail in its text.
    """
    if resent := first(fields, "resent-from"):
        by = _ADDRESS.search(decoded(resent)[:_HEAD])
        return Original("", "", "resent", by=by[1].lower()) if by else None
    subject = decoded(first(fields, "subject"))
    if attached := _attached(enclosed, subject):
        return _named(decoded(first(attached, "from")), "attached", attached)
    return _named(forwarded.author, "inline") if forwarded else None


def _attached(enclosed: Sequence[bytes], subject: str) -> Fields:
    """The header of the attached mail that is no forward itself; empty where none is attached, or only to show it."""
    for octets in enclosed[:_DEEPEST]:
        head = read_fields(octets[:_HEAD])
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
