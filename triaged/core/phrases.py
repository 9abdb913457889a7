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


_Rest = tuple[tuple[str, ...], str]
_PREFIX = 3


class Phrasebook:
    """Phrases by how their first word begins."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_word: dict[str, list[_Rest]] = {}
        self._by_prefix: dict[str, list[tuple[str, _Rest]]] = {}
        """By the first three letters of a beginning, which is looked up once for each word."""
        for phrase in dict.fromkeys(phrases):
            first, *rest = _PATTERN.findall(phrase.lower()) or [""]
            beginning = first.removesuffix("*")
            if not beginning:
                continue
            if first.endswith("*"):
                self._by_prefix.setdefault(beginning[:_PREFIX], []).append((beginning, (tuple(rest), phrase)))
            else:
                self._by_word.setdefault(beginning, []).append((tuple(rest), phrase))
        self._short = sorted({len(prefix) for prefix in self._by_prefix if len(prefix) < _PREFIX})

    def found(self, text: Words) -> Iterator[Found]:
        """Every phrase at every place where it stands, in the order of the text."""
        begun: dict[str, tuple[_Rest, ...]] = {}
        after = (*text.words[1:], "")
        for at, word in enumerate(text.words):
            known = begun.get(word)
            if known is None:
                known = begun[word] = tuple(self._begun_by(word))
            for rest, phrase in known:
                # Most are refused by the next word alone.
                if rest and rest[0] != after[at] and rest[0][-1] != "*":
                    continue
                end = at + 1 + len(rest)
                if not rest or _fits(rest, text.words[at + 1 : end]):
                    yield Found(phrase, text.starts[at], text.ends[end - 1])

    def _begun_by(self, word: str) -> Iterator[_Rest]:
        yield from self._by_word.get(word, ())
        for length in (*self._short, _PREFIX):
            for beginning, rest in self._by_prefix.get(word[:length], ()) if length <= len(word) else ():
                if word.startswith(beginning):
                    yield rest


def _fits(sought: tuple[str, ...], words: tuple[str, ...]) -> bool:
    if sought == words:
        return True
    return len(sought) == len(words) and all(
        word == pattern or (pattern[-1] == "*" and word.startswith(pattern[:-1]))
        for pattern, word in zip(sought, words, strict=True)
    )
