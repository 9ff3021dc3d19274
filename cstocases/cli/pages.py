"""Commands that make pages and pictures: report, plot and codebook."""

from __future__ import annotations

from pathlib import Path

import click

from cstocases.cli.options import format_option, home_option, rule_options


@click.command()
@click.argument("dest", type=click.Path(path_type=Path))
@click.argument("cases", nargs=-1)
@click.option("--force", is_flag=True, help="Replace the file DEST.")
@rule_options
@home_option
def report(dest: Path, cases: tuple[str, ...], force: bool, rule: str, as_of: str | None, home: Path | None) -> None:
    """Write the comparison of cases as one HTML page.

    The page is self-contained; without CASES it has all.

    \b
    cstocases report report.html
    cstocases report founding.html kgz-2010 arm-2020 kaz-2022
    """
    from cstocases.pages.html import report as twin

    twin(dest, cases or None, force=force, home=home, rule=rule, as_of=as_of)
    click.echo(f"The report is in {dest}; open it in a browser.", err=True)


@click.command()
@click.argument("kind", metavar="KIND")
@click.argument("cases", nargs=-1)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write: .svg, .png or .pdf.",
)
@click.option("--force", is_flag=True, help="Replace the file.")
@rule_options
@home_option
def plot(
    kind: str, cases: tuple[str, ...], output: Path, force: bool, rule: str, as_of: str | None, home: Path | None
) -> None:
    """Draw a picture as SVG, PNG or PDF.

    KIND is timeline, outcomes, rationales, evidence or universe.

    \b
    cstocases plot timeline -o timeline.svg
    cstocases plot evidence kgz-2010 tjk-2021 -o evidence.pdf
    """
    from cstocases.pages.plots import plot as twin
    from cstocases.pages.plots import save

    save(twin(kind, cases or None, home, rule=rule, as_of=as_of), output, force=force)
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
    if form == "html":
        from cstocases.pages.html import codebook_html as twin
    else:
        from cstocases.formats.codebook import codebook as twin

    click.echo(twin(home), nl=False)
