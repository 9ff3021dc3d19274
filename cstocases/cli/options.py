"""What the commands share: their options, and how a frame is printed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd

Command = Callable[..., Any]
FORMATS = ("table", "csv", "json", "markdown")
HOME = click.Path(exists=True, file_okay=False, path_type=Path)
home_option = click.option("--home", type=HOME, help="Folder with cases/ and schema/ (default: the shipped data).")
rule_option = click.option(
    "--rule", default="published", show_default=True, help="How to settle cells whose sources differ: published, official, plurality, stated or strict."
)  # fmt: skip
outcome_option = click.option("--outcome", default="TROOPS", show_default=True, help="TROOPS, MILITARY or HELP.")
condition_option = click.option(
    "--condition", "conditions", multiple=True, help="Condition; repeat for more (default: all seven)."
)


def format_option(*names: str) -> Callable[[Command], Command]:
    """--format with these choices; the first is the default."""
    form = click.Choice(names)
    return click.option("--format", "form", type=form, default=names[0], show_default=True, help="Form of the output.")


def rule_options(command: Command) -> Command:
    """--rule and --as-of."""
    words = "Use only sources published by this day (YYYY-MM-DD)."
    return rule_option(click.option("--as-of", metavar="DATE", help=words)(command))


def query(function: Command) -> click.Command:
    """A command that prints what the function returns, as `print_frame` takes it; its last options are --format and --home."""

    @functools.wraps(function)
    def run(form: str, **asked: Any) -> None:
        print_frame(form, *function(**asked))

    command = click.command()(run)
    command.params += click.command()(format_option(*FORMATS)(home_option(lambda: None))).params
    return command


def print_frame(form: str, frame: pd.DataFrame, page: str = "", *more: object) -> None:
    """A frame on stdout as CSV or JSON with values written as in the CSV files, else as a page of `render` or a table."""
    from cstocases.cli import render, text

    if form == "csv":
        click.echo(text.as_written(frame).to_csv(index=False, lineterminator="\n"), nl=False)
    elif form == "json":
        dated = text.as_written(frame, booleans=False)
        click.echo(dated.to_json(orient="records", indent=2, force_ascii=False))
    else:
        show: Command = getattr(render, page) if page else text.table
        click.echo(show(frame, *more, markdown=form == "markdown"))
