"""Agreement of the blind coders two by two, people and models apart, and with the published values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from cstocases.analysis.reliability import OVERALL, measured
from cstocases.dataset import data
from cstocases.errors import UnknownNameError
from cstocases.parsing.joins import is_in, joined
from cstocases.resolution.data import Data
from cstocases.resolution.readings import RECORD
from cstocases.validation.coding import compared, published_ids, same_coder

DTYPES = {
    "variable": "string",
    "coder_a": "string",
    "coder_b": "string",
    "pair_kind": "string",
    "n": "Int64",
    "agreement": "Float64",
    "alpha": "Float64",
    "note": "string",
}
PUBLISHED = "published"  # what a coder can be set against, which is no coder
WITH_PUBLISHED = f"coder-{PUBLISHED}"
UNKNOWN = "unknown"
KINDS = ("human-human", "human-model", "model-model", "same person", "same model", UNKNOWN)
WORDS = {"person": "human", "model": "model"}
Row = dict[str, Any]


def pairs(home: str | Path | None = None, against: str | None = None) -> pd.DataFrame:
    """Percent agreement and Krippendorff's alpha (nominal) of each pair of blind coders who share a cell, by variable.

    Columns: variable (table.field that both coded, or "all variables"), coder_a, coder_b (NA in the row of a kind of pair),
    pair_kind (human-human, human-model, model-model; same person, same model for two passes of one coder, such as anna and
    anna-2; unknown where the dataset does not say who the coders are), n (cells both coded), agreement (per cent of them), alpha, note (why
    one is undefined, and then NA). Dtypes string, Int64 and Float64. For all variables, of a pair and of a kind of pair, alpha is the mean of
    the alphas that are defined, weighted by n. Kinds are never pooled. Missing-value codes count as values. Of `record` alpha is
    defined only where both coders said no to one thing: else nobody wrote down what was not found. Cells are compared by the id
    they were coded under, so a statement that was merged into another is a cell of its own.

    With `against` "published" there is a row more for each variable and coder, with coder_b "published" and pair_kind "coder-published", and none
    over coders: this is agreement with ours, not reliability. What is not published (of a statement, no reading of the variable) is not
    compared; of several readings the coder's own counts. (unknown) agrees with what is published as (no_evidence_found) or (withheld).

    Raises:
        UnknownNameError: the dataset has no table of codings, or there is nothing of that name to compare with.
        CstocasesError: the library krippendorff is not installed.
        DataError: the data have problems.
    """
    return pairs_of(data(home), against)


def pairs_of(found: Data, against: str | None = None) -> pd.DataFrame:
    """What `pairs` gives, of data already loaded."""
    if against not in (None, PUBLISHED):
        raise UnknownNameError("values to compare with", str(against), [PUBLISHED])
    codings = found.frames[found.package.table("codings").name]
    cells = _cells(found, codings)
    kinds = kinds_of(found)
    by_coder = {str(coder): group for coder, group in cells.groupby("coder", sort=True)}
    rows, overall = list[Row](), list[Row]()
    for one, other in combinations(by_coder, 2):
        mine = list(_of_pair(by_coder[one], by_coder[other], (one, other, kind_of_pair(one, other, kinds))))
        rows += mine
        overall += [_overall(mine)] if mine else []
    for name in KINDS:
        if of_kind := [row for row in rows if row["pair_kind"] == name]:
            overall.append(_overall(of_kind) | {"coder_a": pd.NA, "coder_b": pd.NA})
    if against:
        for coder, group in _with_published(found):
            mine = list(_of_pair(group, group.assign(coder=PUBLISHED, coded_value=group["published"]), (coder, PUBLISHED, WITH_PUBLISHED)))  # fmt: skip
            rows += mine
            overall += [_overall(mine)] if mine else []
    rows.sort(key=lambda row: row["variable"])  # stable, so pairs stay in the order of their names
    return pd.DataFrame([*rows, *overall], columns=list(DTYPES)).astype(DTYPES)


def with_models(coder: str, home: str | Path | None = None) -> pd.DataFrame:
    """The rows of `pairs` by variable in which a coder stands beside a model.

    Raises:
        UnknownNameError: the dataset has no table of codings.
        CstocasesError: the library krippendorff is not installed.
        DataError: the data have problems.
    """
    return with_models_of(data(home), coder)


def with_models_of(found: Data, coder: str) -> pd.DataFrame:
    """What `with_models` gives, of data already loaded."""
    models = [name for name, kind in kinds_of(found).items() if kind == "model"]
    rows = pairs_of(found)
    one, other = rows["coder_a"], rows["coder_b"]
    mine = ((one == coder) & is_in(other, models)) | ((other == coder) & is_in(one, models))
    return rows[mine.fillna(False) & (rows["variable"] != OVERALL)].reset_index(drop=True)


def kinds_of(found: Data) -> dict[str, str]:
    """Each coder's kind as a pair names it, human or model; empty where the dataset has no table of coders."""
    if "coders" not in found.frames:
        return {}
    table = found.frames["coders"]
    return {name: WORDS[kind] for name, kind in zip(table["coder"], table["coder_kind"], strict=True) if kind in WORDS}


def kind_of_pair(one: str, other: str, kinds: Mapping[str, str]) -> str:
    """What two coders are to each other.

    >>> people = {"anna": "human", "anna-2": "human", "coder-a": "model"}
    >>> kind_of_pair("anna", "anna-2", people), kind_of_pair("anna", "coder-a", people), kind_of_pair("anna", "ben", people)
    ('same person', 'human-model', 'unknown')
    """
    first, second = kinds.get(one, UNKNOWN), kinds.get(other, UNKNOWN)
    if first == second and same_coder(one, other, kinds):
        return "same model" if first == "model" else "same person"
    return UNKNOWN if UNKNOWN in (first, second) else "-".join(sorted((first, second)))


def _cells(found: Data, codings: pd.DataFrame) -> pd.DataFrame:
    """Codings with their variable and unit; who coded an ask or an answer under both its names is counted once."""
    variable = codings["table_name"] + "." + codings["field_name"]
    unit = joined(variable, published_ids(found, codings))
    return codings.assign(variable=variable, unit=unit).drop_duplicates(["coder", "unit"])


def _with_published(found: Data) -> Iterator[tuple[str, pd.DataFrame]]:
    """For each coder the codings of cells that are published, and the value published."""
    beside = compared(found)
    # Of a statement with several readings of a variable one is compared: the coder's own if it is among them.
    first = beside["published"].str.split("; ", regex=False).str[0]
    beside["published"] = beside["published"].mask(beside["table_name"] == "evidence", first)
    beside["published"] = beside["published"].mask(beside["same"] & beside["published"].notna(), beside["coded_value"])
    for coder, group in _cells(found, beside.dropna(subset=["published"])).groupby("coder", sort=True):
        yield str(coder), group


def _of_pair(one: pd.DataFrame, other: pd.DataFrame, names: tuple[str, str, str]) -> Iterator[Row]:
    """A row for each variable that both coded, if they share a cell of any."""
    if not set(one["unit"]) & set(other["unit"]):
        return
    both = pd.concat([one, other], ignore_index=True)
    for variable, cells in both.groupby("variable", sort=True):
        if cells["coder"].nunique() < 2:
            continue
        row = measured(str(variable), cells, str(variable).endswith(f".{RECORD}") and _said_no_together(cells))
        note = row["note"].replace("coded by two coders", "coded by both").replace("coded twice", "coded by both")
        coders = dict(zip(("coder_a", "coder_b", "pair_kind"), names, strict=True))
        measures = {"n": row["units"], "agreement": row["agreement"], "alpha": row["alpha"], "note": note}
        yield {"variable": variable, **coders, **measures}


def _said_no_together(cells: pd.DataFrame) -> bool:
    """Whether two coders said no to one thing: only who lists what was not found as well does that."""
    return bool(cells.loc[cells["coded_value"] == "no", "unit"].duplicated().any())


def _overall(rows: Iterable[Row]) -> Row:
    """All variables of rows of one kind of pair: agreement of all cells, and the mean of the alphas that are defined, weighted by n."""
    rows = list(rows)
    n = sum(row["n"] for row in rows)
    defined = [row for row in rows if not row["note"]]
    weight = sum(row["n"] for row in defined)
    note = f"{len(defined)} of {len(rows)} {'alpha' if len(rows) == 1 else 'alphas'} defined"
    return {
        **{name: rows[0][name] for name in ("coder_a", "coder_b", "pair_kind")},
        "variable": OVERALL,
        "n": n,
        "agreement": sum(row["n"] * row["agreement"] for row in rows if row["n"]) / n,
        "alpha": sum(row["n"] * row["alpha"] for row in defined) / weight if weight else pd.NA,
        "note": note if weight else f"undefined: {note}",
    }
