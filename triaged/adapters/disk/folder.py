"""Safe access to a state directory and the folders inside it, also for root.

A command that root runs beside the daemon meets files that the daemon's user controls. That user may put a link, a fifo or
another folder wherever root is about to read, write or rename. So root opens the state directory once, following the link that
systemd makes for DynamicUser=. From then on root works from that descriptor, follows no link, and takes the owner's ids for
each step. Everybody else, and root in a directory of its own, uses the path.
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
"""The remedy if root, acting as the owner, is refused."""


class Folder:
    """A folder, whose files are reached by name. Every error is an OSError that names the whole path."""

    def __init__(self, path: Path, held: "_Held | None" = None, inside: tuple[str, ...] = ()) -> None:
        self.path = path
        self._held = held
        self._inside = inside

    @classmethod
    def of_state(cls, state_dir: Path) -> Self:
        """The state directory itself, which need not exist yet."""
        return cls(state_dir, _held(state_dir))

    @classmethod
    def in_state(cls, path: Path) -> Self:
        """A folder directly inside a state directory, which need not exist yet."""
        return cls(path, _held(path.parent), (path.name,))

    def open(self, name: str, flags: int) -> int:
        """Open a file and return its descriptor. A new file has mode 0600; a link, a fifo or a device is refused."""
        with self._way(name) as (at, folder):
            # Without O_NONBLOCK, opening a fifo would block until somebody opens its other end.
            file = os.open(at, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600, dir_fd=folder)
            mode = os.fstat(file).st_mode
            if stat.S_ISREG(mode):
                return file
            os.close(file)
            number, words = (errno.EISDIR, "Is a directory") if stat.S_ISDIR(mode) else (errno.EINVAL, _NO_FILE)
            raise OSError(number, words)

    def read(self, name: str) -> bytes:
        """Return the whole content of a file."""
        with open(self.open(name, os.O_RDONLY), "rb") as file:  # noqa: PTH123 - a descriptor
            return file.read()

    def names(self) -> list[str]:
        """The names in the folder, sorted; empty if the folder does not exist."""
        with suppress(FileNotFoundError), self._listed() as at:
            return sorted(os.listdir(at))  # noqa: PTH208 - a descriptor
        return []

    def status(self, name: str) -> os.stat_result:
        """The status of the name itself: of a link, not of its target."""
        with self._way(name) as (at, folder):
            return os.stat(at, dir_fd=folder, follow_symlinks=False)

    def has(self, name: str) -> bool:
        """True if a regular file of that name exists."""
        with suppress(FileNotFoundError, NotADirectoryError):
            return stat.S_ISREG(self.status(name).st_mode)
        return False

    def rename(self, old: str, new: str) -> None:
        """Rename a file, replacing any other of the new name."""
        with self._way(old) as (at, folder):
            os.rename(at, self._beside(new), **_both(folder))  # noqa: PTH104 - a name in a descriptor

    def link(self, old: str, new: str) -> None:
        """Give a file a second name; raises FileExistsError if the name is taken."""
        with self._way(old) as (at, folder):
            os.link(at, self._beside(new), **_both(folder), follow_symlinks=False)

    def remove(self, name: str) -> None:
        """Remove a file; raises FileNotFoundError."""
        with self._way(name) as (at, folder):
            os.unlink(at, dir_fd=folder)

    def make(self) -> None:
        """Make the folder (mode 0700) and its missing parents. This alone is not durable: see `durable.make_folder`."""
        if not self._held:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(mode=0o700, exist_ok=True)
        elif self._inside:
            with self._held.entered(self._inside[:-1]) as above, suppress(FileExistsError):
                os.mkdir(self._inside[-1], 0o700, dir_fd=above)

    def sync(self) -> None:
        """Fsync the folder, which makes renames and new files in it durable."""
        with self._listed() as at:
            os.fsync(at)

    def _beside(self, name: str) -> str | Path:
        return name if self._held else self.path / name

    @contextmanager
    def _listed(self) -> Iterator[int]:
        """Yield a descriptor of the folder itself."""
        with self._way(".") as (at, folder):
            file = os.open(self.path if folder is None else at, _OPEN, dir_fd=folder)
            try:
                yield file
            finally:
                os.close(file)

    @contextmanager
    def _way(self, name: str) -> Iterator[tuple[str | Path, int | None]]:
        """Yield how to name that file to the system: its path, or its name under a descriptor while acting as the owner."""
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
    """Another user's state directory, held open."""

    def __init__(self, file: int, owner: os.stat_result) -> None:
        self._file = file
        self._owner = owner
        weakref.finalize(self, os.close, file)

    @contextmanager
    def entered(self, inside: tuple[str, ...]) -> Iterator[int]:
        """Yield a descriptor of that inner folder. Meanwhile this thread touches files as its owner (setfsuid(2))."""
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
    """Hold the directory open if root meets another user's; None if the path is safe to use."""
    if os.geteuid() != 0:
        return None
    try:
        file = os.open(state_dir, _OPEN)
    except OSError:
        # It does not exist yet, or is no folder: making or reading it will report that.
        return None
    owner = os.fstat(file)
    if owner.st_uid == 0:
        os.close(file)
        return None
    return _Held(file, owner)


@contextmanager
def _as(uid: int, gid: int) -> Iterator[None]:
    # Only file access changes its ids, and only in this thread. Root's config, credentials and code and the other threads
    # stay root's, and the owner can neither signal nor trace this process.
    libc = ctypes.CDLL(None)
    group, user = libc.setfsgid(ctypes.c_uint(gid)), libc.setfsuid(ctypes.c_uint(uid))
    try:
        # Neither call reports a failure. Called with an id that nobody has, both return the present one.
        now = [call(ctypes.c_uint(-1 & 0xFFFFFFFF)) & 0xFFFFFFFF for call in (libc.setfsuid, libc.setfsgid)]
        if now != [uid, gid]:
            raise PermissionError(
                errno.EPERM, f"root may not take the ids of its owner ({uid}:{gid}); run as that user"
            )
        yield
    finally:
        libc.setfsuid(ctypes.c_uint(user & 0xFFFFFFFF))
        libc.setfsgid(ctypes.c_uint(group & 0xFFFFFFFF))
