"""The cost of a quiet poll as the mailbox grows: `python bench/poll.py [MAILS]` (needs dovecot, and root to start it).

Alternates `ImapMailbox.fetch_new` with nothing new and a bare NOOP on the same session. Prints medians in milliseconds. A poll
is NOOP and a search above the highest UID, each with one line of answer, so at any size it should take twice as long as a
NOOP. Only the hourly comparison of all UIDs grows; its time is printed too.
"""

import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.maildir import fill
from tests.support import servers
from tests.support.fakes import MemoryLedger
from triaged.adapters.imap.mailbox import ImapMailbox
from triaged.adapters.log import set_up_logging
from triaged.config.settings import MailboxSettings
from triaged.core.mail.arrival import Contact, Place

SIZES = (100, int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
ROUNDS = 500
MONTH = 30 * 86400


def main() -> None:
    set_up_logging(level="error")
    print(f"{'messages':>9} {'NOOP':>7} {'quiet poll':>11} {'x of NOOP':>10} {'whole':>9}")
    polls = []
    with tempfile.TemporaryDirectory(prefix="tb") as folder, servers.dovecot(Path(folder) / "d") as server:
        os.environ["IMAP_PASSWORD"] = server.password
        for size in SIZES:
            fill(server, f"u{size}", size, age=MONTH)
            noop, poll, whole = measured(server, f"u{size}")
            polls.append(poll)
            print(f"{size:>9} {noop:>7.3f} {poll:>11.3f} {poll / noop:>10.2f} {whole:>9.3f}")
    print(f"a quiet poll of {SIZES[-1]} messages takes {polls[-1] / polls[0]:.2f} times that of {SIZES[0]}")


def measured(server: servers.Dovecot, user: str) -> tuple[float, float, float]:
    mailbox = ImapMailbox(
        MailboxSettings(
            host="localhost",
            port=server.port,
            security="none",
            username=user,
            password_env="IMAP_PASSWORD",  # noqa: S106 - a name
        )
    )
    ledger, now = MemoryLedger(), datetime.now(UTC)
    assert list(mailbox.fetch_new(ledger, now)) == []
    client = mailbox._client  # noqa: SLF001 - the same session
    assert client is not None
    noops, polls, wholes = [], [], []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        client.noop()
        noops.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        assert list(mailbox.fetch_new(ledger, now)) == []
        polls.append(time.perf_counter() - begun)
    for hours in range(1, 6):
        begun = time.perf_counter()
        # Every mail is within the window, so all of them are compared.
        assert list(mailbox.fetch_new(Known(ledger), now + hours * timedelta(hours=1))) == []
        wholes.append(time.perf_counter() - begun)
    mailbox.close()
    noop, poll, whole = (statistics.median(times) * 1000 for times in (noops, polls, wholes))
    return noop, poll, whole


class Known:
    """A ledger of a first contact in which the folder was empty, and of every mail since."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self.remember, self.last_taken_at, self.highest_uid = ledger.remember, ledger.last_taken_at, ledger.highest_uid

    def contact(self, folder: str, uidvalidity: int) -> Contact:
        return Contact(folder, uidvalidity, datetime.now(UTC), 1)

    def knows(self, _place: Place) -> bool:
        return True


main()
