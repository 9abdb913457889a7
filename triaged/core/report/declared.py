"""What a reporter says beside the finding: plans to publish, use by attackers, wishes. Known by the policy's words."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from triaged.core.phrases import Found
from triaged.core.policy.rules import Hints, WordList
from triaged.core.report.dates import first_date, first_day, first_length
from triaged.core.report.others import assisted, credit_wish, informed_elsewhere
from triaged.core.report.pointers import Place
from triaged.core.report.prose import Prose
from triaged.core.report.report import Certainty, FactKind

_REACH = 160
_MOST = 200
# An abbreviation's or a version's dot ends no sentence.
# A line that begins with a mark of a list begins a sentence; one that begins with a date goes on.
# "1. March" is a day.
_SENTENCE_END = re.compile(
    r"(?:(?<!\b\d)(?<!\b\d\d)\.|[!?;])(?=\s|$)|[。！？；]|\n\s{0,9}\n|\n\s{0,9}(?=[-*•]\s|\d{1,2}[.)]\s)"
)


@dataclass(frozen=True, slots=True)
class Said:
    """The policy's words in a text: each list's places, in the order of the text."""

    text: str
    places: Mapping[WordList, tuple[Found, ...]]

    def of(self, name: WordList) -> tuple[Found, ...]:
        """Where words of that list stand; at most two hundred places, but of denials all."""
        return self.places.get(name, ())


def said(prose: Prose, hints: Hints) -> Said:
    """The words of every list, each at its places."""
    places: dict[WordList, list[Found]] = {}
    for found in prose.found:
        for name in hints.lists.get(found.phrase, ()):
            if len(kept := places.setdefault(name, [])) < _MOST or name == "denials":
                kept.append(found)
    return Said(prose.whole, {name: tuple(kept) for name, kept in places.items()})


def _published(words: Said) -> Iterator[Place]:
    yield from _dated(words, "publish", first_date, first_length)


def _tested(words: Said) -> Iterator[Place]:
    yield from _dated(words, "tested", first_date, first_day)


_Reader = Callable[[str], Place | None]


def _dated(words: Said, name: WordList, *readers: _Reader) -> Iterator[Place]:
    """What the readers find in the sentence of such a word: behind it first, else before it."""
    for found in words.of(name):
        behind = _SENTENCE_END.split(words.text[found.end : found.end + _REACH], maxsplit=1)[0]
        before = _sentence_before(words.text, found.start)
        for reader in readers:
            if place := reader(behind):
                yield place[0], found.start, found.end + place[2]
                break
            # In a timeline the date stands before the words, on their own line.
            line = before.rpartition("\n")[2]
            if place := reader(line) or reader(before):
                yield place[0], found.start - len(line if reader(line) else before) + place[1], found.end
                break


def certainty_of(words: Said, start: int, end: int) -> Certainty:
    """How sure a plan is: the words of a condition or of an intention in its sentence, or none of them."""
    first = start - len(_sentence_before(words.text, start))
    last = end + len(_SENTENCE_END.split(words.text[end : end + _REACH], maxsplit=1)[0])
    for certainty in _UNSURE:
        if any(first <= found.start < last for found in words.of(certainty)):
            return certainty
    return "firm"


_UNSURE: tuple[Literal["conditional", "planned"], ...] = ("conditional", "planned")


def _exploited(words: Said) -> Iterator[Place]:
    """Where it is said to be used by attackers, unless the sentence says before that it is not, or might be."""
    yield from _undenied(words, "exploited")


def _undenied(words: Said, name: WordList) -> Iterator[Place]:
    denials = [denial.start for denial in words.of("denials")]
    for found in words.of(name):
        start = found.start - len(_sentence_before(words.text, found.start))
        if bisect_left(denials, start) == bisect_left(denials, found.start):
            yield words.text[found.start : found.end].lower(), found.start, found.end


def _sentence_before(text: str, end: int) -> str:
    return _SENTENCE_END.split(text[max(end - _REACH, 0) : end])[-1]


def _words(name: WordList) -> Callable[[Said], Iterator[Place]]:
    def found_in(words: Said) -> Iterator[Place]:
        return ((words.text[found.start : found.end].lower(), found.start, found.end) for found in words.of(name))

    return found_in


def _or_words(finder: Callable[[str], Iterator[Place]], words: Said, name: WordList) -> Iterator[Place]:
    """What the finder tells, or else the policy's words."""
    found = tuple(finder(words.text))
    yield from found or _words(name)(words)


DECLARED: dict[FactKind, Callable[[Said], Iterator[Place]]] = {
    "tested": _tested,
    "publish": _published,
    "exploited": _exploited,
    "reward": _words("reward"),
    "payment": _words("payment"),
    "threat": _words("threat"),
    "credit": lambda words: _or_words(credit_wish, words, "credit"),
    "assistance": lambda words: _or_words(assisted, words, "assistance"),
    "informed": lambda words: chain(informed_elsewhere(words.text), _undenied(words, "informed")),
}
"""Kind of fact to what finds it among the policy's words."""
