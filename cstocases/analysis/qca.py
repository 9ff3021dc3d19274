"""The cases calibrated for Qualitative Comparative Analysis, with a ledger of every score.

Crisp sets: each condition is one question to the comparison, answered 1 or 0. What the
sources leave open is not guessed silently: the ledger names every score that rests on an
assumption. Programs for QCA want upper-case names, no gaps and row names; see the
manual of the R package QCA (Dusa).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from cstocases.dataset import data
from cstocases.derived.comparison import CRISIS_RULES, DERIVED, UNSURE, Comparison, chair_office, comparison
from cstocases.errors import CstocasesError, UnknownNameError
from cstocases.parsing.csv_reader import as_text
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL

UNKNOWN = {
    "absent": "a property no source speaks to, or on which they are undecided, counts as absent, and the ledger marks the score as assumed; a case whose outcome is open is left out",
    "leave-out": "a case with such a gap is left out",
}


class Condition(NamedTuple):
    """A set: its name, the column of the comparison it asks, the values that are members, and what it means."""

    name: str
    field: str
    members: tuple[str, ...]
    definition: str

    @property
    def rule(self) -> str:
        """The rule of calibration in words."""
        return f"1 where {self.field} is {' or '.join(self.members)}, else 0"


CONDITIONS = {
    c.name: c
    for c in (
        Condition("STATEADV", "adversary_type", ("state", "member_state"), "The requester named a state as its adversary."),
        Condition("OWNTERR", "on_own_territory", ("true",), "The fighting was on the requester's own recognised territory."),
        Condition("FTERROR", "threat_framing", ("foreign_backed_terrorism",), "The requester framed the threat as terrorism backed from abroad."),
        Condition("CRISISLAW", "crisis_rules_in_force", ("true",), "The rules of the CSTO on crises inside a member state were in force."),
        Condition("AUTOCRAT", "", (), "The requester was governed by an autocratic incumbent, as measured for the year before the case; a government that came to power since is not the one measured."),
        Condition("CHAIR", "requester_chaired", ("true",), "The requester held the chair of the Collective Security Council."),
        Condition("MEMBADV", "adversary_is_member", ("true",), "The adversary named was itself a member of the CSTO."),
    )
}  # fmt: skip
OUTCOMES = {
    c.name: c
    for c in (
        Condition("HELP", "csto_outcome", ("granted", "partly_granted"), "The CSTO granted at least part of what was asked."),
        Condition("GRANTED", "csto_outcome", ("granted",), "The CSTO granted what was asked."),
        Condition("TROOPS", "csto_given_troops", ("true",), "The CSTO sent troops."),
    )
}  # fmt: skip


class Regime(NamedTuple):
    """A measure of the regime, the values that count as autocratic (at most, below, or equal to the threshold), and its top."""

    how: str
    threshold: float | str
    top: float
    says: str

    @property
    def rule(self) -> str:
        """The rule of calibration in words."""
        return f"1 where the measure of the year before is {self.how} {self.threshold}, else 0"


REGIMES = {
    "vdem_v2x_regime": Regime("at most", 1, 3, "V-Dem, Regimes of the World: 0 closed autocracy, 1 electoral autocracy, 2 and 3 democracies"),
    "vdem_v2x_polyarchy": Regime("below", 0.5, 1, "V-Dem, electoral democracy index, 0 to 1"),
    "vdem_v2x_libdem": Regime("below", 0.5, 1, "V-Dem, liberal democracy index, 0 to 1"),
    "fh_status": Regime("equal to", "Not Free", 0, "Freedom House, status: Free, Partly Free, Not Free"),
}  # fmt: skip


class Questions(NamedTuple):
    """The sets asked for, and the measure of the regime with its cut-off."""

    conditions: tuple[str, ...]
    outcome: str
    regime: str
    cut: Regime

    @property
    def names(self) -> tuple[str, ...]:
        """The conditions and the outcome."""
        return (*self.conditions, self.outcome)


BY_DAY = ("crisis_rules_in_force", "requester_chaired")
LEDGER = (
    "case_id", "row_name", "set", "definition", "rule", "variable", "value", "score", "basis",
    "table_name", "record_id", "field_name", "cell_status", "evidence_id", "reading", "agreement", "citekey",
)  # fmt: skip


@dataclass(frozen=True)
class Calibration:
    """The calibrated cases.

    `table`: one row a case, readable names as index, conditions and outcome as int64
    columns, 0 or 1. `ledger`: one row per score and reading behind it, columns LEDGER.
    `left_out`: the gaps of cases left out (case_id, row_name, set, variable, value).
    `truth`: one row per configuration that occurs (conditions, n, consistency, cases).
    """

    table: pd.DataFrame
    ledger: pd.DataFrame
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
    outcome: str = "HELP",
    conditions: Iterable[str] | None = None,
    regime: str = "vdem_v2x_regime",
    threshold: float | None = None,
    unknown: str = "absent",
    home: str | Path | None = None,
) -> Calibration:
    """The primary request of each case as a row of crisp sets, under one resolution rule.

    `conditions` are names of CONDITIONS (default: all), `outcome` one of OUTCOMES,
    `regime` the covariate behind AUTOCRAT (one of REGIMES) and `threshold` its cut-off;
    `unknown` says what becomes of a score no source decides: `absent` or `leave-out`. What
    cannot exist for a case (not_applicable) is absent.

    Raises:
        UnknownNameError: no such rule, outcome, condition, regime measure or treatment.
        DataError: the data have problems.
    """
    sets = questions(outcome, conditions, regime, threshold)
    if unknown not in UNKNOWN:
        raise UnknownNameError("treatment of unknowns", unknown, UNKNOWN)
    return calibrated(data(home, rule), sets, unknown)


def questions(
    outcome: str = "HELP",
    conditions: Iterable[str] | None = None,
    regime: str = "vdem_v2x_regime",
    threshold: float | None = None,
) -> Questions:
    """The sets asked for by name.

    Raises:
        UnknownNameError: no such outcome, condition or regime measure, or one that has no threshold.
        CstocasesError: a threshold off the scale of the measure.
    """
    chosen = tuple(dict.fromkeys(conditions or CONDITIONS))
    asked: list[tuple[str, str, Iterable[str]]] = [("condition", name, CONDITIONS) for name in chosen]
    asked += [("outcome", outcome, OUTCOMES), ("regime measure", regime, REGIMES)]
    for kind, name, known in asked:
        if name not in list(known):
            raise UnknownNameError(kind, name, known)
    cut = REGIMES[regime]
    if threshold is not None:
        if isinstance(cut.threshold, str):
            raise UnknownNameError("regime measure with a numeric threshold", regime, [])
        if not 0 <= threshold <= cut.top:
            raise CstocasesError(f"threshold: {threshold:g} is not on the scale of {regime}, 0 to {cut.top:g}")
        cut = cut._replace(threshold=threshold)
    return Questions(chosen, outcome, regime, cut)


def calibrated(found: Data, sets: Questions, unknown: str = "absent") -> Calibration:
    """What `calibrate` gives, of data already resolved."""
    wide = comparison(found)
    primary = dated(found, wide)
    ledger = scores(found, wide, primary, sets)
    open_ = ledger["basis"] == "unknown"
    if unknown == "absent":
        # What came of a request is never assumed: it is what is to be explained.
        ledger.loc[open_ & (ledger["set"] != sets.outcome), "basis"] = "assumed_absent"
        open_ &= ledger["set"] == sets.outcome
    left_out = ledger.loc[open_, ["case_id", "row_name", "set", "variable", "value"]].reset_index(drop=True)
    kept = ledger[~ledger["case_id"].isin(left_out["case_id"])]
    table = kept.pivot(index="row_name", columns="set", values="score").astype("int64")
    order = [name for name in row_names(found, primary) if name in table.index]
    table = table.reindex(index=order, columns=list(sets.names)).rename_axis(index=None, columns=None)
    truth = _truth(table, sets.conditions, sets.outcome)
    return Calibration(table, _with_readings(found, ledger), left_out, truth, sets.conditions, sets.outcome)


def scores(
    found: Data, wide: Comparison, primary: pd.DataFrame, sets: Questions, rows: Iterable[int] | None = None
) -> pd.DataFrame:
    """Every score of the primary requests that `dated` gives, or of some of these rows.

    Columns: case_id, row_name, set, definition, rule, variable, value, score, basis,
    table_name, record_id, field_name.
    """
    names = row_names(found, primary)
    made = []
    for row in primary.index if rows is None else rows:
        case = {"case_id": primary.at[row, "case_id"], "row_name": names[row]}
        for name in sets.names:
            condition = CONDITIONS.get(name) or OUTCOMES[name]
            if name == "AUTOCRAT":
                score = _regime(found, primary.loc[row], sets.regime, sets.cut)
            else:
                score = _score(found, wide, primary, row, condition)
            made.append({**case, "set": name, "definition": condition.definition, **score})
    return pd.DataFrame(made)


def dated(found: Data, wide: Comparison) -> pd.DataFrame:
    """The primary requests in the order of the cases; where the day is not known, what the law was when the case began."""
    frame = wide.frame[wide.frame["is_primary"].astype(bool)].sort_values("case_id")
    began = found.frames["cases"].set_index("case_id")["start_date"]
    frame = frame.assign(date=frame["date"].fillna(frame["case_id"].map(began)))
    return frame.assign(**{name: DERIVED[name](found, frame) for name in BY_DAY})


def row_names(found: Data, primary: pd.DataFrame) -> pd.Series:
    """State and year, as a reader knows the case; a second case of a year is numbered."""
    state = primary["state"].map(found.frames["states"].set_index("iso3c")["name"])
    plain = state + " " + primary["case_id"].str.extract(r"-([0-9]{4})", expand=False)
    again = plain.groupby(plain).cumcount()
    return plain.where(again == 0, plain + " (" + (again + 1).astype("string") + ")")


def _score(found: Data, wide: Comparison, primary: pd.DataFrame, row: int, condition: Condition) -> dict[str, object]:
    field = condition.field
    value = primary.at[row, field]
    missing = value is UNSURE or pd.isna(value)
    text = pd.NA if missing else as_text(found.package.table("comparison").field(field), pd.Series([value])).iloc[0]
    kind = wide.missing_codes.at[row, field]
    if field in BY_DAY:  # asked again, of the day that `dated` gives
        kind = "unknown" if value is UNSURE else "not_applicable"
    basis = "coded" if not missing else "not_applicable" if kind == "not_applicable" else "unknown"
    return {
        "rule": condition.rule,
        "variable": field,
        "value": f"({kind})" if missing else text,
        "score": int(not missing and text in condition.members),
        "basis": basis,
        **_behind(found, wide, primary.loc[row], row, field),
    }


def _behind(found: Data, wide: Comparison, request: pd.Series, row: int, field: str) -> dict[str, object]:
    """The cell a score comes from: that of the comparison, or for what is computed the cell the computing starts from."""
    cell: tuple[str, object, str]
    if field == "crisis_rules_in_force":
        cell = ("provisions", CRISIS_RULES, "start_date")
    elif field == "requester_chaired":
        chair = UNSURE if pd.isna(request["date"]) else chair_office(found, request["date"])
        cell = ("offices", pd.NA if chair is UNSURE else chair, "start_date")
    else:
        origin = found.package.table("comparison").field("adversary_type" if field == "adversary_is_member" else field)
        assert origin.ref is not None  # noqa: S101 - every other set asks a column taken from a table
        cell = (origin.ref[0], wide.records.at[row, origin.name], origin.ref[1])
    return dict(zip(CELL, cell, strict=True))


def _regime(found: Data, request: pd.Series, measure: str, cut: Regime) -> dict[str, object]:
    year = int(request["case_id"].split("-")[1]) - 1
    rows = found.frames[found.package.table("covariates").name]
    rows = rows[rows["measure"] == measure]
    # One release for all cases: that with most rows, then the newest.
    size = rows.groupby("dataset_version")["state"].transform("size")
    rows = rows.assign(size=size).sort_values(["size", "dataset_version"], ascending=False)
    rows = rows[(rows["state"] == request["state"]) & (rows["measured_year"] == year)]
    out: dict[str, object] = {"rule": f"{cut.rule} ({cut.says})", "variable": measure, "table_name": "covariates"}
    if rows.empty:
        return {**out, "value": "(unknown)", "score": 0, "basis": "unknown", "record_id": f"{request['state']}/{year}"}
    first = rows.iloc[0]
    value = first["covariate_value"]
    if isinstance(cut.threshold, str):
        autocratic = value == cut.threshold
    else:
        autocratic = float(value) < cut.threshold or (cut.how == "at most" and float(value) == cut.threshold)
    key = "/".join(str(first[name]) for name in found.package.table("covariates").primary_key)
    return {
        **out,
        "value": value,
        "score": int(autocratic),
        "basis": "coded",
        "record_id": key,
        "field_name": "covariate_value",
    }


def _with_readings(found: Data, ledger: pd.DataFrame) -> pd.DataFrame:
    read = found.readings[[*CELL, "evidence_id", "reading", "agreement", "citekey"]]
    status = found.statuses[[*CELL, "status"]].rename(columns={"status": "cell_status"})
    out = ledger.merge(status, on=CELL, how="left").merge(read, on=CELL, how="left")
    return out[list(LEDGER)]


def _truth(table: pd.DataFrame, conditions: tuple[str, ...], outcome: str) -> pd.DataFrame:
    """One row a configuration. Columns: the conditions, n (cases), consistency (share with the outcome), cases."""
    grouped = table.rename_axis("row_name").reset_index().groupby(list(conditions), sort=True)
    made = grouped.agg(
        n=(outcome, "size"), consistency=(outcome, "mean"), cases=("row_name", lambda names: "; ".join(names))
    )
    return made.reset_index().sort_values(["consistency", "n"], ascending=False, ignore_index=True)
