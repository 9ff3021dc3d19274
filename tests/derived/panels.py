"""Copies of the shipped data with other cells, and cells as they are written, for the tests of tables with a row a state."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from cstocases.dataset import data
from cstocases.resolution.data import Data
from cstocases.schema.model import Field

Cells = dict[tuple[str, str], dict[str, str]]


def written(made: tuple[pd.DataFrame, pd.DataFrame], *key: str) -> Cells:
    """Each cell of a frame as text by row and column, in brackets the missing-value code where it is missing."""
    frame, codes = made
    texts = frame.astype({name: "string" for name in frame.columns})
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


def with_test(request: str, says: str, provision: str = "cst-4-2010", covers: str = "any_help") -> Data:
    """The shipped data with one text test alone: what a provision that covers some help says of a request."""
    tests, provisions = (data().parsed[name] for name in ("text_tests", "provisions"))
    cells = {"request_id": request, "provision_id": provision, "text_says": says}
    row = {name: cells.get(name, "unknown") for name in tests.table.names}
    texts = provisions.texts.assign(help_covered="not_applicable")
    texts.loc[texts["provision_id"] == provision, "help_covered"] = covers
    if "help_covered" not in provisions.table.names:
        fields = (*provisions.table.fields, Field("help_covered", "string", "Help covered", "What help it covers."))
        provisions = replace(provisions, table=replace(provisions.table, fields=fields))
    texts = texts[provisions.table.names].astype("string")
    return data().counterfactual(
        {
            "text_tests": tests.with_texts(pd.DataFrame([row], dtype="string")),
            "provisions": provisions.with_texts(texts),
        }
    )
