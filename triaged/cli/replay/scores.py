"""The accuracy of the rules on labelled mail, as lines for a person and as JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from triaged.cli.replay.changes import IN_SCOPE, LOST, confusion_table, pairs_shape, share_words, shortened, side_lines
from triaged.cli.replay.labels import CLASSES
from triaged.cli.shapes import Json
from triaged.cli.tables import marked, table
from triaged.cli.verdicts import SET_ASIDE, VERDICTS, Said
from triaged.core.report.measures import Confusion, Share, calibration
from triaged.core.text import defanged

_BANDS = ("high", "low")


@dataclass(slots=True)
class Scores:
    """Counts of verdicts by label."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    bands: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def add(self, label: str, said: Said) -> None:
        """Count one verdict."""
        verdict = _judged(said)
        self.pairs[label, verdict] += 1
        self.bands[said.band, verdict == label] += 1

    @property
    def costly(self) -> Share:
        """The share of reports in scope that were called out of scope or set aside."""
        return Confusion(self.pairs).taken_for(("out-of-scope",), IN_SCOPE)

    def told(self, policy: str) -> Iterator[str]:
        """The measures as lines for a person."""
        counted = Confusion(self.pairs)
        accuracy, macro_f1 = _number(counted.accuracy.value), _number(counted.macro_f1(CLASSES))
        yield f"{marked(policy, 'blue')}: {counted.total} labelled, accuracy {accuracy}, macro-F1 {macro_f1}"
        yield f"costly errors (in scope, called out-of-scope or set-aside): {share_words(self.costly)}"
        yield ""
        yield table(("class", "precision", "recall", "F1", "labelled"), self._rows(counted))
        yield ""
        yield table(("band", "right", "of", "95 %", "coverage"), self._band_rows())
        yield ""
        yield confusion_table(self.pairs, VERDICTS, "label \\ verdict")

    def shape(self) -> Json:
        """The measures as JSON; a share with an empty base is null."""
        counted = Confusion(self.pairs)
        scores = {label: counted.score(label) for label in CLASSES}
        return {
            "labelled": counted.total,
            "accuracy": counted.accuracy.value,
            "macro_f1": counted.macro_f1(CLASSES),
            "classes": {
                label: {
                    "precision": each.precision.value,
                    "recall": each.recall.value,
                    "f1": each.f1,
                    "labelled": each.recall.of,
                }
                for label, each in scores.items()
            },
            "costly": _share_shape(self.costly),
            "bands": {
                band: {"right": _share_shape(each.right), "coverage": each.coverage.value}
                for band, each in calibration(self.bands.elements(), _BANDS).items()
            },
            "confusion": [
                {"label": pair["was"], "verdict": pair["now"], "count": pair["count"]}
                for pair in pairs_shape(self.pairs)
            ],
        }

    def _rows(self, counted: Confusion[str]) -> Iterator[tuple[str, ...]]:
        for label in CLASSES:
            score = counted.score(label)
            shares = (_number(score.precision.value), _number(score.recall.value), _number(score.f1))
            yield label, *shares, str(score.recall.of)

    def _band_rows(self) -> Iterator[tuple[str, ...]]:
        for band, held in calibration(self.bands.elements(), _BANDS).items():
            low, high = held.right.interval
            yield (
                band,
                _number(held.right.value),
                str(held.right.of),
                f"{low:.3f} to {high:.3f}",
                _number(held.coverage.value),
            )


@dataclass(slots=True)
class Trial:
    """The present policy, and perhaps another one, measured by the same labels."""

    other: str = ""
    """The name of the other policy; "" if there is none."""
    alone: dict[str, Scores] = field(default_factory=dict)
    """The scores of each reader of the present policy alone: the rules, the tables."""
    present: Scores = field(default_factory=Scores)
    new: Scores = field(default_factory=Scores)
    mended: int = 0
    broken: list[tuple[str, Said]] = field(default_factory=list)
    """The mails that only the other policy gets wrong."""
    costly: list[tuple[str, Said]] = field(default_factory=list)
    """The costly errors of the policy on trial: the other one if there is one, else the present one."""

    def add(self, name: str, label: str, was: Said, now: Said | None) -> None:
        """Count one labelled message with the verdicts of both policies."""
        self.present.add(label, was)
        title = f"{name}, {label}"
        if now:
            self.new.add(label, now)
            before, after = _judged(was), _judged(now)
            self.mended += before != label == after
            if before == label != after:
                self.broken.append((title, shortened(now)))
        if label in IN_SCOPE and (now or was).verdict in LOST:
            self.costly.append((title, shortened(now or was)))

    def add_alone(self, label: str, said: Mapping[str, Said]) -> None:
        """Count the verdict of each reader alone."""
        for reader, each in said.items():
            self.alone.setdefault(reader, Scores()).add(label, each)

    def told(self) -> Iterator[str]:
        """The trial as lines for a person, the verdict on it last."""
        yield from self.present.told("present policy")
        if self.alone:
            readers = {"both": self.present, **self.alone}
            yield ""
            yield table(("reader", "accuracy", "macro-F1", "costly"), (_reader(*each) for each in readers.items()))
        if self.other:
            yield ""
            yield from self.new.told(self.other)
            yield from _listed("newly wrong", self.broken)
        yield from _listed("costly errors", self.costly)
        if self.other:
            yield ""
            yield f"{self.other} mends {self.mended} and breaks {len(self.broken)} of {self.present.pairs.total()} verdicts."

    def shape(self) -> Json:
        """The trial as JSON."""
        new = {"new": self.new.shape(), "mended": self.mended, "broken": len(self.broken)} if self.other else {}
        alone = {"readers": {reader: scores.shape() for reader, scores in self.alone.items()}} if self.alone else {}
        return {"present": self.present.shape(), **alone, **new}


def _reader(name: str, scores: Scores) -> tuple[str, ...]:
    counted = Confusion(scores.pairs)
    accuracy, macro_f1 = _number(counted.accuracy.value), _number(counted.macro_f1(CLASSES))
    return name, accuracy, macro_f1, share_words(scores.costly)


def _judged(said: Said) -> str:
    """The verdict as a class: mail set aside counts as out of scope."""
    return "out-of-scope" if said.verdict == SET_ASIDE else said.verdict


def _listed(what: str, wrong: list[tuple[str, Said]]) -> Iterator[str]:
    if wrong:
        yield ""
        yield marked(f"{what}:", "red")
    for title, said in wrong:
        yield from side_lines(defanged(title), said, said.reasons)


def _share_shape(share: Share) -> Json:
    low, high = share.interval
    return {"count": share.count, "of": share.of, "share": share.value, "interval": [low, high]}


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
