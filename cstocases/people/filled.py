"""A filled TOML sheet: its texts, the line of every key, and everything that is wrong with it."""

from __future__ import annotations

import datetime
import difflib
import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cstocases.errors import Problem, cut, quoted
from cstocases.people.proposal import ReturnError
from cstocases.people.toml_lines import Path, lines_of
from cstocases.schema.model import Field, Package, Table
from cstocases.validation.fit import unfit

MAX_BYTES = 2**20
MAX_WORDS = 2_000  # characters of a text
DAY = re.compile("[0-9]{4}(-[0-9]{2}){0,2}")
FEW = 30  # names that a message still lists


@dataclass
class Filled:
    """A filled sheet. `value` is what tomllib reads; `problems` and `meant` grow while it is understood."""

    name: str
    value: dict[str, Any]
    lines: Mapping[Path, int]
    problems: list[Problem] = field(default_factory=list)
    meant: set[Path] = field(default_factory=set)  # keys that stand under a name that is nearly theirs

    def line(self, path: Path) -> int:
        """The line of a key, or of the block it should be in; 1 for the file."""
        return next((self.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.lines), 1)

    def wrong(self, path: Path, rule: str, message: str) -> None:
        """Note a problem at a key."""
        column = ".".join(str(part) for part in path if isinstance(part, str))
        self.problems.append(Problem(self.name, self.line(path), column, rule, cut(message)))


def read(text: str, name: str) -> Filled:
    """A TOML sheet as read.

    Raises:
        ReturnError: it is no TOML, or too large for a sheet; the address is its line.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise ReturnError([Problem(name, 0, "", "file", "is larger than 1 MiB; a sheet is not")])
    try:
        return Filled(name, tomllib.loads(text), lines_of(text))
    except RecursionError:
        raise ReturnError([Problem(name, 0, "", "toml", "brackets stand too deep in each other")]) from None
    except ValueError as error:
        at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        line = int(at[1] or len(text.splitlines())) if at else 0
        said = str(error)[: at.start()] if at else "holds a number that is too long"
        where = f" at character {at[2]} of the line" if at and at[2] else ""
        raise ReturnError([Problem(name, line, "", "toml", f"is no TOML: {said}{where}")]) from None


def kind_is(filled: Filled, kind: str) -> None:
    """Note that a file says it is a sheet of another kind."""
    if filled.value.get("cstocases", kind) != kind:
        filled.wrong(("cstocases",), "kind", f'this is read as a {kind}; write cstocases = "{kind}"')


def near(kind: str, name: str, known: Iterable[str]) -> str:
    """That there is no such name, and which are like it.

    >>> near("key", "wrods", ["words", "case"])
    "no key named 'wrods'; did you mean words?"
    """
    names = list(known)
    like = " or ".join(difflib.get_close_matches(name, names, n=3, cutoff=0.5))
    few = f"; there are {', '.join(names)}" if 0 < len(names) <= FEW else ""
    return f"no {kind} named {quoted(name)}" + (f"; did you mean {like}?" if like else few)


def blocks(filled: Filled, path: Path, many: bool) -> list[tuple[Path, dict[str, Any]]]:
    """The tables under a key, each with its path; none if it is not there, or stands there in another form."""
    value: Any = filled.value
    for part in path:
        value = value.get(part, [] if many else {}) if isinstance(value, dict) else value[part]
    name = path[-1]
    if many and isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return [((*path, n), one) for n, one in enumerate(value)]
    if not many and isinstance(value, dict):
        return [(path, value)] if path[-1:] and path in filled.lines else []
    filled.wrong(path, "form", f"write {f'[[{name}]]' if many else f'[{name}]'} on a line, and its keys below it")
    return []


def only(filled: Filled, path: Path, block: Mapping[str, Any], known: Collection[str]) -> None:
    """Note the keys of a block that a sheet does not have."""
    for key in block:
        if key not in known:
            filled.wrong((*path, key), "unknown-key", near("key", key, known))
            filled.meant |= {(*path, one) for one in difflib.get_close_matches(key, known, n=1, cutoff=0.5)}


def text_at(filled: Filled, path: Path, block: Mapping[str, Any]) -> str:
    """The text of a key, "" where it is not given or cannot be one: a number, a date, true and false may stand without quotes."""
    key = path[-1]
    value = block.get(str(key), "")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) or (isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)):
        return str(value)
    if not isinstance(value, str):
        filled.wrong(path, "form", f'{quoted(str(value))} must be a text; write {key} = "..."')
        return ""
    return value if plain(filled, path, value) else ""


def plain(filled: Filled, path: Path, value: str) -> bool:
    """Whether a text is one of the data: no control characters, not too long. What is wrong is noted."""
    unseen = next((c for c in value if unicodedata.category(c) == "Cc"), None)
    if unseen:
        what = "a line break" if unseen in "\r\n" else f"the control character U+{ord(unseen):04X}"
        filled.wrong(path, "text", f"holds {what}; write it without")
    if len(value) > MAX_WORDS:
        filled.wrong(path, "text", f"has {len(value):,} characters; {MAX_WORDS:,} are the most")
    return unseen is None and len(value) <= MAX_WORDS


def as_cell(filled: Filled, path: Path, package: Package, table: Table, f: Field, text: str) -> str:
    """A text of a sheet as in the CSV, dates left as far as known: (unknown) becomes its token. "" if it is no value, which is noted."""
    tokens = [token for token in package.missing if token]
    if text in tokens:
        filled.wrong(path, "value", f"a missing value is written ({text}) here, in round brackets")
        return ""
    if text.startswith("(") and text.endswith(")") and text[1:-1] in tokens:
        return text[1:-1]
    why = unfit(f, pd.Series([text], dtype="string")).get(0, "") if text else ""
    if text and not why and f.type == "date" and len(text) < len("2010-06-12") and table.precision_of(f.name) is None:
        why = "is not a day; write YYYY-MM-DD"
    if why:
        filled.wrong(path, "value", f"{quoted(text)} {why}")
    return "" if why else text


def dated(table: Table, f: Field, text: str) -> dict[str, str]:
    """A cell, and where it is a date with a precision that too, as in the CSV.

    A date as far as known: 2010-06 becomes 2010-06-01 and month.
    """
    precision = table.precision_of(f.name)
    if precision is None or f.type != "date":
        return {f.name: text}
    how = {4: "year", 7: "month", 10: "day"}.get(len(text)) if DAY.fullmatch(text) else None
    return {f.name: f"{text}-01-01"[:10] if how else text, precision: how or text}
