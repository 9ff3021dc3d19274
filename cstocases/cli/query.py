"""Commands that show the data: each parses its options, calls one function and prints what it returns."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import click
from click.core import ParameterSource

from cstocases.cli.options import FORMATS, format_option, home_option, print_frame, rule_option, rule_options


@click.command()
@format_option(*FORMATS)
@home_option
def tables(form: str, home: Path | None) -> None:
    """List the tables, with what a row of each stands for.

    \b
    cstocases tables
    """
    from cstocases.cli import render
    from cstocases.dataset import tables as twin

    print_frame(twin(home), form, render.tables_page)


@click.command()
@click.argument("name")
@format_option(*FORMATS)
@home_option
def describe(name: str, form: str, home: Path | None) -> None:
    """Show what a table, or a TABLE.FIELD, means.

    \b
    cstocases describe requests
    cstocases describe requests.addressee
    """
    from cstocases.cli import render
    from cstocases.dataset import describe as twin
    from cstocases.schema.reader import package

    print_frame(twin(name, home), form, functools.partial(render.description_page, package(home), name))


@click.command()
@click.argument("case")
@format_option("markdown", "json")
@home_option
def show(case: str, form: str, home: Path | None) -> None:
    """Show the full record of a case.

    Requests, decisions, stated reasons, explanations, positions, timeline, contested cells and sources.

    \b
    cstocases show kgz-2010
    """
    from cstocases.analysis.case_record import show as twin
    from cstocases.schema.reader import package

    found = twin(case, home)
    if form == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        from cstocases.cli.case_page import case_page

        click.echo(case_page(found, package(home)))


@click.command()
@click.argument("cases", nargs=-1)
@click.option(
    "--field",
    "fields",
    multiple=True,
    help="Variable to compare; repeat for more. A name ending in _ stands for all that start with it.",
)
@rule_options
@format_option(*FORMATS)
@home_option
def compare(
    cases: tuple[str, ...], fields: tuple[str, ...], rule: str, as_of: str | None, form: str, home: Path | None
) -> None:
    """Show cases side by side, by default the founding three.

    \b
    cstocases compare
    cstocases compare kgz-2010 kaz-2022 --field addressee --field csto_
    """
    from cstocases.analysis.queries import compare as twin
    from cstocases.cli import render

    frame = twin(cases or None, fields or None, home, rule=rule, as_of=as_of)
    print_frame(frame, form, render.comparison_page)


@click.command()
@click.argument("cell", nargs=-1, required=True, metavar="CASE | TABLE RECORD [FIELD]")
@format_option(*FORMATS)
@home_option
def evidence(cell: tuple[str, ...], form: str, home: Path | None) -> None:
    """List the sources of a case, a record or a cell.

    Each reading supports the published value or conflicts with it.

    \b
    cstocases evidence kgz-2010
    cstocases evidence requests kgz-2010-troops addressee
    """
    from cstocases.analysis.queries import evidence as twin
    from cstocases.cli import render

    if len(cell) > 3:
        raise click.UsageError("give a case, or a table, a record and a field")
    print_frame(twin(*cell, home=home), form, render.evidence_page)


@click.command()
@rule_options
@format_option(*FORMATS)
@home_option
def candidates(rule: str, as_of: str | None, form: str, home: Path | None) -> None:
    """List the occasions considered, and which of them are cases.

    \b
    cstocases candidates
    cstocases candidates --rule strict
    """
    from cstocases.analysis.queries import candidates as twin
    from cstocases.cli import render

    frame = twin(rule, as_of, home)
    published = twin(home=home) if form in ("table", "markdown") and (rule != "published" or as_of) else None
    print_frame(frame, form, functools.partial(render.candidates_page, published=published))


@click.command()
@click.argument("candidate")
@rule_option
@format_option(*FORMATS)
@home_option
def why(candidate: str, rule: str, form: str, home: Path | None) -> None:
    """Show which inclusion criteria an occasion meets.

    Each criterion has the sources for and against it.

    \b
    cstocases why kgz-2005
    """
    from cstocases.analysis.queries import why as twin
    from cstocases.cli import render

    print_frame(twin(candidate, rule, home), form, functools.partial(render.why_page, candidate))


@click.command()
@click.argument("case", required=False)
@click.option(
    "--between", nargs=2, metavar="RULE RULE", help="List instead the cells on which two resolution rules differ."
)
@format_option(*FORMATS)
@home_option
def contested(case: str | None, between: tuple[str, str] | None, form: str, home: Path | None) -> None:
    """List the cells with conflicting values.

    Each value has its sources; the last line has the value under each resolution rule.

    \b
    cstocases contested
    cstocases contested arm-2020
    cstocases contested --between published official
    """
    from cstocases.analysis.queries import contested as twin
    from cstocases.analysis.queries import differing
    from cstocases.cli import render

    if case and between:
        raise click.UsageError("give a case or --between, not both")
    if between:
        print_frame(differing(*between, home), form)
    else:
        print_frame(twin(case, home), form, render.contested_page)


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
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the random draw.")
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
    """Show which conclusions depend on contested cells.

    \b
    cstocases sensitivity
    cstocases sensitivity arm-2020 --condition OWNTERR --outcome TROOPS
    cstocases sensitivity --cells arm-2020

    Conditions: STATEADV, OWNTERR, FTERROR, CRISISLAW, AUTOCRAT, CHAIR, MEMBADV.
    """
    from cstocases.analysis.counterfactuals import consequences
    from cstocases.analysis.sensitivity import sensitivity as twin
    from cstocases.cli import render

    given = click.get_current_context().get_parameter_source
    if cells and any(given(name) is ParameterSource.COMMANDLINE for name in ("samples", "seed")):
        raise click.UsageError("--samples and --seed are for drawing combinations; --cells draws none")
    if cells:
        frame = consequences(cases or None, outcome=outcome, conditions=conditions or None, home=home)
    else:
        frame = twin(
            cases or None, outcome=outcome, conditions=conditions or None, samples=samples, seed=seed, home=home
        )
    print_frame(frame, form, render.consequences_page if cells else render.sensitivity_page)


@click.command()
@format_option(*FORMATS)
@home_option
def reliability(form: str, home: Path | None) -> None:
    """Show how far the blind codings agree.

    Percent agreement and Krippendorff's alpha, by variable.

    \b
    cstocases reliability
    """
    from cstocases.analysis.reliability import reliability as twin
    from cstocases.cli import render

    print_frame(twin(home), form, render.reliability_page)
