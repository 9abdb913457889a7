"""Authentication-Results (RFC 8601): what our own border found out about a mail, and nobody else's word.

A sender can write any such field. Only one that names our border's authserv-id counts, and only where our border put it:
above the first Received (RFC 8601 section 5 has it delete forged ones; that is hoped for, not relied on).
"""

import re
from dataclasses import dataclass

from triaged.core.mail.parsing.headers import Fields

# Quoted strings before comments: a parenthesis inside quotes opens nothing. An unclosed quote takes the rest with it, so that
# nothing behind it counts. Possessive: tried once at each place.
_TOKEN = re.compile(r'"((?:[^"\\]|\\.?)*+)(?:"|\Z)|([()])|(;)|([^\s"();]{1,500})|(.)', re.DOTALL)


_VERSION = "1"


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
        """Whether it has that property, whatever the value."""
        return any(key == name for key, _ in self.properties)


def trusted_results(fields: Fields, authserv_id: str, inner_hops: int = 0) -> tuple[Result, ...]:
    """The results of our border: of the fields that name it, above the Received that it wrote itself.

    `inner_hops` servers of our own stand behind it, each with a Received above its results.
    """
    found: list[Result] = []
    passed = 0
    for name, value in fields:
        passed += name == "received"
        if passed > inner_hops:
            break
        if name == "authentication-results":
            found += parse_results(value, authserv_id)
    return tuple(found)


def parse_results(value: str, authserv_id: str) -> list[Result]:
    """The results in one field's value, if its authserv-id is that one; comments and quoted strings understood."""
    head, *rest = _groups(value)
    if not head or head[0].strip('"').lower() != authserv_id.lower() or head[1:] not in ([], [_VERSION]):
        return []
    return [result for words in rest if (result := _result(words))]


def _groups(value: str) -> list[list[str]]:
    """The words between semicolons, without comments (which nest)."""
    groups: list[list[str]] = [[]]
    depth = 0
    for match in _TOKEN.finditer(value):
        quoted, bracket, semicolon, word, _ = match.groups()
        if bracket:
            depth = depth + 1 if bracket == "(" else max(depth - 1, 0)
        elif depth:
            continue
        elif semicolon:
            groups.append([])
        elif word is not None:
            _put(groups[-1], word)
        elif quoted is not None:
            # A quoted value belongs to the `property=` before it; alone it is a word that names no method.
            _put(groups[-1], quoted if groups[-1] and groups[-1][-1].endswith("=") else f'"{quoted}"')
    return groups


def _put(words: list[str], word: str) -> None:
    """Add a word to a group, without the white space that may stand around `=`, `/` and the dot of a property's name.

    `dmarc / 1 = pass header . from = x.example` is one result (RFC 8601 section 2.2, CFWS), and `"a b"@x.example` one value.
    """
    last = words[-1] if words else ""
    named = "=" in last
    joins = last.endswith("=") or word.startswith("=")
    joins = joins or (named and word.startswith("@"))
    joins = joins or (not named and bool(last) and (last.endswith((".", "/")) or word.startswith((".", "/"))))
    if joins and words:
        words[-1] += word
    else:
        words.append(word)


def _result(words: list[str]) -> Result | None:
    pairs = [word.partition("=") for word in words]
    method, equals, outcome = pairs[0] if pairs else ("", "", "")
    name, slash, version = method.partition("/")
    if not equals or method.startswith('"') or (slash and version != _VERSION):
        return None
    properties = tuple((key.lower(), text.lower()) for key, sign, text in pairs[1:] if sign)
    return Result(name.lower(), outcome.lower(), properties)
