"""Sheets to fill in, written to a file: blind codings, checks, verdicts, a correction, a new case."""

from __future__ import annotations

import re
from pathlib import Path

from cstocases.dataset import data
from cstocases.errors import CstocasesError, quoted
from cstocases.files.atomic import file_to_write, write_file
from cstocases.people.checks import checks_sheet
from cstocases.people.corrections import correction_toml
from cstocases.people.forms import form_html
from cstocases.people.new_case import case_toml
from cstocases.people.questions import coding_sheet
from cstocases.people.verdicts import verdicts_sheet
from cstocases.people.workbook import write_workbook

Place = str | Path


def write_coding(dest: Place, case: str, coder: str, home: Place | None = None, *, force: bool = False) -> Path:
    """Write the blind sheet of a case for a coder, as a page (.html) or a workbook (.xlsx), and return its path.

    Raises:
        UnknownNameError: no such case.
        CstocasesError: the file has another ending, the coder is no name, or a library is not installed.
        ExportError: the file exists (without `force`) or cannot be written.
        DataError: the data have problems.
    """
    target = _target(dest, force, ".html", ".xlsx")
    sheet = coding_sheet(data(home), case, _named(coder)).sheet
    if target.suffix == ".html":
        return _put(target, form_html(sheet).encode(), force)
    return write_workbook(sheet, target, force=force)


def write_checks(dest: Place, case: str, coder: str, home: Place | None = None, *, force: bool = False) -> Path:
    """Write the published cells of a case with their sources, for somebody to check; errors as `write_coding`."""
    target = _target(dest, force, ".html")
    return _put(target, form_html(checks_sheet(data(home), case, _named(coder))[0]).encode(), force)


def write_verdicts(dest: Place, home: Place | None = None, *, force: bool = False) -> int:
    """Write the cells on which codings differ and no verdict was given, and return how many; errors as `write_coding`."""
    target = _target(dest, force, ".html")
    sheet = verdicts_sheet(data(home))[0]
    if sheet["cells"]:
        _put(target, form_html(sheet).encode(), force)
    return len(sheet["cells"])


def write_correction(
    dest: Place, table: str, record: str, field: str, coder: str = "", home: Place | None = None, *, force: bool = False
) -> Path:
    """Write a file in which one cell can be corrected; errors as `write_coding`, and UnknownNameError for a cell."""
    target = _target(dest, force, ".toml")
    text = correction_toml(data(home), table, record, field, _named(coder) if coder else "")
    return _put(target, text.encode(), force)


def write_case(
    dest: Place, state: str, case: str, coder: str = "", home: Place | None = None, *, force: bool = False
) -> Path:
    """Write a file in which a new case can be described; errors as `write_coding`, and UnknownNameError for a state."""
    target = _target(dest, force, ".toml")
    return _put(target, case_toml(data(home), state, case, _named(coder) if coder else "").encode(), force)


def _target(dest: Place, force: bool, *endings: str) -> Path:
    target = file_to_write(dest, force)
    if target.suffix not in endings:
        raise CstocasesError(f"{dest}: this sheet is written as {' or '.join(endings)}; name the file so")
    return target


def _named(coder: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", coder):
        raise CstocasesError(
            f"{quoted(coder)} is no name of a coder; write small letters and digits, such as anna or anna-2"
        )
    return coder


def _put(target: Path, raw: bytes, force: bool) -> Path:
    write_file(target, raw, force, parents=True)
    return target
