"""A disk under observation: the system calls of the adapters are recorded, made to fail, or cut off as by a kill.

`states` then builds what a power cut may leave of them: whatever was fsynced, and of everything else any part.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path
from random import Random

from tests.support.fakes import Killed

CALLS = ("open", "write", "fsync", "fdatasync", "ftruncate", "rename", "link", "unlink", "mkdir")


class Disk:
    """Stands between the adapters and `os`, for paths under one folder. Everything is counted, and the nth can go wrong."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log: list[tuple] = []
        self.calls: list[tuple[str, Path]] = []
        """The calls made, in order, each with what it was made on."""
        self.wrong_at = 0
        self.wrong: BaseException | None = None
        self.dead = False
        self._writes = self._full_from = 0
        self._files: dict[int, tuple[int, int]] = {}
        self._paths: dict[int, Path] = {}
        self._names = count(1)
        # A file system gives the number of a removed file to a new one.
        self._nodes = {root.stat().st_ino: 0} | {path.stat().st_ino: next(self._names) for path in root.rglob("*")}

    def _node(self, number: int, *, new: bool = False) -> int:
        if new:
            self._nodes[number] = next(self._names)
        return self._nodes[number]

    def mark(self, *words: object) -> None:
        """Note a fact of the outside world between two calls."""
        self.log.append(("mark", *words))

    def goes_wrong(self, at: int, error: BaseException) -> None:
        """From here on the `at`th call raises this; after a kill so does every other one."""
        self.calls, self.wrong_at, self.wrong, self.dead = [], at, error, False

    def is_full_from(self, write: int) -> None:
        """From that write on there is no room for any."""
        self._writes, self._full_from = 0, write

    def goes_well(self) -> None:
        self.wrong_at, self.wrong, self.dead, self._full_from = 0, None, False, 0

    @contextmanager
    def watched(self):
        """Within this, `os` is watched."""
        with ExitStack() as stack:
            for name in (*CALLS, "close"):
                stack.callback(setattr, os, name, getattr(os, name))
                setattr(os, name, self._instead_of(name, getattr(os, name)))
            yield self

    def _instead_of(self, name: str, real):
        ours = getattr(self, f"_{name}")

        def call(*args, **kwargs):
            if not self._concerns(name, args):
                return real(*args, **kwargs)
            if name != "close":
                self._count(name, args[0])
            return ours(real, *args, **kwargs)

        return call

    def _concerns(self, name: str, args: tuple) -> bool:
        if name in {"write", "fsync", "fdatasync", "ftruncate", "close"}:
            return args[0] in self._files
        return Path(os.fsdecode(args[0])).is_relative_to(self.root)

    def _count(self, name: str, on: int | str | Path) -> None:
        if self.dead:
            raise Killed
        self.calls.append((name, self._paths[on] if isinstance(on, int) else Path(on)))
        self._writes += name == "write"
        if name == "write" and 0 < self._full_from <= self._writes:
            raise FULL
        if len(self.calls) == self.wrong_at:
            self.dead = isinstance(self.wrong, Killed)
            raise self.wrong

    def _open(self, real, path, flags, mode=0o777, **more):
        path = Path(path)
        new = flags & os.O_CREAT and not path.exists()
        file = real(path, flags, mode, **more)
        inode = self._node(os.fstat(file).st_ino, new=bool(new))
        self._files[file], self._paths[file] = (inode, flags), path
        if new:
            self.log.append(("add", path, inode))
        elif flags & os.O_TRUNC:
            self.log.append(("truncate", inode, 0))
        return file

    def _write(self, real, file, content):
        inode, flags = self._files[file]
        offset = os.fstat(file).st_size if flags & os.O_APPEND else os.lseek(file, 0, os.SEEK_CUR)
        written = real(file, content)
        self.log.append(("write", inode, offset, bytes(content[:written])))
        return written

    def _fsync(self, real, file):
        real(file)
        kind = "fsync-folder" if stat.S_ISDIR(os.fstat(file).st_mode) else "fsync"
        self.log.append((kind, self._files[file][0]))

    _fdatasync = _fsync

    def _ftruncate(self, real, file, size):
        real(file, size)
        self.log.append(("truncate", self._files[file][0], size))

    def _close(self, real, file):
        del self._files[file]
        real(file)

    def _rename(self, real, source, target):
        inode = self._node(Path(source).stat().st_ino)
        real(source, target)
        self.log.append(("rename", Path(source), Path(target), inode))

    def _link(self, real, source, target, **more):
        real(source, target, **more)
        self.log.append(("add", Path(target), self._node(Path(target).stat().st_ino)))

    def _unlink(self, real, path, **more):
        real(path, **more)
        self.log.append(("unlink", Path(path)))

    def _mkdir(self, real, path, mode=0o777, **more):
        real(path, mode, **more)
        self.log.append(("mkdir", Path(path), self._node(Path(path).stat().st_ino, new=True)))


FULL = OSError(errno.ENOSPC, "No space left on device")
FAILED = OSError(errno.EIO, "Input/output error")


@dataclass
class _File:
    durable: bytes = b""
    pending: list[tuple] = field(default_factory=list)


@dataclass
class _Folder:
    durable: dict[str, int] = field(default_factory=dict)
    pending: list[tuple] = field(default_factory=list)


class Platter:
    """What is durable, and what is not yet, after a part of a log."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.nodes: dict[int, _File | _Folder] = {0: _Folder()}
        self.paths: dict[Path, int] = {root: 0}

    def take(self, entry: tuple) -> None:
        """One more call has come."""
        match entry:
            case ("add" | "mkdir", path, _) | ("rename", path, *_) | ("unlink", path):
                self._name(path, entry)
            case ("write" | "truncate", node, *_):
                self.nodes[node].pending.append((entry[0], *entry[2:]))
            case ("fsync", node):
                file = self.nodes[node]
                file.durable, file.pending = _written(file.durable, file.pending), []
            case ("fsync-folder", node):
                folder = self.nodes[node]
                folder.durable, folder.pending = _named(folder.durable, folder.pending), []

    def _name(self, path: Path, entry: tuple) -> None:
        """A name is given, changed or taken away in a folder."""
        pending = self._folder(path).pending
        match entry:
            case ("mkdir", _, node):
                self.nodes[node], self.paths[path] = _Folder(), node
                pending.append(("add", path.name, node))
            case ("add", _, node):
                self.nodes.setdefault(node, _File())
                pending.append(("add", path.name, node))
            case ("rename", _, target, node):
                pending.append(("rename", path.name, target.name, node))
            case ("unlink", _):
                pending.append(("unlink", path.name))

    def _folder(self, path: Path) -> _Folder:
        return self.nodes[self.paths[path.parent]]

    def states(self, most: int, dice: Random) -> Iterator[dict[int, bytes | dict[str, int]]]:
        """What a power cut may leave now: every choice of what was not fsynced, or so many of them drawn at random."""
        choices = {inode: list(_choices(node)) for inode, node in self.nodes.items()}
        open_ones = [inode for inode, each in choices.items() if len(each) > 1]
        fixed = {inode: each[0] for inode, each in choices.items() if len(each) == 1}
        number = 1
        for inode in open_ones:
            number *= len(choices[inode])
        if number <= most:
            chosen = product(*(choices[inode] for inode in open_ones))
        else:
            chosen = ([dice.choice(choices[inode]) for inode in open_ones] for _ in range(most))
        for each in chosen:
            yield fixed | dict(zip(open_ones, each, strict=True))

    def lay_out(self, state: dict, folder: Path) -> None:
        """Write a state into a folder, as the disk is found after the power cut."""
        self._lay_out(state, self.paths[self.root], folder)

    def _lay_out(self, state: dict, inode: int, at: Path) -> None:
        content = state[inode]
        if isinstance(content, bytes):
            at.write_bytes(content)
            return
        at.mkdir(exist_ok=True)
        for name, each in content.items():
            self._lay_out(state, each, at / name)


def _choices(node: _File | _Folder) -> Iterator[bytes | dict[str, int]]:
    """What may have become of what was not fsynced: in a folder any of it, of a file any part of it."""
    if isinstance(node, _Folder):
        for kept in product((True, False), repeat=len(node.pending)):
            yield _named(node.durable, [each for each, stays in zip(node.pending, kept, strict=True) if stays])
        return
    seen = set()
    for parts in product(*(_parts(each) for each in node.pending)):
        content = _written(node.durable, [part for part in parts if part])
        if content not in seen:
            seen.add(content)
            yield content


def _parts(entry: tuple) -> list[tuple | None]:
    """A truncation happens or not; of a write all, nothing, the first half, the second half, or its length alone."""
    if entry[0] == "truncate":
        return [entry, None]
    _, offset, content = entry
    half = len(content) // 2
    zeros = bytes(len(content))
    halves = (content[:half], zeros[:half] + content[half:], content[:half] + zeros[half:], zeros)
    return [entry, None, *(("write", offset, part) for part in halves)]


def _written(content: bytes, entries: list[tuple]) -> bytes:
    for entry in entries:
        if entry[0] == "truncate":
            content = content[: entry[1]].ljust(entry[1], b"\0")
        else:
            _, offset, part = entry
            content = content[:offset].ljust(offset, b"\0") + part + content[offset + len(part) :]
    return content


def _named(names: dict[str, int], entries: list[tuple]) -> dict[str, int]:
    names = dict(names)
    for entry in entries:
        match entry:
            case ("add", name, inode):
                names[name] = inode
            case ("rename", source, target, inode):
                names.pop(source, None)
                names[target] = inode
            case ("unlink", name):
                names.pop(name, None)
    return names
