"""Rows of the tables as plain texts, for tables that are computed row by row, and such rows as frames."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import pandas as pd

from cstocases.parsing.cell_values import typed
from cstocases.resolution.data import Data
from cstocases.schema.model import NOT_CODED, Table


class Missing(str):
    """A missing-value code where a value would stand. Codes are no values, so it is equal to none."""


Row = Mapping[str, str]  # by column, the text of a value or a Missing
UNKNOWN, NOT_APPLICABLE, UNCODED = Missing("unknown"), Missing("not_applicable"), Missing(NOT_CODED)


def known(cell: str) -> str | None:
    """The text of a cell; None where it is missing."""
    return None if isinstance(cell, Missing) else cell


def truth(answer: bool | None) -> str:
    """A yes or no as the text of a cell; None is unknown."""
    return UNKNOWN if answer is None else str(answer).lower()


@functools.lru_cache(maxsize=256)
def records(data: Data, table: str) -> tuple[Row, ...]:
    """The rows of a stored table in their order; none where the dataset does without it."""
    if table not in data.parsed:
        return ()
    parsed = data.parsed[table]
    columns = []
    for name in parsed.table.names:
        texts, codes = (part.to_pylist() for part in parsed.split(name))
        columns.append(
            [Missing(code or NOT_CODED) if text is None else text for text, code in zip(texts, codes, strict=True)]
        )
    return tuple(dict(zip(parsed.table.names, cells, strict=True)) for cells in zip(*columns, strict=True))


@functools.lru_cache(maxsize=256)
def by(data: Data, table: str, *columns: str) -> Mapping[tuple[str, ...], list[Row]]:
    """The rows of a stored table by what stands in some columns."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in records(data, table):
        found.setdefault(tuple(row[column] for column in columns), []).append(row)
    return found


def frames(table: Table, rows: Sequence[Row]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows as a typed frame in the order of the table's fields, and their missing-value codes."""
    values, codes = {}, {}
    for f in table.fields:
        cells = [row[f.name] for row in rows]
        values[f.name] = typed(f, pd.Series([known(cell) for cell in cells], dtype="string"))
        codes[f.name] = [str(cell) if isinstance(cell, Missing) else None for cell in cells]
    return pd.DataFrame(values, copy=False), pd.DataFrame(codes, columns=table.names, dtype="string")
