"""What a flood of 10,000 forged senders costs and sends: `python bench/flood.py [MAILS]`.

The store, the spool, the reader and the renderer are real. The mailbox and the submission server are fakes, so that only the
product is measured. Memory is the parent's, without the reader's child. `--profile` compares the profile of the last
thousand mails with that of the first.
"""

import cProfile
import gc
import pstats
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.flood import Flood, flood, over_a_cap
from triaged.adapters.log import set_up_logging

MAILS = 10_000
PORTION = 1000
POLL = 100
DIGEST_LIMIT = 100_000


def resident() -> float:
    """MB of memory that this process holds now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def portion(flooded: Flood) -> float:
    """Mails per second over one portion, poll by poll."""
    begun = time.perf_counter()
    for _ in range(PORTION // POLL):
        flooded.feed(POLL)
    return PORTION / (time.perf_counter() - begun)


def profiled(flooded: Flood) -> None:
    profile = cProfile.Profile()
    profile.runcall(portion, flooded)
    pstats.Stats(profile).sort_stats("tottime").print_stats(16)


def report(flooded: Flood, rates: list[float]) -> None:
    text, html = flooded.digest()
    size = len(text.encode()) + len(html.encode())
    print(f"mails filed           {flooded.filed} of {flooded.fed}")
    print(f"acknowledgments sent  {len(flooded.acknowledgments)}, and {flooded.alarms} alarm")
    print(f"digest                {size} bytes, text and HTML together")
    print(f"mails per second      {rates[0]:.0f} in the first thousand, {rates[-1]:.0f} in the last")
    assert flooded.filed == flooded.fed
    assert flooded.alarms == 1
    assert not (broken := over_a_cap(flooded.acknowledgments)), broken
    assert flooded.acknowledgments
    assert size < DIGEST_LIMIT, size


def main() -> None:
    count = next((int(argument) for argument in sys.argv[1:] if argument.isdecimal()), MAILS)
    set_up_logging("json", level="error")
    rates: list[float] = []
    with tempfile.TemporaryDirectory(prefix="tb") as folder, flood(Path(folder)) as flooded:
        before = held = resident()
        print(f"{'mails':>7} {'RSS MB':>8} {'of these new':>13} {'mails/s':>8}")
        for fed in range(PORTION, count + 1, PORTION):
            if "--profile" in sys.argv and fed in {PORTION, count}:
                profiled(flooded)
                continue
            rates.append(portion(flooded))
            now = resident()
            print(f"{fed:>7} {now:>8.1f} {now - held:>13.1f} {rates[-1]:>8.0f}", flush=True)
            held = now
        print(f"memory                {before:.1f} MB before, {held:.1f} MB after")
        if rates:
            report(flooded, rates)


main()
