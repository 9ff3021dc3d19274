"""Commands that show: each parses its options, calls one function and prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from cstocases.cli.options import FORMATS, format_option, home_option, print_frame, rule_option, rule_options

if TYPE_CHECKING:
    from cstocases.schema.model import Field, Package


@click.command()
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
    print_frame(frame, form)


@click.command()
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
    from cstocases.schema.reader import package

    frame = twin(name, home)
    if form == "table":
        from cstocases.cli.text import wrap

        table = package(home).table(name.partition(".")[0])
        what = table.field(name.partition(".")[2]) if "." in name else table
        click.echo(wrap(f"{name}: {what.title}. {what.description}") + "\n")
        if "." in name:
            click.echo(wrap(_gaps(package(home), table.field(name.partition(".")[2]))) + "\n")
        if "." in name and not table.field(name.partition(".")[2]).categories:
            frame = frame[["field", "type"]]
        elif "." not in name:
            frame = frame[["field", "type", "title"]]
    print_frame(frame, form)


def _gaps(dataset: Package, field: Field) -> str:
    """What a cell without a value of this field can say."""
    evidenced = "Every value has a reading. " if field.evidenced else ""
    if field.required:
        return f"{evidenced}Never missing."
    kinds = "; ".join(f"{token or '(empty)'}: {label}" for token, label in dataset.missing.items())
    return f"{evidenced}A missing cell says why: {kinds}."


@click.command()
@click.argument("case")
@format_option("markdown", "json")
@home_option
def show(case: str, form: str, home: Path | None) -> None:
    """Show one case whole: request, decisions, reasons, explanations, timeline, disputes, sources.

    \b
    cstocases show kgz-2010
    """
    from cstocases.analysis.queries import show as twin
    from cstocases.schema.reader import package

    found = twin(case, home)
    if form == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        from cstocases.cli.render import case_page

        click.echo(case_page(found, package(home)))


@click.command()
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
    from cstocases.analysis.queries import compare as twin

    frame = twin(cases or None, fields or None, home, rule=rule, as_of=as_of)
    if form in ("csv", "json"):
        print_frame(frame, form)
    else:
        from cstocases.cli.render import comparison_page

        click.echo(comparison_page(frame, markdown=form == "markdown"))


@click.command()
@click.argument("cell", nargs=-1, required=True, metavar="CASE | TABLE RECORD [FIELD]")
@format_option(*FORMATS)
@home_option
def evidence(cell: tuple[str, ...], form: str, home: Path | None) -> None:
    """Say who says so: each reading with its source, and the rivals.

    \b
    cstocases evidence kgz-2010
    cstocases evidence requests kgz-2010-troops addressee
    """
    from cstocases.analysis.queries import evidence as twin

    if len(cell) > 3:
        raise click.UsageError("give a case, or a table, a record and a field")
    frame = twin(*cell, home=home)
    if form in ("csv", "json"):
        print_frame(frame, form)
    else:
        from cstocases.cli.render import evidence_page

        click.echo(evidence_page(frame, markdown=form == "markdown"))


@click.command()
@rule_options
@format_option(*FORMATS)
@home_option
def candidates(rule: str, as_of: str | None, form: str, home: Path | None) -> None:
    """List the occasions considered and what the inclusion rule makes of each.

    \b
    cstocases candidates
    cstocases candidates --rule strict
    """
    from cstocases.analysis.queries import candidates as twin

    frame = twin(rule, as_of, home)
    if form in ("csv", "json"):
        print_frame(frame, form)
    else:
        from cstocases.cli.render import candidates_page

        published = None if rule == "published" and as_of is None else twin(home=home)
        click.echo(candidates_page(frame, published, markdown=form == "markdown"))


@click.command()
@click.argument("candidate")
@rule_option
@format_option(*FORMATS)
@home_option
def why(candidate: str, rule: str, form: str, home: Path | None) -> None:
    """Say why an occasion is a case or not: each criterion, with the sources on both sides.

    \b
    cstocases why kgz-2005
    """
    from cstocases.analysis.queries import why as twin

    frame = twin(candidate, rule, home)
    if form in ("csv", "json"):
        print_frame(frame, form)
    else:
        from cstocases.cli.render import why_page

        click.echo(why_page(candidate, frame, markdown=form == "markdown"))


@click.command()
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
    from cstocases.analysis.queries import contested as twin
    from cstocases.analysis.queries import differing

    if case and between:
        raise click.UsageError("give a case or --between, not both")
    if between:
        print_frame(differing(*between, home), form)
        return
    frame = twin(case, home)
    if form in ("csv", "json"):
        print_frame(frame, form)
    else:
        from cstocases.cli.render import contested_page

        click.echo(contested_page(frame, markdown=form == "markdown"))


@click.command()
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
    from cstocases.analysis.counterfactuals import consequences
    from cstocases.analysis.sensitivity import sensitivity as twin

    given = click.get_current_context().get_parameter_source
    if cells and any(given(name) is ParameterSource.COMMANDLINE for name in ("samples", "seed")):
        raise click.UsageError("--samples and --seed are for drawing combinations; --cells draws none")
    if cells:
        frame = consequences(cases or None, outcome=outcome, conditions=conditions or None, home=home)
    else:
        frame = twin(
            cases or None, outcome=outcome, conditions=conditions or None, samples=samples, seed=seed, home=home
        )
    if form in ("csv", "json"):
        print_frame(frame, form)
    else:
        from cstocases.cli.render import consequences_page, sensitivity_page

        click.echo((consequences_page if cells else sensitivity_page)(frame, markdown=form == "markdown"))


@click.command()
@format_option(*FORMATS)
@home_option
def reliability(form: str, home: Path | None) -> None:
    """Agreement of the two blind codings: percent and Krippendorff's alpha, by variable.

    \b
    cstocases reliability
    """
    from cstocases.analysis.reliability import reliability as twin

    frame = twin(home)
    if form not in ("csv", "json"):
        frame = frame.assign(
            agreement=[f"{value:.0f}%" for value in frame["agreement"]],
            alpha=[
                "-" if value is None or value != value else f"{value:.2f}" for value in frame["alpha"].astype(object)
            ],
        )
    print_frame(frame, form)
