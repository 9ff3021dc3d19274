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


def newest_checks(cells: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The newest check of each cell (columns as in `statuses`) by each person. Checks by models do not count.

    Columns: table_name, record_id, field_name, published (a missing-value code in round brackets), checker, shown_as (NA where the
    checker wants no name), check_date, seen_value, check_verdict, check_reason, out_of_date (whether the cell has another value than
    the one seen). Dtypes string and boolean; index: the place of the cell in `cells`, in this order and that of the days.
    """
    columns = [*CELL, "published", "checker", "shown_as", "check_date", "seen_value", "check_verdict", "check_reason"]
    if "checks" not in frames or frames["checks"].empty:
        return pd.DataFrame(columns=[*columns, "out_of_date"], dtype="string").astype({"out_of_date": "boolean"})
    people = frames["coders"].rename(columns={"coder": "checker"})
    people = people.loc[is_in(people["coder_kind"], ["person"]), ["checker", "shown_as"]]
    made = frames["checks"].merge(people, on="checker").sort_values("check_date", kind="stable")
    made = made.drop_duplicates([*CELL, "checker"], keep="last")
    place = positions(joined(*(made[name] for name in CELL)), joined(*(cells[name] for name in CELL)))
    made = made[place >= 0].set_axis(place[place >= 0]).sort_index(kind="stable")
    made = made.assign(published=said(cells).array[made.index])[columns].astype("string")
    return made.assign(out_of_date=(made["seen_value"] != made["published"]).astype("boolean"))


def checked(cells: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How many people checked each cell (columns as in `statuses`) as it is now, and what they said.

    Columns: n_checks (people whose newest check was of this value), check_status (unchecked, checked, questioned or
    out_of_date). Dtypes Int64 and string; index as in `cells`.
    """
    made = newest_checks(cells, frames)
    now = made[~made["out_of_date"]]
    kinds = {"any": made, "now": now, "doubts": now[now["check_verdict"] != "agree"]}
    counts = {name: np.bincount(rows.index.astype(int), minlength=len(cells)) for name, rows in kinds.items()}
    states = [counts["any"] == 0, counts["doubts"] > 0, counts["now"] > 0]
    status = np.select(states, ["unchecked", "questioned", "checked"], "out_of_date")
    made_of = {"n_checks": pd.array(counts["now"], dtype="Int64"), "check_status": pd.array(status, dtype="string")}
    return pd.DataFrame(made_of, index=cells.index)
