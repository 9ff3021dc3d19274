"""The Excel workbook: a read-me, a codebook, and a sheet a table."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cstocases.errors import ExportError
from cstocases.formats.catalogues import terms
from cstocases.formats.citation import cite
from cstocases.formats.contents import Contents
from cstocases.schema.model import Field

MAX_CELL = 32_767
MAX_ROWS = 1_048_576
# Excel counts 1900 as a leap year, so a day before this one shows as another in other programs.
FIRST_SAFE_DAY = pd.Timestamp("1900-03-01")
CODEBOOK = ("table", "field", "type", "title", "code", "number", "label", "description")


def excel(contents: Contents, path: Path) -> None:
    """One .xlsx. A missing cell holds the token of its kind, as in the CSV; no cell is ever a formula.

    Raises:
        ExportError: a text is longer than a cell can hold.
    """
    import xlsxwriter

    meta = contents.package.metadata
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    # In memory first: on a full disk the library would leave its archive open and complain of it at the end.
    made_of = io.BytesIO()
    with xlsxwriter.Workbook(made_of, options) as book:
        # The day of release, so that two exports are alike.
        made = datetime.datetime.fromisoformat(meta["released"])
        book.set_properties({"title": meta["title"], "comments": cite(home=contents.package.home), "created": made})
        styles = {
            "head": book.add_format({"bold": True, "bottom": 1, "valign": "top"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        _read_me(book, contents, styles)
        sheet = _sheet(book, "codebook", CODEBOOK, _codebook(contents), styles)
        for name, width in (("label", 34), ("description", 90)):
            sheet.set_column(CODEBOOK.index(name), CODEBOOK.index(name), width, styles["text"])
        for name, table in contents.package.all_tables.items():
            columns = [_cells(f, contents.frames[name][f.name], contents.texts[name][f.name]) for f in table.fields]
            _sheet(book, name, table.names, zip(*columns, strict=True), styles)
    path.write_bytes(made_of.getvalue())


def _cells(f: Field, values: pd.Series, texts: pd.Series) -> list[Any]:
    """What the cells of a column hold: numbers, dates and booleans as such, texts and kinds of missing as text."""
    if f.type == "string":
        return list(texts)
    if f.type == "date":
        values = values.mask(values < FIRST_SAFE_DAY)
    converters: dict[str, Callable[[Any], Any]] = {
        "integer": int, "number": float, "boolean": bool, "date": lambda v: v.to_pydatetime(),
    }  # fmt: skip
    plain = converters[f.type]
    return [text if pd.isna(value) else plain(value) for value, text in zip(values, texts, strict=True)]


def _codebook(contents: Contents) -> Iterable[Sequence[object]]:
    for kind, k in contents.package.missing_codes.items():
        yield (
            "(all)",
            "(any)",
            "missing",
            "Kind of missing",
            k.token,
            k.spss or "",
            k.label,
            f"{kind}; {k.stata} in Stata",
        )
    for name, table in contents.package.all_tables.items():
        for f in table.fields:
            yield (name, f.name, f.type, f.title, "", "", "", f.description)
            for c in f.categories:
                yield (name, f.name, "code", f.title, c.value, c.number, c.label, c.description)


def _read_me(book: Any, contents: Contents, styles: dict[str, Any]) -> None:
    meta = contents.package.metadata
    sheet = book.add_worksheet("read me")
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 100)
    lines = [
        ("Title", meta["title"]),
        ("Version", f"{contents.package.version}, {meta['released']}"),
        ("What it is", meta["description"]),
        ("How to cite", cite(home=contents.package.home)),
        ("Licence", terms(contents.package)),
        ("Rival values", contents.how),
        ("Missing cells", "A cell without a value says why, in a word; the sheet codebook explains the words."),
        ("Where to start", "The sheet comparison has one row a request for assistance."),
        *((name, table.description) for name, table in contents.package.all_tables.items()),
    ]
    for row, (what, text) in enumerate(lines):
        sheet.write_string(row, 0, what, styles["head"])
        sheet.write_string(row, 1, text, styles["text"])


def _sheet(book: Any, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], styles: dict[str, Any]) -> Any:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(header) - 1, 18)
    for column, title in enumerate(header):
        sheet.write_string(0, column, title, styles["head"])
    last = 0
    for last, row in enumerate(rows, 1):
        if last == MAX_ROWS:
            raise ExportError(f"{name}: has more rows than a sheet of Excel ({MAX_ROWS - 1:,}); leave excel out")
        for column, value in enumerate(row):
            if isinstance(value, str):
                if len(value) > MAX_CELL:
                    raise ExportError(
                        f"{name}, {header[column]}, row {last}: {len(value)} characters are more than a cell of Excel "
                        f"holds ({MAX_CELL}); leave excel out"
                    )
                sheet.write_string(last, column, value)
            elif isinstance(value, datetime.datetime):
                sheet.write_datetime(last, column, value, styles["date"])
            elif isinstance(value, bool):
                sheet.write_boolean(last, column, value)
            else:
                sheet.write_number(last, column, value)
    sheet.autofilter(0, 0, last, len(header) - 1)
    return sheet
