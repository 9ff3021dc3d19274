"""A filled TOML sheet: its texts, everything that is wrong with it by line, and the rows that it adds while they are made."""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from cstocases.errors import Problem, cut, quoted
from cstocases.people.proposal import Row
from cstocases.people.shapes import tomorrow
from cstocases.people.stubs import hint
from cstocases.people.toml_lines import Path, lines_of, read_toml
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, cut_date
from cstocases.schema.model import Field, Package, Table
from cstocases.validation.fit import unfit

Address = tuple[str, str, str]  # table, record, field
MAX_WORDS = 2_000  # characters of a text
PAST = ("accessed", "published", "said_date", "searched")  # days that cannot be still to come
DAY = re.compile("[0-9]{4}(-[0-9]{2}){0,2}")
FEW = 30  # names that a message still lists


@dataclass
class Draft:
    """A filled sheet and the rows that it adds. The other parts grow while it is understood."""

    data: Data
    name: str
    value: dict[str, Any]  # what tomllib reads
    places: Mapping[Path, int]  # the line of each key
    problems: list[Problem] = field(default_factory=list)
    meant: set[Path] = field(default_factory=set)  # keys that stand under a name that is nearly theirs
    rows: dict[str, list[Row]] = field(default_factory=dict)
    lines: dict[Address, int] = field(default_factory=dict)  # behind each cell, with the field "" for a row
    offered: list[tuple[Path, str]] = field(default_factory=list)  # sources that the data have, and their citekeys
    doubtful: set[Address] = field(default_factory=set)  # cells of which something was said that cannot be used

    @property
    def package(self) -> Package:
        """The schema."""
        return self.data.package

    def line(self, path: Path) -> int:
        """The line of a key, or of the block it should be in; 1 for the file."""
        return next((self.places[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.places), 1)

    def wrong(self, path: Path, rule: str, message: str) -> None:
        """Note a problem at a key."""
        column = ".".join(str(part) for part in path if isinstance(part, str))
        self.problems.append(Problem(self.name, self.line(path), column, rule, cut(message)))

    def at(self, path: Path) -> Any:
        """What stands under a key; None if nothing does."""
        value: Any = self.value
        for part in path:
            value = value.get(part) if isinstance(value, dict) else value[part]
        return value

    def blocks(self, path: Path, many: bool) -> list[Path]:
        """The paths of the tables under a key; none if it is not there, or stands there in another form."""
        value, name = self.at(path), path[-1]
        if value is None:
            return []
        if many and isinstance(value, list) and all(isinstance(one, dict) for one in value):
            return [(*path, n) for n in range(len(value))]
        if not many and isinstance(value, dict):
            return [path]
        self.wrong(path, "form", f"write {f'[[{name}]]' if many else f'[{name}]'} on a line, and its keys below it")
        return []

    def only(self, path: Path, known: Collection[str]) -> None:
        """Note the keys of a block that a sheet does not have."""
        for key in self.at(path):
            if key not in known:
                self.wrong((*path, key), "unknown-key", near("key", key, known))
                self.meant |= {(*path, one) for one in difflib.get_close_matches(key, known, n=1, cutoff=0.5)}

    def text(self, *path: str | int) -> str:
        """The text of a key, "" where it is not given or is none that the data can hold.

        A number, a date, true and false may stand without quotes.
        """
        value = self.at(path)
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int) or (isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)):
            return str(value)
        if not isinstance(value, str):
            self.wrong(path, "form", f'{quoted(str(value))} must be a text; write {path[-1]} = "..."')
            return ""
        unseen = next((c for c in value if unicodedata.category(c) == "Cc"), None)
        if unseen:
            what = "a line break" if unseen in "\r\n" else f"the control character U+{ord(unseen):04X}"
            self.wrong(path, "text", f"holds {what}; write it without")
        if len(value) > MAX_WORDS:
            self.wrong(path, "text", f"has {len(value):,} characters; {MAX_WORDS:,} are the most")
        return value if unseen is None and len(value) <= MAX_WORDS else ""

    def cell(self, path: Path, table: Table, f: Field, text: str) -> str:
        """A text of a sheet as in the CSV, dates left as far as known: (unknown) becomes its token. "" if it is no value, which is noted."""
        tokens = [token for token in self.package.missing if token]
        if text in tokens:
            self.wrong(path, "value", f"a missing value is written ({text}) here, in round brackets")
            return ""
        if text.startswith("(") and text.endswith(")") and text[1:-1] in tokens:
            return text[1:-1]
        why = unfit(f, pd.Series([text], dtype="string")).get(0, "") if text else ""
        if text and not why and f.type == "date":
            if len(text) < len("2010-06-12") and table.precision_of(f.name) is None:
                why = "is not a day; write YYYY-MM-DD"
            elif f.name in PAST and text > tomorrow()[: len(text)]:
                why = "is in the future"
        if why:
            how = f"; write {hint(table, f)}" if f.pattern and hint(table, f) else ""
            self.wrong(path, "value", f"{quoted(text)} {why}{how}")
        return "" if why else text

    def add(self, table: str, row: Row, path: Path, paths: Mapping[str, Path] | None = None) -> None:
        """Add a row that the block at `path` makes; `paths` are the keys behind its fields, if not those of their names."""
        key = "/".join(row[part] for part in self.package.table(table).primary_key)
        self.rows.setdefault(table, []).append({name: row[name] for name in self.package.table(table).names})
        self.lines[table, key, ""] = self.line(path)
        for name in row:
            stem = name.removesuffix("_precision")
            self.lines[table, key, name] = self.line((paths or {}).get(stem, (*path, stem)))

    @cached_property
    def evidence(self) -> dict[tuple[str, str], str]:
        """The id of each statement by citekey and words; it grows."""
        texts = self.data.parsed["evidence"].texts
        keys = zip(texts["citekey"].tolist(), texts["statement"].tolist(), strict=True)
        return dict(zip(keys, texts["evidence_id"].tolist(), strict=True))

    @cached_property
    def read(self) -> dict[tuple[str, str, str, str], str]:
        """The reading of each cell by each statement; it grows."""
        texts = self.data.parsed["readings"].texts
        keys = zip(*(texts[name].tolist() for name in (*CELL, "evidence_id")), strict=True)
        return dict(zip(keys, texts["reading"].tolist(), strict=True))

    def readings_of(self, cell: Address) -> set[str]:
        """The different readings of a cell, those of the draft among them."""
        return {reading for (*place, _), reading in self.read.items() if tuple(place) == cell}

    def free(self, table: str, prefix: str) -> str:
        """The next id of a table after the highest with this prefix; ids that were merged stay taken."""
        taken = [row[self.package.table(table).primary_key[0]] for row in self.rows.get(table, [])]
        taken += self.data.parsed[table].texts[self.package.table(table).primary_key[0]].tolist()
        taken += self.data.merged
        found = (re.fullmatch(f"{re.escape(prefix)}([0-9]+)", one) for one in taken)
        return f"{prefix}{max((int(one[1]) for one in found if one), default=0) + 1:03d}"


def read(data: Data, text: str, name: str) -> Draft:
    """A TOML sheet as read.

    Raises:
        ReturnError: it is no TOML.
    """
    return Draft(data, name, read_toml(text, name), lines_of(text))


def near(kind: str, name: str, known: Iterable[str]) -> str:
    """That there is no such name, and which are like it.

    >>> near("key", "wrods", ["words", "case"])
    "no key named 'wrods'; did you mean words?"
    """
    names = list(known)
    like = " or ".join(difflib.get_close_matches(name, names, n=3, cutoff=0.5))
    few = f"; there are {', '.join(names)}" if 0 < len(names) <= FEW else ""
    return f"no {kind} named {quoted(name)}" + (f"; did you mean {like}?" if like else few)


def dated(table: Table, f: Field, text: str) -> dict[str, str]:
    """A cell, and where it is a date with a precision that too, as in the CSV.

    A date as far as known: 2010-06 becomes 2010-06-01 and month.
    """
    precision = table.precision_of(f.name)
    if precision is None or f.type != "date":
        return {f.name: text}
    how = {4: "year", 7: "month", 10: "day"}.get(len(text)) if DAY.fullmatch(text) else None
    return {f.name: f"{text}-01-01"[:10] if how else text, precision: how or text}


def today() -> str:
    """The day, as in the CSV."""
    return datetime.date.today().isoformat()


def line_of(data: Data, table: str, record: str) -> int | None:
    """The line of a record in its table; None if there is no such record."""
    ids = data.parsed[table].texts[data.package.table(table).primary_key[0]]
    found = ids.index[ids == record]
    return int(found[0]) if len(found) else None


def present(data: Data, table: str, record: str, field_name: str) -> str:
    """The value a cell has now, as a sheet writes it: a date as far as known, a missing-value code in round brackets."""
    texts = data.parsed[table].texts
    row = texts.loc[line_of(data, table, record)]
    precision = data.package.table(table).precision_of(field_name)
    text = str(cut_date(row[field_name], row[precision] if precision else None))
    return f"({text})" if text and text in data.package.missing else text
