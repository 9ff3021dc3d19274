"""What differs between two versions of the data, cell by cell; and the changes made again, or held against a changelog.

Both versions are read as text, by the little of their schema that every version has: the
names of the columns and the primary key. So data that are not valid, and data under an
older schema, can be compared.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from cstocases.errors import ComparisonError, Problem, SchemaFileError
from cstocases.parsing import csv_reader
from cstocases.resolution.readings import CELL
from cstocases.schema import json_values
from cstocases.schema.model import Field, Table
from cstocases.schema.reader import default_home, package

COLUMNS = ["case_id", *CELL, "change", "old", "new", "readings_changed"]
RECORD = ["table_name", "record_id"]
READING = [*CELL, "evidence_id", "reading"]
# Through which column, and which table it is a key of, a record belongs to a case.
LINKS = {"case_id": "cases", "request_id": "requests", "decision_id": "decisions"}


class Sheet(NamedTuple):
    """A table of one version: its primary key, and its cells as text with the record's id as index, sorted by key."""

    key: list[str]
    cells: pd.DataFrame


def diff(old: str | Path, new: str | Path, home: str | Path | None = None, *, derived: bool = False) -> pd.DataFrame:
    """Every cell that differs between two versions of the data, one row a cell; no rows if nothing does.

    `old` and `new` are each a folder with cases/ and schema/, a folder that `export` wrote
    with its CSV files, or a git revision of the checkout `home` (default: that of the
    shipped data); `0.1.0` finds the tag v0.1.0, and `git:NAME` is never a folder. With
    `derived`, which takes two exports, the derived tables are compared too.

    Columns: case_id (NA for a record of no case), table_name, record_id (primary key, its
    parts joined by /), field_name, change (changed, added, removed), old, new (as in the
    CSV, so a kind of missing is its token; NA where there is no cell), readings_changed
    (whether rows of `readings` for this cell came, went or differ). A record added or
    removed has one row per cell. A table added or removed, and one whose columns
    differ, has a row more, first, with record_id and field_name NA and in old and new the names of
    its columns, joined by commas. A table whose primary key differs is removed and added.
    Two copies of the shipped data (10,000 rows) take 0.7 seconds, most of it spent reading.

    Raises:
        ComparisonError: no such folder or revision; a file that cannot be read as rows; a key that stands twice.
    """
    before, after = _sheets(old, home, derived), _sheets(new, home, derived)
    parts = []
    for name in dict.fromkeys([*after, *before]):
        was, now = before.get(name), after.get(name)
        if was and now and was.key != now.key:
            parts += [_compared(name, was, None), _compared(name, None, now)]
        elif was is None or now is None or not was.cells.equals(now.cells):
            parts.append(_compared(name, was, now))
    nothing = pd.DataFrame(columns=[*CELL, "change", "old", "new"], dtype="string")
    out = pd.concat([nothing, *parts], ignore_index=True)
    for side in (_cases(before), _cases(after)):  # the newer word on whose record it is stands
        out = out.merge(side, on=RECORD, how="left", suffixes=("_before", ""))
    out["case_id"] = out["case_id"].fillna(out["case_id_before"])
    out = out.merge(_reread(before, after), on=CELL, how="left")
    out["readings_changed"] = out["readings_changed"].notna()
    return out[COLUMNS].astype(dict.fromkeys(COLUMNS[:-1], "string")).astype({"readings_changed": "boolean"})


def _compared(name: str, was: Sheet | None, now: Sheet | None) -> pd.DataFrame:
    """The rows of `diff` for one table, without case and readings: first that of its columns, then by record and field."""
    nothing = Sheet([], pd.DataFrame(dtype="string"))
    (key, new), (old_key, old) = now or nothing, was or nothing
    rows = [pd.DataFrame(columns=[*CELL, "change", "old", "new"], dtype="string")]
    if list(old.columns) != list(new.columns):
        change = "added" if was is None else "removed" if now is None else "changed"
        names = [",".join(sheet.cells.columns) if sheet else None for sheet in (was, now)]
        rows.append(pd.DataFrame([[name, None, None, change, *names]], columns=rows[0].columns))
    keys = pd.concat([new[key], old.loc[~old.index.isin(new.index), old_key]])
    order = keys.sort_values(key or old_key, kind="stable").index
    cells = []
    for place, column in enumerate(dict.fromkeys([*new.columns, *old.columns])):
        pair = pd.DataFrame(
            {"old": _column(old, column).reindex(order), "new": _column(new, column).reindex(order)}, dtype="string"
        )
        # Where one side has no cell the comparison is NA, which counts as a difference; where neither has, nothing is said.
        pair = pair[(pair["old"] != pair["new"]).fillna(True).to_numpy(bool)].dropna(how="all")
        cells.append(pair.rename_axis("record_id").reset_index().assign(field_name=column, place=place))
    if cells:
        found = pd.concat(cells, ignore_index=True)
        found["rank"] = order.get_indexer(found["record_id"])
        found = found.sort_values(["rank", "place"]).assign(table_name=name, change="changed")
        found.loc[found["old"].isna(), "change"] = "added"
        found.loc[found["new"].isna(), "change"] = "removed"
        rows.append(found[rows[0].columns])
    return pd.concat(rows, ignore_index=True)


def _column(cells: pd.DataFrame, name: str) -> pd.Series:
    return cells[name] if name in cells.columns else pd.Series(index=cells.index, dtype="string")


def _cases(sheets: Mapping[str, Sheet]) -> pd.DataFrame:
    """The case of every record that belongs to one. Columns: table_name, record_id, case_id."""
    owners: dict[str, pd.Series] = {}
    for name, (_, cells) in sheets.items():
        link = next((link for link in LINKS if link in cells.columns), None)
        if name == "cases":
            owners[name] = cells.index.to_series()
        elif link and LINKS[link] in owners:
            owners[name] = cells[link].map(owners[LINKS[link]]).dropna()
    parts = [
        pd.DataFrame({"table_name": name, "record_id": owner.index, "case_id": owner.to_numpy()}, dtype="string")
        for name, owner in owners.items()
    ]
    return pd.concat(parts) if parts else pd.DataFrame(columns=[*RECORD, "case_id"], dtype="string")


def _reread(before: Mapping[str, Sheet], after: Mapping[str, Sheet]) -> pd.DataFrame:
    """The cells whose readings differ. Columns: table_name, record_id, field_name, readings_changed (true)."""
    sides = []
    for sheets in (before, after):
        cells = sheets["readings"].cells if "readings" in sheets else pd.DataFrame()
        known = set(READING) <= set(cells.columns)
        sides.append(cells[READING] if known else pd.DataFrame(columns=READING, dtype="string"))
    both = sides[0].drop_duplicates().merge(sides[1].drop_duplicates(), how="outer", indicator=True)
    return both.loc[both["_merge"] != "both", CELL].drop_duplicates().assign(readings_changed=True)


def apply(
    changes: pd.DataFrame, old: str | Path, home: str | Path | None = None, *, derived: bool = False
) -> dict[str, pd.DataFrame]:
    """The tables of `old` with the changes of a `diff` made, by name: `apply(diff(a, b), a)` is the tables of b.

    Each is a frame of texts as in the CSV, dtype string, rows by primary key. `old`, `home` and
    `derived` as in `diff`.

    Raises:
        ComparisonError: as `diff`; or a cell of `old` is not what a change says it was.
    """
    changes = changes.astype(dict.fromkeys([*CELL, "change", "old", "new"], "string"))
    sheets = _sheets(old, home, derived)
    unknown = [name for name in changes["table_name"].unique() if name not in sheets]
    sheets |= {name: Sheet([], pd.DataFrame(dtype="string")) for name in unknown}
    out = {}
    for name, sheet in sheets.items():
        mine = changes[changes["table_name"] == name]
        if mine.empty:
            out[name] = sheet.cells.reset_index(drop=True)
            continue
        heads, cells = mine[mine["record_id"].isna()], mine[mine["record_id"].notna()]
        _fits(sheet.cells, heads, cells, f"{old}: {name}")
        if "removed" in set(heads["change"]):
            sheet, cells = Sheet([], pd.DataFrame(dtype="string")), cells[cells["change"] == "added"]
        columns = next((names.split(",") for names in heads["new"].dropna()), list(sheet.cells.columns))
        if columns:
            out[name] = _edited(sheet, cells, columns)
    return out


def _edited(sheet: Sheet, cells: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The cells of a table after the changes."""
    gone = cells.loc[(cells["change"] == "removed") & cells["field_name"].isin(sheet.key), "record_id"]
    kept = sheet.cells.drop(index=gone).reindex(columns=columns).astype("string")
    given = cells[cells["new"].notna()]
    # A table that is new comes in the order of its key, which is not otherwise known.
    order = pd.Index(given["record_id"].unique())
    values = given.pivot(index="record_id", columns="field_name", values="new").reindex(index=order, columns=columns)
    made = (
        values.astype("string").combine_first(kept).reindex(index=kept.index.union(order, sort=False), columns=columns)
    )
    made = made.sort_values(sheet.key, kind="stable") if sheet.key else made
    return made.reset_index(drop=True).astype("string")


def _fits(there: pd.DataFrame, heads: pd.DataFrame, cells: pd.DataFrame, where: str) -> None:
    """Stop at the first change whose old value is not the one there."""
    columns = ",".join(there.columns)
    if heads["old"].notna().any() and heads["old"].dropna().iloc[0] != columns:
        raise ComparisonError(f"{where}: has the columns {columns}; the changes are not of these data")
    if len(heads) and heads["old"].isna().all() and columns:
        raise ComparisonError(f"{where}: is there already; the changes are not of these data")
    row, column = there.index.get_indexer(cells["record_id"]), there.columns.get_indexer(cells["field_name"])
    found = pd.Series(pd.NA, index=cells.index, dtype="string")
    known = (row >= 0) & (column >= 0)
    if known.any():
        found[known] = there.to_numpy(object)[row[known], column[known]]
    # Records of a table whose key changed are there and gone before they are added.
    expected = cells["old"].where(~(cells["change"] == "added") | ("removed" not in set(heads["change"])), found)
    wrong = ~((found == expected).fillna(False) | (found.isna() & expected.isna()))
    if wrong.any():
        at = wrong.idxmax()
        cell, was, said = cells.loc[at], found[at], expected[at]
        raise ComparisonError(
            f"{where} {cell['record_id']} {cell['field_name']}: {'is not there' if pd.isna(was) else f'is {was!r}'}, "
            f"{'should not be there' if pd.isna(said) else f'should be {said!r}'}; the changes are not of these data"
        )


def folded(changes: pd.DataFrame) -> pd.DataFrame:
    """The rows of a `diff` as a person counts them: a record, a column or a table added or removed is one row.

    Columns: those of `diff`. record_id and field_name are NA for a table, record_id for a column,
    field_name for a record; a table with both NA and the change `changed` has its columns in another order.
    """
    changes = changes.reset_index(drop=True).assign(at=range(len(changes)))
    whole = changes["record_id"].isna()
    columns = _columns(changes[whole])
    tables = changes[whole & ((changes["change"] != "changed") | ~changes["table_name"].isin(columns["table_name"]))]
    # Cells added with their column are the column's, and all of a new table are columns of its own.
    cells = changes[~whole & changes["record_id"].notna()].merge(
        columns[["table_name", "field_name", "change"]].assign(of_column=True), how="left"
    )
    cells = cells[cells["of_column"].isna()].drop(columns="of_column")
    records = cells[cells["change"] != "changed"]
    read = records.groupby([*RECORD, "change"])["readings_changed"].any()
    records = records.drop_duplicates([*RECORD, "change"]).drop(columns="readings_changed")
    records = records.join(read, on=[*RECORD, "change"]).assign(field_name=pd.NA, old=pd.NA, new=pd.NA)
    columns = columns[~columns["table_name"].isin(tables["table_name"])]
    out = pd.concat([tables.assign(old=pd.NA, new=pd.NA), columns, records, cells[cells["change"] == "changed"]])
    out = out.sort_values("at", kind="stable")[COLUMNS].reset_index(drop=True)
    return out.astype(dict.fromkeys(COLUMNS[:-1], "string")).astype({"readings_changed": "boolean"})


def _columns(heads: pd.DataFrame) -> pd.DataFrame:
    """The columns that came and went, from the rows of `diff` that speak to a table as a whole."""
    rows = []
    for head in heads.itertuples():
        was, now = ([] if pd.isna(names) else names.split(",") for names in (head.old, head.new))
        came = [(name, "added") for name in now if name not in was]
        rows += [(head.table_name, *c, head.at) for c in [*came, *((n, "removed") for n in was if n not in now)]]
    out = pd.DataFrame(rows, columns=["table_name", "field_name", "change", "at"])
    return out.assign(case_id=pd.NA, record_id=pd.NA, old=pd.NA, new=pd.NA, readings_changed=False)


def unannounced(
    changes: pd.DataFrame, changelog: str, since: str | None = None, home: str | Path | None = None
) -> pd.DataFrame:
    """The changes of a `diff` that the changelog does not announce, one row each as in `folded`.

    `changelog` is its text. What counts are the entries under `### Data` of its newest
    section, none if that is the section of the version `since`, against which the changes are.
    An entry is one item of the list, and must itself name, as whole words:

    - for a changed cell of a table of the comparison the case or the record, and the variable as `table.field`,
      or as `field` in backticks;
    - for a record added or removed there the record, or the case and the table;
    - for a column the table and the column; for a table the table;
    - for evidence and reference tables the table, or the record, or `table.field`.

    Columns: those of `diff`.
    """
    lines = folded(changes)
    groups = package(home).metadata["groups"]
    loose = {name for group in groups[1:] for name in group["tables"]}
    entries = [(_words(entry), _words(*re.findall(r"`([^`]+)`", entry))) for entry in _entries(changelog, since)]
    plain = lines.astype(object).where(lines.notna(), None)
    said = [any(_announces(*entry, line, line.table_name in loose) for entry in entries) for line in plain.itertuples()]
    return lines[[not one for one in said]].reset_index(drop=True)


def read_changelog(path: Path) -> str:
    """The text of a changelog; it may come through a pipe.

    Raises:
        ComparisonError: it cannot be read, or is too large for one.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(json_values.MAX_BYTES + 1)
    except OSError as error:
        raise ComparisonError(f"{path}: {error.strerror}") from None
    if len(raw) > json_values.MAX_BYTES:
        raise ComparisonError(f"{path}: is larger than {json_values.MAX_BYTES // 2**20} MiB; a changelog is not")
    return raw.decode("utf-8", "replace")


def _announces(words: set[str], code: set[str], line: Any, loose: bool) -> bool:
    """Whether an entry with these words, and those in backticks, names what a line of `folded` says."""
    table = line.table_name in words
    record = line.record_id in words
    column = f"{line.table_name}.{line.field_name}" in words
    variable = column or line.field_name in code
    if loose or (line.record_id is None and line.field_name is None):
        return table or column or record
    if line.record_id is None:
        return column or (table and variable)
    if line.field_name is None:
        return record or (line.case_id in words and table)
    return (record or line.case_id in words) and variable


def _entries(changelog: str, since: str | None) -> list[str]:
    """The items of the list under `### Data` in the newest section, if that is newer than `since`."""
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)
    newest = sections[1] if len(sections) > 1 else ""
    if since is not None and since in _words(newest.partition("\n")[0]):
        return []
    part = re.search(r"^### Data\s*\n(.*?)(?=^### |\Z)", newest, re.MULTILINE | re.DOTALL)
    return re.split(r"^[-*] ", part[1], flags=re.MULTILINE)[1:] if part else []


def _words(*texts: str) -> set[str]:
    """Words, among them ids and `table.field`.

    >>> sorted(_words("- kgz-2010: `requests.date` is 12 June."))
    ['12', 'June', 'is', 'kgz-2010', 'requests.date']
    """
    return {word for text in texts for word in re.findall(r"\w+(?:[-.]\w+)*", text)}


def version(side: str | Path, home: str | Path | None = None) -> str:
    """The version of the dataset that a folder, an export or a git revision holds.

    Raises:
        ComparisonError: no such folder or revision.
    """
    with _unpacked(side, home) as (folder, address):
        return str(_described(folder, address)[0].get("version", ""))


def _sheets(side: str | Path, home: str | Path | None, derived: bool) -> dict[str, Sheet]:
    """The tables of a folder, an export or a git revision, by name."""
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


def _sheet(folder: Path, table: Table, path: str, address: str) -> Sheet:
    twice = sorted(name for name, n in Counter(table.names).items() if n > 1)
    if twice:
        message = f"columns stand twice in its schema: {', '.join(twice)}"
        raise ComparisonError(address + str(Problem(path, 1, "", "header", message)))
    cells, problems, sound = csv_reader.read(folder, table, path)
    if not sound:
        first = next(
            problem for problem in problems if problem.rule != "line-end"
        )  # those alone do not stop the reading
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ComparisonError(f"{address}{first}{more}")
    key = list(table.primary_key)
    ids = cells[key[0]].str.cat(cells[key[1:]], sep="/")
    if ids.duplicated().any():
        line = ids.index[ids.duplicated()][0]
        other = ids.index[ids == ids[line]][0]
        message = f"{ids[line]!r} stands in line {other} already; records are told apart by {'/'.join(key)}"
        raise ComparisonError(address + str(Problem(path, int(line), "", "key", message)))
    return Sheet(key, cells.set_axis(pd.Index(ids.array)).sort_values(key, kind="stable"))


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
