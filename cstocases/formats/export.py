"""The export: a folder that is complete or absent, with everything a reader needs beside the data."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from cstocases.dataset import data
from cstocases.errors import ExportError, UnknownNameError
from cstocases.files.atomic import NEW, beside, destination, put, told
from cstocases.files.checksums import foreign, write_sums
from cstocases.formats.contents import Contents
from cstocases.formats.registry import DEFAULT, FORMATS, write_beside
from cstocases.resolution.rules import how

MARKS = ("CODEBOOK.md", "sources.csl.json")


def export(
    dest: str | Path,
    formats: Iterable[str] = DEFAULT,
    *,
    force: bool = False,
    home: str | Path | None = None,
    rule: str = "published",
    as_of: str | None = None,
) -> Path:
    """Write the dataset to the folder `dest` and return it.

    `formats` are among csv, parquet, stata, spss, r, excel, sqlite and json; `all` stands for every
    one. However the run ends, `dest` holds the old export, the new one or none; two exports of one
    version are byte-identical. With `force` a folder that an earlier export made is replaced, and
    nothing else ever is. `rule` and `as_of` as in `load`; the README of the export names them.

    Raises:
        UnknownNameError: no such format or rule.
        ExportError: `dest` exists or cannot be written, or a format needs a library that is not installed.
        DataError: the data have problems.
    """
    chosen = _chosen(formats)
    may_write(dest, force, MARKS)
    contents = Contents(data(home, rule, as_of), how(rule, as_of))

    def write(folder: Path) -> None:
        for name in chosen:
            try:
                FORMATS[name].write(contents, folder)
            except _library_errors() as error:
                raise OSError(f"{name}: {error}") from error
        write_beside(contents, folder, chosen)

    return write_folder(dest, write, force, MARKS)


def write_folder(dest: str | Path, write: Callable[[Path], None], force: bool, marks: tuple[str, ...]) -> Path:
    """Have a folder written beside `dest`, add SHA256SUMS, put it in the place of `dest`, and return that.

    Raises:
        ExportError: `dest` exists or cannot be written.
    """
    target = destination(dest)

    def still() -> None:
        try:
            may_write(target, force, marks)
        except ExportError as error:
            raise ExportError(f"{error} (it came there during this run, whose result is thrown away)") from None

    with beside(target, parents=True) as work:
        may_write(target, force, marks)
        new = work / NEW
        new.mkdir()
        write(new)
        write_sums(new)
        put(new, target, still)
    return target


def _library_errors() -> tuple[type[Exception], ...]:
    """The errors of the libraries behind the formats that are in use; each has its own for a full disk."""
    errors = {
        "sqlite3": "Error",
        "pyreadstat": "ReadstatError",
        "xlsxwriter.exceptions": "XlsxWriterException",
    }
    return tuple(getattr(sys.modules[name], error) for name, error in errors.items() if name in sys.modules)


def _chosen(formats: Iterable[str]) -> list[str]:
    """The formats named, in the order of FORMATS, each with its library."""
    named = set(formats)
    for name in sorted(named - {"all"}):
        if name not in FORMATS:
            raise UnknownNameError("format", name, [*FORMATS, "all"])
    chosen = [name for name in FORMATS if name in named or "all" in named]
    absent = [name for name in chosen if FORMATS[name].needs and not importlib.util.find_spec(FORMATS[name].needs)]
    if absent:
        needed = ", ".join(f"{name} needs {FORMATS[name].needs}" for name in absent)
        raise ExportError(f"{needed}, not installed: pip install 'cstocases[{','.join(absent)}]'")
    return chosen


def may_write(dest: str | Path, force: bool, marks: tuple[str, ...]) -> None:
    """Refuse a folder that may not be written: all but a new one, or with force one that an earlier export of these marks made.

    Raises:
        ExportError: it may not be written.
    """
    target = destination(dest)
    with told(f"cannot write {dest}"):
        if os.path.lexists(target):
            if why := foreign(target, marks):
                raise ExportError(f"{target} exists and {why}, so it is left alone; choose another")
            if not force:
                raise ExportError(f"{target} exists; choose another folder, or --force to replace an earlier export")
