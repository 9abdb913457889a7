"""Authentication-Results (RFC 8601): what our own border found out about a mail, and nobody else's word.

A sender can write any such field. Only one that names our border's authserv-id counts, and only where our border put it:
above the first Received (RFC 8601 section 5 has it delete forged ones; that is hoped for, not relied on).
"""

import re
from dataclasses import dataclass

from triaged.core.mail.headers import Fields

# Quoted strings before comments: a parenthesis inside quotes opens nothing. An unclosed quote takes the rest with it, so that
# nothing behind it counts. Possessive: tried once at each place.
_TOKEN = re.compile(r'"((?:[^"\\]|\\.?)*+)(?:"|\Z)|([()])|(;)|([^\s"();]{1,500})|(.)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Result:
    """One method's outcome: `dmarc`, `pass`, and its properties such as `header.from`."""

    method: str
    outcome: str
    properties: tuple[tuple[str, str], ...]

    def property(self, name: str) -> str:
        """The value of that property, lower case, or an empty string."""
        return next((value for key, value in self.properties if key == name), "")


def trusted_results(fields: Fields, authserv_id: str) -> tuple[Result, ...]:
    """The results of our border: the topmost block of fields above the first Received that names it."""
    found: list[Result] = []
    for name, value in fields:
        if name == "received":
            break
        if name == "authentication-results":
            found += parse_results(value, authserv_id)
    return tuple(found)


def parse_results(value: str, authserv_id: str) -> list[Result]:
    """The results in one field's value, if its authserv-id is that one; comments and quoted strings understood."""
    groups = _groups(value)
    if not groups or not groups[0] or groups[0][0].lower() != authserv_id.lower():
        return []
    return [result for words in groups[1:] if (result := _result(words))]


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
            groups[-1].append(word)
        elif quoted is not None:
            # A quoted value belongs to the `property=` before it; alone it is a word that names no method.
            if groups[-1] and groups[-1][-1].endswith("="):
                groups[-1][-1] += quoted
            else:
                groups[-1].append(f'"{quoted}"')
    return groups


def _result(words: list[str]) -> Result | None:
    pairs = [word.partition("=") for word in _joined(words)]
    method, equals, outcome = pairs[0] if pairs else ("", "", "")
    if not equals or method.startswith('"'):
        return None
    properties = tuple((name.lower(), text.lower()) for name, sign, text in pairs[1:] if sign)
    return Result(method.partition("/")[0].lower(), outcome.lower(), properties)


def _joined(words: list[str]) -> list[str]:
    """Words with the white space around `=` taken out: `dmarc = pass` is one result (RFC 8601 section 2.2, CFWS)."""
    joined: list[str] = []
    for word in words:
        if joined and (word.startswith("=") or joined[-1].endswith("=")):
            joined[-1] += word
        else:
            joined.append(word)
    return joined
