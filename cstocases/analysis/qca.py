"""The cases calibrated for Qualitative Comparative Analysis, with a log of how each score came about.

Crisp sets: each condition is one question to the comparison, answered 1 or 0. Where the
sources leave the answer open, the calibration log says what was assumed. Programs for QCA
want upper-case names, no gaps and row names; see the manual of the R package QCA (Dusa).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cstocases.analysis.conditions import Condition, Questions, condition, questions
from cstocases.dataset import data
from cstocases.derived.comparison import Comparison, comparison
from cstocases.derived.computed import CRISIS_RULES, DERIVED, OF_REQUEST, chair_office
from cstocases.derived.outcomes import FORUM_OF, UNSURE, cells_behind
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL

BY_DAY = ("crisis_rules_in_force", "requester_chaired")  # columns computed from the day of the request
ORIGIN = {"adversary_is_member": "adversary_type"}  # the column that this computed one is computed from
LOG = (
    "case_id", "row_name", "set", "definition", "rule", "variable", "value", "score", "basis",
    "table_name", "record_id", "field_name", "cell_status", "evidence_id", "reading", "agreement", "citekey",
)  # fmt: skip


@dataclass(frozen=True)
class Calibration:
    """The calibrated cases.

    `table`: one row a case, readable names as index, conditions and outcome as int64
    columns, 0 or 1. `log`: the calibration log, one row per score and reading behind it, columns LOG.
    `left_out`: the gaps of cases left out (case_id, row_name, set, variable, value).
    `truth`: one row per configuration that occurs (conditions, n, consistency, cases).
    """

    table: pd.DataFrame
    log: pd.DataFrame
    left_out: pd.DataFrame
    truth: pd.DataFrame
    conditions: tuple[str, ...]
    outcome: str

    @property
    def remainders(self) -> int:
        """Configurations that are possible and occur in no case."""
        return int(2 ** len(self.conditions)) - len(self.truth)

    @property
    def contradictions(self) -> int:
        """Configurations whose cases differ in the outcome."""
        return int(self.truth["consistency"].between(0, 1, inclusive="neither").sum())

    @property
    def is_diverse(self) -> bool:
        """Whether at least half of the possible configurations occur, and one of them always leads to the outcome."""
        return len(self.truth) >= self.remainders and bool((self.truth["consistency"] == 1).any())


def calibrate(
    rule: str = "published",
    *,
    outcome: str = "TROOPS",
    conditions: Iterable[str] | None = None,
    regime: str = "vdem_v2x_regime",
    threshold: float | None = None,
    unknown: str = "absent",
    home: str | Path | None = None,
) -> Calibration:
    """The primary request of each case as a row of crisp sets, under one resolution rule.

    `conditions` are names of CONDITIONS (default: all), `outcome` one of OUTCOMES,
    `regime` the covariate behind AUTOCRAT (one of REGIMES) and `threshold` its cut-off;
    `unknown` says how a condition is scored that no source decides: `absent` or `leave-out`. What
    cannot exist for a case (not_applicable) is absent.

    Raises:
        UnknownNameError: no such rule, outcome, condition, regime measure or treatment.
        DataError: the data have problems.
    """
    sets = questions(outcome, conditions, regime, threshold, unknown)
    return calibrated(data(home, rule), sets, case_years(data(home)))


def case_years(published: Data) -> pd.Series:
    """The year of each case by its id: that of its start or else of its first dated request; NA where neither is known.

    Taken from the data as published: a resolution rule that leaves a day open neither renames
    a case nor takes its measure of the regime away. Dtype: Int64.
    """
    asked = published.frames["requests"].groupby("case_id")["date"].min()
    began = published.frames["cases"].set_index("case_id")["start_date"]
    return began.fillna(began.index.to_series().map(asked)).dt.year.astype("Int64")


def calibrated(found: Data, sets: Questions, years: pd.Series) -> Calibration:
    """What `calibrate` gives, of data already resolved; `years` from `case_years`."""
    log, left_out, table = scored(all_scores(found, sets, years), sets)
    truth = _truth(table, sets.conditions, sets.outcome)
    return Calibration(table, _with_readings(found, log), left_out, truth, sets.conditions, sets.outcome)


def all_scores(found: Data, sets: Questions, years: pd.Series) -> pd.DataFrame:
    """Every score of the primary requests, as `scores` gives them."""
    wide = comparison(found)
    return scores(found, wide, dated(found, primary_requests(wide)), years, sets)


def scored(log: pd.DataFrame, sets: Questions) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Of the scores of these sets among others: the log, the cases left out, and the table of those kept."""
    log = log[log["set"].isin(sets.names)].reset_index(drop=True)
    open_ = log["basis"] == "unknown"
    if sets.unknown == "absent":
        # What came of a request is never assumed: it is what is to be explained.
        log.loc[open_ & (log["set"] != sets.outcome), "basis"] = "assumed_absent"
        open_ &= log["set"] == sets.outcome
    left_out = log.loc[open_, ["case_id", "row_name", "set", "variable", "value"]].reset_index(drop=True)
    kept = log[~log["case_id"].isin(left_out["case_id"])]
    table = kept.pivot(index="row_name", columns="set", values="score").astype("int64")
    order = [name for name in log["row_name"].unique() if name in table.index]
    return log, left_out, table.reindex(index=order, columns=list(sets.names)).rename_axis(index=None, columns=None)


def primary_requests(wide: Comparison) -> pd.DataFrame:
    """The rows of the comparison that QCA asks, in the columns that others are computed from."""
    rows = wide.typed([*OF_REQUEST, "is_primary"])
    return rows[rows["is_primary"].astype(bool)]


def dated(found: Data, requests: pd.DataFrame) -> pd.DataFrame:
    """Rows of the comparison in the order of the cases, with what held on the day, or if that is unknown when the case began."""
    day = found.frames["requests"].set_index("request_id")["date"]
    began = found.frames["cases"].set_index("case_id")["start_date"]
    rows = requests.sort_values("case_id")
    rows = rows.assign(date=rows["request_id"].map(day).fillna(rows["case_id"].map(began)))
    return rows.assign(**{name: DERIVED[name](found, rows) for name in BY_DAY})


def row_names(found: Data, primary: pd.DataFrame, years: pd.Series) -> pd.Series:
    """State and year, as a reader knows the case; a second case of a year is numbered, one of no known year has its id."""
    state = primary["state"].map(found.frames["states"].set_index("iso3c")["name"])
    year = primary["case_id"].map(years).astype("string")
    plain = state + " " + year.fillna("(" + primary["case_id"] + ")")
    again = plain.groupby(plain).cumcount()
    return plain.where(again == 0, plain + " (" + (again + 1).astype("string") + ")")


def answers(wide: Comparison, primary: pd.DataFrame, field: str) -> pd.DataFrame:
    """What rows of `dated` have in a column. Columns: text (NA where missing), code (of what is missing)."""
    if field in BY_DAY:  # computed anew for the day that `dated` gives
        unsure = [value is UNSURE for value in primary[field]]
        text = primary[field].mask(unsure).map({True: "true", False: "false"})
        code = np.where(unsure, "unknown", "not_applicable")
    else:
        text, code = ([part[row] for row in primary.index] for part in wide.columns[field][:2])
    given = pd.DataFrame({"text": text, "code": code}, index=primary.index, dtype="string")
    return given.assign(code=given["code"].mask(given["text"].notna()))


def scores(found: Data, wide: Comparison, primary: pd.DataFrame, years: pd.Series, sets: Questions) -> pd.DataFrame:
    """Every score of the primary requests that `dated` gives, by case and set. Columns: those of LOG up to field_name."""
    names = row_names(found, primary, years)
    parts = []
    for name in sets.names:
        if name == "AUTOCRAT":
            part = _regime(found, primary, years, sets)
        else:
            part = _scored(found, wide, primary, condition(name))
        head = {"case_id": primary["case_id"], "row_name": names, "set": name, "definition": condition(name).definition}
        parts.append(part.assign(**head).reset_index(drop=True))
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


def _scored(found: Data, wide: Comparison, primary: pd.DataFrame, asked: Condition) -> pd.DataFrame:
    """The scores of a set, with the cell each comes from; for what is computed the cell the computing starts from."""
    given = answers(wide, primary, asked.field)
    cell: tuple[object, object, object]
    if asked.field == "crisis_rules_in_force":
        cell = ("provisions", CRISIS_RULES, "start_date")
    elif asked.field in FORUM_OF:  # from many cells: `_with_readings` puts them in its place
        cell = ("asks", primary["request_id"].tolist(), pd.NA)
    elif asked.field == "requester_chaired":
        chairs = [UNSURE if pd.isna(day) else chair_office(found, day) for day in primary["date"]]
        cell = ("offices", [pd.NA if chair is UNSURE else chair for chair in chairs], "start_date")
    else:
        origin = found.package.table("comparison").field(ORIGIN.get(asked.field, asked.field))
        assert origin.ref is not None  # noqa: S101 - every other set asks a column taken from a table
        cell = (origin.ref[0], [wide.columns[origin.name].records[row] for row in primary.index], origin.ref[1])
    known = given["text"].notna() & ~given["text"].isin(list(asked.open))
    impossible = (given["code"] == "not_applicable").fillna(False).astype(bool)
    return pd.DataFrame(
        {
            "rule": asked.rule,
            "variable": asked.field,
            "value": given["text"].fillna("(" + given["code"] + ")"),
            "score": given["text"].isin(asked.members).astype(int),
            "basis": np.select([known, impossible], ["coded", "not_applicable"], "unknown"),
            **dict(zip(CELL, cell, strict=True)),
        },
        index=primary.index,
    )


def _regime(found: Data, primary: pd.DataFrame, years: pd.Series, sets: Questions) -> pd.DataFrame:
    """The scores of AUTOCRAT from the measure for the year before each case, with the row of the covariates it is from."""
    rows = found.frames[found.package.table("covariates").name]
    rows = rows[rows["measure"] == sets.regime]
    # One release for all cases: that with most rows, then the newest.
    size = rows.groupby("dataset_version")["state"].transform("size")
    rows = rows.assign(size=size).sort_values(["size", "dataset_version"], ascending=False, kind="stable")
    wanted = pd.DataFrame({"state": primary["state"], "measured_year": primary["case_id"].map(years) - 1})
    rows = wanted.merge(rows.drop_duplicates(["state", "measured_year"]), on=["state", "measured_year"], how="left")
    value, known = rows["covariate_value"], rows["covariate_value"].notna()
    key = [rows[name].astype("string") for name in found.package.table("covariates").primary_key]
    if isinstance(sets.cut.threshold, str):
        autocratic = value == sets.cut.threshold
    else:
        number = pd.to_numeric(value).astype("Float64")
        autocratic = number <= sets.cut.threshold if sets.cut.how == "at most" else number < sets.cut.threshold
    scored = pd.DataFrame(
        {
            "rule": f"{sets.cut.rule} ({sets.cut.says})",
            "variable": sets.regime,
            "value": value.fillna("(unknown)"),
            "score": autocratic.fillna(False).astype(int),
            "basis": np.where(known, "coded", "unknown"),
            "table_name": "covariates",
            "record_id": key[0].str.cat(key[1:], sep="/").where(known, key[0].str.cat(key[1].fillna(""), sep="/")),
            "field_name": pd.Series("covariate_value", index=rows.index).where(known),
        }
    )
    return scored.set_axis(primary.index)


def _with_readings(found: Data, log: pd.DataFrame) -> pd.DataFrame:
    read = found.readings[[*CELL, "evidence_id", "reading", "agreement", "citekey"]]
    status = found.statuses[[*CELL, "status"]].rename(columns={"status": "cell_status"})
    by_answers = log["variable"].isin(list(FORUM_OF))
    cells = [
        cells_behind(found, request, variable) if many else [(table, request, field)]
        for table, request, field, variable, many in zip(
            *(log[name] for name in (*CELL, "variable")), by_answers, strict=True
        )
    ]
    rows = log.drop(columns=CELL).assign(cell=[each or [(pd.NA, pd.NA, pd.NA)] for each in cells]).explode("cell")
    rows = rows.reset_index(drop=True)
    rows[CELL] = pd.DataFrame(rows["cell"].tolist(), columns=CELL, dtype="string")
    out = rows.merge(status, on=CELL, how="left").merge(read, on=CELL, how="left")
    return out[list(LOG)]


def _truth(table: pd.DataFrame, conditions: tuple[str, ...], outcome: str) -> pd.DataFrame:
    """One row a configuration. Columns: the conditions, n (cases), consistency (share with the outcome), cases."""
    grouped = table.rename_axis("row_name").reset_index().groupby(list(conditions), sort=True)
    made = grouped.agg(
        n=(outcome, "size"), consistency=(outcome, "mean"), cases=("row_name", lambda names: "; ".join(names))
    )
    return made.reset_index().sort_values(["consistency", "n"], ascending=False, ignore_index=True)
