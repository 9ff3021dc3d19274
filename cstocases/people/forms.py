"""The sheets for people as HTML: one file each that is filled in offline and saves what was said as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cstocases.pages.html import render

YES_NO = [{"value": "true", "label": "Yes", "description": ""}, {"value": "false", "label": "No", "description": ""}]


def form_html(sheet: Mapping[str, Any]) -> str:
    """A sheet (coding, checks or verdicts) as one HTML page that fetches and sends nothing.

    Nothing on it is preselected. It saves a return of the same kind, and opens what it saved.

    Raises:
        CstocasesError: jinja2 is not installed.
    """
    values = {"sheet": sheet, "choices_of": choices_of, "columns": columns, "values_given": values_given}
    return render(f"form_{sheet['cstocases']}.html", values, extra="people")


def choices_of(variable: Mapping[str, Any]) -> list[dict[str, str]]:
    """The codes of a variable; yes and no where it is a truth value, none where it is a date or a number."""
    return variable["choices"] or (YES_NO if variable["type"] == "boolean" else [])


def columns(grid: Mapping[str, Any]) -> list[str]:
    """The variables of a grid, each once, in the order in which its rows ask them."""
    return list(dict.fromkeys(question["variable"] for row in grid["rows"] for question in row["questions"]))


def values_given(cell: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a cell may be corrected to, as (value, label): what codings and readings give and is not published."""
    values = {choice["label"]: choice["value"] for choice in cell["choices"]}
    labels = {choice["value"]: choice["label"] for choice in cell["choices"]}
    given = [values.get(said["value"], said["value"]) for said in (*cell["codings"], *cell["readings"])]
    published = values.get(cell["value"], cell["value"])
    return [(value, labels.get(value, value)) for value in dict.fromkeys(given) if value != published]
