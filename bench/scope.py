"""How well scopes are told apart: `python bench/scope.py [FILE.jsonl] [--wrong]` (default $TRIAGED_DATA/scope-dev.jsonl).

Each row of the file has `source`, `label`, `reason`, `title` and `text`. The rows of reason `no-impact` (a missing header, a
banner: accepted by one programme, refused by another) are no class that a text can tell, and are left out of the figures.
No rule was changed for an error on the sources of LEFT_OUT, so their figures come nearer to what new mail will get.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from triaged.config.loading import load_policy
from triaged.core.mail.message import Message
from triaged.core.policy.policy import Policy
from triaged.core.report.measures import Share, calibration, confusion
from triaged.core.report.reading import assess

LABELS = ("model", "infrastructure", "sdk", "out-of-scope")
IN_SCOPE = LABELS[:3]
LEFT_OUT = ("wiz-sec/open-cvdb", "bugcrowd/templates", "datenanfragen/data", "PolyAI NLU++")


@dataclass(frozen=True)
class Row:
    """A labelled text and what the rules said of it."""

    source: str
    label: str
    reason: str
    said: str
    band: str
    story: str

    @property
    def right(self) -> bool:
        return self.label == self.said


def main() -> None:
    files = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    path = Path(files[0] if files else os.environ["TRIAGED_DATA"] + "/scope-dev.jsonl")
    policy = load_policy()
    with path.open(encoding="utf-8") as lines:
        rows = [read(line, policy) for line in lines]
    rows = [row for row in rows if row.reason != "no-impact"]
    print_figures("all", rows)
    for source in sorted({row.source for row in rows}):
        print_figures(source, [row for row in rows if row.source == source], brief=True)
    left_out = [row for row in rows if row.source.startswith(LEFT_OUT)]
    if left_out:
        print_figures("sources that no rule was written for", left_out)
    if "--wrong" in sys.argv:
        print("\n".join(row.story for row in rows if not row.right))


def read(line: str, policy: Policy) -> Row:
    row = json.loads(line)
    message = Message("", 0, (), None, (), row["title"], (), (), "text/plain", row["text"])
    kind, verdict = assess(message, policy)
    rules = ", ".join(dict.fromkeys(reason.rule for reason in verdict.reasons))
    said = f"{verdict.scope} {verdict.band} ({kind})"
    story = f"{row['id']} {row['label']} ({row['reason']}) -> {said}: {row['title'][:60]!r} [{rules}]"
    return Row(row["source"], row["label"], row["reason"], verdict.scope, verdict.band, story)


def print_figures(name: str, rows: Sequence[Row], *, brief: bool = False) -> None:
    counts = confusion((row.label, row.said) for row in rows)
    costly = counts.taken_for(["out-of-scope"], IN_SCOPE)
    print(
        f"{name}: {len(rows)} texts, accuracy {percent(counts.accuracy)}, costly {costly.count} of {costly.of}", end=""
    )
    if brief:
        print()
        return
    low, high = costly.interval
    print(f" ({percent(costly)}; 95 % interval {low:.2%} to {high:.2%}), macro-F1 {counts.macro_f1(LABELS):.3f}")
    for label in LABELS:
        score = counts.score(label)
        said = ", ".join(f"{answer} {counts.pairs[label, answer]}" for answer in (*LABELS, "unclear"))
        print(f"  {label:<15} precision {percent(score.precision)}, recall {percent(score.recall)}: {said}")
    for band, figures in calibration(((row.band, row.right) for row in rows), ("high", "low")).items():
        print(f"  band {band:<5} right {percent(figures.right)}, covers {percent(figures.coverage)}")
    print_reasons(row for row in rows if row.label == "out-of-scope")


def print_reasons(rows: Iterable[Row]) -> None:
    counts = Counter((row.reason, row.right) for row in rows)
    for reason in sorted({reason for reason, _ in counts}):
        print(f"  {reason:<18} {percent(Share(counts[reason, True], counts[reason, True] + counts[reason, False]))}")


def percent(share: Share) -> str:
    return "none" if share.value is None else f"{share.value:.1%}"


main()
