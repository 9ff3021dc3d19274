"""Joins by key, as positions in another column. Arrow does them a column at a time and in the order of the rows.

pandas' merge and isin walk through Arrow's texts one by one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

T = TypeVar("T")


class Lazy(Mapping[str, T]):
    """A mapping whose values are made when they are first asked for, and kept."""

    def __init__(self, names: Sequence[str], make: Callable[[str], T]):
        self._names, self._make = names, functools.cache(make)

    def __getitem__(self, name: str) -> T:
        return self._make(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def is_in(values: pd.Series, keys: pd.Series | Sequence[str]) -> pd.Series:
    """Whether each value is one of these; False where it is NA. pandas' `isin` walks through Arrow's keys one by one."""
    wanted = pa.array(keys) if isinstance(keys, pd.Series) else pa.array(list(keys), pa.large_string())
    found = pc.is_in(pa.array(values, wanted.type), value_set=wanted, skip_nulls=True)
    return pd.Series(found.to_numpy(zero_copy_only=False), index=values.index, dtype=bool)


def lookup(wanted: pd.Series, keys: pd.Series, values: pd.Series) -> pd.Series:
    """The value of each key, the first where it stands twice, NA where it does not stand; in the dtype of the values."""
    known = values.set_axis(keys)[~(keys.duplicated() | keys.isna()).to_numpy()]
    return known.reindex(wanted).set_axis(wanted.index)


def positions(wanted: pd.Series, keys: pd.Series) -> np.ndarray:
    """For each wanted value its place in `keys`, the first where it occurs twice; -1 where it is NA or not there."""
    known = pa.array(keys)
    if isinstance(known, pa.ChunkedArray):
        known = known.combine_chunks()
    found = pc.index_in(pa.array(wanted), value_set=known, skip_nulls=True)
    return found.fill_null(-1).to_numpy(zero_copy_only=False)


def take(column: pd.Series, places: np.ndarray) -> pd.Series:
    """The values at these places, NA at -1, in the dtype of the column; index from 0."""
    return pd.Series(column.array.take(places, allow_fill=True), copy=False)


def joined(*columns: pd.Series) -> pd.Series:
    """Keys of several columns as one text; NA where any part is. Dtype: string."""
    first, *others = (column.astype("string") for column in columns)
    for other in others:
        first = first + "\t" + other.array
    return first
