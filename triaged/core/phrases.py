"""Many phrases found in one pass over a text's words: linear in the text, however many phrases there are.

Words are compared in lower case; hyphens, slashes and line breaks separate words as spaces do, so that `prompt-injection`
is `prompt injection`. In scripts written without spaces each character is a word. A word of a phrase may end in `*` and then
stands for every word that begins so: `hallucinat*`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_WORD = re.compile(r"[⺀-\uffff]|[^\W⺀-\uffff]+|[.()=@]")
_PATTERN = re.compile(rf"(?:{_WORD.pattern})\*?")


@dataclass(frozen=True, slots=True)
class Words:
    """A text cut into words, with where each one stands in it."""

    text: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase, and where in the text it stands."""

    phrase: str
    start: int
    end: int


def words_of(text: str) -> Words:
    """Cut a text into words."""
    matches = list(_WORD.finditer(text))
    return Words(
        text,
        tuple(match[0].lower() for match in matches),
        tuple(match.start() for match in matches),
        tuple(match.end() for match in matches),
    )


class Phrasebook:
    """Phrases by how their first word begins."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_word: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._by_beginning: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase in dict.fromkeys(phrases):
            first, *rest = _PATTERN.findall(phrase.lower()) or [""]
            if first:
                table = self._by_beginning if first.endswith("*") else self._by_word
                table.setdefault(first.removesuffix("*"), []).append((tuple(rest), phrase))
        self._lengths = sorted({len(beginning) for beginning in self._by_beginning})

    def found(self, text: Words) -> Iterator[Found]:
        """Every phrase at every place where it stands, in the order of the text."""
        for at, word in enumerate(text.words):
            for rest, phrase in self._begun_by(word):
                end = at + 1 + len(rest)
                if not rest or _fits(rest, text.words[at + 1 : end]):
                    yield Found(phrase, text.starts[at], text.ends[end - 1])

    def _begun_by(self, word: str) -> Iterator[tuple[tuple[str, ...], str]]:
        yield from self._by_word.get(word, ())
        for length in self._lengths:
            if length > len(word):
                return
            yield from self._by_beginning.get(word[:length], ())


def _fits(sought: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return len(sought) == len(words) and all(
        word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern
        for pattern, word in zip(sought, words, strict=True)
    )
