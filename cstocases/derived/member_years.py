"""The table member_years: each party in each year, what came upon it, what it asked for and how it helped others."""

from __future__ import annotations

import calendar
import contextlib
import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from cstocases.derived.computed import came_of, chair_office
from cstocases.derived.outcomes import ARRIVED, FORUMS, MILITARY, UNSURE
from cstocases.derived.request_members import asked, dyads, year_of
from cstocases.derived.rows import NOT_APPLICABLE, UNCODED, UNKNOWN, Missing, Row, by, frames, known, records, truth
from cstocases.derived.spells import Bonds, Span, bonds, span
from cstocases.parsing.cell_values import cell_fault
from cstocases.resolution.data import Data
from cstocases.schema.model import Table

FIRST_YEAR = 1992  # the Treaty was signed on 15 May 1992
# By column, the measure and the version of the dataset in `covariates`: the one that is there for every party and year up to the dataset's last.
COVARIATES = {
    "vdem_v2x_polyarchy": "V-Dem v15 / ERT 15.0", "vdem_v2x_libdem": "V-Dem v15 (democracyData 0.6.0)",
    "vdem_v2x_regime": "V-Dem v15 / ERT 15.0",
    "ert_dem_ep": "ERT 15.0 (V-Dem v15)", "ert_aut_ep": "ERT 15.0 (V-Dem v15)",
    "polity5_polity2": "Polity5 annual series to 2018", "lied_lexical_index": "LIED 6.8",
    "bmr_democracy": "BMR 4.0, 1800-2020",
    "milex": "NMC 7.0", "milper": "NMC 7.0",
}  # fmt: skip
YES = {"yes": "true", "no": "false"}
HELPED = ("forces", "materiel", "non_military_help")
AGAINST = ("opposed", "favoured_adversary")


class Here(NamedTuple):
    """A state and a year, as texts, and what the state was bound by."""

    state: str
    year: str
    bond: Bonds


@functools.lru_cache(maxsize=8)
def member_years(data: Data) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table, and its missing-value codes."""
    table = data.package.table("member_years")
    rows = [_row(data, table, Here(state, str(year), bond)) for state, year, bond in parties(data)]
    return frames(table, rows)


def parties(data: Data) -> Iterable[tuple[str, int, Bonds]]:
    """Every state and year with a day on which it had, or may have, signed and not left, up to the last whole year before the release."""
    until = int(data.package.metadata["released"][:4])
    for state, bond in bonds(data).items():
        for year in range(FIRST_YEAR, until):
            if any(one.days(year)[1] for one in bond.party):
                yield state, year, bond


def _row(data: Data, table: Table, here: Here) -> Row:
    state = next(iter(by(data, "states", "iso3c").get((here.state,), ())), None)
    return {
        "state": here.state,
        "year": here.year,
        **{name: state[name] if state else UNKNOWN for name in ("cow_number", "gw_number", "vdem_id")},
        **_bound(here),
        "in_chair": _in_chair(data, here),
        "candidates_n": _number(data, "candidates", "date", "candidate_id", here),
        "cases_n": _number(data, "cases", "start_date", "case_id", here),
        **_asking(data, table, here),
        **_helping(data, here),
        **{name: _covariate(data, table, here, name) for name in COVARIATES},
    }


def _bound(here: Here) -> dict[str, str]:
    """Days as a party and bound by each text, and whether the state had frozen its part."""
    year, bond = int(here.year), here.bond
    party, treaty, charter = (_days(spans, year) for spans in (bond.party, bond.treaty, bond.charter))
    share = party if isinstance(party, Missing) else f"{round(int(party) / (365 + calendar.isleap(year)), 4):g}"
    spells = [day for day, one in zip(bond.frozen, bond.party, strict=True) if one.days(year)[1]]
    frozen = {span(NOT_APPLICABLE, day).days(year) for day in spells if day != NOT_APPLICABLE}
    return {
        "share_of_year": share,
        "treaty_bound_days": treaty,
        "charter_bound_days": charter,
        "frozen": truth(any(sure for sure, _ in frozen) or (None if any(most for _, most in frozen) else False)),
    }


def _days(spans: Sequence[Span], year: int) -> str:
    sure, most = (sum(one.days(year)[i] for one in spans) for i in (0, 1))
    return str(sure) if sure == most else UNKNOWN


def _in_chair(data: Data, here: Here) -> str:
    chairs, unsure = _chairs(data, here.year)
    if here.state in chairs or unsure:
        return truth(here.state in chairs or None)
    return truth(False) if chairs else NOT_APPLICABLE


@functools.lru_cache(maxsize=512)
def _chairs(data: Data, year: str) -> tuple[set[str], bool]:
    """The states known to have been in the chair on some day of a year, and whether there are days of which that is not known."""
    rows = by(data, "offices", "office_kind").get(("chair",), [])
    bounds = {cell for row in rows for cell in (row["start_date"], row["end_date"]) if known(cell)}
    days = [f"{year}-01-01", *(day for day in bounds if day[:4] == year)]
    held = [chair_office(data, pd.Timestamp(day)) for day in days]
    state = {row["office_id"]: row["state"] for row in rows}
    chairs = {state[str(office)] for office in held if office is not UNSURE and pd.notna(office)}
    began_later = days[0] < min((row["start_date"] for row in rows if known(row["start_date"])), default="")
    return chairs, UNSURE in [office for office in held if pd.notna(office)] or bool(chairs and began_later)


def _number(data: Data, table: str, date: str, name: str, here: Here) -> str:
    return str(_numbers(data, table, date, name)[here.state, here.year]) if table in data.parsed else UNCODED


@functools.lru_cache(maxsize=16)
def _numbers(data: Data, table: str, date: str, name: str) -> Counter[tuple[str, str]]:
    """How many rows of a table each state has in each year."""
    return Counter((row["state"], year_of(row, date, name)) for row in records(data, table))


@functools.lru_cache(maxsize=8)
def requests_in(data: Data) -> Mapping[tuple[str, str], list[str]]:
    """The requests of each state in each year."""
    found: dict[tuple[str, str], list[str]] = {}
    for request in asked(data):
        found.setdefault((request.state, request.day[:4]), []).append(request.row["request_id"])
    return found


def _asking(data: Data, table: Table, here: Here) -> dict[str, str]:
    """What the state asked for in the year, and what came of it."""
    requests = requests_in(data).get((here.state, here.year), [])
    statuses = [by(data, "requests", "request_id")[request,][0]["status"] for request in requests]
    asks = [ask for request in requests for ask in by(data, "asks", "request_id").get((request,), ())]
    asks = [ask for ask in asks if ask["status"] != "none_documented"]
    kinds = Counter(ask["help_kind"] for ask in asks)
    order = list(data.package.table("asks").field("help_kind").labels) if asks else []
    came = [came_of(data, forum).get(request, {}) for forum in FORUMS for request in requests]
    unasked = {kind for one in came for kind in str(one.get("unasked") or "").split("; ") if kind}
    out = {
        "requests_n": str(len(requests)),
        "requests_documented_n": next(
            (s for s in statuses if isinstance(s, Missing)), str(statuses.count("documented"))
        ),
        "requests_military_n": str(len({ask["request_id"] for ask in asks if ask["help_kind"] in MILITARY})),
        "asks_by_kind": "; ".join(f"{kind}: {kinds[kind]}" for kind in order if kinds[kind]) or NOT_APPLICABLE,
        "outcome_military_best": _best(data, table, requests),
        "delivered_military": _delivered(data, requests),
        "unasked_received": UNKNOWN if UNSURE in unasked else "; ".join(sorted(unasked)) or NOT_APPLICABLE,
    }
    if requests and "asks" not in data.parsed:
        out |= {"requests_military_n": UNCODED, "asks_by_kind": UNCODED}
    gap = next((kind for kind in kinds if isinstance(kind, Missing)), None)
    return out if gap is None else out | {"requests_military_n": gap, "asks_by_kind": gap}


def _best(data: Data, table: Table, requests: Sequence[str]) -> str:
    """The outcome of military help in the CSTO that comes first in the list of codes; unknown where an open one might be better."""
    came = (came_of(data, "csto").get(request, {}).get("outcome_military") for request in requests)
    found = {str(word) for word in came if word is not None}
    order = list(table.field("outcome_military_best").labels)
    best = next((word for word in order if word in found), NOT_APPLICABLE)
    return UNKNOWN if UNSURE in found and best != order[0] else best


def _delivered(data: Data, requests: Sequence[str]) -> str:
    """Whether military help that was asked for arrived, at least in part, from the CSTO or one ally."""
    came = {came_of(data, forum).get(request, {}).get("delivery_military") for forum in FORUMS for request in requests}
    return truth(True if came & set(ARRIVED) else None if UNSURE in came else False)


@functools.lru_cache(maxsize=8)
def dyads_in(data: Data) -> Mapping[tuple[str, str], list[Row]]:
    """The rows of request_members of each member in each year."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in dyads(data):
        found.setdefault((row["member"], row["reference_date"][:4]), []).append(row)
    return found


def _helping(data: Data, here: Here) -> dict[str, str]:
    """How the state met the requests of others in the year."""
    rows = dyads_in(data).get((here.state, here.year), [])
    conduct = [row["conduct"] for row in rows]
    kept = [row["kept"] for row in rows]
    return {
        "dyads_n": str(len(rows)),
        "helped_n": str(sum(word in HELPED for word in conduct)),
        "forces_sent_n": str(conduct.count("forces")),
        "opposed_n": str(sum(word in AGAINST for word in conduct)),
        "not_honoured_n": UNCODED if UNCODED in kept else str(kept.count("not_honoured")),
    }


def _covariate(data: Data, table: Table, here: Here, name: str) -> str:
    """A value that others published of the state and year, as the field's type asks; not coded where the data hold none."""
    columns = ("state", "measured_year", "measure", "dataset_version")
    rows = by(data, "covariates", *columns).get((here.state, here.year, name, COVARIATES[name]))
    if not rows or isinstance(rows[0]["covariate_value"], Missing):
        return rows[0]["covariate_value"] if rows else UNCODED
    f, value = table.field(name), rows[0]["covariate_value"]
    if f.type == "number":
        with contextlib.suppress(ValueError):
            value = np.format_float_positional(float(value), trim="-")
    value = YES.get(value, value) if f.type == "boolean" else value
    return value if cell_fault(f, value) is None else UNKNOWN
