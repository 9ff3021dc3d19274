"""What people who checked a cell said of the value it has."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cstocases.parsing.joins import is_in, joined, positions
from cstocases.resolution.readings import CELL


def said(cells: pd.DataFrame) -> pd.Series:
    """The value of cells as a coding or a check writes it: a missing-value code in round brackets. Dtype: string."""
    return cells["value"].fillna("(" + cells["kind"] + ")")


def checked(cells: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How many people checked each cell (columns as in `statuses`) as it is now, and what they said.

    Columns: n_checks (people whose newest check was of this value), check_status (unchecked, checked, questioned or
    out_of_date). Checks by models do not count. Dtypes Int64 and string; index as in `cells`.
    """
    size = len(cells)
    counts = {name: np.zeros(size, dtype=int) for name in ("any", "now", "doubts")}
    if "checks" in frames and len(frames["checks"]):
        coders = frames["coders"]
        people = coders.loc[(coders["coder_kind"] == "person").fillna(False), "coder"]
        made = frames["checks"][is_in(frames["checks"]["checker"], people)].sort_values("check_date", kind="stable")
        made = made.drop_duplicates([*CELL, "checker"], keep="last")
        place = positions(joined(*(made[name] for name in CELL)), joined(*(cells[name] for name in CELL)))
        made, place = made[place >= 0], place[place >= 0]
        now = (made["seen_value"].array == said(cells).array[place]).astype(bool)
        doubts = now & (made["check_verdict"] != "agree").to_numpy(dtype=bool)
        for name, counted in (("any", place), ("now", place[now]), ("doubts", place[doubts])):
            counts[name] = np.bincount(counted, minlength=size)
    states = [counts["any"] == 0, counts["doubts"] > 0, counts["now"] > 0]
    status = np.select(states, ["unchecked", "questioned", "checked"], "out_of_date")
    made_of = {"n_checks": pd.array(counts["now"], dtype="Int64"), "check_status": pd.array(status, dtype="string")}
    return pd.DataFrame(made_of, index=cells.index)
