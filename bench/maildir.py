"""Mail for the benchmarks, written straight into a private dovecot's Maildir, because 10,000 deliveries would take too long."""

import base64
import os
import pwd
import time
from pathlib import Path

from tests.support.servers import Dovecot
from tests.support.values import REPORT

_PICTURE = base64.encodebytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 12).decode().replace("\n", "\r\n")


def report(number: int) -> bytes:
    """A multipart report of about 7 kB: text, HTML and a small picture."""
    text = REPORT.replace("\n", "\r\n")
    head = (
        f"Return-Path: <ann{number}@example.org>\r\nFrom: Ann <ann{number}@example.org>\r\nTo: security@smallest.ai\r\n"
        f"Subject: Prompt injection no. {number}\r\nMessage-ID: <report-{number}@example.org>\r\n"
        "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary="a"\r\n\r\n'
    )
    return (
        f"{head}--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        f"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>{text}</p></body></html>\r\n--a--\r\n"
        '--m\r\nContent-Type: image/png; name="proof.png"\r\nContent-Disposition: attachment; filename="proof.png"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{_PICTURE}--m--\r\n"
    ).encode()


def fill(server: Dovecot, user: str, count: int, *, age: float = 0) -> None:
    """Put `count` reports into a new mailbox, as if each had arrived `age` seconds ago."""
    nobody = pwd.getpwnam("nobody")
    home = server.folder / "mail" / user
    maildir = home / "Maildir"
    for folder in (home, maildir, *(maildir / name for name in ("cur", "new", "tmp"))):
        folder.mkdir()
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    arrived_at = time.time() - age
    for number in range(count):
        _deliver(maildir / "cur" / f"{int(arrived_at)}.{number:06d}.bench:2,", report(number), arrived_at)
    # Dovecot keeps listing a folder again while its last change is a few seconds old.
    os.utime(maildir / "cur", (time.time() - 60, time.time() - 60))


def _deliver(path: Path, raw: bytes, arrived_at: float) -> None:
    nobody = pwd.getpwnam("nobody")
    path.write_bytes(raw)
    os.chown(path, nobody.pw_uid, nobody.pw_gid)
    os.utime(path, (arrived_at, arrived_at))
