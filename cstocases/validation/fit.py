"""Whether what a row says of another cell can be: the row exists, and the text is a value of its column."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cstocases.errors import Problem, quoted
from cstocases.parsing.cell_values import cell_faults, typed
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
    why = {unique[i]: message for i, message in _faults(field, unique).items()}
    return {line: why[value] for line, value in values[is_in(values, list(why))].items()} if why else {}


def _faults(field: Field | None, values: pd.Series) -> dict[int, str]:
    if field is None:
        verdict = f"is no verdict on a row as a whole: {', '.join(VERDICTS)}"
        return dict.fromkeys(values.index[~is_in(values, VERDICTS)], verdict)
    faults: dict[int, str] = {}

    def refuse(odd: pd.Series, why: str) -> None:
        faults.update({i: why for i in odd.index[odd.fillna(False).astype(bool)] if i not in faults})

    if field.type == "date":
        refuse(~matches(values, r"\d{4}(-\d{2}){0,2}"), "is not a date; write YYYY, YYYY-MM or YYYY-MM-DD")
        values = (values.drop(list(faults)) + "-01-01").str[: len("2010-06-12")]  # the first day it can mean
    if field.categories:
        refuse(~is_in(values, list(field.labels)), f"is not a code of {field.name}: {', '.join(field.labels)}")
        if field.pattern is None:
            return faults  # a code is one word, so nothing else can be wrong with it
    if field.pattern is not None:
        refuse(~matches(values, field.pattern), f"does not have the form {field.pattern}")
    for i, (_, message) in cell_faults(field, values).items():
        faults.setdefault(i, message)
    if field.minimum is not None or field.maximum is not None:
        numbers = typed(field, values.drop([i for i in faults if i in values.index]))
        if field.minimum is not None:
            refuse(numbers < field.minimum, f"is below {field.minimum:.15g}")
        if field.maximum is not None:
            refuse(numbers > field.maximum, f"is above {field.maximum:.15g}")
    return faults
