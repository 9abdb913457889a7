"""Files written for a person into a folder they chose: private, and never over an existing file."""

import os
from collections.abc import Mapping
from pathlib import Path


def hand_out(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files (mode 0600) or none; FileExistsError names what is in the way. A new folder has mode 0700."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in files:
        if os.path.lexists(folder / name):
            raise FileExistsError(17, "it exists already; choose another folder", str(folder / name))
    for name, content in files.items():
        # O_EXCL also refuses a link that somebody has put there in the meantime.
        file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with open(file, "wb") as target:  # noqa: PTH123 - a descriptor
            target.write(content)
