"""A report cut into its parts, and which of the policy's phrases stand in each: because *where* a word stands decides."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triaged.core.mail.message import Message
from triaged.core.phrases import Found, Words, words_of
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import Part
from triaged.core.report.headings import Names, as_heading, heading_names
from triaged.core.report.report import Reason
from triaged.core.text import quoted

_TEXT = 64_000
_LEAD = 400
_AROUND = 50
_QUOTE = 120
_BLOCK, _LISTED, _PARTLY_LISTED = 20, 0.75, 0.4
"""Of so many words such a share in phrases of the policy is a list of keywords; in real reports it is at most two thirds."""
_NEAR = 120
"""Characters between an order and what belongs to it."""


@dataclass(frozen=True, slots=True)
class PartText:
    """One part of a report, cut into words."""

    name: Part
    words: Words
    text: str
    """What is told of something, not to sway whoever sorts it: without lists of keywords. Shapes are looked for in this."""
    found: dict[str, Found]
    """Phrase to its first place, of what is told."""
    every: frozenset[str]
    """Every phrase that stands here, those in lists too: enough to veto a rule, be it only a trick."""

    def of(self, phrases: Iterable[str]) -> list[Found]:
        """Those of the phrases that stand here, in the order of the text."""
        return sorted((self.found[phrase] for phrase in phrases if phrase in self.found), key=lambda each: each.start)

    def quote(self, start: int, end: int) -> str:
        """The words there with some of the whole words around them, made visible."""
        return quoted(self.words.text, start, min(end, start + _AROUND), around=_AROUND, limit=_QUOTE)


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that spoke in one part, and how loud."""

    reason: Reason
    score: float
    strong: bool = False
    """Whether it says what a report is about, and not only with words that any report may use."""


def parts_of(message: Message, policy: Policy) -> tuple[PartText, ...]:
    """The parts of a message, empty ones too, each looked through once for every phrase of the policy."""
    told, impact = _impact_apart(message.text[:_TEXT], heading_names(policy.sections))
    cut = _lead_end(told)
    texts: tuple[tuple[Part, str], ...] = (
        ("title", message.subject[:_TEXT]),
        ("lead", told[:cut]),
        ("body", told[cut:]),
        ("impact", impact),
        ("quoted", message.quoted[:_TEXT]),
    )
    return tuple(_part(name, words_of(text), policy) for name, text in texts)


def _part(name: Part, words: Words, policy: Policy) -> PartText:
    every = list(policy.phrasebook.found(words))
    listed = _listed([each for each in every if each.phrase in policy.scopes.phrases], words)
    orders = policy.hints.words.get("orders", ())
    ordered = [each.start for each in every if each.phrase in orders]
    found: dict[str, Found] = {}
    for each in every:
        if _block(words, _word(words, each.start)) not in listed and not _beside(each.start, ordered):
            found.setdefault(each.phrase, each)
    return PartText(name, words, _without(listed, words), found, frozenset(each.phrase for each in every))


def _without(listed: set[int], words: Words) -> str:
    """The text with the lists of keywords blanked out, every other character at its place."""
    if not listed:
        return words.text
    pieces, behind = [], 0
    for at, (start, end) in enumerate(zip(words.starts, words.ends, strict=True)):
        if _block(words, at) in listed:
            pieces += [words.text[behind:start], " " * (end - start)]
            behind = end
    return "".join([*pieces, words.text[behind:]])


def _listed(found: Sequence[Found], words: Words) -> set[int]:
    """The blocks of words that are hardly anything but phrases of the scopes' rules, and where such a list begins and ends."""
    covered = {at for each in found for at in range(_word(words, each.start), _word(words, each.end - 1) + 1)}
    sizes = Counter(_block(words, at) for at in covered)
    lengths = Counter(_block(words, at) for at in range(len(words.words)))
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


def _impact_apart(text: str, names: Names) -> tuple[str, str]:
    """The text without what stands under a heading for impact, and that: it names consequences, not what was found."""
    told: list[str] = []
    impact: list[str] = []
    into = told
    for line in text.split("\n"):
        section, rest = as_heading(line, names)
        if section:
            into = impact if section == "impact" else told
            into.append(rest)
        else:
            into.append(line)
    return "\n".join(told), "\n".join(impact)


def _lead_end(text: str) -> int:
    """Where the first sentences end: at the line break after some 400 characters."""
    if len(text) <= _LEAD:
        return len(text)
    end = text.find("\n", _LEAD)
    return end if 0 <= end < 2 * _LEAD else _LEAD
