"""How long cheap slow mails delay honest ones and the digest: `python bench/slow_mail.py [MAILS]` (needs dovecot).

The mailbox holds MAILS of the worst known mails, half before the first of two honest mails and half between them, and a digest
is due. The daemon runs with everything real. Prints the seconds from its start.
"""

import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.stories.conftest import ROOT, House
from tests.support import hostile, servers
from tests.support.values import mail

MAILS = next((int(argument) for argument in sys.argv[1:] if argument.isdecimal()), 60)
WORST = ("parts in each other behind the end", "accents in uuencode", "html '<p><b>'")
GIVEN_UP_AFTER = 600.0
WATCHED = (("the first answer", "first"), ("the one behind them", "behind"), ("the digest", "team-slow"))


def worst(number: int, name: str) -> bytes:
    """One of the worst mails, with a sender and Message-ID of its own."""
    raw = hostile.mail(name)
    named = raw.replace(b"ann@example.org", b"slow@h%d.example" % number, 1)
    return named.replace(b"<1@example.org>", b"<slow-%d@h.example>" % number, 1)


def laid_out(house: House) -> None:
    """The mails in mailbox order."""
    slow = [worst(number, name) for number, name in enumerate(islice(cycle(WORST), MAILS))]
    half = MAILS // 2
    for raw in (
        *slow[:half],
        mail(1, author="first@honest.example"),
        *slow[half:],
        mail(2, author="behind@else.example"),
    ):
        house.append(raw)


def watched(house: House) -> dict[str, float]:
    """When each answer and the digest left, in seconds from the start of the daemon."""
    began, left = time.monotonic(), {}
    # Without NOTIFY_SOCKET: a service manager that does not read would cost half a second for each mail.
    with (house.folder / "log").open("wb") as log:
        daemon = subprocess.Popen(house.command("run"), stdout=log, stderr=log, cwd=ROOT)
    try:
        while left.keys() != {to for _, to in WATCHED} and time.monotonic() < began + GIVEN_UP_AFTER:
            for _, recipients, _ in list(house.sink.mails):
                to = recipients[0].partition("@")[0]
                if to in {each for _, each in WATCHED}:
                    left.setdefault(to, time.monotonic() - began)
            time.sleep(0.05)
    finally:
        daemon.kill()
        daemon.wait()
    return left


def main() -> None:
    """Run it once and print when each mail left."""
    with (
        tempfile.TemporaryDirectory(prefix="tb") as folder,
        servers.dovecot(Path(folder) / "d") as dovecot,
        servers.smtp_sink() as sink,
    ):
        home = Path(folder) / "house"
        home.mkdir()
        house = House(home, dovecot, "slow", sink.port, sink)
        house.config.write_text(house.config.read_text().replace('"09:00"', '"00:00"'))
        laid_out(house)
        left = watched(house)
    print(f"{MAILS} slow mails around two honest ones, a digest due")
    for what, to in WATCHED:
        print(f"  {what:<20} after {left[to]:.1f} s" if to in left else f"  {what:<20} never")


if __name__ == "__main__":
    main()
