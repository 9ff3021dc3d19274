"""What people who checked a cell said of it, and when a check no longer counts."""

from __future__ import annotations

import pandas as pd
import pytest

from cstocases.resolution.checks import checked, newest_checks

CELL = ("requests", "r1", "date")
CODERS = pd.DataFrame({"coder": ["anna", "ben", "bot"], "coder_kind": ["person", "person", "model"], "shown_as": ["Anna A.", None, None]}, dtype="string")  # fmt: skip
COLUMNS = ["table_name", "record_id", "field_name", "checker", "check_date", "seen_value", "check_verdict", "check_reason"]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], (0, "unchecked")),
        ([("anna", 1, "2010", "agree")], (1, "checked")),
        ([("anna", 1, "2010", "agree"), ("ben", 1, "2010", "unsure")], (2, "questioned")),
        (
            [("anna", 1, "2010", "disagree"), ("anna", 2, "2010", "agree")],
            (1, "checked"),
        ),  # the newer word of one person
        ([("anna", 1, "2009", "agree")], (0, "out_of_date")),
        ([("anna", 1, "2009", "agree"), ("ben", 2, "2010", "agree")], (1, "checked")),
        ([("bot", 1, "2010", "agree")], (0, "unchecked")),
        ([("anna", 1, "(unknown)", "agree")], (0, "out_of_date")),
    ],
)
def test_status_of_a_cell(rows: list[tuple[str, int, str, str]], expected: tuple[int, str]) -> None:
    """People count, models do not; the newest check of each counts, and only of the value that is given."""
    checks = pd.DataFrame([(*CELL, who, f"2026-12-0{day}", seen, verdict, None) for who, day, seen, verdict in rows], columns=COLUMNS, dtype="string")  # fmt: skip
    cells = pd.DataFrame([(*CELL, "2010", None), ("requests", "r2", "date", None, "unknown")], columns=[*COLUMNS[:3], "value", "kind"], dtype="string")  # fmt: skip
    found = checked(cells, {"checks": checks, "coders": CODERS})

    assert expected == tuple(found.iloc[0])
    assert (0, "unchecked") == tuple(found.iloc[1])


def test_a_missing_value_can_be_checked() -> None:
    """A check of a cell without a value saw its missing-value code in brackets."""
    cells = pd.DataFrame([(*CELL, None, "unknown")], columns=[*COLUMNS[:3], "value", "kind"], dtype="string")
    checks = pd.DataFrame([(*CELL, "anna", "2026-12-01", "(unknown)", "agree", None)], columns=COLUMNS, dtype="string")

    assert (1, "checked") == tuple(checked(cells, {"checks": checks, "coders": CODERS}).iloc[0])


def test_the_newest_check_of_each_person_is_in_force() -> None:
    """Of several checks by one person the newest is given, with whose it is, why, and whether the value is another by now."""
    rows = [("anna", 1, "2009", "agree", None), ("anna", 3, "2010", "unsure", "The page is gone."), ("ben", 2, "2009", "disagree", "It was later."), ("bot", 4, "2010", "agree", None)]  # fmt: skip
    checks = pd.DataFrame([(*CELL, who, f"2026-12-0{day}", *said) for who, day, *said in rows], columns=COLUMNS, dtype="string")  # fmt: skip
    cells = pd.DataFrame([("requests", "r0", "date", "2010", None), (*CELL, "2010", None)], columns=[*COLUMNS[:3], "value", "kind"], dtype="string")  # fmt: skip
    found = newest_checks(cells, {"checks": checks, "coders": CODERS})
    names = ["checker", "shown_as", "check_date", "seen_value", "check_verdict", "check_reason", "out_of_date"]

    assert [1, 1] == list(found.index)
    assert [
        ["ben", None, "2026-12-02", "2009", "disagree", "It was later.", True],
        ["anna", "Anna A.", "2026-12-03", "2010", "unsure", "The page is gone.", False],
    ] == found[names].astype(object).where(found[names].notna(), None).values.tolist()
    assert ["2010", "2010"] == list(found["published"])
