"""Verdicts held against each other: which change from one policy to the next, the costly changes first."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

from triaged.cli.shapes import Json
from triaged.cli.tables import marked, table
from triaged.cli.verdicts import BANDS, SET_ASIDE, VERDICTS, Said
from triaged.core.policy.rules import KindName
from triaged.core.report.measures import Share
from triaged.core.report.report import Reason
from triaged.core.text import defanged, visible

_SHOWN = 3
_QUOTED = 80
IN_SCOPE = ("model", "infrastructure", "sdk")
LOST = ("out-of-scope", SET_ASIDE)
"""Where a real report must never go: to say so of one is the costly error."""


@dataclass(frozen=True, slots=True)
class Change:
    """One message, what was said of it and what is said now. Keeps the strongest reasons alone: there may be many."""

    path: str
    subject: str
    was: Said
    now: Said

    @property
    def rank(self) -> tuple[int, str]:
        """The costliest first: what is lost, what goes to another scope, what becomes unclear, what is won, the band alone."""
        was, now = self.was.verdict, self.now.verdict
        if was == now:
            return 4, self.path
        if now in LOST:
            return 0, self.path
        if now == "unclear":
            return 2, self.path
        return (1 if was in IN_SCOPE else 3), self.path


@dataclass(slots=True)
class Comparison:
    """Counts of what was and is, and every change; no message is kept."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    bands: Counter[tuple[str, str]] = field(default_factory=Counter)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)

    def add(self, path: str, subject: str, was: Said, now: Said) -> bool:
        """Count one message; whether its verdict or band changed."""
        self.verdicts[was.verdict, now.verdict] += 1
        self.bands[was.band, now.band] += 1
        if "-" not in (was.kind, now.kind):
            self.kinds[was.kind, now.kind] += 1
        changed = (was.verdict, was.band) != (now.verdict, now.band)
        if changed:
            self.changes.append(Change(path, visible(subject, 90), shortened(was), shortened(now)))
        return changed

    @property
    def lost(self) -> int:
        """How many changed to where a real report must never go."""
        return sum(change.rank[0] == 0 for change in self.changes)

    def summary(self) -> Json:
        """The counts as JSON."""
        return {
            "mails": self.verdicts.total(),
            "changed": len(self.changes),
            "into_out_of_scope": sum(
                change.rank[0] == 0 and change.now.verdict != SET_ASIDE for change in self.changes
            ),
            "into_set_aside": sum(change.rank[0] == 0 and change.now.verdict == SET_ASIDE for change in self.changes),
            "verdicts": pairs_shape(self.verdicts),
            "bands": pairs_shape(self.bands),
            "kinds": pairs_shape(self.kinds),
        }

    def told(self, was: str, now: str) -> Iterator[str]:
        """The comparison as lines for a person; `was` and `now` name the two sides."""
        yield confusion_table(self.verdicts, VERDICTS, f"{was} \\ {now}")
        yield ""
        yield confusion_table(self.bands, BANDS, "band")
        if len(self.kinds) > 1:
            yield ""
            yield confusion_table(self.kinds, get_args(KindName), "kind")
        for change in sorted(self.changes, key=lambda each: each.rank):
            yield ""
            yield from change_lines(change, was, now)
        yield ""
        yield self._sentence()

    def _sentence(self) -> str:
        total, changed = self.verdicts.total(), len(self.changes)
        lost = f", {marked(str(self.lost), 'red')} of them into out-of-scope or set-aside" if self.lost else ""
        return f"{changed} of {total} verdicts change{lost}." if changed else f"None of {total} verdicts changes."


def shortened(said: Said) -> Said:
    """The same with the strongest reasons alone, to be kept."""
    return replace(said, reasons=tuple(strongest(said)))


def strongest(said: Said) -> Sequence[Reason]:
    """The reasons that carry a verdict, strongest first, one a rule; of an unclear one those that pull it both ways."""
    one_a_rule: dict[str, Reason] = {}
    for reason in said.reasons:
        if said.verdict in {"unclear", reason.scope}:
            one_a_rule.setdefault(reason.rule, reason)
    return list(one_a_rule.values())[:_SHOWN]


def change_lines(change: Change, was: str, now: str) -> Iterator[str]:
    """One changed verdict with both its sides."""
    colour = "red" if change.rank[0] == 0 else "yellow"
    turn = f"{change.was.verdict} -> {change.now.verdict}"
    if change.was.verdict == change.now.verdict:
        turn = f"{change.now.verdict}, {change.was.band} -> {change.now.band}"
    yield f"{marked(turn, colour)}  {visible(change.path)}  {defanged(change.subject, 90) or '(no subject)'}"
    yield from side_lines(was, change.was, change.was.reasons)
    yield from side_lines(now, change.now, change.now.reasons)


def side_lines(name: str, said: Said, reasons: Sequence[Reason]) -> Iterator[str]:
    """What one side said, with its reasons: the rule's id, what it speaks for, the part, the words."""
    if said.verdict == SET_ASIDE:
        yield f"  {name}: {SET_ASIDE}: {defanged(said.why)}"
        return
    yield f"  {name}: {said.verdict} ({said.band}){'' if reasons else ': no rule spoke'}"
    for reason in reasons:
        yield f"    {reason.rule} [{reason.scope}, {reason.part}]: {defanged(reason.quote, _QUOTED)}"


def confusion_table(pairs: Counter[tuple[str, str]], order: Sequence[str], corner: str) -> str:
    """Old down, new across; only what occurs, and an empty cell for none."""
    rows = [label for label in order if any(label == old for old, _ in pairs)]
    columns = [label for label in order if any(label == new for _, new in pairs)]
    cells = ([label, *(_cell(pairs[label, other]) for other in columns)] for label in rows)
    return table((corner, *columns), cells)


def counts_table(verdicts: Counter[tuple[str, str]]) -> str:
    """How often each verdict was given in each band."""
    bands = [band for band in BANDS if any(band == given for _, given in verdicts)]
    words = [word for word in VERDICTS if any(word == said for said, _ in verdicts)]
    header = ("verdict", *(f"band {band}" if band != "-" else "no band" for band in bands))
    return table(header, ([word, *(_cell(verdicts[word, band]) for band in bands)] for word in words))


def pairs_shape(pairs: Counter[tuple[str, str]]) -> list[Json]:
    """A confusion as JSON, in a fixed order."""
    return [{"was": was, "now": now, "count": count} for (was, now), count in sorted(pairs.items())]


def share_words(share: Share) -> str:
    """A share with its 95 % interval, for a person."""
    if share.value is None:
        return "none"
    low, high = share.interval
    return f"{share.count} of {share.of}, {share.value:.2%} (95 % interval {low:.2%} to {high:.2%})"


def _cell(count: int) -> str:
    return str(count) if count else "."
