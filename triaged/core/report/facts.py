"""The facts of a mail, each with the words it was found in: few of each kind, in the order of the text."""

from collections.abc import Iterable, Iterator

from triaged.core.policy.policy import Policy
from triaged.core.report.declared import DECLARED, Said, certainty_of
from triaged.core.report.glance import Glance
from triaged.core.report.issues import count_issues
from triaged.core.report.pointers import HOLDS, POINTERS, Place
from triaged.core.report.prose import Prose
from triaged.core.report.report import Fact, FactKind, Facts
from triaged.core.text import quoted, visible

_EACH = 8
_LOOKED_AT = 500
_VALUE = 200
_QUOTE = 100
_AROUND = 30


def read_facts(prose: Prose, words: Said, policy: Policy) -> Facts:
    """What the text names and says; `words` are the policy's in it."""
    text, assets = prose.whole, policy.scopes.assets
    found: list[Fact] = []
    glance = Glance(text)
    for kind, pointed in POINTERS.items():
        if glance.may_hold(HOLDS.get(kind, ())):
            found += _kept(kind, pointed(text), text)
    found += _kept("host", _named(assets.hosts, prose), text)
    found += _kept("package", _named(assets.packages, prose), text)
    found += _kept("model", _named(assets.models, prose), text)
    for kind, declared in DECLARED.items():
        found += _kept(kind, declared(words), text, words if kind == "publish" else None)
    found += _kept("known-issue", _known(policy, prose), text)
    return Facts(tuple(_each_once(found)), count_issues(text))


def united(old: Facts, new: Facts) -> Facts:
    """The facts of two mails of one case; of each kind those of the first mail come first."""
    kinds = dict.fromkeys(fact.kind for fact in (*old.found, *new.found))
    both = (fact for kind in kinds for fact in (*old.of(kind), *new.of(kind)))
    return Facts(tuple(_each_once(both)), max(old.issues, new.issues))


def with_more(facts: Facts, others: Iterable[Fact]) -> Facts:
    """The facts of a mail, then those of its documents that it does not name itself."""
    both = sorted((*facts.found, *others), key=lambda fact: _ORDER.get(fact.kind, len(_ORDER)))
    return Facts(tuple(_each_once(both)), facts.issues)


_ORDER = {kind: place for place, kind in enumerate((*POINTERS, *DECLARED))}


def _kept(kind: FactKind, places: Iterable[Place], text: str, plans: Said | None = None) -> Iterator[Fact]:
    """The first few different values as facts. Not every place is looked at: a text may hold one thing a million times.

    Of `plans` it is told how sure they are, by the words in their sentence.
    """
    values: dict[str, tuple[int, int]] = {}
    for _, (value, start, end) in zip(range(_LOOKED_AT), places, strict=False):
        values.setdefault(value, (start, end))
        if len(values) == _EACH:
            break
    for value, (start, end) in values.items():
        certainty = certainty_of(plans, start, end) if plans else ""
        shown = quoted(text, start, end, around=_AROUND, limit=_QUOTE)
        yield Fact(kind, visible(value, _VALUE), shown, certainty)


def _named(names: tuple[str, ...], prose: Prose) -> Iterator[Place]:
    """Where the organisation's own names stand."""
    return ((found.phrase, found.start, found.end) for found in prose.found if found.phrase in names)


def _known(policy: Policy, prose: Prose) -> Iterator[Place]:
    if policy.known_issues:
        for found in prose.found:
            yield from (
                (issue.id, found.start, found.end) for issue in policy.known_issues if found.phrase in issue.phrases
            )


def _each_once(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Each kind's values once, and no more than a few of a kind."""
    counts: dict[FactKind, int] = {}
    seen: set[tuple[FactKind, str]] = set()
    for fact in facts:
        if (fact.kind, fact.value) not in seen and counts.get(fact.kind, 0) < _EACH:
            seen.add((fact.kind, fact.value))
            counts[fact.kind] = counts.get(fact.kind, 0) + 1
            yield fact
