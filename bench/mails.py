"""How well automatic mail is told from people's: `python bench/mails.py [FOLDER]` (default $TRIAGED_DATA/mails).

Prints the confusion over MANIFEST.tsv and names every mail on the wrong side of it.
"""

import csv
import os
import sys
from collections import Counter
from pathlib import Path

from triaged.core.mail.automatic import Ours, silence
from triaged.core.mail.reading import read_message
from triaged.core.mail.sender import Trust, sender

OWN = Ours(frozenset({"security@smallest.ai"}))


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["TRIAGED_DATA"] + "/mails")
    counts: Counter[tuple[str, str]] = Counter()
    wrong = []
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            message = read_message((folder / row["file"]).read_bytes())
            why, who = silence(message, OWN), sender(message, Trust())
            outcome = f"silent ({why.sign})" if why else "answered" if who.address else "no sender"
            side = "silent" if why else outcome
            counts[row["must_not_be_answered"], side] += 1
            if (row["must_not_be_answered"], side) in {("yes", "answered"), ("no", "silent")}:
                wrong.append((row["must_not_be_answered"], row["file"], row["kind"], outcome))
    for (label, side), count in sorted(counts.items()):
        print(f"must not be answered: {label:<4} {side:<10} {count}")
    for label, file, kind, outcome in sorted(wrong):
        print(f"WRONG {label:<4} {kind:<14} {file}: {outcome}")


main()
