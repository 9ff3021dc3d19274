"""Commands that show the data: each calls one function and says as which page its frame is printed."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

import cstocases
from cstocases.cli.options import (
    condition_option,
    format_option,
    home_option,
    outcome_option,
    query,
    rule_option,
    rule_options,
)

Shown = tuple[Any, ...]  # a frame, the name of its page in `render`, and what else the page needs


@query
def tables(home: Path | None) -> Shown:
    """List the tables, with what a row of each stands for.

    \b
    cstocases tables
    """
    return cstocases.tables(home), "tables_page"


@query
@click.argument("name")
def describe(name: str, home: Path | None) -> Shown:
    """Show what a table, or a TABLE.FIELD, means.

    \b
    cstocases describe requests
    cstocases describe requests.addressee
    """
    return cstocases.describe(name, home), "description_page", cstocases.package(home), name


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
    found = cstocases.show(case, home)
    if form == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        from cstocases.cli.case_page import case_page

        click.echo(case_page(found, cstocases.package(home)))


FIELD = "Variable to compare; repeat for more. A name ending in _ stands for all that start with it."


@query
@click.argument("cases", nargs=-1)
@click.option("--field", "fields", multiple=True, help=FIELD)
@rule_options
def compare(cases: tuple[str, ...], fields: tuple[str, ...], **asked: Any) -> Shown:
    """Show cases side by side, by default the founding three.

    \b
    cstocases compare
    cstocases compare kgz-2010 kaz-2022 --field addressee --field csto_
    """
    frame = cstocases.compare(cases, fields or None, **asked)
    from cstocases.analysis.checked import in_words

    checks = in_words(cstocases.checked(frame["case_id"].unique(), asked["home"])) if len(frame) else ""
    return frame, "comparison_page", checks


@query
@click.argument("cell", nargs=-1, required=True, metavar="CASE | RECORD | STATEMENT | TABLE RECORD [FIELD]")
def evidence(cell: tuple[str, ...], home: Path | None) -> Shown:
    """List the sources of a case, a record or a cell, and who said it.

    Each reading supports the published value or conflicts with it. A reading
    marked inferred needs knowledge that its source does not state. Below them
    stands what people who checked the value said of it.

    \b
    cstocases evidence kgz-2010
    cstocases evidence arm-2020-csto
    cstocases evidence arm-016
    cstocases evidence requests kgz-2010-troops addressee
    """
    if len(cell) > 3:
        raise click.UsageError("give the id of a case, a record or a statement, or a table, a record and a field")
    frame = cstocases.evidence(*cell, home=home)
    return frame, "evidence_page", None if (frame["check_status"] == "unchecked").all() else cstocases.checks(home=home)


@query
@rule_options
def candidates(home: Path | None, **asked: Any) -> Shown:
    """Count and list the occasions considered, and which of them are cases.

    Where a rule leaves no case, it says which criterion none meets.

    \b
    cstocases candidates
    cstocases candidates --rule strict
    """
    published = asked == {"rule": "published", "as_of": None}
    before = None if published else cstocases.candidates(home=home)
    codes = cstocases.missing("candidates", home, **asked)
    return cstocases.candidates(home=home, **asked), "candidates_page", codes, before


@query
@click.argument("candidate")
@rule_option
def why(candidate: str, rule: str, home: Path | None) -> Shown:
    """Show which inclusion criteria an occasion meets.

    Each criterion has the sources for and against it.

    \b
    cstocases why kgz-2005
    """
    return cstocases.why(candidate, rule, home), "why_page", candidate


BETWEEN = "List instead the cells on which two resolution rules differ."


@query
@click.argument("case", required=False)
@click.option("--between", nargs=2, metavar="RULE RULE", help=BETWEEN)
def contested(case: str | None, between: tuple[str, str] | None, home: Path | None) -> Shown:
    """Count and list the cells with conflicting values.

    Each value has its sources; the last line has the value under each resolution rule.
    A + marks cells that would change the comparison.

    \b
    cstocases contested
    cstocases contested arm-2020
    cstocases contested --between published official
    """
    if case and between:
        raise click.UsageError("give a case or --between, not both")
    if between:
        return (cstocases.differing(*between, home),)
    from cstocases.analysis.conflicts import n_cells

    return cstocases.contested(case, home), "contested_page", n_cells(case, home)


SAMPLES = "Combinations to draw where there are more than a million."


@query
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@click.option("--cells", is_flag=True, help="List the contested cells one by one with what each value would change.")
@outcome_option
@condition_option
@click.option("--samples", type=click.IntRange(min=1), default=100_000, show_default=True, help=SAMPLES)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the random draw.")
def sensitivity(cases: tuple[str, ...], cells: bool, samples: int, seed: int, **asked: Any) -> Shown:
    """Show which conclusions depend on contested cells and on resolution rules.

    \b
    cstocases sensitivity
    cstocases sensitivity arm-2020 --condition OWNTERR --outcome TROOPS
    cstocases sensitivity --cells arm-2020

    Conditions: STATEADV, OWNTERR, FTERROR, CRISISLAW, AUTOCRAT, CHAIR, MEMBADV.
    """
    given = click.get_current_context().get_parameter_source
    if cells and any(given(name) is ParameterSource.COMMANDLINE for name in ("samples", "seed")):
        raise click.UsageError("--samples and --seed are for drawing combinations; --cells draws none")
    from cstocases.analysis.case_record import title_of
    from cstocases.analysis.conflicts import by_rule
    from cstocases.dataset import data

    if cells:
        frame = cstocases.consequences(cases or None, **asked)
        return frame, "consequences_page", functools.partial(title_of, data(asked["home"]))
    frame = cstocases.sensitivity(cases or None, samples=samples, seed=seed, **asked)
    rules = by_rule(cases or None, asked["home"])
    return frame, "sensitivity_page", rules, functools.partial(title_of, data(asked["home"]))


@query
@click.argument("table")
@click.argument("record")
@click.argument("field")
@click.argument("value")
def suppose(table: str, record: str, field: str, value: str, home: Path | None) -> Shown:
    """Show what would follow if one cell had another value.

    Every cell of the derived tables, every inclusion and QCA score that would
    change. Nothing is written. A missing-value code stands in round brackets.

    \b
    cstocases suppose answers arm-2022-aid-package-military-unspecified taken accepted
    cstocases suppose asks arm-2020-csto-help-unspecified status documented
    """
    return cstocases.suppose(table, record, field, value, home), "suppose_page"


AGAINST = (
    "With --pairs: also compare each coder with the published values. This is agreement with ours, not reliability."
)


@query
@click.option("--pairs", is_flag=True, help="Compare the coders two by two; people and models are kept apart.")
@click.option("--against", metavar="published", help=AGAINST)
@click.option("--coder", help="List instead where this coder differs from the published values and what came of it.")
def reliability(pairs: bool, against: str | None, coder: str | None, home: Path | None) -> Shown:
    """Show how far the blind codings agree.

    Percent agreement and Krippendorff's alpha, by variable; then how many
    readings are stated by their statement and how many inferred.

    \b
    cstocases reliability
    cstocases reliability --pairs
    cstocases reliability --pairs --against published
    cstocases reliability --coder coder-a
    """
    if pairs and coder is not None:
        raise click.UsageError("give --pairs or --coder, not both")
    if against is not None and not pairs:
        raise click.UsageError("--against needs --pairs")
    if pairs:
        return cstocases.pairs(home, against), "pairs_page"
    if coder is not None:
        from cstocases.analysis.pairs import with_models

        return cstocases.differences(coder, home), "differences_page", with_models(coder, home), coder
    return cstocases.reliability(home), "reliability_page", cstocases.bases(home)
