"""What a schema says must be true of its table: columns, keys and references."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cstocases.errors import Problem, cut, quoted
from cstocases.parsing.cell_values import DTYPES, as_text
from cstocases.parsing.csv_reader import MAX_REPORTED
from cstocases.parsing.joins import is_in
from cstocases.parsing.parsed_table import Parsed
from cstocases.schema.model import NOT_CODED, Field, Table

if TYPE_CHECKING:
    import pandera.pandas

RULE_OF = {"not_nullable": "required", "field_uniqueness": "unique"}  # of pandera's own checks


def to_pandera(table: Table) -> pandera.pandas.DataFrameSchema:
    """A pandera schema of the table's columns, for typed frames as `load` returns them.

    Keys and rules that cross columns or tables are not in it: `validate` checks those.
    """
    from pandera.pandas import DataFrameSchema

    columns = {f.name: _column(f) for f in table.fields}
    return DataFrameSchema(columns, name=table.name, strict=True, ordered=True, coerce=False)


def _column(f: Field) -> pandera.pandas.Column:
    from pandera.pandas import Check, Column

    checks = []
    if f.categories:
        checks.append(Check.isin(list(f.labels), error="category"))
    if f.minimum is not None:
        checks.append(Check.ge(f.minimum, error="minimum"))
    if f.maximum is not None:
        checks.append(Check.le(f.maximum, error="maximum"))
    if f.pattern is not None:
        checks.append(Check(functools.partial(matches, pattern=f.pattern), error="pattern"))
    return Column(
        DTYPES[f.type],
        checks,
        nullable=not f.required,
        unique=f.unique,
        title=f.title,
        description=f.description,
        name=f.name,
    )


def matches(values: pd.Series, pattern: str) -> pd.Series:
    """Whether each value has the form of a pattern, as a whole; False where it is NA. RE2 runs it, so that no pattern can run away."""
    found = pc.match_substring_regex(pa.array(values), f"^(?:{pattern})$").fill_null(False)
    return pd.Series(found.to_numpy(zero_copy_only=False), index=values.index, dtype=bool)


def check_columns(parsed: Parsed) -> Iterator[Problem]:
    """Cells that break a column rule of the schema, as pandera finds them; cells already reported by the parser are left out."""
    frame = parsed.frame
    for column in map(_column, parsed.table.fields):
        column.dtype = None  # the parser made the types, and pandera would look at every text again
        if column.unique:  # which only the whole column can tell
            yield from _broken(parsed, column, frame)
        elif column.checks or not column.nullable:
            # In parts: pandera writes all failures of a check into one text, and there may be millions.
            for start in range(0, len(frame), MAX_REPORTED):
                yield from _broken(parsed, column, frame.iloc[start : start + MAX_REPORTED])


def _broken(parsed: Parsed, column: pandera.pandas.Column, frame: pd.DataFrame) -> Iterator[Problem]:
    """What pandera finds in a column of a part of the table, as problems at lines of the file."""
    from pandera.errors import SchemaErrors

    try:
        column.validate(frame, lazy=True, inplace=True)
        return
    except SchemaErrors as errors:
        cases = errors.failure_cases
    f, codes = parsed.table.field(column.name), parsed.missing_codes[column.name]
    for check, lines in cases.groupby("check")["index"]:
        rule = RULE_OF.get(check, check)
        wrong = frame.loc[lines.astype("int64"), f.name]
        if rule == "required":
            wrong = wrong[codes[wrong.index].notna()]  # other cells without a value were reported by the parser
        twins = wrong.groupby(wrong).groups if rule == "unique" else {}
        # As lists: a look into a frame for each line takes ten times as long.
        for line, value, code in zip(wrong.index, wrong.tolist(), codes[wrong.index].tolist(), strict=True):
            message = _reason(f, rule, value, code, twins.get(value, ()), line)
            yield Problem(parsed.table.path, int(line), f.name, rule, message, "" if pd.isna(value) else str(value))


def _reason(f: Field, rule: str, value: Any, code: str, twins: Sequence[int], line: int) -> str:
    shown = quoted(value) if isinstance(value, str) else str(value)
    if rule == "required":
        return "is required but is empty" if code == NOT_CODED else f'is required but is "{code}"'
    if rule == "category":
        return cut(f"{shown} is not a code of {f.name}: {', '.join(f.labels)}")
    if rule == "minimum":
        return f"{shown} is below {f.minimum:.15g}"
    if rule == "maximum":
        return f"{shown} is above {f.maximum:.15g}"
    if rule == "pattern":
        return f"{shown} does not have the form {f.pattern}"
    others = [str(n) for n in twins[:5] if n != line]
    more = f" and {len(twins) - 1 - len(others):,} more" if len(twins) - 1 > len(others) else ""
    return f"{shown} is also in line {', '.join(others)}{more}"


def check_keys(parsed: Parsed) -> Iterator[Problem]:
    """Rows that repeat a primary or unique key, each naming the line it repeats."""
    table, frame = parsed.table, parsed.frame
    for rule, columns in [("primary-key", table.primary_key), *(("unique-key", k) for k in table.unique_keys)]:
        key = list(columns)
        if len(key) == 1 and table.field(key[0]).unique:
            continue
        repeated = frame.duplicated(key, keep=False)
        if not repeated.any():
            continue
        first: dict[tuple[object, ...], int] = {}
        for line, *row in frame.loc[repeated, key].dropna().itertuples(name=None):
            shown = ", ".join(str(v.date() if isinstance(v, pd.Timestamp) else v) for v in row)
            where = first.setdefault(tuple(row), line)
            if where != line:
                message = f"{quoted(shown)} is already in line {where}"
                yield Problem(table.path, line, key[0], rule, message, shown)


def check_references(parsed: Parsed, tables: Mapping[str, Parsed]) -> Iterator[Problem]:
    """Cells that point to no row; tables that could not be read whole are not held against them."""
    for key in parsed.table.foreign_keys:
        target = tables[key.table]
        if not target.sound:
            continue
        (column,), (to,) = key.fields, key.to
        values = parsed.frame[column]
        lost = values[values.notna() & ~is_in(values, target.frame[to])]
        for line, value in as_text(parsed.table.field(column), lost).items():
            message = f"{quoted(value)} is no {to} of {target.table.path}"
            yield Problem(parsed.table.path, int(line), column, "reference", message, value)
