"""What a change of a value brings with it: the precision of a date, the verdict on coders who differ, a line for the changelog."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from cstocases.markup import plain
from cstocases.people.cells import change as cells_of
from cstocases.people.draft import Address, Draft
from cstocases.people.proposal import Cell, Row
from cstocases.people.toml_lines import Path
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL
from cstocases.validation.coding import as_coded, same_coder


class Change(NamedTuple):
    """A cell, what it is now and what it shall be, as sheets write values, and the block that says so."""

    path: Path
    cell: Address
    was: str
    now: str


def changed(draft: Draft, change: Change) -> list[Cell]:
    """The cells that a change changes: the one, and the precision of its date."""
    name, record, field_name = change.cell
    both = (field_name, draft.package.table(name).precision_of(field_name))
    line = draft.line((*change.path, "now"))
    draft.lines |= {(name, record, column): line for column in both if column}
    return cells_of(draft.data, change.cell, change.now)


def verdict_of_change(draft: Draft, change: Change, reason: str) -> list[Cell]:
    """The verdict on coders who do not say the new value: a row of the draft, or the cells that change in the one that is there.

    What the coder who corrects coded is left for somebody else to judge.
    """
    if change.cell[2] not in [f.name for f in draft.package.table(change.cell[0]).evidenced]:
        return []
    rows, cells = verdict(draft.data, change.cell, "corrected", reason, draft.text("by"))
    at = {"verdict_reason": ("reason",), "judge": ("by",)}
    for row in rows:
        values = pd.Series([change.now, *row["values_judged"].split("; ")], dtype="string")
        if as_coded(values).nunique() > 1:
            draft.add("adjudications", row, change.path, dict.fromkeys(row, change.path) | at)
    draft.lines |= {cell[:3]: draft.line(at.get(cell.field, change.path)) for cell in cells}
    return cells


def verdict(data: Data, cell: Address, told: str, reason: str, judge: str) -> tuple[list[Row], list[Cell]]:
    """A verdict on what others than the judge coded: the row to add, or the cells that change in the row that is there."""
    others = values_given(data, cell) - values_given(data, cell, judge)
    if not others:
        return [], []
    new = {"values_judged": "; ".join(sorted(others)), "verdict": told, "verdict_reason": reason, "judge": judge}
    texts, key = data.parsed["adjudications"].texts, "/".join(cell)
    for old in texts[(texts[CELL] == list(cell)).all(axis=1)].to_dict("records"):
        return [], [Cell("adjudications", key, name, old[name], to) for name, to in new.items() if old[name] != to]
    return [dict(zip(CELL, cell, strict=True)) | new], []


def values_given(data: Data, cell: Address, by: str = "") -> set[str]:
    """What coders gave for a cell; with `by` what one of them did, in whichever pass."""
    texts, known = data.parsed["codings"].texts, data.parsed["coders"].texts["coder"].tolist()
    given = texts.loc[(texts[CELL] == list(cell)).all(axis=1), ["coder", "coded_value"]]
    return {value for coder, value in given.itertuples(index=False) if not by or same_coder(coder, by, known)}


def entry(draft: Draft, made: list[Change], cells: list[Cell], reason: str) -> str:
    """An item for the changelog that names every cell that changed and every table with new rows."""
    said = []
    for _, (table, record, field_name), was, now in made:
        precision = f"{field_name}_precision"
        both = f" (with `{precision}`)" if (table, record, precision) in [cell[:3] for cell in cells] else ""
        said.append(f"{table} {record}: `{field_name}`{both} is {plain(now)}, was {plain(was) or 'empty'}.")
    if not made:
        rows = draft.rows.get("readings", [])
        read = {(row["table_name"], row["record_id"], row["field_name"]): row["reading"] for row in rows}
        said = [
            f"{t} {record}: a further reading of `{name}`, {plain(value)}." for (t, record, name), value in read.items()
        ]
    tables = dict.fromkeys([*draft.rows, *(cell.table for cell in cells if cell.table == "adjudications")])
    text = " ".join([*said, plain(reason), *([f"Rows of {', '.join(tables)}."] if tables else [])])
    return f"- {text}"
