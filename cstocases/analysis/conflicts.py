"""Cells on which sources differ, what other values of them would change, and what each resolution rule changes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from cstocases.analysis.case_record import known_case, rows_of, title_of
from cstocases.analysis.contested_cells import COUNTS, SPANS
from cstocases.dataset import data
from cstocases.derived.comparison import CODED, columns_of, comparison
from cstocases.derived.hanging import conflicting, turning
from cstocases.derived.outcomes import FORUM_OF, Cell
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import include
from cstocases.resolution.readings import CELL, RECORD
from cstocases.resolution.rules import RULES, resolve, rewritten
from cstocases.resolution.rules import contested as contested_cells
from cstocases.resolution.rules import differing as differing_cells


def contested(case: str | None = None, home: str | Path | None = None) -> pd.DataFrame:
    """Every cell with conflicting values, of one case or of all, and the result of each resolution rule.

    Columns: table_name, record_id, field_name, published (value, or the kind of missing in
    brackets), conflict (stated: between stated readings; inferred: it rests on an inference),
    readings (each value with the citekeys that give it), official, plurality, stated, strict, title (of the record),
    moves_comparison (boolean: whether a conflicting value would change a cell of the comparison).

    Raises:
        UnknownNameError: no such case.
        DataError: the data have problems.
    """
    found = data(home)
    if case is not None:
        known_case(found, case)
    cells = found.kept("contested", lambda: _contested(found))
    return cells if case is None else rows_of(found, case, cells).reset_index(drop=True)


def n_cells(case: str | None = None, home: str | Path | None = None) -> int:
    """How many cells that have readings there are, in one case or in all."""
    found = data(home)
    cells = found.statuses if case is None else rows_of(found, case, found.statuses)
    return int(((cells["status"] != "no_reading") & (cells["field_name"] != RECORD)).sum())


def _contested(found: Data) -> pd.DataFrame:
    out = contested_cells(found)
    cells = list(out[CELL].itertuples(index=False, name=None))
    titles = [title_of(found, table, record) for table, record, _ in cells]
    movers = _movers(found, cells) if "comparison" in found.package.all_tables else set[Cell]()
    moves = pd.array([cell in movers for cell in cells], dtype="boolean")
    return out.assign(title=pd.array(titles, dtype="string"), moves_comparison=moves)


def _movers(found: Data, cells: Iterable[Cell]) -> set[Cell]:
    """Which of these cells would change the comparison if they took one of their conflicting values."""
    wide = comparison(found)
    fields, requests = wide.table.fields, wide.columns["request_id"].texts
    moving = {(f.ref[0], str(row), f.ref[1]) for f in fields if f.ref for row in wide.columns[f.name].records}
    moving |= {
        cell for n in FORUM_OF if n not in COUNTS for request in requests for cell in turning(found, str(request), n)
    }
    rests = {**SPANS, **{t: [f.name for f in fields if f.dummy_of and f.dummy_of.table == t] for t in CODED}}
    lines = found.published.set_index(CELL)["line"]
    for cell in cells:
        names = rests.get(cell[0], ())
        for reading in conflicting(found)[cell] if names and cell not in moving else ():
            rows = pd.DataFrame([(*cell, lines[cell], reading, None)], columns=[*CELL, "line", "value", "kind"])
            now = columns_of(found.counterfactual(rewritten(found, rows)), names)
            if any(now[name][:2] != wide.columns[name][:2] for name in names):
                moving.add(cell)
    return moving


def differing(one: str, other: str, home: str | Path | None = None) -> pd.DataFrame:
    """The cells of which two resolution rules make different things.

    Columns: table_name, record_id, field_name, and one per rule: the value, or the kind of
    missing in brackets.

    Raises:
        UnknownNameError: no such rule.
        DataError: the data have problems.
    """
    return differing_cells(data(home), one, other)


def by_rule(cases: Iterable[str] | None = None, home: str | Path | None = None) -> pd.DataFrame:
    """How much each resolution rule changes against the published values, for these cases or for all.

    Columns: rule, cells (of the comparison), columns (in which they stand), outcomes (the cells of outcomes among them),
    inclusions (of occasions that become cases, or are no longer).

    Raises:
        DataError: the data have problems.
    """
    found = data(home)
    changed = found.kept("by-rule", lambda: _by_rule(found))
    mine = changed if cases is None else changed[changed["case_id"].isin(list(cases))]
    rows = []
    for rule in RULES:
        names = mine.loc[mine["rule"] == rule, "field_name"]
        cells = names[names != "included"]
        rows.append(
            (rule, len(cells), cells.nunique(), int(cells.str.contains("_outcome_").sum()), len(names) - len(cells))
        )
    return pd.DataFrame(rows[1:], columns=["rule", "cells", "columns", "outcomes", "inclusions"])


def _by_rule(found: Data) -> pd.DataFrame:
    """Every cell of the comparison, and every inclusion (field_name included), that a resolution rule changes. Columns: rule, case_id, field_name."""
    old, rows = comparison(found), list[tuple[str, object, str]]()
    names = [name for name in old.table.names if name not in COUNTS and not name.endswith("_precision")]
    for rule in (rule for rule in RULES if rule != "published"):
        other = resolve(found, rule)
        new = comparison(other)
        for line, case in enumerate(old.columns["case_id"].texts):
            pairs = ([(w.text(name, line), w.columns[name].missing_codes[line]) for name in names] for w in (old, new))
            rows += [(rule, case, name) for name, one, two in zip(names, *pairs, strict=True) if one != two]
        if "candidates" in found.parsed:
            was, now = (include(d.frames["candidates"])["included"] for d in (found, other))
            moved = found.frames["candidates"].loc[(was != now).to_numpy(bool), "case_id"]
            rows += [(rule, case, "included") for case in moved]
    return pd.DataFrame(rows, columns=["rule", "case_id", "field_name"], dtype="string")
