"""Whether what a row says of another cell can be: the row exists, and the text is a value of its column."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from cstocases.errors import Problem, quoted
from cstocases.parsing.cell_values import cell_fault
from cstocases.parsing.column_rules import matches
from cstocases.parsing.joins import is_in
from cstocases.resolution.data import Data
from cstocases.resolution.readings import VERDICTS
from cstocases.schema.model import Field, Table


def rows_exist(data: Data, name: str, ids: pd.Series, table: Table, rule: str) -> Iterator[Problem]:
    """Rows of `table` that the table `name` names and that do not exist; none where `table` could not be read whole."""
    if data.sound(table.name):
        key = table.primary_key[0]
        for line in ids.index[~is_in(ids, data.frames[table.name][key])]:
            message = f"{quoted(ids[line])} is no {key} of {table.path}"
            yield data.problem(name, line, "record_id", rule, message)


def unfit(field: Field | None, values: pd.Series) -> dict[int, str]:
    """Why texts cannot be values of the field, or where there is none verdicts on a row as a whole, by line."""
    unique = pd.Series(values.unique(), dtype="string")
    formed = matches(unique, field.pattern) if field and field.pattern is not None else unique.notna()
    why = {value: fault for value, form in zip(unique, formed, strict=True) if (fault := _fault(field, value, form))}
    return {line: why[value] for line, value in values[is_in(values, list(why))].items()} if why else {}


def _fault(field: Field | None, value: str, has_form: bool) -> str:
    if field is None:
        return "" if value in VERDICTS else f"is no verdict on a row as a whole: {', '.join(VERDICTS)}"
    if field.type == "date":
        if not re.fullmatch("[0-9]{4}(-[0-9]{2}){0,2}", value):
            return "is not a date; write YYYY, YYYY-MM or YYYY-MM-DD"
        value = f"{value}-01-01"[: len("2010-06-12")]  # the first day it can mean
    if field.categories and value not in field.labels:
        return f"is not a code of {field.name}: {', '.join(field.labels)}"
    if not has_form:
        return f"does not have the form {field.pattern}"
    if fault := cell_fault(field, value):
        return fault[1]
    if field.minimum is not None and float(value) < field.minimum:
        return f"is below {field.minimum:.15g}"
    if field.maximum is not None and float(value) > field.maximum:
        return f"is above {field.maximum:.15g}"
    return ""
