"""What became of a coder's work: the cells in which she differs from the published values, and the verdict on each."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cstocases.dataset import data
from cstocases.errors import UnknownNameError
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL
from cstocases.validation.coding import differing

COLUMNS = [*CELL, "coded_value", "published", "outcome", "verdict_reason", "coding_note"]
OPEN = "open"


def differences(coder: str, home: str | Path | None = None) -> pd.DataFrame:
    """The codings of one coder that differ from the published values, and what came of each.

    Columns: table_name, record_id, field_name, coded_value, published (as it is now, a missing-value code in round brackets; of a
    statement its readings; NA where nothing is published), outcome (open: no verdict on this value yet; kept: the published value stood;
    corrected: it was changed, not to the coder's), verdict_reason, coding_note. Dtype string; in the order of the codings.

    Raises:
        UnknownNameError: no such coder, or the dataset has no table of codings.
        DataError: the data have problems.
    """
    return differences_of(data(home), coder)


def differences_of(found: Data, coder: str) -> pd.DataFrame:
    """What `differences` gives, of data already loaded."""
    codings = found.frames[found.package.table("codings").name]
    registered = set(found.frames["coders"]["coder"]) if "coders" in found.frames else set()
    known = registered | set(codings["coder"])
    if coder not in known:
        raise UnknownNameError("coder", coder, known)
    mine = differing(found)
    mine = mine[mine["coder"] == coder]
    return mine.assign(outcome=mine["verdict"].fillna(OPEN))[COLUMNS].astype("string").reset_index(drop=True)
