"""R objects in R's own serialisation, which `load` and a package read: vectors, factors, dates, lists and data frames.

By hand, because the library that writes it (rdata) takes half a minute for these tables, where this takes a fraction of a second.
The form is version 2 of "Serialization Formats" in the manual R Internals.
"""

from __future__ import annotations

import gzip
import lzma
import struct
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from cstocases.schema.model import Field

LOGICAL, INTEGER, REAL, STRING, LIST = 10, 13, 14, 16, 19  # R's types
SYMBOL, CHARS, PAIR, END = 1, 9, 2, 254
OBJECT, ATTRIBUTES, TAG = 0x100, 0x200, 0x400  # flags above the type
ASCII, UTF8 = 64 << 12, 8 << 12
NA_INTEGER = -(2**31)
NA_REAL = 0x7FF0_0000_0000_07A2  # a NaN that R tells from others by its last word, 1954
VERSION_2 = (2, 0x020300, 0x020300)  # of the form; of the R that wrote it, and the oldest that reads it: 2.3.0
Attributes = Mapping[str, bytes]
NONE: Attributes = {}


def rda(objects: Mapping[str, bytes]) -> bytes:
    """A file for `load`: these objects under their names, the same bytes every time."""
    # R's check asks for files within a tenth of the smallest that it can make; preset 6 makes those in four times the time.
    return lzma.compress(b"RDX2\nX\n" + _ints(*VERSION_2) + _pairs(objects), preset=2)


def rds(thing: bytes) -> bytes:
    """A file for `readRDS`."""
    return gzip.compress(b"X\n" + _ints(*VERSION_2) + thing, 6, mtime=0)


def strings(texts: Sequence[str | None], attributes: Attributes = NONE) -> bytes:
    """A character vector; None is NA."""
    written = {text: _chars(text) for text in set(texts)}
    return _vector(STRING, len(texts), b"".join(map(written.__getitem__, texts)), attributes)


def factor(
    values: Sequence[str | None], levels: Sequence[str], ordered: bool = False, attributes: Attributes = NONE
) -> bytes:
    """A factor with these levels; None is NA."""
    at: dict[str | None, int] = {level: i for i, level in enumerate(levels, 1)}
    kinds = ["ordered", "factor"] if ordered else ["factor"]
    about = {"levels": strings(levels), "class": strings(kinds), **attributes}
    return _integers([at.get(v) for v in values], about)


def named_list(items: Mapping[str, bytes], attributes: Attributes = NONE) -> bytes:
    """A list with names."""
    return _vector(LIST, len(items), b"".join(items.values()), {"names": strings(list(items)), **attributes})


def data_frame(columns: Mapping[str, bytes], rows: int) -> bytes:
    """A data frame of columns with so many rows, which have numbers for names."""
    return named_list(columns, {"class": strings(["data.frame"]), "row.names": _integers([None, -rows])})


def column(f: Field, values: pa.ChunkedArray) -> bytes:
    """A column with its title as the attribute label; codes are a factor in the declared order, with the attribute labels."""
    about, cells = {"label": strings([f.title])}, values.to_pylist()
    if f.categories:
        labels = strings(list(f.labels.values()), {"names": strings(list(f.labels))})
        return factor(cells, list(f.labels), f.ordered, {**about, "labels": labels})
    if f.type == "date":
        return _reals(values.cast(pa.int32()).to_pylist(), {**about, "class": strings(["Date"])})
    if f.type == "boolean":
        return _integers(cells, about, LOGICAL)
    if f.type == "string":
        return strings(cells, about)
    whole = f.type == "integer" and all(v is None or abs(v) < 2**31 for v in cells)
    return _integers(cells, about) if whole else _reals(cells, about)


def _integers(values: Sequence[int | None], attributes: Attributes = NONE, kind: int = INTEGER) -> bytes:
    raw = np.array([NA_INTEGER if v is None else v for v in values], ">i4")
    return _vector(kind, len(raw), raw.tobytes(), attributes)


def _reals(values: Sequence[float | None], attributes: Attributes) -> bytes:
    raw = np.array([np.nan if v is None else v for v in values], ">f8")
    raw.view(">u8")[[v is None for v in values]] = NA_REAL
    return _vector(REAL, len(raw), raw.tobytes(), attributes)


def _vector(kind: int, length: int, body: bytes, attributes: Attributes) -> bytes:
    flags = kind | (ATTRIBUTES if attributes else 0) | (OBJECT if "class" in attributes else 0)
    return _ints(flags, length) + body + (_pairs(attributes) if attributes else b"")


def _pairs(items: Mapping[str, bytes]) -> bytes:
    """A list of pairs, in which R keeps attributes and what a file holds."""
    head = _ints(PAIR | TAG, SYMBOL)
    return b"".join(head + _chars(name) + value for name, value in items.items()) + _ints(END)


def _chars(text: str | None) -> bytes:
    if text is None:
        return _ints(CHARS, -1)
    raw = text.encode()
    return _ints(CHARS | (ASCII if text.isascii() else UTF8), len(raw)) + raw


def _ints(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}i", *numbers)
