"""Many phrases found in one pass over a text's words: linear in the text, however many phrases there are.

Words are compared in lower case; hyphens, slashes and line breaks separate words as spaces do, so that `prompt-injection`
is `prompt injection`. In scripts written without spaces each character is a word. A word of a phrase may end in `*` and then
stands for every word that begins so: `hallucinat*`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

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
    spans = [match.span() for match in _WORD.finditer(text)]
    starts, ends = zip(*spans, strict=True) if spans else ((), ())
    return Words(text, tuple([text[start:end].lower() for start, end in spans]), starts, ends)


_PREFIX = 3


@dataclass(slots=True)
class _Node:
    """A place in the tree of phrases: those that end here, and what may follow."""

    ends: list[tuple[int, str]] = field(default_factory=list)
    """Phrases, each with its rank."""
    next: dict[str, "_Node"] = field(default_factory=dict)
    beginnings: list[tuple[str, "_Node"]] = field(default_factory=list)
    """What may follow a word that begins so."""

    def after(self, pattern: str) -> "_Node":
        """The place behind one more word, made if it is not there."""
        beginning = pattern.removesuffix("*")
        if beginning == pattern:
            return self.next.setdefault(pattern, _Node())
        node = next((node for each, node in self.beginnings if each == beginning), None)
        if node is None:
            self.beginnings.append((beginning, node := _Node()))
        return node


class Phrasebook:
    """A tree of phrases, word by word. Its first words are looked up in tables, once for each word of a text."""

    def __init__(self, phrases: Iterable[str]) -> None:
        root = _Node()
        self.phrases = tuple(dict.fromkeys(phrases))
        """All of them, in the order in which they were given."""
        for rank, phrase in enumerate(self.phrases):
            node = root
            for word in _PATTERN.findall(phrase.lower()):
                node = node.after(word)
            if node is not root:
                node.ends.append((rank, phrase))
        self._by_word = root.next
        self._by_prefix: dict[str, list[tuple[str, _Node]]] = {}
        """By the first three letters of a beginning."""
        for beginning, node in root.beginnings:
            self._by_prefix.setdefault(beginning[:_PREFIX], []).append((beginning, node))
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix})

    def found(self, text: Words) -> Iterator[Found]:
        """Every phrase at every place where it stands, in the order of the text; at one place in the order of the book."""
        words, begun = text.words, dict[str, tuple[_Node, ...]]()
        for at, word in enumerate(words):
            nodes = begun.get(word)
            if nodes is None:
                nodes = begun[word] = tuple(self._begun_by(word))
            if nodes and (here := _ends(nodes, words, at + 1)):
                for _, phrase, end in sorted(here) if len(here) > 1 else here:
                    yield Found(phrase, text.starts[at], text.ends[end - 1])

    def _begun_by(self, word: str) -> Iterator[_Node]:
        if node := self._by_word.get(word):
            yield node
        for length in self._lengths:
            for beginning, node in self._by_prefix.get(word[:length], ()) if length <= len(word) else ():
                if word.startswith(beginning):
                    yield node


def _ends(nodes: Sequence[_Node], words: Sequence[str], at: int) -> list[tuple[int, str, int]]:
    """The phrases that end where these places lead to: rank, phrase, and the number of the word behind it."""
    here: list[tuple[int, str, int]] = []
    while nodes:
        word = words[at] if at < len(words) else ""
        following: list[_Node] = []
        for node in nodes:
            if node.ends:
                here += [(rank, phrase, at) for rank, phrase in node.ends]
            if word and (node_after := node.next.get(word)):
                following.append(node_after)
            if word and node.beginnings:
                following += [node_after for beginning, node_after in node.beginnings if word.startswith(beginning)]
        nodes, at = following, at + 1
    return here
