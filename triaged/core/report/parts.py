"""A report cut into its parts, and which of the policy's phrases stand in each: because *where* a word stands decides."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from triaged.core.phrases import Found, Words
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import Part, SignName
from triaged.core.report.prose import Prose
from triaged.core.report.report import Reason
from triaged.core.report.signs import signs_in
from triaged.core.text import quoted

_LEAD = 400
_AROUND = 50
_QUOTE = 120
_BLOCK, _LISTED, _PARTLY_LISTED = 20, 0.75, 0.4
"""Of so many words such a share in phrases of the policy is a list of keywords; in real reports it is at most two thirds."""
_NEAR = 120
"""Characters between an order and what belongs to it."""


@dataclass(frozen=True)
class PartText:
    """One part of a report, cut into words."""

    name: Part
    words: Words
    """Its words, at their places in the whole text."""
    text: str
    """What is told of something, not to sway whoever sorts it: without lists of keywords. Shapes are looked for in this."""
    found: dict[str, Found]
    """Phrase to its first place, of what is told."""
    every: frozenset[str]
    """Every phrase that stands here, those in lists too: enough to veto a rule, be it only a trick."""

    def of(self, phrases: Collection[str]) -> list[Found]:
        """Those of the phrases that stand here, in the order of the text."""
        # Few stand here and a rule has many: a set is asked for each that stands here.
        here = [found for phrase, found in self.found.items() if phrase in phrases]
        return sorted(here, key=lambda each: each.start) if here else here

    @cached_property
    def signs(self) -> Mapping[SignName, tuple[int, int]]:
        """The shapes in what is told, each with its first place."""
        return signs_in(self.text)

    def quote(self, start: int, end: int) -> str:
        """The words there with some of the whole words around them, made visible."""
        first = self.words.starts[0] if self.words.starts else start
        text = self.words.text[first : self.words.ends[-1]] if self.words.ends else self.words.text
        start, end = max(start - first, 0), max(min(end, start + _AROUND) - first, 0)
        return quoted(text, start, end, around=_AROUND, limit=_QUOTE)


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that spoke in one part, and how loud."""

    reason: Reason
    score: float
    strong: bool = False
    """True if it says what a report is about, and not only with words that any report may use."""


def parts_of(prose: Prose, policy: Policy) -> tuple[PartText, ...]:
    """The parts of a mail, empty ones too."""
    lead_end = _lead_end(prose)
    impact = [(start, end) for start, end, section in prose.headed if section == "impact"]
    ranges: tuple[tuple[Part, Words, Sequence[Found], Sequence[tuple[int, int]]], ...] = (
        ("title", prose.words, prose.found, ((0, prose.title_end),)),
        ("lead", prose.words, prose.found, tuple(_outside(prose.title_end + 1, lead_end, impact))),
        ("body", prose.words, prose.found, tuple(_outside(lead_end, len(prose.whole), impact))),
        ("impact", prose.words, prose.found, impact),
        ("quoted", prose.quoted, prose.quoted_found, ((0, len(prose.quoted.text)),)),
    )
    return tuple(_part(name, words, found, places, policy) for name, words, found, places in ranges)


def _part(
    name: Part, words: Words, every: Sequence[Found], places: Sequence[tuple[int, int]], policy: Policy
) -> PartText:
    own = _cut(words, places)
    begun = [each.start for each in every]
    here = [each for start, end in places for each in every[bisect_left(begun, start) : bisect_left(begun, end)]]
    listed = _listed([each for each in here if each.phrase in policy.scopes.phrases], own)
    orders = policy.hints.words.get("orders", ())
    ordered = [each.start for each in here if each.phrase in orders]
    found: dict[str, Found] = {}
    for each in here:
        if not (listed and _block(own, _word(own, each.start)) in listed) and not _beside(each.start, ordered):
            found.setdefault(each.phrase, each)
    text = "\n".join(_without(listed, own, start, end) for start, end in places)
    return PartText(name, own, text, found, frozenset(each.phrase for each in here))


def _cut(words: Words, places: Sequence[tuple[int, int]]) -> Words:
    """The words of those places, which are still those in the whole."""
    ranges = [(bisect_left(words.starts, start), bisect_left(words.starts, end)) for start, end in places]
    kept = [(words.words[a:b], words.starts[a:b], words.ends[a:b]) for a, b in ranges]
    return Words(
        words.text,
        tuple(chain.from_iterable(each for each, _, _ in kept)),
        tuple(chain.from_iterable(each for _, each, _ in kept)),
        tuple(chain.from_iterable(each for _, _, each in kept)),
    )


def _outside(start: int, end: int, impact: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What of a range lies outside those of the impact."""
    for begun, done in impact:
        if begun < end and done > start:
            if begun > start:
                yield start, begun
            start = done
    if end > start:
        yield start, end


def _without(listed: set[int], words: Words, start: int, end: int) -> str:
    """A range of the text with the lists of keywords blanked out, every other character at its place."""
    if not listed:
        return words.text[start:end]
    pieces, behind = [], start
    first, last = bisect_left(words.starts, start), bisect_left(words.starts, end)
    for at in range(first, last):
        if _block(words, at) in listed:
            pieces += [words.text[behind : words.starts[at]], " " * (words.ends[at] - words.starts[at])]
            behind = words.ends[at]
    return "".join([*pieces, words.text[behind:end]])


def _listed(found: Sequence[Found], words: Words) -> set[int]:
    """The blocks of words that are hardly anything but phrases of the scopes' rules, and where such a list begins and ends."""
    if not found:
        return set()
    covered = {at for each in found for at in range(_word(words, each.start), _word(words, each.end - 1) + 1)}
    sizes = Counter(_block(words, at) for at in covered)
    last, length = _block(words, len(words.words)), len(words.words)
    lengths = {block: length - block * _BLOCK if block == last else _BLOCK for block in sizes}
    shares = {block: size / lengths[block] for block, size in sizes.items() if lengths[block] >= _BLOCK / 2}
    listed = {block for block, share in shares.items() if share >= _LISTED}
    beside = {block + step for block in listed for step in (-1, 1)}
    return listed | {block for block in beside if shares.get(block, 0.0) >= _PARTLY_LISTED}


def _block(words: Words, at: int) -> int:
    """Which block the word belongs to; less than half a block at the end belongs to the one before."""
    blocks = max((len(words.words) + _BLOCK // 2) // _BLOCK, 1)
    return min(at // _BLOCK, blocks - 1)


def _word(words: Words, place: int) -> int:
    return bisect_right(words.starts, place) - 1


def _beside(place: int, ordered: Sequence[int]) -> bool:
    after = bisect_right(ordered, place - _NEAR)
    return after < len(ordered) and ordered[after] < place + _NEAR


def _lead_end(prose: Prose) -> int:
    """Where the first sentences end: at the line break after some 400 characters that do not stand under impact."""
    start = prose.title_end + 1
    for begun, done, section in prose.headed:
        if section == "impact" and done <= start + _LEAD:
            start += done - begun
    if len(prose.whole) <= start + _LEAD:
        return len(prose.whole)
    end = prose.whole.find("\n", start + _LEAD)
    return end if 0 <= end < start + 2 * _LEAD else start + _LEAD
