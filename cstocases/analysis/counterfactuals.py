"""What changes when one contested cell takes another value: in the comparison, the inclusion and the QCA scores.

Nothing here says which reading is right. Other values take the place of the published
ones, and what depends on them is derived anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from cstocases.analysis.conditions import condition, questions
from cstocases.analysis.contested_cells import (
    COUNTS,
    SPANS,
    Cell,
    Contested,
    Published,
    Value,
    as_published,
    came_of,
    chosen_cases,
    scored,
    shown,
    supposed,
    text_or_code,
)
from cstocases.analysis.qca import (
    BY_DAY,
    ORIGIN,
)
from cstocases.dataset import data
from cstocases.derived.comparison import Column, columns_of
from cstocases.derived.computed import DERIVED, INGREDIENTS
from cstocases.derived.outcomes import BEHIND, FORUM_OF, was_helped
from cstocases.resolution.inclusion import include
from cstocases.resolution.readings import CELL
from cstocases.resolution.rules import RULES, decisions
from cstocases.schema.model import Field

Effect = tuple[str, str | None, str | None, str | None, str | None, str | None]  # touches ... new, as in `consequences`
NOTHING: Effect = ("nothing", None, None, None, None, None)


def consequences(
    cases: Iterable[str] | None = None,
    *,
    outcome: str = "TROOPS",
    conditions: Iterable[str] | None = None,
    home: str | Path | None = None,
) -> pd.DataFrame:
    """What changes when one contested cell takes a conflicting value or what a resolution rule makes of it, one row an effect.

    Contested cells are those behind the primary requests' rows of the comparison and
    behind the inclusion criteria; with `cases` only what concerns them. Columns: table_name, record_id, field_name,
    published, way (reading, or a resolution rule), value (it takes), touches
    (comparison, inclusion, qca or nothing), case_id, subject (request_id, candidate_id
    or row name), what (column or set), old, new. A missing value is its code in brackets. Dtype: string.

    Raises:
        UnknownNameError: no such case, condition or outcome.
        DataError: the data have problems.
    """
    base = as_published(data(home), questions(outcome, conditions))
    chosen = chosen_cases(base, cases)
    ways: dict[Cell, list[tuple[str, Value]]] = {
        cell: [("reading", (reading, None)) for reading in c.readings] for cell, c in base.contested.items()
    }
    for rule in (name for name in RULES if name != "published"):
        for row in decisions(base.data, base.data, rule).itertuples():
            cell = (row.table_name, row.record_id, row.field_name)
            if cell in ways:
                ways[cell].append((rule, text_or_code(row)))
    rows = []
    for cell, c in base.contested.items():
        if cases is not None and cell[0] not in SPANS and c.case not in chosen:
            continue
        found = {value: _effects(base, c, value) for value in {v for _, v in ways[cell] if v != c.value}}
        for way, value in ways[cell]:
            effects = [e for e in found.get(value, []) if cases is None or e[1] in chosen]
            if not effects and (cases is None or cell[0] not in SPANS):
                effects = [NOTHING]
            rows += [(*cell, shown(c.value), way, shown(value), *effect) for effect in effects]
    columns = [*CELL, "published", "way", "value", "touches", "case_id", "subject", "what", "old", "new"]
    return pd.DataFrame(rows, columns=columns).astype("string")


def _effects(base: Published, c: Contested, value: Value) -> list[Effect]:
    """What changes in the inclusion, or in the comparison and the scores, when a cell takes another value."""
    table, record, column = c.cell
    if table == "candidates":
        return _verdict(base, c, value)
    fields, rows = base.data.package.table("comparison").fields, base.primary.index
    taken = {
        f.name: rows[[base.wide.columns[f.name].records[row] == record for row in rows]]
        for f in fields
        if f.ref == (table, column)
    }
    computed = [f.name for f in fields if f.ref is None and f.name not in COUNTS and _rests(f, table, taken)]
    if table in BEHIND and _turns(base, c, value):
        # Which explanations count follows from whether help was given.
        computed += [f.name for f in fields if f.dummy_of and f.dummy_of.table == "explanations"]
    other: Mapping[str, Column] = {}
    if computed:
        now = supposed(base, {c.cell: value})
        # Most terms of office and of law begin and end far from the day of any request.
        if table not in SPANS or any(not DERIVED[n](now, base.requests).equals(base.by_span[n]) for n in computed):
            other = columns_of(now, computed)
    case, request = base.primary["case_id"], base.primary["request_id"]
    found: list[tuple[int, Effect]] = []
    for f in fields:
        if f.name in taken and not f.name.endswith("_precision"):
            whole = f.type == "date" and f"{f.name}_precision" not in base.wide.columns
            old, new = (pd.Series(shown(v, whole), index=taken[f.name]) for v in (c.value, value))
        elif f.name in FORUM_OF and f.name not in COUNTS and table in BEHIND:
            mine = rows[case == c.case]
            old, new = (
                pd.Series([shown(came_of(base, row, f.name, v)) for row in mine], mine) for v in ({}, {c.cell: value})
            )
        elif f.name in other:
            old, new = (_texts(columns, f.name)[rows] for columns in (base.wide.columns, other))
        else:
            continue
        for row in old.index[(old != new).to_numpy(bool)]:
            found.append((row, ("comparison", case[row], request[row], f.name, old[row], new[row])))
    found += _score_effects(base, c, value, taken)
    order = list(dict.fromkeys(row for row, _ in found))
    return [effect for _, effect in sorted(found, key=lambda each: order.index(each[0]))]


def _turns(base: Published, c: Contested, value: Value) -> bool:
    """Whether military help was given after all, or was not, when a cell takes another value."""
    mine = base.primary.loc[base.primary["case_id"] == c.case, "request_id"]
    return any(was_helped(base.data, r) != was_helped(base.data, r, {c.cell: value}) for r in mine)


def _score_effects(
    base: Published, c: Contested, value: Value, taken: Mapping[str, pd.Index]
) -> list[tuple[int, Effect]]:
    """The scores that change when a cell takes another value, with their rows; `taken`: the rows that take it, by column."""
    (table, record, _), rows, case = c.cell, base.primary.index, base.primary["case_id"]
    found: list[tuple[int, Effect]] = []
    for name in base.sets.names:
        asked = condition(name).field
        if asked in FORUM_OF:
            touched = rows[case == c.case] if table in BEHIND else []
        elif asked in BY_DAY and table in SPANS:
            touched = rows if asked in SPANS[table] else []
        elif asked in BY_DAY:
            touched = rows[case == record] if c.cell[::2] == ("cases", "start_date") else taken.get("date", [])
        else:
            touched = taken.get(ORIGIN.get(asked, asked), [])
        made = scored(base, touched, name, {c.cell: value}) if len(touched) else []
        for row, (score, _) in zip(touched, made, strict=True):
            was = base.scores[case[row], name][0]
            if score != was:
                found.append((row, ("qca", case[row], base.names[row], name, str(was), str(score))))
    return found


def _rests(f: Field, table: str, taken: Iterable[str]) -> bool:
    """Whether a computed column of the comparison rests on a table, or on columns taken from it."""
    if f.dummy_of:
        return f.dummy_of[1] == table
    return f.name in SPANS.get(table, ()) or not set(taken).isdisjoint(INGREDIENTS.get(f.name, ()))


def _verdict(base: Published, c: Contested, value: Value) -> list[Effect]:
    """Whether a candidate is included after all or, where that stays, which criterion it fails at first instead."""
    row = base.data.frames["candidates"].loc[[c.line]]
    other = row.assign(**{c.cell[2]: pd.array([None if value[0] is None else value[0] == "true"], dtype="boolean")})
    old, new = (
        include(frame).astype("string").fillna("-").replace({"True": "true", "False": "false"}).loc[c.line]
        for frame in (row, other)
    )
    # That an included candidate then fails somewhere says nothing more.
    changed = [name for name in ("included", "failed") if old[name] != new[name]][:1]
    return [("inclusion", c.case, c.cell[1], name, old[name], new[name]) for name in changed]


def _texts(columns: Mapping[str, Column], name: str) -> pd.Series:
    """A column of the comparison as text, missing-value codes in brackets."""
    texts, codes, *_ = columns[name]
    return pd.Series([f"({code})" if text is None else text for text, code in zip(texts, codes, strict=True)])
