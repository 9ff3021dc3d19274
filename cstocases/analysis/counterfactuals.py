"""What changes when one contested cell takes another value: in the comparison, the inclusion and the QCA scores.

Nothing here says which reading is right. Other values take the place of the published
ones, and what depends on them is derived anew.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from cstocases.analysis.conditions import Questions, condition, questions
from cstocases.analysis.qca import (
    BY_DAY,
    ORIGIN,
    answers,
    case_years,
    dated,
    primary_requests,
    row_names,
    scores,
)
from cstocases.dataset import data
from cstocases.derived.behind import BOUNDS, behind
from cstocases.derived.comparison import Column, Comparison, columns_of, comparison
from cstocases.derived.computed import DERIVED, INGREDIENTS
from cstocases.derived.hanging import supposing
from cstocases.derived.outcomes import BEHIND, FORUM_OF, UNSURE, was_helped
from cstocases.errors import UnknownNameError
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import CRITERIA, include
from cstocases.resolution.readings import CELL, RECORD
from cstocases.resolution.rules import RULES, decisions, rewritten
from cstocases.schema.model import Field

# Of readings, which another value does not change.
COUNTS = ("n_evidence", "n_sources", "n_contested", "csto_contested", "bilateral_contested")
# Tables of what holds from one day to another, for any case, and the columns computed from them.
SPANS = {"offices": ("chair_state", "requester_chaired"), "provisions": ("treaty_version", "crisis_rules_in_force")}
Cell = tuple[str, str, str]
Value = tuple[str | None, str | None]  # as text, or the missing-value code
Target = tuple[str, str]  # a score: case and set
Effect = tuple[str, str | None, str | None, str | None, str | None, str | None]  # touches ... new, as in `consequences`
NOTHING: Effect = ("nothing", None, None, None, None, None)


class Contested(NamedTuple):
    """A contested cell: its line, its case (None where it may concern any), its value, and the readings that differ."""

    cell: Cell
    line: int
    case: str | None
    value: Value
    readings: list[str]

    @property
    def values(self) -> list[Value]:
        """The values it may have: the published one, then the conflicting ones."""
        return [self.value, *((reading, None) for reading in self.readings if reading != self.value[0])]


@dataclass(frozen=True)
class Published:
    """The data as published, what is derived from them for the primary requests, and the contested cells behind it."""

    data: Data
    wide: Comparison
    primary: pd.DataFrame
    names: pd.Series
    sets: Questions
    scores: dict[Target, tuple[int, bool]]  # the score, and whether it rests on no source
    contested: dict[Cell, Contested]

    @functools.cached_property
    def requests(self) -> pd.DataFrame:
        """The primary requests with the day the comparison gives."""
        return primary_requests(self.wide)

    @functools.cached_property
    def by_span(self) -> dict[str, pd.Series]:
        """The computed columns of SPANS, before they get their types."""
        return {n: DERIVED[n](self.data, self.requests) for names in SPANS.values() for n in names}


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
                ways[cell].append((rule, _value(row)))
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


def as_published(found: Data, sets: Questions) -> Published:
    """The data with what is derived from them for some sets."""
    wide = comparison(found)
    primary = dated(found, primary_requests(wide))
    years = case_years(found)
    made = scores(found, wide, primary, years, sets)
    scored = zip(made["case_id"], made["set"], made["score"], made["basis"] == "unknown", strict=True)
    read = found.readings
    rivals = read[read["agreement"] == "rival"].groupby(CELL)["reading"].agg(lambda values: sorted(set(values)))
    status = found.statuses
    listed = status[(status["status"] == "contested") & (status["field_name"] != RECORD)]
    lines = found.published.set_index(CELL)["line"]
    cases = _cases(found, wide, primary)
    contested = {}
    for row in listed.itertuples():
        cell = (row.table_name, row.record_id, row.field_name)
        if cell in cases:
            contested[cell] = Contested(cell, int(lines[cell]), cases[cell], _value(row), rivals[cell])
    return Published(
        found,
        wide,
        primary,
        row_names(found, primary, years),
        sets,
        {(case, name): (score, unknown) for case, name, score, unknown in scored},
        contested,
    )


def _cases(found: Data, wide: Comparison, primary: pd.DataFrame) -> dict[Cell, str | None]:
    """The cells that the rows of primary requests and the inclusion rest on, with their case; None: no case, or any."""
    out: dict[Cell, str | None] = {}
    for row, case in primary["case_id"].items():
        # Where the day of the request is not known, QCA asks what held when the case began.
        out["cases", case, "start_date"] = case
        out |= dict.fromkeys(behind(found, "comparison", wide.columns["request_id"].texts[row]), case)
    chairs = found.frames["offices"]
    spans = [("offices", record) for record in chairs.loc[chairs["office_kind"] == "chair", "office_id"]]
    spans += [("provisions", record) for record in found.frames["provisions"]["provision_id"]]
    out |= {(table, record, bound): None for table, record in spans for bound in BOUNDS}
    if "candidates" in found.frames:
        register = found.frames["candidates"]
        owners = zip(register["candidate_id"], register["case_id"], strict=True)
        out |= {("candidates", c, name): None if pd.isna(case) else case for c, case in owners for name in CRITERIA}
    return out


def chosen_cases(base: Published, cases: Iterable[str] | None) -> list[str]:
    """These cases in their order, or all.

    Raises:
        UnknownNameError: no such case.
    """
    known = list(base.primary["case_id"])
    chosen = known if cases is None else list(dict.fromkeys(cases))
    for case in chosen:
        if case not in known:
            raise UnknownNameError("case", case, known)
    return chosen


def scored(base: Published, rows: Iterable[int], name: str, values: Mapping[Cell, Value]) -> list[tuple[int, bool]]:
    """The scores of rows in a set when cells behind them take other values, and whether each rests on no source."""
    asked = condition(name)
    if asked.field in FORUM_OF:
        found = [came_of(base, row, asked.field, values) for row in rows]
    elif asked.field in BY_DAY:
        now = _supposed(base, values)
        given = answers(base.wide, dated(now, base.primary.loc[list(rows)]), asked.field)
        found = list(given.astype(object).where(given.notna(), None).itertuples(index=False, name=None))
    else:
        ((text, code),) = values.values()
        if asked.field == "adversary_is_member" and text is not None:
            text = "true" if text == "member_state" else "false"
        found = [(text, code) for _ in rows]
    return [
        (int(text in asked.members), text in asked.open or (text is None and code != "not_applicable"))
        for text, code in found
    ]


def came_of(base: Published, row: int, column: str, values: Mapping[Cell, Value]) -> Value:
    """What a column computed from asks and answers has for a primary request when some cells take other values."""
    made = supposing(base.data, base.primary.at[row, "request_id"], column, values)
    if made is None or made is UNSURE:
        return None, "not_applicable" if made is None else "unknown"
    return (str(made).lower() if isinstance(made, bool) else str(made)), None


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
        now = _supposed(base, {c.cell: value})
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


def _supposed(base: Published, values: Mapping[Cell, Value]) -> Data:
    rows = [(*cell, base.contested[cell].line, *value) for cell, value in values.items()]
    frame = pd.DataFrame(rows, columns=[*CELL, "line", "value", "kind"])
    return base.data.counterfactual(rewritten(base.data, frame))


def _texts(columns: Mapping[str, Column], name: str) -> pd.Series:
    """A column of the comparison as text, missing-value codes in brackets."""
    texts, codes, *_ = columns[name]
    return pd.Series([f"({code})" if text is None else text for text, code in zip(texts, codes, strict=True)])


def _value(row: Any) -> Value:
    return (None, row.kind) if pd.isna(row.value) else (row.value, None)


def shown(value: Value, whole_date: bool = False) -> str:
    """A value as written, a date to the day if asked for."""
    text = f"({value[1]})" if value[0] is None else value[0]
    return text + "-01-01"[len(text) - 4 :] if whole_date and value[0] and len(text) < len("2010-06-12") else text
