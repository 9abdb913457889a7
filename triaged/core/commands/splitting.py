"""A line taken apart into words, as a shell does it; but people write it in mail programs, so nothing in it is an error.

A quotation mark opens a quotation at the beginning of a word alone, and only if another one ends it at the end of a word: an
apostrophe is a letter. Typographic marks are as good as plain ones. What parts words may be any white space.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_DOUBLE = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u301d\u301e\u301f\uff02'
_SINGLE = "'\u2018\u2019\u201a\u201b\u2039\u203a\u2032\u00b4`\uff07"
_ESCAPED = re.compile(r"""\\(["\\$`])""")


def _closed(marks: str) -> re.Pattern[str]:
    r"""A quotation: up to the first closing mark with the end of a word, or a further quotation, behind it.

    The alternatives begin with different characters, so that nothing is tried twice.
    """
    end = rf"[{marks}](?=\s|$|[{_DOUBLE}{_SINGLE}])"
    escapes = r"\\." if marks == '"' else r"\\"
    return re.compile(rf"[{marks}]((?:[^{marks}\\]|{escapes}|(?!{end})[{marks}])*){end}", re.DOTALL)


# A plain mark is closed by its like; only where there is none did a mail program turn the other one into a typographic mark.
_QUOTATIONS = tuple((marks, _closed(marks)) for marks in ('"', "'", _DOUBLE, _SINGLE))

_Quotations = list[tuple[str, re.Pattern[str]]]
"""Which marks may still open a quotation on a line, and how it ends."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word."""

    text: str
    quoted: bool = False
    """True if any of it stood in quotation marks: then it is what it says, to the letter."""


def split(line: str) -> tuple[Word, ...]:
    """The words of a line; every text has some reading."""
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
    """The word that begins there, and where it ends."""
    parts: list[str] = []
    quoted, may_open = False, True
    while at < len(line) and not line[at].isspace():
        found = _quotation(line, at, quotations) if may_open else None
        if found:
            parts.append(_ESCAPED.sub(r"\1", found[1]) if line[at] == '"' else found[1])
            quoted, at = True, found.end()
            continue
        # What is invisible, as a byte order mark, is no part of a word.
        if unicodedata.category(line[at]) != "Cf":
            parts.append(line[at])
            may_open = line[at] == "="
        at += 1
    return Word("".join(parts), quoted), at


def _quotation(line: str, at: int, quotations: _Quotations) -> re.Match[str] | None:
    """The quotation that begins there. Marks that nothing closes are taken off the list: nothing closes a later one either."""
    for each in [each for each in quotations if line[at] in each[0]]:
        if found := each[1].match(line, at):
            return found
        quotations.remove(each)
    return None
