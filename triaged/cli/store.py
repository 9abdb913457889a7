"""`triaged store`: whether the state directory is whole, and a journal made short."""

import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click

from triaged.adapters.disk.folder import Folder
from triaged.adapters.disk.lock import locked
from triaged.adapters.store.journal import JOURNAL, SNAPSHOT, JournalStorage
from triaged.adapters.store.verify import Found, verify
from triaged.cli.commands import Commands
from triaged.cli.faults import BAD_INPUT, NO_INPUT, OK, Fault
from triaged.config.loading import find_config, load
from triaged.core.plural import counted
from triaged.core.text import visible


@click.group(cls=Commands)
def store() -> None:
    """Verify or compact the files in the state directory."""


@store.command("verify")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print only JSON on stdout.")
@click.pass_obj
def verify_command(config: Path | None, folder: Path | None, *, as_json: bool) -> int:
    """Check the files against each other, in the state directory or in FOLDER, a copy of it.

    The daemon may run meanwhile. Exit codes: 0 if all is whole, 65 if it is not, 74 if it cannot be read.
    """
    found = verify(_there(folder or load(find_config(config)).settings.state_dir))
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        _tell(found)
    return BAD_INPUT if found.faults else OK


def _tell(found: Found) -> None:
    for fault in found.faults:
        click.echo(visible(fault, 1000))
    for orphan in found.orphans:
        click.echo(
            f"spool/{orphan}: the store does not know this mail (see `triaged explain`); the next start takes it in"
        )
    for leftover in found.leftovers:
        click.echo(f"{visible(leftover, 200)}: a leftover of a kill, or a decision that could not be read")
    word = counted(len(found.faults), "fault") if found.faults else "whole"
    things = (counted(found.cases, "case"), counted(found.mails, "mail"), counted(len(found.orphans), "orphan"))
    click.echo(f"{word}: {', '.join(things)}")


@store.command()
@click.pass_obj
def compact(config: Path | None) -> None:
    """Write a new snapshot and start a new journal. Stop the daemon first; it compacts by itself now and then."""
    state_dir = _there(load(find_config(config)).settings.state_dir)
    with locked(state_dir), closing(JournalStorage(state_dir)) as storage:
        before = _size(state_dir)
        storage.compact()
    click.echo(f"{counted(before, 'byte')} of snapshot and journal are now {_size(state_dir)}")


def _there(state_dir: Path) -> Path:
    folder = Folder.of_state(state_dir)
    if not any(folder.has(name) for name in (SNAPSHOT, JOURNAL)):
        raise Fault(f"{state_dir}: there is no state yet; `triaged run` makes it", NO_INPUT)
    return state_dir


def _size(state_dir: Path) -> int:
    folder = Folder.of_state(state_dir)
    return sum(folder.status(name).st_size for name in (SNAPSHOT, JOURNAL) if folder.has(name))
