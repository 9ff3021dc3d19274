"""All tables of a dataset, parsed, and the views of them that rules and questions share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import pyarrow as pa

from cstocases.errors import Problem, cut
from cstocases.files import judged
from cstocases.parsing.joins import Lazy
from cstocases.parsing.parsed_table import Parsed
from cstocases.resolution.checks import checked
from cstocases.resolution.readings import USED, published, readings, statuses
from cstocases.schema.model import Package


@dataclass(frozen=True, eq=False)  # by identity, so that what is derived from it can be kept
class Data:
    """All tables of a dataset, and the views of them that rules and questions share. Each is made when first asked for."""

    package: Package
    parsed: Mapping[str, Parsed]
    digest: str = ""  # of the judged content, if these are its data as published: what is computed from it is kept

    @cached_property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Typed frames by table, line numbers as index."""
        return Lazy(list(self.parsed), lambda name: self.parsed[name].frame)

    @cached_property
    def missing_codes(self) -> Mapping[str, pd.DataFrame]:
        """Missing-value codes by table, line numbers as index."""
        return Lazy(list(self.parsed), lambda name: self.parsed[name].missing_codes)

    @cached_property
    def published(self) -> pd.DataFrame:
        """Every evidenced cell; see readings.published."""
        return self.kept("published", lambda: published(self.package, self.parsed))

    @cached_property
    def readings(self) -> pd.DataFrame:
        """Every reading beside its cell and source; see readings.readings."""
        return self.kept("readings", self._read)

    def _read(self) -> pd.DataFrame:
        tables = {name: self.parsed[name].select(*columns) for name, columns in USED.items()}
        return readings(self.package, tables, self.published)

    @cached_property
    def statuses(self) -> pd.DataFrame:
        """The status of every evidenced cell, and what people who checked it said; see readings.statuses and checks.checked."""
        return self.kept("statuses", self._statuses)

    def _statuses(self) -> pd.DataFrame:
        cells = statuses(self.published, self.readings)
        return pd.concat([cells, checked(cells, self.frames)], axis=1)

    @cached_property
    def merged(self) -> dict[str, str]:
        """For each id of a statement that was merged into another, the id of that other."""
        frame = self.frames["evidence"]
        gone = frame.set_index("evidence_id")["merged_ids"].dropna().str.split("; ").explode()
        return {str(old): str(kept) for kept, old in gone.items()}

    def kept(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """A frame computed from a judged content, by this process or an earlier one."""
        raw = judged.recall(self.digest, f"{name}.arrow") if self.digest else None
        if raw is not None:
            with contextlib.suppress(pa.ArrowInvalid):
                return pa.ipc.open_file(raw).read_all().to_pandas()
        frame = make()
        if self.digest:
            table, sink = pa.Table.from_pandas(frame, preserve_index=False), pa.BufferOutputStream()
            with pa.ipc.new_file(sink, table.schema) as file:
                file.write_table(table)
            judged.keep(self.digest, f"{name}.arrow", sink.getvalue())
        return frame

    def counterfactual(self, tables: Mapping[str, Parsed]) -> Data:
        """The data with other values in some tables; what sources say of a cell, and so its status, stays as published."""
        other = Data(self.package, {name: tables.get(name, parsed) for name, parsed in self.parsed.items()})
        vars(other).update(readings=self.readings, statuses=self.statuses)  # where cached_property keeps them
        return other

    def sound(self, *tables: str) -> bool:
        """Whether all rows of these tables could be read."""
        return all(self.parsed[name].sound for name in tables)

    def problem(self, table: str, line: object, column: str, rule: str, message: str) -> Problem:
        """A problem at a cell of a table."""
        return Problem(self.parsed[table].table.path, int(line), column, rule, cut(message))  # type: ignore[call-overload]

    def spans(self, table: str, column: str) -> tuple[pd.Series, pd.Series]:
        """First and last day a date can mean, given its precision."""
        frame, name = self.frames[table], self.parsed[table].table.precision_of(column)
        dates = frame[column]
        if name is None:
            return dates, dates
        precision = frame[name]
        last = dates.mask(precision == "month", dates + pd.offsets.MonthEnd(0))
        return dates, last.mask(precision == "year", dates + pd.offsets.YearEnd(0)).astype(dates.dtype)
