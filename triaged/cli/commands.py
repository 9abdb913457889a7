"""The behaviour of every command group: alone it prints its help, and for a misspelt command it suggests similar ones."""

import difflib

import click


class Commands(click.Group):
    """A group that needs no settings to explain itself."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Print the help if no command is given; that is not a fault."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), color=ctx.color)
            ctx.exit()
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; UsageError suggests similar names."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None and not ctx.resilient_parsing:
            ctx.fail(f"No such command '{name}'.{self.remedy(ctx, args)}")
        return super().resolve_command(ctx, args)

    def remedy(self, ctx: click.Context, args: list[str]) -> str:
        """A further sentence that suggests similar commands; "" if there are none."""
        alike = difflib.get_close_matches(args[0].lower(), self.list_commands(ctx))
        return f" Did you mean {' or '.join(alike)}?" if alike else ""
