"""What a quiet poll costs as the mailbox grows: `python bench/poll.py` (needs dovecot, and root to start it).

`ImapMailbox.fetch_new` with nothing new beside a bare NOOP on the same session, in alternation. Medians in milliseconds.
A poll is one STATUS of a folder that is not selected: one question, one line of answer. What grows with the mailbox is
dovecot's own part, which opens a Maildir anew for it.
"""

import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.maildir import fill
from tests import servers
from tests.fakes import MemoryLedger
from triaged.adapters.imap import ImapMailbox
from triaged.adapters.log import set_up_logging
from triaged.settings import MailboxSettings

SIZES = (100, 10_000)
ROUNDS = 500
MONTH = 30 * 86400


def main() -> None:
    set_up_logging(level="error")
    print(f"{'messages':>9} {'NOOP':>7} {'quiet poll':>11} {'x of NOOP':>10}")
    polls = []
    with tempfile.TemporaryDirectory(prefix="tb") as folder, servers.dovecot(Path(folder) / "d") as server:
        os.environ["IMAP_PASSWORD"] = server.password
        for size in SIZES:
            fill(server, f"u{size}", size, age=MONTH)
            noop, poll = measured(server, f"u{size}")
            polls.append(poll)
            print(f"{size:>9} {noop:>7.3f} {poll:>11.3f} {poll / noop:>10.2f}")
    print(f"a quiet poll of {SIZES[-1]} messages takes {polls[-1] / polls[0]:.2f} times that of {SIZES[0]}")


def measured(server: servers.Dovecot, user: str) -> tuple[float, float]:
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
    noops, polls = [], []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        client.noop()
        noops.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        assert list(mailbox.fetch_new(ledger, now)) == []
        polls.append(time.perf_counter() - begun)
    mailbox.close()
    return statistics.median(noops) * 1000, statistics.median(polls) * 1000


main()
