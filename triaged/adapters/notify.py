"""Reports of the daemon's health: to systemd through its notification socket, to people and monitors in a small file."""

import contextlib
import json
import os
import socket
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from triaged.adapters.disk.folder import Folder
from triaged.ports import Pulse

_PULSE = "pulse.json"


def notify_systemd(*states: str) -> None:
    """Send states such as `READY=1` to the service manager (sd_notify(3)), if there is one."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # A leading @ names a socket in the abstract namespace.
    path = "\0" + address[1:] if address.startswith("@") else address
    # A service manager that has gone away must not stop the daemon, and one that does not read must not block it.
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(0.5)
        manager.sendto("\n".join(states).encode(), path)


def write_pulse(state_dir: Path, pulse: Pulse) -> None:
    """Replace the file, without fsync: after a power cut an old pulse correctly says that the last poll is long ago.

    A full disk must not stop the daemon: the old pulse stays, and says the same.
    """
    folder, draft = Folder.of_state(state_dir), f"{_PULSE}.draft"
    text = json.dumps(asdict(pulse), default=lambda at: at.isoformat())
    with contextlib.suppress(OSError):
        with open(folder.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
            file.write(text + "\n")
        folder.rename(draft, _PULSE)


def read_pulse(state_dir: Path) -> Pulse:
    """The pulse as last written; an empty one if none was."""
    try:
        kept = json.loads(Folder.of_state(state_dir).read(_PULSE))
    except (OSError, ValueError):
        return Pulse()
    for key in ("last_poll_at", "trouble_since"):
        kept[key] = kept[key] and datetime.fromisoformat(kept[key])
    return Pulse(**kept)
