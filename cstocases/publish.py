"""The export: a folder that is complete or absent, with everything a reader needs beside the data."""

from __future__ import annotations

import errno
import importlib.util
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from cstocases.contents import Contents
from cstocases.dataset import data
from cstocases.errors import ExportError, Problem, UnknownNameError
from cstocases.formats import DEFAULT, FORMATS, digest, write_beside
from cstocases.resolve import how

SUMS = "SHA256SUMS"


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

    `formats` are among csv, parquet, stata, spss, excel, csv-excel, sqlite, duckdb and
    json; `all` stands for every one. `dest` is written beside itself and renamed, so it is
    complete or absent, and two exports of one version are byte-identical (but for DuckDB's
    file, which carries a random mark). With `force` a folder that an earlier export made
    is replaced; nothing else ever is. `rule` and `as_of` as in `load`; the README of the
    export names them.

    Raises:
        UnknownNameError: no such format or rule.
        ExportError: `dest` exists or cannot be written, or a format needs a library that is not installed.
        DataError: the data have problems.
    """
    chosen = _chosen(formats)
    may_write(dest, force)
    contents = Contents(data(home, rule, as_of), how(rule, as_of))

    def write(folder: Path) -> None:
        for name in chosen:
            FORMATS[name].write(contents, folder)
        write_beside(contents, folder, chosen)

    return write_folder(dest, write, force)


def write_folder(dest: str | Path, write: Callable[[Path], None], force: bool) -> Path:
    """Have a folder written beside `dest`, add SHA256SUMS, put it in the place of `dest`, and return that.

    Raises:
        ExportError: `dest` exists or cannot be written.
    """
    target = may_write(dest, force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise ExportError(f"cannot write beside {dest}: {error.strerror}") from error
    try:
        write(work)
        sums = [f"{digest(path)}  {path.relative_to(work).as_posix()}" for path in _files(work)]
        (work / SUMS).write_bytes(("\n".join(sums) + "\n").encode())
        work.chmod(0o755)
        _put_in_place(work, target)
    except OSError as error:
        raise ExportError(f"cannot write {dest}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


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


def may_write(dest: str | Path, force: bool) -> Path:
    """The absolute path of a folder that may be written: a new one, or with force one that an earlier export made.

    Raises:
        ExportError: it may not.
    """
    target = Path(dest).absolute()
    if target.exists() or target.is_symlink():
        if not force:
            raise ExportError(f"{target} exists; choose another folder, or --force to replace an earlier export")
        if target.is_symlink() or not target.is_dir() or not _is_export(target):
            raise ExportError(f"{target} is not a folder that an export made, so it is left alone; choose another")
    return target


def _is_export(folder: Path) -> bool:
    """Whether the folder holds what an export wrote and nothing else."""
    try:
        names = [line.split("  ", 1)[1] for line in (folder / SUMS).read_text(encoding="utf-8").splitlines()]
    except (OSError, IndexError, UnicodeDecodeError):
        return False
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir() or p.is_symlink()}
    return "README.md" in names and there <= {*names, SUMS}


def _put_in_place(work: Path, target: Path) -> None:
    if not target.exists():
        work.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    target.rename(old)
    try:
        work.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)


def _files(folder: Path) -> list[Path]:
    return sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.relative_to(folder).as_posix())


def verify(dest: str | Path) -> list[Problem]:
    """What differs between an export and its SHA256SUMS: files changed, missing or added; an empty list if nothing does.

    Raises:
        ExportError: `dest` is no export.
    """
    folder = Path(dest)
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ExportError(errno.ENOENT, f"{dest} is no export: it has no readable {SUMS}") from None
    problems, listed = [], set()
    for number, line in enumerate(lines, 1):
        expected, _, name = line.partition("  ")
        path = folder / name
        listed.add(name)
        if len(expected) != 64 or not name or Path(name).is_absolute() or ".." in Path(name).parts:
            problems.append(Problem(SUMS, number, "", "checksum", "is not a checksum and a file name"))
        elif not path.is_file():
            problems.append(Problem(name, 0, "", "checksum", "is missing"))
        elif digest(path) != expected:
            problems.append(Problem(name, 0, "", "checksum", "differs from what was exported"))
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name not in listed and name != SUMS:
            problems.append(Problem(name, 0, "", "checksum", "was not part of the export"))
    return sorted(problems)
