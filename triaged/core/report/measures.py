"""How right verdicts are, as arithmetic on counts: nothing here knows what a report is.

Labels are any words; `truth` is what people said, `said` what the rules did. A share of nothing is None, never a number.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Generic, TypeVar

_Label = TypeVar("_Label", bound=Hashable)

# The two-sided 95 % point of the normal distribution.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """The share itself; None of nothing."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies with 95 % confidence (Wilson 1927); of nothing, anywhere."""
        return wilson_interval(self.count, self.of)


@dataclass(frozen=True, slots=True)
class Score:
    """How one class is told from all others."""

    precision: Share
    """Of what was said to be it, what is."""
    recall: Share
    """Of what is it, what was said to be."""

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both; None where the class neither occurs nor was said."""
        both = self.precision.of + self.recall.of
        return 2 * self.precision.count / both if both else None


@dataclass(frozen=True, slots=True)
class Confusion(Generic[_Label]):
    """How often each truth was said to be what."""

    pairs: Counter[tuple[_Label, _Label]]
    """(truth, said) to its count."""

    @property
    def total(self) -> int:
        """How many verdicts there are."""
        return self.pairs.total()

    @property
    def accuracy(self) -> Share:
        """Those that were right."""
        return Share(sum(count for (truth, said), count in self.pairs.items() if truth == said), self.total)

    def score(self, label: _Label) -> Score:
        """How well that class is told apart."""
        right = self.pairs[label, label]
        said = sum(count for (_, answer), count in self.pairs.items() if answer == label)
        true = sum(count for (truth, _), count in self.pairs.items() if truth == label)
        return Score(Share(right, said), Share(right, true))

    def macro_f1(self, labels: Sequence[_Label]) -> float | None:
        """The mean F1 of those classes that occur or were said; each counts the same, however rare."""
        found = [f1 for label in labels if (f1 := self.score(label).f1) is not None]
        return sum(found) / len(found) if found else None

    def taken_for(self, wrong: Iterable[_Label], among: Iterable[_Label]) -> Share:
        """Those of some classes that were said to be any of others: the costly errors, where `wrong` is out of scope."""
        classes, others = set(among), set(wrong)
        of = sum(count for (truth, _), count in self.pairs.items() if truth in classes)
        taken = sum(count for (truth, said), count in self.pairs.items() if truth in classes and said in others)
        return Share(taken, of)


@dataclass(frozen=True, slots=True)
class Calibration:
    """True if a band keeps what it says."""

    right: Share
    """Of the verdicts in it, those that were right."""
    coverage: Share
    """Of all verdicts, those in it."""


def confusion(verdicts: Iterable[tuple[_Label, _Label]]) -> Confusion[_Label]:
    """Count (truth, said) pairs."""
    return Confusion(Counter(verdicts))


def calibration(verdicts: Iterable[tuple[str, bool]], bands: Sequence[str]) -> dict[str, Calibration]:
    """Each band's calibration from (band, whether it was right) pairs, in the order of `bands`."""
    counts = Counter(verdicts)
    total = counts.total()
    sizes = {band: counts[band, True] + counts[band, False] for band in bands}
    return {band: Calibration(Share(counts[band, True], size), Share(size, total)) for band, size in sizes.items()}


def wilson_interval(count: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of a share: honest for few and for none, where the usual one has no width."""
    if not 0 <= count <= of:
        raise ValueError(f"{count} of {of} is no share")
    if of == 0:
        return 0.0, 1.0
    share, square = count / of, _Z * _Z
    middle = share + square / (2 * of)
    reach = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    low, high = ((middle + sign * reach) / (1 + square / of) for sign in (-1, 1))
    # Rounding must not move an end off the share where the share itself is an end.
    return (0.0 if count == 0 else low), (1.0 if count == of else high)
