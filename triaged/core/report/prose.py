"""The one reading of a mail's words: cut once, every phrase looked for once. All that is told of a mail reads this."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar, cast

from triaged.core.mail.message import Message
from triaged.core.phrases import Found, Words, words_of
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import SectionName
from triaged.core.report.headings import as_heading, heading_names
from triaged.core.report.languages import language_of
from triaged.core.text import lowered

_Told = TypeVar("_Told")

_TITLE, _TEXT, _QUOTED = 1_000, 100_000, 64_000
_SIGNED = 64_000
_SENTENCES = 2_000
_WIDE = re.compile(r"[⺀-\uffff]")
# An abbreviation's or a version's dot ends no sentence; a line that begins with a mark of a list begins one.
_SENTENCE = re.compile(r"[^\n]{1,2000}?(?:[.!?;][\"”»)]{0,2}(?=\s)|[。！？；]|(?=\n)|$)|[^\n]{1,2000}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence or line of the text."""

    start: int
    end: int
    section: SectionName | None
    """Of the heading that it stands under, if the policy knows that."""
    words: tuple[str, ...]
    """In lower case."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what the reporter wrote."""

    text: str
    heads: SectionName | None
    """The section that it heads, if the policy knows that heading."""
    rest: str
    """What a heading goes on to say."""


@dataclass(frozen=True, eq=False)
class Prose:
    """What a mail says, cut into words."""

    whole: str
    """The subject, a line break, and what the reporter wrote."""
    title_end: int
    """Where the subject ends in it."""
    words: Words
    """Of the whole."""
    found: tuple[Found, ...]
    """Every phrase of the policy in the whole, in order."""
    quoted: Words
    """What was quoted or forwarded."""
    quoted_found: tuple[Found, ...]
    every_line: tuple[Line, ...]
    """Of what the reporter wrote."""
    headed: tuple[tuple[int, int, SectionName | None], ...]
    """The ranges of the whole by the heading that they stand under; headings themselves are in none."""
    _read: dict[Callable[["Prose"], object], object] = field(default_factory=dict, repr=False)

    @property
    def text(self) -> str:
        """What the reporter wrote, without the subject."""
        return self.whole[self.title_end + 1 :]

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Those that head nothing: "1. Summary", "2. Impact" are numbered, and no steps."""
        return tuple(line.text for line in self.every_line if line.heads is None or line.rest)

    @cached_property
    def lowered(self) -> str:
        """The whole in lower case, every character at its place."""
        return lowered(self.whole)

    def once(self, reading: Callable[["Prose"], _Told]) -> _Told:
        """What this reading finds in the prose, looked for when it is first asked for."""
        if reading not in self._read:
            self._read[reading] = reading(self)
        return cast(_Told, self._read[reading])

    @cached_property
    def title(self) -> Words:
        """The subject's words."""
        return self.cut(0, self.title_end)

    @cached_property
    def body(self) -> Words:
        """The words of what the reporter wrote; places are still those in the whole."""
        return self.cut(self.title_end, len(self.whole))

    @property
    def signed(self) -> tuple[str, ...]:
        """The words that the text is known again by."""
        return self.cut(self.title_end, self.title_end + 1 + _SIGNED).words

    @cached_property
    def language(self) -> str:
        """Two letters of ISO 639-1; empty where it cannot be told."""
        return language_of(self.whole, self.words.words)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of what the reporter wrote, at most two thousand; none of them a heading."""
        return tuple(sentence for _, sentence in zip(range(_SENTENCES), self._sentences(), strict=False))

    @cached_property
    def by_phrase(self) -> dict[str, Found]:
        """Each phrase's first place in what the reporter wrote, without the subject."""
        first: dict[str, Found] = {}
        for each in self.found:
            if each.start > self.title_end:
                first.setdefault(each.phrase, each)
        return first

    @cached_property
    def length(self) -> int:
        """How many words the reporter wrote, as people count them: an address is one, and two characters without spaces are."""
        wide = len(_WIDE.findall(self.text))
        return sum(any(char.isalpha() for char in word) for word in _WIDE.sub(" ", self.text).split()) + wide // 2

    def cut(self, start: int, end: int) -> Words:
        """The words between two places of the whole, with their places in it."""
        first, last = bisect_left(self.words.starts, start), bisect_left(self.words.starts, end)
        words = self.words
        return Words(words.text, words.words[first:last], words.starts[first:last], words.ends[first:last])

    def _sentences(self) -> Iterator[Sentence]:
        for start, end, section in self.headed:
            for match in _SENTENCE.finditer(self.whole, start, end):
                words = self.cut(*match.span()).words
                if words:
                    yield Sentence(*match.span(), section, words)


def prose_of(message: Message, policy: Policy) -> Prose:
    """Read a message's words."""
    title = message.subject[:_TITLE].replace("\n", " ")
    text = message.text[:_TEXT]
    words, quoted = words_of(f"{title}\n{text}"), words_of(message.quoted[:_QUOTED])
    book, names = policy.phrasebook, heading_names(policy.sections)
    lines = tuple(Line(line, *as_heading(line, names)) for line in text.split("\n"))
    return Prose(
        words.text,
        len(title),
        words,
        tuple(book.found(words)),
        quoted,
        tuple(book.found(quoted)),
        lines,
        tuple(_headed(lines, len(title) + 1)),
    )


def _headed(lines: Iterable[Line], start: int) -> Iterator[tuple[int, int, SectionName | None]]:
    """Runs of lines under one heading; `start` is where the first line begins."""
    section: SectionName | None = None
    began = at = start
    for line in lines:
        behind = at + len(line.text) + 1
        if line.heads:
            if at > began:
                yield began, at, section
            section, began = line.heads, behind - 1 - len(line.rest) if line.rest else behind
        at = behind
    if at - 1 > began:
        yield began, at - 1, section
