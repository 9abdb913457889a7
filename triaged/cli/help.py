"""`triaged help` and `triaged version`, which people try before they know the options."""

import click

from triaged import __version__


@click.command("help")
@click.argument("words", metavar="[COMMAND]...", nargs=-1)
@click.pass_context
def help_command(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Explain a command, or list them all: `triaged help case close`."""
    explained = ctx.find_root()
    for number in range(len(words)):
        group = explained.command
        if not isinstance(group, click.Group):
            ctx.fail(f"'{' '.join(words[:number])}' has no commands of its own.")
        name, command, _ = group.resolve_command(explained, list(words[number:]))
        if command is not None:
            explained = click.Context(command, info_name=name, parent=explained)
    click.echo(explained.get_help(), color=ctx.color)


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"triaged, version {__version__}")
