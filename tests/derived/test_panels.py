"""What the two tables of members have in common: they keep their rows under every rule and day, and are served like stored ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from panels import written

import cstocases
from cstocases.dataset import data
from cstocases.derived.member_years import member_years
from cstocases.derived.request_members import request_members

KEYS = {request_members: ("request_id", "member"), member_years: ("state", "year")}


@pytest.mark.parametrize(("rule", "as_of"), [("strict", None), ("published", "1990-01-01")])
@pytest.mark.parametrize("panel", KEYS)
def test_rules_and_days(panel, rule: str, as_of: str | None) -> None:
    """Under another rule or day every row is there still, a cell without a value has a code, and values are codes of the list."""
    found = data(None, rule, as_of)
    frame, kinds = panel(found)
    now = written(panel(found), *KEYS[panel])

    assert set(written(panel(data()), *KEYS[panel])) <= set(now)
    assert frame.isna().equals(kinds.notna())
    for f in found.package.table(panel.__name__).fields:
        if f.categories:
            assert set(frame[f.name].dropna()) <= set(f.labels), f.name
    if as_of:  # of 1990, before there was a treaty
        assert frame["treaty_bound" if panel is request_members else "share_of_year"].isna().all()
        assert panel is member_years or set(frame["kept"].dropna()) <= {"no_duty", "unclear"}


def test_tables_are_computed_once_and_served(small: Path) -> None:
    """The table of the same data is the same object; load, missing, tables and describe have it, of a smaller dataset too."""
    assert member_years(data()) is member_years(data())
    for home in (None, small):
        listed = cstocases.tables(home).set_index("table")
        for name in ("request_members", "member_years"):
            frame, kinds = cstocases.load(name, home), cstocases.missing(name, home)
            assert list(cstocases.describe(name, home)["field"]) == list(frame.columns) == list(kinds.columns)
            assert listed.at[name, "rows"] == len(frame) == len(kinds) > 0
