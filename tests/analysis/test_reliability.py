"""Agreement of the blind codings: hand-worked values, and no number where none means anything."""

from __future__ import annotations

from pathlib import Path

import helpers
import pandas as pd
import pytest

import cstocases
from cstocases.analysis.reliability import measured


def pairs(*values: tuple[str | None, ...]) -> pd.DataFrame:
    """The values that coders a, b, c ... gave units 0, 1, 2 ...; None where one skipped a unit."""
    rows = [
        (coder, f"u{i}", value) for i, given in enumerate(values) for coder, value in zip("abc", given, strict=False)
    ]
    return pd.DataFrame(rows, columns=["coder", "unit", "coded_value"]).astype("string").dropna()


# Units, coders, agreement in percent and alpha, worked out by hand: alpha = 1 - Do / De.
BY_HAND = {
    "a a a b | a a b b: Do = 1/4, De = 2*5*3/(8*7)": ([("a", "a"), ("a", "a"), ("a", "b"), ("b", "b")], 4, 2, 75, 8 / 15),
    "full agreement on two categories": ([("a", "a"), ("b", "b"), ("a", "a")], 3, 2, 100, 1),
    "swapped: Do = 1, De = 2*3*3/(6*5)": ([("a", "b"), ("b", "a"), ("a", "b")], 3, 2, 0, -2 / 3),
    "aaa bbb aab: Do = 2/9, De = 2*5*4/(9*8)": ([("a", "a", "a"), ("b", "b", "b"), ("a", "a", "b")], 3, 3, 200 / 3, 3 / 5),
    "aa bb ab, one coded alone by a third coder: Do = 1/3, De = 2*3*3/(6*5)": ([("a", "a"), ("b", "b"), ("a", "b"), (None, None, "b")], 3, 2, 200 / 3, 4 / 9),
    "aaa bb ab, one coded alone: Do = 2/7, De = 2*4*3/(7*6)": ([("a", "a", "a"), ("b", "b", None), ("a", "b", None), (None, None, "b")], 3, 3, 200 / 3, 1 / 2),
}  # fmt: skip


@pytest.mark.parametrize(("values", "units", "coders", "agreement", "alpha"), list(BY_HAND.values()), ids=list(BY_HAND))
def test_alpha_by_hand(values: list[tuple[str | None, ...]], units: int, coders: int, agreement: float, alpha: float) -> None:  # fmt: skip
    """Alpha, and how often coders agree, of two and three coders, one of whom may skip units."""
    row = measured("v", pairs(*values))

    assert ("v", units, coders, "") == (row["variable"], row["units"], row["coders"], row["note"])
    assert pytest.approx([agreement, alpha]) == [row["agreement"], row["alpha"]]


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([("a", "a"), ("a", "a"), ("a", "a")], "undefined: only one category was used"),
        ([("a", "a"), ("a", "b")], "undefined: fewer than 3 cells coded twice"),
        ([("a", None), (None, "a"), ("b", None), (None, "b")], "undefined: no cell was coded by two coders"),
    ],
)
def test_undefined_is_no_number(values: list[tuple[str | None, ...]], note: str) -> None:
    """With one category, too few units or none that two coders share alpha is missing and says why."""
    row = measured("v", pairs(*values))

    assert row["alpha"] is pd.NA
    assert note == row["note"]


def of_all(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of all codings by variable."""
    return table[table["pass_date"].isna()].set_index("variable")


def test_what_was_coded_again_is_compared_by_day(untouched: Path) -> None:
    """A variable coded on two days has a row for each, equal to that of the codings of that day alone; units found have no alpha."""
    table = cstocases.reliability(untouched)
    codings = cstocases.load("codings", untouched)
    again = table[table["variable"] == "requests.status"].set_index("pass_date")
    mine = codings[(codings["table_name"] == "requests") & (codings["field_name"] == "status")]
    cells = mine.assign(unit=mine["record_id"])

    assert ["2026-11-24", "2026-11-29"] == list(again.index.dropna())
    for day, row in again[again.index.notna()].iterrows():
        alone = measured("requests.status", cells[cells["pass_date"].astype(str) == day])
        assert (alone["units"], alone["agreement"]) == (row["units"], row["agreement"])
    found = table[table["variable"].str.endswith(".record")]
    assert {"undefined: what nobody found is in no row"} == set(found["note"])
    assert (found["agreement"] > 95).all()


def test_one_row_of_a_new_coder(tmp_path: Path) -> None:
    """A new coder who coded one cell of the shipped data is one coder more of its variable; the units stay the same."""
    home = helpers.copy_shipped(tmp_path / "data")
    header, first, *_ = helpers.read_rows(home, "codings")
    cell = dict(zip(header, first, strict=True))
    helpers.add(home, "coders", coder="coder-z", coder_kind="model", saw_values="no", codebook_version="0.3.0")
    helpers.add(home, "codings", **(cell | {"coder": "coder-z"}))
    was, now = (of_all(table) for table in (cstocases.reliability(), cstocases.reliability(home)))
    variable = f"{cell['table_name']}.{cell['field_name']}"

    assert was.at[variable, "coders"] + 1 == now.at[variable, "coders"]
    assert list(was["units"]) == list(now["units"])
    assert was["alpha"].drop([variable, "all variables"]).equals(now["alpha"].drop([variable, "all variables"]))


def test_no_variable_with_an_alpha(tmp_path: Path) -> None:
    """Where the coders share no cell nothing is a number: not the agreement, not the overall alpha, which says why."""
    home = helpers.copy_shipped(tmp_path / "data")
    header, *rows = helpers.read_rows(home, "codings")
    other_header, *judged = helpers.read_rows(home, "adjudications")
    cells = [dict(zip(other_header, row, strict=True)) for row in judged]
    differing = {tuple(cell[name] for name in header[2:5]) for cell in cells}
    alone = [row for row in rows if row[0] == "coder-a" and tuple(row[2:5]) not in differing]
    helpers.write_rows(home, "codings", [header, *alone])
    helpers.write_rows(home, "adjudications", [other_header])
    table = of_all(cstocases.reliability(home))

    assert {"undefined: no cell was coded by two coders"} == set(table["note"].drop("all variables"))
    assert "undefined: no variable has one" == table.at["all variables", "note"]
    assert table[["agreement", "alpha"]].isna().all(axis=None)


def test_the_shipped_codings(untouched: Path) -> None:
    """Of the models' codings: at least two coders a variable, and the number of its cells; overall is the mean of the alphas weighted by cells."""
    table = of_all(cstocases.reliability(untouched))
    codings = cstocases.load("codings", untouched)
    parts = table.drop(index="all variables")
    defined = parts[parts["note"] == ""]

    assert {2, 4} == set(parts["coders"])
    cells = codings.groupby(["table_name", "record_id", "field_name"], observed=True).size()
    assert (cells > 1).sum() == parts["units"].sum() == table.at["all variables", "units"]
    weighted = (defined["units"] * defined["alpha"].astype(float)).sum() / defined["units"].sum()
    assert weighted == pytest.approx(table.at["all variables", "alpha"])
    assert parts.loc[parts["note"] != "", "alpha"].isna().all()
