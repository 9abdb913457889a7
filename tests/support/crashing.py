"""What the crash walk and the soak share: houses that are copied, run in forked children, and judged at the servers."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from pathlib import Path

from tests.support.servers import DOMAIN, Dovecot, SmtpSink
from triaged.adapters.store.store import open_store
from triaged.adapters.store.verify import verify

REPORTER = "grace@hopper.example"

ROOT = Path(__file__).resolve().parents[2]
KILLED = -9


class Zygote:
    """Runs the product in forked children, one after the other."""

    def __init__(self) -> None:
        command = [sys.executable, str(ROOT / "tests" / "support" / "zygote.py")]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, cwd=ROOT, text=True
        )

    def run(
        self, house: "Copy", *arguments: str, crash_at: str = "", now: datetime | None = None, **how: object
    ) -> int:
        """Run one command on a house and return its exit code."""
        request = {
            "arguments": arguments or ("run", "--once"),
            "config": str(house.config),
            "log": str(house.folder / "log"),
            "crash_at": crash_at,
            "now": now.isoformat() if now else "",
            "compact_above": 4 << 20,
            "kill_after": 0,
            "reached": "",
            **how,
        }
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())

    def reached(self, house: "Copy", *arguments: str, **how: object) -> Counter[str]:
        """Run one command that must go well; how often it came by each crash point."""
        file = house.folder / "reached"
        code = self.run(house, *arguments, crash_at="none", reached=str(file), **how)
        assert code == 0, house.log()
        return Counter(json.loads(file.read_text()))

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@dataclass
class Copy:
    """A state directory, a mailbox on dovecot and a sink: one installation among many, each a copy of an earlier one."""

    folder: Path
    dovecot: Dovecot
    user: str
    sink: SmtpSink
    settings: str = ""
    mailbox: str = ""
    sent: list[bytes] = field(default_factory=list)
    """The mails that lie in its mailbox."""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        (self.folder / "password").write_text(self.dovecot.password)
        self.config.write_text(
            f"identity: {{organization: Smallest.AI, name: Smallest.AI Security, address: security@{DOMAIN}}}\n"
            f"mailbox: {{host: localhost, port: {self.dovecot.port}, security: none, username: {self.user}, "
            f"password_file: password{self.mailbox}}}\n"
            f"smtp: {{host: localhost, port: {self.sink.port}, security: none}}\n"
            f'digest: {{to: [team@{DOMAIN}], at: "00:00", timezone: UTC}}\n'
            f"state_dir: state\n{self.settings}"
        )

    @property
    def config(self) -> Path:
        return self.folder / "triaged.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def maildir(self) -> Path:
        return self.dovecot.folder / "mail" / self.user

    def copy(self, folder: Path, user: str, sink: SmtpSink, **changes: object) -> "Copy":
        """The same house with a mailbox and a sink of its own."""
        kept = {"settings": self.settings, "mailbox": self.mailbox, **changes}
        other = Copy(folder, self.dovecot, user, sink, sent=[*self.sent], **kept)
        for source, target in (
            (self.state, other.state),
            (self.maildir, other.maildir),
            (self.folder / "backup", other.folder / "backup"),
        ):
            if source.exists():
                subprocess.run(["cp", "-a", source, target], check=True)
        sink.mails += self.sink.mails
        return other

    def receive(self, *mails: bytes) -> None:
        """Mail comes in; it is laid into the Maildir as a delivery agent does."""
        maildir = self.maildir / "Maildir"
        for folder in (self.maildir, maildir, *(maildir / name for name in ("cur", "new", "tmp"))):
            if not folder.exists():
                folder.mkdir()
                shutil.chown(folder, "nobody")
        for raw in mails:
            name = f"{len(self.sent):06}.{self.user}.test"
            file = maildir / "tmp" / name
            file.write_bytes(raw)
            shutil.chown(file, "nobody")
            file.rename(maildir / "new" / name)
            self.sent.append(raw)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def store(self):
        return closing(open_store(self.state, read_only=True))

    def outgoing(self, sign: bytes = b"auto-replied") -> dict[tuple[str, str], list[bytes]]:
        """The mails that the server took, by recipient and Message-ID: each is one mail, however often it came."""
        found: dict[tuple[str, str], list[bytes]] = {}
        for _, recipients, raw in self.sink.mails:
            if sign in raw:
                assert len(recipients) == 1, recipients
                found.setdefault((recipients[0], message_from_bytes(raw)["Message-ID"]), []).append(raw)
        return found

    def judge(self, *, ends: dict[str, int], letters: int, twice: bool, sign: bytes = b"auto-replied") -> int:
        """Nothing lost, nothing double: every mail at its end and in the spool, every letter out once; how often twice.

        `twice` allows the one letter in flight to have come twice: then with equal bytes under one Message-ID.
        """
        assert "Traceback" not in self.log(), self.log()
        with self.store() as store:
            there = (store.seen(), store.pending(), store.owed())
        assert there == (ends, [], []), f"{there}\n{self.log()}"
        found = verify(self.state)
        assert (found.faults, found.orphans) == ((), ()), self.log()
        out = self.outgoing(sign)
        assert len(out) == letters, (sorted(out), self.log())
        for versions in out.values():
            assert len(set(versions)) == 1, versions
            assert message_from_bytes(versions[0])["Message-ID"]
        doubled = sum(len(versions) - 1 for versions in out.values())
        assert doubled <= twice, (sorted(out), self.log())
        return doubled
