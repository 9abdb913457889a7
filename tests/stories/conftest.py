"""A whole house for a story: settings, a mailbox on dovecot, postfix in front and behind, and the command itself."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path
from typing import Self

import pytest

from tests.support.servers import DOMAIN, until

ROOT = Path(__file__).resolve().parents[2]


class House:
    """One installation: its config, its mailbox, and where its mail goes out."""

    def __init__(self, folder, dovecot, user, smtp_port, sink) -> None:
        self.folder, self.dovecot, self.user, self.sink = folder, dovecot, user, sink
        self.smtp_port = smtp_port
        self.address, self.team = f"{user}@{DOMAIN}", f"team-{user}@{DOMAIN}"
        self.config = folder / "triaged.yaml"
        self.state = folder / "state"
        (folder / "password").write_text(dovecot.password)
        self.configure()

    def configure(self, mailbox="", smtp="", extra="") -> None:
        """Write triaged.yaml; the arguments are more lines of a section, later ones in place of earlier ones."""
        self.config.write_text(
            _section("identity", f"organization: Smallest.AI\nname: Smallest.AI Security\naddress: {self.address}\n")
            + _section("mailbox", self._mailbox(), mailbox)
            + _section("smtp", f"host: localhost\nport: {self.smtp_port}\nsecurity: none\n", smtp)
            + _section("digest", f'to: [{self.team}]\nat: "09:00"\ntimezone: Europe/Berlin\n')
            + f"state_dir: state\n{extra}"
        )

    def _mailbox(self) -> str:
        return (
            f"host: localhost\nport: {self.dovecot.port}\nsecurity: none\nusername: {self.user}\n"
            "password_file: password\npoll_every: 1s\n"
        )

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "triaged", "--config", str(self.config), *arguments]

    def run(self, *arguments: str, code: int = 0, stdin: bytes = b"", env: dict[str, str] | None = None) -> str:
        """Run one command to its end and return what it printed; its exit code must be that one."""
        done = subprocess.run(
            self.command(*arguments),
            input=stdin,
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            timeout=100,
            check=False,
        )
        said = done.stdout.decode() + done.stderr.decode()
        assert done.returncode == code, said
        assert "Traceback" not in said, said
        return said

    def json(self, *arguments: str):
        return json.loads(self.run(*arguments, "--json"))

    def cases(self) -> list[dict]:
        return self.json("cases")

    def append(self, raw: bytes, **options: object) -> None:
        self.dovecot.append(self.user, raw, **options)

    def acknowledgments(self) -> list:
        """Every acknowledgment that left, as (envelope sender, recipients, parsed mail)."""
        return [
            (sender, recipients, message_from_bytes(raw, policy=policy.default))
            for sender, recipients, raw in self.sink.mails
            if b"auto-replied" in raw
        ]

    def daemon(self, **env: str) -> "RunningDaemon":
        return RunningDaemon(self, env)


def _section(name: str, lines: str, more: str = "") -> str:
    values = dict(line.split(": ", 1) for line in (lines + more).splitlines() if line.strip())
    return f"{name}:\n" + "".join(f"  {key}: {value}\n" for key, value in values.items())


class RunningDaemon:
    """`triaged run` as a process, with a notification socket as systemd gives it."""

    def __init__(self, house: House, env: dict[str, str]) -> None:
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = house.folder / f"notify-{time.monotonic_ns()}"
        self.manager.bind(str(path))
        self.manager.settimeout(30)
        self.log_path = house.folder / f"log-{time.monotonic_ns()}"
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                house.command("run", "--log-format", "json"),
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, "NOTIFY_SOCKET": str(path), **env},
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.manager.close()

    def told(self, words: str) -> str:
        """Wait until the daemon tells the service manager so."""
        while words not in (said := self.manager.recv(4096).decode()):
            pass
        return said

    def log(self) -> str:
        return self.log_path.read_text()

    def logs(self, words: str) -> None:
        until(lambda: words in self.log(), within=30, what=f"{words!r} is not in the log")

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def pause(self, seconds: float, stop: int, *told: int) -> None:
        """Stop the process, send it those signals meanwhile, and let it go on."""
        self.process.send_signal(stop)
        for number in told:
            self.process.send_signal(number)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)
        time.sleep(0.2)

    def stop(self) -> float:
        """SIGTERM; return how many seconds it took to end, which it must with 0."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.log()
        return time.monotonic() - began

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def house(tmp_path, dovecot, user, sink):
    """A house whose mail goes out to the sink directly."""
    return House(tmp_path, dovecot, user, sink.port, sink)


@pytest.fixture
def postfix_house(tmp_path, dovecot, user, postfix, sink):
    """A house with postfix in front of its mailbox and behind its submission."""
    return House(tmp_path, dovecot, user, postfix.port, sink)
