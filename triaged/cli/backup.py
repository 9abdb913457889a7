"""`triaged backup DIR|-`: a whole and consistent copy of the state directory, beside a running daemon too."""

import sys
from pathlib import Path

import click

from triaged.adapters.disk.tarred import to_folder, to_stream
from triaged.adapters.store.copying import copy_of
from triaged.adapters.store.restoring import in_use
from triaged.adapters.store.verify import verify
from triaged.cli.faults import BAD_INPUT, NO_INPUT, Fault
from triaged.composition import utc_now
from triaged.config.loading import find_config, load
from triaged.core.plural import counted


@click.command()
@click.argument("to", metavar="DIR|-")
@click.pass_obj
def backup(config: Path | None, to: str) -> None:
    """Copy the store, the raw mail and the key into DIR, which must be empty or not there yet, or as tar to standard output.

    The daemon may run meanwhile. The copy holds everybody's reports and the key: keep it as safe as the original.
    """
    state_dir = load(find_config(config)).settings.state_dir
    if not in_use(state_dir):
        raise Fault(f"{state_dir}: there is no state yet; `triaged run` makes it", NO_INPUT)
    files = copy_of(state_dir, utc_now())
    if to == "-":
        if sys.stdout.isatty():
            raise Fault(
                "a tar stream is nothing for a terminal; redirect it: triaged backup - > triaged.tar", BAD_INPUT
            )
        to_stream(sys.stdout.buffer, files)
        return
    try:
        number = to_folder(Path(to), files)
    except FileExistsError as error:
        raise Fault(f"{error.filename}: {error.strerror}", BAD_INPUT) from error
    found = verify(Path(to))
    if found.faults:
        raise Fault(f"the copy is not whole: {found.faults[0]}", BAD_INPUT)
    things = (counted(number, "file"), counted(found.cases, "case"), counted(found.mails, "mail"))
    click.echo(f"{to}: {', '.join(things)}; verified")
