"""Linear tables of weighted phrases, learned from labelled texts: the second reader uses them beside the rules.

A table is data: `make train` writes it, with the hash of the texts it was learned from. The table sees a text as a set of
traits (its words, pairs of words, shapes). Each trait weighs for or against each class, and the weights are summed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from math import exp, fsum, sqrt
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """Weights of traits for classes. An empty table has no classes and returns no sums."""

    classes: tuple[str, ...] = ()
    bias: tuple[float, ...] = ()
    weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """The weights of each trait, one per class in the order of `classes`."""
    corpus: str = ""
    """The SHA-256 of the texts from which it was learned."""

    def sums(self, traits: Collection[str]) -> dict[str, float]:
        """The sum of the traits' weights per class, over the root of the number of known traits: text length cancels out."""
        known = [*filter(None, map(self.weights.get, traits))]
        # fsum is exact in any order: a set of traits iterates differently in every process.
        columns = map(fsum, zip(*known, strict=True)) if known else repeat(0.0)
        scale = spread(len(known))
        return {
            name: bias + column * scale for name, bias, column in zip(self.classes, self.bias, columns, strict=False)
        }

    def heaviest(self, traits: Collection[str], name: str, most: int = 3) -> tuple[str, ...]:
        """The traits of the text with the largest weights for a class."""
        at = self.classes.index(name)
        known = ((self.weights[trait][at], trait) for trait in traits if trait in self.weights)
        return tuple(trait for weight, trait in sorted(known, reverse=True)[:most] if weight > 0)

    @classmethod
    def read(cls, shape: Mapping[str, Any]) -> "Table":
        """Read a table from JSON as `shape` makes it."""
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
    """The factor for a sum over that many traits: a longer text is not a surer one."""
    return 4 / sqrt(max(known, 16))


def shares(sums: Mapping[str, float]) -> dict[str, float]:
    """Turn sums into shares that add up to one (softmax)."""
    if not sums:
        return {}
    most = max(sums.values())
    raised = {name: exp(value - most) for name, value in sums.items()}
    whole = sum(raised.values())
    return {name: value / whole for name, value in raised.items()}


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of the second reader; if they are empty, only the rules read."""

    report: Table = field(default_factory=Table)
    """Tells mails that report a flaw from others: classes `report` and `letter`."""
    letter: Table = field(default_factory=Table)
    """Tells kinds of letters apart: one class per kind."""
    scope: Table = field(default_factory=Table)
    """Tells where a report belongs: one class per scope."""
    impact: Table = field(default_factory=Table)
    """Tells sentences that describe an impact: classes `impact` and `else`."""
    steps: Table = field(default_factory=Table)
    """Tells sentences that describe steps to reproduce: classes `steps` and `else`."""
