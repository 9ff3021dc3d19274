"""The columns of the comparison that are computed: days, law in force, who held the chair, numbers of sources."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cstocases.derived.hanging import hangs
from cstocases.derived.outcomes import COLUMNS, FORUMS, SCOPES, UNSURE, asked, of_request
from cstocases.parsing.joins import joined, positions
from cstocases.resolution.data import Data

ARTICLE_4 = re.compile(r"cst-4-([0-9]{4})")  # the provisions that are wordings of Article 4 as a whole
CRISIS_RULES = "crisis-rules-2010"
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
# A computed cell without a value takes the missing-value code of the first of these that is missing; else it cannot exist.
INGREDIENTS = {
    "date_start": ("date",), "date_end": ("date",), "csto_date_start": ("csto_date",), "csto_date_end": ("csto_date",),
    "days_to_decision": ("csto_date", "date"), "treaty_version": ("date",), "crisis_rules_in_force": ("date",), "chair_state": ("date",),
    "requester_chaired": ("date",), "adversary_is_member": ("adversary_type",),
}  # fmt: skip


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


@functools.lru_cache(maxsize=16)
def came_of(data: Data, forum: str) -> dict[str, dict[str, object]]:
    """What came of each request in a forum; see outcomes.of_request."""
    return {request: of_request(data, request, forum) for request in data.frames["requests"]["request_id"].dropna()}


def _is_contested(data: Data, request: str, forum: str) -> object:
    """Whether an outcome hangs on a contested ask or on a conflicting reading; NA where the forum took no decision."""
    came = came_of(data, forum).get(request)
    if not came:
        return pd.NA
    return came["contested"] is True or any(hangs(data, request, f"{forum}_outcome_{scope}") for scope in SCOPES)


def _outcome_column(forum: str, name: str) -> Callable[[Data, pd.DataFrame], pd.Series]:
    def column(data: Data, taken: pd.DataFrame) -> pd.Series:
        if name == "contested":
            return taken["request_id"].map(lambda request: _is_contested(data, request, forum)).astype(object)
        found = [came_of(data, forum).get(request, {}).get(name) for request in taken["request_id"]]
        return pd.Series([pd.NA if value is None else value for value in found], index=taken.index, dtype=object)

    return column


def _span(column: str, edge: int) -> Callable[[Data, pd.DataFrame], pd.Series]:
    """The first or the last day that a date of the comparison can mean."""

    def day(data: Data, taken: pd.DataFrame) -> pd.Series:
        date, precision = taken[column], taken[f"{column}_precision"]
        if edge:
            date = date.mask((precision == "month").fillna(False), date + pd.offsets.MonthEnd(0))
            date = date.mask((precision == "year").fillna(False), date + pd.offsets.YearEnd(0))
        return date

    return day


DERIVED: dict[str, Callable[[Data, pd.DataFrame], pd.Series]] = {
    "date_start": _span("date", 0),
    "date_end": _span("date", 1),
    "csto_date_start": _span("csto_date", 0),
    "csto_date_end": _span("csto_date", 1),
    "asked": lambda data, taken: taken["request_id"].map(lambda request: asked(data, request) or pd.NA).astype(object),
    "days_to_decision": _days,
    "treaty_version": _treaty_version,
    "crisis_rules_in_force": _crisis_rules,
    "chair_state": _chair,
    "requester_chaired": _requester_chaired,
    "adversary_is_member": lambda data, taken: taken["adversary_type"] == "member_state",
    "n_evidence": lambda data, taken: _numbers(data, taken, "evidence_id"),
    "n_sources": lambda data, taken: _numbers(data, taken, "citekey"),
    "n_contested": _contested,
    **{f"{forum}_{name}": _outcome_column(forum, name) for forum in FORUMS for name in COLUMNS},
}
