"""How the search for duplicates grows: `python bench/duplicates.py [CASES]` (default 100000).

Prints for 1,000 and for many cases: seconds to make the index and MB that it takes, of all cases and of ten asked about (as for
a digest), microseconds a lookup, and the ratio between both. Every tenth case names an endpoint that very many name, every
hundredth tells a text told before.
"""

import random
import sys
import time
import tracemalloc
from datetime import UTC, datetime, timedelta

from triaged.core.case.case import Case
from triaged.core.case.events import Assessed, Received
from triaged.core.case.folding import fold
from triaged.core.intake.duplicates import Duplicates
from triaged.core.mail.sender import Sender
from triaged.core.report.report import Fact, Facts, Report, Verdict
from triaged.core.report.shingles import signature

FEW = 1_000
LOOKUPS = 500
WORDS = [f"word{number}" for number in range(5_000)]
START = datetime(2026, 1, 1, tzinfo=UTC)


def made(count: int) -> list[Case]:
    chance = random.Random(7)  # noqa: S311 - repeatable cases, not secrets
    texts = [signature(chance.choices(WORDS, k=80)) for _ in range(count)]
    cases = []
    for number in range(count):
        told_before = number % 100 == 99  # noqa: PLR2004
        signed = texts[chance.randrange(number)] if told_before else texts[number]
        endpoint = "/api/common" if number % 10 == 0 else f"/api/area{number % 9973}/thing{number // 3}"
        facts = Facts((Fact("endpoint", f"POST {endpoint}", ""), Fact("id", f"CVE-2026-{number // 2:06d}", "")))
        report = Report((), (), Verdict("unclear", "low", ()), "report", facts, (), signed)
        sender = Sender("", f"reporter{number // 5}@x.example", "unverified", "")
        at = START + timedelta(seconds=number)
        opening = Received(at=at, sha256="", received_at=at, message_id=None, sender=sender, subject=f"Report {number}")
        cases.append(fold(f"SEC-{number:08d}", (opening, Assessed(at=at, report=report))))
    return cases


def made_index(cases: list[Case], asked: list[Case] | None) -> Duplicates:
    tracemalloc.start()
    Duplicates(cases, asked)
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    begun = time.perf_counter()
    index = Duplicates(cases, asked)
    built = time.perf_counter() - begun
    print(f"{len(cases):>7} cases, index of {len(asked) if asked else 'all'}: {built:.2f} s, {size / 1e6:.0f} MB")
    return index


def measured(cases: list[Case]) -> float:
    made_index(cases, cases[-10:])
    index = made_index(cases, None)
    asked = random.Random(8).sample(cases, min(LOOKUPS, len(cases)))  # noqa: S311 - the same ones each time
    begun = time.perf_counter()
    found = sum(len(index.of(case)) for case in asked)
    each = (time.perf_counter() - begun) / len(asked)
    assert found, "nothing was found: the timing means nothing"
    print(f"{len(cases):>7} cases: a lookup {each * 1e6:.0f} us, {found} found")
    return each


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    few = measured(made(FEW))
    print(f"ratio of a lookup's time, {many} to {FEW} cases: {measured(made(many)) / few:.2f}")


if __name__ == "__main__":
    main()
