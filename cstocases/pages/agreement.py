"""The agreement of the coders as the report shows it: by kind of pair, and a matrix for each variable that several pairs coded."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cstocases.analysis.pairs import UNKNOWN, kinds_of, pairs_of
from cstocases.analysis.reliability import OVERALL
from cstocases.resolution.data import Data

NOTHING_SHARED = "no cell was coded by both"


def of_coders(found: Data) -> dict[str, list[dict[str, Any]]]:
    """What the report shows of `pairs`: `kinds` (of pairs, all variables) and `variables` that more than one pair shares, each a matrix of its coders.

    A matrix has alpha above the diagonal and below it the number of cells that both coded; both lists are empty if the dataset has no codings.
    """
    if "codings" not in found.frames:
        return {"kinds": [], "variables": []}
    table = pairs_of(found)
    by_kind = table[(table["variable"] == OVERALL) & table["coder_a"].isna()]
    kinds = [
        {"kind": r.pair_kind, "n": r.n, "agreement": f"{r.agreement:.0f}", "alpha": _alpha(r.alpha), "note": _reason(r)}
        for r in by_kind.itertuples()
    ]
    kind_of = kinds_of(found)
    coded = table[(table["variable"] != OVERALL)].groupby("variable", sort=True)
    return {
        "kinds": kinds,
        "variables": [_matrix(str(v), rows, kind_of) for v, rows in coded if sum(rows["n"] > 0) > 1],
    }


def _alpha(value: Any) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}"


def _reason(row: Any) -> str:
    return str(row.note).removeprefix("undefined: ")


def _matrix(variable: str, rows: pd.DataFrame, kind_of: dict[str, str]) -> dict[str, Any]:
    """One variable: its coders, the rows of its matrix and the reasons why an alpha in it is undefined, which its cells name by number."""
    of_pair = {(row.coder_a, row.coder_b): row for row in rows.itertuples()}
    coders = sorted({name for pair in of_pair for name in pair})
    reasons = dict[str, int]()

    def cell(one: str, other: str) -> dict[str, Any]:
        row = of_pair.get((min(one, other), max(one, other)))
        if one == other:
            return {"text": "", "reason": "", "number": 0}
        if one > other:
            return {"text": str(row.n) if row else "0", "reason": "", "number": 0}
        reason = _reason(row) if row else NOTHING_SHARED
        number = reasons.setdefault(reason, len(reasons) + 1) if reason else 0
        return {"text": _alpha(row.alpha) if row else "–", "reason": reason, "number": number}

    lines = [{"coder": one, "cells": [cell(one, other) for other in coders]} for one in coders]
    names = {name: f"{name} ({kind_of.get(name, UNKNOWN)})" for name in coders}
    return {
        "variable": variable,
        "coders": list(names.values()),
        "rows": [{**line, "coder": names[line["coder"]]} for line in lines],
        "reasons": list(reasons),
    }
