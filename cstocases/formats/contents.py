"""What an export holds, whatever the format: every table, stored and derived, as typed values and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cstocases.derived.comparison import derived
from cstocases.formats.citation import bibliography
from cstocases.formats.datapackage import ARROW_TYPES, arrow_schema
from cstocases.resolution.data import Data
from cstocases.schema.model import NOT_CODED, Field, Package, Table

TEXT = pa.large_string()
MISSING = {
    "table_name": "Table",
    "record_id": "Record: the primary key, its parts joined by /",
    "field_name": "Field",
    "kind": "Missing-value code",
}
Columns = dict[str, pa.Array]


@dataclass(frozen=True)
class Contents:
    """The tables of one export, all resolved by one rule; `how` says which, for its reader."""

    found: Data
    how: str

    @property
    def package(self) -> Package:
        """The schema."""
        return self.found.package

    @cached_property
    def citation(self) -> str:
        """How to cite the dataset, as text."""
        return bibliography("text", self.package)

    @cached_property
    def _columns(self) -> dict[str, tuple[Columns, Columns]]:
        return {name: self._table(table) for name, table in self.package.all_tables.items()}

    def _table(self, table: Table) -> tuple[Columns, Columns]:
        found, name = self.found, table.name
        frame, codes = derived(found, name) if table.derived else (found.frames[name], found.missing_codes[name])
        values = {f.name: _whole(pa.array(frame[f.name])).cast(ARROW_TYPES[f.type]) for f in table.fields}
        return values, {f.name: _whole(pa.array(codes[f.name])).cast(TEXT) for f in table.fields}

    @cached_property
    def values(self) -> dict[str, Columns]:
        """By table, the columns as typed values, null where a cell is missing."""
        return {name: values for name, (values, _) in self._columns.items()}

    @cached_property
    def missing_codes(self) -> dict[str, Columns]:
        """By table, the columns with the missing-value code of each cell, null where there is a value."""
        return {name: codes for name, (_, codes) in self._columns.items()}

    @cached_property
    def texts(self) -> dict[str, Columns]:
        """By table, the columns as text as in the CSV: values, and the word of the missing-value code."""
        return {name: self._texts(table) for name, table in self.package.all_tables.items()}

    def _texts(self, table: Table) -> Columns:
        if not table.derived:
            stored = self.found.parsed[table.name].texts
            return {name: _whole(pa.array(stored[name])).cast(TEXT) for name in table.names}
        out = {}
        for f in table.fields:
            codes = self.missing_codes[table.name][f.name]
            word = pc.if_else(pc.equal(codes, NOT_CODED), "", codes)
            out[f.name] = pc.coalesce(as_text(f, self.values[table.name][f.name]), word)
        return out

    @cached_property
    def missing(self) -> pa.Table:
        """One row per cell without a value, with its documentation as metadata. Columns: those of MISSING."""
        parts = [[pa.array([], pa.string())] * 4, *self._missing()]
        fields = [pa.field(n, pa.string(), nullable=False, metadata={"title": t}) for n, t in MISSING.items()]
        about = {
            "dataset": self.package.metadata["name"],
            "version": self.package.version,
            "title": "Missing-value codes",
            "description": "One row per cell without a value: which cell, and why.",
        }
        columns = [
            pa.concat_arrays([_whole(part).cast(pa.string()) for part in one]) for one in zip(*parts, strict=True)
        ]
        return pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata=about))

    def _missing(self) -> Iterator[list[pa.Array]]:
        for name, table in self.package.all_tables.items():
            keys = [self.texts[name][column] for column in table.primary_key]
            key = pc.binary_join_element_wise(*keys, pa.scalar("/", TEXT))
            for column, codes in self.missing_codes[name].items():
                if missing := len(codes) - codes.null_count:
                    at = codes.is_valid()
                    yield [pa.repeat(name, missing), key.filter(at), pa.repeat(column, missing), codes.filter(at)]

    def arrow(self, name: str) -> pa.Table:
        """A table in Arrow, with its documentation as metadata."""
        schema = arrow_schema(self.package, self.package.table(name))
        return pa.Table.from_arrays(list(self.values[name].values()), schema=schema)


def as_text(f: Field, values: pa.Array) -> pa.Array:
    """Typed values as they are written in a CSV cell, null where a cell is missing."""
    if f.type == "number":
        return pa.array(
            [None if v is None else np.format_float_positional(v, trim="-") for v in values.to_pylist()], TEXT
        )
    return values.cast(TEXT)


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def as_frame(columns: Columns) -> pd.DataFrame:
    """Columns of text as a frame of dtype string."""
    return pd.DataFrame({name: pd.array(column, dtype="string") for name, column in columns.items()}, copy=False)
