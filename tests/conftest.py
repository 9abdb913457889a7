"""What all tests share: a machine of which nothing shows, and real servers, on which each uses mailboxes of its own."""

import os
import signal
import tempfile
import uuid
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import servers


def _hide_the_machine() -> None:
    """Take away what a shell, a terminal, a service manager or an installed triaged would lend the tests and their children."""
    for name in (
        "TRIAGED_CONFIG",
        "TRIAGED_DEBUG",
        "CREDENTIALS_DIRECTORY",
        "JOURNAL_STREAM",
        "NOTIFY_SOCKET",
        "NO_COLOR",
    ):
        os.environ.pop(name, None)
    # Here, and in every child, instead of /etc/triaged.
    os.environ["CONFIGURATION_DIRECTORY"] = "/nonexistent"
    os.umask(0o022)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    # What nohup ignores stays so in every child. With a handler that does nothing it does not, and these tests still go on.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


_hide_the_machine()

# A test that fails where the machine is busy says nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def root():
    """For tests that act as several users."""
    if os.geteuid() != 0:
        if os.environ.get("CI"):
            pytest.fail("in CI these tests run as root")
        pytest.skip("acting as several users needs root")


def pytest_collection_modifyitems(items):
    """A walk through every case of a kind may take ten times as long as another test."""
    for item in items:
        if item.get_closest_marker("prove"):
            item.add_marker(pytest.mark.timeout(1200))


@pytest.fixture(scope="session")
def dovecot():
    # Not pytest's own folder: dovecot's mail user must be able to walk into it, and socket paths must be short.
    with tempfile.TemporaryDirectory(prefix="td") as folder, servers.dovecot(Path(folder) / "d") as server:
        yield server


@pytest.fixture
def user():
    """A mailbox that no other test uses."""
    return f"u{uuid.uuid4().hex[:12]}"


@pytest.fixture
def sink():
    with servers.smtp_sink() as server:
        yield server


@pytest.fixture
def postfix(dovecot, sink):
    with (
        tempfile.TemporaryDirectory(prefix="tp") as folder,
        servers.postfix(Path(folder), dovecot.lmtp_port, sink.port) as server,
    ):
        yield server
