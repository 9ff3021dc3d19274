"""What the commands share: their options, and how a frame is printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd

Command = Callable[..., Any]
FORMATS = ("table", "csv", "json", "markdown")
home_option = click.option(
    "--home", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder with cases/ and schema/ (default: the shipped data)."
)  # fmt: skip


def format_option(*names: str) -> Callable[[Command], Command]:
    """--format with these choices; the first is the default."""
    return click.option(
        "--format", "form", type=click.Choice(names), default=names[0], show_default=True, help="How to print."
    )


def rule_option(command: Command) -> Command:
    """--rule."""
    words = "Settle cells whose sources differ: published, official, plurality or strict."
    return click.option("--rule", default="published", show_default=True, help=words)(command)


def rule_options(command: Command) -> Command:
    """--rule and --as-of."""
    return rule_option(
        click.option("--as-of", metavar="DATE", help="Use only sources published by then (YYYY-MM-DD).")(command)
    )


def print_frame(frame: pd.DataFrame, form: str) -> None:
    """A frame on stdout: as a table, CSV, JSON or Markdown."""
    from cstocases.cli import text

    if form == "csv":
        click.echo(frame.to_csv(index=False, lineterminator="\n"), nl=False)
    elif form == "json":
        click.echo(frame.to_json(orient="records", indent=2, force_ascii=False, date_format="iso"))
    else:
        click.echo(text.markdown(frame) if form == "markdown" else text.table(frame))
