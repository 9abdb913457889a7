"""Find many phrases in one pass over a text's words: linear in the text, however many phrases there are.

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
    """A text split into words, each with its position in the text."""

    text: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase and its position in the text."""

    phrase: str
    start: int
    end: int


def words_of(text: str) -> Words:
    """Split a text into words."""
    spans = [match.span() for match in _WORD.finditer(text)]
    starts, ends = zip(*spans, strict=True) if spans else ((), ())
    return Words(text, tuple([text[start:end].lower() for start, end in spans]), starts, ends)


_PREFIX = 3


@dataclass(slots=True)
class _Node:
    """A node in the tree of phrases: the phrases that end here, and the words that may follow."""

    ends: list[tuple[int, str]] = field(default_factory=list)
    """Phrases, each with its rank."""
    next: dict[str, "_Node"] = field(default_factory=dict)
    beginnings: list[tuple[str, "_Node"]] = field(default_factory=list)
    """The prefixes with which the next word may start."""

    def after(self, pattern: str) -> "_Node":
        """The node for one further word, created if it is missing."""
        beginning = pattern.removesuffix("*")
        if beginning == pattern:
            return self.next.setdefault(pattern, _Node())
        node = next((node for each, node in self.beginnings if each == beginning), None)
        if node is None:
            self.beginnings.append((beginning, node := _Node()))
        return node


class Phrasebook:
    """A tree of phrases, word by word. Tables hold the first words, looked up once for each word of a text."""

    def __init__(self, phrases: Iterable[str]) -> None:
        root = _Node()
        self.phrases = tuple(dict.fromkeys(phrases))
        """All phrases, without repetitions, in the order given."""
        for rank, phrase in enumerate(self.phrases):
            node = root
            for word in _PATTERN.findall(phrase.lower()):
                node = node.after(word)
            if node is not root:
                node.ends.append((rank, phrase))
        self._by_word = root.next
        self._by_prefix: dict[str, list[tuple[str, _Node]]] = {}
        """First words that end in `*`, by the first three letters of their prefix."""
        for beginning, node in root.beginnings:
            self._by_prefix.setdefault(beginning[:_PREFIX], []).append((beginning, node))
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix})

    def found(self, text: Words) -> Iterator[Found]:
        """Every occurrence of every phrase, in the order of the text; at one position in the order of the book."""
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
    """The phrases that end at these nodes: rank, phrase, and the number of the word after it."""
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
