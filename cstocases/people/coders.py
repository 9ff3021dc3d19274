"""The row of whoever filled in a sheet, in `coders`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cstocases.errors import Problem
from cstocases.people.proposal import Row
from cstocases.resolution.data import Data


def coder_row(data: Data, name: str, content: Mapping[str, Any], saw_values: str) -> tuple[list[Row], list[Problem]]:
    """The row to add for the coder of a returned file, none if there is one already; and what is wrong with the coder.

    `content` has coder and shown_as. A model cannot fill in a sheet, and who had seen the values cannot code blind
    under the same name.
    """
    coder, shown = content["coder"], content.get("shown_as", "").strip()
    known = data.parsed["coders"].texts.set_index("coder") if "coders" in data.parsed else None
    if known is None:
        return [], [Problem(name, 0, "coder", "coder", "this dataset has no table of coders")]
    if coder not in known.index:
        values = (coder, "person", shown or "withheld", saw_values, data.package.version)
        return [dict(zip(data.package.table("coders").names, values, strict=True))], []
    if known.at[coder, "coder_kind"] != "person":
        return [], [Problem(name, 0, "coder", "coder", f"{coder} is a model; choose another name")]
    if saw_values == "no" != known.at[coder, "saw_values"]:
        seen = known.at[coder, "saw_values"]
        message = f"{coder} has seen published values ({seen}); a blind coding needs another name, such as {coder}-2"
        return [], [Problem(name, 0, "saw_values", "coder", message)]
    return [], []
