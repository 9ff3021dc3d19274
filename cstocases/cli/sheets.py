"""Commands for people: `sheet` gives something to fill in, `enter` takes it back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from cstocases.cli.options import home_option
from cstocases.errors import count

FILE = click.Path(dir_okay=False, path_type=Path)
file_argument = click.argument("file", type=FILE)
coder_option = click.option("--coder", required=True, help="Your name in the data: small letters and digits, such as anna.")  # fmt: skip
new_coder_option = click.option("--coder", default="", help="Your name in the data; it can also be filled in.")
case_option = click.option("--case", required=True, help="The case, such as kgz-2010.")
force_option = click.option("--force", is_flag=True, help="Replace the file.")
MOST = 40  # lines of what follows that a terminal shows


@click.group(no_args_is_help=True)
def sheet() -> None:
    """Write a sheet to fill in: coding, checks, verdicts, correction or case.

    What you save from it goes back by `cstocases enter`.

    \b
    cstocases sheet coding anna.html --coder anna --case kgz-2016
    cstocases sheet correction fix.toml requests kgz-2010-troops date
    """


@sheet.command(name="coding")
@file_argument
@coder_option
@case_option
@force_option
@home_option
def coding(file: Path, coder: str, case: str, **how: Any) -> None:
    """Code a case blind, in the browser (.html) or a spreadsheet (.xlsx).

    The sheet has all evidence of the case and every variable with its codes, and no
    published value. What you leave blank is not coded.

    \b
    cstocases sheet coding anna.html --coder anna --case kgz-2016
    """
    from cstocases.people.sheets import write_coding

    write_coding(file, case, coder, **how)
    click.echo(_next(file, "code", f"{coder}-{case}-coding"), err=True)


@sheet.command(name="checks")
@file_argument
@coder_option
@case_option
@force_option
@home_option
def checks(file: Path, coder: str, case: str, **how: Any) -> None:
    """Check the published values of a case against their sources (.html).

    \b
    cstocases sheet checks anna-checks.html --coder anna --case kgz-2016
    """
    from cstocases.people.sheets import write_checks

    write_checks(file, case, coder, **how)
    click.echo(_next(file, "check", f"{coder}-{case}-checks"), err=True)


@sheet.command(name="verdicts")
@file_argument
@force_option
@home_option
def verdicts(file: Path, **how: Any) -> None:
    """Judge the cells on which blind codings differ (.html).

    \b
    cstocases sheet verdicts open.html
    """
    from cstocases.people.sheets import write_verdicts

    n = write_verdicts(file, **how)
    click.echo(f"{count(n, 'cell')} to judge. {_next(file, 'judge', 'YOUR-NAME-verdicts')}" if n else "no cell awaits a verdict; nothing was written", err=True)  # fmt: skip


@sheet.command(name="correction")
@file_argument
@click.argument("table")
@click.argument("record")
@click.argument("field")
@new_coder_option
@force_option
@home_option
def correction(file: Path, table: str, record: str, field: str, **how: Any) -> None:
    """Correct a cell, or add what another source says of it (.toml).

    \b
    cstocases sheet correction fix.toml requests kgz-2010-troops addressee
    """
    from cstocases.people.sheets import write_correction

    write_correction(file, table, record, field, **how)
    click.echo(f"Fill in {file}, then: cstocases enter {file}", err=True)


@sheet.command(name="case")
@file_argument
@click.option("--state", required=True, help="The state that asked, such as ARM.")
@click.option("--case", required=True, help="Id of the new case, such as arm-2024.")
@new_coder_option
@force_option
@home_option
def case(file: Path, state: str, case: str, coder: str, **how: Any) -> None:
    """Describe a new case (.toml).

    \b
    cstocases sheet case arm-2024.toml --state ARM --case arm-2024
    """
    from cstocases.people.sheets import write_case

    write_case(file, state, case, coder, **how)
    click.echo(f"Fill in {file}, then: cstocases enter {file}", err=True)


def _next(file: Path, what: str, saved: str) -> str:
    if file.suffix == ".xlsx":
        return f"Open {file} in a spreadsheet, {what}, save; then: cstocases enter {file}"
    return f"Open {file} in a browser, {what}, press Save to a file; then, where your browser puts downloads: cstocases enter ~/Downloads/{saved}.json"


@click.command()
@file_argument
@click.option("--write", is_flag=True, help="Write it into the data; without it nothing is written.")
@home_option
def enter(file: Path, write: bool, home: Path | None) -> None:
    """Show what a filled-in FILE would change; with --write change it.

    FILE is what a sheet gave back: codings (.json or .xlsx), checks and verdicts
    (.json), a correction or a new case (.toml). All of it is written or nothing.

    \b
    cstocases enter anna-kgz-2016-coding.json
    cstocases enter anna-kgz-2016-coding.json --write
    """
    from cstocases.analysis.diff import folded
    from cstocases.cli.entered import entered_page
    from cstocases.people.entering import enter as twin
    from cstocases.people.proposal import ReturnError

    click.echo(f"Trying {file} on the data, which takes some seconds ...", err=True)
    try:
        done = twin(file, home, write=write)
    except ReturnError as error:
        for problem in error.problems:
            click.echo(str(problem))
        click.echo(f"{count(len(error.problems), 'problem')}; nothing was written", err=True)
        sys.exit(1)
    click.echo(entered_page(done, folded(done.changes), MOST if sys.stdout.isatty() else None))
    n = len(folded(done.changes))
    said = "nothing to change: it is in the data already" if not n else f"{count(n, 'change')} {'written' if write else 'to write'}"  # fmt: skip
    click.echo(said + ("" if write or not n else "; nothing is written yet: add --write"), err=True)
