"""How well automatic mail is told from personal mail: `python bench/mails.py [FOLDER]` (default $TRIAGED_DATA/mails).

Prints how many mails that must not be answered would be, how many personal mails are judged automatic, the totals for each
label, and each mail on the wrong side. A mail without a certain sender is never answered, so it does not count as a mistake.
"""

import csv
import logging
import os
import sys
from collections import Counter
from pathlib import Path

from triaged.core.mail.automatic.signs import Ours, silence
from triaged.core.mail.message import Message
from triaged.core.mail.parsing.reading import read_message
from triaged.core.mail.sender import Trust, sender

OWN = Ours(frozenset({"security@smallest.ai"}))
WRONG = {("yes", "answered"), ("no", "automatic")}


def main() -> None:
    logging.disable(logging.ERROR)  # mail-parser's warnings about parts that it skips
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["TRIAGED_DATA"] + "/mails")
    counts: Counter[tuple[str, str]] = Counter()
    signs: Counter[str] = Counter()
    wrong = []
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            label = row["must_not_be_answered"]
            side, sign = judged(read_message((folder / row["file"]).read_bytes()))
            counts[label, side] += 1
            signs[sign] += 1
            if (label, side) in WRONG:
                wrong.append(f"{label:<4} {row['kind']:<14} {row['file']}: {side} {sign}")
    show(counts, signs, wrong)


def judged(message: Message) -> tuple[str, str]:
    """The judgment (automatic, answered, or without a sender) and the sign."""
    if why := silence(message, OWN):
        return "automatic", why.sign
    return ("answered", "") if sender(message, Trust()).address else ("no sender", "")


def show(counts: Counter[tuple[str, str]], signs: Counter[str], wrong: list[str]) -> None:
    for (label, side), count in sorted(counts.items()):
        print(f"must not be answered: {label:<4} {side:<10} {count}")
    print("signs:", ", ".join(f"{sign} {count}" for sign, count in signs.most_common() if sign))
    for label, side in sorted(WRONG, reverse=True):
        total = sum(count for (named, _), count in counts.items() if named == label)
        bad = counts[label, side]
        print(f"{label} rows {side}: {bad} of {total} ({bad / max(total, 1):.2%})")
    for line in sorted(wrong):
        print("WRONG", line)


main()
