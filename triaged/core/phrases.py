"""Many phrases found in one pass over a text's words: linear in the text, however many phrases there are.

Words are compared in lower case; hyphens, slashes and line breaks separate words as spaces do, so that `prompt-injection`
is `prompt injection`. In scripts written without spaces each character is a word.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_WORD = re.compile(r"[⺀-\uffff]|[^\W⺀-\uffff]+|[.()=@]")


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
    """Phrases by their first word."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase in dict.fromkeys(phrases):
            words = words_of(phrase).words
            if words:
                self._by_first.setdefault(words[0], []).append((words, phrase))

    def found(self, text: Words) -> Iterator[Found]:
        """Every phrase at every place where it stands, in the order of the text."""
        words = text.words
        for at, word in enumerate(words):
            for sought, phrase in self._by_first.get(word, ()):
                end = at + len(sought)
                if words[at:end] == sought:
                    yield Found(phrase, text.starts[at], text.ends[end - 1])
