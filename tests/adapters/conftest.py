"""A mailbox on a scripted IMAP server, and a count of what is left behind."""

import tempfile
import threading
from pathlib import Path

import pytest

from tests.support.imap_place import Place
from tests.support.scripted_imap import ScriptedImap
from triaged.adapters.imap.connection import Waits
from triaged.adapters.imap.mailbox import ImapMailbox
from triaged.config.settings import MailboxSettings


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def in_memory():
    """A folder in memory, where the system has such: for simulated disks, on which a true fsync proves nothing."""
    shared = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def field(monkeypatch):
    """Builds a `Place`; afterwards nothing is left of it, and no bare EXPUNGE was ever sent."""
    monkeypatch.setenv("IMAP_PASSWORD", "secret")
    threads, files = threading.active_count(), open_files()
    places = []

    def make(capabilities="IDLE MOVE UIDPLUS", *, keywords=True, patience=20.0, turn=None, **changes):
        server = ScriptedImap(capabilities, keywords=keywords)
        settings = {"host": "127.0.0.1", "port": server.port, "security": "none", "username": "ann"}
        settings |= {"password_env": "IMAP_PASSWORD", **changes}
        mailbox = ImapMailbox(MailboxSettings(**settings), Waits(patience, turn or 4 * patience))
        places.append(Place(server, mailbox))
        return places[-1]

    yield make
    for place in places:
        place.mailbox.close()
        place.server.quiet()
        place.server.stop()
        assert place.server.most_open <= 1
        assert place.server.count("EXPUNGE") == 0
    assert threading.active_count() == threads
    assert open_files() == files
