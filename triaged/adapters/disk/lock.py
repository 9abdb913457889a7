"""One writer: a lock file in the state directory, which names the process that holds it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from triaged.adapters.disk.folder import Folder
from triaged.adapters.disk.state_dir import prepare
from triaged.ports import StateFault


class AlreadyRunning(StateFault):
    """Another process holds the state directory."""

    def __init__(self, state_dir: Path, pid: str) -> None:
        who = f"pid {pid}" if pid else "another process"
        super().__init__(f"{state_dir} is in use by {who}; stop that one first (systemctl stop triaged)")
        self.pid = pid


@contextmanager
def locked(state_dir: Path) -> Iterator[None]:
    """Hold the state directory, made if missing; raises AlreadyRunning. The kernel releases the lock after a crash."""
    prepare(state_dir)
    file = Folder.of_state(state_dir).open("lock", os.O_RDWR | os.O_CREAT)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(state_dir, os.read(file, 20).decode("ascii", "replace").strip()) from error
        # The pid is for people; a full disk must not keep the daemon from starting.
        with suppress(OSError):
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode("ascii"), 0)
        yield
    finally:
        os.close(file)
