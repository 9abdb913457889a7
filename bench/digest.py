"""How long it takes to make a digest: `python bench/digest.py [CASES]` (default 10000).

Prints seconds to compose and write it for 1,000 and for many cases, half of them overdue and every tenth new, with the weekly
figures; the same as a multiple of folding these cases from their events, measured beside it; and the ratio between both.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.support.letters import digest_words
from triaged.adapters.letters.render import JinjaRenderer
from triaged.config.loading import example, load_policy
from triaged.core.case.case import Case
from triaged.core.case.events import Answered, Assessed, OwnerSet, Received, Triaged
from triaged.core.case.folding import fold
from triaged.core.mail.sender import Sender
from triaged.core.report.report import Facts, Report, Verdict
from triaged.core.team.digest import Health, Inputs, digest

FEW = 1_000
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SENDER = Sender("", "ann@example.org", "unverified", "")
REPORT = Report((), (), Verdict("unclear", "low", ()), "report", Facts((), ()), (), ())


def made(count: int) -> list[Case]:
    cases = []
    for number in range(count):
        at = NOW - timedelta(hours=1 if number % 10 == 0 else 24 + number % 600)
        events = [
            Received(at=at, sha256="", received_at=at, message_id=None, sender=SENDER, subject=f"Report {number}"),
            Assessed(at=at, report=REPORT),
            OwnerSet(at=at, by="bo", owner=f"person{number % 7}"),
        ]
        if number % 2:
            events += [Triaged(at=at + DAY, by="bo"), Answered(at=NOW - DAY, by="bo")]
        cases.append(fold(f"SEC-{number:08d}", events))
    return cases


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measured(count: int) -> float:
    cases, policy = made(count), load_policy()
    write = JinjaRenderer(example().settings.identity, policy, bytes(32))
    inputs = Inputs(cases, (), {}, Health(NOW, (), 0, None, "1"), NOW - DAY, weekly=True)
    digest_words(write, digest(inputs, policy, NOW, NOW.date(), UTC))  # templates are read once
    folding = min(timed(lambda: [fold(case.id, case.history) for case in cases]) for _ in range(3))
    composing = min(timed(lambda: digest(inputs, policy, NOW, NOW.date(), UTC)) for _ in range(3))
    composed = digest(inputs, policy, NOW, NOW.date(), UTC)
    writing = timed(lambda: digest_words(write, composed))
    assert "overdue" in composed.state, "nothing is overdue: the timing means nothing"
    ratio = (composing + writing) / folding
    print(
        f"{count:>7} cases: composed in {composing:.2f} s, written in {writing:.2f} s, {ratio:.1f} times their folding"
    )
    return composing + writing


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    few = measured(FEW)
    print(f"ratio of the time, {many} to {FEW} cases: {measured(many) / few:.1f}")


if __name__ == "__main__":
    main()
