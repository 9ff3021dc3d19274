"""A file that somebody gave back, read so that no content of it can do harm. No pandas here."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cstocases.errors import Problem, SchemaFileError, cut, quoted, visible
from cstocases.people.proposal import ReturnError
from cstocases.people.shapes import checked, listed
from cstocases.people.toml_lines import lines_of, read_toml
from cstocases.people.workbook_reader import read_workbook
from cstocases.schema import json_values

MAX_BYTES = {".json": 5_000_000, ".xlsx": 5_000_000, ".toml": 1_000_000}
WRITTEN = ("correction", "case")  # the kinds that are TOML
DEEPEST = 20
LARGEST = 10**18
AS_XLSX = "is not read; save it as .xlsx in the program that you filled it in with, and give that file"
REMEDIES = {
    **dict.fromkeys([".ods", ".xls", ".xlsm", ".xlsb", ".csv", ".tsv", ".numbers"], AS_XLSX),
    **dict.fromkeys(
        [".html", ".htm", ".mhtml"],
        'is the page, not the answers; open it, press "Save to a file", and give the .json file that this saves',
    ),
}


class Return(NamedTuple):
    """A returned file: its kind, its name, what it holds, and of a TOML file its text."""

    kind: str
    name: str
    content: dict[str, Any]
    text: str = ""


def read_return(path: str | Path) -> Return:
    """What a returned file holds: coding, checks or verdicts from .json or .xlsx, a correction or a case from .toml.

    Raises:
        ReturnError: it cannot be read, or is not of the shape of its kind; `problems` has everything that is wrong.
        CstocasesError: it is a workbook, and a library for it is not installed.
    """
    file = Path(path)
    name = visible(file.name)[:200] or "."
    suffix = file.suffix.casefold()
    if suffix not in MAX_BYTES:
        said = REMEDIES.get(suffix, f"is not read; give a file whose name ends in {', '.join(MAX_BYTES)}")
        _refuse(name, said)
    raw = _bytes(file, name, MAX_BYTES[suffix])
    if suffix == ".toml":
        return _toml(raw, name)
    content = _json(raw, name) if suffix == ".json" else read_workbook(raw, name)
    return Return(content["cstocases"], name, content)


def _refuse(name: str, message: str, line: int = 0, at: str = "", rule: str = "file") -> NoReturn:
    raise ReturnError([Problem(name, line, at, rule, message)]) from None


def _bytes(file: Path, name: str, most: int) -> bytes:
    """The bytes of a plain file that is not large."""
    try:
        # Before it is opened: a pipe would be waited for.
        if not stat.S_ISREG(file.stat().st_mode):
            _refuse(name, "is not a plain file")
        with file.open("rb") as stream:
            raw = stream.read(most + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, ReturnError):
            raise
        _refuse(name, f"cannot be read: {getattr(error, 'strerror', None) or error}")
    if len(raw) > most:
        _refuse(name, f"is larger than {most // 1_000_000} MB, so it is no sheet of ours")
    return raw


def _json(raw: bytes, name: str) -> dict[str, Any]:
    try:
        value = json_values.parse(raw, "")
    except SchemaFileError as error:
        # The message begins with the line or with the way to the key.
        line, way, said = re.fullmatch(r"(?s)(?::(\d+)|#(/.*?)?)?: (.*)", str(error)).groups()  # type: ignore[union-attr]
        _refuse(name, cut(said), int(line or 0), (way or "")[1:].replace("/", ".")[:80], "json")
    if value.get("cstocases") in WRITTEN:
        said = f"holds a {value['cstocases']}, which is given as .toml; see `cstocases sheet`"
        _refuse(name, said, 0, "cstocases", "shape")
    content, problems = checked(value, name)
    if problems:
        raise ReturnError(listed(problems))
    return content


def _toml(raw: bytes, name: str) -> Return:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(name, "is not UTF-8; save it as UTF-8", raw[: error.start].count(b"\n") + 1, "", "toml")
    content = read_toml(text, name)
    kind = content.get("cstocases")
    problems = [Problem(name, 0, at, "toml", said) for at, said in _beyond(content)]
    if kind not in WRITTEN:
        given = f"is {quoted(str(kind))}, " if isinstance(kind, str) else ""
        said = f'{given}must say what this file is: cstocases = "correction" or cstocases = "case"'
        problems.append(Problem(name, lines_of(text).get(("cstocases",), 1), "cstocases", "toml", said))
    if problems:
        raise ReturnError(listed(problems))
    return Return(str(kind), name, content, text)


def _beyond(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a file of TOML holds that no sheet does: the way to it, and what is wrong."""
    waiting: list[tuple[str, Any, int]] = [("", content, 0)]
    while waiting:
        at, value, depth = waiting.pop()
        if depth > DEEPEST:
            yield at[:80], "is nested too deeply"
        elif isinstance(value, dict):
            waiting += [(f"{at}.{visible(k)[:40]}".strip("."), item, depth + 1) for k, item in value.items()]
        elif isinstance(value, list):
            waiting += [(at, item, depth + 1) for item in value]
        elif isinstance(value, int) and abs(value) >= LARGEST:
            yield at[:80], "is a number larger than any that is read"
