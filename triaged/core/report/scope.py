"""Where a report belongs, by a small additive model over its parts.

A rule speaks once for each part in which it is found; the title counts most, then the lead, then the body. The organisation's
own names outweigh every vocabulary. Out of scope needs words in title or lead, no guard against them, and a clear lead over
everything else: to turn a real report away is the costly error, so a doubt there is `unclear`.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from triaged.core.phrases import Found
from triaged.core.policy.policy import Policy
from triaged.core.policy.rules import Assets, Part, Reading, Rule, ScopeName, Scopes
from triaged.core.report.kinds import Heard, Kind, scope_of_letter
from triaged.core.report.parts import Hit, PartText
from triaged.core.report.prose import Prose
from triaged.core.report.report import Reason, Verdict
from triaged.core.tables import Table
from triaged.core.text import quoted, visible

_ASSET_WEIGHT = 12.0
_MOST_OF_RULES = 25.0
_TOO_CLOSE = 0.05
"""Two scopes so near to each other are for a person to tell apart."""
_ASSET_SUM = 2.5
"""What a name of ours adds in one part, beside the tables: it outweighs every vocabulary."""
_EACH_MORE, _MOST_MORE = 0.25, 4
_FACTORS: dict[Part, float] = {"title": 2.0, "lead": 1.2, "body": 0.6, "impact": 0.3, "quoted": 0.2}

_STRONG = 3.0
"""Rules of this weight and more say what a report is about; lighter ones are words that any report may use."""
_LEAST = 2.0
"""Less evidence than this is no verdict."""
_LEAST_HIGH = 8.0
_MARGIN_HIGH = 2.5
_LEAST_OUT, _LEAST_OUT_HIGH = 5.0, 10.0
_MARGIN_OUT, _MARGIN_OUT_HIGH = 1.2, 2.0
_LOAD_ALONE = 2.5
_IN_SCOPE: tuple[ScopeName, ...] = ("model", "infrastructure", "sdk")
_BEGINNING = 500
# Of wrong sure verdicts six in ten were on texts about a denial of service, often a crash or an XXE; others on wrong answers.
_NEVER_SURE = re.compile(
    r"\b(?:d?dos|denial[- ]of[- ](?:service|wallet)|exhaust\w*|crash\w*|hang(?:s|ing)?|unresponsive|"
    r"misinformation|disinformation|hallucinat\w*|halluzin\w*|out of memory|oom|infinite loop|redos|flood\w*|"
    r"segfault\w*|overload\w*|overwhelm\w*|resource consumption|unbounded|slow(?:s|ed)? down|déni de service|"
    r"denegación de servicio|negação de serviço|überlast\w*|"
    r"excessive (?:\w+ )?(?:computation\w*|resources?|cost\w*|load|cpu|memory|consumption)|(?:exceeds?|"
    r"exceeding|fills?|exhaust\w*) "
    r"(?:\w+ ){0,3}context window|context (?:window )?expansion|computationally expensive|costly requests|"
    r"resource[- ]intensive|"
    r"отказ\w* в обслуживании)\b|拒绝服务|サービス拒否|서비스 거부",
    re.IGNORECASE,
)


_LIVE_URL = "sign.live-url"


def scope_hits(parts: Sequence[PartText], scopes: Scopes) -> tuple[Hit, ...]:
    """Every rule that speaks, in every part in which it does."""
    named = tuple(_asset_hits(scopes.assets, parts))
    spoken = (*named, *_rule_hits(scopes, parts))
    if scopes.assets.hosts and not any(hit.reason.rule == "asset.host" for hit in named):
        # Who knows their own hosts takes an address of another's for a page of the reporter's, or for a source.
        spoken = tuple(hit for hit in spoken if hit.reason.rule != _LIVE_URL)
    said = {hit.reason.rule for hit in spoken if hit.reason.part != "quoted"}
    silent = {rule.id for rule in scopes.rules if _vetoed(rule, said)}
    return tuple(hit for hit in spoken if hit.reason.rule not in silent)


def classify(heard: Heard, kind: Kind, policy: Policy) -> Verdict:
    """The scope of a mail of that kind, with its reasons: those for the verdict first, then those against it."""
    if kind.name != "report":
        return Verdict(scope_of_letter(kind.name), kind.band, kind.reasons, kind.says)
    prose, hits, traits = heard.prose, heard.hits, heard.traits
    totals: defaultdict[ScopeName, float] = defaultdict(float)
    strong: defaultdict[ScopeName, float] = defaultdict(float)
    for hit in hits:
        totals[hit.reason.scope] += hit.score
        strong[hit.reason.scope] += hit.score if hit.strong else 0.0
    table = policy.tables.scope
    if policy.reading.second_reader and table.classes and prose.language in policy.reading.scope_languages:
        sums = _Sums(table.sums(traits), totals, strong, _asset_sums(hits), policy.reading.rules_weigh)
        verdict = _fused(prose, hits, sums, kind, policy.reading)
        phrases = _table_reasons(heard, table, sums.table, verdict.scope)
    else:
        out = None if table.classes and policy.reading.second_reader else _out_of_scope(totals["out-of-scope"], strong)
        verdict, phrases = out or _in_scope(totals, kind), ()
    ranked = sorted(hits, key=lambda hit: (hit.reason.scope != verdict.scope, -hit.score))
    spoken = [hit.reason for hit in ranked]
    first = [*spoken[:1], *phrases] if spoken and spoken[0].scope == verdict.scope else [*phrases, *spoken[:1]]
    says = "\n".join(filter(None, (verdict.says, kind.says)))
    return replace(verdict, reasons=(*verdict.reasons, *first, *spoken[1:]), says=says)


@dataclass(frozen=True, slots=True)
class _Sums:
    """What both readers say of each scope."""

    table: Mapping[str, float]
    totals: Mapping[ScopeName, float]
    strong: Mapping[ScopeName, float]
    assets: Mapping[ScopeName, float]
    rules_weigh: float

    def joined(self, scope: ScopeName) -> float:
        """The table's sum, the rules' points, and what names of ours add."""
        rules = self.rules_weigh * min(self.totals.get(scope, 0.0), _MOST_OF_RULES)
        return self.table[scope] + rules + self.assets.get(scope, 0.0)

    @property
    def ranked(self) -> list[tuple[float, ScopeName]]:
        """The scopes of the public policy, the likeliest first."""
        return sorted(((self.joined(scope), scope) for scope in _IN_SCOPE), reverse=True)

    @property
    def doubt(self) -> float:
        """How far the table has some scope before out-of-scope."""
        return max(self.table[scope] + self.assets.get(scope, 0.0) for scope in _IN_SCOPE) - self.table["out-of-scope"]


def _fused(prose: Prose, hits: Sequence[Hit], sums: _Sums, kind: Kind, reading: Reading) -> Verdict:
    """Both readers together; out of scope only where both say so, for to turn a real report away is the costly error."""
    out = _out_of_scope(sums.totals.get("out-of-scope", 0.0), sums.strong)
    against = max(sums.strong.get(each, 0.0) for each in _IN_SCOPE)
    if out and sums.doubt < _most_doubt(out, against, kind, hits, reading) and not (kind.proves and _on_answers(hits)):
        sure = out.band == "high" and sums.doubt < reading.surely_out_doubt and not kind.proves
        says = f"rules {sums.totals['out-of-scope']:.1f} against {against:.1f}"
        return Verdict(
            "out-of-scope", "high" if sure else "low", (), f"{says}; the table doubts it by {sums.doubt:+.2f}"
        )
    (best, scope), (second, other) = sums.ranked[:2]
    summed = f"table + {reading.rules_weigh:g} x rules; sure from {reading.high_margin:g} apart"
    says = f"{scope} {best:+.2f}, then {other} {second:+.2f} ({summed})"
    if best < reading.clear_from or best - second < _TOO_CLOSE or not prose.words.words:
        return Verdict("unclear", "low", (), says)
    sure = (
        best - second >= reading.high_margin
        and kind.sum >= reading.high_report_from
        and sums.doubt >= reading.high_margin / 2
        and kind.speaks_as_reports_do
        and _agrees(scope, sums.totals, reading.high_ratio)
        and not sums.totals.get("out-of-scope", 0.0)
        and not _NEVER_SURE.search(prose.whole[:_BEGINNING])
    )
    return Verdict(scope, "high" if sure else "low", (), says)


def _most_doubt(out: Verdict, against: float, kind: Kind, hits: Sequence[Hit], reading: Reading) -> float:
    """How much the table may doubt what the rules call out of scope."""
    doubt = reading.out_doubt * (2 if out.band == "high" else 1)
    if _on_load(hits):
        # A load that breaks a service is one, whatever it is laid on, where nothing else is told of.
        return doubt if against else reading.out_doubt * _LOAD_ALONE
    # Nobody's trials are called a wrong answer or a fraud: an attacker may have brought it about.
    return reading.acting_out_doubt if kind.acts else doubt


def _on_answers(hits: Sequence[Hit]) -> bool:
    """True if what speaks for out-of-scope is a wrong answer, which an attacker may have brought about."""
    return any(hit.reason.rule in {"out.hallucination", "out.wrong-answer"} for hit in hits)


def _on_load(hits: Sequence[Hit]) -> bool:
    """True if what speaks for out-of-scope is a load that breaks a service."""
    return any(hit.reason.rule == "out.dos" for hit in hits)


def _asset_sums(hits: Sequence[Hit]) -> dict[ScopeName, float]:
    """What our own names add: they outweigh every vocabulary."""
    sums: dict[ScopeName, float] = {}
    for hit in hits:
        if hit.reason.rule.startswith("asset."):
            sums[hit.reason.scope] = sums.get(hit.reason.scope, 0.0) + _ASSET_SUM
    return sums


def _agrees(scope: ScopeName, totals: Mapping[ScopeName, float], ratio: float) -> bool:
    """True if the rules say the same, and clearly so."""
    others = max(totals.get(each, 0.0) for each in _IN_SCOPE if each != scope)
    return totals.get(scope, 0.0) >= ratio * others


def _table_reasons(heard: Heard, table: Table, sums: Mapping[str, float], scope: ScopeName) -> tuple[Reason, ...]:
    """What the table heard: the phrases that weigh most for the scope, else how the text begins."""
    if scope not in table.classes:
        return ()
    phrases = [trait for trait in table.heaviest(heard.traits, scope, 8) if trait[:1] not in ":="][:4]
    quote = ", ".join(phrases) or heard.prose.whole.strip()
    return (Reason("table.scope", scope, "body", visible(quote, 120), sums[scope]),)


def _vetoed(rule: Rule, said: set[str]) -> bool:
    return bool(said.intersection(rule.yields_to)) or bool(rule.needs and not said.intersection(rule.needs))


def _asset_hits(assets: Assets, parts: Sequence[PartText]) -> Iterator[Hit]:
    named: tuple[tuple[str, ScopeName, tuple[str, ...]], ...] = (
        ("asset.host", "infrastructure", assets.hosts),
        ("asset.package", "sdk", assets.packages),
        ("asset.model", "model", assets.models),
    )
    for rule_id, scope, names in named:
        for part in parts:
            if found := part.of(names):
                yield _hit(rule_id, scope, part, (found[0].start, found[0].end), _ASSET_WEIGHT)


def _rule_hits(scopes: Scopes, parts: Sequence[PartText]) -> Iterator[Hit]:
    own_words = {phrase for part in parts if part.name != "quoted" for phrase in part.every}
    heard = {rule for part in parts for phrase in part.found for rule in scopes.rules_by_phrase.get(phrase, ())}
    for rule in scopes.rules:
        if (rule.id not in heard and not rule.sign) or not own_words.isdisjoint(rule.unless):
            continue
        for part in parts:
            if part.name in rule.parts and (hit := _spoken(rule, part)):
                yield hit


def _spoken(rule: Rule, part: PartText) -> Hit | None:
    """The rule's hit in one part, if it speaks there."""
    if rule.sign:
        span = part.signs.get(rule.sign)
        return _shaped(rule, part, span) if span else None
    found = part.of(rule.words)
    if rule.scope == "out-of-scope":
        found = [each for each in found if not _denied(each, part)]
    if not found:
        return None
    # Different words of one rule add up, but not without end.
    weight = rule.weight * (1 + _EACH_MORE * min(len(found) - 1, _MOST_MORE))
    return _hit(rule.id, rule.scope, part, (found[0].start, found[0].end), weight)


def _denied(found: Found, part: PartText) -> bool:
    """True if it is said not to be so ("it is no hallucination"), or to be what others call it ("a 'hallucinated' address")."""
    words = part.words
    at = bisect_left(words.starts, found.start)
    before = words.text[max(found.start - 1, 0) : found.start]
    behind = words.text[found.end : found.end + _DENIED_BEHIND]
    return (
        bool(_DENIERS.intersection(words.words[max(at - _DENIED_BEFORE, 0) : at]))
        or before in _QUOTES
        or behind.startswith(_NOT_BEHIND)
    )


_DENIED_BEFORE, _DENIED_BEHIND = 5, 6
_DENIERS = frozenset(
    "not no isn't aren't wasn't never nor neither without nothing t kein keine keinen keiner nicht nie weder pas "
    "ni aucun aucune jamais "
    "sin ningún ninguna nunca não nem nenhum nenhuma non nessun nessuna niet geen nooit nie żaden не ні нет "
    "değil bukan tidak không 不 非 没 並".split()
)
_QUOTES = frozenset("\"'“”„«‘`「『")
_NOT_BEHIND = ("ではな", "じゃな", "でもな", "가 아니", "이 아니", " değil")


def _shaped(rule: Rule, part: PartText, span: tuple[int, int]) -> Hit:
    quote = quoted(part.text, *span, around=50, limit=120)
    score = rule.weight * _FACTORS[part.name]
    return Hit(Reason(rule.id, rule.scope, part.name, quote, score), score, rule.weight >= _STRONG)


def _hit(rule_id: str, scope: ScopeName, part: PartText, span: tuple[int, int], weight: float) -> Hit:
    score = weight * _FACTORS[part.name]
    return Hit(Reason(rule_id, scope, part.name, part.quote(*span), score), score, weight >= _STRONG)


def _out_of_scope(out: float, strong: Mapping[ScopeName, float]) -> Verdict | None:
    """Out of scope only by a clear lead over all that says what a report is about."""
    against = max(strong.get(scope, 0.0) for scope in _IN_SCOPE)
    if out < max(_LEAST_OUT, _MARGIN_OUT * against):
        return None
    return Verdict("out-of-scope", "high" if out >= max(_LEAST_OUT_HIGH, _MARGIN_OUT_HIGH * against) else "low", ())


def _in_scope(totals: dict[ScopeName, float], kind: Kind) -> Verdict:
    (best, scope), (second, _) = sorted(((totals[scope], scope) for scope in _IN_SCOPE), reverse=True)[:2]
    if best >= _LEAST and best >= second:
        sure = best >= _LEAST_HIGH and best >= _MARGIN_HIGH * second and totals["out-of-scope"] < _LEAST_OUT
        return Verdict(scope, "high" if sure and kind.speaks_as_reports_do else "low", ())
    if kind.surely and kind.reasons and not totals["model"] and not totals["sdk"]:
        # Most reports are on what is online; one that names neither a model nor a package is taken to be.
        return Verdict(
            "infrastructure", "low", tuple(replace(reason, scope="infrastructure") for reason in kind.reasons)
        )
    return Verdict("unclear", "low", ())
