"""The derived tables, never stored: the comparison, one row a request, and the status of each cell."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cstocases.parsing.csv_reader import DTYPES, as_text, typed
from cstocases.parsing.joins import joined, positions
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL
from cstocases.schema.model import Dummies, Table

FORUMS = {"csto_": "csto", "bilateral_": "bilateral"}
ARTICLE_4 = re.compile(r"cst-4-([0-9]{4})")  # the provisions that are wordings of Article 4 as a whole
CRISIS_RULES = "crisis-rules-2010"
UNSURE = "?"  # what a computed cell is while its ingredients leave it open; missing, and unknown, in the table
# A computed cell without a value takes the kind of missing of these, the first that is missing; else it cannot exist.
# The columns that computed ones are computed from.
OF_REQUEST = (
    "request_id",
    "case_id",
    "state",
    "date",
    "date_precision",
    "csto_date",
    "csto_date_precision",
    "adversary_type",
)
INGREDIENTS = {
    "days_to_decision": ("csto_date", "date"), "treaty_version": ("date",), "crisis_rules_in_force": ("date",), "chair_state": ("date",),
    "requester_chaired": ("date",), "adversary_is_member": ("adversary_type",),
}  # fmt: skip


class Column(NamedTuple):
    """A column of the comparison, one element a request: the texts of the values, and what `Comparison` says of each."""

    texts: Sequence[str | None]
    missing_codes: Sequence[str | None]
    records: Sequence[str | None]
    status: Sequence[str | None]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The comparison by column, and as four frames, one row a request in the order of the requests.

    `frame` the typed values, `missing_codes` the missing-value codes, `records` the row another table
    holds the cell in and `status` what its readings make of it; both NA where the
    cell is computed. A cell of a decision that does not exist is not_applicable.
    """

    table: Table
    columns: Mapping[str, Column]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The values, typed."""
        return self.typed(self.table.names)

    @cached_property
    def missing_codes(self) -> pd.DataFrame:
        """The missing-value codes. Dtype: string."""
        return pd.DataFrame({name: column.missing_codes for name, column in self.columns.items()}, dtype="string")

    @cached_property
    def records(self) -> pd.DataFrame:
        """The ids of the rows that hold the cells. Dtype: string."""
        return pd.DataFrame({name: column.records for name, column in self.columns.items()}, dtype="string")

    @cached_property
    def status(self) -> pd.DataFrame:
        """The status of the cells. Dtype: string."""
        return pd.DataFrame({name: column.status for name, column in self.columns.items()}, dtype="string")

    def typed(self, names: Sequence[str]) -> pd.DataFrame:
        """Some columns of `frame`."""
        texts = {name: pd.Series(self.columns[name].texts, dtype="string") for name in names}
        return pd.DataFrame({name: typed(self.table.field(name), text) for name, text in texts.items()}, copy=False)


@functools.lru_cache(maxsize=8)
def comparison(data: Data) -> Comparison:
    """The comparison, derived from the tables it refers to."""
    table = data.package.table("comparison")
    taken = _taken(data, table)
    requests = Comparison(table, taken).typed(OF_REQUEST)
    nothing = [None] * len(requests)
    dummies = _dummies(data, {f.dummy_of for f in table.fields if f.dummy_of}, requests["case_id"])
    columns = {}
    for f in table.fields:
        if f.ref:
            columns[f.name] = taken[f.name]
        elif f.dummy_of:
            columns[f.name] = Column(*dummies[f.name], nothing, nothing)
        else:
            value = DERIVED[f.name](data, requests)
            unsure = [v is UNSURE for v in value]
            texts = _strings(
                as_text(f, value.mask(pd.Series(unsure, index=value.index, dtype=bool)).astype(DTYPES[f.type]))
            )
            codes = _codes(f.name, taken, unsure)
            codes = [code if text is None else None for text, code in zip(texts, codes, strict=True)]
            columns[f.name] = Column(texts, codes, nothing, nothing)
    return Comparison(table, columns)


def _strings(texts: pd.Series) -> list[str | None]:
    return [None if text is pd.NA else text for text in texts]


def _taken(data: Data, table: Table) -> dict[str, Column]:
    """The columns of the comparison that stand in another table."""
    places = {name: _source(data, name).tolist() for name in ("request", "case", "csto", "bilateral")}
    status = dict(zip(joined(*(data.statuses[name] for name in CELL)), data.statuses["status"], strict=True))

    def take(column: list[str | None], source: str, beyond: str | None = None) -> list[str | None]:
        return [beyond if row < 0 else column[row] for row in places[source]]

    out = {}
    for f in table.fields:
        if f.ref is None:
            continue
        origin, field = f.ref
        source, parsed = source_of(f.name, origin), data.parsed[origin]
        texts, codes = (part.to_pylist() for part in parsed.split(field))
        ids = parsed.columns[parsed.table.primary_key[0]].to_pylist()
        records = take(ids, source)
        out[f.name] = Column(
            take(texts, source),
            take(codes, source, "not_applicable"),
            records,
            [status.get(f"{origin}\t{record}\t{field}") for record in records],
        )
    return out


def _codes(name: str, taken: Mapping[str, Column], unsure: list[bool]) -> list[str | None]:
    """The missing-value code that each cell of a computed column has if it has no value."""
    ingredients = [taken[ingredient].missing_codes for ingredient in INGREDIENTS.get(name, ())]
    fallback = ["unknown" if is_unsure else "not_applicable" for is_unsure in unsure]
    return [next(filter(None, codes)) for codes in zip(*ingredients, fallback, strict=True)]


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


def n_rows(data: Data, name: str) -> int:
    """How many rows a derived table has."""
    return len(data.parsed["requests"].lines if name == "comparison" else data.statuses)


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
            codes_of, occurs_in = why[mine, place].tolist(), occurs[mine, place].tolist()
            texts = [None if c else str(o).lower() for c, o in zip(codes_of, occurs_in, strict=True)]
            found[f"{prefix}_{label}"] = texts, codes_of
    return found


def _days(data: Data, taken: pd.DataFrame) -> pd.Series:
    days = (taken["csto_date"] - taken["date"]).dt.days
    known = (taken["date_precision"] == "day") & (taken["csto_date_precision"] == "day")
    return days.where(known.fillna(False))


@functools.lru_cache(maxsize=16)
def _spells(data: Data, table: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First day, last day and whether the last is still to come, of each row of offices or provisions."""
    rows, codes = data.frames[table], data.missing_codes[table]["end_date"]
    endless = (codes == "not_applicable").fillna(False).to_numpy(dtype=bool)
    return rows["start_date"].to_numpy(), rows["end_date"].to_numpy(), endless


def _held(data: Data, table: str, days: np.ndarray) -> np.ndarray:
    """Whether each row of offices or provisions held on each day: yes, maybe or no; a row a row, a column a day.

    An end that cannot exist is still to come; any other bound that is missing, such as one
    that a resolution rule leaves open, makes it a maybe.
    """
    start, end, endless = (column[:, None] for column in _spells(data, table))
    no = (start > days) | (end <= days)
    yes = (start <= days) & ((end > days) | endless)
    return np.where(no, "no", np.where(yes, "yes", "maybe"))


def in_force(data: Data, day: pd.Timestamp) -> set[str]:
    """The provisions of treaty law known to be in force on a day."""
    there = _held(data, "provisions", np.array([day], dtype="datetime64[s]"))[:, 0]
    return set(data.frames["provisions"].loc[there == "yes", "provision_id"])


def _by_day(taken: pd.DataFrame, answers: Mapping[Any, object]) -> pd.Series:
    return pd.Series([answers.get(day, UNSURE) for day in taken["date"]], index=taken.index, dtype=object)


def _treaty_version(data: Data, taken: pd.DataFrame) -> pd.Series:
    versions = {row: found[1] for row, name in enumerate(_provisions(data)) if (found := ARTICLE_4.fullmatch(name))}

    def on(there: np.ndarray) -> object:
        held = [version for version, word in zip(versions.values(), there, strict=True) if word == "yes"]
        return UNSURE if "maybe" in there else max(held, default=pd.NA)

    return _of_provisions(data, taken, list(versions), on)


def _crisis_rules(data: Data, taken: pd.DataFrame) -> pd.Series:
    def on(there: np.ndarray) -> object:
        return True if "yes" in there else UNSURE if "maybe" in there else False

    return _of_provisions(data, taken, [row for row, name in enumerate(_provisions(data)) if name == CRISIS_RULES], on)


def _provisions(data: Data) -> list[str]:
    return list(data.parsed["provisions"].columns["provision_id"].to_pylist())


def _of_provisions(data: Data, taken: pd.DataFrame, which: list[int], on: Callable[[np.ndarray], object]) -> pd.Series:
    """What follows for each request from whether some provisions were in force on its day."""
    days = taken["date"].dropna().drop_duplicates().to_numpy()
    there = _held(data, "provisions", days)[which]
    return _by_day(taken, {pd.Timestamp(day): on(there[:, i]) for i, day in enumerate(days)})


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
    offices = data.frames["offices"]
    state = dict(zip(offices["office_id"], offices["state"], strict=True))
    chairs = {day: chair_office(data, day) for day in taken["date"].dropna().unique()}
    return _by_day(taken, {pd.Timestamp(day): state.get(office, office) for day, office in chairs.items()})


def _requester_chaired(data: Data, taken: pd.DataFrame) -> pd.Series:
    chairs = zip(_chair(data, taken), taken["state"], strict=True)
    return pd.Series([c if c is UNSURE or pd.isna(c) else c == state for c, state in chairs], index=taken.index)


def _of_requests(data: Data, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that are about a cell of a request or of one of its decisions, with a column `request` more."""
    requests, decisions = (data.parsed[name].texts for name in ("requests", "decisions"))
    owned = {f"requests\t{request}": request for request in requests["request_id"]}
    ids = zip(decisions["decision_id"], decisions["request_id"], strict=True)
    owned |= {f"decisions\t{decision}": request for decision, request in ids}
    place = positions(joined(rows["table_name"], rows["record_id"]), pd.Series(list(owned), dtype="string"))
    owners = list(owned.values())
    return rows[place >= 0].assign(request=[owners[i] for i in place[place >= 0]])


def _numbers(data: Data, taken: pd.DataFrame, column: str) -> pd.Series:
    n = _of_requests(data, data.readings[["table_name", "record_id", column]]).groupby("request")[column].nunique()
    return taken["request_id"].map(n).fillna(0)


def _contested(data: Data, taken: pd.DataFrame) -> pd.Series:
    contested = data.statuses[data.statuses["status"] == "contested"]
    return taken["request_id"].map(_of_requests(data, contested)["request"].value_counts()).fillna(0)


DERIVED: dict[str, Callable[[Data, pd.DataFrame], pd.Series]] = {
    "days_to_decision": _days,
    "treaty_version": _treaty_version,
    "crisis_rules_in_force": _crisis_rules,
    "chair_state": _chair,
    "requester_chaired": _requester_chaired,
    "adversary_is_member": lambda data, taken: taken["adversary_type"] == "member_state",
    "n_evidence": lambda data, taken: _numbers(data, taken, "evidence_id"),
    "n_sources": lambda data, taken: _numbers(data, taken, "citekey"),
    "n_contested": _contested,
}
