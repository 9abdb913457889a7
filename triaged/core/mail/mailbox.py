"""Parse a field with one mailbox (RFC 5322 section 3.4) that every client reads the same way; ambiguous fields are refused.

The grammar is the standard's, obsolete routes included, minus what clients are known to read differently: an address in a
comment or next to another, a comma outside quotes, a group, a comment or a blank inside an address.
"""

import re

import idna

# No controls: some parsers end at a NUL, and an escape sequence is a letter to one and a bracket to another.
_NONE = r"\x00-\x08\x0a-\x1f\x7f"
_WORDS = rf"""[^<>@,;:()\\"{_NONE}]"""
_INNER = rf"""(?:[^<>@()\\{_NONE}]|\\[^<>@(){_NONE}])"""
_COMMENT = r"\(" + _INNER + r"*+\)"
for _ in range(3):
    _COMMENT = rf"\((?:{_INNER}|{_COMMENT})*+\)"
_BETWEEN = rf"(?:[ \t]|{_COMMENT})*+"
# Without escapes all parsers agree on the end of a quotation, so its content may be anything.
_QUOTED = rf'"[^"\\{_NONE}]*+"'
_QUOTED_WITH_ESCAPES = rf'"(?:[^"\\<>@{_NONE}]|\\[^<>@{_NONE}])*+"'
_NAME = rf"(?:[ \t]*+{_QUOTED}[ \t]*+|(?:{_WORDS}++|{_COMMENT}|{_QUOTED_WITH_ESCAPES}){{0,40}}+)"

_ATOM = rf"""[^\s<>@,;:()"\\\[\]{_NONE}]"""
_LOCAL = rf"""(?:{_ATOM}{{1,64}}|"[A-Za-z0-9][A-Za-z0-9 .!#$%&'*+/=?^_`{{|}}~-]{{0,61}}")"""
_SPEC = rf"{_LOCAL}@{_ATOM}{{1,255}}"
_ROUTE = rf"(?:@{_ATOM}{{1,255}}:)?"
# Empty list entries before or after it name nobody.
_AROUND = r"[ \t]*+[,;]?"
_MAILBOX = re.compile(
    rf"[ \t]*+,?(?:{_NAME}<{_BETWEEN}{_ROUTE}({_SPEC}){_BETWEEN}>{_BETWEEN}|{_BETWEEN}({_SPEC}){_BETWEEN}){_AROUND}[ \t]*+"
)
# The same address twice is one mailbox; parsers do not take the first for a name if it has no quotes.
_TWICE = re.compile(rf"[ \t]*+({_SPEC})[ \t]*+<[ \t]*+({_SPEC})[ \t]*+>{_AROUND}[ \t]*+", re.IGNORECASE)
_QUOTED_ATOM = re.compile(r'"([A-Za-z0-9!#$%&\'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&\'*+/=?^_`{|}~-]+)*+)"')


def one_mailbox(value: str) -> str:
    """Return the addr-spec of the field's one mailbox as written; empty if the field is ambiguous."""
    if match := _MAILBOX.fullmatch(value):
        return match[1] or match[2]
    twice = _TWICE.fullmatch(value)
    return twice[2] if twice and twice[1].lower() == twice[2].lower() else ""


def canonical(address: str) -> str:
    """Return the addr-spec as SMTP carries it: no needless quotes, domain in lower-case ASCII (RFC 5321, RFC 5891).

    A domain that IDNA does not allow stays unchanged: it is not mapped, because clients may map it differently.
    """
    local, at, domain = address.strip().rpartition("@")
    if atom := _QUOTED_ATOM.fullmatch(local):
        local = atom[1]
    return f"{local}{at}{_ascii(domain.lower())}"


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain
