"""The accuracy on mails from which no rule and no table was made: `python bench/fresh.py [seen]` (make bench-fresh).

The mails of bench/fresh.jsonl were written before anybody looked at how they are read, in styles that the other mails do not
have. The rules were then mended with the `seen` half in sight (`seen` prints its faults, mail by mail). Of the `counted` half
nobody has seen more than these figures. The shipped tables learned from neither.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import corpus
from corpus import Row
from written import ASKS, VERDICTS, ask_counts, show, verdict_counts

from triaged.config.loading import load_policy, shipped_tables
from triaged.core.intake.decision import Decision

MAILS = Path(__file__).with_suffix(".jsonl")


def main() -> None:
    ours = corpus.our_house(load_policy().read_with(shipped_tables()))
    with MAILS.open(encoding="utf-8") as lines:
        mails = [json.loads(line) for line in lines]
    for half in ("seen", "counted"):
        counts: Counter[str] = Counter()
        for row in mails:
            if row["half"] == half:
                decision = corpus.decision_on(row, ours)
                counts.update([*verdict_counts(row, decision), *ask_counts(row, decision)])
                if half in sys.argv[1:2] == ["seen"]:
                    tell(row, decision)
        print(f"fresh mails, the {half} half")
        show(counts, (*VERDICTS, *ASKS))


def tell(row: Row, decision: Decision) -> None:
    """Print the verdict on a mail if it is not what the writer meant."""
    report, reply = decision.report, decision.reply
    asked = [section.name for section in reply.missing] if reply else []
    wanted = row["label"] if corpus.is_report(row) else row["kind"]
    said = report.verdict.scope if report.kind == "report" else report.kind
    truth = row.get("sections", {})
    wrong = [name for name in asked if truth.get(name) != "m"]
    silent = [name for name, there in truth.items() if there == "m" and name not in asked]
    if said != wanted or wrong or silent:
        said = f"meant {wanted}, read {said} ({report.verdict.band})"
        print(f"{row['title'][:60]!r}: {said}; wrongly asked {wrong}, not asked {silent}")


main()
