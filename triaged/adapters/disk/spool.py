"""Raw mail, stored by the SHA-256 of its bytes. It is never run or rendered, and no sender's file name is ever used."""

import errno
import fnmatch
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from triaged.adapters.disk.durable import give_names, make_folder, write_drafts
from triaged.adapters.disk.folder import Folder
from triaged.crash import crash_point
from triaged.ports import StateFault, TryLater

_NAME = re.compile(r"[0-9a-f]{64}")
_OUT_OF_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


class FileSpool:
    """`ports.Spool` in the folder `spool` of a state directory: mode 0700, its files 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = Folder.in_state(folder)
        try:
            make_folder(self._folder)
            # A draft is a mail that was never reported as kept: the server still has it.
            for draft in fnmatch.filter(self._folder.names(), "*.draft"):
                self._folder.remove(draft)
        except OSError as error:
            raise self._fault(error) from error

    def keep(self, raw: bytes) -> str:
        """Keep the bytes of one mail, as `keep_all` does."""
        return self.keep_all((raw,))[0]

    def keep_all(self, mails: Sequence[bytes]) -> tuple[str, ...]:
        """Keep each mail's bytes, durable on return, and return their names; raises TryLater on a full disk, keeping none."""
        names = tuple(hashlib.sha256(raw).hexdigest() for raw in mails)
        try:
            new = {name: raw for name, raw in zip(names, mails, strict=True) if not self._folder.has(name)}
            drafts = {f"{name}.draft": raw for name, raw in new.items()}
            self._write(drafts)
            # The writer of one that is there already may have died between the rename and the fsync of the folder.
            give_names(self._folder, zip(drafts, new, strict=True), "mail")
        except OSError as error:
            raise self._fault(error) from error
        return names

    def read(self, sha256: str) -> bytes:
        """The bytes of that name; raises FileNotFoundError, or ValueError if `sha256` is no digest."""
        if not _NAME.fullmatch(sha256):
            raise ValueError("a spooled mail is named by 64 hexadecimal digits")
        try:
            return self._folder.read(sha256)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._fault(error) from error

    def names(self) -> tuple[str, ...]:
        """List the folder; files that are not named by a digest are left out."""
        return tuple(_names(self._folder))

    def remove(self, names: Iterable[str]) -> int:
        """Implements the port: the first crash point may be passed many times, the second once."""
        removed = 0
        try:
            for name in names:
                if self._folder.has(name):
                    self._folder.remove(name)
                    removed += 1
                    crash_point("erased-mail-removed")
            if removed:
                self._folder.sync()
                crash_point("erased-mails-synced")
        except OSError as error:
            raise self._fault(error) from error
        return removed

    def kept_at(self, sha256: str) -> datetime | None:
        """Hash the file again and fsync the folder; the instant is the file's modification time, UTC."""
        try:
            if hashlib.sha256(self.read(sha256)).hexdigest() != sha256:
                return None
            # Its writer may have died between the rename and the fsync.
            self._folder.sync()
            return datetime.fromtimestamp(self._folder.status(sha256).st_mtime, UTC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._fault(error) from error

    def _write(self, drafts: Mapping[str, bytes]) -> None:
        """Write the drafts; on a full disk nothing of them is left. What has a name is never a matter for later."""
        try:
            if drafts:
                write_drafts(self._folder, drafts, "mail")
        except OSError as error:
            if error.errno not in _OUT_OF_SPACE:
                raise
            for draft in drafts:
                with suppress(OSError):
                    self._folder.remove(draft)
            words = f"{self._folder.path}: the disk is full; mail stays on the server until it has room"
            raise TryLater(words) from error

    def _fault(self, error: OSError) -> StateFault:
        return StateFault(f"{self._folder.path}: the disk failed ({error.strerror}); check it, then restart")


def names_in(folder: Path) -> Iterator[str]:
    """The digests of the mails in a spool, in no order."""
    return _names(Folder.in_state(folder))


def _names(folder: Folder) -> Iterator[str]:
    return (name for name in folder.names() if _NAME.fullmatch(name) and folder.has(name))
