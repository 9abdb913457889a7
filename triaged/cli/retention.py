"""`triaged retention`: what has been kept long enough, and erasing it now instead of at the daemon's next daily pass."""

import json
from pathlib import Path

import click

from triaged.cli.erasures import lines, preview, shape
from triaged.cli.faults import BAD_INPUT, Fault
from triaged.composition import open_archive
from triaged.config.loading import find_config, load
from triaged.core.erasure.retention import NO_LIMIT, Kept
from triaged.service.erasing import outlived, retain


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be erased. The daemon may run meanwhile.")
@click.option("--json", "as_json", is_flag=True, help="Print only JSON on stdout.")
@click.pass_obj
def retention(config: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Erase what has been kept for longer than the settings say. The daemon does so by itself, once a day.

    At most fifty people go at once; call it again for more.
    """
    loaded = load(find_config(config))
    kept = loaded.settings.retention
    if Kept(kept.raw_mail, kept.identities) == NO_LIMIT:
        raise Fault("everything is kept for ever; `retention` in triaged.yaml says for how long instead", BAD_INPUT)
    found = preview(loaded, outlived)
    if not dry_run:
        with open_archive(loaded) as archive:
            retain(archive)
    click.echo(
        json.dumps(shape(found, done=not dry_run), indent=2) if as_json else "\n".join(lines(found, done=not dry_run))
    )
