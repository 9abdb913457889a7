"""Raw mail by the SHA-256 of its bytes: never executed, never rendered, never served again under a sender's name."""

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from triaged.adapters.disk.durable import give_name, make_folder, sync_folder, write_draft
from triaged.ports import StateFault, TryLater

_NAME = re.compile(r"[0-9a-f]{64}")
_OUT_OF_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


class FileSpool:
    """The folder `spool` of a state directory, mode 0700, its files 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            make_folder(folder)
            # A draft is a mail that was never promised anything: the server still has it.
            for draft in folder.glob("*.draft"):
                draft.unlink()
        except OSError as error:
            raise self._fault(error) from error

    def keep(self, raw: bytes) -> str:
        """Keep the bytes, durable on return, and return their name; raises TryLater on a full disk."""
        name = hashlib.sha256(raw).hexdigest()
        path = self._folder / name
        draft = self._folder / f"{name}.draft"
        try:
            if path.exists():
                # Its writer may have died between the rename and this.
                sync_folder(self._folder)
                return name
            self._draft(draft, raw)
            give_name(draft, path, "mail")
        except OSError as error:
            raise self._fault(error) from error
        return name

    def read(self, sha256: str) -> bytes:
        """The bytes of that name; FileNotFoundError when they are not here, ValueError for what is no name."""
        if not _NAME.fullmatch(sha256):
            raise ValueError("a spooled mail is named by 64 hexadecimal digits")
        try:
            return (self._folder / sha256).read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._fault(error) from error

    def names(self) -> tuple[str, ...]:
        """As the port says."""
        return tuple(names_in(self._folder))

    def kept_at(self, sha256: str) -> datetime | None:
        """As the port says."""
        try:
            if hashlib.sha256(self.read(sha256)).hexdigest() != sha256:
                return None
            # Its writer may have died between the rename and this.
            sync_folder(self._folder)
            return datetime.fromtimestamp((self._folder / sha256).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._fault(error) from error

    def _draft(self, draft: Path, raw: bytes) -> None:
        """Write the draft; on a full disk nothing of it is left. What has a name is never a matter for later."""
        try:
            write_draft(draft, raw, "mail")
        except OSError as error:
            if error.errno not in _OUT_OF_SPACE:
                raise
            with suppress(OSError):
                draft.unlink()
            words = f"{self._folder}: the disk is full; mail stays on the server until it has room"
            raise TryLater(words) from error

    def _fault(self, error: OSError) -> StateFault:
        return StateFault(f"{self._folder}: the disk failed ({error.strerror}); check it, then restart")


def names_in(folder: Path) -> Iterator[str]:
    """The names of the mails that lie in a spool, in no order."""
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from (entry.name for entry in entries if _NAME.fullmatch(entry.name) and entry.is_file())
