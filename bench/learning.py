"""Learning a linear table from labelled sets of traits: linear support vector machines, with only the standard library.

The examples are ordered by their hashes, so that the same texts give the same table, byte for byte.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import sqrt

from triaged.core.tables import Table, spread


@dataclass(frozen=True)
class Example:
    """A text as the set of its traits, with its class and its weight."""

    traits: frozenset[str]
    label: str
    weight: float = 1.0


def corpus_hash(texts: Iterable[str]) -> str:
    """One hash of all texts, whatever their order."""
    each = sorted(sha256(text.encode("utf-8", "replace")).hexdigest() for text in texts)
    return sha256("".join(each).encode()).hexdigest()


_FIRST = 4


def learned(
    examples: Sequence[Example], corpus: str, *, most: int, cost: float = 0.1, rounds: int = 10, only: str = ""
) -> Table:
    """A table of at most `most` traits: all are weighed, the heaviest are kept, and these are weighed again."""
    classes = (only,) if only else tuple(sorted({example.label for example in examples}))
    documents = Counter(trait for example in examples for trait in example.traits)
    # A trait that only two texts share is chance.
    known = frozenset(trait for trait, count in documents.items() if count > 2)  # noqa: PLR2004
    mixed = _mixed(examples)
    if len(known) > _FIRST * most:
        # There are too many to weigh them all. The commonest stay, because rare ones weigh little.
        known = frozenset(sorted(known, key=lambda trait: (-documents[trait], trait))[: _FIRST * most])
    if len(known) > most:
        first = [_separated(mixed, known, name, cost, 2)[0] for name in classes]
        by_weight = sorted(known, key=lambda trait: (-_heaviness(trait, first, documents), trait))
        known = frozenset(by_weight[:most])
    weighed = [_separated(mixed, known, name, cost, rounds) for name in classes]
    weights = {trait: [weights.get(trait, 0.0) for weights, _ in weighed] for trait in known}
    return _rounded(classes, [bias for _, bias in weighed], weights, corpus)


def _heaviness(trait: str, weighed: Sequence[dict[str, float]], documents: Counter[str]) -> float:
    return max(abs(weights.get(trait, 0.0)) for weights in weighed) * sqrt(documents[trait])


def _separated(
    examples: Sequence[Example], known: frozenset[str], name: str, cost: float, rounds: int
) -> tuple[dict[str, float], float]:
    """Weights and bias of one class against all others: a support vector machine by dual coordinate descent (Hsieh 2008)."""
    weights = dict.fromkeys(known, 0.0)
    bias = 0.0
    texts = [[trait for trait in sorted(example.traits) if trait in known] for example in examples]
    pulls = [0.0] * len(examples)
    for _ in range(rounds):
        for at, example in enumerate(examples):
            traits = texts[at]
            scale = spread(len(traits))
            side = 1.0 if example.label == name else -1.0
            slack = 0.5 / (cost * example.weight)
            said = bias + scale * sum(weights[trait] for trait in traits)
            gradient = side * said - 1 + slack * pulls[at]
            pull = max(pulls[at] - gradient / (scale * scale * len(traits) + 1 + slack), 0.0)
            change = (pull - pulls[at]) * side
            if change:
                pulls[at] = pull
                bias += change
                step = change * scale
                for trait in traits:
                    weights[trait] += step
    return weights, bias


def _mixed(examples: Sequence[Example]) -> list[Example]:
    return sorted(examples, key=lambda each: sha256(" ".join(sorted(each.traits)).encode("utf-8", "replace")).digest())


def _rounded(classes: tuple[str, ...], bias: Sequence[float], weights: dict[str, list[float]], corpus: str) -> Table:
    rounded = {trait: tuple(round(weight, 3) for weight in each) for trait, each in sorted(weights.items())}
    kept = {trait: each for trait, each in rounded.items() if any(each)}
    return Table(classes, tuple(round(each, 3) for each in bias), kept, corpus)
