"""What the cells of the derived tables are computed from."""

from __future__ import annotations

import pandas as pd
import pytest

import cstocases
from cstocases.analysis.supposing import moved
from cstocases.dataset import data
from cstocases.derived.behind import TABLES, behind
from cstocases.resolution.readings import CELL
from cstocases.resolution.rules import rewritten

# Other values for cells of different cases, one or two a table; each changes a derived table.
OTHER = {
    ("requests", "kgz-2010-troops", "adversary_type"): "member_state",
    ("requests", "kaz-2022-appeal", "date"): "2022-01-04",
    ("answers", "arm-2022-aid-package-military-unspecified", "taken"): "accepted",
    ("text_tests", "kaz-2022-appeal-forces-protective-forces-2-2010", "text_says"): "does_not_cover",
    ("decisions", "kgz-2010-troops-csto", "organ"): "permanent_council",
    ("decisions", "kgz-2010-troops-csto", "agreement_asked"): "not_sought",
    ("positions", "kgz-2010-rus-plan", "stance"): "for_troops",
    ("contributions", "kaz-2022-arm", "personnel_best"): "70",
    ("memberships", "rus-charter-1", "start_date"): "2015-01-01",
    ("offices", "chair-rus-2009", "start_date"): "2010-07-01",
    ("candidates", "kgz-2005", "date"): "2006-03-24",
    ("cases", "kgz-1999", "crisis_type"): "interstate_war",
}


@pytest.mark.slow
def test_whatever_changes_rests_on_a_cell_that_was_changed() -> None:
    """With other values in twelve cells, every derived cell that changes names one of them, and every one of them is named.

    But for the explanations: which of them count follows from what came of the request.
    """
    found = data()
    lines = found.published.set_index(CELL)["line"]
    rows = [(*cell, lines[cell], value, None) for cell, value in OTHER.items()]
    after = found.counterfactual(rewritten(found, pd.DataFrame(rows, columns=[*CELL, "line", "value", "kind"])))
    changed = moved(found, after, found)
    told = changed[
        changed["table_name"].isin(list(TABLES)) & ~changed["field_name"].str.match("date_precision|argued_")
    ]
    both = [(behind(found, *cell), behind(after, *cell)) for cell in told[CELL].itertuples(index=False, name=None)]
    named = [{*OTHER} & {*old, *new} for old, new in both]

    assert [] == [tuple(cell) for cell, mine in zip(told[CELL].to_numpy(), named, strict=True) if not mine]
    assert {*OTHER} == set().union(*named)


def test_a_row_rests_on_its_own_cells_alone() -> None:
    """What Russia owed and gave in 2010 rests on its own memberships and contributions, and on the chair of that day."""
    cells = behind(data(), "request_members", "kgz-2010-troops/RUS")
    records = {table: {record for name, record, _ in cells if name == table} for table, *_ in cells}

    assert {"rus-treaty-1", "rus-charter-1"} == records["memberships"]
    assert {"chair-rus-2009"} == records["offices"]
    assert {"kgz-2010-troops"} == records["requests"]
    given = cstocases.load("contributions").merge(cstocases.load("decisions"), on="decision_id")
    mine = given.query("state == 'RUS' and request_id == 'kgz-2010-troops'")["contribution_id"]
    assert {*mine} == records["contributions"]
    assert [("decisions", "kgz-2010-troops-csto", "organ")] == behind(data(), "comparison", "kgz-2010-troops", "csto_organ")  # fmt: skip
