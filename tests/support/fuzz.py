"""Fuzzing: `python tests/support/fuzz.py --seconds 600 --seed 1 --jobs 2`, or `make fuzz TIME=600 SEED=1`.

Mutants of the golden mails go the whole way of `triaged explain`: read, decided, answered, told as text and as JSON; a share
of them through the real child, a share a second time as a follow-up, and now and then all together into a digest. What breaks
a rule of tests/support/oracle.py is a finding: its bytes are written to --out, and its seed and index take it again (--index).
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.support.mutants import Mutant, corpus, mutant
from tests.support.oracle import RULES, Explained, breaches, digest_breaches
from tests.support.values import HOUR, NOON, house
from tests.support.whole_way import FOLLOWED, Product, TooSlow, again, chosen, explained, filed, quiet, writer
from triaged.adapters.reader.reader import ChildReader
from triaged.cli.shapes import full_shape
from triaged.core.case.case import Case
from triaged.core.team.digest import Health, Inputs, digest

HANGS_AFTER = 90
"""Seconds after which a worker that has not gone on is killed: a loop that no signal reaches."""
MEMORY = 3 << 30
DIGEST = 200
"""Of so many cases, a digest."""
WRITTEN = 5
"""Findings of one kind whose bytes are written."""
REPORTED_EVERY = 10.0


@dataclass
class Figures:
    """What a run came to."""

    mutants: int = 0
    answered: int = 0
    degraded: int = 0
    apart: int = 0
    followed: int = 0
    digests: int = 0
    cpu: float = 0.0
    worst: tuple[float, int] = (0.0, -1)
    """Seconds, and the index of the mutant that took them."""
    peak: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    """Of each kind of finding, the first."""

    def add(self, other: "Figures") -> None:
        for name in ("mutants", "answered", "degraded", "apart", "followed", "digests", "cpu"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.worst, self.peak = max(self.worst, other.worst), max(self.peak, other.peak)
        self.kinds += other.kinds
        self.first = {**other.first, **self.first}

    def __str__(self) -> str:
        return (
            f"{self.mutants} mutants, {self.mutants / max(self.cpu, 0.1):.0f} a CPU second, {self.cpu:.0f} CPU seconds: "
            f"{sum(self.kinds.values())} findings\n"
            f"{self.answered} would be answered, {self.degraded} were read by their headers alone, {self.apart} were read by "
            f"the child too, {self.followed} came a second time, {self.digests} digests\n"
            f"worst time {self.worst[0]:.2f} s (index {self.worst[1]}), worst memory {self.peak // 1024} MiB"
            + "".join(f"\n  {count} x {kind}: {self.first.get(kind, '')}" for kind, count in self.kinds.most_common())
        )


class Worker:
    """One process's share of a run."""

    def __init__(self, seed: int, out: Path | None, product: Product | None = None) -> None:
        self.seed, self.out, self.product = seed, out, product or Product()
        self.mails, self.figures, self.reader = corpus(), Figures(), ChildReader()
        self.cases: list[Case] = []
        self.spent = 0.0

    def take(self, index: int) -> None:
        """One mutant, and what it breaks."""
        one = mutant(self.seed, index, self.mails)
        self.figures.mutants += 1
        try:
            found = explained(one, index, self.product, self.reader)
            wrong = list(breaches(found))
            if found.owed and chosen(index, FOLLOWED):
                wrong += breaches(again(found, self.product))
                self.figures.followed += 1
            self._note(found, index)
            wrong += self._digest(index)
        except TooSlow:
            wrong = [("quick", f"interrupted; the child: {self._apart(one)}")]
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            wrong = [(f"exception {type(error).__name__} {_place(error)}", f"{error!r:.300}")]
        for kind, sentence in wrong:
            self.finding(kind, sentence, index, one.raw)

    def finding(self, kind: str, sentence: str, index: int, raw: bytes) -> None:
        """Count it, and keep the bytes of the first few of its kind."""
        figures = self.figures
        figures.kinds[kind] += 1
        figures.first.setdefault(kind, f"seed {self.seed} index {index}: {sentence}")
        if self.out and figures.kinds[kind] <= WRITTEN:
            name = "".join(char if char.isalnum() else "-" for char in kind)[:80]
            (self.out / f"{name}-{self.seed}-{index}.eml").write_bytes(raw)
            (self.out / f"{name}-{self.seed}-{index}.txt").write_text(f"{kind}: {sentence}\n")

    def report(self) -> Figures:
        """What has been found since the last report; the child's time counts once it has ended."""
        usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        spent = sum(each.ru_utime + each.ru_stime for each in usage)
        told, self.figures = self.figures, Figures()
        told.cpu, self.spent = spent - self.spent, spent
        told.peak = usage[0].ru_maxrss
        return told

    def _apart(self, one: Mutant) -> str:
        began = time.monotonic()
        message = self.reader.read(one.raw).message
        return f"{time.monotonic() - began:.1f} s, {message.defects[:1]}"

    def _note(self, found: Explained, index: int) -> None:
        figures = self.figures
        figures.answered += found.owed is not None
        figures.degraded += found.message.degraded
        figures.apart += found.apart is not None
        figures.worst = max(figures.worst, (found.seconds, index))
        if found.decision.case_id:
            self.cases.append(filed(found))

    def _digest(self, index: int) -> Iterator[tuple[str, str]]:
        if len(self.cases) < DIGEST:
            return
        cases, self.cases = self.cases, []
        now, policy = NOON + index % 9 * 12 * HOUR, house().policy
        well = Health(NOON, (), 0, None, "1.0")
        composed = digest(Inputs(cases, (), {}, well, NOON - 24 * HOUR), policy, now, now.date(), UTC)
        self.figures.digests += 1
        yield from digest_breaches(composed, writer().digest(composed, now))
        for case in cases[:20]:
            json.dumps(full_shape(case, policy, now)).encode("ascii")


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/triaged/" in frame.filename] or frames
    return " < ".join(f"{Path(frame.filename).name}:{frame.name}" for frame in reversed(ours[-2:]))


def run(seed: int, indices: Iterable[int], product: Product | None = None, out: Path | None = None) -> Figures:
    """These mutants in this process."""
    worker = Worker(seed, out, product)
    with quiet(), closing(worker.reader):
        for index in indices:
            worker.take(index)
    return worker.report()


class Share:
    """Every so many mutants, in a process that is started again behind the mutant on which it died or hung."""

    context = multiprocessing.get_context("fork")

    def __init__(self, seed: int, number: int, jobs: int, until: float, worker: Callable[[], Worker]) -> None:
        self.seed, self.jobs, self.until, self.worker = seed, jobs, until, worker
        self.at, self.results = self.context.Value("q", number), self.context.Queue()
        self._start()

    def look(self, total: Figures) -> bool:
        """Take in what it has found; whether it is still at work."""
        while not self.results.empty():
            total.add(self.results.get())
        if self.at.value != self.seen:
            self.seen, self.since = self.at.value, time.monotonic()
        if time.monotonic() - self.since > HANGS_AFTER:
            self.process.kill()
            self.process.join()
        if self.process.exitcode:
            total.add(self._died())
            self.at.value += self.jobs
            self._start()
        return self.process.exitcode is None

    def _start(self) -> None:
        self.seen, self.since = self.at.value, time.monotonic()
        self.process = self.context.Process(target=self._work)
        self.process.start()

    def _work(self) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        worker, reported = self.worker(), time.monotonic()
        parent = os.getppid()
        with quiet(), closing(worker.reader):
            while time.monotonic() < self.until and os.getppid() == parent:
                worker.take(self.at.value)
                self.at.value += self.jobs
                if time.monotonic() > reported + REPORTED_EVERY:
                    reported = time.monotonic()
                    self.results.put(worker.report())
        self.results.put(worker.report())

    def _died(self) -> Figures:
        worker, index = self.worker(), self.at.value
        raw = mutant(self.seed, index, worker.mails).raw
        worker.finding(f"worker died {self.process.exitcode}", "of this mutant, or of all before it", index, raw)
        return worker.figures


def fuzz(seed: int, seconds: float, jobs: int, out: Path, product: Product | None = None) -> Figures:
    """So many processes for so long."""
    until, told, total = time.monotonic() + seconds, time.monotonic(), Figures()
    shares = [Share(seed, number, jobs, until, partial(Worker, seed, out, product)) for number in range(jobs)]
    while sum(share.look(total) for share in shares):
        if time.monotonic() > told + 60:
            told = time.monotonic()
            print(f"{total}\n", flush=True)
        time.sleep(0.2)
    for share in shares:
        share.look(total)
    return total


def show(seed: int, index: int, out: Path) -> Figures:
    """Take one mutant again, with its bytes and its traceback."""
    one = mutant(seed, index, corpus())
    (out / f"{seed}-{index}.eml").write_bytes(one.raw)
    with quiet():
        try:
            print("\n".join(explained(one, index, Product()).told))
        except (Exception, TooSlow):  # noqa: BLE001 - shown, and judged again below
            traceback.print_exc()
    return run(seed, [index], out=out)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--index", type=int, help="take this one mutant again")
    parser.add_argument("--out", type=Path, help="where the mutants of findings go; default: a new temporary folder")
    return parser.parse_args(words)


def main() -> None:
    asked = arguments()
    out = asked.out or Path(tempfile.mkdtemp(prefix="triaged-fuzz-"))
    out.mkdir(parents=True, exist_ok=True)
    # The mutants are those of just these mails.
    mails = hashlib.sha256(b"".join(corpus())).hexdigest()[:8]
    print(
        f"seed {asked.seed}, {len(corpus())} golden mails ({mails}), {len(RULES)} rules, findings to {out}", flush=True
    )
    again_only = asked.index is not None
    figures = show(asked.seed, asked.index, out) if again_only else fuzz(asked.seed, asked.seconds, asked.jobs, out)
    print(figures)
    raise SystemExit(1 if figures.kinds else 0)


if __name__ == "__main__":
    main()
