"""`triaged restore FROM`: a backup becomes the state directory, whole or not at all, and nothing is sent twice by that."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import click

from triaged.adapters.disk.lock import locked
from triaged.adapters.disk.spool import FileSpool
from triaged.adapters.disk.state_dir import UNFINISHED, secret_key
from triaged.adapters.disk.tarred import NoBackup, read
from triaged.adapters.store.restoring import DRAFT, drafted, in_use, put_in_place
from triaged.adapters.store.store import TinyStore, open_store
from triaged.cli.faults import BAD_INPUT, NO_INPUT, Fault
from triaged.cli.shapes import instant
from triaged.composition import archive_of, utc_now
from triaged.config.loading import Loaded, find_config, load
from triaged.core.case.events import Failed
from triaged.core.erasure.record import Erasure, returned
from triaged.core.plural import counted
from triaged.ports import StateFault
from triaged.service.erasing import erase_again

_UNKNOWN = (
    "restored from a backup that was made before it was sent, or not: look in the server's log before sending it again"
)
Erased = tuple[bytes, list[Erasure]]
"""The key of a store, and what was erased of it."""


@click.command()
@click.argument("source", metavar="DIR|FILE|-")
@click.option("--force", metavar="STATE_DIR", type=click.Path(path_type=Path), help="Replace the store there; name it.")
@click.option("--moved", is_flag=True, help="Nothing ran since the backup was made: its letters still wait to be sent.")
@click.pass_obj
def restore(config: Path | None, source: str, *, force: Path | None, moved: bool) -> None:
    """Make a backup the state directory of these settings: a folder or a tar file of `triaged backup`, or - for standard input.

    Stop the daemon first. Letters that the backup still owes are not sent by themselves, because they may have left since.
    Neither is an acknowledgment of mail that came after the backup. --moved says that nothing ran since it was made.
    """
    loaded = load(find_config(config))
    state_dir = loaded.settings.state_dir
    _refuse_roots_hands(state_dir)
    with locked(state_dir):
        _refuse_a_store(state_dir, force)
        erased = list(_erased(state_dir))
        try:
            made_at = drafted(state_dir, read(_opened(source)))
        except NoBackup as error:
            raise Fault(f"{source}: {error}; nothing was restored", BAD_INPUT) from error
        told = list(_made_ours(loaded, made_at, erased, moved=moved))
        aside = put_in_place(state_dir, utc_now())
    click.echo(f"{state_dir}: restored as of {instant(made_at)}; verified")
    for line in told:
        click.echo(line)
    if aside:
        click.echo(f"what lay there before is in {aside}; remove it once nobody misses anything")


def _refuse_roots_hands(state_dir: Path) -> None:
    if os.geteuid() == 0 and state_dir.exists() and (owner := state_dir.stat().st_uid) != 0:
        raise Fault(f"{state_dir} belongs to uid {owner}; restore as that user: setpriv --reuid {owner} ...", BAD_INPUT)


def _refuse_a_store(state_dir: Path, force: Path | None) -> None:
    if force is not None and force.resolve() != state_dir.resolve():
        raise Fault(f"--force names {force}, but the state directory is {state_dir}; nothing was restored", BAD_INPUT)
    if force is not None or not in_use(state_dir) or (state_dir / UNFINISHED).exists():
        return
    with closing(open_store(state_dir, read_only=True)) as store:
        last, cases = store.last_taken_at(), len(list(store.cases()))
    holds = f"holds {counted(cases, 'case')}, its last mail of {instant(last)}"
    raise Fault(f"{state_dir} {holds}; to replace it: triaged restore ... --force {state_dir}", BAD_INPUT)


def _opened(source: str) -> Path | BinaryIO:
    if source == "-":
        return sys.stdin.buffer
    if not Path(source).exists():
        raise Fault(f"{source}: there is no such file or folder", NO_INPUT)
    return Path(source)


def _erased(state_dir: Path) -> Iterator[Erased]:
    """What was erased of the store that lies there, and of one that a restore which did not end has put aside."""
    for folder in (state_dir, *sorted(state_dir.glob("before-restore-*"))):
        # A store that cannot be read is what a restore is for.
        with suppress(StateFault, OSError, ValueError, KeyError):
            if in_use(folder) and not (folder / UNFINISHED).exists():
                with closing(open_store(folder, read_only=True)) as store:
                    yield secret_key(folder), list(store.erasures())


def _made_ours(loaded: Loaded, made_at: datetime, erased: list[Erased], *, moved: bool) -> Iterator[str]:
    """Bring the restored store to what holds now, before anybody else sees it; what was done, in sentences."""
    draft = loaded.settings.state_dir / DRAFT
    key = secret_key(draft)
    with closing(open_store(draft)) as store:
        archive = archive_of(loaded, store, FileSpool(draft / "spool"), key)
        again = 0
        for old_key, erasures in erased:
            again += erase_again(archive, *returned(erasures, store.cases(), old_key))
        if again:
            yield f"{counted(again, 'erasure')} made since the backup: carried out again"
        elif not any(erasures for _, erasures in erased):
            yield f"whom you erased since {instant(made_at)} is back: erase them again"
        if not moved:
            store.record_restore(made_at, utc_now())
            yield from _held_back(store)
            yield "mail that came since then is taken in again, and not acknowledged by itself: triaged cases, then answer it"


def _held_back(store: TinyStore) -> Iterator[str]:
    """Leave each letter that the backup owes to a person: it may have left since."""
    owed, now = store.owed(), utc_now()
    for owner, letter in owed:
        store.letter_event(owner, Failed(at=now, message_id=letter.message_id, reason=_UNKNOWN, uncertain=True))
    if owed:
        yield f"{counted(len(owed), 'letter')} may have left since then: triaged status; triaged case CASE resend sends one"
