"""The derived tables, never stored: the comparison, one row a request, and the status of each cell."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cstocases.parsing.csv_reader import DTYPES
from cstocases.parsing.joins import joined, positions, take
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL
from cstocases.schema.model import Dummies, Table

FORUMS = {"csto_": "csto", "bilateral_": "bilateral"}
ARTICLE_4 = re.compile(r"cst-4-([0-9]{4})")  # the provisions that are wordings of Article 4 as a whole
CRISIS_RULES = "crisis-rules-2010"
UNSURE = "?"  # what a computed cell is while its ingredients leave it open; missing, and unknown, in the table
# A computed cell without a value takes the kind of missing of these, the first that is missing; else it cannot exist.
INGREDIENTS = {
    "days_to_decision": ("csto_date", "date"), "treaty_version": ("date",), "crisis_rules_in_force": ("date",), "chair_state": ("date",),
    "requester_chaired": ("date",), "adversary_is_member": ("adversary_type",),
}  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Four frames of one shape, one row a request in the order of the requests.

    `frame` the values, `kinds` the kinds of missing, `records` the row another table
    holds the cell in and `status` what its readings make of it; both NA where the
    cell is computed. A cell of a decision that does not exist is not_applicable.
    """

    frame: pd.DataFrame
    missing_codes: pd.DataFrame
    records: pd.DataFrame
    status: pd.DataFrame


@functools.lru_cache(maxsize=8)
def comparison(data: Data) -> Comparison:
    """The comparison, derived from the tables it refers to."""
    table = data.package.table("comparison")
    taken = _taken(data, table)
    requests = pd.DataFrame({f.name: taken.frame[f.name] for f in table.fields if f.ref})
    nothing = pd.Series(pd.NA, index=requests.index, dtype="string")
    dummies = _dummies(data, {f.dummy_of for f in table.fields if f.dummy_of}, requests["case_id"])
    columns: dict[str, tuple[Any, ...]] = {}
    for f in table.fields:
        if f.ref:
            columns[f.name] = tuple(
                part[f.name] for part in (taken.frame, taken.missing_codes, taken.records, taken.status)
            )
        elif f.dummy_of:
            columns[f.name] = (*dummies[f.name], nothing.array, nothing.array)
        else:
            value = DERIVED[f.name](data, requests)
            unsure = (value.astype(object) == UNSURE).fillna(False).astype(bool)
            value = value.mask(unsure).astype(DTYPES[f.type])
            code = _code(f.name, taken.missing_codes, unsure).where(value.isna())
            columns[f.name] = value.array, code.array, nothing.array, nothing.array
    return Comparison(*(pd.DataFrame({n: c[part] for n, c in columns.items()}, copy=False) for part in range(4)))


def _taken(data: Data, table: Table) -> Comparison:
    """The columns of the comparison that stand in another table, as arrays by name."""
    places = {name: _source(data, name) for name in ("request", "case", "csto", "bilateral")}
    values, codes, records, cells = {}, {}, {}, []
    fields = [(f.name, *f.ref) for f in table.fields if f.ref]
    for name, origin, field in fields:
        rows = places[source_of(name, origin)]
        values[name] = data.frames[origin][field].array.take(rows, allow_fill=True)
        code = data.missing_codes[origin][field].array.take(rows, allow_fill=True)
        if (rows < 0).any():
            code[rows < 0] = "not_applicable"
        codes[name] = code
        key = data.frames[origin][data.package.table(origin).primary_key[0]]
        records[name] = key.array.take(rows, allow_fill=True)
        cells += [None if pd.isna(record) else f"{origin}\t{record}\t{field}" for record in records[name]]
    found = positions(pd.Series(cells, dtype="string"), joined(*(data.statuses[name] for name in CELL)))
    status = data.statuses["status"].array.take(found, allow_fill=True)
    size = len(data.frames["requests"])
    parts = {name: status[i * size : (i + 1) * size] for i, (name, *_) in enumerate(fields)}
    return Comparison(values, codes, records, parts)


def _code(name: str, codes: Mapping[str, Any], unsure: pd.Series) -> pd.Series:
    """The missing-value code of a computed cell that has no value."""
    out = pd.Series(pd.NA, index=unsure.index, dtype="string")
    for ingredient in INGREDIENTS.get(name, ()):
        out = out.fillna(pd.Series(codes[ingredient], index=out.index))
    return out.mask(out.isna() & unsure, "unknown").fillna("not_applicable")


def derived(data: Data, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A derived table and its kinds of missing."""
    if name == "comparison":
        made = comparison(data)
        return made.frame, made.missing_codes
    columns = {"value": "published_value", "n_evidence": "n_readings", "status": "cell_status"}
    table = data.package.table(name)
    status = data.statuses.rename(columns=columns).sort_values(list(table.primary_key), ignore_index=True)
    frame = pd.DataFrame({f.name: status[f.name].astype(DTYPES[f.type]) for f in table.fields})
    kinds = pd.DataFrame(pd.NA, index=frame.index, columns=frame.columns, dtype="string")
    kinds["published_value"] = status["kind"].where(frame["published_value"].isna()).astype("string")
    return frame, kinds


def source_of(name: str, origin: str) -> str:
    """Which row of a request a field of the comparison is taken from: request, case, csto or bilateral."""
    prefix = next((forum for start, forum in FORUMS.items() if name.startswith(start)), None)
    return prefix or {"requests": "request", "cases": "case"}[origin]


def _source(data: Data, name: str) -> np.ndarray:
    """For each request, the place of the row another table holds for it; -1 where there is none."""
    requests = data.frames["requests"]
    if name == "request":
        return np.arange(len(requests))
    if name == "case":
        return positions(requests["case_id"], data.frames["cases"]["case_id"])
    decisions = data.frames["decisions"]
    final = (decisions["is_final"] & (decisions["forum"] == name)).fillna(False).astype(bool)
    return positions(requests["request_id"], decisions["request_id"].where(final))


def _dummies(data: Data, columns: set[Dummies], cases: pd.Series) -> dict[str, tuple[Any, Any]]:
    """Each dummy column, for the case of each request: whether the code occurs in it, and the missing-value code.

    It cannot be told where a row of the case has no code, or no value in the column that says whether it
    counts. Then the cell has the missing-value code of that row, `disputed` before any other.
    """
    found = {}
    for prefix, table, field, where in {column[:4] for column in columns}:
        labels = pd.Series(list(data.package.table(table).field(field).labels), dtype="string")
        rows, codes = data.frames[table], data.missing_codes[table]
        code, case = positions(rows[field], labels), positions(rows["case_id"], cases.drop_duplicates())
        counts, reason = np.ones(len(rows), dtype=bool), codes[field]
        in_doubt = np.zeros(len(rows), dtype=bool)
        if where:
            counts = rows[where[0]].isin(list(where[1])).to_numpy(dtype=bool, na_value=False)
            in_doubt = rows[where[0]].isna().to_numpy()
            reason = reason.fillna(codes[where[0]])
        there = case >= 0
        size = cases.nunique(), len(labels)
        occurs = np.zeros(size, dtype=bool)
        why = np.full(size, None, dtype=object)
        sure = there & counts & (code >= 0)
        occurs[case[sure], code[sure]] = True
        for row in np.flatnonzero(there & (in_doubt | (counts & (code < 0)))):
            which = slice(None) if code[row] < 0 else slice(code[row], code[row] + 1)
            cell = why[case[row], which]
            why[case[row], which] = np.where(cell == "disputed", "disputed", reason.iloc[row])
        why[occurs] = None
        mine = positions(cases, cases.drop_duplicates())
        for place, label in enumerate(labels):
            missing = why[mine, place]
            value = pd.arrays.BooleanArray(occurs[mine, place], missing != None)  # noqa: E711 - of an array
            found[f"{prefix}_{label}"] = value, pd.array(missing, dtype="string")
    return found


def _days(data: Data, taken: pd.DataFrame) -> pd.Series:
    days = (taken["csto_date"] - taken["date"]).dt.days
    known = (taken["date_precision"] == "day") & (taken["csto_date_precision"] == "day")
    return days.where(known.fillna(False))


def held(data: Data, table: str, day: pd.Timestamp) -> pd.Series:
    """Whether each row of offices or provisions held on a day: yes, maybe or no, by line.

    An end that cannot exist is still to come; any other bound that is missing, such as one
    that a resolution rule leaves open, makes it a maybe.
    """
    return _held(data, table, pd.Index([day])).iloc[:, 0]


@functools.lru_cache(maxsize=16)
def _spells(data: Data, table: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows, codes = data.frames[table], data.missing_codes[table]["end_date"]
    endless = (codes == "not_applicable").fillna(False).to_numpy(dtype=bool)
    return rows["start_date"].to_numpy(), rows["end_date"].to_numpy(), endless


def _held(data: Data, table: str, days: pd.Index) -> pd.DataFrame:
    """`held` on several days: lines as index, days as columns."""
    start, end, endless = (column[:, None] for column in _spells(data, table))
    day = days.to_numpy()[None, :]
    no = (start > day) | (end <= day)
    yes = (start <= day) & ((end > day) | endless)
    return pd.DataFrame(np.where(no, "no", np.where(yes, "yes", "maybe")), index=data.frames[table].index, columns=days)


def in_force(data: Data, day: pd.Timestamp) -> set[str]:
    """The provisions of treaty law known to be in force on a day."""
    return set(data.frames["provisions"].loc[held(data, "provisions", day) == "yes", "provision_id"])


def _by_day(taken: pd.DataFrame, answer: Callable[[pd.Timestamp], object]) -> pd.Series:
    found = {day: answer(day) for day in taken["date"].dropna().unique()}
    return pd.Series([found.get(day, UNSURE) for day in taken["date"]], index=taken.index)


def _treaty_version(data: Data, taken: pd.DataFrame) -> pd.Series:
    version = data.frames["provisions"]["provision_id"].str.extract(ARTICLE_4, expand=False)

    def on(there: pd.Series) -> object:
        return UNSURE if (there == "maybe").any() else version[there.index[there == "yes"]].max()

    return _of_provisions(data, taken, version.notna(), on)


def _crisis_rules(data: Data, taken: pd.DataFrame) -> pd.Series:
    def on(there: pd.Series) -> object:
        return True if (there == "yes").any() else UNSURE if (there == "maybe").any() else False

    return _of_provisions(data, taken, data.frames["provisions"]["provision_id"] == CRISIS_RULES, on)


def _of_provisions(data: Data, taken: pd.DataFrame, which: pd.Series, on: Callable[[pd.Series], object]) -> pd.Series:
    """What follows for each request from whether some provisions were in force on its day."""
    there = _held(data, "provisions", pd.Index(taken["date"].dropna().unique()))[which.fillna(False).astype(bool)]
    return _by_day(taken, lambda day: on(there[day]))


def chair_office(data: Data, day: pd.Timestamp) -> object:
    """The office_id of the chair of the Council on a day; NA where there was none, UNSURE where bounds leave it open."""
    found: object = pd.NA
    for chair in _chairs(data):
        if chair.start <= day and (chair.end > day or (chair.endless and pd.isna(chair.end))):
            found = chair.office_id
        elif not (chair.start > day or chair.end <= day) and pd.isna(found) and _may_chair(data, chair, day):
            found = UNSURE
    return found


class _Chair(NamedTuple):
    office_id: str
    start: pd.Timestamp
    end: pd.Timestamp
    endless: bool


@functools.lru_cache(maxsize=8)
def _chairs(data: Data) -> list[_Chair]:
    """The chairs of the Council in the order in which they began."""
    offices = data.frames["offices"]
    start, end, endless = (pd.Series(column, index=offices.index) for column in _spells(data, "offices"))
    chairs = pd.DataFrame({"office_id": offices["office_id"], "start": start, "end": end, "endless": endless})
    rows = chairs[(offices["office_kind"] == "chair").fillna(False)].sort_values("start")
    return [_Chair(*row) for row in rows.itertuples(index=False)]


def _may_chair(data: Data, chair: _Chair, day: pd.Timestamp) -> bool:
    """Whether a chair of whom a bound is missing may have held the office on a day: one chair follows another."""
    others = [bound for other in _chairs(data) if other is not chair for bound in (other.start, other.end)]
    others = [bound for bound in others if pd.notna(bound)]
    before, after = [b for b in others if b < chair.end], [b for b in others if b > chair.start]
    if pd.isna(chair.start) and pd.isna(chair.end):
        before = [min(others)] if others else []
    return not ((before and day < max(before)) or (after and day >= min(after)))


def _chair(data: Data, taken: pd.DataFrame) -> pd.Series:
    state = data.frames["offices"].set_index("office_id")["state"].to_dict()
    return _by_day(taken, lambda day: chair_office(data, day)).map(lambda office: state.get(office, office))


def _requester_chaired(data: Data, taken: pd.DataFrame) -> pd.Series:
    chairs = zip(_chair(data, taken), taken["state"], strict=True)
    return pd.Series([c if c is UNSURE or pd.isna(c) else c == state for c, state in chairs], index=taken.index)


def _owner(data: Data, rows: pd.DataFrame) -> pd.Series:
    """The request that a cell of a request or of one of its decisions belongs to; NA for other cells."""
    decisions = data.frames["decisions"]
    of_decision = take(decisions["request_id"], positions(rows["record_id"], decisions["decision_id"]))
    own = rows["record_id"].where((rows["table_name"] == "requests").fillna(False))
    return own.fillna(of_decision.set_axis(rows.index).where((rows["table_name"] == "decisions").fillna(False)))


def _number(data: Data, taken: pd.DataFrame, column: str) -> pd.Series:
    n = data.readings.groupby(_owner(data, data.readings))[column].nunique()
    return taken["request_id"].map(n).fillna(0)


def _contested(data: Data, taken: pd.DataFrame) -> pd.Series:
    contested = data.statuses[data.statuses["status"] == "contested"]
    return taken["request_id"].map(_owner(data, contested).value_counts()).fillna(0)


DERIVED: dict[str, Callable[[Data, pd.DataFrame], pd.Series]] = {
    "days_to_decision": _days,
    "treaty_version": _treaty_version,
    "crisis_rules_in_force": _crisis_rules,
    "chair_state": _chair,
    "requester_chaired": _requester_chaired,
    "adversary_is_member": lambda data, taken: taken["adversary_type"] == "member_state",
    "n_evidence": lambda data, taken: _number(data, taken, "evidence_id"),
    "n_sources": lambda data, taken: _number(data, taken, "citekey"),
    "n_contested": _contested,
}
