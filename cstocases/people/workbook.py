"""The coding sheet of a case as an Excel workbook to fill in; what comes back is read by `workbook_reader`."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cstocases.errors import CstocasesError
from cstocases.files.atomic import file_to_write, write_file
from cstocases.people.shapes import NOTE
from cstocases.people.workbook_reader import HEADER, KEYS, MADE, read_workbook
from cstocases.people.workbook_sheets import (
    SAW,
    TYPED,
    height,
    list_name,
    short,
    write_choices,
    write_codebook,
    write_evidence,
    write_head,
)

__all__ = ["read_workbook", "write_workbook"]

# Characters of the message beside a cell, and of its title; a longer one Excel takes for damage of the file.
MAX_MESSAGE, MAX_TITLE = 255, 32
CODING = {"key": 14, "about": 50, "question": 36, "value": 26, "note": 50}
HOW = (
    "Read the statements on the sheet evidence. Then fill in yellow cells on the sheet coding, in any order.",
    "Choose a value from the list of the cell; all values are defined on the sheet codebook. Write a date as 2010, 2010-06 or 2010-06-12.",
    "Leave blank what you did not decide, and after no to a kind of help its other rows: blank counts as not coded. (unknown) is an answer: you read the statements, and none says.",
    f"A note is welcome beside any value, up to {NOTE:,} characters. Of two reasons in one statement give one, and name the other there.",
    "Rows may be filtered, and once the sheet is unprotected (it has no password) sorted or deleted.",
    "Save as .xlsx and give the file back under any name. Nothing is sent by itself.",
)


class _Row(NamedTuple):
    """A row of the sheet coding: what it is about, in whole or where it follows such a row in short, and the question."""

    about: str
    first: bool
    question: Mapping[str, str]


def write_workbook(sheet: Mapping[str, Any], path: str | Path, *, force: bool = False) -> Path:
    """Write the coding sheet of `questions.coding_sheet` as .xlsx, and return its path; one sheet gives the same bytes always.

    Sheets: about (with two cells to fill), coding, evidence, codebook; hidden: choices (list_name, name, label) and keys.

    Raises:
        ExportError: `path` exists (without `force`), or cannot be written.
        CstocasesError: the library xlsxwriter is not installed.
    """
    target = file_to_write(path, force)
    write_file(target, _workbook(sheet), force)
    return target


def _workbook(sheet: Mapping[str, Any]) -> bytes:
    try:
        import xlsxwriter
    except ModuleNotFoundError:
        raise CstocasesError("a workbook needs xlsxwriter, not installed: pip install 'cstocases[people]'") from None
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    made_of = io.BytesIO()
    with xlsxwriter.Workbook(made_of, options) as book:
        head = {name: str(sheet[name]) for name in HEADER}
        book.set_properties({"title": f"Coding sheet: {sheet['cue']}", "created": MADE})
        book.set_custom_property("cstocases", " ".join(head.values())[:MAX_MESSAGE])
        formats = _formats(book)
        rows = list(_rows(sheet))
        about, coding = book.add_worksheet("about"), book.add_worksheet("coding")
        evidence, codebook = book.add_worksheet("evidence"), book.add_worksheet("codebook")
        choices, keys = book.add_worksheet("choices"), book.add_worksheet("keys")
        write_choices(book, choices, sheet)
        _about(about, sheet, formats)
        _coding(coding, sheet, rows, formats)
        write_evidence(evidence, sheet, formats)
        write_codebook(codebook, sheet, formats)
        pairs = [*head.items(), *((row.question["token"], row.question["digest"]) for row in rows)]
        for n, pair in enumerate([KEYS, *pairs]):
            keys.write_row(n, 0, pair, formats["key"])
        for hidden in (choices, keys):
            hidden.hide()
        for each in book.worksheets():
            each.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
            each.set_landscape()
            each.set_paper(9)
            each.fit_to_pages(1, 0)
        coding.activate()
        about.activate()
    return made_of.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    text = {"text_wrap": True, "valign": "top"}
    fill = {**text, "locked": False, "num_format": "@", "border": 1, "border_color": "#BFBFBF"}
    return {
        "title": book.add_format({"bold": True, "font_size": 16, "text_wrap": True}),
        "head": book.add_format({"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF", "valign": "vcenter"}),
        "key": book.add_format({"num_format": "@"}),
        "text": book.add_format(text),
        "bold": book.add_format({**text, "bold": True}),
        "first": book.add_format({**text, "bold": True, "top": 1}),
        "first text": book.add_format({**text, "top": 1}),
        "muted": book.add_format({**text, "font_color": "#7F7F7F"}),
        "link": book.add_format({"valign": "top", "font_color": "#0563C1", "underline": 1}),
        "band": book.add_format({**text, "bold": True, "bg_color": "#D9E2F3"}),
        "fill": book.add_format(fill),
        "blank": book.add_format({"bg_color": "#FFF2CC"}),
    }


def _rows(sheet: Mapping[str, Any]) -> Iterator[_Row]:
    """The questions in order: of the case, of each request with its kinds of help, of each answer, of each statement."""
    for group in sheet["groups"]:
        yield from _unit(f"{group['heading']}: {group['cue']}", group["heading"], group["questions"])
        for grid in group["grids"]:
            for row in grid["rows"]:
                name = f"{group['heading']}: {row['label']}"
                yield from _unit(name, name, row["questions"])
    for n, shown in enumerate(sheet["evidence"], 1):
        name = f"Statement {n}"
        yield from _unit(
            f"{name}: {shown['statement']}", f"{name}: {short(shown['statement'], 28)}", shown["questions"]
        )


def _unit(whole: str, again: str, questions: list[Mapping[str, str]]) -> Iterator[_Row]:
    for n, question in enumerate(questions):
        yield _Row(whole if n == 0 else again, n == 0, question)


def _about(to: Any, sheet: Mapping[str, Any], formats: Mapping[str, Any]) -> None:
    to.set_column(0, 0, None, None, {"hidden": True})
    to.set_column(1, 1, 56)
    to.set_column(2, 2, 64)
    n = 0

    def line(text: str, form: str, points: float = 0) -> None:
        nonlocal n
        to.merge_range(n, 1, n, 2, "", formats[form])
        to.write_string(n, 1, text, formats[form])
        to.set_row(n, points or height((text, 120)))  # cells merged grow in no program
        n += 1

    def fill(key: str, label: str) -> None:
        nonlocal n
        to.write_string(n, 0, key, formats["key"])
        to.write_string(n, 1, label, formats["bold"])
        to.write_blank(n, 2, None, formats["fill"])
        to.conditional_format(n, 2, n, 2, {"type": "blanks", "format": formats["blank"]})
        n += 1

    line(str(sheet["cue"]), "title", 30)
    line(f"Coder {sheet['coder']}, case {sheet['case']}, version {sheet['version']} of the codebook", "muted", 24)
    for step, text in enumerate(HOW, 1):
        line(f"{step}. {text}", "text")
    n += 1
    fill("shown_as", "The name to thank you by (blank if you want none)")
    fill("saw_values", "Had you seen published values of this case before?")
    message = {"input_title": "Choose one", "input_message": "\n".join(SAW.values())}
    to.data_validation(n - 1, 2, n - 1, 2, {"validate": "list", "source": "=saw_values", **message})
    for text in SAW.values():
        line(text, "muted")


def _coding(to: Any, sheet: Mapping[str, Any], rows: list[_Row], formats: Mapping[str, Any]) -> None:
    write_head(to, CODING, formats)
    to.set_column(0, 0, 14, None, {"hidden": True})
    cells: dict[str, list[int]] = {}
    for n, row in enumerate(rows, 1):
        variable = sheet["variables"][row.question["variable"]]
        to.set_row(n, height((row.about, 0.85 * CODING["about"]), (variable["title"], CODING["question"])))
        to.write_string(n, 0, row.question["token"], formats["key"])
        to.write_string(n, 1, row.about, formats["first" if row.first else "muted"])
        to.write_string(n, 2, variable["title"], formats["first text" if row.first else "text"])
        to.write_blank(n, 3, None, formats["fill"])
        to.write_blank(n, 4, None, formats["fill"])
        cells.setdefault(row.question["variable"], []).append(n)
    last = len(rows)
    to.autofilter(0, 1, last, 4)
    to.conditional_format(1, 3, last, 3, {"type": "blanks", "format": formats["blank"]})
    for name, at in cells.items():
        to.data_validation(at[0], 3, at[0], 3, {**_validation(name, sheet), "other_cells": [[n, 3, n, 3] for n in at]})
    wrong = {"error_title": "Too long", "error_message": f"A note has at most {NOTE:,} characters."}
    to.data_validation(1, 4, last, 4, {"validate": "length", "criteria": "<=", "value": NOTE, **wrong})


def _validation(name: str, sheet: Mapping[str, Any]) -> dict[str, Any]:
    """The list of a cell and what is said beside it; a date or a number may be typed, the kinds of missing are offered."""
    v = sheet["variables"][name]
    shown = {"input_title": short(v["title"], MAX_TITLE), "input_message": _message(v)}
    if not v["choices"]:
        return {"validate": "list", "source": "=missing_values", "show_error": False, **shown}
    error = {"error_title": "Not in the list", "error_message": "Choose a value from the list, or clear the cell."}
    return {"validate": "list", "source": f"={list_name(name)}", **error, **shown}


def _message(v: Mapping[str, Any]) -> str:
    """As much of what a variable means and of its codes as an input message holds; all of it stands in the codebook."""
    out = short(f"{TYPED.get(v['type'], '')} {v['description']}".strip(), MAX_MESSAGE)
    codes = [f"\n{c['value']}: {c['label']}" for c in v["choices"]]
    end = "\n… see codebook"
    for n, code in enumerate(codes):
        room = MAX_MESSAGE - (len(end) if n + 1 < len(codes) else 0)
        if len(out) + len(code) > room:
            return out + end if len(out) + len(end) <= MAX_MESSAGE else out
        out += code
    return out
