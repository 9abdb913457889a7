"""Servers shared by the tests that need real ones: each test uses mailboxes (user names) of its own."""

import os
import tempfile
import uuid
from pathlib import Path

import pytest
from hypothesis import settings

from tests import servers

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
