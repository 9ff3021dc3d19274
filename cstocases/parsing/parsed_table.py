"""A table as read: its texts, and the typed values and missing-value codes that they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cstocases.errors import Problem, quoted
from cstocases.parsing.cell_values import as_pandas, as_text, cell_faults, converted
from cstocases.parsing.csv_reader import MAX_REPORTED, read, read_judged
from cstocases.schema.model import NOT_CODED, Package, Table


@dataclass(eq=False)
class Parsed:
    """A table as read: the text of its cells, what they mean, and what was wrong with them.

    `columns` holds the texts by column, `lines` the line number of each row in the file; a cell
    is null where its text is no value of the column. `tokens` are the texts that stand for a
    missing value. `sound` is False where rows could not be read at all, so that absence proves nothing.
    """

    table: Table
    columns: Mapping[str, pa.ChunkedArray]
    lines: pd.Index
    tokens: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)
    sound: bool = True

    @cached_property
    def texts(self) -> pd.DataFrame:
        """The text of every cell; `lines` as index, dtype string."""
        return text_frame(self.columns, self.lines)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Typed values, NA where a cell is missing; `lines` as index."""
        return self.select(*self.table.names)

    def select(self, *names: str) -> pd.DataFrame:
        """Some columns of `frame`."""
        fields = map(self.table.field, names)
        values = {f.name: as_pandas(converted(f, self.split(f.name)[0]), f.type) for f in fields}
        return pd.DataFrame(values, index=self.lines, copy=False)

    @cached_property
    def missing_codes(self) -> pd.DataFrame:
        """The missing-value code where a cell is missing, NA elsewhere; `lines` as index, dtype string."""
        return text_frame({name: self.split(name)[1] for name in self.table.names}, self.lines)

    def split(self, name: str) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
        """The texts of a column that are values, and the missing-value codes of the others, null elsewhere."""
        column = self.columns[name]
        absent = pc.is_in(column, value_set=pa.array(self.tokens, pa.large_string()))
        if not pc.any(absent).as_py():
            return column, pa.nulls(len(column), pa.large_string())
        code = pc.if_else(pc.equal(column, ""), NOT_CODED, column)
        return pc.if_else(absent, None, column), pc.if_else(absent, code, None)

    def with_texts(self, texts: pd.DataFrame) -> Parsed:
        """The table with other cells or fewer rows."""
        return replace(self, columns=columns_of(texts), lines=texts.index)


def columns_of(texts: pd.DataFrame) -> dict[str, pa.ChunkedArray]:
    """The columns of a frame of texts as Arrow keeps them."""
    return {name: pa.array(texts[name]) for name in texts.columns}


def text_frame(columns: Mapping[str, pa.ChunkedArray], index: pd.Index) -> pd.DataFrame:
    """Arrow columns of texts as a frame. Dtype: string."""
    made = {name: as_pandas(column, "string") for name, column in columns.items()}
    return pd.DataFrame(made, index=index, copy=False)


def parse(package: Package, table: Table, raw: bytes) -> Parsed:
    """The table in a file, each cell checked for the type of its column; nothing is trimmed, guessed or repaired."""
    columns, lines, problems, sound = read(raw, table)
    tokens = pa.array(list(package.missing), pa.large_string())
    texts = text_frame(columns, pd.Index(lines, dtype="int64"))
    for f in table.fields:
        column = texts[f.name]
        absent = pc.is_in(columns[f.name], value_set=tokens)
        wrong = cell_faults(f, column[pc.invert(absent).to_numpy(zero_copy_only=False)])
        for line, (rule, message) in wrong.head(MAX_REPORTED).items():
            value = column[line]
            problems.append(Problem(table.path, int(line), f.name, rule, f"{quoted(value)} {message}", value))
        if (untold := len(wrong) - MAX_REPORTED) > 0:
            message = f"and {untold:,} more cells that are no values"
            problems.append(Problem(table.path, int(wrong.index[MAX_REPORTED]), f.name, rule, message))
        if len(wrong):
            texts[f.name] = column.mask(texts.index.isin(wrong.index))
    return Parsed(table, columns_of(texts), texts.index, tuple(package.missing), problems, sound)


def unread(package: Package, table: Table) -> Parsed:
    """The table without rows, as nothing could be read of it."""
    texts = pd.DataFrame(columns=table.names, dtype="string")
    return Parsed(table, columns_of(texts), texts.index, tuple(package.missing), sound=False)


def parse_judged(package: Package, table: Table, raw: bytes) -> Parsed:
    """The table in a file whose bytes were judged and found sound: nothing is checked again."""
    columns = read_judged(raw, table.names)
    return Parsed(table, columns, pd.RangeIndex(2, len(columns[table.names[0]]) + 2), tuple(package.missing))


def cells(table: Table, frame: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Typed values and missing-value codes back as the text of the cells."""
    texts = {}
    for f in table.fields:
        words = pa.array(codes[f.name])
        words = pc.if_else(pc.equal(words, NOT_CODED), "", words)
        texts[f.name] = pc.coalesce(pa.array(as_text(f, frame[f.name])), words)
    return text_frame(texts, frame.index)
