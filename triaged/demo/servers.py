"""Two small servers in child processes on loopback: pymap for the mailbox, aiosmtpd for submitted mail."""

import imaplib
import mailbox
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from triaged.ports import Refused, TryLater
from triaged.resources import resource

USER, PASSWORD = "security@smallest.ai", "demo"
_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Servers:
    """The ports of both servers, and the Maildir of submitted mail."""

    imap_port: int
    smtp_port: int
    sent_folder: Path

    def append(self, raw: bytes, arrived_at: datetime) -> None:
        """Put a mail into the mailbox as if it had been delivered at that instant."""
        client = imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=10)
        try:
            client.login(USER, PASSWORD)
            client.append("INBOX", "", imaplib.Time2Internaldate(arrived_at), raw)
        finally:
            client.logout()

    def sent(self) -> list[bytes]:
        """Every submitted mail, as the server received it."""
        return [bytes(mail) for mail in mailbox.Maildir(self.sent_folder, create=True)]


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """Start both servers and stop them at the end; raises Refused if they are not installed, TryLater if they do not start."""
    if not all(find_spec(name) for name in ("pymap", "aiosmtpd")):
        raise Refused(f"the demo brings its own mail servers, which are not installed: {_how_to_install()}")
    imap_port, smtp_port = _free_port(), _free_port()
    sent_folder = folder / "sent"
    children: list[subprocess.Popen[bytes]] = []
    try:
        children.append(_started(_imap_command(imap_port)))
        children.append(_started(_smtp_command(smtp_port, sent_folder)))
        _wait_for(imap_port, children)
        _wait_for(smtp_port, children)
        yield Servers(imap_port, smtp_port, sent_folder)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()


def _imap_command(port: int) -> Sequence[str]:
    # The same as the `pymap` command, but from this environment.
    start = "from pymap.main import main; main()"
    where = ("--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "managesieve")
    return (sys.executable, "-c", start, *where, "dict", "--demo-user", USER, "--demo-password", PASSWORD)


def _smtp_command(port: int, sent_folder: Path) -> Sequence[str]:
    handler = ("-c", "aiosmtpd.handlers.Mailbox", str(sent_folder))
    return (sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", *handler)


def _how_to_install() -> str:
    """The install command, from the checkout: a package index may hold somebody else's package under this name."""
    project = resource("pyproject.toml")
    if project.is_file():
        return shlex.join((sys.executable, "-m", "pip", "install", f"{project.parent}[demo]"))
    return f"{shlex.join((sys.executable, '-m', 'pip', 'install', '.[demo]'))}, in the checkout that triaged was installed from"


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter with fixed words
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, children: Sequence[subprocess.Popen[bytes]]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and all(child.poll() is None for child in children):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TryLater("a demo server did not start; try again")
