"""The way into a state directory and the folders inside it.

A command that root runs beside the daemon meets files that the daemon's user controls: it may put a link, a fifo or another
folder wherever root is about to read, write or rename. So root opens the state directory once, following the link that systemd
itself makes of it (DynamicUser=), and then goes from that descriptor, follows no link, and has the owner's ids for each step.
Everybody else, and root in a directory of its own, goes by the path.
"""

import ctypes
import errno
import os
import stat
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

_OPEN = os.O_DIRECTORY | os.O_RDONLY | os.O_CLOEXEC
_NO_FILE = "it is a link, a fifo or the like, and no file of ours; remove it"
_NOT_THEIRS = "the owner of the state directory may not touch it; chown it to that user"
_AS_OWNER = {errno.ELOOP: _NO_FILE, errno.ENOTDIR: _NO_FILE, errno.EACCES: _NOT_THEIRS, errno.EPERM: _NOT_THEIRS}
"""What it means that root, as the owner, is refused."""


class Folder:
    """A folder and what lies in it, by name. Every error is an OSError that names the whole path."""

    def __init__(self, path: Path, held: "_Held | None" = None, inside: tuple[str, ...] = ()) -> None:
        self.path = path
        self._held = held
        self._inside = inside

    @classmethod
    def of_state(cls, state_dir: Path) -> Self:
        """The state directory itself; it need not be there yet."""
        return cls(state_dir, _held(state_dir))

    @classmethod
    def in_state(cls, path: Path) -> Self:
        """A folder directly inside a state directory; it need not be there yet."""
        return cls(path, _held(path.parent), (path.name,))

    def open(self, name: str, flags: int) -> int:
        """A descriptor of that file, made for its owner alone; a fifo or a device is refused."""
        with self._way(name) as (at, folder):
            # Without O_NONBLOCK a fifo would hold us until somebody opens its other end.
            file = os.open(at, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600, dir_fd=folder)
            mode = os.fstat(file).st_mode
            if stat.S_ISREG(mode):
                return file
            os.close(file)
            number, words = (errno.EISDIR, "Is a directory") if stat.S_ISDIR(mode) else (errno.EINVAL, _NO_FILE)
            raise OSError(number, words)

    def read(self, name: str) -> bytes:
        """All of a file."""
        with open(self.open(name, os.O_RDONLY), "rb") as file:  # noqa: PTH123 - a descriptor
            return file.read()

    def names(self) -> list[str]:
        """What lies in it, in order; nothing where it is not there."""
        with suppress(FileNotFoundError), self._listed() as at:
            return sorted(os.listdir(at))  # noqa: PTH208 - a descriptor
        return []

    def status(self, name: str) -> os.stat_result:
        """Of the name itself, were it a link."""
        with self._way(name) as (at, folder):
            return os.stat(at, dir_fd=folder, follow_symlinks=False)

    def has(self, name: str) -> bool:
        """True if a file of that name is there."""
        with suppress(FileNotFoundError, NotADirectoryError):
            return stat.S_ISREG(self.status(name).st_mode)
        return False

    def rename(self, old: str, new: str) -> None:
        """Give a file another name, in place of any that has it."""
        with self._way(old) as (at, folder):
            os.rename(at, self._beside(new), **_both(folder))  # noqa: PTH104 - a name in a descriptor

    def link(self, old: str, new: str) -> None:
        """Give a file a second name; FileExistsError where something has it."""
        with self._way(old) as (at, folder):
            os.link(at, self._beside(new), **_both(folder), follow_symlinks=False)

    def remove(self, name: str) -> None:
        """Take a file away; FileNotFoundError where it is not there."""
        with self._way(name) as (at, folder):
            os.unlink(at, dir_fd=folder)

    def make(self) -> None:
        """Make the folder for its owner alone, if it is not there, with those above it; not durable by itself."""
        if not self._held:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(mode=0o700, exist_ok=True)
        elif self._inside:
            with self._held.entered(self._inside[:-1]) as above, suppress(FileExistsError):
                os.mkdir(self._inside[-1], 0o700, dir_fd=above)

    def sync(self) -> None:
        """Make renames and new files in it durable."""
        with self._listed() as at:
            os.fsync(at)

    def _beside(self, name: str) -> str | Path:
        return name if self._held else self.path / name

    @contextmanager
    def _listed(self) -> Iterator[int]:
        """A descriptor of the folder itself."""
        with self._way(".") as (at, folder):
            file = os.open(self.path if folder is None else at, _OPEN, dir_fd=folder)
            try:
                yield file
            finally:
                os.close(file)

    @contextmanager
    def _way(self, name: str) -> Iterator[tuple[str | Path, int | None]]:
        """How the system is told of that name: a path, or a name in a descriptor and as the owner."""
        try:
            if self._held is None:
                yield self.path / name, None
            else:
                with self._held.entered(self._inside) as folder:
                    yield name, folder
        except OSError as error:
            error.filename = str(self.path / name)
            error.strerror = _AS_OWNER.get(error.errno or 0, error.strerror) if self._held else error.strerror
            raise


def _both(folder: int | None) -> dict[str, int]:
    return {} if folder is None else {"src_dir_fd": folder, "dst_dir_fd": folder}


class _Held:
    """A state directory of another user, open."""

    def __init__(self, file: int, owner: os.stat_result) -> None:
        self._file = file
        self._owner = owner
        weakref.finalize(self, os.close, file)

    @contextmanager
    def entered(self, inside: tuple[str, ...]) -> Iterator[int]:
        """A descriptor of that folder inside; until the end this thread has its owner's ids for files (setfsuid(2))."""
        with _as(self._owner.st_uid, self._owner.st_gid):
            folder = os.dup(self._file)
            try:
                for name in inside:
                    inner = os.open(name, _OPEN | os.O_NOFOLLOW, dir_fd=folder)
                    os.close(folder)
                    folder = inner
                yield folder
            finally:
                os.close(folder)


def _held(state_dir: Path) -> _Held | None:
    """The directory held open, where root meets one of another user's; None where the path will do."""
    if os.geteuid() != 0:
        return None
    try:
        file = os.open(state_dir, _OPEN)
    except OSError:
        # It is not there yet, or no folder: whoever makes or reads it says so.
        return None
    owner = os.fstat(file)
    if owner.st_uid == 0:
        os.close(file)
        return None
    return _Held(file, owner)


@contextmanager
def _as(uid: int, gid: int) -> Iterator[None]:
    # The ids for files alone, and of this thread alone: root's config, credentials and code, and what other threads do, stay
    # root's, and the owner can neither signal nor trace this process.
    libc = ctypes.CDLL(None)
    group, user = libc.setfsgid(ctypes.c_uint(gid)), libc.setfsuid(ctypes.c_uint(uid))
    try:
        # Neither call reports a failure; asked for an id that nobody has, both tell the present one.
        now = [call(ctypes.c_uint(-1 & 0xFFFFFFFF)) & 0xFFFFFFFF for call in (libc.setfsuid, libc.setfsgid)]
        if now != [uid, gid]:
            raise PermissionError(
                errno.EPERM, f"root may not take the ids of its owner ({uid}:{gid}); run as that user"
            )
        yield
    finally:
        libc.setfsuid(ctypes.c_uint(user & 0xFFFFFFFF))
        libc.setfsgid(ctypes.c_uint(group & 0xFFFFFFFF))
