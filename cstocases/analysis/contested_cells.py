"""The data as published with the contested cells behind the comparison and the inclusion, and scores under other values of them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from cstocases.analysis.conditions import Questions, condition
from cstocases.analysis.qca import (
    BY_DAY,
    answers,
    case_years,
    dated,
    primary_requests,
    row_names,
    scores,
)
from cstocases.derived.behind import BOUNDS, behind
from cstocases.derived.comparison import Comparison, comparison
from cstocases.derived.computed import DERIVED
from cstocases.derived.hanging import supposing
from cstocases.derived.outcomes import FORUM_OF, UNSURE
from cstocases.errors import UnknownNameError
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import CRITERIA
from cstocases.resolution.readings import CELL, RECORD
from cstocases.resolution.rules import rewritten

# Of readings, which another value does not change.
COUNTS = ("n_evidence", "n_sources", "n_contested", "csto_contested", "bilateral_contested")
# Tables of what holds from one day to another, for any case, and the columns computed from them.
SPANS = {"offices": ("chair_state", "requester_chaired"), "provisions": ("treaty_version", "crisis_rules_in_force")}
Cell = tuple[str, str, str]
Value = tuple[str | None, str | None]  # as text, or the missing-value code
Target = tuple[str, str]  # a score: case and set


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
            contested[cell] = Contested(cell, int(lines[cell]), cases[cell], text_or_code(row), rivals[cell])
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
        now = supposed(base, values)
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


def supposed(base: Published, values: Mapping[Cell, Value]) -> Data:
    """The data in which contested cells have other values."""
    rows = [(*cell, base.contested[cell].line, *value) for cell, value in values.items()]
    frame = pd.DataFrame(rows, columns=[*CELL, "line", "value", "kind"])
    return base.data.counterfactual(rewritten(base.data, frame))


def text_or_code(row: Any) -> Value:
    """The value of a row of `contested` or of what a rule decides: its text, or its missing-value code."""
    return (None, row.kind) if pd.isna(row.value) else (row.value, None)


def shown(value: Value, whole_date: bool = False) -> str:
    """A value as written, a date to the day if asked for."""
    text = f"({value[1]})" if value[0] is None else value[0]
    return text + "-01-01"[len(text) - 4 :] if whole_date and value[0] and len(text) < len("2010-06-12") else text
