"""Raw mail by the SHA-256 of its bytes: never executed, never rendered, never served again under a sender's name."""

import errno
import hashlib
import os
import re
from pathlib import Path

from triaged.adapters.state_dir import sync_folder
from triaged.ports import StateFault, TryLater

_NAME = re.compile(r"[0-9a-f]{64}")


class FileSpool:
    """The folder `spool` of a state directory, mode 0700, its files 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)
        # A draft is a mail that was never promised anything: the server still has it.
        for draft in folder.glob("*.draft"):
            draft.unlink()

    def keep(self, raw: bytes) -> str:
        """Keep the bytes, durable on return, and return their name; raises TryLater on a full disk."""
        name = hashlib.sha256(raw).hexdigest()
        path = self._folder / name
        draft = self._folder / f"{name}.draft"
        try:
            if not path.exists():
                _write(draft, raw)
                draft.rename(path)
            # Also for one that is there: its writer may have died between the rename and this.
            sync_folder(self._folder)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                draft.unlink(missing_ok=True)
                raise TryLater(
                    f"{self._folder}: the disk is full; mail stays on the server until it has room"
                ) from error
            raise StateFault(f"{self._folder}: the disk failed ({error.strerror}); check it, then restart") from error
        return name

    def read(self, sha256: str) -> bytes:
        """The bytes of that name; FileNotFoundError when they are not here, ValueError for what is no name."""
        if not _NAME.fullmatch(sha256):
            raise ValueError("a spooled mail is named by 64 hexadecimal digits")
        return (self._folder / sha256).read_bytes()


def _write(path: Path, raw: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        rest = memoryview(raw)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    finally:
        os.close(file)
