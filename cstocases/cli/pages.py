"""Commands that make pages and pictures: report, plot and codebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import cstocases
from cstocases.cli.options import format_option, home_option, rule_options

PICTURE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("dest", type=click.Path(path_type=Path))
@click.argument("cases", nargs=-1)
@click.option("--force", is_flag=True, help="Replace the file DEST.")
@rule_options
@home_option
def report(dest: Path, cases: tuple[str, ...], **asked: Any) -> None:
    """Write the comparison of cases as one HTML page.

    The page is self-contained; without CASES it has all.

    \b
    cstocases report report.html
    cstocases report founding.html kgz-2010 arm-2020 kaz-2022
    """
    cstocases.report(dest, cases, **asked)
    click.echo(f"The report is in {dest}; open it in a browser.", err=True)


@click.command()
@click.argument("kind", metavar="KIND")
@click.argument("cases", nargs=-1)
@click.option("-o", "--output", type=PICTURE, required=True, help="File to write: .svg, .png or .pdf.")
@click.option("--force", is_flag=True, help="Replace the file.")
@rule_options
@home_option
def plot(kind: str, cases: tuple[str, ...], output: Path, force: bool, **asked: Any) -> None:
    """Draw a picture as SVG, PNG or PDF.

    KIND is timeline, asks, members, rationales or evidence.

    \b
    cstocases plot timeline -o timeline.svg
    cstocases plot evidence kgz-2010 tjk-2021 -o evidence.pdf
    """
    from cstocases.pages.plots import save

    save(cstocases.plot(kind, cases, **asked), output, force=force)
    click.echo(f"The picture is in {output}.", err=True)


@click.command()
@format_option("markdown", "html")
@home_option
def codebook(form: str, home: Path | None) -> None:
    """Print the codebook in Markdown or as an HTML page.

    \b
    cstocases codebook > CODEBOOK.md
    cstocases codebook --format html > codebook.html
    """
    click.echo((cstocases.codebook_html if form == "html" else cstocases.codebook)(home), nl=False)
