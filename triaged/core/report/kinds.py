"""Is it a report at all? Spam, letters, questions and offers are told from reports by what they say and by what they lack.

Losing a real report is the costly error, so whatever speaks for a report weighs against every other kind, and a mail that has
the sections of a report under their headings is one, whatever else it says.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from triaged.core.policy.rules import KindName, Kinds, Part, ScopeName
from triaged.core.report.languages import in_known_language
from triaged.core.report.parts import Hit, PartText
from triaged.core.report.report import Band, Reason

_FACTORS: dict[Part, float] = {"title": 1.5, "lead": 1.2, "body": 1.0, "impact": 1.0, "quoted": 0.3}
_MOST_PHRASES = 6
"""So many phrases of one rule count in one part: a text that lists them all is no surer than one that uses them."""
_LEAST, _LEAST_HIGH = 4.0, 6.0
_MARGIN, _MARGIN_HIGH = 1.5, 3.0
_WORDS_OF_THE_TRADE = 0.5
_HEADED = 6.0
_LONG = 40
"""Words from which on a report would have said what it is about."""
_ONE_WORD = 2.0
_FEW_COMMON_WORDS = 8.0
_REPORTS = 4.0
_ANY_REPORT_WORD, _MANY_SUBJECT_WORDS = 2.0, 8.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What a mail is, how sure that is, and why."""

    name: KindName
    band: Band
    reasons: tuple[Reason, ...]
    report_words: float = 0.0
    """How much of what reports say it says, whatever it is about."""
    subject_words: float = 0.0
    """How much of what only one scope's reports say it says."""

    @property
    def reports(self) -> bool:
        """Whether it surely reports something, so that only its scope is left to find."""
        return self.report_words + self.subject_words >= _REPORTS

    @property
    def speaks_as_reports_do(self) -> bool:
        """Whether words of reports are in it, or many of one scope's; people also just talk of libraries and models."""
        return self.report_words >= _ANY_REPORT_WORD or self.subject_words >= _MANY_SUBJECT_WORDS


def kind_of(parts: Sequence[PartText], scope_hits: Sequence[Hit], kinds: Kinds) -> Kind:
    """The kind of a mail, from its parts and from what the scopes' rules found in them."""
    structure = _structure(parts)
    hits = [*structure, *_kind_hits(parts, kinds)]
    totals: defaultdict[KindName, float] = defaultdict(float)
    for kind, hit in hits:
        totals[kind] += hit.score
    in_scope = [hit for hit in scope_hits if hit.reason.scope != "out-of-scope" and hit.reason.part != "quoted"]
    strong = sum(hit.score for hit in in_scope if hit.strong)
    weak = sum(hit.score for hit in in_scope if not hit.strong)
    own = totals.pop("report", 0.0)
    if not kinds.rules:
        # A policy that tells no kinds apart: everything is a report.
        return Kind("report", "low", (), _ANY_REPORT_WORD, strong)
    against = own + strong + _WORDS_OF_THE_TRADE * weak
    if not structure and sum(totals.values()) >= max(_LEAST, _MARGIN * against):
        name = max(totals, key=lambda kind: totals[kind])
        sure = totals[name] >= max(_LEAST_HIGH, _MARGIN_HIGH * against)
        return Kind(name, "high" if sure else "low", _reasons(hits, name))
    if _next_to_nothing(own, strong, weak, long=_length(parts) >= _LONG) and _says_something_else(parts, in_scope):
        return Kind("other", "low", (_silence(parts),))
    return Kind("report", "low", _reasons(hits, "report"), own, strong)


def _next_to_nothing(own: float, strong: float, weak: float, *, long: bool) -> bool:
    """Whether so little speaks for a report that a text of this length cannot be one."""
    return weak < _FEW_COMMON_WORDS and (own < _ONE_WORD and strong < _ONE_WORD if long else own < 1 and not strong)


def _structure(parts: Sequence[PartText]) -> list[tuple[KindName, Hit]]:
    """What it weighs that something stands under a heading for impact."""
    headed = [part for part in parts if part.name == "impact" and part.words.words]
    return [("report", Hit(Reason("kind.report", "unclear", part.name, part.quote(0, 0)), _HEADED)) for part in headed]


def _kind_hits(parts: Sequence[PartText], kinds: Kinds) -> list[tuple[KindName, Hit]]:
    """Every rule that speaks for a kind, in every part in which it does."""
    spoken: list[tuple[KindName, Hit]] = []
    for rule in kinds.rules:
        scope: ScopeName = "unclear" if rule.kind == "report" else "out-of-scope"
        for part in parts:
            if found := part.of(rule.phrases):
                score = rule.weight * min(len(found), _MOST_PHRASES) * _FACTORS[part.name]
                quote = part.quote(found[0].start, found[0].end)
                spoken.append((rule.kind, Hit(Reason(rule.id, scope, part.name, quote), score)))
    return spoken


def _says_something_else(parts: Sequence[PartText], in_scope: Sequence[Hit]) -> bool:
    """Whether it is some text in a language we have words for, and not about a model: jailbreaks need no security words."""
    words = [word for part in parts if part.name != "quoted" for word in part.words.words]
    return in_known_language(words) and not any(hit.reason.scope == "model" for hit in in_scope)


def _length(parts: Sequence[PartText]) -> int:
    return sum(len(part.words.words) for part in parts if part.name != "quoted")


def _silence(parts: Sequence[PartText]) -> Reason:
    part = next((part for part in parts if part.words.words), parts[0])
    return Reason("kind.other", "out-of-scope", part.name, part.quote(0, 0))


def _reasons(hits: Sequence[tuple[KindName, Hit]], name: KindName) -> tuple[Reason, ...]:
    ranked = sorted((hit for kind, hit in hits if kind == name), key=lambda hit: -hit.score)
    return tuple(hit.reason for hit in ranked)
