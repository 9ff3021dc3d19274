"""What follows for the derived tables if one cell of the data had another value."""

from __future__ import annotations

import functools
from pathlib import Path

import pandas as pd

from cstocases.analysis.case_record import known_record, with_evidence
from cstocases.analysis.conditions import CONDITIONS, OUTCOMES, questions
from cstocases.analysis.contested_cells import COUNTS
from cstocases.analysis.qca import all_scores, case_years, scored
from cstocases.dataset import data
from cstocases.derived.comparison import derived
from cstocases.errors import CstocasesError, UnknownNameError, quoted
from cstocases.parsing.cell_values import as_text
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import include
from cstocases.resolution.readings import CELL
from cstocases.resolution.rules import rewritten
from cstocases.validation.fit import unfit

COLUMNS = ["table_name", "record_id", "field_name", "old", "new"]


def suppose(table: str, record: str, field: str, value: str, home: str | Path | None = None) -> pd.DataFrame:
    """Every cell of the derived tables, inclusion criterion and QCA score that another value of one cell would change.

    `value` as in the CSV, a missing-value code in round brackets. Nothing is written, and what sources say stays as it is.
    Columns: table_name (comparison, request_members, member_years, candidates or qca), record_id (the parts of a key
    joined by /), field_name, old, new; a missing value is its code in brackets. Dtype: string.

    Raises:
        UnknownNameError: no such table, record or evidenced field.
        CstocasesError: a value that the cell cannot have.
        DataError: the data have problems.
    """
    found = data(home)
    return moved(found, _supposed(found, table, record, field, value), found)


def moved(before: Data, after: Data, years_of: Data) -> pd.DataFrame:
    """Every cell of the derived tables, inclusion criterion and QCA score that differs between two versions of the data.

    Columns as of `suppose`. The years for which covariates count are those of the cases in `years_of`.
    """
    old, new = _all_cells(before, years_of), _all_cells(after, years_of)
    rows = [(*cell, old.get(cell, "(left out)"), new.get(cell, "(left out)")) for cell in dict.fromkeys([*old, *new])]
    return pd.DataFrame([row for row in rows if row[3] != row[4]], columns=COLUMNS, dtype="string")


def _supposed(found: Data, table: str, record: str, field: str, value: str) -> Data:
    stored = with_evidence(found, table)
    fields = {f.name: f for f in stored.evidenced}
    if field not in fields:
        raise UnknownNameError(f"evidenced field of {table}", field, fields)
    known_record(found, record, table)
    ids = found.parsed[table].texts[stored.primary_key[0]]
    line = ids.index[ids == record][0]
    code = value[1:-1] if value.startswith("(") and value.endswith(")") else None
    if code is None:
        wrong = unfit(fields[field], pd.Series([value], dtype="string"))
        if wrong:
            raise CstocasesError(f"{table}.{field}: {quoted(value)} {wrong[0]}")
    elif code not in found.package.missing:
        raise UnknownNameError("missing-value code", code, [token for token in found.package.missing if token])
    row = (table, record, field, line, None if code else value, code)
    return found.counterfactual(rewritten(found, pd.DataFrame([row], columns=[*CELL, "line", "value", "kind"])))


@functools.lru_cache(maxsize=2)
def _all_cells(found: Data, published: Data) -> dict[tuple[str, str, str], str]:
    """Each derived cell as text: tables but those on readings, inclusion, and QCA scores."""
    cells: dict[tuple[str, str, str], str] = {}
    for name in ("comparison", "request_members", "member_years"):
        if name in found.package.all_tables:
            table = found.package.table(name)
            frame, codes = derived(found, name)
            key, *more = (frame[part].astype("string") for part in table.primary_key)
            ids = (key.str.cat(more, sep="/") if more else key).tolist()
            for f in (f for f in table.fields if f.name not in COUNTS):
                texts, why = as_text(f, frame[f.name]).tolist(), codes[f.name].tolist()
                shown = (f"({c})" if pd.isna(t) else t for t, c in zip(texts, why, strict=True))
                cells |= {(name, record, f.name): text for record, text in zip(ids, shown, strict=True)}
    if "candidates" in found.parsed:
        for row in include(found.frames["candidates"]).itertuples():
            cells["candidates", str(row.candidate_id), "included"] = str(bool(row.included)).lower()
    conditions = [name for name in CONDITIONS if name != "AUTOCRAT" or "covariates" in found.parsed]
    *others, last = OUTCOMES
    every = questions(last, conditions)._replace(conditions=(*conditions, *others))
    log = all_scores(found, every, case_years(published))
    for outcome in OUTCOMES:
        made = scored(log, questions(outcome, conditions))[2]
        cells |= {("qca", str(case), str(name)): str(score) for (case, name), score in made.stack().items()}
    return cells
