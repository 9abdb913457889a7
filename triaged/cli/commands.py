"""How every group of commands behaves: bare it prints its help, and to a slip of the keys it answers with what was meant."""

import difflib

import click


class Commands(click.Group):
    """A group that needs no settings to explain itself."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Print the help where nothing is asked for; that is no fault."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), color=ctx.color)
            ctx.exit()
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; UsageError names those that are spelled like it."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None and not ctx.resilient_parsing:
            ctx.fail(f"No such command '{name}'.{self.remedy(ctx, args)}")
        return super().resolve_command(ctx, args)

    def remedy(self, ctx: click.Context, args: list[str]) -> str:
        """What the unknown command may stand for, as a further sentence; empty where nothing is like it."""
        alike = difflib.get_close_matches(args[0].lower(), self.list_commands(ctx))
        return f" Did you mean {' or '.join(alike)}?" if alike else ""
