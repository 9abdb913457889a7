"""How well scopes are told apart: `python bench/scope.py [FILE.jsonl]` (default $TRIAGED_DATA/scope-dev.jsonl).

Prints accuracy, macro-F1, the costly errors (real in-scope reports called out of scope), how right each band is, and the
confusion. The rules were written beside these texts, so new mail will score lower.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path

from triaged.core.mail.message import Message
from triaged.core.report.scope import classify
from triaged.loading import load_policy

LABELS = ("model", "infrastructure", "sdk", "out-of-scope")


def as_message(title: str, text: str) -> Message:
    return Message("", 0, (), None, (), title, (), (), "text/plain", text)


def main() -> None:
    path = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["TRIAGED_DATA"] + "/scope-dev.jsonl")
    policy = load_policy()
    pairs: Counter[tuple[str, str]] = Counter()
    bands: Counter[tuple[str, bool]] = Counter()
    wrong: list[str] = []
    for line in path.open(encoding="utf-8"):
        row = json.loads(line)
        verdict = classify(as_message(row["title"], row["text"]), policy)
        pairs[row["label"], verdict.scope] += 1
        bands[verdict.band, verdict.scope == row["label"]] += 1
        if verdict.scope != row["label"]:
            rules = ", ".join(dict.fromkeys(f"{reason.rule}" for reason in verdict.reasons))
            wrong.append(
                f"{row['id']} {row['label']} -> {verdict.scope} {verdict.band}: {row['title'][:60]!r} [{rules}]"
            )
    total = sum(pairs.values())
    in_scope = sum(count for (label, _), count in pairs.items() if label != "out-of-scope")
    costly = sum(count for (label, said), count in pairs.items() if label != "out-of-scope" and said == "out-of-scope")
    print(f"{total} texts, accuracy {sum(pairs[label, label] for label in LABELS) / total:.3f}", end=", ")
    print(f"macro-F1 {sum(f1(pairs, label) for label in LABELS) / len(LABELS):.3f}", end=", ")
    print(f"unclear {sum(count for (_, said), count in pairs.items() if said == 'unclear') / total:.3f}")
    print(f"costly: {costly} of {in_scope} in-scope texts called out of scope ({costly / in_scope:.2%})")
    for band in ("high", "low"):
        right, all_of_it = bands[band, True], bands[band, True] + bands[band, False]
        print(f"band {band:<5} {all_of_it:>4} texts, right {right / max(all_of_it, 1):.3f}")
    for label in LABELS:
        print(
            f"{label:<15}",
            *(f"{said} {pairs[label, said]:<5}" for said in (*LABELS, "unclear")),
            f"F1 {f1(pairs, label):.3f}",
        )
    if "--wrong" in sys.argv:
        print("\n".join(wrong))


def f1(pairs: Counter[tuple[str, str]], label: str) -> float:
    right = pairs[label, label]
    said = sum(count for (_, answer), count in pairs.items() if answer == label)
    true = sum(count for (truth, _), count in pairs.items() if truth == label)
    return 2 * right / (said + true) if said + true else 0.0


main()
