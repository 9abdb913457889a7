"""Our own words in an answer, whatever client quoted them: subtracted before anything is read, in every language at once.

We hold the bytes of every letter that we sent. A run of words that stands in one of them is ours, however the client wrapped,
marked or indented it; so is the heading that the client put above the run.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

_WORD = re.compile(r"\w+")
_RUN = 4
"""Words in a row that must stand in the letter: fewer stand in everybody's mails."""
_LEAST = 7
"""A shorter run within a line of other words stays: a reporter may use some words of ours in a sentence."""
_PASSAGE = 14
"""A run as long is a passage of the letter that a client quotes: a command that somebody copies out of it is shorter."""
_LABEL = re.compile(r"^\W{0,8}[^\W\d_][^:\uff1a]{0,30}[:\uff1a]")
_MARKS = re.compile(r"^[\s>|]+|\s+$")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ADDRESS_OR_DATE = re.compile(r"\d|@")
_TIME = re.compile(r"\d{4}|\d[:.h]\d\d")
_LABELS = 8
"""Lines that a client's block of header fields may have."""
_ATTRIBUTION = 3
"""Lines over which a client may have wrapped `On DATE, NAME wrote:`."""


def without_echo(text: str, letters: Iterable[str]) -> tuple[str, str]:
    """What is not ours in a text, and what is: our letters' words and the headings above them. Linear in both."""
    lines = text.split("\n")
    left = list(_left(lines, _grams(letters)))
    ours = [own is None for own in left]
    for at in range(1, len(lines)):
        ours[at] |= ours[at - 1] and _only_marks(lines[at])
    for first in [at for at in range(1, len(lines)) if ours[at] and not ours[at - 1]]:
        for at in _heading(lines, ours, first):
            ours[at] = True
    kept = "\n".join(own or "" for own, echoed in zip(left, ours, strict=True) if not echoed)
    return kept.strip(), "\n".join(line for line, echoed in zip(lines, ours, strict=True) if echoed).strip()


def above_echo(text: str, letters: Iterable[str]) -> str:
    """What stands above the first long passage of ours and the client's heading. A line of ours that was copied stays.

    Linear, as `without_echo` is.
    """
    lines = text.split("\n")
    found = [(number, word) for number, line in enumerate(lines) for word in _WORD.finditer(line)]
    runs = _runs([word.group().casefold() for _, word in found], _grams(letters))
    first = next((number for (number, _), run in zip(found, runs, strict=True) if run >= _PASSAGE), len(lines))
    heading = _heading(lines, [False] * len(lines), first)
    return "\n".join(lines[: heading.start if heading else first])


def _grams(letters: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """Every run of words of the letters."""
    spoken = ([word.group().casefold() for word in _WORD.finditer(letter)] for letter in letters)
    return frozenset(tuple(words[at : at + _RUN]) for words in spoken for at in range(len(words) - _RUN + 1))


def _left(lines: Sequence[str], grams: frozenset[tuple[str, ...]]) -> Iterator[str | None]:
    """What is left of each line without our words; None where it had no others."""
    found = [(number, word) for number, line in enumerate(lines) for word in _WORD.finditer(line)]
    runs = _runs([word.group().casefold() for _, word in found], grams)
    by_line = {number: list(both) for number, both in groupby(zip(found, runs, strict=True), lambda each: each[0][0])}
    for number, line in enumerate(lines):
        words = [(word, run) for (_, word), run in by_line.get(number, ())]
        yield None if words and all(run for _, run in words) else _cut(line, words)


def _runs(words: Sequence[str], grams: frozenset[tuple[str, ...]]) -> list[int]:
    """For each word the length of the run of ours that it stands in; 0 for a word that is not ours."""
    run_of, number, before = [0] * len(words), 0, -2
    for at in range(len(words) - _RUN + 1):
        if tuple(words[at : at + _RUN]) in grams:
            # Two runs that touch are two: one long run is ours, and a sentence may hold two short ones.
            number += at != before + 1
            run_of[at : at + _RUN] = [number] * _RUN
            before = at
    lengths = Counter(run_of)
    return [lengths[run] if run else 0 for run in run_of]


def _cut(line: str, words: Sequence[tuple[re.Match[str], int]]) -> str:
    """The line without the long runs of ours in it."""
    gone = [word.span() for word, run in words if run >= _LEAST]
    if not gone:
        return line
    first, last = gone[0][0], gone[-1][1]
    between = [line[stop:begin] for (_, stop), (begin, _) in pairwise(gone)]
    return f"{line[:first]} {' '.join(part for part in between if _WORD.search(part))} {line[last:]}".strip()


def _heading(lines: Sequence[str], ours: Sequence[bool], first: int) -> range:
    """The lines of the heading that a client put above our words; an empty range where it put none."""
    last = next((at for at in range(first - 1, max(-1, first - 5), -1) if _WORD.search(lines[at])), -1)
    if last < 0 or ours[last]:
        return range(0)
    top = last
    while top > max(0, last - _LABELS) and not ours[top - 1] and _labelled(lines[top - 1]):
        top -= 1
    if _labelled(lines[last]) and last - top >= 2:  # noqa: PLR2004 - two labelled lines could be prose
        return range(top, first)
    return _attribution(lines, last, first)


def _attribution(lines: Sequence[str], last: int, first: int) -> range:
    """`On DATE, NAME wrote:` in any language: it ends in a colon, and a date or an address stands in it."""
    if not _bare(lines[last]).endswith((":", "\uff1a")):
        return range(0)
    for top in range(last, max(-1, last - _ATTRIBUTION), -1):
        if not lines[top].strip():
            break
        if _TIME.search(lines[top]):
            return range(top, first)
    return range(last, first) if _ADDRESS_OR_DATE.search(lines[last]) else range(0)


def _only_marks(line: str) -> bool:
    return bool(line.strip()) and not _bare(line)


def _labelled(line: str) -> bool:
    return bool(_LABEL.match(_bare(line)[:60]))


def _bare(line: str) -> str:
    return _MARKS.sub("", _INVISIBLE.sub("", line))
