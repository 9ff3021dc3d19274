"""The derived tables, never stored: the comparison, one row a request, and the status of each cell."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cstocases.parsing.csv_reader import DTYPES
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL
from cstocases.schema.model import Dummies

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


@functools.lru_cache(maxsize=4)
def comparison(data: Data) -> Comparison:
    """The comparison, derived from the tables it refers to."""
    table = data.package.table("comparison")
    sources = {name: _source(data, name) for name in ("request", "case", "csto", "bilateral")}
    lookup = dict(zip(data.statuses[CELL].itertuples(index=False, name=None), data.statuses["status"], strict=True))
    frame, kinds, records, status = {}, {}, {}, {}
    for f in table.fields:
        if f.ref is None:
            continue
        origin, field = f.ref
        rows = sources[source_of(f.name, origin)]
        frame[f.name] = _take(data.frames[origin][field], rows, f.type)
        kinds[f.name] = _take(data.missing_codes[origin][field], rows, "string").mask(rows < 0, "not_applicable")
        key = data.package.table(origin).primary_key[0]
        records[f.name] = _take(data.frames[origin][key], rows, "string")
        status[f.name] = pd.Series([lookup.get((origin, r, field), pd.NA) for r in records[f.name]], dtype="string")
    taken = pd.DataFrame(frame)
    nothing = pd.Series(pd.NA, index=taken.index, dtype="string")
    dummies = _dummies(data, [f.dummy_of for f in table.fields if f.dummy_of])
    for f in table.fields:
        if f.ref is None:
            values = taken["case_id"].isin(dummies[f.name]) if f.dummy_of else DERIVED[f.name](data, taken)
            unsure = (values.astype(object) == UNSURE).fillna(False).astype(bool)
            frame[f.name] = values.mask(unsure).astype(DTYPES[f.type])
            kinds[f.name] = nothing if f.dummy_of else _kind(f.name, kinds, unsure).where(frame[f.name].isna())
            records[f.name] = status[f.name] = nothing
    parts = ({name: part[name] for name in table.names} for part in (frame, kinds, records, status))
    return Comparison(*(pd.DataFrame(part, copy=False) for part in parts))


def _kind(name: str, kinds: dict[str, pd.Series], unsure: pd.Series) -> pd.Series:
    """The kind of missing a computed cell has if it has no value."""
    out = pd.Series(pd.NA, index=unsure.index, dtype="string")
    for ingredient in INGREDIENTS.get(name, ()):
        out = out.fillna(kinds[ingredient])
    return out.fillna(pd.Series("unknown", index=unsure.index).where(unsure)).fillna("not_applicable").astype("string")


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
        key, held = "case_id", data.frames["cases"]["case_id"].reset_index(drop=True)
    else:
        rows = data.frames["decisions"].reset_index(drop=True)
        final = (rows["is_final"] & (rows["forum"] == name)).fillna(False).astype(bool)
        key, held = "request_id", rows.loc[final, "request_id"]
    places = dict(zip(held, held.index, strict=True))
    return np.array([places.get(wanted, -1) for wanted in requests[key]], dtype=np.intp)


def _take(column: pd.Series, places: np.ndarray, kind: str) -> pd.Series:
    return pd.Series(column.array.take(places, allow_fill=True)).astype(DTYPES[kind])


def _dummies(data: Data, dummy_columns: Iterable[Dummies]) -> dict[str, set[str]]:
    """For each code that becomes a column, by the column's name, the cases in which it occurs."""
    found: dict[str, set[str]] = defaultdict(set)
    for prefix, table, field, where in {dummies[:4] for dummies in dummy_columns}:
        rows = data.frames[table]
        if where:
            rows = rows[rows[where[0]].isin(list(where[1]))]
        for code, case in zip(rows[field], rows["case_id"], strict=True):
            found[f"{prefix}_{code}"].add(case)
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
    rows, kinds = data.frames[table], data.missing_codes[table]
    start, end, endless = rows["start_date"], rows["end_date"], kinds["end_date"] == "not_applicable"
    no = (start > day) | (end <= day)
    yes = (start <= day) & ((end > day) | endless.fillna(False).astype(bool))
    return pd.Series("maybe", index=rows.index, dtype="string").mask(no, "no").mask(yes, "yes")


def in_force(data: Data, day: pd.Timestamp) -> set[str]:
    """The provisions of treaty law known to be in force on a day."""
    return set(data.frames["provisions"].loc[held(data, "provisions", day) == "yes", "provision_id"])


def _by_day(taken: pd.DataFrame, answer: Callable[[pd.Timestamp], object]) -> pd.Series:
    found = {day: answer(day) for day in taken["date"].dropna().unique()}
    return pd.Series([found.get(day, UNSURE) for day in taken["date"]], index=taken.index)


def _treaty_version(data: Data, taken: pd.DataFrame) -> pd.Series:
    ids = data.frames["provisions"]["provision_id"]
    version = ids.str.extract(ARTICLE_4, expand=False)

    def on(day: pd.Timestamp) -> object:
        there = held(data, "provisions", day)[version.notna()]
        return UNSURE if (there == "maybe").any() else version[there.index[there == "yes"]].max()

    return _by_day(taken, on)


def _crisis_rules(data: Data, taken: pd.DataFrame) -> pd.Series:
    mine = data.frames["provisions"]["provision_id"] == CRISIS_RULES

    def on(day: pd.Timestamp) -> object:
        there = set(held(data, "provisions", day)[mine])
        return True if "yes" in there else UNSURE if "maybe" in there else False

    return _by_day(taken, on)


def chair_office(data: Data, day: pd.Timestamp) -> object:
    """The office_id of the chair of the Council on a day; NA where there was none, UNSURE where bounds leave it open."""
    offices = data.frames["offices"]
    chairs = offices[offices["office_kind"] == "chair"].sort_values("start_date")
    there = held(data, "offices", day)[chairs.index]
    found = chairs.loc[there[there == "yes"].index, "office_id"]
    if len(found):
        return found.iloc[-1]
    return UNSURE if any(_may_chair(chairs, line, day) for line in there.index[there == "maybe"]) else pd.NA


def _may_chair(chairs: pd.DataFrame, line: int, day: pd.Timestamp) -> bool:
    """Whether a chair of whom a bound is missing may have held the office on a day: one chair follows another."""
    start, end = chairs.loc[line, ["start_date", "end_date"]]
    others = chairs.drop(index=line)[["start_date", "end_date"]].stack()
    before, after = others[others < end], others[others > start]
    if pd.isna(start) and pd.isna(end):
        before = others.iloc[:0] if others.empty else pd.Series([others.min()])
    return not ((len(before) and day < before.max()) or (len(after) and day >= after.min()))


def _chair(data: Data, taken: pd.DataFrame) -> pd.Series:
    state = data.frames["offices"].set_index("office_id")["state"].to_dict()
    return _by_day(taken, lambda day: chair_office(data, day)).map(lambda office: state.get(office, office))


def _requester_chaired(data: Data, taken: pd.DataFrame) -> pd.Series:
    chairs = zip(_chair(data, taken), taken["state"], strict=True)
    return pd.Series([c if c is UNSURE or pd.isna(c) else c == state for c, state in chairs], index=taken.index)


def _counted(data: Data, taken: pd.DataFrame) -> pd.DataFrame:
    """For each reading of a request or its decisions, the request it belongs to."""
    requests = taken["request_id"]
    decisions = data.frames["decisions"].set_index("decision_id")["request_id"]
    read = data.readings[["table_name", "record_id", "evidence_id", "citekey"]]
    parts = [read[read["table_name"] == name] for name in ("requests", "decisions")]
    owners = [parts[0]["record_id"].where(parts[0]["record_id"].isin(requests)), parts[1]["record_id"].map(decisions)]
    return pd.concat([part.assign(request=owner) for part, owner in zip(parts, owners, strict=True)])


def _number(data: Data, taken: pd.DataFrame, column: str) -> pd.Series:
    n = _counted(data, taken).groupby("request")[column].nunique()
    return taken["request_id"].map(n).fillna(0)


def _contested(data: Data, taken: pd.DataFrame) -> pd.Series:
    status = data.statuses
    contested = status[status["status"] == "contested"]
    decisions = data.frames["decisions"].set_index("decision_id")["request_id"]
    owner = contested["record_id"].where(contested["table_name"] == "requests")
    owner = owner.fillna(contested["record_id"].map(decisions).where(contested["table_name"] == "decisions"))
    return taken["request_id"].map(owner.value_counts()).fillna(0)


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
