"""Mails per second from the mailbox to the submission server: `python bench/flow.py [MAILS]` (needs dovecot, postfix and root).

`take_in` and `deliver` with everything real (dovecot, spool, store, reader, templates) beside a bare loop that fetches, parses
in its own process and sends a fixed answer with smtplib, and keeps nothing. Both hand in at Postfix's smtp-sink, in
alternation; medians of the rounds. `python bench/flow.py --profile` shows where the time of one pass goes.
"""

import cProfile
import os
import pstats
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import mailparser
from imapclient import IMAPClient

from bench.maildir import fill
from tests.support import servers
from triaged.adapters.disk.decisions import DecisionBox
from triaged.adapters.disk.spool import FileSpool
from triaged.adapters.imap.mailbox import ImapMailbox
from triaged.adapters.letters.render import JinjaRenderer
from triaged.adapters.letters.smtp import SmtpSubmission
from triaged.adapters.log import set_up_logging
from triaged.adapters.reader.reader import ChildReader
from triaged.adapters.store.store import open_store
from triaged.config.loading import example
from triaged.config.settings import MailboxSettings, SmtpSettings
from triaged.core.letters.caps import Caps
from triaged.core.letters.house import House
from triaged.core.mail.ours import Ours
from triaged.service.delivery import deliver
from triaged.service.intake import take_in
from triaged.service.rooms import Mailroom, Outgoing, Pageroom, Scanroom, UnderWay, WritingDesk
from triaged.service.round import Round

MAILS = next((int(argument) for argument in sys.argv[1:] if argument.isdecimal()), 300)
ROUNDS = 5
ANSWER = b"From: security@smallest.ai\r\nSubject: We received your report\r\n\r\n" + b"words of an answer\r\n" * 80


@contextmanager
def smtp_sink() -> Iterator[int]:
    """Postfix's smtp-sink, which is written in C and fast enough not to limit the measurement."""
    servers.need("smtp-sink")
    port = servers.free_port()
    child = subprocess.Popen(["/usr/sbin/smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "100"])
    try:
        servers.wait_for(port, "smtp-sink")
        yield port
    finally:
        child.terminate()
        child.wait()


@contextmanager
def rooms(folder: Path, server: servers.Dovecot, user: str, smtp_port: int) -> Iterator[Round]:
    """Rooms as the daemon makes them, with caps too high to matter."""
    loaded = example()
    mailbox = MailboxSettings(
        host="localhost",
        port=server.port,
        security="none",
        username=user,
        password_env="IMAP_PASSWORD",  # noqa: S106 - a name
    )
    smtp = SmtpSettings(host="localhost", port=smtp_port, security="none")
    with (
        closing(open_store(folder)) as store,
        closing(ChildReader(policy=loaded.policy)) as reader,
        closing(ImapMailbox(mailbox)) as box,
        closing(SmtpSubmission(smtp)) as submission,
    ):
        reader.read(b"")  # a daemon that has run for a second has its child
        kept = UnderWay(
            store,
            spool=FileSpool(folder / "spool"),
            reader=reader,
            decisions=DecisionBox(folder / "decisions"),
            key=bytes(32),
            clock=lambda: datetime.now(UTC),
        )
        house = House(loaded.policy, Ours(frozenset({"security@smallest.ai"})), Caps(*[10**6] * len(fields(Caps))))
        renderer = JinjaRenderer(loaded.settings.identity, loaded.policy, bytes(32))
        desk = WritingDesk(kept, house, renderer, loaded.settings.digest)
        outgoing = Outgoing(kept, house, submission)
        yield Round(kept, (Mailroom(kept, desk, box),), desk, outgoing, Scanroom(kept), Pageroom(kept))


def ours(working: Round) -> None:
    assert len(take_in(working.mailrooms[0])) == MAILS
    assert deliver(working.outgoing) == MAILS
    assert working.under_way.store.seen() == {"opened": MAILS}


def bare(server: servers.Dovecot, user: str, smtp_port: int) -> None:
    """Fetch, parse, send; no spool, no store, no child, no decision."""
    with (
        IMAPClient("localhost", server.port, ssl=False) as client,
        smtplib.SMTP("localhost", smtp_port) as submission,
    ):
        client._imap.debug = 0  # noqa: SLF001 - as the product does
        client.login(user, server.password)
        client.select_folder("INBOX", readonly=True)
        uids = client.search(["ALL"])
        assert len(uids) == MAILS
        for start in range(0, MAILS, 50):
            for mail in client.fetch(uids[start : start + 50], ["BODY.PEEK[]"]).values():
                parsed = mailparser.parse_from_bytes(mail[b"BODY[]"])
                assert parsed.body
                assert parsed.attachments
                submission.sendmail("", [parsed.from_[0][1]], ANSWER)


def seconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    set_up_logging("json", level="error")
    with (
        tempfile.TemporaryDirectory(prefix="tb") as folder,
        servers.dovecot(Path(folder) / "d") as server,
        smtp_sink() as smtp_port,
    ):
        os.environ["IMAP_PASSWORD"] = server.password
        fill(server, "u", MAILS)
        if "--profile" in sys.argv:
            profiled(Path(folder), server, smtp_port)
            return
        rates: dict[str, list[float]] = {"bare loop": [], "triaged": []}
        for number in range(ROUNDS):
            rates["bare loop"].append(MAILS / seconds(lambda: bare(server, "u", smtp_port)))
            state = Path(folder) / f"state-{number}"
            with rooms(state, server, "u", smtp_port) as working:
                rates["triaged"].append(MAILS / seconds(lambda working=working: ours(working)))
    ratio = statistics.median(of / to for of, to in zip(rates["triaged"], rates["bare loop"], strict=True))
    for name, each in rates.items():
        print(
            f"{name:<10} {statistics.median(each):>6.0f} mails/s  (rounds: {', '.join(f'{rate:.0f}' for rate in each)})"
        )
    print(f"triaged goes at {ratio:.2f} of the bare loop, with every step of it on disk")


def profiled(folder: Path, server: servers.Dovecot, smtp_port: int) -> None:
    with rooms(folder / "state", server, "u", smtp_port) as working:
        profile = cProfile.Profile()
        profile.runcall(ours, replace(working))
    pstats.Stats(profile).sort_stats("cumulative").print_stats(30)


main()
