"""How well one flaw told twice is found again, and another flaw kept apart: `python bench/alike.py [CASES]` (default 100000).

bench/alike.jsonl holds flaws of made-up products, each told by two people in their own words (`first`, `again`), and a near
miss (`other`): another flaw in the same place, or the same class of flaw in another place. The rules were tuned on its `seen`
half. Of the `counted` half, which has other kinds of flaw, nobody looked at anything but these figures. All reports are in one
store, together with those of bench/fresh.jsonl and, where $TRIAGED_DATA names it, of scope-dev.jsonl.

Prints for each half how often the double is among the first three that `triaged show` lists, and how many near misses are
graded medium or strong, with the 95 % interval (Wilson); then what a lookup costs among 1,000 and among many cases.
"""

import json
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import corpus
from corpus import Row

from triaged.config.loading import load_policy, shipped_tables
from triaged.core.case.case import Case
from triaged.core.case.events import Assessed, Received
from triaged.core.case.folding import fold
from triaged.core.intake.alike import Alike
from triaged.core.intake.duplicates import Duplicates
from triaged.core.mail.sender import Sender
from triaged.core.policy.policy import Policy
from triaged.core.report.measures import Share
from triaged.core.report.reading import read_report
from triaged.core.report.report import Report, Verdict

HERE = Path(__file__).parent
START = datetime(2026, 1, 1, tzinfo=UTC)
FEW, LOOKUPS = 1_000, 300
FIRST = 3
SURE = {"strong", "medium"}


def main() -> None:
    policy = load_policy().read_with(shipped_tables())
    pairs = _rows(HERE / "alike.jsonl")
    cases = {
        f"{number}-{name}": told(f"{number}-{name}", row[name], policy)
        for number, row in enumerate(pairs)
        for name in ("first", "again", "other")
    }
    others = [told(f"background-{number}", row, policy) for number, row in enumerate(background())]
    index = Duplicates([*others, *cases.values()])
    print(f"{len(cases) + len(others)} cases")
    for half in ("seen", "counted"):
        print(f"the {half} half")
        numbers = [number for number, row in enumerate(pairs) if row["half"] == half]
        show_half(numbers, cases, index, verbose=sys.argv[1:2] == ["seen"] == [half])
    many = int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 100_000
    few = lookup(made(FEW))
    print(f"ratio of a lookup's time, {many} to {FEW} cases: {lookup(made(many)) / few:.2f}")


def show_half(numbers: Sequence[int], cases: dict[str, Case], index: Duplicates, *, verbose: bool) -> None:
    found = sure = missed = 0
    for number in numbers:
        for one, two in (("first", "again"), ("again", "first")):
            listed = index.of(cases[f"{number}-{one}"])
            found += (here := f"{number}-{two}" in {each.of for each in listed[:FIRST]})
            sure += any(each.of == f"{number}-{two}" and each.grade in SURE for each in listed)
            if verbose and not here:
                print(f"  not found: {number}-{one}", [(each.of, each.grade, each.why) for each in listed[:FIRST]])
        wrong = [
            each for each in index.of(cases[f"{number}-other"]) if each.of in {f"{number}-first", f"{number}-again"}
        ]
        missed += (sure_of := any(each.grade in SURE for each in wrong))
        if verbose and sure_of:
            print(f"  near miss: {number}", [(each.grade, each.why) for each in wrong])
    _show("true double among the first three", Share(found, 2 * len(numbers)))
    _show("true double graded medium or strong", Share(sure, 2 * len(numbers)))
    _show("near miss graded medium or strong", Share(missed, len(numbers)))


def _show(name: str, share: Share) -> None:
    low, high = share.interval
    print(f"  {name:<36} {share.count:>3}/{share.of:<3} {share.value:.3f} ({low:.3f} to {high:.3f})")


def background() -> Iterator[Row]:
    """Reports of other things."""
    yield from (row for row in _rows(HERE / "fresh.jsonl") if row["report"])
    if folder := os.environ.get("TRIAGED_DATA"):
        yield from _rows(Path(folder) / "scope-dev.jsonl")


def told(name: str, row: Row, policy: Policy) -> Case:
    return _case(name, row["title"], read_report(corpus.message_of(row), policy), len(name))


def _case(name: str, subject: str, report: Report, number: int) -> Case:
    at = START + timedelta(seconds=number)
    sender = Sender("", f"{name}@x.example", "unverified", "")
    opening = Received(at=at, sha256="", received_at=at, message_id=None, sender=sender, subject=subject)
    return fold(name, (opening, Assessed(at=at, report=report)))


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def made(count: int) -> list[Case]:
    """Cases of sixty words each, as many of them rare as in real texts (Zipf); every hundredth is in a form of its flood."""
    chance = random.Random(7)  # noqa: S311 - the same cases each time; it hides nothing
    words = [f"word{number}" for number in range(60_000)]
    weights = [1 / (number + 20) for number in range(len(words))]
    drawn = iter(chance.choices(words, weights, k=60 * count))
    cases = []
    for number in range(count):
        terms = tuple(dict.fromkeys(next(drawn) for _ in range(60)))
        report = Report((), (), Verdict("unclear", "low", ()), terms=terms)
        cases.append(_case(f"SEC-{number:08d}", "", report, number))
    return cases


def lookup(cases: list[Case]) -> float:
    begun = time.perf_counter()
    index = Alike(cases)
    built = time.perf_counter() - begun
    asked = random.Random(8).sample(cases, min(LOOKUPS, len(cases)))  # noqa: S311 - the same ones each time
    begun = time.perf_counter()
    found = sum(len(index.of(case)) for case in asked)
    each = (time.perf_counter() - begun) / len(asked)
    assert found, "nothing was found: the timing means nothing"
    print(f"{len(cases):>7} cases: index made in {built:.2f} s, a lookup {each * 1e3:.2f} ms, {found} found")
    return each


if __name__ == "__main__":
    main()
