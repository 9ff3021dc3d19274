"""The command line: the group, and its commands in the order --help lists them."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path
from typing import Any

import click

from cstocases.cli import output, pages, query, sheets
from cstocases.errors import CstocasesError, UnknownNameError, visible


def _shown(message: str) -> str:
    """A message for a terminal, control characters escaped: file names and values may come from anywhere."""
    return "\n".join(map(visible, message.split("\n")))


class Group(click.Group):
    """Turns errors of the package and of the system into a message on stderr and exit code 1."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        gc.set_threshold(1_000_000)  # looking for garbage among the modules imported takes a tenth of a command's time
        try:
            return super().main(*args, **kwargs)
        except UnicodeEncodeError:  # such as cp1252, in which Windows fills a pipe
            click.echo(f"Error: the output cannot be written in {sys.stdout.encoding}; set PYTHONUTF8=1", err=True)
            sys.exit(1)
        except OSError as error:  # such as a full disk behind `>`
            where = f"{error.filename}: " if error.filename else ""
            click.echo(_shown(f"Error: {where}{error.strerror or error}"), err=True)
            # Python would try to print the rest at exit, and fail again.
            with contextlib.suppress(OSError), Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), sys.stdout.fileno())
            sys.exit(1)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CstocasesError as error:
            raise click.ClickException(_shown(str(error))) from None
        except click.UsageError as error:
            raise click.UsageError(_shown(error.format_message()), error.ctx) from None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            raise click.UsageError(str(UnknownNameError("command", args[0], self.commands)), ctx) from None


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from cstocases.schema.reader import package

        click.echo(f"cstocases {package().version}")
        ctx.exit()


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version and exit."
)
def main() -> None:
    """Requests for assistance put to the CSTO, their outcomes, and the sources of every value.

    \b
    cstocases compare                 the founding three cases side by side
    cstocases show kgz-2010           the full record of a case
    cstocases evidence kgz-2010       the sources of its values
    cstocases export build/data       the dataset as CSV and Parquet
    """


ORDER = (
    "tables describe show compare evidence candidates why contested sensitivity suppose reliability "
    "export report plot qca cite codebook validate diff verify format sheet enter"
)
known = {
    c.name: c for room in (query, output, pages, sheets) for c in vars(room).values() if isinstance(c, click.Command)
}
for name in ORDER.split():
    main.add_command(known[name])
