"""The Excel workbook: a read-me, a codebook, and a sheet per table."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

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
NAMES = 1  # the row of the names, counted from 0; the titles stand above
NARROWEST, WIDEST, DATE = 14, 70, 12  # characters; what is longer is wrapped
LINE, HIGHEST = 15, 405  # points of a line, and of a row at most


class Column(NamedTuple):
    """A column of a sheet: its name, its title, the comment on it, and its cells."""

    name: str
    title: str
    about: str
    cells: Sequence[Any]


def excel(contents: Contents, work: Path) -> None:
    """One .xlsx. Titles stand in the first row, names in the second; a coded column is followed by one of its labels.

    A missing cell holds the word of its missing-value code, as in the CSV; no cell is ever a formula.

    Raises:
        ExportError: a table or a text is longer than Excel can hold.
    """
    import xlsxwriter

    meta = contents.package.metadata
    options = {
        **dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False), "in_memory": True,
        "default_format_properties": {"valign": "top"},
    }  # fmt: skip
    # In memory first: on a full disk the library would leave its archive open and complain of it at the end.
    made_of = io.BytesIO()
    with xlsxwriter.Workbook(made_of, options) as book:
        # The day of release, so that two exports are alike.
        made = datetime.datetime.fromisoformat(meta["released"])
        book.set_properties({"title": meta["title"], "comments": contents.citation, "created": made})
        forms = {
            "title": book.add_format({"bold": True, "text_wrap": True, "bg_color": "#e8eef4"}),
            "name": book.add_format({"font_color": "#595959", "bottom": 1, "bg_color": "#e8eef4"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "cell": book.add_format({"text_wrap": True}),
        }
        _read_me(book.add_worksheet("read me"), contents, forms)
        # Most readers want only the comparison.
        first, *others = sorted(contents.package.all_tables, key=lambda name: name != "comparison")
        _table(book, contents, first, forms)
        _sheet(book, "codebook", _codebook(contents), forms)
        for name in others:
            _table(book, contents, name, forms)
    (work / f"{meta['name']}.xlsx").write_bytes(made_of.getvalue())


def _table(book: Any, contents: Contents, name: str, forms: Mapping[str, Any]) -> None:
    fields = contents.package.table(name).fields
    _sheet(book, name, [column for f in fields for column in _columns(contents, name, f)], forms)


def _sheet(book: Any, name: str, columns: Sequence[Column], forms: Mapping[str, Any]) -> None:
    """A sheet with titles, names, a filter; text is never taken for a formula, an address or a number."""
    rows = len(columns[0].cells)
    if rows >= MAX_ROWS - NAMES:
        raise ExportError(f"{name}: has more rows than a sheet of Excel ({MAX_ROWS - NAMES - 1:,}); leave excel out")
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(NAMES + 1, 1)
    heads, lines = 1, [1] * rows
    for place, column in enumerate(columns):
        lengths = [len(cell) if isinstance(cell, str) else DATE for cell in column.cells]
        longest = max([len(column.name), *lengths])
        width = min(max(longest + 3, NARROWEST), WIDEST)
        sheet.set_column(place, place, width, forms["cell"] if longest > width else None)
        heads = max(heads, -(-len(column.title) // (width - 4)))
        if longest > width:
            lines = [max(most, -(-length // (width - 3))) for most, length in zip(lines, lengths, strict=True)]
        sheet.write_string(NAMES - 1, place, column.title, forms["title"])
        sheet.write_string(NAMES, place, column.name, forms["name"])
        if column.about:
            sheet.write_comment(NAMES - 1, place, column.about, {"x_scale": 3, "y_scale": 2})
        for row, value in enumerate(column.cells, NAMES + 1):
            if isinstance(value, bool):
                sheet.write_boolean(row, place, value)
            elif isinstance(value, int | float):
                sheet.write_number(row, place, value)
            elif isinstance(value, datetime.date):
                sheet.write_datetime(row, place, value, forms["day"])
            elif len(value) <= MAX_CELL:
                sheet.write_string(row, place, value)
            else:
                raise ExportError(
                    f"{name}, {column.name}, row {row - NAMES}: {len(value)} characters are more than a cell of Excel "
                    f"holds ({MAX_CELL}); leave excel out"
                )
    # Programs do not find the height of wrapped text themselves when they open a file.
    for row, most in [(NAMES - 1, heads), *enumerate(lines, NAMES + 1)]:
        if most > 1:
            sheet.set_row(row, min(most * LINE, HIGHEST))
    sheet.autofilter(NAMES, 0, NAMES + rows, len(columns) - 1)


def _columns(contents: Contents, name: str, f: Field) -> Iterator[Column]:
    """A column of a table, and after a coded one its labels: numbers, dates and booleans as such, all else as text."""
    texts, values = contents.texts[name][f.name], contents.values[name][f.name]
    words: list[Any] = texts.tolist()
    codes = "".join(f"\n{c.value}: {c.label}" for c in f.categories)
    if f.type == "date":
        values = pc.if_else(pc.less(values, FIRST_SAFE_DAY), None, values)
    if f.type != "string":
        words = [text if value is None else value for text, value in zip(words, values.to_pylist(), strict=True)]
    yield Column(f.name, f.title, f.description + codes, words)
    if f.categories and f.name not in contents.package.table(name).precisions:
        labels = f.labels | dict(contents.package.missing)
        yield Column(f"{f.name}_label", f"{f.title}: label", "", [labels.get(word, word) for word in words])


def _codebook(contents: Contents) -> list[Column]:
    rows: list[tuple[Any, ...]] = []
    for kind, k in contents.package.missing_codes.items():
        about = f"{kind}; {k.stata} in Stata"
        rows.append(("(all)", "(any)", "missing", "Missing-value code", k.token, k.spss or "", k.label, about))
    for name, table in contents.package.all_tables.items():
        for f in table.fields:
            rows.append((name, f.name, f.type, f.title, "", "", "", f.description))
            rows += [(name, f.name, "code", f.title, c.value, c.number, c.label, c.description) for c in f.categories]
    cells = zip(*rows, strict=True)
    return [Column(name, name.capitalize(), "", column) for name, column in zip(CODEBOOK, cells, strict=True)]


def _read_me(sheet: Any, contents: Contents, forms: Mapping[str, Any]) -> None:
    meta = contents.package.metadata
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 115)
    lines = [
        ("Title", meta["title"]),
        ("Version", f"{contents.package.version}, {meta['released']}"),
        ("What it is", meta["description"]),
        ("How to cite", contents.citation),
        ("Licence", terms(contents.package)),
        ("Where sources differ", contents.how),
        ("Missing cells", "A cell without a value says why, in a word; the sheet codebook explains the words."),
        ("Where to start", "The sheet comparison has one row per request for assistance."),
        (
            "Columns",
            "Row 1 of each sheet has their titles, with a comment that says what they hold; row 2 their names, as in the CSV. A coded column is followed by one with its labels.",
        ),
        *((name, table.description) for name, table in contents.package.all_tables.items()),
    ]
    for row, (what, text) in enumerate(lines):
        sheet.write_string(row, 0, what, forms["title"])
        sheet.write_string(row, 1, text, forms["cell"])
        sheet.set_row(row, LINE * -(-len(text) // 120))
