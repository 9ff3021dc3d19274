"""What the commands share: their options, and how a frame is printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd

Command = Callable[..., Any]
Page = Callable[..., str]  # of a frame and whether Markdown is wanted
FORMATS = ("table", "csv", "json", "markdown")
home_option = click.option(
    "--home", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder with cases/ and schema/ (default: the shipped data)."
)  # fmt: skip


def format_option(*names: str) -> Callable[[Command], Command]:
    """--format with these choices; the first is the default."""
    return click.option(
        "--format", "form", type=click.Choice(names), default=names[0], show_default=True, help="Form of the output."
    )


def rule_option(command: Command) -> Command:
    """--rule."""
    words = "How to settle cells whose sources differ: published, official, plurality or strict."
    return click.option("--rule", default="published", show_default=True, help=words)(command)


def rule_options(command: Command) -> Command:
    """--rule and --as-of."""
    return rule_option(
        click.option("--as-of", metavar="DATE", help="Use only sources published by this day (YYYY-MM-DD).")(command)
    )


def print_frame(frame: pd.DataFrame, form: str, page: Page | None = None) -> None:
    """A frame on stdout as CSV or JSON with values written as in the CSV files, else as a page or, by default, a table."""
    from cstocases.cli import text

    if form == "csv":
        click.echo(text.as_written(frame).to_csv(index=False, lineterminator="\n"), nl=False)
    elif form == "json":
        dated = text.as_written(frame, booleans=False)
        click.echo(dated.to_json(orient="records", indent=2, force_ascii=False))
    else:
        click.echo((page or text.table)(frame, markdown=form == "markdown"))
