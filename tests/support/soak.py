"""Random kill -9 trials: `python tests/support/soak.py 1000 [SEED]`, or `make soak TRIALS=1000` (needs dovecot and root).

A house takes in mail on a real dovecot and hands in at an SMTP sink. Its process is killed at a random moment, again and
again; after every kill the store must open, and now and then all is let finish and judged at the servers: every report has
its case and its raw bytes, every acknowledgment came once, or twice with equal bytes where a kill fell into the window.
The seed tells each trial again, as far as the machine's timing does.
"""

import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.stories.mails import numbered
from tests.support import servers
from tests.support.crashing import KILLED, Copy, Zygote

KILLS_A_HOUSE = 20
WORKERS = 3
SETTINGS = "replies: {per_hour: 100000, flood_per_hour: 100000}\n"


@dataclass
class Figures:
    """What the trials came to."""

    trials: int = 0
    killed: int = 0
    reports: int = 0
    in_the_window: int = 0
    doubled: int = 0
    snapshots: int = 0
    pending: int = 0
    by_headers: int = 0
    seeds: list[int] = field(default_factory=list)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))

    def __str__(self) -> str:
        return (
            f"{self.trials} trials, {self.killed} killed at work, {self.reports} reports: 0 lost, 0 unreadable stores; "
            f"{self.pending} kills left a mail half done; {self.in_the_window} fell between Submitting and its outcome, "
            f"{self.doubled} letters came twice with equal bytes, 0 otherwise; "
            f"{self.by_headers} mails had three kills in their reading; {self.snapshots} houses wrote snapshots"
        )


def house_of(seed: int, folder: Path, dovecot: servers.Dovecot, trials: int) -> Figures:
    """One house and its kills; raises AssertionError with the seed when a promise is broken."""
    dice, figures = random.Random(seed), Figures(seeds=[seed])
    with servers.smtp_sink() as sink, closing(Zygote()) as zygote:
        house = Copy(folder / str(seed), dovecot, f"s{seed}", sink, settings=SETTINGS)
        in_doubt: set[str] = set()
        span = 0.3
        for trial in range(trials):
            house.receive(*(numbered(trial * 3 + number) for number in range(dice.randint(1, 3))))
            kill_after = dice.uniform(0.005, span)
            code = zygote.run(house, kill_after=kill_after, compact_above=20_000, now=later(trial))
            assert code in {0, KILLED}, house.log()
            # About as many kills as passes that end: so they are spread over all that a pass does.
            span *= 1.2 if code == KILLED else 0.8
            figures.trials += 1
            figures.killed += code == KILLED
            if (house.state / "key").exists():
                doubts = look(house, figures)
                in_doubt |= doubts
        finish(house, zygote, in_doubt, figures, later(trials))
    return figures


def later(trial: int) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=trial)


def look(house: Copy, figures: Figures) -> set[str]:
    """The store opens after a kill; the letters of which nobody knows now whether they went out."""
    with house.store() as store:
        doubts = {letter.message_id for _, letter in store.owed() if letter.state == "submitting"}
        figures.pending += bool(store.pending())
    figures.in_the_window += len(doubts)
    return doubts


def finish(house: Copy, zygote: Zygote, in_doubt: set[str], figures: Figures, now: datetime) -> None:
    """Let it end its work, and judge it."""
    for _ in range(2):
        assert zygote.run(house, now=now) == 0, house.log()
    reports = len(house.sent)
    figures.reports += reports
    figures.snapshots += (house.state / "cases.json").exists()
    with house.store() as store:
        ends = store.seen()
    # A mail in whose reading three kills have fallen is read by its headers alone: a case, and answered, all the same.
    assert ends.keys() <= {"opened", "failed"}, ends
    assert sum(ends.values()) == reports, ends
    figures.by_headers += ends.get("failed", 0)
    figures.doubled += house.judge(ends=ends, letters=reports, twice=len(in_doubt))
    came = Counter(raw for _, _, raw in house.sink.mails)
    twice = [raw for raw, times in came.items() if times > 1]
    assert all(any(message_id.encode() in raw for message_id in in_doubt) for raw in twice), (
        "doubled outside the window"
    )


def soak(trials: int, seed: int, folder: Path, dovecot: servers.Dovecot) -> Figures:
    """So many trials, on a few houses at a time."""
    dice = random.Random(seed)
    houses = [(dice.randrange(2**32), min(KILLS_A_HOUSE, trials - done)) for done in range(0, trials, KILLS_A_HOUSE)]

    def run(each: tuple[int, int]) -> Figures:
        own, kills = each
        try:
            return house_of(own, folder, dovecot, kills)
        except BaseException as error:
            raise AssertionError(f"seed {seed}, house {own}: {error}") from error

    with ThreadPoolExecutor(WORKERS) as pool:
        return sum(pool.map(run, houses), Figures())


def main() -> None:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    print(f"seed {seed}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ts") as folder, servers.dovecot(Path(folder) / "d") as dovecot:
        figures = soak(trials, seed, Path(folder) / "houses", dovecot)
    print(f"{figures}; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
