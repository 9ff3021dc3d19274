"""What differs between two versions of the data, cell by cell; and the changes made again, or held against a changelog."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cstocases.analysis.versions import Sheet, sheets
from cstocases.errors import ComparisonError
from cstocases.resolution.readings import CELL
from cstocases.schema import json_values
from cstocases.schema.reader import package

COLUMNS = ["case_id", *CELL, "change", "old", "new", "readings_changed"]
DTYPES = dict.fromkeys(COLUMNS, "string") | {"readings_changed": "boolean"}
RECORD = ["table_name", "record_id"]
READING = [*CELL, "evidence_id", "reading"]
# Through which column, and which table it is a key of, a record belongs to a case.
LINKS = {"case_id": "cases", "request_id": "requests", "decision_id": "decisions", "ask_id": "asks"}


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
    return differing(sheets(old, home, derived), sheets(new, home, derived))


def differing(before: Mapping[str, Sheet], after: Mapping[str, Sheet]) -> pd.DataFrame:
    """What `diff` gives, of tables already read."""
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
    return out[COLUMNS].astype(DTYPES)


def _compared(name: str, was: Sheet | None, now: Sheet | None) -> pd.DataFrame:
    """The rows of `diff` for one table, without case and readings: first that of its columns, then by record and field."""
    nothing = Sheet([], pd.DataFrame(dtype="string"))
    (key, new), (old_key, old) = now or nothing, was or nothing
    keys = pd.concat([new[key], old.loc[~old.index.isin(new.index), old_key]])
    order = keys.sort_values(key or old_key, kind="stable").index
    columns = list(dict.fromkeys([*new.columns, *old.columns]))
    before, after = (
        side.reindex(index=order, columns=columns).astype(object).to_numpy(na_value=None) for side in (old, new)
    )
    record, column = np.nonzero(before != after)
    texts = before[record, column], after[record, column]
    change = ["added" if x is None else "removed" if y is None else "changed" for x, y in zip(*texts, strict=True)]
    cells = [[name] * len(record), order[record], [columns[place] for place in column], change, *texts]
    heads = []
    if list(old.columns) != list(new.columns):
        change_of_table = "added" if was is None else "removed" if now is None else "changed"
        names = [",".join(sheet.cells.columns) if sheet else None for sheet in (was, now)]
        heads = [[name, None, None, change_of_table, *names]]
    return pd.DataFrame([*heads, *zip(*cells, strict=True)], columns=[*CELL, "change", "old", "new"], dtype="string")


def _cases(side: Mapping[str, Sheet]) -> pd.DataFrame:
    """The case of every record that belongs to one. Columns: table_name, record_id, case_id."""
    owners: dict[str, pd.Series] = {}
    for name, (_, cells) in side.items():
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
    for side in (before, after):
        cells = side["readings"].cells if "readings" in side else pd.DataFrame()
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
    changes = changes.astype(object).where(changes.notna(), None)
    there = sheets(old, home, derived)
    new = [name for name in changes["table_name"].unique() if name not in there]
    there |= {name: Sheet([], pd.DataFrame(dtype="string")) for name in new}
    out = {}
    for name, sheet in there.items():
        mine = changes[changes["table_name"] == name]
        made = _edited(sheet, mine, f"{old}: {name}") if len(mine) else sheet.cells
        if len(made.columns):
            out[name] = made.reset_index(drop=True)
    return out


def _edited(sheet: Sheet, changes: pd.DataFrame, where: str) -> pd.DataFrame:
    """The cells of a table after the changes; stops at the first whose old value is not the one there."""
    columns, key = list(sheet.cells.columns), sheet.key
    cells: dict[str, dict[str, str]] = dict(zip(sheet.cells.index, sheet.cells.to_dict("records"), strict=True))
    for _, record, field, change, old, new in changes[[*CELL, "change", "old", "new"]].itertuples(index=False):
        if record is None:
            if (old or "") != ",".join(columns):
                said = f"has the columns {','.join(columns)}" if old else "is there already"
                raise ComparisonError(f"{where}: {said}; the changes are not of these data")
            columns, key = new.split(",") if new else [], key if change == "changed" else []
            continue
        row = cells.setdefault(record, {})
        if row.get(field) != old:
            is_ = f"is {row[field]!r}" if field in row else "is not there"
            should = "should not be there" if old is None else f"should be {old!r}"
            raise ComparisonError(f"{where} {record} {field}: {is_}, {should}; the changes are not of these data")
        if new is None:
            del row[field]
        else:
            row[field] = new
    made = pd.DataFrame([row for row in cells.values() if row], columns=columns, dtype="string")
    # A table that is new comes in the order of its key, which is not otherwise known.
    return made.sort_values(key, kind="stable") if key else made


def folded(changes: pd.DataFrame) -> pd.DataFrame:
    """The rows of a `diff` as a person counts them: a record, a column or a table added or removed is one row.

    Columns: those of `diff`. record_id and field_name are NA for a table, record_id for a column,
    field_name for a record; a table with both NA and the change `changed` has its columns in another order.
    """
    rows: dict[tuple[Any, ...], list[Any]] = {}
    changes = changes.astype(object).where(changes.notna(), None)[COLUMNS]
    heads = changes[changes["record_id"].isna()]
    whole = set(heads.loc[heads["change"] != "changed", "table_name"])
    of_columns = {(head.table_name, *column) for head in heads.itertuples() for column in _columns(head.old, head.new)}
    for case, table, record, field, change, old, new, read in changes.itertuples(index=False, name=None):
        if record is None and table not in whole and (columns := _columns(old, new)):
            for name, came in columns:
                rows[table, name, came] = [None, table, None, name, came, None, None, False]
        elif record is None:
            rows[table, change] = [case, table, None, None, change, None, None, read]
        elif change == "changed":
            rows[table, record, field, change] = [case, table, record, field, change, old, new, read]
        elif (table, field, change) not in of_columns:  # cells that came with a column or a table are told with it
            row = rows.setdefault((table, record, None, change), [case, table, record, None, change, None, None, read])
            row[-1] = row[-1] or read
    return pd.DataFrame(rows.values(), columns=COLUMNS).astype(DTYPES)


def _columns(old: str | None, new: str | None) -> list[tuple[str, str]]:
    """The columns that came and went, each with the change, from the names of a table's columns before and after."""
    was, now = (names.split(",") if names else [] for names in (old, new))
    return [(n, "added") for n in now if n not in was] + [(n, "removed") for n in was if n not in now]


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
