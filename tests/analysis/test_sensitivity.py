"""What depends on contested cells: equal to substituting values one by one, and to counting every combination."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import helpers
import numpy as np
import pandas as pd
import pytest

import cstocases
from cstocases.analysis.conditions import CONDITIONS, questions
from cstocases.analysis.conflicts import by_rule
from cstocases.analysis.contested_cells import COUNTS
from cstocases.analysis.counterfactuals import consequences
from cstocases.analysis.qca import calibrated, case_years
from cstocases.analysis.sensitivity import FOUNDING, sensitivity
from cstocases.dataset import data
from cstocases.derived.comparison import Comparison, comparison
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import CRITERIA, include
from cstocases.resolution.readings import CELL, RECORD
from cstocases.resolution.rules import RULES, rewritten

# AUTOCRAT needs covariates, which the small dataset does not have.
SETS = ("STATEADV", "MEMBADV", "OWNTERR", "CRISISLAW", "CHAIR")
# The contested cells added to the small dataset: one adversary behind two sets; a day and a term of office behind CHAIR.
READINGS = {
    ("requests", "kaz-2022-appeal", "adversary_type"): ["foreign_nonstate", "member_state"],
    ("requests", "arm-2020-letter", "on_own_territory"): ["true", "false"],
    ("requests", "arm-2020-letter", "date"): ["2020-10-31", "2021-10"],
    ("offices", "chair-arm-2021", "start_date"): ["2021-09-16", "2021-11-01"],
    ("answers", "kaz-2022-council-forces", "delivery"): ["delivered", "not_delivered", "partly_delivered"],
}


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    """What each contested cell of the shipped data would change."""
    return consequences()


@pytest.fixture(scope="module")
def disputed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small dataset with the conflicting readings of READINGS."""
    home = helpers.write_small(tmp_path_factory.mktemp("disputed"))
    helpers.spoil(home, "requests", "arm-2020-letter", "on_own_territory", "true")
    known = {(*row[:3], row[4]) for row in helpers.read_rows(home, "readings")}
    for (table, record, field), readings in READINGS.items():
        for reading, evidence in zip(readings, ("kaz-005", "arm-002", "kaz-004"), strict=False):
            if (table, record, field, reading) not in known:
                cell = {"table_name": table, "record_id": record, "field_name": field}
                helpers.add(home, "readings", **cell, evidence_id=evidence, reading=reading)
    return home


def substituted(found: Data, **values: tuple[str | None, str | None]) -> Data:
    """The data with values put in the place of those of cells named `table record field`; statuses recomputed."""
    lines = found.published.set_index(CELL)["line"]
    rows = [(*cell.split(), lines[tuple(cell.split())], *value) for cell, value in values.items()]
    frame = pd.DataFrame(rows, columns=[*CELL, "line", "value", "kind"])
    return Data(found.package, {**found.parsed, **rewritten(found, frame)})


@pytest.mark.slow
def test_shares_equal_counting_every_combination(disputed: Path) -> None:
    """Calibrating the data anew under each of 48 combinations gives the shares of cases, pairs and the whole argument."""
    whole = data(disputed)
    sets = questions("TROOPS", SETS)
    tables = []
    for combination in itertools.product(*READINGS.values()):
        values = {" ".join(cell): (value, None) for cell, value in zip(READINGS, combination, strict=True)}
        table = calibrated(substituted(whole, **values), sets, case_years(whole)).table
        tables.append(table.set_axis(["arm-2020", "kaz-2022"], axis=0))
    was = tables[0]
    expected = {}
    for case in was.index:
        same = [list(t.loc[case, list(SETS)]) == list(was.loc[case, list(SETS)]) for t in tables]
        expected["case", case, "configuration"] = np.mean(same)
        expected["case", case, "TROOPS"] = np.mean([t.at[case, "TROOPS"] == was.at[case, "TROOPS"] for t in tables])
    differ = {
        name: [t.at["kaz-2022", name] != t.at["arm-2020", name] for t in tables]
        for name in ("TROOPS", "OWNTERR", "STATEADV")
    }
    pair = "kaz-2022, arm-2020"
    expected |= {("pair", pair, name): np.mean(holds) for name, holds in differ.items()}
    expected["pair", pair, "argument"] = np.mean([all(each) for each in zip(*differ.values(), strict=True)])

    shares = sensitivity(conditions=SETS, home=disputed)
    assert expected == pytest.approx(
        {(row.kind, row.subjects, row.what): row.share for row in shares.itertuples()}, abs=1e-12
    )
    assert {(48, "exact")} == set(shares[["combinations", "method"]].itertuples(index=False, name=None))
    assert 0 < expected["case", "arm-2020", "configuration"] < 1
    # One adversary stands behind two sets: were they drawn apart, Kazakhstan would keep both in a quarter.
    assert 0.5 == expected["case", "kaz-2022", "configuration"]
    # Armenia holds the chair only if the day and the term both take one of their two values.
    assert 0.375 == expected["case", "arm-2020", "configuration"]


@pytest.mark.slow
def test_a_sample_is_within_its_stated_error(disputed: Path) -> None:
    """Drawn shares differ from the counted ones by no more than the error they state; what cannot move is sure."""
    exact = sensitivity(conditions=SETS, home=disputed)
    drawn = sensitivity(conditions=SETS, home=disputed, limit=47, samples=20_000, seed=1)

    pd.testing.assert_frame_equal(exact[["kind", "subjects", "what"]], drawn[["kind", "subjects", "what"]])
    assert {(20_000, "sampled")} == set(drawn[["combinations", "method"]].itertuples(index=False, name=None))
    assert [] == list(drawn.loc[(drawn["share"] - exact["share"]).abs() > drawn["error"], "what"])
    assert 0 < drawn["error"].min() < drawn["error"].max() < 0.01
    assert exact["error"].isna().all()


@pytest.mark.slow
def test_the_seed_decides_the_sample(disputed: Path) -> None:
    """One seed gives one table, another seed another."""
    one, again, other = (sensitivity(conditions=SETS, home=disputed, limit=1, samples=500, seed=n) for n in (7, 7, 8))

    pd.testing.assert_frame_equal(one, again)
    assert list(one["share"]) != list(other["share"])


def test_without_conflicting_values_nothing_moves(small: Path) -> None:
    """Where no cell is contested there is one combination, what is so as published is always so, and no cell is listed."""
    shares = sensitivity(conditions=SETS, home=small)

    assert {(1, "exact", "")} == set(shares[["combinations", "method", "moved_by"]].itertuples(index=False, name=None))
    assert list(shares["published"]) == list(shares["share"] == 1.0)
    assert {1.0} == set(shares.loc[shares["kind"] == "case", "share"])
    assert consequences(conditions=SETS, home=small).empty


def test_the_founding_argument_on_the_shipped_data() -> None:
    """It holds as published; of its claims only that Armenia fought abroad depends on a contested cell, read either way."""
    shares = sensitivity()
    claims = shares[shares["kind"] == "pair"]
    own = "requests arm-2020-csto on_own_territory"

    assert shares["published"].all()
    assert {(c.one, c.other) for c in FOUNDING} == {tuple(s.split(", ")) for s in claims["subjects"]}
    assert [("kaz-2022, arm-2020", "OWNTERR", 0.5, own), ("kaz-2022, arm-2020", "argument", 0.5, own)] == list(
        claims.loc[claims["share"] < 1, ["subjects", "what", "share", "moved_by"]].itertuples(index=False, name=None)
    )
    cases = shares[(shares["kind"] == "case") & (shares["share"] < 1)].set_index(["subjects", "what"])["share"]
    assert {("arm-2020", "configuration"): 1 / 2} == cases.to_dict()
    assert "arm-2020 FTERROR" == claims.set_index("what").at["FTERROR", "assumed"].iloc[1]
    assert {2} == set(shares["combinations"])


def test_a_case_brings_its_pairs() -> None:
    """Named cases are shown alone, with the pairs of the argument they belong to and the sets asked for."""
    shares = sensitivity(["kgz-2010"], conditions=["CRISISLAW", "OWNTERR"], outcome="TROOPS")

    assert [
        ("case", "kgz-2010", "configuration"),
        ("case", "kgz-2010", "TROOPS"),
        ("pair", "kaz-2022, kgz-2010", "TROOPS"),
        ("pair", "kaz-2022, kgz-2010", "CRISISLAW"),
        ("pair", "kaz-2022, kgz-2010", "argument"),
        ("pair", "kgz-2010, arm-2020", "TROOPS"),
        ("pair", "kgz-2010, arm-2020", "argument"),
        ("argument", "kaz-2022, kgz-2010, arm-2020", "argument"),
    ] == list(shares[["kind", "subjects", "what"]].itertuples(index=False, name=None))


def effects(found: pd.DataFrame, cell: str, value: str) -> list[tuple[str, ...]]:
    """What a value of a cell changes: touches, subject, what, old, new."""
    mine = found[(found[CELL].agg(" ".join, axis=1) == cell) & (found["value"] == value)]
    mine = mine[mine["way"] == mine["way"].iloc[0]]
    return list(mine[["touches", "subject", "what", "old", "new"]].fillna("").itertuples(index=False, name=None))


# Checked by hand: that Armenia did ask makes it no case, for the asking is not documented; and so on.
EFFECTS = {
    ("candidates arm-2020 asked_csto", "true"): "inclusion arm-2020 failed asked_csto asking_documented",
    ("candidates kgz-2010 asked_csto", "false"): "inclusion kgz-2010 included true false",
    ("requests arm-2020-csto status", "documented"): "comparison arm-2020-csto status none_documented documented",
    ("requests arm-2020-csto status", "none_documented"): "nothing    ",
    ("requests arm-2020-csto on_own_territory", "true"): "comparison arm-2020-csto on_own_territory false true; qca Armenia_2020 OWNTERR 0 1",
    ("asks arm-2020-csto-help-unspecified status", "documented"): "comparison arm-2020-csto asked (not_applicable) help_unspecified; comparison arm-2020-csto csto_outcome_all not_asked refused; comparison arm-2020-csto csto_outcome_military not_asked unclear",
    ("offices chair-blr-2010 start_date", "2009-08"): "comparison kgz-2010-troops chair_state RUS BLR",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "value"), EFFECTS)
def test_what_depends_on_the_contested_cells_of_the_founding_cases(found: pd.DataFrame, cell: str, value: str) -> None:
    """What a value would change: where, of what, what, from what and to what."""
    told = (" ".join(part.replace(" ", "_") for part in effect) for effect in effects(found, cell, value))
    assert EFFECTS[cell, value] == "; ".join(told)


@pytest.mark.slow
def test_every_contested_cell_behind_the_comparison_is_tried(found: pd.DataFrame) -> None:
    """Each contested cell a primary request's row is taken from, or a criterion, is there with its conflicting values and the other resolution rules."""
    wide = comparison(data())
    behind = {("candidates", c, name) for c in data().frames["candidates"]["candidate_id"] for name in CRITERIA}
    for f in data().package.table("comparison").fields:
        if f.ref:
            records = wide.records.loc[wide.frame["is_primary"].astype(bool), f.name].dropna()
            behind |= {(f.ref[0], record, f.ref[1]) for record in records}
    listed = cstocases.contested()
    wanted = {
        cell
        for cell in listed[CELL].itertuples(index=False, name=None)
        if cell in behind and (cell[0], cell[2]) != ("candidates", "date")
    }
    tried = found.groupby(CELL)["way"].agg(set)

    assert set() == wanted - set(tried.index)
    assert {
        "requests",
        "asks",
        "answers",
        "decisions",
        "cases",
        "candidates",
        "rationales",
        "offices",
        "provisions",
    } == {cell[0] for cell in tried.index}
    assert all({"reading", *RULES} - {"published"} == set(ways) for ways in tried)


@pytest.mark.slow
def test_cells_that_move_the_comparison_are_marked(found: pd.DataFrame) -> None:
    """`contested` marks the cells that change a primary request's row here; the others move other requests, as a term of office may."""
    listed = cstocases.contested()
    marked = set(listed.loc[listed["moves_comparison"], CELL].itertuples(index=False, name=None))
    tried = set(found[CELL].itertuples(index=False, name=None))
    moving = found[(found["way"] == "reading") & (found["touches"] == "comparison")]
    here = set(moving[CELL].itertuples(index=False, name=None))

    assert here <= marked
    assert {("offices", "chair-arm-2021", "start_date")} == (marked & tried) - here
    request = cstocases.load("requests").set_index("request_id")["is_primary"]
    beyond = {record for table, record, _ in marked - tried if table == "requests"}
    assert not request[list(beyond)].any()
    assert beyond


def test_contested_counts_before_it_lists() -> None:
    """The page begins with how many cells are contested, of how many, on what, and which move the comparison; these alone bear a +."""
    page, listed = helpers.run("contested", "arm-2020").stdout, cstocases.contested("arm-2020")
    cells = cstocases.load("statuses").query("field_name != 'record' and cell_status != 'no_reading'")
    mine = cstocases.checked(["arm-2020"])["cells"].item()
    stated = (listed["conflict"] == "stated").sum()

    assert (f"{len(cstocases.contested())} of {len(cells):,} cells") == " ".join(
        helpers.run("contested").stdout.split()[:4]
    )
    words = " ".join(page.split())
    assert (
        f": {stated} between stated readings, {len(listed) - stated} where the conflict rests on an inference." in words
    )
    assert f"all {len(listed)} {stated} {len(listed) - stated} {listed['moves_comparison'].sum()}" in words
    assert len(listed) < int(words.split()[2].replace(",", "")) <= mine
    marked = [line.split()[1:3] for line in page.splitlines() if line.startswith("+ ")]
    assert [[row.table_name, row.record_id] for row in listed[listed["moves_comparison"]].itertuples()] == marked
    assert "candidates arm-2020 (Armenia 2020: Karabakh war) asked_csto = false" in page


@pytest.mark.slow
def test_what_a_rule_changes_is_counted() -> None:
    """The cells, columns, outcomes and inclusions of a rule are those that differ between what `load` gives under it and as published."""
    rule = "strict"
    old, new = (cstocases.load("comparison", rule=each).astype("string") for each in ("published", rule))
    was, now = (cstocases.missing("comparison", rule=each) for each in ("published", rule))
    differs = (old.fillna("") != new.fillna("")) | (was.fillna("") != now.fillna(""))
    for name in [name for name in differs if f"{name}_precision" in differs]:
        differs[name] |= differs[f"{name}_precision"]
    differs = differs[[n for n in differs if not n.endswith("_precision") and n not in COUNTS]]
    included = [set(f.loc[f["included"], "candidate_id"]) for f in (cstocases.candidates(), cstocases.candidates(rule))]
    outcomes = differs[[name for name in differs if "_outcome_" in name]]
    expected = [differs.sum().sum(), differs.any().sum(), outcomes.sum().sum(), len(included[0] ^ included[1])]

    assert expected == by_rule().set_index("rule").loc[rule].tolist()
    line = next(line for line in helpers.run("sensitivity").stdout.splitlines() if line.startswith(rule))
    assert [str(n) for n in expected] == line.split()[1:]


@pytest.mark.slow
def test_effects_equal_substituting_one_value(found: pd.DataFrame) -> None:
    """For cells of each table, each alone in a copy of the data, comparison, inclusion and scores change as told."""
    whole, sets = data(), questions()
    years = case_years(whole)
    fields = [
        n
        for n in whole.package.table("comparison").names
        if not n.startswith("n_") and not n.endswith(("_precision", "_contested"))
    ]

    def cells(wide: Comparison) -> dict[tuple[str, str, str], str]:
        """The cells of primary requests, each as its value and missing-value code."""
        ids, primary = wide.frame["request_id"].tolist(), wide.frame["is_primary"].tolist()
        return {
            ("comparison", request, name): str(pair)
            for name in fields
            for request, is_primary, *pair in zip(ids, primary, wide.frame[name], wide.missing_codes[name], strict=True)
            if is_primary
        }

    old, scores, verdicts = (
        cells(comparison(whole)),
        calibrated(whole, sets, years).table,
        include(whole.frames["candidates"]),
    )
    alone = found.drop_duplicates([*CELL, "value"])
    picked = alone[alone["value"] != alone["published"]].groupby("table_name").head(2)
    for task in picked.itertuples():
        value = (None, task.value.strip("()")) if task.value.startswith("(") else (task.value, None)
        cell = f"{task.table_name} {task.record_id} {task.field_name}"
        now = substituted(whole, **{cell: value})
        told = effects(found, cell, task.value)
        changed = {place for place, text in cells(comparison(now)).items() if text != old.get(place)}
        table = calibrated(now, sets, years).table
        moved = {
            ("qca", case, name)
            for case in table.index
            for name in table
            if table.at[case, name] != scores.at[case, name]
        }
        after = include(now.frames["candidates"])
        flipped = {
            ("inclusion", c, "included") for c in after.loc[after["included"] != verdicts["included"], "candidate_id"]
        }

        assert changed | moved | flipped == {effect[:3] for effect in told if effect[2] not in ("", "failed")}, cell


def test_the_published_value_changes_nothing() -> None:
    """Put in its own place, every contested value leaves its table as it is."""
    whole = data()
    status = whole.statuses
    contested = status[(status["status"] == "contested") & (status["field_name"] != RECORD)]
    rows = contested[[*CELL, "value", "kind"]].merge(whole.published[[*CELL, "line"]], on=CELL)
    rows["kind"] = rows["kind"].where(rows["value"].isna())

    assert len(rows) > 100
    for name, table in rewritten(whole, rows).items():
        pd.testing.assert_frame_equal(whole.frames[name], table.frame)
        pd.testing.assert_frame_equal(whole.missing_codes[name], table.missing_codes, check_dtype=False)


@pytest.mark.slow
def test_command_prints_the_shares_and_how_to_read_them() -> None:
    """JSON is what the function returns; the terminal form fits 80 columns, says what a share is and what moves it."""
    done = helpers.run("sensitivity", "arm-2020", "--format", "json")
    page = helpers.run("sensitivity", "arm-2020").stdout

    assert json.loads(sensitivity(["arm-2020"]).to_json(orient="records")) == json.loads(done.stdout)
    assert page.startswith(
        "Of 1 case other readings change: configuration of 1, TROOPS of none. Of 8 claims\nthey change 3."
    )
    assert "arm-2020  Armenia 2020: the 44-day war over                50.0%          100.0%" in page.splitlines()
    assert "kaz-2022, arm-2020            OWNTERR   differ  yes           50.0%" in page.splitlines()
    assert "a share is no probability." in " ".join(page.split())
    assert "- requests arm-2020-csto on_own_territory, Request to the CSTO claimed by later" in page
    assert [] == [line for line in page.splitlines() if len(line) > 80]


@pytest.mark.slow
def test_command_lists_the_cells_of_a_case() -> None:
    """--cells prints the contested cells of a case with what each value would change, and as CSV what the function returns."""
    page = helpers.run("sensitivity", "--cells", "arm-2020").stdout
    listed = helpers.run("sensitivity", "--cells", "arm-2020", "--format", "csv").stdout

    assert consequences(["arm-2020"]).to_csv(index=False, lineterminator="\n") == listed
    assert (
        "requests arm-2020-csto (Request to the CSTO claimed by later accounts, denied by\n"
        "    officials of the day) on_own_territory = false\n"
        "    true (reading): on_own_territory; OWNTERR of Armenia 2020: 0 -> 1\n"
        "    as published (official, plurality, stated)\n"
        "    (disputed) (strict): on_own_territory\n"
    ) in page
    assert page.startswith("6 contested cells. Another value changes the comparison for 5 of them, a QCA\nscore for 1,")
    assert [] == [line for line in page.splitlines() if len(line) > 80]


def test_claims_name_sets_and_cases_that_exist() -> None:
    """The founding argument speaks of founding cases and of known conditions, or of the outcome."""
    core = set(cstocases.load("cases").query("core")["case_id"])

    assert core == {case for c in FOUNDING for case in (c.one, c.other)}
    assert {"outcome", *CONDITIONS} >= {c.what for c in FOUNDING}
    with pytest.raises(cstocases.CstocasesError, match="samples: 0 is too few; draw at least one"):
        sensitivity(samples=0)
