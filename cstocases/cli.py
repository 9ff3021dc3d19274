"""The command line: each command parses its options, calls one function and prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cstocases.errors import CstocasesError, UnknownNameError, count

if TYPE_CHECKING:
    import pandas as pd

    from cstocases.tableschema import Field, Package

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


class Group(click.Group):
    """The one place where an error of ours becomes a line on stderr and exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CstocasesError as error:
            raise click.ClickException(str(error)) from None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            raise click.UsageError(str(UnknownNameError("command", args[0], self.commands)), ctx) from None


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from cstocases.schema import package

        click.echo(f"cstocases {package().version}")
        ctx.exit()


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version and exit."
)
def main() -> None:
    """Requests for assistance put to the CSTO, what came of them, and who says so.

    \b
    cstocases compare                 the founding three cases side by side
    cstocases show kgz-2010           one case whole
    cstocases evidence kgz-2010       who says so, source by source
    cstocases export build/data       the dataset as CSV and Parquet
    """


@main.command()
@format_option(*FORMATS)
@home_option
def tables(form: str, home: Path | None) -> None:
    """List the tables: what a row is, how many there are.

    \b
    cstocases tables
    """
    from cstocases.dataset import tables as twin

    frame = twin(home)
    if form == "table":
        frame = frame.assign(row=frame["description"].str.split(". ", regex=False).str[0].str.rstrip("."))
        frame = frame[["table", "rows", "columns", "row"]].rename(columns={"row": ""})
    _print(frame, form)


@main.command()
@click.argument("name")
@format_option(*FORMATS)
@home_option
def describe(name: str, form: str, home: Path | None) -> None:
    """Say what a table, or a TABLE.FIELD, means.

    \b
    cstocases describe requests
    cstocases describe requests.addressee
    """
    from cstocases.dataset import describe as twin
    from cstocases.schema import package

    frame = twin(name, home)
    if form == "table":
        from cstocases.text import wrap

        table = package(home).table(name.partition(".")[0])
        what = table.field(name.partition(".")[2]) if "." in name else table
        click.echo(wrap(f"{name}: {what.title}. {what.description}") + "\n")
        if "." in name:
            click.echo(wrap(_gaps(package(home), table.field(name.partition(".")[2]))) + "\n")
        if "." in name and not table.field(name.partition(".")[2]).categories:
            frame = frame[["field", "type"]]
        elif "." not in name:
            frame = frame[["field", "type", "title"]]
    _print(frame, form)


def _gaps(dataset: Package, field: Field) -> str:
    """What a cell without a value of this field can say."""
    evidenced = "Every value has a reading. " if field.evidenced else ""
    if field.required:
        return f"{evidenced}Never missing."
    kinds = "; ".join(f"{token or '(empty)'}: {label}" for token, label in dataset.missing.items())
    return f"{evidenced}A missing cell says why: {kinds}."


@main.command()
@click.argument("case")
@format_option("markdown", "json")
@home_option
def show(case: str, form: str, home: Path | None) -> None:
    """Show one case whole: request, decisions, reasons, explanations, timeline, disputes, sources.

    \b
    cstocases show kgz-2010
    """
    from cstocases.schema import package
    from cstocases.views import show as twin

    found = twin(case, home)
    if form == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        from cstocases.pages import case_page

        click.echo(case_page(found, package(home)))


@main.command()
@click.argument("cases", nargs=-1)
@click.option(
    "--field",
    "fields",
    multiple=True,
    help="Variable to compare; repeat for more. A name ending in _ means all that begin so.",
)
@rule_options
@format_option(*FORMATS)
@home_option
def compare(
    cases: tuple[str, ...], fields: tuple[str, ...], rule: str, as_of: str | None, form: str, home: Path | None
) -> None:
    """Put cases side by side, variables as rows; by default the founding three.

    \b
    cstocases compare
    cstocases compare kgz-2010 kaz-2022 --field addressee --field csto_
    """
    from cstocases.views import compare as twin

    frame = twin(cases or None, fields or None, home, rule=rule, as_of=as_of)
    if form in ("csv", "json"):
        _print(frame, form)
    else:
        from cstocases.pages import comparison_page

        click.echo(comparison_page(frame, markdown=form == "markdown"))


@main.command()
@click.argument("cell", nargs=-1, required=True, metavar="CASE | TABLE RECORD [FIELD]")
@format_option(*FORMATS)
@home_option
def evidence(cell: tuple[str, ...], form: str, home: Path | None) -> None:
    """Say who says so: each reading with its source, and the rivals.

    \b
    cstocases evidence kgz-2010
    cstocases evidence requests kgz-2010-troops addressee
    """
    from cstocases.views import evidence as twin

    if len(cell) > 3:
        raise click.UsageError("give a case, or a table, a record and a field")
    frame = twin(*cell, home=home)
    if form in ("csv", "json"):
        _print(frame, form)
    else:
        from cstocases.pages import evidence_page

        click.echo(evidence_page(frame, markdown=form == "markdown"))


@main.command()
@click.argument("home", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="How to print.",
)
def validate(home: Path | None, form: str) -> None:
    """Name every problem of the shipped data, or of the folder HOME in the same layout.

    \b
    cstocases validate
    cstocases validate path/to/my/copy
    """
    from cstocases.dataset import validate as twin

    problems = twin(home)
    if form == "json":
        click.echo(json.dumps([problem.as_dict() for problem in problems], indent=2, ensure_ascii=False))
    for problem in problems if form != "json" else ():
        click.echo(_github(problem) if form == "github" else str(problem))
    files = {problem.path for problem in problems}
    said = f"{count(len(problems), 'problem')} in {count(len(files), 'file')}" if problems else "no problems"
    click.echo(said, err=True)
    sys.exit(1 if problems else 0)


def _github(problem: Any) -> str:
    # Escapes of the workflow commands of GitHub Actions.
    message = str(problem).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::error file={problem.path},line={max(problem.line, 1)}::{message}"


@main.command()
@click.argument("dest", type=click.Path(path_type=Path))
@click.option("-f", "formats", multiple=True, help="Format to write; repeat for more (default: csv and parquet).")
@click.option("--force", is_flag=True, help="Replace a folder that an earlier export made.")
@rule_options
@home_option
def export(dest: Path, formats: tuple[str, ...], force: bool, rule: str, as_of: str | None, home: Path | None) -> None:
    """Write the dataset to the folder DEST, complete or not at all.

    \b
    cstocases export build/cstocases
    cstocases export build/cstocases -f stata -f excel --force

    Formats: csv, parquet, stata, spss, excel, csv-excel, sqlite, duckdb, json, all.
    """
    from cstocases.formats import DEFAULT
    from cstocases.publish import export as twin

    target = twin(dest, formats or DEFAULT, force=force, home=home, rule=rule, as_of=as_of)
    for path in sorted(p for p in target.rglob("*") if p.is_file()):
        click.echo(f"{path.stat().st_size:>9,}  {path.relative_to(target).as_posix()}")
    click.echo(f"The dataset is in {dest}; start with README.md.", err=True)


@main.command()
@click.argument("dest", type=click.Path(path_type=Path))
@click.option("--rule", "rules", multiple=True, help="Resolution rule; repeat for more (default: each of the four).")
@click.option("--outcome", default="HELP", show_default=True, help="HELP, GRANTED or TROOPS.")
@click.option("--condition", "conditions", multiple=True, help="Condition; repeat for more (default: all seven).")
@click.option("--regime", default="vdem_v2x_regime", show_default=True, help="Measure behind AUTOCRAT.")
@click.option("--threshold", type=float, help="Its threshold (default: that of the measure).")
@click.option("--unknown", default="absent", show_default=True, help="What no source decides: absent or leave-out.")
@click.option("--force", is_flag=True, help="Replace a folder that an earlier run made.")
@home_option
def qca(
    dest: Path,
    rules: tuple[str, ...],
    outcome: str,
    conditions: tuple[str, ...],
    regime: str,
    threshold: float | None,
    unknown: str,
    force: bool,
    home: Path | None,
) -> None:
    """Write to DEST the cases calibrated for QCA, with a ledger of every score.

    \b
    cstocases qca build/qca
    cstocases qca build/qca --condition OWNTERR --condition CRISISLAW --outcome TROOPS --force

    Conditions: STATEADV, OWNTERR, FTERROR, CRISISLAW, AUTOCRAT, CHAIR, MEMBADV. Measures of
    the regime: vdem_v2x_regime, vdem_v2x_polyarchy, vdem_v2x_libdem, fh_status.
    """
    from cstocases.qca import qca as twin
    from cstocases.resolve import RULES

    target = twin(
        dest,
        rules or tuple(RULES),
        force=force,
        outcome=outcome,
        conditions=conditions or None,
        regime=regime,
        threshold=threshold,
        unknown=unknown,
        home=home,
    )
    click.echo((target / "README.md").read_text(encoding="utf-8"), nl=False)


@main.command()
@click.argument("dest", type=click.Path(exists=True, file_okay=False, path_type=Path))
def verify(dest: Path) -> None:
    """Check an export against its SHA256SUMS.

    \b
    cstocases verify build/cstocases
    """
    from cstocases.publish import verify as twin

    problems = twin(dest)
    for problem in problems:
        click.echo(str(problem))
    click.echo(count(len(problems), "problem") if problems else "all files as exported", err=True)
    sys.exit(1 if problems else 0)


@main.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--changelog",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="List only changes of which its newest section says nothing; exit 1 if there are any.",
)
@click.option("--derived", is_flag=True, help="Compare the derived tables of two exports too.")
@format_option("text", "csv", "json")
@home_option
def diff(old: str, new: str, changelog: Path | None, derived: bool, form: str, home: Path | None) -> None:
    """Say what differs between two versions of the data, cell by cell.

    \b
    cstocases diff path/to/my/copy path/to/another
    cstocases diff v0.1.0 . --changelog CHANGELOG.md

    OLD and NEW are each a folder with cases/ and schema/, a folder that `export` wrote, or a
    git revision (git:NAME if a folder has that name) of the checkout --home.
    """
    from cstocases.changes import diff as twin
    from cstocases.changes import folded, unannounced, version

    frame = twin(old, new, home, derived=derived)
    lines = folded(frame)
    tables = count(frame["table_name"].nunique(), "table")
    said = f"{count(len(lines), 'change')} in {tables}" if len(frame) else "no differences"
    if changelog:
        news = changelog.read_text(encoding="utf-8", errors="replace")
        frame = lines = unannounced(frame, news, version(old, home))
        said += f"; {len(lines) or 'none'} without an entry under Data in the newest section of {changelog.name}"
    if form == "text" and len(lines):
        from cstocases.pages import changes_page

        click.echo(changes_page(lines))
    elif form != "text":
        _print(frame, form)
    click.echo(said, err=True)
    sys.exit(1 if changelog and len(lines) else 0)


@main.command()
@rule_options
@format_option(*FORMATS)
@home_option
def candidates(rule: str, as_of: str | None, form: str, home: Path | None) -> None:
    """List the occasions considered and what the inclusion rule makes of each.

    \b
    cstocases candidates
    cstocases candidates --rule strict
    """
    from cstocases.views import candidates as twin

    frame = twin(rule, as_of, home)
    if form in ("csv", "json"):
        _print(frame, form)
    else:
        from cstocases.pages import candidates_page

        published = None if rule == "published" and as_of is None else twin(home=home)
        click.echo(candidates_page(frame, published, markdown=form == "markdown"))


@main.command()
@click.argument("candidate")
@rule_option
@format_option(*FORMATS)
@home_option
def why(candidate: str, rule: str, form: str, home: Path | None) -> None:
    """Say why an occasion is a case or not: each criterion, with the sources on both sides.

    \b
    cstocases why kgz-2005
    """
    from cstocases.views import why as twin

    frame = twin(candidate, rule, home)
    if form in ("csv", "json"):
        _print(frame, form)
    else:
        from cstocases.pages import why_page

        click.echo(why_page(candidate, frame, markdown=form == "markdown"))


@main.command()
@click.argument("case", required=False)
@click.option(
    "--between", nargs=2, metavar="RULE RULE", help="List the cells on which two resolution rules differ instead."
)
@format_option(*FORMATS)
@home_option
def contested(case: str | None, between: tuple[str, str] | None, form: str, home: Path | None) -> None:
    """List every cell with rival readings: who says what, and what each rule makes of it.

    \b
    cstocases contested
    cstocases contested arm-2020
    cstocases contested --between published official
    """
    from cstocases.views import contested as twin
    from cstocases.views import differing

    if case and between:
        raise click.UsageError("give a case or --between, not both")
    if between:
        _print(differing(*between, home), form)
        return
    frame = twin(case, home)
    if form in ("csv", "json"):
        _print(frame, form)
    else:
        from cstocases.pages import contested_page

        click.echo(contested_page(frame, markdown=form == "markdown"))


@main.command()
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@click.option("--cells", is_flag=True, help="List the contested cells one by one with what each value would change.")
@click.option("--outcome", default="HELP", show_default=True, help="HELP, GRANTED or TROOPS.")
@click.option("--condition", "conditions", multiple=True, help="Condition; repeat for more (default: all seven).")
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    default=100_000,
    show_default=True,
    help="Combinations to draw where there are more than a million.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the drawing.")
@format_option(*FORMATS)
@home_option
def sensitivity(
    cases: tuple[str, ...],
    cells: bool,
    outcome: str,
    conditions: tuple[str, ...],
    samples: int,
    seed: int,
    form: str,
    home: Path | None,
) -> None:
    """Say which conclusions hang on contested cells.

    \b
    cstocases sensitivity
    cstocases sensitivity arm-2020 --condition OWNTERR --outcome TROOPS
    cstocases sensitivity --cells arm-2020

    Conditions: STATEADV, OWNTERR, FTERROR, CRISISLAW, AUTOCRAT, CHAIR, MEMBADV.
    """
    from cstocases.hinges import consequences
    from cstocases.hinges import sensitivity as twin

    if cells:
        frame = consequences(cases or None, outcome=outcome, conditions=conditions or None, home=home)
    else:
        frame = twin(
            cases or None, outcome=outcome, conditions=conditions or None, samples=samples, seed=seed, home=home
        )
    if form in ("csv", "json"):
        _print(frame, form)
    else:
        from cstocases.pages import consequences_page, sensitivity_page

        click.echo((consequences_page if cells else sensitivity_page)(frame, markdown=form == "markdown"))


@main.command()
@format_option(*FORMATS)
@home_option
def reliability(form: str, home: Path | None) -> None:
    """Agreement of the two blind codings: percent and Krippendorff's alpha, by variable.

    \b
    cstocases reliability
    """
    from cstocases.agreement import reliability as twin

    frame = twin(home)
    if form not in ("csv", "json"):
        frame = frame.assign(
            agreement=[f"{value:.0f}%" for value in frame["agreement"]],
            alpha=[
                "-" if value is None or value != value else f"{value:.2f}" for value in frame["alpha"].astype(object)
            ],
        )
    _print(frame, form)


@main.command()
@click.option("--case", help="Only the sources behind this case.")
@click.option("--table", help="Only the sources behind this table.")
@click.option("--field", help="Only the sources behind this field.")
@click.option("--style", default="text", show_default=True, help="text, bibtex, csl-json or ris.")
@home_option
def cite(case: str | None, table: str | None, field: str | None, style: str, home: Path | None) -> None:
    """Cite the dataset and, with a selection, exactly the sources behind it.

    \b
    cstocases cite
    cstocases cite --case kgz-2010 --table requests --style bibtex
    """
    from cstocases.references import cite as twin

    click.echo(twin(style, case=case, table=table, field=field, home=home))


@main.command()
@click.argument("kind", metavar="KIND")
@click.argument("cases", nargs=-1)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write: .svg, .png or .pdf.",
)
@rule_options
@home_option
def plot(kind: str, cases: tuple[str, ...], output: Path, rule: str, as_of: str | None, home: Path | None) -> None:
    """Draw a picture: timeline, outcomes, rationales, evidence or universe.

    \b
    cstocases plot timeline -o timeline.svg
    cstocases plot evidence kgz-2010 tjk-2021 -o evidence.pdf
    """
    from cstocases.plots import plot as twin
    from cstocases.plots import save

    save(twin(kind, cases or None, home, rule=rule, as_of=as_of), output)
    click.echo(f"The picture is in {output}.", err=True)


@main.command()
@click.argument("dest", type=click.Path(path_type=Path))
@click.argument("cases", nargs=-1)
@click.option("--force", is_flag=True, help="Replace the file DEST.")
@rule_options
@home_option
def report(dest: Path, cases: tuple[str, ...], force: bool, rule: str, as_of: str | None, home: Path | None) -> None:
    """Write the comparison of CASES (default: all) as one HTML page that needs nothing else.

    \b
    cstocases report report.html
    cstocases report founding.html kgz-2010 arm-2020 kaz-2022
    """
    from cstocases.webpage import report as twin

    twin(dest, cases or None, force=force, home=home, rule=rule, as_of=as_of)
    click.echo(f"The report is in {dest}; open it in a browser.", err=True)


@main.command()
@format_option("markdown", "html")
@home_option
def codebook(form: str, home: Path | None) -> None:
    """Print the codebook in Markdown or as an HTML page.

    \b
    cstocases codebook > CODEBOOK.md
    cstocases codebook --format html > codebook.html
    """
    if form == "html":
        from cstocases.webpage import codebook_html as twin
    else:
        from cstocases.book import codebook as twin

    click.echo(twin(home), nl=False)


@main.command(name="format")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would change.")
@home_option
def format_(check: bool, home: Path | None) -> None:
    """Rewrite each table in canonical form: UTF-8, LF, least quoting, rows by key.

    \b
    cstocases format --check
    """
    from cstocases.dataset import canonical
    from cstocases.schema import package

    dataset = package(home)
    wanted = {table.path: canonical(name, home) for name, table in dataset.stored.items()}
    changed = [path for path, text in wanted.items() if (dataset.home / path).read_bytes() != text.encode()]
    for path in changed:
        if not check:
            (dataset.home / path).write_bytes(wanted[path].encode())
        click.echo(f"{path}: {'is not in canonical form; run `cstocases format`' if check else 'rewritten'}")
    click.echo(count(len(changed), "file") + (" to change" if check else " changed"), err=True)
    sys.exit(1 if check and changed else 0)


def _print(frame: pd.DataFrame, form: str) -> None:
    from cstocases import text

    if form == "csv":
        click.echo(frame.to_csv(index=False, lineterminator="\n"), nl=False)
    elif form == "json":
        click.echo(frame.to_json(orient="records", indent=2, force_ascii=False, date_format="iso"))
    else:
        click.echo(text.markdown(frame) if form == "markdown" else text.table(frame))
