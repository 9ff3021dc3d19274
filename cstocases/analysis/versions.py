"""A version of the data as text: a folder, an export or a git revision, read by the little of its schema that every version has.

That is the names of the columns and the primary key. So data that are not valid, and data under an
older schema, can be compared.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from cstocases.errors import ComparisonError, Problem, SchemaFileError
from cstocases.parsing import csv_reader
from cstocases.parsing.parsed_table import text_frame
from cstocases.resolution.data import Data
from cstocases.schema import json_values
from cstocases.schema.model import Field, Table
from cstocases.schema.reader import default_home, package


class Sheet(NamedTuple):
    """A table of one version: its primary key, and its cells as text with the record's id as index, sorted by key."""

    key: list[str]
    cells: pd.DataFrame


def version(side: str | Path, home: str | Path | None = None) -> str:
    """The version of the dataset that a folder, an export or a git revision holds.

    Raises:
        ComparisonError: no such folder or revision.
    """
    with _unpacked(side, home) as (folder, address):
        return str(_described(folder, address)[0].get("version", ""))


def sheets(side: str | Path, home: str | Path | None, derived: bool) -> dict[str, Sheet]:
    """The tables of a folder, an export or a git revision, by name.

    Raises:
        ComparisonError: as `diff`.
    """
    with _unpacked(side, home) as (folder, address):
        _, tables = _described(folder, address)
        exported = (folder / "datapackage.json").is_file()
        if derived and not exported:
            raise ComparisonError(f"{side}: derived tables stand only in exports; this is none")
        computed = {name for name, table in package().all_tables.items() if table.derived} if exported else set()
        return {
            table.name: _sheet(folder, table, f"csv/{table.name}.csv" if exported else table.path, address)
            for table in tables
            if derived or table.name not in computed
        }


def sheets_of(data: Data, names: Iterable[str]) -> dict[str, Sheet]:
    """Some stored tables of data already read, by name."""
    return {name: _by_id(list(data.package.table(name).primary_key), data.parsed[name].texts) for name in names}


def _by_id(key: list[str], cells: pd.DataFrame) -> Sheet:
    ids = cells[key[0]].str.cat(cells[key[1:]], sep="/")
    return Sheet(key, cells.set_axis(pd.Index(ids.array)).sort_values(key, kind="stable"))


def _sheet(folder: Path, table: Table, path: str, address: str) -> Sheet:
    twice = sorted(name for name, n in Counter(table.names).items() if n > 1)
    if twice:
        message = f"columns stand twice in its schema: {', '.join(twice)}"
        raise ComparisonError(address + str(Problem(path, 1, "", "header", message)))
    raw, problems = csv_reader.file_bytes(folder, path)
    columns, lines, sound = dict[str, pa.Array](), list[int](), False
    if raw is not None:
        columns, lines, problems, sound = csv_reader.read(raw, table, path)
    if not sound:
        first = next(problem for problem in problems if problem.rule != "line-end")  # which does not stop the reading
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ComparisonError(f"{address}{first}{more}")
    key, cells = list(table.primary_key), text_frame(columns, pd.Index(lines))
    ids = cells[key[0]].str.cat(cells[key[1:]], sep="/")
    if ids.duplicated().any():
        line = ids.index[ids.duplicated()][0]
        other = ids.index[ids == ids[line]][0]
        message = f"{ids[line]!r} stands in line {other} already; records are told apart by {'/'.join(key)}"
        raise ComparisonError(address + str(Problem(path, int(line), "", "key", message)))
    return _by_id(key, cells)


def _described(folder: Path, address: str) -> tuple[dict[str, Any], list[Table]]:
    """What describes the dataset in a folder as a whole, and its tables; those computed from others only in an export."""
    path = "datapackage.json"
    try:
        if (folder / path).is_file():
            dataset = json_values.read(folder, path)
            return dataset, [_table(resource["name"], resource["schema"]) for resource in dataset["resources"]]
        path = "schema/dataset.json"
        dataset = json_values.read(folder, path)
        tables = []
        for name in (name for group in dataset["groups"] for name in group["tables"]):
            if not json_values.is_name(name):
                raise ValueError(name)
            path = f"schema/{name}.json"
            raw = json_values.read(folder, path)
            if not any("$ref" in field for field in raw["fields"]):
                tables.append(_table(name, raw))
        return dataset, tables
    except SchemaFileError as error:
        raise ComparisonError(f"{address}{error}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ComparisonError(f"{address}{path}: does not say which tables, columns and keys there are") from None


def _table(name: Any, raw: Mapping[str, Any]) -> Table:
    key = raw["primaryKey"]
    names = [field["name"] for field in raw["fields"]]
    parts = (key,) if isinstance(key, str) else tuple(key)
    # A name becomes part of a path, or of a line on a terminal.
    if not parts or not set(parts) <= set(names) or not all(map(json_values.is_name, [name, *names])):
        raise ValueError(name)
    return Table(name, "", "", tuple(Field(n, "string", "", "") for n in names), parts)


@contextmanager
def _unpacked(side: str | Path, home: str | Path | None) -> Iterator[tuple[Path, str]]:
    """A folder with the dataset that `side` names, and what stands before the paths in it when they are addressed."""
    folder = Path(side)
    if folder.is_dir():
        if not (folder / "datapackage.json").is_file() and not (folder / "schema").is_dir():
            raise ComparisonError(f"{side}: holds neither cases/ and schema/ nor csv/ and datapackage.json")
        yield folder, f"{folder.as_posix()}/"
        return
    with tempfile.TemporaryDirectory() as made:
        _unpack(str(side), Path(home) if home is not None else default_home(), Path(made))
        yield Path(made), f"{str(side).removeprefix('git:')}:"


def _unpack(name: str, home: Path, into: Path) -> None:
    """Put cases/ and schema/ of a git revision of `home` into a folder."""
    git = shutil.which("git")
    if git is None:
        raise ComparisonError(
            f"{name!r} is no folder, and git, which may know a version of that name, is not installed"
        )

    def ask(*words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([git, "-C", str(home), *words], capture_output=True, check=False)  # noqa: S603 - no shell

    wanted = name.removeprefix("git:")
    tried = [wanted, f"v{wanted}"]
    for revision in tried:
        commit = ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if commit.returncode == 0:
            break
    else:
        raise ComparisonError(f"{name!r} is no folder, and neither {' nor '.join(tried)} is a git revision of {home}")
    archive = ask("archive", "--format=zip", commit.stdout.decode().strip(), "cases", "schema")
    if archive.returncode != 0:
        raise ComparisonError(f"{name}: the git revision {revision} of {home} holds no cases/ and schema/")
    with zipfile.ZipFile(io.BytesIO(archive.stdout)) as packed:
        packed.extractall(into)
