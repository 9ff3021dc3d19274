"""The catalogue of faults: each kind is named where it is planted, and one that is missed is told."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import faults
import pytest
from planting import SHIPPED, TABLES, Fault, Kind, judge, shipped

import cstocases
from cstocases.errors import Problem
from cstocases.validation import content

NAMES = Counter(kind.name for section in faults.SECTIONS for kind in section.kinds)


@pytest.mark.slow
def test_each_kind_of_fault_is_named() -> None:
    """Every kind of the catalogue, planted at random cells, is named by the command declared for it."""
    found = faults.run(seed=2026, rounds=1)

    assert [] == [str(fault) for fault in found if fault.missed]
    # Each of another name, so that a missed fault can be looked up.
    assert dict.fromkeys((fault.kind.name for fault in found), 1) == NAMES
    assert len(found) > 400


@pytest.mark.slow
def test_a_seed_plants_the_same_faults_again() -> None:
    """The same seed plants the same faults at the same places, and another seed plants others."""
    first, again, other = (
        [str(fault) for _, _, planted in faults.planted(seed, 1, {"month 13", "row lost", "CR LF"}) for fault in planted]
        for seed in (7, 7, 8)
    )  # fmt: skip
    assert first == again
    assert first != other


@pytest.mark.slow
def test_a_rule_switched_off_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a rule the faults it would name are listed with address, before and after, and the exit code is 1."""
    kept = tuple(rule for rule in content.RULES if rule is not content.low_best_high)
    assert len(kept) == len(content.RULES) - 1
    monkeypatch.setattr(content, "RULES", kept)

    with pytest.raises(SystemExit) as ended:
        faults.main("--seed", "3", "--rounds", "1", "--kinds", "low above high", "month 13")
    *_, first, second, last = capsys.readouterr().out.splitlines()

    assert ended.value.code == 1
    assert last == "4 faults planted, 2 named, 2 missed (seed 3)"
    for line in (first, second):
        assert re.match(r"missed \(seed 3\): cases/\w+\.csv:\d+:\w+: low above high: '.*' became '.*': ", line)


MONTH = Fault(Kind("month 13", "hand", None, "type"), [("cases/cases.csv", 3, "start_date")])
FINDING = Problem("cases/cases.csv", 3, "start_date", "type", "is not a day of the calendar")


@pytest.mark.parametrize(
    ("command", "finding", "missed"),
    [
        ("validate", FINDING, ""),
        ("validate", replace(FINDING, line=4), "('cases/cases.csv', 3, 'start_date') is named by nothing"),
        ("validate", replace(FINDING, column="state"), "('cases/cases.csv', 3, 'start_date') is named by nothing"),
        ("validate", replace(FINDING, rule="pattern"), "('cases/cases.csv', 3, 'start_date') is named by ['pattern']"),
        ("validate", TypeError("NA is ambiguous"), "killed the run: TypeError: NA is ambiguous"),
        ("diff", FINDING, "declared for diff, but validate speaks of ('cases/cases.csv', 3, 'start_date') in this copy: ['type']"),
    ],
    ids=["found", "another line", "another column", "another rule", "traceback", "declared for another command"],
)  # fmt: skip
def test_only_a_finding_at_its_place_counts(monkeypatch: pytest.MonkeyPatch, command: str, finding: Any, missed: str) -> None:  # fmt: skip
    """A finding at another line or column, under another rule or by another command leaves a fault missed."""

    def validate(home: Path, release: bool) -> list[Problem]:
        if isinstance(finding, Exception):
            raise finding
        return [finding]

    monkeypatch.setattr(cstocases, "validate", validate)
    fault = replace(MONTH)
    judge(command, SHIPPED, [fault])
    assert missed == fault.missed


def test_faults_reach_every_table() -> None:
    """Four hundred spaces are in cells of all tables that have rows and of most columns."""
    kinds = [kind for kind in faults.CELLS if kind.name == "space after"]
    ((_, found),) = faults.in_tables(400)(kinds, random.Random(3))  # noqa: S311 - no secrets
    places = {(path, column) for fault in found for path, _, column in fault.at}

    assert {TABLES[name].path for name, rows in shipped().items() if rows} == {path for path, _ in places}
    assert len(places) > 120
