"""Erasures that were asked for, each a file in `decisions` until it is done: after a kill the next start goes on from it.

The file names the person, so it is the last thing that goes.
"""

import contextlib
import fnmatch
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from triaged.adapters.disk.durable import give_name, make_folder, write_draft
from triaged.adapters.disk.folder import Folder
from triaged.crash import crash_point
from triaged.ports import Asked

_NAMES = "erase-*.json"
_LEFTOVERS = (".*.json", "*.unreadable")


@dataclass(frozen=True, slots=True)
class ErasureBox:
    """Implements `ports.ErasuresAsked` on the folder `decisions` of a state directory."""

    folder: Path

    def hand_in(self, target: str, by: str, at: datetime) -> str:
        """Leave one to be done, durable on return; its name tells when it is gone."""
        folder = Folder.in_state(self.folder)
        make_folder(folder)
        name = f"erase-{at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.json"
        content = json.dumps({"erase": target, "by": by}).encode("ascii") + b"\n"
        write_draft(folder, f".{name}", content, "erasure")
        give_name(folder, f".{name}", name, "erasure")
        return name

    def waiting(self) -> Sequence[Asked]:
        """Those waiting, oldest first. One that cannot be read is put aside under another name."""
        return list(self._waiting(Folder.in_state(self.folder)))

    def done(self, name: str) -> None:
        """Implements the port."""
        folder = Folder.in_state(self.folder)
        with contextlib.suppress(FileNotFoundError):
            folder.remove(name)
            folder.sync()
            crash_point("erasure-taken-away")

    def waits(self, name: str) -> bool:
        """True if it is not done yet."""
        return Folder.in_state(self.folder).has(name)

    def clear(self, holds: Callable[[bytes], bool]) -> None:
        """Implements the port."""
        folder = Folder.in_state(self.folder)
        names = folder.names()
        for name in (each for pattern in _LEFTOVERS for each in fnmatch.filter(names, pattern)):
            with contextlib.suppress(OSError):
                if holds(folder.read(name)):
                    folder.remove(name)

    def _waiting(self, folder: Folder) -> Iterator[Asked]:
        for name in fnmatch.filter(folder.names(), _NAMES):
            try:
                document = json.loads(folder.read(name))
                yield Asked(name, str(document["erase"]), str(document["by"]))
            except (OSError, ValueError, KeyError, TypeError):
                with contextlib.suppress(OSError):
                    folder.rename(name, f"{name.removesuffix('.json')}.unreadable")
