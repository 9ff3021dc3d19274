"""Agreement of the blind codings with each other, and how many readings their statements state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cstocases.dataset import data
from cstocases.errors import CstocasesError, count
from cstocases.resolution.data import Data
from cstocases.resolution.readings import RECORD

MIN_UNITS = 3  # with fewer a coefficient is an accident
DTYPES = {
    "variable": "string",
    "units": "Int64",
    "coders": "Int64",
    "agreement": "Float64",
    "alpha": "Float64",
    "note": "string",
    "pass_date": "string",
}
OVERALL = "all variables"


def reliability(home: str | Path | None = None) -> pd.DataFrame:
    """Percent agreement and Krippendorff's alpha (nominal) of the blind coders, per variable and overall.

    The overall alpha is the mean of the variables' alphas that are defined, weighted by cells,
    because codes of different variables share no chance agreement.

    Columns: variable (table.field), units (cells that two or more coders coded), coders (of these
    cells), agreement (per cent of these cells in which all their coders agree), alpha, note (why
    one is undefined, and then NA), pass_date (NA for all codings; a variable that was coded on several days has a row for
    each day more). Missing-value codes count as values: to call a thing unknown is a
    judgement too. Of `record` the agreement is the share of rows that all coders found; what nobody found is in no row,
    so that chance agreement, and alpha, cannot be told. Dtypes string, Int64 and Float64. Definition: Krippendorff, Content Analysis
    (Sage), chapter on reliability, alpha = 1 - observed / expected disagreement; computed by
    the library `krippendorff`.

    Raises:
        UnknownNameError: the dataset has no table of codings.
        CstocasesError: the library is not installed.
        DataError: the data have problems.
    """
    return reliability_of(data(home))


def reliability_of(found: Data) -> pd.DataFrame:
    """What `reliability` gives, of data already loaded."""
    codings = found.frames[found.package.table("codings").name]
    variable = codings["table_name"] + "." + codings["field_name"]
    unit = variable + "/" + codings["record_id"]
    cells = codings.assign(variable=variable, unit=unit)
    rows = [measured(name, group) for name, group in cells.groupby("variable", sort=True)]
    if rows:
        rows.append(_overall(rows))
    days = cells.groupby("variable")["pass_date"].transform("nunique")
    for (name, day), group in cells[days > 1].groupby(["variable", "pass_date"], sort=True):
        rows.append({**measured(name, group), "pass_date": f"{day:%Y-%m-%d}"})
    return pd.DataFrame(rows, columns=list(DTYPES)).astype(DTYPES)


def bases(home: str | Path | None = None) -> pd.DataFrame:
    """How many readings are stated by their statement and how many inferred, by table and in all.

    Columns: table_name, readings, stated, inferred, not_judged, share_stated (per cent of those judged). Dtypes string, Int64 and Float64.

    Raises:
        DataError: the data have problems.
    """
    read = data(home).frames["readings"]
    kind = read["basis"].fillna("not_judged")
    names = ["stated", "inferred", "not_judged"]
    counts = pd.crosstab(read["table_name"].astype(object), kind.astype(object)).reindex(columns=names, fill_value=0)
    counts.loc["all tables"] = counts.sum()
    out = counts.reset_index(names="table_name").rename_axis(columns=None)
    judged = out["stated"] + out["inferred"]
    out.insert(1, "readings", out[names].sum(axis=1))
    out["share_stated"] = (100 * out["stated"] / judged).where(judged > 0)
    return out.astype(
        {"table_name": "string", **dict.fromkeys(["readings", *names], "Int64"), "share_stated": "Float64"}
    )


def measured(variable: str, cells: pd.DataFrame, all_listed: bool = False) -> dict[str, Any]:
    """One row of `reliability`, from columns coder, unit and coded_value.

    Of `record` it has an alpha only where `all_listed`: what nobody found is a row too.
    """
    (coder, coders), (unit, units_of), (code, _) = (
        pd.factorize(cells[name]) for name in ("coder", "unit", "coded_value")
    )
    table = np.full((len(coders), len(units_of)), np.nan)
    table[coder, unit] = np.where(code < 0, np.nan, code)
    shared = table[:, (~np.isnan(table)).sum(axis=0) >= 2]
    shared = shared[~np.isnan(shared).all(axis=1)]
    units = shared.shape[1]
    same = (np.nanmin(shared, axis=0) == np.nanmax(shared, axis=0)).mean() * 100 if units else pd.NA
    alpha, note = pd.NA, ""
    if not units:
        note = "undefined: no cell was coded by two coders"
    elif units < MIN_UNITS:
        note = f"undefined: fewer than {MIN_UNITS} cells coded twice"
    elif variable.endswith(f".{RECORD}") and not all_listed:
        note = "undefined: what nobody found is in no row"
    elif np.nanmin(shared) == np.nanmax(shared):
        note = "undefined: only one category was used"
    else:
        alpha = _alpha(shared)
    return {
        "variable": variable,
        "units": units,
        "coders": len(shared),
        "agreement": same,
        "alpha": alpha,
        "note": note,
    }


def _overall(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All variables: percent agreement of all cells, and the mean of the alphas that are defined, weighted by cells."""
    units = sum(row["units"] for row in rows)
    same = sum(row["units"] * row["agreement"] for row in rows if row["units"]) / units if units else pd.NA
    defined = [row for row in rows if not row["note"]]
    weight = sum(row["units"] for row in defined)
    alpha = sum(row["units"] * row["alpha"] for row in defined) / weight if weight else pd.NA
    note = (
        f"mean of the {count(len(defined), 'alpha')} defined, weighted by cells"
        if defined
        else "undefined: no variable has one"
    )
    coders = max(row["coders"] for row in rows)
    return {"variable": OVERALL, "units": units, "coders": coders, "agreement": same, "alpha": alpha, "note": note}


def _alpha(matrix: np.ndarray) -> float:
    try:
        import krippendorff
    except ModuleNotFoundError:
        raise CstocasesError(
            "reliability needs the library krippendorff: pip install 'cstocases[reliability]'"
        ) from None
    return float(krippendorff.alpha(reliability_data=matrix, level_of_measurement="nominal"))
