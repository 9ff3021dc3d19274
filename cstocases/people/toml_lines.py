"""A sheet in TOML read, and the line of every key, which tomllib does not tell. No pandas here."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn

from cstocases.errors import Problem, cut, visible
from cstocases.people.proposal import ReturnError

Path = tuple[str | int, ...]  # the keys that lead to a value; a number counts in an array
POINTS = 100  # in a line: the standard library takes for a key of many parts a time that is the square of their number
WORK = 2**20  # characters of values of several lines that are read again with each line
OPEN = 'a text is not ended; put " behind its last word, on the same line'
REMEDIES = {  # by how the message of the standard library begins
    r"Illegal character '\n'": OPEN,
    "Unterminated string": OPEN,
    "Expected newline": r"write the value as one text between two quotation marks, and \" for a mark inside it",
    "Invalid value": 'write a value between quotation marks: by = "anna"',
    "Cannot overwrite": "the key stands twice in its block; take one out",
    "Expected '=' after": 'write KEY = "VALUE", or # before a remark',
    "Unescaped": r"write \\ for a backslash",
}


def read_toml(text: str, name: str) -> dict[str, Any]:
    """What a TOML text holds.

    Raises:
        ReturnError: it is no TOML, or is nested too deeply; with the line, and what to do.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > POINTS:
            _refuse(name, number, "", f"has more than {POINTS} points in one line; break the line")
    try:
        return tomllib.loads(text)
    except RecursionError:
        _refuse(name, 0, "", "is nested too deeply")
    except ValueError as error:  # beside its own error the library lets through those of numbers and days
        at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        number = int(at[1] or text.count("\n") + 1) if at else 0
        said = str(error)[: at.start()] if at else str(error)
        remedy = next((f"; {remedy}" for start, remedy in REMEDIES.items() if said.startswith(start)), "")
        _refuse(name, number, str((at and at[2]) or ""), f"is not TOML: {cut(visible(said))}{remedy}")


def _refuse(name: str, line: int, column: str, message: str) -> NoReturn:
    raise ReturnError([Problem(name, line, column, "toml", message)]) from None


def lines_of(text: str) -> dict[Path, int]:
    """The line on which each key, table and item of an array of a sound TOML text stands, or its value begins.

    >>> lines_of('a = 1\\n[[b]]\\nc = { d = 2 }')
    {('a',): 1, ('b',): 2, ('b', 0): 2, ('b', 0, 'c'): 3, ('b', 0, 'c', 'd'): 3}
    """
    found: dict[Path, int] = {}
    sizes: Counter[Path] = Counter()  # of arrays of tables
    block, start, waiting, left = Path(), 1, "", WORK
    for number, line in enumerate(text.split("\n"), 1):
        waiting += f"{line}\n"
        try:
            value = tomllib.loads(waiting)
        except tomllib.TOMLDecodeError:  # a value of several lines
            left -= len(waiting)
            if left < 0:
                break
            with suppress(tomllib.TOMLDecodeError):  # if it is an array, the items up to here
                _put(found, block, tomllib.loads(f"{waiting}]"), number)
                start = number + 1
            continue
        if waiting.lstrip().startswith("["):
            block, value = _opened(value, sizes), {}
            for end in range(1, len(block) + 1):
                found.setdefault(block[:end], number)
        _put(found, block, value, start)
        start, waiting = number + 1, ""
    return found


def _opened(value: Any, sizes: Counter[Path]) -> Path:
    """The path that a line in brackets opens, by what it is when read alone."""
    path: Path = ()
    while value:
        ((part, value),) = value.items()
        path = (*path, part)
        if isinstance(value, list):
            sizes[path] += 1
            value = value[0]
        if path in sizes:
            path = (*path, sizes[path] - 1)
    return path


def _put(found: dict[Path, int], path: Path, value: Any, line: int) -> None:
    """Note the line for all within a value of which none is noted yet."""
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        found.setdefault((*path, key), line)
        _put(found, (*path, key), one, line)
