"""The state directory: its permissions, and the one secret in it."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from triaged.adapters.disk.durable import make_folder, write_draft
from triaged.adapters.disk.folder import Folder
from triaged.crash import crash_point
from triaged.ports import StateFault

_KEY = "key"
UNFINISHED = "restoring"
"""Lies in a state directory while a restore puts its files in place: they are of two stores until it is gone."""
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class StateUnusable(StateFault):
    """The state directory cannot be made, read or written by this user."""


def prepare(state_dir: Path) -> None:
    """Make the directory (mode 0700) if missing; StateUnusable says why it cannot be made or who else can write to it."""
    try:
        make_folder(Folder.of_state(state_dir))
    except OSError as error:
        raise StateUnusable(f"{state_dir}: cannot be made ({error.strerror}); make it, owned by this user") from error
    if not os.access(state_dir, os.R_OK | os.W_OK | os.X_OK):
        raise StateUnusable(f"{state_dir}: cannot be written by this user; run as its owner, or chown it")
    if fault := exposure(state_dir):
        raise StateUnusable(fault)


def refuse_unfinished(state_dir: Path) -> None:
    """StateUnusable if a restore was begun here and did not end."""
    if Folder.of_state(state_dir).has(UNFINISHED):
        raise StateUnusable(f"{state_dir}: a restore was begun here and did not end; run triaged restore once more")


def exposure(state_dir: Path) -> str:
    """One sentence on who else can write there; "" if nobody can. Root may use any directory, whoever owns it."""
    folder = Folder.of_state(state_dir)
    owner = folder.status(".").st_uid
    if os.geteuid() not in {0, owner}:
        return f"{state_dir}: belongs to another user (uid {owner}); run as that user, or chown it"
    for name in (".", *folder.names()):
        path, mode = state_dir / name, folder.status(name).st_mode
        if mode & _OTHERS_WRITE and not stat.S_ISLNK(mode):
            remedy = f"check what they wrote, then chmod go-w {path}"
            return f"{path}: other users can write to it (mode {stat.S_IMODE(mode):04o}); {remedy}"
    return ""


def secret_key(state_dir: Path) -> bytes:
    """The key that case ids and our Message-IDs are derived from: 32 random bytes, made at the first start."""
    folder = Folder.of_state(state_dir)
    if not has_key(state_dir):
        _make_key(folder)
    return _read_key(folder)


def has_key(state_dir: Path) -> bool:
    """True if the key exists."""
    return Folder.of_state(state_dir).has(_KEY)


def _make_key(folder: Folder) -> None:
    """Make the whole key or none. If another process made one first, that one stays."""
    draft = f"{_KEY}.{os.getpid()}.draft"
    try:
        write_draft(folder, draft, secrets.token_hex(32).encode("ascii") + b"\n", "key")
        with suppress(FileExistsError):
            folder.link(draft, _KEY)
        crash_point("key-named")
        folder.sync()
        crash_point("key-folder-fsynced")
    finally:
        with suppress(FileNotFoundError):
            folder.remove(draft)


def _read_key(folder: Folder) -> bytes:
    path = folder.path / _KEY
    try:
        key = bytes.fromhex(folder.read(_KEY).decode("ascii"))
    except (OSError, ValueError) as error:
        raise StateUnusable(f"{path}: is not the key of this store; restore it from a backup") from error
    if len(key) != 32:  # noqa: PLR2004 - as made above
        raise StateUnusable(f"{path}: is incomplete; restore it from a backup, or remove it to get a new one")
    return key
