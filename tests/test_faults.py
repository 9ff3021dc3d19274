"""Damage by the hundred: every kind of the catalogue, planted by seed, is named at its very cell; and the harness can fail."""

from __future__ import annotations

from pathlib import Path

import faults
import pytest

import cstocases
from cstocases import rules

SEED = 2026


@pytest.fixture(scope="module")
def found() -> list[faults.Fault]:
    """The faults of one round."""
    return faults.run(SEED, rounds=1)


def test_every_kind_is_planted(found: list[faults.Fault]) -> None:
    """Each kind of the catalogue finds a place in the shipped data."""
    every = {kind.name for section in faults.SECTIONS for kind in section.kinds}

    assert every == {fault.kind.name for fault in found}
    assert len(every) > 150


def test_every_fault_is_named(found: list[faults.Fault]) -> None:
    """No planted fault is missed, and none kills the run."""
    assert [] == [str(fault) for fault in found if fault.missed]


def test_a_kind_has_one_line_in_the_catalogue() -> None:
    """No two kinds share a name, so that the report tells them apart."""
    names = [kind.name for section in faults.SECTIONS for kind in section.kinds]

    assert sorted(set(names)) == sorted(names)


def test_one_seed_plants_the_same_faults() -> None:
    """What is planted, and where, follows from the seed alone; another seed plants elsewhere."""
    few = {"month 13", "record lost with its readings", "blank line"}
    once, again, other = (
        [(fault.at, fault.after) for *_, some in faults.planted(seed, 1, few) for fault in some] for seed in (3, 3, 4)
    )

    assert once == again
    assert once != other


def test_a_rule_that_sleeps_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one rule switched off the faults only it names are reported as missed, with cell, seed and what was changed."""
    awake = tuple(rule for rule in rules.RULES if rule is not rules.dates_agree_with_precision)
    monkeypatch.setattr(rules, "RULES", awake)
    name = "date or precision missing alone"
    missed = [fault for fault in faults.run(1, 1, {name}) if fault.missed]
    said = faults.report(1, missed).splitlines()

    assert len(missed) > 0
    assert f"{len(missed)} faults planted, 0 named, {len(missed)} missed (seed 1)" == said[-1]
    assert said[-2].startswith("missed (seed 1): cases/")


def test_a_traceback_counts_as_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where validate ends with an error of Python, every fault of that copy is missed."""

    def fall(home: Path) -> None:
        raise ZeroDivisionError(home.name)

    monkeypatch.setattr(cstocases, "validate", fall)
    found = faults.run(1, 1, {"month 13"})

    assert len(found) > 0
    assert {"killed the run: ZeroDivisionError"} == {fault.missed.rpartition(":")[0] for fault in found}
