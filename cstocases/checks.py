"""What a schema says must be true of its table: columns, keys and references."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from cstocases.errors import Problem
from cstocases.parse import DTYPES, Parsed
from cstocases.tableschema import Field, Table

if TYPE_CHECKING:
    import pandera.pandas as pa


def to_pandera(table: Table) -> pa.DataFrameSchema:
    """A pandera schema of the table's columns, for typed frames as `load` returns them.

    Keys and rules that cross columns or tables are not in it: `validate` checks those.
    """
    import pandera.pandas as pa

    columns = {
        f.name: pa.Column(
            DTYPES[f.type],
            checks=_column_checks(f),
            nullable=not f.required,
            unique=f.unique,
            title=f.title,
            description=f.description,
        )
        for f in table.fields
    }
    return pa.DataFrameSchema(columns, name=table.name, strict=True, ordered=True, coerce=False)


def _column_checks(f: Field) -> list[pa.Check]:
    import pandera.pandas as pa

    checks = []
    if f.categories:
        checks.append(pa.Check.isin(list(f.labels), error="category"))
    if f.minimum is not None:
        checks.append(pa.Check.ge(f.minimum, error="minimum"))
    if f.maximum is not None:
        checks.append(pa.Check.le(f.maximum, error="maximum"))
    if f.pattern is not None:
        # The standard's patterns describe the whole value; `^...$` would let a line end through.
        whole = re.compile(f.pattern)
        checks.append(pa.Check(lambda s: s.map(lambda v: whole.fullmatch(v) is not None), error="pattern"))
    return checks


def check_columns(parsed: Parsed) -> list[Problem]:
    """Cells that break a column rule of the schema; cells already reported by the parser are left out."""
    import pandera.errors

    table, known = parsed.table, {(p.line, p.column) for p in parsed.problems}
    try:
        to_pandera(table).validate(parsed.frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        failures = errors.failure_cases
    else:
        return []
    problems = []
    for case in failures.itertuples(index=False):
        line, column = int(case.index), str(case.column)
        if (line, column) not in known:
            rule, message = _reason(parsed, line, table.field(column), str(case.check))
            value = "" if pd.isna(case.failure_case) else str(case.failure_case)
            problems.append(Problem(table.path, line, column, rule, message, value))
    return problems


def _reason(parsed: Parsed, line: int, f: Field, check: str) -> tuple[str, str]:
    value = parsed.frame.at[line, f.name]
    if check == "category":
        return "category", f"{value!r} is not a code of {f.name}: {', '.join(f.labels)}"
    if check == "minimum":
        return "minimum", f"{value} is below {f.minimum:g}"
    if check == "maximum":
        return "maximum", f"{value} is above {f.maximum:g}"
    if check == "pattern":
        return "pattern", f"{value!r} does not have the form {f.pattern}"
    if check == "not_nullable":
        kind = parsed.kinds.at[line, f.name]
        return "required", f"may not be missing, and is {kind}"
    if check == "field_uniqueness":
        lines = parsed.frame.index[parsed.frame[f.name] == value]
        shown = repr(value) if f.type == "string" else str(value)
        return "unique", f"{shown} stands in line {', '.join(str(n) for n in lines if n != line)} too"
    raise AssertionError(f"pandera reports a check this package did not set: {check}")


def check_keys(parsed: Parsed) -> Iterator[Problem]:
    """Rows that repeat a primary or unique key, each naming the line it repeats."""
    table, frame = parsed.table, parsed.frame
    for rule, columns in [("primary-key", table.primary_key), *(("unique-key", k) for k in table.unique_keys)]:
        key = list(columns)
        if len(key) == 1 and table.field(key[0]).unique:
            continue
        whole = frame[frame[key].notna().all(axis=1)]
        again = whole[whole.duplicated(key)]
        first = whole.drop_duplicates(key).reset_index(names="_line").set_index(key)["_line"]
        for line, row in zip(again.index, again[key].itertuples(index=False, name=None), strict=True):
            where = int(first[row if len(key) > 1 else row[0]])
            shown = ", ".join(str(v.date() if isinstance(v, pd.Timestamp) else v) for v in row)
            yield Problem(table.path, int(line), key[0], rule, f"{shown!r} is already in line {where}", shown)


def check_references(parsed: Parsed, tables: Mapping[str, Parsed]) -> Iterator[Problem]:
    """Cells that point to no row; tables that could not be read whole are not held against them."""
    for key in parsed.table.foreign_keys:
        target = tables[key.table]
        if not target.sound:
            continue
        (column,), (to,) = key.fields, key.to
        values = parsed.frame[column].dropna()
        for line, value in values[~values.isin(target.frame[to])].items():
            message = f"{value!r} is no {to} of {target.table.path}"
            yield Problem(parsed.table.path, int(line), column, "reference", message, str(value))
