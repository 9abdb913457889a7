"""A backup put in place of a state directory: written beside what is there, verified whole, and only then given its names.

While the names are given, a marker makes every other command refuse the directory. A kill leaves the old store, or the marker:
the same restore, run once more, then ends what was begun.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from triaged.adapters.disk.state_dir import UNFINISHED
from triaged.adapters.disk.tarred import NoBackup, to_folder
from triaged.adapters.store.copying import MANIFEST
from triaged.adapters.store.journal import JOURNAL, SNAPSHOT
from triaged.adapters.store.verify import verify
from triaged.crash import crash_point

DRAFT = "restored.draft"
_NAMES = ("decisions", "spool", "key", SNAPSHOT, JOURNAL)
"""What a backup brings, in the order in which it gets its names: the store comes last."""


def in_use(state_dir: Path) -> bool:
    """True if there is a store."""
    return any((state_dir / name).exists() for name in (SNAPSHOT, JOURNAL))


def drafted(state_dir: Path, files: Iterable[tuple[str, bytes]]) -> datetime:
    """Write a backup beside what is there, and return when it was made; NoBackup where it is not whole, and nothing is left."""
    draft = state_dir / DRAFT
    shutil.rmtree(draft, ignore_errors=True)
    found: dict[str, bytes] = {}
    try:
        to_folder(draft, _kept(files, found))
        made_at = _made_at(found)
        _refuse_faults(draft)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    crash_point("restore-drafted")
    return made_at


def _kept(files: Iterable[tuple[str, bytes]], found: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The files but for the manifest, which is put among what is found; so is the hash of each file."""
    for name, content in files:
        if name in found:
            raise NoBackup(f"{name}: is in it twice")
        found[name] = content if name == MANIFEST else hashlib.sha256(content).digest()
        if name != MANIFEST:
            yield name, content


def _refuse_faults(draft: Path) -> None:
    if faults := verify(draft).faults:
        raise NoBackup(faults[0])


def _made_at(found: dict[str, bytes]) -> datetime:
    try:
        manifest = json.loads(found.pop(MANIFEST))
        promised = {str(name): bytes.fromhex(digest) for name, digest in manifest["files"].items()}
        made_at = datetime.fromisoformat(manifest["at"])
    except KeyError:
        raise NoBackup(f"it has no {MANIFEST}: it is no backup of triaged, or it breaks off") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise NoBackup(f"its {MANIFEST} cannot be read") from error
    for name in sorted(promised.keys() | found.keys()):
        if promised.get(name) != found.get(name):
            raise NoBackup(f"{name}: is missing, or not as it was when the backup was made")
    if JOURNAL not in found:
        raise NoBackup("it holds no journal")
    return made_at


def put_in_place(state_dir: Path, at: datetime) -> Path | None:
    """Give the drafted files their names; where the old ones lie now, None if there were none."""
    draft, marker, aside = (
        state_dir / DRAFT,
        state_dir / UNFINISHED,
        state_dir / f"before-restore-{at:%Y%m%dT%H%M%S%fZ}",
    )
    marker.write_text(f"{at.isoformat()}\n", encoding="ascii")
    marker.chmod(0o600)
    _sync(state_dir)
    crash_point("restore-begun")
    old = [name for name in _NAMES if (state_dir / name).exists()]
    if old:
        aside.mkdir(mode=0o700)
    for name in old:
        (state_dir / name).rename(aside / name)
    if old:
        _sync(aside)
    crash_point("restore-old-aside")
    for name in _NAMES:
        if (draft / name).exists():
            (draft / name).rename(state_dir / name)
    _sync(state_dir)
    crash_point("restore-named")
    marker.unlink()
    _sync(state_dir)
    crash_point("restore-ended")
    shutil.rmtree(draft, ignore_errors=True)
    return aside if old else None


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
