"""Agreement of the blind codings with each other, recomputed from the table `codings`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cstocases.dataset import data
from cstocases.errors import CstocasesError
from cstocases.resolution.data import Data

MIN_UNITS = 3  # with fewer a coefficient is an accident
OVERALL = "all variables"


def reliability(home: str | Path | None = None) -> pd.DataFrame:
    """Percent agreement and Krippendorff's alpha (nominal) of the blind coders, per variable and overall.

    Overall stands the mean of the variables' alphas that are defined, weighted by cells,
    because codes of different variables share no chance agreement.

    Columns: variable (table.field), units (cells both coders coded), coders, agreement (percent),
    alpha (NA where it is undefined), note (why it is). Kinds of missing count as values:
    to call a thing unknown is a judgement too. Definition: Krippendorff, Content Analysis
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
    return pd.DataFrame(rows, columns=["variable", "units", "coders", "agreement", "alpha", "note"])


def measured(variable: str, cells: pd.DataFrame) -> dict[str, Any]:
    """One row of `reliability`, from columns coder, unit and coded_value."""
    table = cells.pivot(index="coder", columns="unit", values="coded_value")
    shared = table.loc[:, table.notna().sum() >= 2]
    codes = {value: i for i, value in enumerate(sorted(set(shared.stack())))}
    units, coders = shared.shape[1], shared.shape[0] if shared.size else 0
    same = (shared.nunique() == 1).mean() * 100 if units else pd.NA
    alpha, note = pd.NA, ""
    if units < MIN_UNITS:
        note = f"undefined: fewer than {MIN_UNITS} cells coded twice"
    elif len(codes) < 2:
        note = "undefined: only one category was used"
    else:
        alpha = _alpha([[codes.get(value) for value in row] for row in shared.astype(object).to_numpy()])
    return {"variable": variable, "units": units, "coders": coders, "agreement": same, "alpha": alpha, "note": note}


def _overall(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All variables: percent agreement of all cells, and the mean of the alphas that are defined, weighted by cells."""
    units = sum(row["units"] for row in rows)
    same = sum(row["units"] * row["agreement"] for row in rows if row["units"]) / units if units else pd.NA
    defined = [row for row in rows if not row["note"]]
    weight = sum(row["units"] for row in defined)
    alpha = sum(row["units"] * row["alpha"] for row in defined) / weight if weight else pd.NA
    note = f"mean of the {len(defined)} alphas defined, weighted by cells"
    coders = max(row["coders"] for row in rows)
    return {"variable": OVERALL, "units": units, "coders": coders, "agreement": same, "alpha": alpha, "note": note}


def _alpha(matrix: list[list[int | None]]) -> float:
    try:
        import krippendorff
        import numpy as np
    except ModuleNotFoundError:
        raise CstocasesError(
            "reliability needs the library krippendorff: pip install 'cstocases[reliability]'"
        ) from None
    numbers = np.array([[np.nan if value is None else value for value in row] for row in matrix], dtype=float)
    return float(krippendorff.alpha(reliability_data=numbers, level_of_measurement="nominal"))
