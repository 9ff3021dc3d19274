"""Checksums: whether an export is still what was written."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from cstocases.errors import ExportError, Problem, visible

SUMS = "SHA256SUMS"
LINE = re.compile(rb"([0-9a-f]{64})  (.+)", re.DOTALL)
Modes = Mapping[str, int]  # what the file system says each path is, below some folder


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sums(folder: Path) -> None:
    """Add SHA256SUMS to a folder, in the form that `sha256sum -c` reads."""
    names = sorted(name for name, mode in _modes(folder).items() if stat.S_ISREG(mode))
    lines = [f"{digest(folder / name)}  {name}\n" for name in names]
    (folder / SUMS).write_bytes("".join(lines).encode())


def foreign(folder: Path, marks: tuple[str, ...]) -> str:
    """Why something that no export wrote might be lost with what stands in a place; empty if nothing would.

    `marks` are names, or patterns of names, that every export of this kind has and few other
    folders with checksums. Files that an export wrote may have changed.

    Raises:
        OSError: it cannot be read.
    """
    unknown = "is not a folder that an export made"
    if folder.is_symlink() or not folder.is_dir():
        return unknown
    modes = _modes(folder)
    if not stat.S_ISREG(modes.get(SUMS, 0)):
        return unknown
    expected, damage = read_sums((folder / SUMS).read_bytes())
    if damage or not all(any(fnmatch(name, mark) for name in expected) for mark in marks):
        return unknown
    return next((f"holds {visible(name)}, which no export wrote" for name in _foreign(modes, expected)), "")


def verify(dest: str | Path) -> list[Problem]:
    """What differs between an export and its SHA256SUMS: files changed, missing or added; an empty list if nothing does.

    Raises:
        ExportError: `dest` is no export, or cannot be read.
    """
    folder = Path(dest)
    try:
        modes = _modes(folder)
        if not stat.S_ISREG(modes.get(SUMS, 0)):
            raise ExportError(f"{dest} is no export: it has no file {SUMS}")
        expected, problems = read_sums((folder / SUMS).read_bytes())
    except ExportError:
        raise
    except OSError as error:
        raise ExportError(f"cannot read {error.filename or dest}: {error.strerror or error}") from error
    said = _foreign(modes, expected)
    for name in expected.keys() - said.keys():
        said[name] = _difference(folder / name, expected[name]) if name in modes else "is missing"
    # Somebody's file may have any name.
    return sorted(
        [*problems, *(Problem(visible(n), 0, "", "checksum", message) for n, message in said.items() if message)]
    )


def read_sums(raw: bytes) -> tuple[dict[str, str], list[Problem]]:
    """What SHA256SUMS lists, by name, and each line that `write_sums` would not write: its form is its own checksum."""
    *lines, rest = raw.split(b"\n")
    expected: dict[str, str] = {}
    problems = []
    last = ""
    for number, line in enumerate(lines, 1):
        match = LINE.fullmatch(line)
        name = match[2].decode(errors="surrogateescape") if match else ""
        if not match or name.startswith("/") or ".." in name.split("/"):
            problems.append(Problem(SUMS, number, "", "checksum", "is not a checksum and a file name"))
        elif name <= last:
            problems.append(Problem(SUMS, number, "", "checksum", "is not in the order of names"))
        else:
            expected[name], last = match[1].decode(), name
    if rest or not lines:
        problems.append(Problem(SUMS, len(lines) + 1, "", "checksum", "does not end in a line feed"))
    return expected, problems


def _modes(root: Path) -> Modes:
    """What each file and folder below a folder is; unlike with Path.rglob, one that may not be read is an error."""

    def refuse(error: OSError) -> None:
        raise error

    walk = os.walk(root, onerror=refuse)
    paths = (Path(place, name) for place, folders, files in walk for name in (*folders, *files))
    return {path.relative_to(root).as_posix(): path.lstat().st_mode for path in paths}


def _foreign(modes: Modes, expected: Mapping[str, str]) -> dict[str, str]:
    """What is there that was not written, and what stands in the place of something that was, each with what to say of it."""
    folders = {str(parent) for name in expected for parent in PurePosixPath(name).parents}
    said = {}
    for name, mode in modes.items():
        if stat.S_ISLNK(mode):
            said[name] = "is a symbolic link, not the file or folder itself"
        elif name in expected and not stat.S_ISREG(mode):
            said[name] = "is not a file"
        elif name not in expected and name != SUMS and not (stat.S_ISDIR(mode) and name in folders):
            said[name] = "was not exported"
    return said


def _difference(path: Path, checksum: str) -> str:
    """How a file differs from its checksum; empty if it does not."""
    try:
        return "" if digest(path) == checksum else "differs from what was exported"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
