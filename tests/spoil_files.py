"""What becomes of files of the data and of the schema."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

from helpers import csv_path
from planting import Planter, join, split, whole


def text(lines: list[str]) -> str:
    """Lines as the text of a file."""
    return "\n".join([*lines, ""])


def columns(change: Callable[[list[str], int, int], list[str]], name: str = "") -> Planter:
    """Columns of a file changed, header and rows alike; a new one may have a name."""

    def make(lines: list[str], rng: random.Random) -> str:
        rows = [split(row) for row in lines]
        i, j = rng.sample(range(len(rows[0])), 2)
        new = [change(row, i, j) for row in rows]
        new[0] = [name if name and k == i else cell for k, cell in enumerate(new[0])]
        return text([join(row) for row in new])

    return whole(make, 1)


def header(change: Callable[[str], str]) -> Planter:
    """The name of one column changed."""

    def make(lines: list[str], rng: random.Random) -> str:
        names = split(lines[0])
        at = rng.randrange(len(names))
        return text([join([*names[:at], change(names[at]), *names[at + 1 :]]), *lines[1:]])

    return whole(make, 1)


def without(row: list[str], rng: random.Random) -> list[str]:
    """A row that has lost a cell."""
    at = rng.randrange(len(row))
    return row[:at] + row[at + 1 :]


def two(lines: list[str], rng: random.Random) -> list[str]:
    """Lines of which two rows changed places."""
    i, j = rng.sample(range(1, len(lines)), 2)
    return [lines[{i: j, j: i}.get(k, k)] for k in range(len(lines))]


def file(change: Callable[[Path], object], *names: str) -> Planter:
    """A file itself changed; these must be named, {} being its table."""

    def plant(home: Path, table: str, _: random.Random) -> list[tuple[str, int]]:
        change(csv_path(home, table))
        return [(f"cases/{name.format(table)}", 0) for name in names or ("{}.csv",)]

    return plant


def schema(change: Callable[[str, random.Random], str] | None, copy: bool = False) -> Planter:
    """A file of the schema changed, lost (no change), or copied."""

    def plant(home: Path, _: str, rng: random.Random) -> list[tuple[str, int]] | None:
        path = rng.choice(sorted((home / "schema").iterdir()))
        place = path.with_stem(f"{path.stem} (1)") if copy else path
        if change is None:
            path.unlink()
        else:
            try:
                place.write_text(change(path.read_text("utf-8"), rng), encoding="utf-8", errors="surrogateescape")
            except LookupError:
                return None
        return [(f"schema/{place.name}", 0)]

    return plant


def field_twice(text_: str, rng: random.Random) -> str:
    """A field of a schema written a second time."""
    raw = json.loads(text_)
    return json.dumps({**raw, "fields": [*raw["fields"], rng.choice(raw["fields"])]})
