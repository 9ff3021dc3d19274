"""Damage by the hundred, its short form: each kind of the catalogue at random places, and that a missed fault is told."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import faults
import pytest
from planting import TABLES, judge

import cstocases
from cstocases.validation import content

DIGEST = """
import hashlib, sys
sys.path.insert(0, {tests!r})
sys.path.insert(0, {tests!r} + "/validation"); import test_faults
print(test_faults.digest(int(sys.argv[1])))
"""


def digest(seed: int) -> str:
    """What a seed plants, in few letters: every byte of every copy, and every fault."""
    found = hashlib.sha256()
    for _, home, planted in faults.planted(seed, 1):
        for path in sorted(p for p in home.rglob("*") if p.is_file()):
            found.update(path.relative_to(home).as_posix().encode() + path.read_bytes())
        found.update("\n".join(map(str, planted)).encode())
    return found.hexdigest()


def test_each_kind_of_fault_is_named() -> None:
    """Every kind of the catalogue, planted at random cells, is named by the command declared for it, and none kills a run."""
    found = faults.run(seed=2026, rounds=1)
    planted = Counter(fault.kind.name for fault in found)

    assert [] == [str(fault) for fault in found if fault.missed]
    assert {kind.name for section in faults.SECTIONS for kind in section.kinds} == set(planted)
    assert len(found) > 400


def test_kinds_have_names_of_their_own() -> None:
    """No two lines of the catalogue have one name, so that a missed fault can be looked up."""
    names = Counter(kind.name for section in faults.SECTIONS for kind in section.kinds)
    assert [] == [name for name, n in names.items() if n > 1]


def test_a_seed_plants_the_same_faults_again() -> None:
    """The same seed spoils the same bytes in another process with other hashes, and another seed spoils others."""
    program = DIGEST.format(tests=str(Path(__file__).parents[1]))
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    again = subprocess.run(
        [sys.executable, "-c", program, "7"], capture_output=True, text=True, check=True, env=environment
    )
    here = digest(7)

    assert here == again.stdout.strip()
    assert here != digest(8)


def test_a_rule_switched_off_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With a rule switched off the faults it would name are listed with address, before and after, and the exit code is 1."""
    kept = tuple(rule for rule in content.RULES if rule is not content.low_best_high)
    assert len(kept) == len(content.RULES) - 1
    monkeypatch.setattr(content, "RULES", kept)
    plant = faults.planted
    two = {"low above high", "month 13"}
    monkeypatch.setattr(faults, "planted", lambda seed, rounds, names: plant(seed, rounds, names or two))

    with pytest.raises(SystemExit) as ended:
        faults.main("--seed", "3", "--rounds", "1")
    *_, first, second, last = capsys.readouterr().out.splitlines()

    assert ended.value.code == 1
    assert last == "4 faults planted, 2 named, 2 missed (seed 3)"
    for line in (first, second):
        assert line.startswith("missed (seed 3): cases/")
        assert "low above high:" in line
        assert " became " in line


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (lambda problem: replace(problem, line=problem.line + 1), "is named by nothing"),
        (lambda problem: replace(problem, column="state"), "is named by nothing"),
        (lambda problem: replace(problem, rule="pattern"), "is named by ['pattern']"),
    ],
    ids=["another line", "another column", "another rule"],
)
def test_a_finding_elsewhere_does_not_count(monkeypatch: pytest.MonkeyPatch, named: object, said: str) -> None:
    """A finding at another line or column, or under a rule that is not the kind's, leaves the fault missed."""
    validate = cstocases.validate
    monkeypatch.setattr(cstocases, "validate", lambda home: [named(problem) for problem in validate(home)])
    found = faults.run(3, 1, {"month 13"})

    assert [True, True] == [fault.missed.endswith(said) for fault in found]


def test_a_killed_run_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback of validate leaves every fault of the copy missed, and the harness goes on."""

    def fail(home: Path) -> None:
        raise TypeError("boolean value of NA is ambiguous")

    monkeypatch.setattr(cstocases, "validate", fail)
    found = faults.run(3, 1, {"month 13", "file lost"})

    assert ["killed the run: TypeError: boolean value of NA is ambiguous"] * 3 == [fault.missed for fault in found]


def test_what_validate_names_must_be_declared_so() -> None:
    """A fault declared for diff or format that validate can name counts as missed."""
    kinds = [kind for kind in faults.CELLS if kind.name == "month 13"]
    for command in ("diff", "format --check"):
        for home, found in faults.in_tables(1)(kinds, random.Random(3)):  # noqa: S311 - dice, not secrets
            judge(command, home, found)
            assert [True] == [fault.missed.startswith(f"declared for {command}, but validate") for fault in found]


def test_faults_reach_every_table() -> None:
    """Three hundred spaces stand in cells of all tables and of most columns."""
    kinds = [kind for kind in faults.CELLS if kind.name == "space after"]
    ((_, found),) = faults.in_tables(300)(kinds, random.Random(3))  # noqa: S311 - dice, not secrets
    places = {(path, column) for fault in found for path, _, column in fault.at}

    assert {table.path for table in TABLES.values()} == {path for path, _ in places}
    assert len(places) > 120
