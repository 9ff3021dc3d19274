"""Outcomes that hang on a cell on which sources differ."""

from __future__ import annotations

from pathlib import Path

import helpers

import cstocases

COLUMNS = ["asked", "csto_outcome_military", "csto_outcome_all", "csto_forces_sent"]


def marked(home: Path | None = None) -> set[tuple[str, str]]:
    """Which of the outcomes of the cases are marked as contested."""
    cases = cstocases.load("cases", home)["case_id"].tolist()
    cells = cstocases.compare(cases, COLUMNS, home)
    return {(row.case_id, row.field) for row in cells[(cells["status"] == "contested").fillna(False)].itertuples()}


def test_only_outcomes_that_a_reading_would_change_are_marked() -> None:
    """Whether Armenia asked in 2020 decides what came of it; the conflicting readings of other cases change no outcome."""
    assert {("arm-2020", name) for name in COLUMNS[:3]} == marked()
    contested = cstocases.load("comparison").set_index("request_id")["csto_contested"]
    assert ["arm-2020-csto"] == list(contested.index[contested.fillna(False)])


def test_a_conflicting_reading_marks_what_hangs_on_it(small: Path) -> None:
    """A reading that the force never came makes forces_sent contested, and not the outcome, which is about what was agreed."""
    assert set() == marked(small)
    cell = {"table_name": "answers", "record_id": "kaz-2022-council-forces", "field_name": "delivery"}
    helpers.add(small, "readings", **cell, evidence_id="kaz-005", reading="not_delivered", basis="stated")
    assert {("kaz-2022", "csto_forces_sent")} == marked(small)
    cell["field_name"] = "answer"
    helpers.add(small, "readings", **cell, evidence_id="kaz-005", reading="refused", basis="stated")
    assert {("kaz-2022", name) for name in COLUMNS[1:]} == marked(small)
