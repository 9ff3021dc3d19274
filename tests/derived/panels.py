"""Copies of the shipped data with other cells, and cells as they are written, for the tests of tables with a row a state."""

from __future__ import annotations

import pandas as pd

from cstocases.dataset import data
from cstocases.resolution.data import Data

Cells = dict[tuple[str, str], dict[str, str]]


def written(made: tuple[pd.DataFrame, pd.DataFrame], *key: str) -> Cells:
    """Each cell of a frame as text by row and column, in brackets the missing-value code where it is missing."""
    frame, codes = made
    texts = frame.astype(dict.fromkeys(frame.columns, "string"))
    rows = texts.where(frame.notna(), "(" + codes + ")").to_dict("records")
    return {(row[key[0]], row[key[1]]): row for row in rows}


def changed(table: str, record: str, **cells: str) -> Data:
    """The shipped data with other cells in one row; without the row, if no cells are given."""
    parsed = data().parsed[table]
    texts = parsed.texts.copy()
    row = texts[parsed.table.primary_key[0]] == record
    assert 1 == row.sum()
    if not cells:
        texts = texts[~row]
    for column, cell in cells.items():
        texts.loc[row, column] = cell
    return data().counterfactual({table: parsed.with_texts(texts)})


def with_tests(says: dict[str, str], provision: str, covers: str) -> Data:
    """The shipped data with other text tests: what a provision that covers some help says of some asks; it covers no other ask."""
    tests, provisions = (data().parsed[name] for name in ("text_tests", "provisions"))
    rows = [
        dict.fromkeys(tests.table.names, "unknown")
        | {"ask_id": ask, "provision_id": provision, "text_says": says.get(ask, "does_not_cover")}
        for ask in data().parsed["asks"].texts["ask_id"]
    ]
    assert set(says) <= {row["ask_id"] for row in rows}
    texts = provisions.texts.copy()
    texts.loc[texts["provision_id"] == provision, "help_covered"] = covers
    made = {
        "text_tests": tests.with_texts(pd.DataFrame(rows, dtype="string")),
        "provisions": provisions.with_texts(texts),
    }
    return data().counterfactual(made)
