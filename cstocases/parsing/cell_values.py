"""The texts of cells as values of their column's type, and back: what each type may look like."""

from __future__ import annotations

import datetime
import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cstocases.parsing import text_faults
from cstocases.parsing.joins import is_in
from cstocases.schema.model import Field

DTYPES = {
    "string": "string", "integer": "Int64", "number": "Float64", "boolean": "boolean", "date": "datetime64[s]",
}  # fmt: skip
_DTYPES = {name: pd.api.types.pandas_dtype(dtype) for name, dtype in DTYPES.items()}
PATTERNS = {
    "integer": (re.compile(r"0|-?[1-9][0-9]*"), "is not an integer; write digits only"),
    "number": (re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"), "is not a number; write digits and a point"),
    "boolean": (re.compile(r"true|false"), "is not true or false"),
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "is not a date; write YYYY-MM-DD"),
}
MAX_INT = 2**31 - 1  # what every target format can hold


def cell_faults(f: Field, present: pd.Series) -> pd.Series:
    """Why texts are no values of the field, as rule and message; only those that are none, under their own index."""
    values = present.unique()
    if f.type == "string":
        texts = pa.array(values)
        suspect = pc.or_(
            pc.match_substring_regex(texts, text_faults.SUSPECT),
            pc.greater(pc.utf8_length(texts), text_faults.MAX_CHARACTERS),
        )
        values = values[suspect.to_numpy(zero_copy_only=False)]
    wrong = {value: fault for value in values if (fault := cell_fault(f, value)) is not None}
    return present[is_in(present, list(wrong))].astype(object).map(wrong) if wrong else pd.Series(dtype=object)


def cell_fault(f: Field, value: str) -> tuple[str, str] | None:
    """Why a text is no value of the field, as rule and message; None if it is one."""
    if f.type == "string":
        return next((("text", fault) for fault in text_faults.faults(value)), None)
    pattern, message = PATTERNS[f.type]
    if not pattern.fullmatch(value):
        return "type", message
    if f.type == "date":
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            return "type", "is not a day of the calendar"
    if f.type == "number" and value != (shown := np.format_float_positional(float(value), trim="-")):
        return "type", f"is a number written {shown}; write it so" if "inf" not in shown else "is beyond any number"
    if f.type == "integer" and (len(value) > len(str(-MAX_INT)) or abs(int(value)) > MAX_INT):
        return "type", f"is beyond {MAX_INT}"
    return None


def converted(f: Field, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts that are values of the field as values of its type."""
    if f.type == "string":
        return column
    if f.type == "boolean":
        return pc.equal(column, "true")
    if f.type == "date":
        return column.cast(pa.date32()).cast(pa.timestamp("s"))
    return column.cast(pa.int64() if f.type == "integer" else pa.float64())


def as_pandas(column: pa.ChunkedArray, kind: str) -> Any:
    """An Arrow column of values of this type as an array of pandas or numpy."""
    dtype = _DTYPES[kind]
    return column.to_numpy(zero_copy_only=False) if dtype.kind == "M" else dtype.__from_arrow__(column)


def typed(f: Field, good: pd.Series) -> pd.Series:
    """Texts that are values of the field, or NA, converted to its type."""
    column = converted(f, pa.array(good.astype("string")))
    return pd.Series(as_pandas(column, f.type), index=good.index)


def as_text(f: Field, values: pd.Series) -> pd.Series:
    """Typed values as they are written in a CSV cell; NA stays NA. Dtype: string."""
    if f.type == "number":
        return values.map(lambda v: np.format_float_positional(v, trim="-"), na_action="ignore").astype("string")
    if f.type == "string":
        return values.astype("string")
    column = pa.array(values)
    texts = column.cast(pa.date32()) if f.type == "date" else column
    return pd.Series(as_pandas(texts.cast(pa.large_string()), "string"), index=values.index)
