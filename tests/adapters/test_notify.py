import os
import socket
import uuid
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.support.values import NOON
from triaged.adapters.notify import notify_systemd, read_pulse, write_pulse
from triaged.ports import Pulse


@pytest.fixture(params=["a path", "the abstract namespace"])
def manager(request, tmp_path, monkeypatch):
    """A service manager's socket, named in the environment."""
    name = str(tmp_path / "notify") if request.param == "a path" else f"@{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0") if name.startswith("@") else name)
        listening.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield listening


def test_states_come_as_the_lines_of_one_datagram(manager):
    notify_systemd("READY=1", "STATUS=started")
    assert manager.recv(1000) == b"READY=1\nSTATUS=started"
    notify_systemd("WATCHDOG=1")
    assert manager.recv(1000) == b"WATCHDOG=1"


def test_without_a_manager_nothing_happens(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert notify_systemd("READY=1") is None


def test_a_manager_that_does_not_listen_holds_nobody(manager):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.settimeout(0)
        with suppress(BlockingIOError):
            while other.sendto(b"STATUS=full", manager.getsockname()):
                pass
    assert notify_systemd("WATCHDOG=1") is None


def test_a_manager_that_has_gone_away_ends_nobody(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    assert notify_systemd("WATCHDOG=1") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "pulse",
    [
        Pulse(),
        Pulse(NOON, 60.5, "", None, 42),
        Pulse(NOON, 30, 'refused: "no"\n', NOON + timedelta(microseconds=1), 1),
    ],
)
def test_the_pulse_is_read_as_it_was_written(tmp_path, pulse):
    write_pulse(tmp_path, Pulse(pid=7))
    write_pulse(tmp_path, pulse)
    assert read_pulse(tmp_path) == pulse
    assert [path.name for path in tmp_path.iterdir()] == ["pulse.json"]


def test_the_pulse_is_for_its_owner_alone(tmp_path):
    before = os.umask(0)
    try:
        write_pulse(tmp_path, Pulse())
    finally:
        os.umask(before)
    assert (tmp_path / "pulse.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff"])
def test_no_pulse_or_half_a_pulse_is_an_empty_one(tmp_path, content):
    if content is not None:
        (tmp_path / "pulse.json").write_bytes(content)
    assert read_pulse(tmp_path) == Pulse()
