"""The stored cells that the cells of the derived tables are computed from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence

import pandas as pd

from cstocases.derived.comparison import CODED, comparison
from cstocases.derived.computed import ARTICLE_4, CRISIS_RULES, INGREDIENTS, chair_office, in_force
from cstocases.derived.duties import pacts
from cstocases.derived.member_years import dyads_in, parties, requests_in
from cstocases.derived.outcomes import FORUM_OF, FORUMS, Cell, cells_behind
from cstocases.derived.request_members import dyads, year_of
from cstocases.derived.rows import Row, by, known, records
from cstocases.errors import UnknownNameError
from cstocases.resolution.data import Data

Cells = dict[str, Sequence[Cell]]  # of one row, by column
BOUNDS = ("start_date", "end_date")


def behind(
    data: Data, table: str, record: str | None = None, field: str | None = None, case: str | None = None
) -> list[Cell]:
    """The cells that a derived table is computed from, each once; with `record`, `field` or `case` those behind these rows or this column.

    A record's id is its key, the parts joined by /. Of the law, and of who was in the chair, only the rows that held on the day.

    Raises:
        UnknownNameError: no such row, or no such column that rests on cells with readings.
    """
    rows = _rows(data, table)
    if record is not None and record not in rows:
        raise UnknownNameError(f"record of {table}", record, rows)
    columns = by_column(data, table, next(iter(rows))) if rows else {}
    if field is not None and field not in columns:
        raise UnknownNameError("evidenced field", field, columns)
    chosen = [n for n, row in rows.items() if record in (None, n) and case in (None, row.get("case_id", case))]
    made = [cells for n in chosen for name, cells in by_column(data, table, n).items() if field in (None, name)]
    return list(dict.fromkeys(cell for cells in made for cell in cells))


def by_column(data: Data, table: str, record: str) -> Cells:
    """The cells that each column of one row of a derived table is computed from; without the columns that rest on none in any row."""
    return TABLES[table][1](data, _rows(data, table)[record])


@functools.lru_cache(maxsize=8)
def _rows(data: Data, table: str) -> Mapping[str, Row]:
    keys = data.package.table(table).primary_key
    return {"/".join(row[key] for key in keys): row for row in TABLES[table][0](data)}


def _cells(data: Data, table: str, rows: Iterable[Row], *fields: str) -> list[Cell]:
    key = data.package.table(table).primary_key[0]
    return [(table, row[key], field) for row in rows for field in fields]


@functools.lru_cache(maxsize=8)
def _coded(data: Data) -> Mapping[tuple[str, str], list[Row]]:
    """The rationales and the explanations that count for each request, by table and request."""
    requests, found = data.frames["requests"], dict[tuple[str, str], list[Row]]()
    for table, find in CODED.items():
        lines, owners, _ = find(data, requests)
        rows, ids = records(data, table), requests["request_id"].tolist()
        for line, owner in zip(lines, owners, strict=True):
            found.setdefault((table, ids[owner]), []).append(rows[line])
    return found


def _chair(data: Data, date: str) -> list[Cell]:
    held = {str(chair_office(data, pd.Timestamp(date)))} if known(date) else set[str]()
    return _cells(data, "offices", [row for row in records(data, "offices") if row["office_id"] in held], *BOUNDS)


def _of_request(data: Data, row: Row) -> Cells:
    request, wide, cells = row["request_id"], comparison(data), dict[str, Sequence[Cell]]()
    place, fields = list(wide.columns["request_id"].texts).index(request), wide.table.fields
    for f in fields:
        if f.ref and data.package.table(f.ref[0]).field(f.ref[1]).evidenced:
            origin = wide.columns[f.name].records[place]
            cells[f.name] = [(f.ref[0], origin, f.ref[1])] if origin else []
        elif f.dummy_of:
            prefix, table, field, where = f.dummy_of[:4]
            rows = [r for r in _coded(data).get((table, request), ()) if r[field] == f.name.removeprefix(f"{prefix}_")]
            used = [field, *(["explains"] if table == "explanations" else [])]
            if where:
                rows, used = [r for r in rows if r[where[0]] in where[1]], [*used, where[0]]
            cells[f.name] = _cells(data, table, rows, *used)
        elif f.name in FORUM_OF:
            cells[f.name] = cells_behind(data, request, f.name)
    law = in_force(data, pd.Timestamp(row["date"])) if known(row["date"]) else set()
    wordings = [("provisions", name, bound) for name in sorted(law) if ARTICLE_4.fullmatch(name) for bound in BOUNDS]
    rules = by(data, "provisions", "provision_id").get((CRISIS_RULES,), ())
    held = {
        "treaty_version": wordings,
        "crisis_rules_in_force": _cells(data, "provisions", rules, *BOUNDS),
        "chair_state": _chair(data, row["date"]),
        "requester_chaired": _chair(data, row["date"]),
    }
    for name, columns in INGREDIENTS.items():
        cells[name] = [*(cell for column in columns for cell in cells[column]), *held.get(name, ())]
    return {f.name: cells[f.name] for f in fields if f.name in cells}


def _of_member(data: Data, row: Row) -> Cells:
    request, member = row["request_id"], row["member"]

    def of_request(*fields: str) -> list[Cell]:
        return [("requests", request, field) for field in fields]

    decisions = by(data, "decisions", "request_id").get((request,), ())
    final = [r for r in decisions if r["forum"] == "csto" and r["is_final"] == "true"]
    alone = [r for r in decisions if r["forum"] == "bilateral"]
    given = [r for d in decisions for r in by(data, "contributions", "decision_id", "state").get((d["decision_id"], member), ())]  # fmt: skip
    said = [r for c in given for r in by(data, "answers", "decision_id").get((c["decision_id"],), ())]
    asks = by(data, "asks", "request_id").get((request,), ())
    tests = [test for ask in asks for test in by(data, "text_tests", "ask_id").get((ask["ask_id"],), ())]
    both = {member, row["requester_state"]}
    pact = [("provisions", name, bound) for name, states, _ in pacts(data) if states == both for bound in BOUNDS]
    treaty, charter = (_memberships(data, member, text) for text in ("treaty", "charter"))
    day, adversary = of_request("date"), of_request("adversary_type", "adversary_state")
    words = _cells(data, "text_tests", tests, "text_says")
    owed = [*of_request("addressee"), *_cells(data, "asks", asks, "help_kind", "status", "withdrawn"), *words]
    owed += [*treaty, *charter, *pact, *day]
    spoke = _cells(data, "positions", by(data, "positions", "case_id", "state").get((row["case_id"], member), ()), "stance", "date")  # fmt: skip
    gave = _cells(data, "answers", said, "help_kind", "answer")
    came = _cells(data, "contributions", given, "start_date")
    replies = [cell for forum in FORUMS for cell in cells_behind(data, request, f"{forum}_outcome_all")]
    return {
        "reference_date": day,
        "asked_directly": of_request("addressee"),
        "treaty_bound": [*treaty, *day],
        "charter_bound": [*charter, *day],
        "bilateral_pact": [*pact, *day],
        "in_chair": [*day, *_chair(data, by(data, "requests", "request_id")[request,][0]["date"])],
        "adversary_is_member": adversary[:1],
        "is_adversary": adversary,
        **dict.fromkeys(("duty_forces", "duty_help", "duty_consult"), owed),
        **dict.fromkeys(("stance_first", "stance_last", "stance_source"), spoke),
        "vote": [*_cells(data, "decisions", final, "agreement_asked"), *spoke, *day],
        "kinds_given": gave,
        "framework": [*gave, *_cells(data, "contributions", given, "framework")],
        "personnel_best": [*gave, *_cells(data, "contributions", given, "personnel_best")],
        "days_to_arrival": [*gave, *came, *day],
        "conduct": [*gave, *spoke],
        "kept": [*of_request("status"), *adversary, *owed, *gave, *came, *replies, *_cells(data, "decisions", alone, "decided_by")],
    }  # fmt: skip


def _memberships(data: Data, state: str, text: str, *more: str) -> list[Cell]:
    rows = by(data, "memberships", "state", "bound_by").get((state, text), ())
    return _cells(data, "memberships", rows, *BOUNDS, *more)


def _of_year(data: Data, row: Row) -> Cells:
    state, year = row["state"], row["year"]

    def dated(table: str, date: str, name: str) -> list[Cell]:
        rows = by(data, table, "state").get((state,), ())
        return _cells(data, table, [r for r in rows if year_of(r, date, name) == year], date)

    def came(*columns: str) -> list[Cell]:
        return [cell for request in requests for column in columns for cell in cells_behind(data, request, column)]

    requests = requests_in(data).get((state, year), [])
    others = [_of_member(data, dyad) for dyad in dyads_in(data).get((state, year), [])]
    party = _memberships(data, state, "treaty", "signed_date")
    chairs = [r for r in by(data, "offices", "office_kind", "state").get(("chair", state), ()) if _within(r, year)]
    kind, conduct = came("asked"), [cell for other in others for cell in other["conduct"]]
    return {
        "share_of_year": party,
        "treaty_bound_days": _memberships(data, state, "treaty"),
        "charter_bound_days": _memberships(data, state, "charter"),
        "frozen": [*party, *_memberships(data, state, "treaty", "frozen_date")],
        "in_chair": _cells(data, "offices", chairs, *BOUNDS),
        "candidates_n": dated("candidates", "date", "candidate_id"),
        "cases_n": dated("cases", "start_date", "case_id"),
        "requests_n": [("requests", request, "date") for request in requests],
        "requests_documented_n": [("requests", request, name) for request in requests for name in ("date", "status")],
        "requests_military_n": kind,
        "asks_by_kind": kind,
        "outcome_military_best": came("csto_outcome_military"),
        "delivered_military": came(*(f"{forum}_delivery_military" for forum in FORUMS)),
        "unasked_received": came(*(f"{forum}_unasked" for forum in FORUMS)),
        "dyads_n": [*party, *(cell for other in others for cell in other["reference_date"])],
        **dict.fromkeys(("helped_n", "forces_sent_n", "opposed_n"), conduct),
        "not_honoured_n": [cell for other in others for cell in other["kept"]],
    }


def _within(office: Row, year: str) -> bool:
    """Whether somebody may have held an office at some time in a year."""
    return (known(office["start_date"]) or "")[:4] <= year <= (known(office["end_date"]) or "9999")[:4]


# By derived table, its rows as far as they are needed here, and what gives the cells behind a row.
TABLES: dict[str, tuple[Callable[[Data], Iterable[Row]], Callable[[Data, Row], Cells]]] = {
    "comparison": (lambda data: records(data, "requests"), _of_request),
    "request_members": (dyads, _of_member),
    "member_years": (lambda data: [{"state": s, "year": str(y)} for s, y, _ in parties(data)], _of_year),
}
