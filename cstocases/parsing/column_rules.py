"""What a schema says must be true of its table: columns, keys and references."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cstocases.errors import Problem, cut, quoted
from cstocases.parsing.csv_reader import DTYPES, Parsed, as_text
from cstocases.schema.model import Field, Table

if TYPE_CHECKING:
    import pandera.pandas


def to_pandera(table: Table) -> pandera.pandas.DataFrameSchema:
    """A pandera schema of the table's columns, for typed frames as `load` returns them.

    Keys and rules that cross columns or tables are not in it: `validate` checks those.
    """
    from pandera.pandas import Column, DataFrameSchema

    columns = {
        f.name: Column(
            DTYPES[f.type],
            checks=_column_checks(f),
            nullable=not f.required,
            unique=f.unique,
            title=f.title,
            description=f.description,
        )
        for f in table.fields
    }
    return DataFrameSchema(columns, name=table.name, strict=True, ordered=True, coerce=False)


def _column_checks(f: Field) -> list[pandera.pandas.Check]:
    from pandera.pandas import Check

    checks = []
    if f.categories:
        checks.append(Check.isin(list(f.labels), error="category"))
    if f.minimum is not None:
        checks.append(Check.ge(f.minimum, error="minimum"))
    if f.maximum is not None:
        checks.append(Check.le(f.maximum, error="maximum"))
    if f.pattern is not None:
        checks.append(Check(functools.partial(matches, pattern=f.pattern), error="pattern"))
    return checks


def matches(values: pd.Series, pattern: str) -> pd.Series:
    """Whether each value has the form of a pattern, as a whole; False where it is NA. RE2 runs it, so that no pattern can run away."""
    found = pc.match_substring_regex(pa.array(values), f"^(?:{pattern})$").fill_null(False)
    return pd.Series(found.to_numpy(zero_copy_only=False), index=values.index, dtype=bool)


def is_in(values: pd.Series, keys: pd.Series | Sequence[str]) -> pd.Series:
    """Whether each value is one of these; False where it is NA. pandas' `isin` walks through Arrow's keys one by one."""
    wanted = pa.array(keys) if isinstance(keys, pd.Series) else pa.array(list(keys), pa.large_string())
    found = pc.is_in(pa.array(values, wanted.type), value_set=wanted, skip_nulls=True)
    return pd.Series(found.to_numpy(zero_copy_only=False), index=values.index, dtype=bool)


def lookup(wanted: pd.Series, keys: pd.Series, values: pd.Series) -> pd.Series:
    """The value of each key, the first where it stands twice, NA where it does not stand; in the dtype of the values."""
    known = values.set_axis(keys)[~(keys.duplicated() | keys.isna()).to_numpy()]
    return known.reindex(wanted).set_axis(wanted.index)


def check_columns(parsed: Parsed) -> Iterator[Problem]:
    """Cells that break a column rule of the schema; cells already reported by the parser are left out.

    The rules are those of `to_pandera`, which names no line and takes 25 ms a table, whatever its size.
    """
    for f in parsed.table.fields:
        column = parsed.frame[f.name]
        broken = {
            "required": parsed.missing_codes[f.name].notna() if f.required else None,
            "category": column.notna() & ~is_in(column, list(f.labels)) if f.categories else None,
            "minimum": column < f.minimum if f.minimum is not None else None,
            "maximum": column > f.maximum if f.maximum is not None else None,
            "pattern": column.notna() & ~matches(column, f.pattern) if f.pattern is not None else None,
            "unique": column.notna() & column.duplicated(keep=False) if f.unique else None,
        }
        for rule, odd in broken.items():
            if odd is None:
                continue
            wrong = column[odd.fillna(False).astype(bool)]
            kinds = parsed.missing_codes[f.name].loc[wrong.index]
            twins = wrong.groupby(wrong).groups if rule == "unique" else {}
            # As lists: a look into a frame for each line takes ten times as long.
            for line, value, kind in zip(wrong.index, wrong.tolist(), kinds.tolist(), strict=True):
                message = _reason(f, rule, value, kind, twins.get(value, ()), line)
                yield Problem(parsed.table.path, int(line), f.name, rule, message, "" if pd.isna(value) else str(value))


def _reason(f: Field, rule: str, value: Any, kind: str, twins: Sequence[int], line: int) -> str:
    shown = quoted(value) if isinstance(value, str) else str(value)
    if rule == "required":
        return f"may not be missing, and is {kind}"
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
    return f"{shown} stands in line {', '.join(others)}{more} too"


def check_keys(parsed: Parsed) -> Iterator[Problem]:
    """Rows that repeat a primary or unique key, each naming the line it repeats."""
    table, frame = parsed.table, parsed.frame
    for rule, columns in [("primary-key", table.primary_key), *(("unique-key", k) for k in table.unique_keys)]:
        key = list(columns)
        if len(key) == 1 and table.field(key[0]).unique:
            continue
        whole = frame[frame[key].notna().all(axis=1)]
        again = whole[whole.duplicated(key)]
        if again.empty:
            continue
        first = whole.drop_duplicates(key).reset_index(names="_line")[["_line", *key]]
        for line, where, *row in (
            again[key]
            .reset_index(names="_again")
            .merge(first, on=key)[["_again", "_line", *key]]
            .itertuples(index=False, name=None)
        ):
            shown = ", ".join(str(v.date() if isinstance(v, pd.Timestamp) else v) for v in row)
            message = f"{quoted(shown)} is already in line {where}"
            yield Problem(table.path, int(line), key[0], rule, message, shown)


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
