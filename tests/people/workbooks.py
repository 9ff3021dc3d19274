"""Coding sheets for the tests of workbooks, workbooks filled in as a coder would, and archives changed byte by byte."""

from __future__ import annotations

import copy
import functools
import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl

from cstocases.dataset import data
from cstocases.people.questions import coding_sheet
from cstocases.people.workbook import write_workbook

VALUE, NOTE = 4, 5  # columns of the sheet coding


@functools.cache
def _whole(case: str) -> dict[str, Any]:
    return coding_sheet(data(), case, "anna").sheet


def whole(case: str = "kgz-2016") -> dict[str, Any]:
    """The coding sheet of a case as shipped."""
    return copy.deepcopy(_whole(case))


def brief() -> dict[str, Any]:
    """The coding sheet with the questions about a case as a whole and about two statements, quick to write."""
    sheet = whole()
    sheet |= {"groups": sheet["groups"][:1], "evidence": sheet["evidence"][:2], "background": []}
    asked = {question["variable"] for question in questions(sheet).values()}
    return sheet | {"variables": {name: v for name, v in sheet["variables"].items() if name in asked}}


def questions(sheet: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The questions of a sheet by token."""
    found = [q for group in sheet["groups"] for q in group["questions"]]
    found += [q for g in sheet["groups"] for grid in g["grids"] for row in grid["rows"] for q in row["questions"]]
    found += [q for row in sheet["evidence"] for q in row["questions"]]
    return {q["token"]: q for q in found}


def token(sheet: Mapping[str, Any], variable: str) -> str:
    """The token of the first question about a variable."""
    return next(t for t, q in questions(sheet).items() if q["variable"] == variable)


def write(folder: Path, sheet: Mapping[str, Any], name: str = "anna.xlsx") -> Path:
    """The workbook of a sheet in a folder."""
    return write_workbook(sheet, folder / name, force=True)


def put(cell: Any, text: str) -> None:
    """Write a text into a cell as text, whatever it begins with."""
    cell.value = text
    cell.data_type = "s"


def row_of(coding: Any, key: str) -> int:
    """The row of the question with this token."""
    return next(cell.row for cell in coding["A"] if cell.value == key)


def fill(
    path: Path,
    answers: Mapping[str, tuple[str, str]],
    change: Callable[[Any], object] = lambda book: None,
    saw: str = "no",
) -> bytes:
    """The workbook with these values and notes by token filled in, and then changed by `change`."""
    book = openpyxl.load_workbook(path)
    for row in book["about"].iter_rows():
        if row[0].value == "saw_values":
            row[2].value = saw
    coding = book["coding"]
    rows = {cell.value: cell.row for cell in coding["A"]}
    for key, (value, note) in answers.items():
        put(coding.cell(rows[key], VALUE), value)
        if note:
            put(coding.cell(rows[key], NOTE), note)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(raw: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """An archive with its members changed by `change`."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in members.items():
            archive.writestr(name, part)
    return out.getvalue()


def patched(raw: bytes, member: str, **fields: int) -> bytes:
    """An archive whose list of members says something else of one of them: flags, method, crc or size."""
    places = {"flags": (8, "<H"), "method": (10, "<H"), "crc": (16, "<I"), "size": (24, "<I")}
    out = bytearray(raw)
    at = out.index(b"PK\x01\x02")
    while out[at + 46 : at + 46 + struct.unpack_from("<H", out, at + 28)[0]] != member.encode():
        at = out.index(b"PK\x01\x02", at + 4)
    for name, value in fields.items():
        offset, form = places[name]
        struct.pack_into(form, out, at + offset, value)
    return bytes(out)
