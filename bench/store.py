"""The cost of a durable write of one case as the store grows: `python bench/store.py [CASES]`.

Alternates three ways to write: a raw append and fdatasync of the same bytes, `TinyStore.record`, and TinyDB's own JSONStorage.
Prints medians in milliseconds and their ratios; only the ratios can be compared between machines.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tinydb import TinyDB
from tinydb.table import Document

from tests.support.values import NOON, decide, message
from triaged.adapters.letters.render import JinjaRenderer
from triaged.adapters.store.journal import JOURNAL
from triaged.adapters.store.store import TinyStore, open_store
from triaged.config.loading import example
from triaged.core.case.events import Event
from triaged.core.letters.drafts import replying

SIZES = (100, int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
ROUNDS = 200
SLOW_ROUNDS = 5


def opening() -> tuple[Event, ...]:
    """The events that record a report and its acknowledgment."""
    loaded = example()
    renderer = JinjaRenderer(loaded.settings.identity, loaded.policy, bytes(32))
    decision = decide(message())
    assert decision.reply
    return (*decision.events, renderer.finished(replying(decision.reply, loaded.policy, NOON), NOON))


def milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    events = opening()
    print(
        f"{'cases':>7} {'append+fsync':>13} {'TinyStore':>10} {'JSONStorage':>12} {'x of append':>12} {'JSON / ours':>12}"
    )
    medians = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            raw, ours, theirs = measured(Path(folder), events, size)
        medians.append(ours)
        print(f"{size:>7} {raw:>13.3f} {ours:>10.3f} {theirs:>12.1f} {ours / raw:>12.2f} {theirs / ours:>12.0f}")
    print(f"TinyStore at {SIZES[-1]} cases takes {medians[-1] / medians[0]:.2f} times what it takes at {SIZES[0]}")


def measured(folder: Path, events: tuple[Event, ...], size: int) -> tuple[float, float, float]:
    store = open_store(folder)
    for number in range(size):
        store.record(f"SEC-{number:08d}", events)
    with (folder / JOURNAL).open("rb") as journal:
        line = journal.read().splitlines(keepends=True)[-1]
    appended, recorded = [], []
    file = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in range(ROUNDS):
        appended.append(milliseconds(lambda: (os.write(file, line), os.fdatasync(file))))
        recorded.append(milliseconds(lambda number=number: store.record(f"SEC-NEW-{number}", events)))
    os.close(file)
    json_storage = json_writes(folder / "json.json", store, size)
    store.close()
    return statistics.median(appended), statistics.median(recorded), json_storage


def json_writes(path: Path, store: TinyStore, size: int) -> float:
    """The same documents in plain TinyDB."""
    documents = list(store._storage.read()["cases"].values())[:size]  # noqa: SLF001 - to write the same documents
    with TinyDB(path) as db:
        table = db.table("cases")
        table.insert_multiple(Document(document, number) for number, document in enumerate(documents, 1))
        extra = [Document(documents[0], size + number) for number in range(1, SLOW_ROUNDS + 1)]
        return statistics.median(milliseconds(lambda document=document: table.insert(document)) for document in extra)


main()
