"""Split a line into words as a shell does, but accept anything: people type these lines in mail programs.

A quotation mark opens a quotation only at the start of a word, and only if another one closes it at the end of a word, so an
apostrophe is a letter. Typographic marks count as plain ones. Any white space separates words.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_DOUBLE = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u301d\u301e\u301f\uff02'
_SINGLE = "'\u2018\u2019\u201a\u201b\u2039\u203a\u2032\u00b4`\uff07"
_ESCAPED = re.compile(r"""\\(["\\$`])""")


def _closed(marks: str) -> re.Pattern[str]:
    r"""Match a quotation up to the first closing mark that ends a word, or that another quotation follows directly.

    The alternatives start with different characters, so the pattern never backtracks.
    """
    end = rf"[{marks}](?=\s|$|[{_DOUBLE}{_SINGLE}])"
    escapes = r"\\." if marks == '"' else r"\\"
    return re.compile(rf"[{marks}]((?:[^{marks}\\]|{escapes}|(?!{end})[{marks}])*){end}", re.DOTALL)


# A plain mark closes a plain one; only if none does, the mail program may have made the closing one typographic.
_QUOTATIONS = tuple((marks, _closed(marks)) for marks in ('"', "'", _DOUBLE, _SINGLE))

_Quotations = list[tuple[str, re.Pattern[str]]]
"""The marks that may still open a quotation on this line, each with the pattern of the quotation."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a line."""

    text: str
    quoted: bool = False
    """True if any part of the word was quoted; the word is then taken literally."""


def split(line: str) -> tuple[Word, ...]:
    """Split a line into words; no text is an error."""
    return tuple(_words(line))


def _words(line: str) -> Iterator[Word]:
    at, quotations = 0, list(_QUOTATIONS)
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        word, at = _word(line, at, quotations)
        if word.text or word.quoted:
            yield word


def _word(line: str, at: int, quotations: _Quotations) -> tuple[Word, int]:
    """Return the word that begins at this position, and where it ends."""
    parts: list[str] = []
    quoted, may_open = False, True
    while at < len(line) and not line[at].isspace():
        found = _quotation(line, at, quotations) if may_open else None
        if found:
            parts.append(_ESCAPED.sub(r"\1", found[1]) if line[at] == '"' else found[1])
            quoted, at = True, found.end()
            continue
        # Invisible characters, such as a byte order mark, are not part of a word.
        if unicodedata.category(line[at]) != "Cf":
            parts.append(line[at])
            may_open = line[at] == "="
        at += 1
    return Word("".join(parts), quoted), at


def _quotation(line: str, at: int, quotations: _Quotations) -> re.Match[str] | None:
    """The quotation that begins here. A mark that nothing closes is dropped: nothing can close a later one either."""
    for each in [each for each in quotations if line[at] in each[0]]:
        if found := each[1].match(line, at):
            return found
        quotations.remove(each)
    return None
