"""Files that survive a kill and a power cut: bytes are fsynced before they get their name, and then the folder is.

Leave one step out and a crash can undo the rest (ALICE, OSDI 2014). Everything durable is written through this module.
"""

import os
from contextlib import suppress
from pathlib import Path

from triaged.crash import crash_point


def write_draft(draft: Path, content: bytes, what: str) -> None:
    """Write a whole file and fsync it; nobody reads it before it gets its name. `what` begins its crash points."""
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _hand_over(draft, file)
        write_all(file, content)
        crash_point(f"{what}-draft-written")
        os.fsync(file)
        crash_point(f"{what}-draft-fsynced")
    finally:
        os.close(file)


def give_name(draft: Path, path: Path, what: str) -> None:
    """Make a draft the file of that name, in place of any other."""
    draft.rename(path)
    crash_point(f"{what}-named")
    sync_folder(path.parent)
    crash_point(f"{what}-folder-fsynced")


def write_all(file: int, content: bytes) -> None:
    """Write it all: on a disk that fills up, one `os.write` may take a part and say nothing."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]


def sync_folder(folder: Path) -> None:
    """Make renames and new files in a folder durable."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def make_folder(folder: Path) -> None:
    """Make a folder for this user alone, with those above it, that stays: each folder that names one of them is fsynced.

    Also when they are there already: their maker may have died before the fsync. Far up are folders of others, who answer
    for them.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    with suppress(PermissionError):
        sync_folder(folder.parent)
    for above in folder.parent.parents:
        with suppress(OSError):
            sync_folder(above)


def private(path: str, flags: int) -> int:
    """An opener for `open`: what is made is for this user alone."""
    return os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _hand_over(draft: Path, file: int) -> None:
    """What root makes belongs to the folder's owner: the daemon under its own user must be able to read it."""
    if os.geteuid() == 0:
        owner = draft.parent.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
