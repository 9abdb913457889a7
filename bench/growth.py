"""The cost of a follow-up as its case grows: `python bench/growth.py [MAILS]`.

Each follow-up is decided on and recorded as the daemon does it, in a store on disk. Prints medians in milliseconds and their
ratio; only the ratio can be compared between machines.
"""

import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.values import NOON, house, message
from triaged.adapters.store.store import TinyStore, open_store
from triaged.core.intake.correlate import Known
from triaged.core.intake.incoming import Mail, Past
from triaged.core.intake.triage import triage
from triaged.core.mail.arrival import Arrival

SMALL, LARGE = 20, int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
ROUNDS = 100


def follow_up(store: TinyStore, number: int) -> float:
    """Record one more mail of the same reporter, and return the milliseconds that it took."""
    at = NOON + timedelta(minutes=number)
    sha256 = f"{number:064x}"
    mail = message(sha256=sha256, message_id=f"mail-{number}@example.org", text=f"Also see item {number}.")
    mail = replace(mail, references=("mail-0@example.org",) if number else ())
    begun = time.perf_counter()
    arrival = Arrival(sha256, at, at, mail.size)
    store.note(replace(arrival, attempts=1))
    decision = triage(Mail(mail, at, "SEC-7Q4K-2M8D"), house(), Past(Known(store.by_message_id, store.case)), at)
    store.record(decision.case_id, decision.events, replace(arrival, end=decision.end, case_id=decision.case_id))
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, closing(open_store(Path(folder))) as store:
        took = [follow_up(store, number) for number in range(LARGE + ROUNDS)]
        assert len(list(store.cases())) == 1, "every mail belongs to the one case"
    small, large = (statistics.median(took[size : size + ROUNDS]) for size in (SMALL, LARGE))
    print(f"a follow-up to a case with {SMALL:>5} mails: {small:8.2f} ms")
    print(f"a follow-up to a case with {LARGE:>5} mails: {large:8.2f} ms, {large / small:.2f} times that")


main()
