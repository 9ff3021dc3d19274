"""A workbook that was filled in, read back as the return that the other forms give."""

from __future__ import annotations

import datetime
import io
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from cstocases.errors import CstocasesError, Problem, quoted, visible
from cstocases.people.archive import vetted
from cstocases.people.proposal import ReturnError
from cstocases.people.shapes import checked, listed

HEADER = ("cstocases", "version", "coder", "case", "evidence_digest")
KEYS = ("key", "holds")
MADE = datetime.datetime(2000, 1, 1)  # so that two writings are alike; whoever saves the file replaces it
SHEETS = ("about", "coding", "keys")
ROWS, COLUMNS = 30_000, 40
FORMULAS = 100  # of one sheet that are read: shared ones are worked out anew for each cell
REMEDY = "fill in a new sheet, or undo that change"

Wrong = Callable[[str, str], None]  # told an address and what is wrong there


class _Cell(NamedTuple):
    """A cell that holds something: its text, or why it has none."""

    address: str
    text: str
    wrong: str = ""


def read_workbook(raw: bytes, name: str) -> dict[str, Any]:
    """The return that a filled-in workbook holds, in the same shape as the JSON of the page; rows may be sorted or deleted.

    The day is that of the last saving. A date or a number that the spreadsheet made of a text is taken as the cell shows
    it, `2010-06-12` or `2010-06` or `120`.

    Raises:
        ReturnError: it is no sound workbook, or cells in it are not as they must be; `problems` has each cell.
        CstocasesError: the libraries openpyxl and defusedxml are not installed.
    """
    try:
        import defusedxml  # noqa: F401 - with it openpyxl reads XML that declares nothing
        import openpyxl
    except ModuleNotFoundError:
        raise CstocasesError(
            "a workbook needs openpyxl and defusedxml, not installed: pip install 'cstocases[people]'"
        ) from None
    found = list[Problem]()

    def wrong(address: str, message: str) -> None:
        found.append(Problem(name, 0, address, "cell", message))

    safe = vetted(raw, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it leaves out, such as the lists of cells
            book = openpyxl.load_workbook(io.BytesIO(safe.raw), read_only=True, data_only=False, keep_links=False)
            sheets = {sheet.title: sheet for sheet in book.worksheets}
            for title in SHEETS:
                if title not in sheets:
                    wrong("", f"has no sheet named {title}; {REMEDY}")
            tables = {}
            for title in SHEETS if not found else ():
                # Which part a sheet stands in, the library tells nowhere else.
                formulas = safe.formulas.get(sheets[title]._worksheet_path, [])
                if len(formulas) > FORMULAS:
                    wrong(
                        f"{title}!{visible(formulas[0])}",
                        f"is the first of {len(formulas):,} formulas; write values, no formulas",
                    )
                else:
                    tables[title] = list(_rows(sheets[title], wrong))
            day = _day(book.properties.modified)
    except Exception as error:  # it raises whatever its parts raise over a file that is not as it should be
        said = f"is not read as a workbook ({visible(str(error))[:80]}); save it as .xlsx again"
        raise ReturnError([Problem(name, 0, "", "archive", said)]) from None
    if len(tables) < len(SHEETS):
        raise ReturnError(found)
    content, places = _content(tables, wrong)
    content["day"] = day
    content, amiss = checked(content, name, places)
    known = {problem.column for problem in found}
    if problems := found + [problem for problem in amiss if problem.column not in known]:
        raise ReturnError(listed(problems))
    return content


def _rows(sheet: Any, wrong: Wrong) -> Iterator[dict[int, _Cell]]:
    """The cells of a row that hold something by column, for each row with such cells."""
    n = 0
    for row in sheet.iter_rows(min_row=1, min_col=1, max_row=ROWS + 1, max_col=COLUMNS):
        n += 1
        cells = {column: _cell(cell, sheet.title) for column, cell in enumerate(row) if cell.value is not None}
        if cells:
            yield cells
    if n > ROWS:  # of a file with less, the library gives no more rows than it has
        wrong(
            f"{sheet.title}!A{ROWS + 1}", f"is beyond the {ROWS:,} rows that are read; delete all rows below the table"
        )


def _cell(cell: Any, title: str) -> _Cell:
    address, value = f"{title}!{cell.coordinate}", cell.value
    if cell.data_type == "f":
        return _Cell(address, "", "is a formula; write the value itself, as text")
    if cell.data_type == "e":
        return _Cell(address, "", f"is the error {quoted(str(value))}; write the value itself, as text")
    if isinstance(value, bool):
        return _Cell(address, str(value).lower())
    if isinstance(value, (int, float)):
        if math.isfinite(value) and abs(value) < 1e15 and value == int(value):
            return _Cell(address, str(int(value)))
        return _Cell(address, "", f"is the number {value!r:.30}; write it as text, after an apostrophe")
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return _Cell(address, _shown(value, cell.number_format))
    if not isinstance(value, str):
        return _Cell(address, "", "is a time of day; write the day as 2010-06-12, after an apostrophe")
    # What Excel writes for the carriage return of a text that was pasted.
    return _Cell(address, value.replace("_x000D_", ""))


def _shown(day: datetime.datetime, how: str) -> str:
    """A day to the precision in which the cell shows it: of 2010-06 a spreadsheet makes the first of the month."""
    shown = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", how or "").casefold()
    length = 10 if "d" in shown or not re.search("[ym]", shown) else 7 if "m" in shown else 4
    return day.date().isoformat()[:length]


def _day(saved: datetime.datetime | None) -> str:
    """The day of the last saving; today where the program that saved did not write it."""
    day = datetime.date.today() if saved is None or saved.replace(tzinfo=None) <= MADE else saved.date()
    return day.isoformat()


def _content(tables: Mapping[str, list[dict[int, _Cell]]], wrong: Wrong) -> tuple[dict[str, Any], dict[str, str]]:
    """A return without its day, and the cell that each part of it stands in."""
    content: dict[str, Any] = {"shown_as": "", "saw_values": ""}
    places = {"saw_values": "about"}

    def take(cell: _Cell | None, at: str) -> str:
        if cell is None:
            return ""
        places[at] = cell.address
        if cell.wrong:
            wrong(cell.address, cell.wrong)
        return cell.text

    digests: dict[str, _Cell] = {}
    for row in tables["keys"][1:]:
        if 0 in row and 1 in row and row[0].text in HEADER:
            content[row[0].text] = take(row[1], row[0].text)
        elif 0 in row and 1 in row:
            digests[row[0].text] = row[1]
    for row in tables["about"]:
        if 0 in row and row[0].text in ("shown_as", "saw_values"):
            places[row[0].text] = row[0].address.replace("!A", "!C")
            content[row[0].text] = take(row.get(2), row[0].text)
    answers: dict[str, dict[str, str]] = {}
    for token, value, note in _answered(tables["coding"], digests, wrong):
        answer = {"value": take(value, f"answers.{token}.value"), "note": take(note, f"answers.{token}.note")}
        if value is None:
            said = "is a note without a value; choose a value such as (unknown), or delete the note"
            wrong(places[f"answers.{token}.note"], said)
            continue
        answers[token] = {**answer, "digest": take(digests[token], f"answers.{token}.digest")}
    return {**content, "answers": answers}, places


def _answered(
    table: list[dict[int, _Cell]], digests: Mapping[str, _Cell], wrong: Wrong
) -> Iterator[tuple[str, _Cell | None, _Cell | None]]:
    """Token, value and note of each question that is not left blank."""
    first = {cell.text: column for column, cell in (table[0] if table else {}).items()}
    absent = [name for name in ("key", "value", "note") if name not in first]
    for name in absent:
        wrong("coding!1", f"has no column named {name}; {REMEDY}")
    seen: dict[str, str] = {}
    for row in table[1:] if not absent else ():
        for cell in (cell for column, cell in row.items() if column not in first.values()):
            wrong(cell.address, "stands in no column of the sheet; move it to the note, or delete it")
        value, note = (cell if cell and (cell.wrong or cell.text.strip()) else None for cell in (row.get(first["value"]), row.get(first["note"])))  # fmt: skip
        token = _token(row.get(first["key"]), value or note, digests, seen, wrong)
        if token and (value or note):
            yield token, value, note


def _token(
    key: _Cell | None, filled: _Cell | None, digests: Mapping[str, _Cell], seen: dict[str, str], wrong: Wrong
) -> str:
    """The token of a row, or "" if it has none, none of the sheet, or that of an earlier row."""
    if key is None:
        if filled:
            wrong(filled.address, "stands in a row without a key, which is no row of the sheet; delete it")
        return ""
    if key.text in digests and key.text not in seen:
        seen[key.text] = key.address
        return key.text
    again = f"{quoted(key.text)} stands also in {seen.get(key.text)}; delete one of the two rows"
    unknown = f"{quoted(key.text)} is no key of a question on this sheet; {REMEDY}"
    wrong(key.address, key.wrong or (again if key.text in seen else unknown))
    return ""
