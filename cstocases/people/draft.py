"""The rows that a filled sheet adds, while they are made, and the lines they come from."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from cstocases.people.filled import Filled
from cstocases.people.toml_lines import Path
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, cut_date
from cstocases.schema.model import Package

Row = dict[str, str]
Address = tuple[str, str, str]  # table, record, field
STEM = re.compile(r"(.+?)-([0-9]{4}|nd)-")  # of a citekey
LONG = 16  # letters of the name of a publisher that a citekey still takes whole
SMALL = {"about", "after", "amid", "and", "before", "csto", "for", "from", "have", "into", "over", "says", "that", "the", "their", "this", "will", "with"}  # fmt: skip


@dataclass
class Draft:
    """The rows that a sheet adds. `lines` has the line behind each cell, with the field "" for a row."""

    data: Data
    filled: Filled
    rows: dict[str, list[Row]] = field(default_factory=dict)
    lines: dict[Address, int] = field(default_factory=dict)
    offered: list[tuple[Path, str]] = field(
        default_factory=list
    )  # blocks of sources that the data have, and their citekeys
    doubtful: set[Address] = field(default_factory=set)  # cells of which something was said that cannot be used

    @property
    def package(self) -> Package:
        """The schema."""
        return self.data.package

    def add(self, table: str, row: Row, path: Path, paths: Mapping[str, Path] | None = None) -> None:
        """Add a row that the block at `path` makes; `paths` are the keys behind its fields, if not those of their names."""
        key = "/".join(row[part] for part in self.package.table(table).primary_key)
        self.rows.setdefault(table, []).append({name: row[name] for name in self.package.table(table).names})
        self.lines[table, key, ""] = self.filled.line(path)
        for name in row:
            stem = name.removesuffix("_precision")
            self.lines[table, key, name] = self.filled.line((paths or {}).get(stem, (*path, stem)))

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


def slug(text: str) -> str:
    """A text as words of an id: Latin letters without marks and digits, joined by hyphens; "" if it has none.

    >>> slug("Radio Free Europe/Radio Liberty: Kyrgyz-Tadžik")
    'radio-free-europe-radio-liberty-kyrgyz-tadzik'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def citekey(draft: Draft, row: Row) -> str:
    """A citekey for a source: author, or publisher as the other sources have it, year, and words of the title. It is not yet taken."""
    sources = draft.data.parsed["sources"].texts
    year = row["published"][:4] if row["published"] not in draft.package.missing else "nd"
    title = [word for word in slug(row["title"]).split("-") if len(word) > 3 and word not in SMALL]
    stem = _stem(draft, sources, row)
    words = [word for word in title if word != stem][:2] or ["page"]
    made = "-".join([stem, year, *words])
    taken = {*sources["citekey"], *(one["citekey"] for one in draft.rows.get("sources", []))}
    return next(one for one in (made, *(f"{made}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)


def _stem(draft: Draft, sources: pd.DataFrame, row: Row) -> str:
    if row["author"] not in draft.package.missing:
        surname = slug(row["author"].partition(";")[0]).rpartition("-")[2]
        if surname:
            return surname
    others = sources.loc[(sources["publisher"] == row["publisher"]) & sources["author"].isin(draft.package.missing)]
    stems = Counter(match[1] for key in others["citekey"] if (match := STEM.match(key)))
    if stems:
        return stems.most_common(1)[0][0]
    host = re.sub(r"^https?://(www\.)?|[/:].*$", "", row["url"]).rpartition(".")[0].rpartition(".")[2]
    name = slug(re.sub(r"\.[a-z]+$", "", row["publisher"].casefold())).replace("-", "")
    return (name if 0 < len(name) <= LONG else slug(host)) or name or "source"
