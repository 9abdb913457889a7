"""The one reading of a mail's words: cut once, every phrase looked for once. All that is told of a mail reads this."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from triaged.core.mail.message import Message
from triaged.core.phrases import Found, Words, words_of
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import SectionName
from triaged.core.report.headings import as_heading, heading_names
from triaged.core.report.languages import language_of

_TITLE, _TEXT, _QUOTED = 1_000, 100_000, 64_000
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


@dataclass(frozen=True)
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
    headed: tuple[tuple[int, int, SectionName | None], ...]
    """The ranges of the whole by the heading that they stand under; headings themselves are in none."""

    @property
    def text(self) -> str:
        """What the reporter wrote, without the subject."""
        return self.whole[self.title_end + 1 :]

    @cached_property
    def title(self) -> Words:
        """The subject's words."""
        return self.cut(0, self.title_end)

    @cached_property
    def body(self) -> Words:
        """The words of what the reporter wrote; places are still those in the whole."""
        return self.cut(self.title_end, len(self.whole))

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
    whole = f"{title}\n{message.text[:_TEXT]}"
    words, quoted = words_of(whole), words_of(message.quoted[:_QUOTED])
    book = policy.phrasebook
    return Prose(
        whole,
        len(title),
        words,
        tuple(book.found(words)),
        quoted,
        tuple(book.found(quoted)),
        tuple(_headed(whole, len(title) + 1, policy)),
    )


def _headed(whole: str, start: int, policy: Policy) -> Iterator[tuple[int, int, SectionName | None]]:
    """Runs of lines under one heading."""
    names = heading_names(policy.sections)
    section: SectionName | None = None
    began, at = start, start
    for line in whole[start:].split("\n"):
        name, rest = as_heading(line, names)
        if name:
            if at > began:
                yield began, at, section
            section, began = name, at + len(line) - len(rest) if rest else at + len(line) + 1
        at += len(line) + 1
    if len(whole) > began:
        yield began, len(whole), section
