"""What a change of a value brings with it: the precision of a date, the verdict on coders who differ, a line for the changelog."""

from __future__ import annotations

from typing import NamedTuple

from cstocases.markup import plain
from cstocases.people.cells import change as cells_of
from cstocases.people.draft import Address, Draft
from cstocases.people.proposal import Cell
from cstocases.people.toml_lines import Path
from cstocases.resolution.readings import CELL


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


def verdict(draft: Draft, change: Change, reason: str) -> list[Cell]:
    """The verdict on coders who do not say the new value: a row of the draft, or the cells that change in the one that is there."""
    codings, judged = (draft.data.parsed[name].texts for name in ("codings", "adjudications"))
    if change.cell[2] not in [f.name for f in draft.package.table(change.cell[0]).evidenced]:
        return []
    given = codings.loc[(codings[CELL] == list(change.cell)).all(axis=1), "coded_value"]
    differing = {str(value) for value in given} - {*draft.package.missing, change.now}
    there = judged[(judged[CELL] == list(change.cell)).all(axis=1)].to_dict("records")
    key = "/".join(change.cell)
    if there:
        old = there[0]
        values = "; ".join(sorted({*old["values_judged"].split("; "), *differing}))
        new = {"values_judged": values, "verdict": "corrected", "verdict_reason": f"{old['verdict_reason']} {reason}"}
        draft.lines |= {("adjudications", key, name): draft.line(change.path) for name in new}
        draft.lines["adjudications", key, "verdict_reason"] = draft.line(("reason",))
        return [Cell("adjudications", key, name, old[name], to) for name, to in new.items() if old[name] != to]
    if differing:
        row = {**dict(zip(CELL, change.cell, strict=True)), "values_judged": "; ".join(sorted(differing))}
        row |= {"verdict": "corrected", "verdict_reason": reason}
        paths = {**dict.fromkeys(row, change.path), "verdict_reason": ("reason",)}
        draft.add("adjudications", row, change.path, paths)
    return []


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
