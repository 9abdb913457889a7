"""Files that survive a kill and a power cut: fsync the bytes, give the file its name, then fsync the folder.

If one step is left out, a crash can undo the others (ALICE, OSDI 2014). Everything durable is written through this module.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

from triaged.adapters.disk.folder import Folder
from triaged.crash import crash_point

_FSYNCS_AT_ONCE = 16


def write_draft(folder: Folder, draft: str, content: bytes, what: str) -> None:
    """Write a whole file and fsync it; nobody reads it before it gets its name. `what` begins its crash points."""
    write_drafts(folder, {draft: content}, what)


def write_drafts(folder: Folder, contents: Mapping[str, bytes], what: str) -> None:
    """Write each of these files, then fsync them all."""
    with ExitStack() as stack:
        files = []
        for draft, content in contents.items():
            file = folder.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            stack.callback(os.close, file)
            files.append(file)
            write_all(file, content)
            crash_point(f"{what}-draft-written")
        _fsync_all(files)
        crash_point(f"{what}-draft-fsynced")


def _fsync_all(files: Sequence[int]) -> None:
    """Fsync them side by side: the file system then commits them together, which is ten times as fast as one by one."""
    if len(files) == 1:
        os.fsync(files[0])
        return
    with ThreadPoolExecutor(min(len(files), _FSYNCS_AT_ONCE)) as threads:
        for done in [threads.submit(os.fsync, file) for file in files]:
            done.result()


def give_name(folder: Folder, draft: str, name: str, what: str) -> None:
    """Make a draft the file of that name, in place of any other."""
    give_names(folder, ((draft, name),), what)


def give_names(folder: Folder, drafts: Iterable[tuple[str, str]], what: str) -> None:
    """Make each draft the file of its name, with one fsync of the folder for all."""
    for draft, name in drafts:
        folder.rename(draft, name)
        crash_point(f"{what}-named")
    folder.sync()
    crash_point(f"{what}-folder-fsynced")


def write_all(file: int, content: bytes) -> None:
    """Write every byte: on a disk that fills up, one `os.write` may write only a part and report no error."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]


def make_folder(folder: Folder) -> None:
    """Make a private folder and its missing parents durably: every folder that holds one of their names is fsynced.

    They are fsynced even if they already exist, because their maker may have died before the fsync. A parent that this user
    may not open belongs to somebody else and is skipped.
    """
    folder.make()
    with suppress(PermissionError):
        _sync(folder.path.parent)
    for above in folder.path.parent.parents:
        with suppress(OSError):
            _sync(above)


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
