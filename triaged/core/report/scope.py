"""Where a report belongs, by a small additive model over its parts.

A rule speaks once for each part in which it is found; the title counts most, then the lead, then the body. The organisation's
own names outweigh every vocabulary. Out of scope needs words in title or lead, no guard against them, and a clear lead over
everything else: to turn a real report away is the costly error, so a doubt there is `unclear`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from triaged.core.policy.rules import Assets, Part, Rule, ScopeName, Scopes
from triaged.core.report.kinds import Kind
from triaged.core.report.parts import Hit, PartText
from triaged.core.report.report import Reason, Verdict
from triaged.core.report.signs import SIGNS

_ASSET_WEIGHT = 12.0
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
_IN_SCOPE: tuple[ScopeName, ...] = ("model", "infrastructure", "sdk")


def scope_hits(parts: Sequence[PartText], scopes: Scopes) -> tuple[Hit, ...]:
    """Every rule that speaks, in every part in which it does."""
    spoken = (*_asset_hits(scopes.assets, parts), *_rule_hits(scopes.rules, parts))
    said = {hit.reason.rule for hit in spoken if hit.reason.part != "quoted"}
    silent = {rule.id for rule in scopes.rules if _vetoed(rule, said)}
    return tuple(hit for hit in spoken if hit.reason.rule not in silent)


def classify(hits: Sequence[Hit], kind: Kind) -> Verdict:
    """The scope of a mail of that kind, with its reasons: those for the verdict first, then those against it."""
    if kind.name != "report":
        return Verdict("out-of-scope", kind.band, kind.reasons)
    totals: defaultdict[ScopeName, float] = defaultdict(float)
    strong: defaultdict[ScopeName, float] = defaultdict(float)
    for hit in hits:
        totals[hit.reason.scope] += hit.score
        strong[hit.reason.scope] += hit.score if hit.strong else 0.0
    verdict = _out_of_scope(totals["out-of-scope"], strong) or _in_scope(totals, kind)
    ranked = sorted(hits, key=lambda hit: (hit.reason.scope != verdict.scope, -hit.score))
    return replace(verdict, reasons=(*verdict.reasons, *(hit.reason for hit in ranked)))


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


def _rule_hits(rules: Iterable[Rule], parts: Sequence[PartText]) -> Iterator[Hit]:
    own_words = {phrase for part in parts if part.name != "quoted" for phrase in part.every}
    for rule in rules:
        if own_words.intersection(rule.unless):
            continue
        for part in parts:
            if part.name in rule.parts and (hit := _spoken(rule, part)):
                yield hit


def _spoken(rule: Rule, part: PartText) -> Hit | None:
    """The rule's hit in one part, if it speaks there."""
    if rule.sign:
        match = SIGNS[rule.sign].search(part.text)
        return _hit(rule.id, rule.scope, part, match.span(), rule.weight) if match else None
    found = part.of(rule.phrases)
    if not found:
        return None
    # Different words of one rule add up, but not without end.
    weight = rule.weight * (1 + _EACH_MORE * min(len(found) - 1, _MOST_MORE))
    return _hit(rule.id, rule.scope, part, (found[0].start, found[0].end), weight)


def _hit(rule_id: str, scope: ScopeName, part: PartText, span: tuple[int, int], weight: float) -> Hit:
    return Hit(Reason(rule_id, scope, part.name, part.quote(*span)), weight * _FACTORS[part.name], weight >= _STRONG)


def _out_of_scope(out: float, strong: dict[ScopeName, float]) -> Verdict | None:
    """Out of scope only by a clear lead over all that says what a report is about."""
    against = max((strong[scope] for scope in _IN_SCOPE), default=0.0)
    if out < max(_LEAST_OUT, _MARGIN_OUT * against):
        return None
    return Verdict("out-of-scope", "high" if out >= max(_LEAST_OUT_HIGH, _MARGIN_OUT_HIGH * against) else "low", ())


def _in_scope(totals: dict[ScopeName, float], kind: Kind) -> Verdict:
    (best, scope), (second, _) = sorted(((totals[scope], scope) for scope in _IN_SCOPE), reverse=True)[:2]
    if best >= _LEAST and best >= second:
        sure = best >= _LEAST_HIGH and best >= _MARGIN_HIGH * second and totals["out-of-scope"] < _LEAST_OUT
        return Verdict(scope, "high" if sure and kind.speaks_as_reports_do else "low", ())
    if kind.reports and not totals["model"] and not totals["sdk"]:
        # Most reports are on what is online; one that names neither a model nor a package is taken to be.
        return Verdict(
            "infrastructure", "low", tuple(replace(reason, scope="infrastructure") for reason in kind.reasons)
        )
    return Verdict("unclear", "low", ())
