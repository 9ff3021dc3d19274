"""The Excel workbook: a read-me, a codebook, and a sheet per table."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cstocases.errors import ExportError
from cstocases.formats.catalogues import terms
from cstocases.formats.contents import Contents
from cstocases.schema.model import Field

MAX_CELL = 32_767
MAX_ROWS = 1_048_576
# Excel counts 1900 as a leap year, so a day before this one shows as another in other programs.
FIRST_SAFE_DAY = datetime.date(1900, 3, 1)
CODEBOOK = ("table", "field", "type", "title", "code", "number", "label", "description")


def excel(contents: Contents, work: Path) -> None:
    """One .xlsx. A missing cell holds the word of its missing-value code, as in the CSV; no cell is ever a formula.

    Raises:
        ExportError: a table or a text is longer than Excel can hold.
    """
    import xlsxwriter

    meta = contents.package.metadata
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    # In memory first: on a full disk the library would leave its archive open and complain of it at the end.
    made_of = io.BytesIO()
    with xlsxwriter.Workbook(made_of, options) as book:
        # The day of release, so that two exports are alike.
        made = datetime.datetime.fromisoformat(meta["released"])
        book.set_properties({"title": meta["title"], "comments": contents.citation, "created": made})
        head = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        _read_me(book.add_worksheet("read me"), contents, head, wrapped)

        sheet = _sheet(book, "codebook", CODEBOOK, list(_codebook(contents)), head, day)
        sheet.set_column("G:G", 34, wrapped)
        sheet.set_column("H:H", 90, wrapped)
        for name, table in contents.package.all_tables.items():
            columns = [_column(f, contents.texts[name][f.name], contents.values[name][f.name]) for f in table.fields]
            _sheet(book, name, table.names, list(zip(*columns, strict=True)), head, day)
    (work / f"{meta['name']}.xlsx").write_bytes(made_of.getvalue())


def _sheet(book: Any, name: str, header: Sequence[str], rows: Sequence[Sequence[Any]], head: Any, day: Any) -> Any:
    """A sheet with a filter; text is never taken for a formula, an address or a number."""
    if len(rows) >= MAX_ROWS:
        raise ExportError(f"{name}: has more rows than a sheet of Excel ({MAX_ROWS - 1:,}); leave excel out")
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(header) - 1, 18)
    sheet.write_row(0, 0, header, head)
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values):
            if isinstance(value, bool):
                sheet.write_boolean(row, column, value)
            elif isinstance(value, int | float):
                sheet.write_number(row, column, value)
            elif isinstance(value, datetime.date):
                sheet.write_datetime(row, column, value, day)
            elif len(value) <= MAX_CELL:
                sheet.write_string(row, column, value)
            else:
                raise ExportError(
                    f"{name}, {header[column]}, row {row}: {len(value)} characters are more than a cell of Excel "
                    f"holds ({MAX_CELL}); leave excel out"
                )
    sheet.autofilter(0, 0, len(rows), len(header) - 1)
    return sheet


def _column(f: Field, texts: pd.Series, values: pa.ChunkedArray) -> list[Any]:
    """The cells of a column: numbers, dates and booleans as such, all else as text."""
    words: list[Any] = texts.tolist()
    if f.type == "string":
        return words
    if f.type == "date":
        values = pc.if_else(pc.less(values, FIRST_SAFE_DAY), None, values)
    return [text if value is None else value for text, value in zip(words, values.to_pylist(), strict=True)]


def _codebook(contents: Contents) -> Iterator[Sequence[object]]:
    for kind, k in contents.package.missing_codes.items():
        about = f"{kind}; {k.stata} in Stata"
        yield ("(all)", "(any)", "missing", "Missing-value code", k.token, k.spss or "", k.label, about)
    for name, table in contents.package.all_tables.items():
        for f in table.fields:
            yield (name, f.name, f.type, f.title, "", "", "", f.description)
            for c in f.categories:
                yield (name, f.name, "code", f.title, c.value, c.number, c.label, c.description)


def _read_me(sheet: Any, contents: Contents, head: Any, wrapped: Any) -> None:
    meta = contents.package.metadata
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 100)
    lines = [
        ("Title", meta["title"]),
        ("Version", f"{contents.package.version}, {meta['released']}"),
        ("What it is", meta["description"]),
        ("How to cite", contents.citation),
        ("Licence", terms(contents.package)),
        ("Where sources differ", contents.how),
        ("Missing cells", "A cell without a value says why, in a word; the sheet codebook explains the words."),
        ("Where to start", "The sheet comparison has one row per request for assistance."),
        *((name, table.description) for name, table in contents.package.all_tables.items()),
    ]
    for row, (what, text) in enumerate(lines):
        sheet.write_string(row, 0, what, head)
        sheet.write_string(row, 1, text, wrapped)
