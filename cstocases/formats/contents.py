"""What an export holds, whatever the format: every table, stored and derived, as typed values and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cstocases.derived.comparison import derived
from cstocases.formats.citation import bibliography
from cstocases.formats.datapackage import ARROW_TYPES, arrow_schema
from cstocases.parsing.parsed_table import cells
from cstocases.resolution.data import Data
from cstocases.schema.model import Package

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
    def _frames(self) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
        found = self.found
        return {
            name: derived(found, name) if table.derived else (found.frames[name], found.missing_codes[name])
            for name, table in self.package.all_tables.items()
        }

    @cached_property
    def values(self) -> dict[str, Columns]:
        """By table, the columns as typed values, null where a cell is missing."""
        return {
            name: {f.name: _whole(frame[f.name], ARROW_TYPES[f.type]) for f in self.package.table(name).fields}
            for name, (frame, _) in self._frames.items()
        }

    @cached_property
    def missing_codes(self) -> dict[str, Columns]:
        """By table, the columns with the missing-value code of each cell, null where there is a value."""
        return {
            name: {column: _whole(codes[column], pa.large_string()) for column in self.package.table(name).names}
            for name, (_, codes) in self._frames.items()
        }

    @cached_property
    def texts(self) -> dict[str, pd.DataFrame]:
        """By table, the cells as text as in the CSV: values, and the word of the missing-value code."""
        return {
            name: cells(table, *self._frames[name]) if table.derived else self.found.parsed[name].texts
            for name, table in self.package.all_tables.items()
        }

    @cached_property
    def missing(self) -> pa.Table:
        """One row per cell without a value, with its documentation as metadata. Columns: those of MISSING."""
        fields = [pa.field(n, pa.string(), nullable=False, metadata={"title": t}) for n, t in MISSING.items()]
        about = {
            "dataset": self.package.metadata["name"],
            "version": self.package.version,
            "title": "Missing-value codes",
            "description": "One row per cell without a value: which cell, and why.",
        }
        schema = pa.schema(fields, metadata=about)
        return pa.concat_tables([schema.empty_table(), *self._missing(schema)]).combine_chunks()

    def _missing(self, schema: pa.Schema) -> Iterator[pa.Table]:
        for name, table in self.package.all_tables.items():
            keys = [_whole(self.texts[name][column], pa.string()) for column in table.primary_key]
            key = pc.binary_join_element_wise(*keys, "/")
            for column, codes in self.missing_codes[name].items():
                if n := len(codes) - codes.null_count:
                    told = codes.drop_null().cast(pa.string())
                    cell = [pa.repeat(name, n), key.filter(codes.is_valid()), pa.repeat(column, n), told]
                    yield pa.Table.from_arrays(cell, schema=schema)

    def arrow(self, name: str) -> pa.Table:
        """A table in Arrow, with its documentation as metadata."""
        schema = arrow_schema(self.package, self.package.table(name))
        return pa.Table.from_arrays(list(self.values[name].values()), schema=schema)


def _whole(column: pd.Series, kind: pa.DataType) -> pa.Array:
    array = pa.array(column)
    return (array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array).cast(kind)
