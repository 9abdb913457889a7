"""Where a report belongs, by a small additive model over its parts: because *where* a word stands decides.

A rule speaks once for each part in which it is found; the title counts most, then the lead, then the body. The organisation's
own names outweigh every vocabulary. Out of scope needs words in title or lead, no guard against them, and a clear lead over
everything else: to turn a real report away is the costly error, so a doubt there is `unclear`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from triaged.core.mail.message import Message
from triaged.core.phrases import Found, Phrasebook, Words, words_of
from triaged.core.policy import Assets, Part, Policy, Rule, ScopeName, Scopes
from triaged.core.report.report import Reason, Verdict
from triaged.core.report.signs import SIGNS
from triaged.core.text import visible

_TEXT = 64_000
_LEAD = 500
_AROUND = 50
_ASSET_WEIGHT = 12.0
_EACH_MORE, _MOST_MORE = 0.25, 3
_FACTORS: dict[Part, float] = {"title": 2.0, "lead": 1.2, "body": 0.6, "quoted": 0.2}

_LEAST = 2.0
"""Less evidence than this is no verdict."""
_LEAST_HIGH = 8.0
_MARGIN_LOW = 1.1
_MARGIN_HIGH = 2.2
_MARGIN_OUT = 1.5


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a report, cut into words, and which of the policy's phrases stand in it."""

    name: Part
    words: Words
    found: dict[str, Found]
    """Phrase to its first place."""


@dataclass(frozen=True, slots=True)
class _Hit:
    reason: Reason
    score: float


def classify(message: Message, policy: Policy) -> Verdict:
    """The scope of a message with its reasons: those for the verdict first, then those against it."""
    parts = _parts(message, policy.scopes)
    hits = [*_asset_hits(policy.scopes.assets, parts), *_rule_hits(policy.scopes.rules, parts)]
    totals: defaultdict[ScopeName, float] = defaultdict(float)
    for hit in hits:
        totals[hit.reason.scope] += hit.score
    scope, band = _decided(totals)
    ranked = sorted(hits, key=lambda hit: (hit.reason.scope != scope, -hit.score))
    return Verdict(scope, band, tuple(hit.reason for hit in ranked))


def _parts(message: Message, scopes: Scopes) -> tuple[_Part, ...]:
    text = message.text[:_TEXT]
    cut = _lead_end(text)
    texts: tuple[tuple[Part, str], ...] = (
        ("title", message.subject[:_TEXT]),
        ("lead", text[:cut]),
        ("body", text[cut:]),
        ("quoted", message.quoted[:_TEXT]),
    )
    return tuple(_part(name, words_of(content), scopes.phrasebook) for name, content in texts)


def _part(name: Part, words: Words, book: Phrasebook) -> _Part:
    found: dict[str, Found] = {}
    for each in book.found(words):
        found.setdefault(each.phrase, each)
    return _Part(name, words, found)


def _lead_end(text: str) -> int:
    """Where the first sentences end: at the line break after some 500 characters."""
    if len(text) <= _LEAD:
        return len(text)
    end = text.find("\n", _LEAD)
    return end if 0 <= end < 2 * _LEAD else _LEAD


def _asset_hits(assets: Assets, parts: tuple[_Part, ...]) -> Iterator[_Hit]:
    named: tuple[tuple[str, ScopeName, tuple[str, ...]], ...] = (
        ("asset.host", "infrastructure", assets.hosts),
        ("asset.package", "sdk", assets.packages),
        ("asset.model", "model", assets.models),
    )
    for rule_id, scope, names in named:
        for part in parts:
            if found := _first(part, names):
                yield _hit(rule_id, scope, part, (found[0].start, found[0].end), _ASSET_WEIGHT)


def _rule_hits(rules: Iterable[Rule], parts: tuple[_Part, ...]) -> Iterator[_Hit]:
    own_words = {phrase for part in parts if part.name != "quoted" for phrase in part.found}
    for rule in rules:
        if own_words.intersection(rule.unless):
            continue
        for part in parts:
            if part.name in rule.parts and (hit := _spoken(rule, part)):
                yield hit


def _spoken(rule: Rule, part: _Part) -> _Hit | None:
    """The rule's hit in one part, if it speaks there."""
    if rule.sign:
        match = SIGNS[rule.sign].search(part.words.text)
        return _hit(rule.id, rule.scope, part, match.span(), rule.weight) if match else None
    found = _first(part, rule.phrases)
    if not found:
        return None
    # Different words of one rule add up, but not without end.
    weight = rule.weight * (1 + _EACH_MORE * min(len(found) - 1, _MOST_MORE))
    return _hit(rule.id, rule.scope, part, (found[0].start, found[0].end), weight)


def _first(part: _Part, phrases: Iterable[str]) -> list[Found]:
    """Those of the phrases that stand in the part, in the order of the text."""
    return sorted((part.found[phrase] for phrase in phrases if phrase in part.found), key=lambda found: found.start)


def _hit(rule_id: str, scope: ScopeName, part: _Part, span: tuple[int, int], weight: float) -> _Hit:
    around = part.words.text[max(span[0] - _AROUND, 0) : min(span[1], span[0] + _AROUND) + _AROUND]
    return _Hit(Reason(rule_id, scope, part.name, visible(around, 120)), weight * _FACTORS[part.name])


def _decided(totals: dict[ScopeName, float]) -> tuple[ScopeName, Literal["high", "low"]]:
    ranked = sorted(totals.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < _LEAST:
        return "unclear", "low"
    (scope, best), second = ranked[0], (ranked[1][1] if len(ranked) > 1 else 0.0)
    if scope == "out-of-scope":
        # Sure, or not at all.
        return (scope, "high") if best >= _MARGIN_OUT * second else ("unclear", "low")
    if best < _MARGIN_LOW * second:
        return "unclear", "low"
    return scope, "high" if best >= _LEAST_HIGH and best >= _MARGIN_HIGH * second else "low"
