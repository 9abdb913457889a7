"""The state directory itself: made private, and the one secret that lies in it."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from triaged.adapters.disk.durable import make_folder, sync_folder, write_draft
from triaged.crash import crash_point
from triaged.ports import StateFault


class StateUnusable(StateFault):
    """The state directory cannot be made, read or written by this user."""


def prepare(state_dir: Path) -> None:
    """Make the directory, mode 0700, if it is not there; StateUnusable says why that cannot be."""
    try:
        make_folder(state_dir)
    except OSError as error:
        raise StateUnusable(f"{state_dir}: cannot be made ({error.strerror}); make it, owned by this user") from error
    if not os.access(state_dir, os.R_OK | os.W_OK | os.X_OK):
        raise StateUnusable(f"{state_dir}: cannot be written by this user; run as its owner, or chown it")


def secret_key(state_dir: Path) -> bytes:
    """The key that our case ids and Message-IDs are made with: 32 random bytes, made at the first start."""
    path = state_dir / "key"
    if not path.exists():
        _make_key(path)
    return _read_key(path)


def _make_key(path: Path) -> None:
    """Make the key whole or not at all; where another process was first, its key stays."""
    draft = path.with_name(f"key.{os.getpid()}.draft")
    try:
        write_draft(draft, secrets.token_hex(32).encode("ascii") + b"\n", "key")
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        crash_point("key-named")
        sync_folder(path.parent)
        crash_point("key-folder-fsynced")
    finally:
        draft.unlink(missing_ok=True)


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise StateUnusable(f"{path}: is not the key of this store; restore it from a backup") from error
    if len(key) != 32:  # noqa: PLR2004 - as made above
        raise StateUnusable(f"{path}: is not whole; restore it from a backup, or remove it to have a new one")
    return key
