"""Commands that write or check files: each parses its options, calls one function and reports what it did."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import cstocases
from cstocases.cli.options import (
    HOME,
    condition_option,
    format_option,
    home_option,
    outcome_option,
    print_frame,
    rule_options,
)
from cstocases.errors import Problem, SchemaFileError, count

if TYPE_CHECKING:
    from cstocases.dataset import Watch

SHOWN = 100  # problems on a terminal
PROBLEMS = click.Choice(["text", "json", "github"])
UNKNOWN = "How unknown conditions are scored: absent or leave-out."
CHANGELOG = "List only changes that its newest section does not mention; exit 1 if there are any."


@click.command()
@click.argument("dest", type=click.Path(path_type=Path))
@click.option("-f", "formats", multiple=True, help="Format to write; repeat for more (default: csv and parquet).")
@click.option("--force", is_flag=True, help="Replace a folder that an earlier export made.")
@rule_options
@home_option
def export(dest: Path, formats: tuple[str, ...], **asked: Any) -> None:
    """Write the dataset to the folder DEST, all files or none.

    \b
    cstocases export build/cstocases
    cstocases export build/cstocases -f stata -f excel --force

    Formats: csv, parquet, stata, spss, r (a package), excel, sqlite, json, all.
    """
    from cstocases.formats.registry import DEFAULT

    target = cstocases.export(dest, formats or DEFAULT, **asked)
    try:
        with contextlib.suppress(FileNotFoundError):  # another run may have replaced it already
            for path in sorted(p for p in target.rglob("*") if p.is_file()):
                click.echo(f"{path.stat().st_size:>9,}  {path.relative_to(target).as_posix()}")
    finally:  # it is there even if the list cannot be printed
        click.echo(f"The dataset is in {dest}; start with README.md.", err=True)


@click.command()
@click.argument("dest", type=click.Path(path_type=Path))
@click.option("--rule", "rules", multiple=True, help="Resolution rule; repeat for more (default: each of the four).")
@outcome_option
@condition_option
@click.option("--regime", default="vdem_v2x_regime", show_default=True, help="Measure behind AUTOCRAT.")
@click.option("--threshold", type=float, help="Its threshold (default: that of the measure).")
@click.option("--unknown", default="absent", show_default=True, help=UNKNOWN)
@click.option("--force", is_flag=True, help="Replace a folder that an earlier run made.")
@home_option
def qca(dest: Path, rules: tuple[str, ...], **asked: Any) -> None:
    """Write the cases as sets for QCA to the folder DEST.

    The calibration log beside them says how each score came about.

    \b
    cstocases qca build/qca
    cstocases qca build/qca --condition OWNTERR --condition CRISISLAW --outcome TROOPS --force

    Conditions: STATEADV, OWNTERR, FTERROR, CRISISLAW, AUTOCRAT, CHAIR, MEMBADV. Measures of
    the regime: vdem_v2x_regime, vdem_v2x_polyarchy, vdem_v2x_libdem, fh_status.
    """
    from cstocases.formats.qca import qca as twin
    from cstocases.resolution.rules import RULES

    target = twin(dest, rules or tuple(RULES), **asked)
    click.echo((target / "README.md").read_text(encoding="utf-8"), nl=False)


@click.command()
@click.option("--case", help="Only the sources behind this case.")
@click.option("--table", help="Only the sources behind this table.")
@click.option("--record", help="Only the sources behind this row; the parts of a longer key are joined by /.")
@click.option("--field", help="Only the sources behind this field.")
@click.option("--side", help="Only sources that give the published value (supports) or another (conflicts).")
@click.option("--style", default="text", show_default=True, help="text, bibtex, csl-json or ris.")
@home_option
def cite(style: str, **selection: Any) -> None:
    """Cite the dataset, or the sources behind a part of it.

    \b
    cstocases cite
    cstocases cite --case kgz-2010 --table requests --style bibtex
    cstocases cite --table requests --record kgz-2010-troops --field date --side conflicts
    cstocases cite --table request_members --record kgz-2010-troops/RUS

    A row of comparison, request_members or member_years stands for the cells that it is computed from.
    """
    click.echo(cstocases.cite(style, **selection))


@click.command()
@click.argument("folder", required=False, type=HOME)
@home_option
@click.option("--format", "form", type=PROBLEMS, default="text", show_default=True, help="How to print.")
@click.option("--release", is_flag=True, help="Ask also for a verdict wherever a blind coding differs.")
def validate(folder: Path | None, home: Path | None, form: str, release: bool) -> None:
    """List all problems of the data, or of the folder FOLDER.

    FOLDER has the layout of a checkout: cases/ and schema/. Without it, and without --home, which
    says the same, the shipped data are checked.

    \b
    cstocases validate
    cstocases validate path/to/my/copy
    cstocases validate path/to/my/copy > problems.txt

    A terminal shows the first hundred; a file or a pipe gets all.
    """
    home = folder or home
    try:
        with _bar("Validating") as watch:
            problems = cstocases.validate(home, watch, release=release)
    except SchemaFileError as error:
        if form == "text":
            raise
        problems = [_of_schema(str(error))]
    if form == "json":
        click.echo(json.dumps([problem.as_dict() for problem in problems], indent=2, ensure_ascii=False))
    else:
        shown = problems[:SHOWN] if form == "text" and sys.stdout and sys.stdout.isatty() else problems
        for problem in shown:
            click.echo(_github(problem) if form == "github" else str(problem))
        if len(shown) < len(problems):
            more = f"... and {len(problems) - len(shown):,} more; to have all: cstocases validate"
            click.echo(f"{more} {shlex.quote(str(home)) + ' ' if home else ''}> problems.txt")
    files = {problem.path for problem in problems}
    said = f"{count(len(problems), 'problem')} in {count(len(files), 'file')}" if problems else _sound(home)
    click.echo(said, err=True)
    sys.exit(1 if problems else 0)


def _sound(home: Path | None) -> str:
    """That there is no problem, and how many differences between codings and published values await a verdict."""
    from cstocases.dataset import data
    from cstocases.validation.coding import open_differences

    found = data(home)
    waiting = len(open_differences(found)) if {"codings", "adjudications"} <= set(found.parsed) else 0
    return f"no problems; {count(waiting, 'coding')} that await a verdict" if waiting else "no problems"


def _of_schema(said: str) -> Problem:
    """What is said of a schema as a problem: of the file it names, or of the folder schema/ where it names none."""
    match = re.fullmatch(r"(schema/[^:#]*)(?::([0-9]+))?(?:: )?(.*)", said, re.DOTALL)
    path, line, message = match.groups() if match else ("schema", None, said)
    return Problem(path, int(line or 0), "", "schema", message)


@contextlib.contextmanager
def _bar(label: str) -> Iterator[Watch]:
    """What to call after each step of some work: it draws a bar on a terminal once the work has taken a second."""
    start = time.monotonic()
    with contextlib.ExitStack() as stack:
        bars: list[Any] = []

        def watch(done: int, steps: int) -> None:
            if not bars and sys.stderr.isatty() and time.monotonic() - start > 1:
                bars.append(stack.enter_context(click.progressbar(length=steps, label=label, file=sys.stderr)))
            for bar in bars:
                bar.update(done - bar.pos)

        yield watch


def _github(problem: Any) -> str:
    # Escapes of the workflow commands of GitHub Actions.
    message = str(problem).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    path = problem.path.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    return f"::error file={path},line={max(problem.line, 1)}::{message}"


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--changelog", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=CHANGELOG)
@click.option("--derived", is_flag=True, help="Compare the derived tables of two exports too.")
@format_option("text", "csv", "json")
@home_option
def diff(old: str, new: str, changelog: Path | None, derived: bool, form: str, home: Path | None) -> None:
    """List the differences between two versions of the data.

    \b
    cstocases diff path/to/my/copy path/to/another
    cstocases diff v0.1.0 . --changelog CHANGELOG.md

    OLD and NEW are each a folder with cases/ and schema/, a folder that `export` wrote, or a
    git revision (git:NAME if a folder has that name) of the checkout --home. Cells and the names
    of columns are compared, other changes of the schema are not.
    """
    from cstocases.analysis.diff import folded, read_changelog, unannounced
    from cstocases.analysis.versions import version

    frame = cstocases.diff(old, new, home, derived=derived)
    lines = folded(frame)
    tables = count(frame["table_name"].nunique(), "table")
    said = f"{count(len(lines), 'change')} in {tables}" if len(frame) else "no cell differs"
    if changelog:
        frame = lines = unannounced(frame, read_changelog(changelog), version(old, home))
        said += f"; {len(lines) or 'none'} without an entry under Data in the newest section of {changelog.name}"
    if form != "text" or len(lines):
        print_frame(form, *((lines, "changes_page") if form == "text" else (frame,)))
    click.echo(said, err=True)
    sys.exit(1 if changelog and len(lines) else 0)


@click.command()
@click.argument("dest", type=HOME)
def verify(dest: Path) -> None:
    """Check the export DEST against its SHA256SUMS.

    \b
    cstocases verify build/cstocases
    """
    problems = cstocases.verify(dest)
    for problem in problems:
        click.echo(str(problem))
    click.echo(count(len(problems), "problem") if problems else "all files as exported", err=True)
    sys.exit(1 if problems else 0)


@click.command(name="format")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would change.")
@home_option
def format_(check: bool, home: Path | None) -> None:
    """Rewrite each table in its canonical form.

    UTF-8, lines ended by LF, quotes only where needed, rows in the order of their key.

    \b
    cstocases format --check
    """
    from cstocases.formats.canonical import rewrite

    changed = rewrite(home, check=check)
    for path in changed:
        click.echo(f"{path}: {'is not in canonical form; run `cstocases format`' if check else 'rewritten'}")
    click.echo(count(len(changed), "file") + (" to change" if check else " changed"), err=True)
    sys.exit(1 if check and changed else 0)
