"""What an export holds, whatever the format: every table, stored and derived, with the kind of each missing cell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from cstocases.derived.comparison import derived
from cstocases.formats.datapackage import arrow_schema
from cstocases.parsing import csv_reader
from cstocases.resolution.data import Data
from cstocases.schema.model import Package

if TYPE_CHECKING:
    import pyarrow as pa

MISSING = {
    "table_name": "Table",
    "record_id": "Record: the primary key, its parts joined by /",
    "field_name": "Field",
    "kind": "Kind of missing",
}


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
    def _views(self) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
        found = self.found
        return {
            name: derived(found, name) if table.derived else (found.frames[name], found.missing_codes[name])
            for name, table in self.package.all_tables.items()
        }

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Typed values by table."""
        return {name: frame for name, (frame, _) in self._views.items()}

    @property
    def missing_codes(self) -> dict[str, pd.DataFrame]:
        """Kinds of missing by table, NA where a value stands."""
        return {name: kinds for name, (_, kinds) in self._views.items()}

    @cached_property
    def texts(self) -> dict[str, pd.DataFrame]:
        """The text of every cell as in the CSV, by table: a value or the token of its kind of missing."""
        return {name: csv_reader.cells(self.package.table(name), *view) for name, view in self._views.items()}

    @cached_property
    def missing(self) -> pd.DataFrame:
        """One row per cell without a value. Columns: those of MISSING; dtype string."""
        parts = [pd.DataFrame(columns=list(MISSING), dtype="string")]
        for name, kinds in self.missing_codes.items():
            first, *others = (self.texts[name][column] for column in self.package.table(name).primary_key)
            keys = first.str.cat(others, sep="/") if others else first
            for field in kinds.columns:
                kind = kinds[field].dropna()
                cells = (name, keys[kind.index], field, kind)
                parts.append(pd.DataFrame(dict(zip(MISSING, cells, strict=True)), dtype="string"))
        return pd.concat(parts, ignore_index=True)

    def arrow(self, name: str) -> pa.Table:
        """A table in Arrow, with its documentation as metadata."""
        import pyarrow as pa

        schema = arrow_schema(self.package, self.package.table(name))
        table = pa.Table.from_pandas(self.frames[name], schema=schema, preserve_index=False)
        return table.replace_schema_metadata(schema.metadata)

    def arrow_missing(self) -> pa.Table:
        """`missing` in Arrow."""
        import pyarrow as pa

        meta = self.package.metadata
        about = {"dataset": meta["name"], "version": self.package.version, "title": "Kinds of missing"}
        about["description"] = "One row per cell without a value: which cell, and why."
        fields = [pa.field(n, pa.string(), nullable=False, metadata={"title": t}) for n, t in MISSING.items()]
        schema = pa.schema(fields, metadata=about)
        return pa.Table.from_pandas(self.missing, schema=schema, preserve_index=False).replace_schema_metadata(about)
