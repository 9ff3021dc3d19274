"""Agreement of the blind codings: hand-worked values, and no number where none means anything."""

from __future__ import annotations

import pandas as pd
import pytest

import cstocases
from cstocases.analysis.reliability import measured


def pairs(*values: tuple[str, str]) -> pd.DataFrame:
    """Two coders' values for units 0, 1, 2 ..."""
    rows = [(coder, f"u{i}", pair[n]) for i, pair in enumerate(values) for n, coder in enumerate(("a", "b"))]
    return pd.DataFrame(rows, columns=["coder", "unit", "coded_value"]).astype("string")


def test_alpha_by_hand() -> None:
    """Four units, one disagreement, values a a a b | a a b b: Do = 1/4, De = 2*5*3/(8*7) = 30/56, alpha = 1 - (1/4)/(30/56) = 8/15."""
    row = measured("v", pairs(("a", "a"), ("a", "a"), ("a", "b"), ("b", "b")))

    assert (row["variable"], row["units"], row["coders"], row["agreement"], row["note"]) == ("v", 4, 2, 75.0, "")
    assert pytest.approx(row["alpha"]) == 8 / 15


def test_perfect_and_systematic_disagreement() -> None:
    """Full agreement on two categories is 1; a a|b b swapped gives less than zero: Do = 1, De = 2*3*3/(6*5) = 3/5, alpha = -2/3."""
    assert measured("v", pairs(("a", "a"), ("b", "b"), ("a", "a")))["alpha"] == 1.0
    assert pytest.approx(measured("v", pairs(("a", "b"), ("b", "a"), ("a", "b")))["alpha"]) == 1 - 1 / 0.6


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([("a", "a"), ("a", "a"), ("a", "a")], "undefined: only one category was used"),
        ([("a", "a"), ("a", "b")], "undefined: fewer than 3 cells coded twice"),
    ],
)
def test_undefined_is_no_number(values: list[tuple[str, str]], note: str) -> None:
    """With one category or too few units alpha is missing and says why."""
    row = measured("v", pairs(*values))

    assert row["alpha"] is pd.NA
    assert note == row["note"]


def test_cells_coded_once_do_not_count() -> None:
    """A unit only one coder coded is left out."""
    both = pairs(("a", "a"), ("b", "b"), ("a", "b"))
    once = pd.DataFrame([("a", "u9", "b")], columns=both.columns).astype("string")

    assert measured("v", both) == measured("v", pd.concat([both, once]))


def test_the_shipped_codings() -> None:
    """Two coders, every variable with the number of its cells; overall is the mean of the alphas weighted by cells."""
    table = cstocases.reliability().set_index("variable")
    codings = cstocases.load("codings")
    parts = table.drop(index="all variables")
    defined = parts[parts["note"] == ""]

    assert {2} == set(parts["coders"])
    assert len(codings) == 2 * parts["units"].sum() == 2 * table.at["all variables", "units"]
    weighted = (defined["units"] * defined["alpha"].astype(float)).sum() / defined["units"].sum()
    assert weighted == pytest.approx(table.at["all variables", "alpha"])
    assert parts.loc[parts["note"] != "", "alpha"].isna().all()
