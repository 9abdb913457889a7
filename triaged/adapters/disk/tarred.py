"""A backup as files in a folder or as a tar stream: written for its owner alone, and read as an attacker's.

Nothing of a stream is believed: only plain files with the names that a backup has are taken out of it.
"""

import io
import os
import re
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

_NAMES = re.compile(
    r"cases\.json|journal\.jsonl|key|backup\.json|spool/[0-9a-f]{64}|decisions/[A-Za-z0-9][A-Za-z0-9.-]{0,80}\.json"
)


class NoBackup(Exception):  # noqa: N818 - it says what is wrong with what was given
    """What was given is no backup, or not a whole one. One sentence."""


def to_folder(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write the files into a folder that is empty or not there yet, durable on return; how many."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(17, "is not empty; choose another folder", str(folder))
    number = 0
    for name, content in files:
        number += 1
        path = folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with open(file, "wb") as target:  # noqa: PTH123 - a descriptor
            target.write(content)
            target.flush()
            os.fsync(file)
    for each in (folder / "spool", folder / "decisions", folder):
        if each.is_dir():
            _sync(each)
    return number


def to_stream(stream: BinaryIO, files: Iterable[tuple[str, bytes]]) -> int:
    """Write the files as a tar stream (POSIX pax); how many."""
    number = 0
    with tarfile.open(fileobj=stream, mode="w|") as tar:
        for name, content in files:
            number += 1
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o600
            tar.addfile(member, io.BytesIO(content))
    return number


def read(source: Path | BinaryIO) -> Iterator[tuple[str, bytes]]:
    """The files of a backup in a folder, a tar file (compressed or not) or a stream; NoBackup for anything else."""
    if isinstance(source, Path) and source.is_dir():
        yield from _in_folder(source)
        return
    try:
        with _tar(source) as tar:
            for member in tar:
                name = member.name.removeprefix("./")
                if member.isdir():
                    continue
                content = tar.extractfile(member) if member.isfile() and _NAMES.fullmatch(name) else None
                if content is None:
                    raise NoBackup(f"{member.name!r} is no file of a backup of triaged")
                yield name, content.read()
    except (tarfile.TarError, EOFError) as error:
        raise NoBackup("it is no backup of triaged, or it breaks off") from error


def _tar(source: Path | BinaryIO) -> tarfile.TarFile:
    if isinstance(source, Path):
        return tarfile.open(source, "r:*")
    return tarfile.open(fileobj=source, mode="r|*")


def _in_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not _NAMES.fullmatch(name):
            continue
        yield name, path.read_bytes()


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
