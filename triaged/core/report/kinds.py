"""Is it a report at all? What its writer does decides: tells how a flaw works, asks, demands, offers, complains, announces.

Two readers are heard: the rules, by the words with which letters do what they do, and a table learned from reports and letters.
Losing a real report is the costly error: what shows that its writer has tried something keeps every other kind from being sure.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p

from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import KindName, Kinds, Part, ScopeName
from triaged.core.report.deeds import counts_tries, deeds_in
from triaged.core.report.impact import impact_in
from triaged.core.report.parts import Hit, PartText
from triaged.core.report.prose import Prose
from triaged.core.report.report import Band, Reason
from triaged.core.report.steps import steps_in
from triaged.core.text import visible

_FACTORS: dict[Part, float] = {"title": 1.5, "lead": 1.2, "body": 1.0, "impact": 1.0, "quoted": 0.0}
_MOST_PHRASES = 6
"""So many phrases of one rule count in one part: a text that lists them all is no surer than one that uses them."""
_ONE_WORD = 3.0
"""What one word of one rule weighs says nothing by itself: reports are about invoices and newsletters too."""
_HEADED = 6.0
_MOST_DEEDS = 3
_FEW_WORDS, _BRIEF = 8, 16
_PLAINLY, _STRONGLY = 12.0, 6.0
_PLAIN_LETTER = 5.0
_ANY_REPORT_WORD, _MANY_SUBJECT_WORDS = 2.0, 8.0

# What each reader's finding weighs beside the table's sum; measured on whole kinds of letters held back (docs/scope.md).
_OTHERS, _ALL_OTHERS, _WEAK, _STRONG = 0.3, 0.05, 0.1, 0.03
_STEPS, _DEED, _IMPACT, _HEADING, _DOCUMENT = 0.12, 0.1, 0.12, 0.6, 0.9
_BY_RULES = 0.35
"""What the rules of one kind weigh beside the letters' table, when it is a letter and only its name is left to find."""
_NO_NAME, _BY_TABLE_ALONE = -0.75, -0.45
"""A letter that no kind comes nearer to is `other`."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a mail is, how sure that is, and why."""

    name: KindName
    band: Band
    reasons: tuple[Reason, ...]
    sum: float = 0.0
    """How much it reads as a report, by both readers."""
    says: str = ""
    """The sum that decided, in words."""
    surely: bool = False
    """True if it surely reports something: only then is anything asked for."""
    proves: bool = False
    """True if it shows what its writer did."""
    acts: bool = False
    """True if its writer did anything at all."""
    report_words: float = 0.0
    """How much of what reports say it says, whatever it is about."""
    subject_words: float = 0.0
    """How much of what only one scope's reports say it says."""

    @property
    def speaks_as_reports_do(self) -> bool:
        """True if words of reports are in it, or many of one scope's; people also just talk of libraries and models."""
        return self.report_words >= _ANY_REPORT_WORD or self.subject_words >= _MANY_SUBJECT_WORDS


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What speaks for a report, and what against."""

    table: float
    others: float
    every_other: float
    strong: float
    weak: float
    steps: bool
    deeds: int
    impact: bool
    headed: bool
    document: bool
    """True if an attached document may be the report."""
    counted: bool
    """True if tries were counted."""

    @property
    def silent(self) -> bool:
        """True if it says nothing that reports say, and what another kind says more than once."""
        return self.others >= _PLAIN_LETTER and not (self.strong or self.steps or self.deeds or self.impact)

    @property
    def sum(self) -> float:
        rules = _OTHERS * log1p(max(self.others - _ONE_WORD, 0.0)) + _ALL_OTHERS * log1p(self.every_other)
        shown = _STEPS * self.steps + _DEED * min(self.deeds, _MOST_DEEDS) + _IMPACT * self.impact
        shown += _HEADING * self.headed + _DOCUMENT * self.document
        return self.table - rules + _WEAK * log1p(self.weak) + _STRONG * log1p(self.strong) + shown

    @property
    def acts(self) -> bool:
        """True if the writer did anything; a transcript alone is what somebody was told."""
        return self.deeds > 0 or self.proves

    @property
    def proves(self) -> bool:
        """True if the writer shows what they did, which no letter of another kind does for certain."""
        return (
            self.headed
            or self.document
            or self.counted
            or (self.steps and (self.deeds > 0 or self.strong > 0))
            or self.deeds >= _MOST_DEEDS
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """A mail and what is heard in it, for whoever decides what it is."""

    prose: Prose
    parts: Sequence[PartText]
    hits: Sequence[Hit]
    """What the scopes' rules found."""
    spoken: Sequence[tuple[KindName, Hit]]
    """What the kinds' rules found."""
    traits: frozenset[str]
    """What the tables know it by."""
    document: bool = False
    """True if an attached document may be the report."""


def kind_of(heard: Heard, policy: Policy) -> Kind:
    """The kind of a mail, from its words and from what the rules found in them."""
    spoken = heard.spoken
    totals: defaultdict[KindName, float] = defaultdict(float)
    for kind, hit in spoken:
        totals[kind] += hit.score
    own = totals.pop("report", 0.0)
    weighed = _weighed(heard, totals, own, policy)
    reading, total = policy.reading, weighed.sum
    says = f"{total:+.2f} as a report; a letter below {reading.letter_below:+.2f}"
    below = reading.silent_letter_below if weighed.silent else reading.letter_below
    says = f"{total:+.2f} as a report; a letter below {below:+.2f}"
    if not policy.kinds.rules or total >= below or _spared(heard.prose, weighed, own):
        surely = total >= reading.report_from or heard.prose.length < _FEW_WORDS
        says += f", surely a report from {reading.report_from:+.2f}"
        reasons = _reasons(spoken, "report")
        return Kind("report", "low", reasons, total, says, surely, weighed.proves, weighed.acts, own, weighed.strong)
    name = _named(totals, heard.traits, policy)
    if _named_out_of_scope(heard.hits) or (name == "wrong-answer" and _guarded(heard, weighed, policy)):
        return Kind(
            "report",
            "low",
            _reasons(spoken, "report"),
            total,
            says,
            proves=weighed.proves,
            acts=weighed.acts,
            report_words=own,
        )
    sure = total < reading.surely_letter_below and not weighed.proves
    reasons = (*_reasons(spoken, name), *_table_reason(heard, name, policy))
    return Kind(
        name, "high" if sure else "low", reasons, total, f"{says}, surely below {reading.surely_letter_below:+.2f}"
    )


def scope_of_letter(name: KindName) -> ScopeName:
    """The scope of what is no report: none, but of complaints about answers, which the public policy names as outside it."""
    return "out-of-scope" if name == "wrong-answer" else "none"


def _weighed(heard: Heard, totals: Mapping[KindName, float], own: float, policy: Policy) -> _Weighed:
    prose = heard.prose
    in_scope = [hit for hit in heard.hits if hit.reason.scope != "out-of-scope" and hit.reason.part != "quoted"]
    table = policy.tables.report.sums(heard.traits) if policy.reading.second_reader else {}
    return _Weighed(
        table=table.get("report", 0.0),
        others=max(totals.values(), default=0.0),
        every_other=sum(totals.values()),
        strong=sum(hit.score for hit in in_scope if hit.strong),
        weak=sum(hit.score for hit in in_scope if not hit.strong),
        steps=bool(prose.once(steps_in)),
        deeds=min(len(prose.once(deeds_in)), _MOST_DEEDS),
        impact=bool(prose.once(impact_in)),
        headed=any(part.name == "impact" and part.words.words for part in heard.parts),
        counted=counts_tries(prose),
        document=heard.document and own > 0 and max(totals.values(), default=0.0) < _ONE_WORD,
    )


def _named_out_of_scope(hits: Sequence[Hit]) -> bool:
    """True if it is plainly what the public policy names as outside it, a flood or a phishing mail: a report, if not ours."""
    rules = {"out.dos", "out.social"}
    return sum(hit.score for hit in hits if hit.reason.rule in rules and hit.reason.part != "quoted") >= _PLAINLY


def _guarded(heard: Heard, weighed: _Weighed, policy: Policy) -> bool:
    """True if a complaint about an answer holds words that keep it from being one: a bypass, a leak, another's data."""
    own = {phrase for part in heard.parts if part.name != "quoted" for phrase in part.every}
    guards = (rule.unless for rule in policy.scopes.rules if rule.id in {"out.hallucination", "out.wrong-answer"})
    return weighed.strong >= _STRONGLY or any(own.intersection(each) for each in guards)


def _spared(prose: Prose, weighed: _Weighed, own: float) -> bool:
    """True if it passes for a report whatever it sums up to, unless a rule names another kind."""
    if weighed.headed or not prose.length or (weighed.counted and weighed.others < _PLAINLY):
        return True
    # A few words may begin anything; in a language that nobody here covers silence means nothing.
    brief = prose.length < _FEW_WORDS or (prose.length < _BRIEF and own > 0)
    return weighed.others < _ONE_WORD and (brief or not prose.language)


def _named(totals: Mapping[KindName, float], traits: frozenset[str], policy: Policy) -> KindName:
    """Which kind of letter it is, by the letters' table and the rules together."""
    table = policy.tables.letter.sums(traits) if policy.reading.second_reader else {}
    sums: dict[KindName, float] = {
        kind: table.get(kind, -1.0) + _BY_RULES * log1p(totals.get(kind, 0.0))
        for kind in (*policy.kinds.names, "other")
        if kind not in {"report", "notice"}
    }
    best = max(sums, key=lambda kind: sums[kind])
    return best if sums[best] > (_NO_NAME if totals.get(best) else _BY_TABLE_ALONE) else "other"


def kind_hits(parts: Sequence[PartText], kinds: Kinds) -> list[tuple[KindName, Hit]]:
    """Every rule that speaks for a kind, in every part in which it does; what is quoted is somebody else's."""
    spoken: list[tuple[KindName, Hit]] = []
    heard = {rule for part in parts for phrase in part.found for rule in kinds.rules_by_phrase.get(phrase, ())}
    for rule in kinds.rules:
        if rule.id not in heard:
            continue
        scope: ScopeName = "unclear" if rule.kind == "report" else scope_of_letter(rule.kind)
        for part in parts:
            factor = _FACTORS[part.name]
            if factor and (found := part.of(rule.words)):
                score = rule.weight * min(len(found), _MOST_PHRASES) * factor
                quote = part.quote(found[0].start, found[0].end)
                spoken.append((rule.kind, Hit(Reason(rule.id, scope, part.name, quote, score), score)))
    return spoken


def _table_reason(heard: Heard, name: KindName, policy: Policy) -> tuple[Reason, ...]:
    """What the table of letters heard: the phrases that weigh most for the kind."""
    table, scope = policy.tables.letter, scope_of_letter(name)
    if name == "other":
        return (Reason("kind.other", scope, "lead", visible(heard.prose.text or heard.prose.whole, 120)),)
    if name not in table.classes or not policy.reading.second_reader:
        return ()
    phrases = [trait for trait in table.heaviest(heard.traits, name, 8) if trait[:1] not in ":="][:4]
    if not phrases:
        return ()
    return (Reason(f"table.{name}", scope, "body", visible(", ".join(phrases), 120), table.sums(heard.traits)[name]),)


def _reasons(hits: Sequence[tuple[KindName, Hit]], name: KindName) -> tuple[Reason, ...]:
    ranked = sorted((hit for kind, hit in hits if kind == name), key=lambda hit: -hit.score)
    return tuple(hit.reason for hit in ranked)
