"""`triaged attachments CASE --out DIR`: what came with a case, under names of ours, and a file that says what it is."""

from pathlib import Path

import click

from triaged.adapters.disk.handed_out import hand_out
from triaged.cli.asked import a_case
from triaged.cli.case_mails import files_in
from triaged.cli.faults import BAD_INPUT, NO_INPUT, Fault
from triaged.cli.state import find_case, read_store
from triaged.config.loading import find_config, load
from triaged.core.mail.message import Attachment
from triaged.core.mail.safe_names import safe_name
from triaged.core.plural import counted
from triaged.core.text import defanged

_WARNING = "WARNING.txt"


@click.command()
@click.argument("case", metavar="CASE", shell_complete=a_case)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Into this folder; nothing in it is overwritten.",
)
@click.pass_obj
def attachments(config: Path | None, case: str, out: Path) -> None:
    """Write the files of a case into a folder, under safe names, with a WARNING.txt that says what each of them is.

    Nothing is opened, unpacked or run. Look at them on a machine that you can afford to lose.
    """
    state_dir = load(find_config(config)).settings.state_dir
    with read_store(state_dir) as store:
        found = find_case(store, case)
    files, left_out = files_in(found, state_dir)
    if not files:
        why = f": {left_out[0]}" if left_out else ""
        raise Fault(f"{found.id} has no attachments{why}", NO_INPUT)
    named = {safe_name(number, part): (part, content) for number, (part, content) in enumerate(files, 1)}
    warning = _warning(found.id, {name: part for name, (part, _) in named.items()}, left_out)
    try:
        hand_out(out, {_WARNING: warning.encode(), **{name: content for name, (_, content) in named.items()}})
    except FileExistsError as error:
        raise Fault(f"{error.filename}: {error.strerror}", BAD_INPUT) from error
    warned = sum(bool(part.warnings) for part, _ in files)
    also = f"; {counted(warned, 'file')} with a warning" if warned else ""
    click.echo(f"{counted(len(files), 'file')} written to {out}{also}; read {_WARNING} first")


def _warning(case_id: str, files: dict[str, Attachment], left_out: list[str]) -> str:
    lines = [
        f"These files came by mail with {case_id}, from somebody whom nobody has vouched for.",
        "Their names are ours. Open them only on a machine that you can afford to lose.",
        "",
    ]
    for name, part in files.items():
        lines += [
            name,
            f"  sent as   {defanged(part.filename, 120)}, {defanged(part.claimed_type, 100) or 'no type'}",
            f"  really is {part.media_type}, {counted(part.size, 'byte')}",
            f"  sha256    {part.sha256}",
            *(f"  WARNING   {defanged(warning)}" for warning in part.warnings),
        ]
    return "\n".join([*lines, *(["", *left_out] if left_out else []), ""])
