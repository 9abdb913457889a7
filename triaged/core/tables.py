"""Linear tables of weighted phrases, learned from labelled texts: what a second reader reads by, beside the rules.

A table is data: `make train` writes it, with the hash of the texts that it was learned from. A text is to a table a set of
traits (its words, pairs of words, shapes); each trait weighs for or against each class, and the weights are summed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from math import exp, fsum, sqrt
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """Weights of traits for classes. An empty table knows no class and gives no sum."""

    classes: tuple[str, ...] = ()
    bias: tuple[float, ...] = ()
    weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Trait to its weight for each class, in the order of `classes`."""
    corpus: str = ""
    """The SHA-256 of the texts that it was learned from."""

    def sums(self, traits: Collection[str]) -> dict[str, float]:
        """For each class the sum of what the traits weigh, by the root of how many the table knows; text length cancels out."""
        known = [*filter(None, map(self.weights.get, traits))]
        # Exact sums: traits are a set, and a set has another order in every process.
        columns = map(fsum, zip(*known, strict=True)) if known else repeat(0.0)
        scale = spread(len(known))
        return {
            name: bias + column * scale for name, bias, column in zip(self.classes, self.bias, columns, strict=False)
        }

    def heaviest(self, traits: Collection[str], name: str, most: int = 3) -> tuple[str, ...]:
        """The traits of the text that weigh most for a class."""
        at = self.classes.index(name)
        known = ((self.weights[trait][at], trait) for trait in traits if trait in self.weights)
        return tuple(trait for weight, trait in sorted(known, reverse=True)[:most] if weight > 0)

    @classmethod
    def read(cls, shape: Mapping[str, Any]) -> "Table":
        """A table from its JSON, as `shape` gives it."""
        weights = {trait: tuple(map(float, weight)) for trait, weight in shape["weights"].items()}
        return cls(tuple(shape["classes"]), tuple(map(float, shape["bias"])), weights, str(shape["corpus"]))

    def shape(self) -> dict[str, Any]:
        """The table as JSON."""
        return {
            "corpus": self.corpus,
            "classes": list(self.classes),
            "bias": list(self.bias),
            "weights": {trait: list(weight) for trait, weight in self.weights.items()},
        }


def spread(known: int) -> float:
    """What a sum over so many traits is multiplied by: a long text is not surer for its length."""
    return 4 / sqrt(max(known, 16))


def shares(sums: Mapping[str, float]) -> dict[str, float]:
    """Sums as shares of one (softmax)."""
    if not sums:
        return {}
    most = max(sums.values())
    raised = {name: exp(value - most) for name, value in sums.items()}
    whole = sum(raised.values())
    return {name: value / whole for name, value in raised.items()}


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of the second reader; without them the rules read alone."""

    report: Table = field(default_factory=Table)
    """True if a mail reports a flaw: classes `report` and `letter`."""
    letter: Table = field(default_factory=Table)
    """What a letter is: a class for each kind."""
    scope: Table = field(default_factory=Table)
    """Where a report belongs."""
    impact: Table = field(default_factory=Table)
    """True if a sentence tells an impact: classes `impact` and `else`."""
    steps: Table = field(default_factory=Table)
    """True if a sentence tells steps: classes `steps` and `else`."""
