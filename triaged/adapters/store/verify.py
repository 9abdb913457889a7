"""Compares journal, snapshot and spool: every mail that the store promises must be there, byte for byte.

It needs no lock and changes nothing. It lists the spool before it reads the store, and looks for each mail afterwards. So mail
that arrives meanwhile at a running daemon is not reported as missing.
"""

import fnmatch
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from triaged.adapters.disk.folder import Folder
from triaged.adapters.disk.spool import names_in
from triaged.adapters.disk.state_dir import has_key
from triaged.adapters.store.journal import JOURNAL, SNAPSHOT, JournalStorage
from triaged.adapters.store.lines import StoreBroken
from triaged.adapters.store.store import TinyStore
from triaged.core.case.events import Received


@dataclass(frozen=True, slots=True)
class Found:
    """The findings in one state directory."""

    cases: int = 0
    mails: int = 0
    faults: tuple[str, ...] = ()
    """One sentence for each fault."""
    orphans: tuple[str, ...] = ()
    """Mails in the spool that the store does not know: a kill came between the two writes. The next start takes them in."""
    leftovers: tuple[str, ...] = ()
    """Files that a kill left, of no use to anybody: unfinished ones, raw mail that is erased, decisions that cannot be read."""


def verify(state_dir: Path) -> Found:
    """Check everything; raises OSError if a file cannot be read."""
    spooled = set(names_in(state_dir / "spool"))
    leftovers = tuple(sorted(_leftovers(state_dir)))
    try:
        storage = JournalStorage(state_dir, read_only=True)
        store = TinyStore(storage)
    except StoreBroken as error:
        return Found(faults=(str(error),), leftovers=leftovers)
    except (ValidationError, KeyError, TypeError, ValueError) as error:
        return Found(
            faults=(
                f"{state_dir}: the store holds a document that triaged cannot have written ({type(error).__name__})",
            ),
            leftovers=leftovers,
        )
    mails = storage.read().get("mails", {})
    known = {sha256: document["case_id"] for sha256, document in mails.items()}
    gone = {each.sha256 for each in store.arrivals() if each.erased_at}
    kept = {sha256: case_id for sha256, case_id in known.items() if sha256 not in gone}
    faults = (*_missing_files(state_dir, bool(known)), *_unlike(state_dir / "spool", kept), *_astray(store, known))
    leftovers = (*leftovers, *(f"spool/{sha256}" for sha256 in sorted(spooled & gone)))
    unknown = spooled - known.keys()
    if unknown:
        # A mail may have come in while the store was read.
        unknown -= JournalStorage(state_dir, read_only=True).read().get("mails", {}).keys()
    return Found(len(list(store.cases())), len(known), faults, tuple(sorted(unknown)), leftovers)


def _missing_files(state_dir: Path, in_use: bool) -> Iterator[str]:  # noqa: FBT001 - private
    folder = Folder.of_state(state_dir)
    if folder.has(SNAPSHOT) and not folder.has(JOURNAL):
        yield f"{state_dir / JOURNAL}: is missing, and with it everything since the last snapshot"
    if in_use and not has_key(state_dir):
        yield f"{state_dir / 'key'}: is missing; new case ids will differ from old ones, and our mail will not be recognised"


def _unlike(spool: Path, known: dict[str, str | None]) -> Iterator[str]:
    """Mails whose raw bytes are missing or have changed."""
    folder = Folder.in_state(spool)
    for sha256, case_id in sorted(known.items()):
        path = spool / sha256
        of = f", of {case_id}" if case_id else ""
        try:
            with open(folder.open(sha256, os.O_RDONLY), "rb") as file:  # noqa: PTH123 - a descriptor
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            yield f"{path}: this mail{of} is missing"
        else:
            if found != sha256:
                yield f"{path}: this mail{of} has changed since it came in: its bytes now have the SHA-256 {found}"


def _astray(store: TinyStore, known: dict[str, str | None]) -> Iterator[str]:
    """Cases with a mail that the ledger does not know, and mails of a case that does not exist."""
    for case in store.cases():
        for event in case.history:
            if isinstance(event, Received) and event.sha256 not in known:
                yield f"{case.id}: its mail {event.sha256} is not in the ledger"
    for sha256, case_id in sorted(known.items()):
        if case_id and store.case(case_id) is None:
            yield f"{case_id}: there is no such case, but the ledger says that the mail {sha256} belongs to it"


def _leftovers(state_dir: Path) -> Iterator[str]:
    yield from fnmatch.filter(Folder.of_state(state_dir).names(), "*.draft")
    for inside, pattern in (("spool", "*.draft"), ("decisions", ".*.json"), ("decisions", "*.unreadable")):
        for name in fnmatch.filter(Folder.in_state(state_dir / inside).names(), pattern):
            yield f"{inside}/{name}"
