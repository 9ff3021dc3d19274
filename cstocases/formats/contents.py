"""What an export holds, whatever the format: every table, stored and derived, as typed values and as text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import pyarrow as pa

from cstocases.derived.comparison import derived
from cstocases.formats.citation import bibliography
from cstocases.formats.datapackage import arrow_schema
from cstocases.parsing.parsed_table import cells
from cstocases.resolution.data import Data
from cstocases.schema.model import Package

MISSING = {
    "table_name": "Table",
    "record_id": "Record: the primary key, its parts joined by /",
    "field_name": "Field",
    "kind": "Missing-value code",
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
    def citation(self) -> str:
        """How to cite the dataset, as text."""
        return bibliography("text", self.package)

    @cached_property
    def _frames(self) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
        """By table, typed values and missing-value codes."""
        found, tables = self.found, self.package.all_tables.values()
        return {
            t.name: derived(found, t.name) if t.derived else (found.frames[t.name], found.missing_codes[t.name])
            for t in tables
        }

    @cached_property
    def values(self) -> dict[str, pa.Table]:
        """By name, each table as typed values, null where a cell is missing, with its documentation as metadata."""
        out = {}
        for name, (frame, _) in self._frames.items():
            schema = arrow_schema(self.package, self.package.table(name))
            out[name] = pa.table([pa.array(frame[f.name]).cast(f.type) for f in schema], schema)
        return out

    @cached_property
    def missing_codes(self) -> dict[str, pd.DataFrame]:
        """By table, the missing-value code of each cell, NA where there is a value. Dtype: string."""
        return {name: codes for name, (_, codes) in self._frames.items()}

    @cached_property
    def texts(self) -> dict[str, pd.DataFrame]:
        """By table, each cell as text as in the CSV: its value, or the word of its missing-value code. Dtype: string."""
        return {
            t.name: cells(t, *self._frames[t.name]) if t.derived else self.found.parsed[t.name].texts
            for t in self.package.all_tables.values()
        }

    @cached_property
    def missing(self) -> pa.Table:
        """One row per cell without a value, with its documentation as metadata. Columns: those of MISSING."""
        parts = []
        for name, table in self.package.all_tables.items():
            keys = self.texts[name][list(table.primary_key)]
            record = keys.iloc[:, 0].str.cat(keys.iloc[:, 1:], sep="/")
            for field, codes in self.missing_codes[name].items():
                gap = codes.notna().to_numpy()
                if gap.any():
                    parts.append(
                        {"table_name": name, "record_id": record[gap], "field_name": field, "kind": codes[gap]}
                    )
        fields = [pa.field(n, pa.string(), nullable=False, metadata={"title": t}) for n, t in MISSING.items()]
        about = {
            "dataset": self.package.metadata["name"],
            "version": self.package.version,
            "title": "Missing-value codes",
            "description": "One row per cell without a value: which cell, and why.",
        }
        schema = pa.schema(fields, about)
        made = [pa.Table.from_pandas(pd.DataFrame(part), schema, preserve_index=False) for part in parts]
        return pa.concat_tables([schema.empty_table(), *made])
