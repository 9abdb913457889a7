"""The cost of reading a mail's words compared with its other work, as ratios of one run: `python bench/words.py`.

A small report of 7 kB is hashed, parsed with mail-parser alone, taken apart, read for its words, and both by the reading child
and by its parent; then texts made to hurt are read at 10,000, 100,000 and 1,000,000 characters (the longest can be named),
where a linear reader takes ten times as long for each. The last takes no longer: only the first 100,000 characters are read.
"""

import hashlib
import sys
import time
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import mailparser

from bench.maildir import report
from triaged.adapters.reader.reader import ChildReader
from triaged.config.loading import example
from triaged.core.mail.message import Message
from triaged.core.mail.parsing.reading import read_message
from triaged.core.phrases import words_of
from triaged.core.report.reading import read_report

ROUNDS, EACH = 7, 60
LONGEST = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
POLICY = example().policy
SIZES = (LONGEST // 100, LONGEST // 10, LONGEST)


def hurting() -> dict[str, str]:
    """The pieces that are repeated to make each text."""
    phrases = [phrase for rule in POLICY.scopes.rules for phrase in rule.phrases]
    listed = [phrase for phrases in POLICY.hints.words.values() for phrase in phrases]
    return {
        "one word": "a" * 100,
        "one word, again and again": "prompt ",
        "phrases of all rules": ", ".join(phrases) + ". ",
        "phrases of all hints": " ".join(listed) + " ",
        "beginnings of phrases": " ".join(phrase.rsplit(" ", 1)[0] for phrase in phrases) + " ",
        "one sentence": "Whoever knows the number of an invoice reads all of it at /v1/invoices/12?user=3. ",
        "one line each": "1. Open https://a.example/b and log in as user 1\n",
        "figures and stops": "1.2.3.4 0.1x a.b(c) v1.2 ",
        "wide characters": "攻击者可以读取别人的数据。",
    }


def milliseconds(work: Callable[[], object], times: int = EACH) -> float:
    """Milliseconds of processor time for one run of the work, the best of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(times):
            work()
        best = min(best, time.process_time() - begun)
    return best * 1000 / times


def message_of(text: str) -> Message:
    return Message("", 0, (), None, (), text[:900], (), (), "text/plain", text, quoted=text)


def kinds_of_work() -> None:
    raw = report(1)
    message = read_message(raw)
    read_report(message, POLICY)
    with closing(ChildReader(policy=POLICY)) as reader:
        assert reader.read(raw).report == read_report(message, POLICY)
        costs = {
            "its SHA-256": milliseconds(lambda: hashlib.sha256(raw).digest()),
            "mail-parser alone": milliseconds(lambda: mailparser.parse_from_bytes(raw)),
            "taking it apart": milliseconds(lambda: read_message(raw)),
            "cutting its words": milliseconds(lambda: words_of(message.text)),
            "reading its words": milliseconds(lambda: read_report(message, POLICY)),
            "the parent's part of both": milliseconds(lambda: reader.read(raw)),
        }
    unit = costs["taking it apart"]
    print(f"one report of {len(raw)} bytes and {len(message.text.split())} words")
    for name, cost in costs.items():
        print(f"  {name:<28} {cost:8.3f} ms  {cost / unit:6.3f} of taking it apart")


def growth() -> None:
    print(f"texts of {', '.join(f'{size:,}' for size in SIZES)} characters, and what each costs of the one before")
    for name, piece in hurting().items():
        texts = [message_of((piece * (size // len(piece) + 1))[:size]) for size in SIZES]
        costs = [milliseconds(lambda text=text: read_report(text, POLICY), 1) for text in texts]
        ratios = "  ".join(f"{after / before:5.1f}" for before, after in pairwise(costs))
        print(f"  {name:<28} {'  '.join(f'{cost:8.1f}' for cost in costs)} ms  {ratios}")


kinds_of_work()
growth()
