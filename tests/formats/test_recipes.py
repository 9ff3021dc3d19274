"""The recipes of docs/tools.md do what they say, each run by its own program on a fresh export."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import helpers
import pandas as pd
import pytest
from helpers import rscript

import cstocases
from cstocases.formats.registry import FORMATS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/tools.md").read_text(encoding="utf-8")
BLOCKS = [(lang, body) for lang, body in re.findall(r"```([a-z-]+)\n(.*?)```", PAGE, re.DOTALL)]


@pytest.fixture(scope="module")
def desk(export_all: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an export and docs/ in it, as a reader has."""
    desk = tmp_path_factory.mktemp("desk")
    for path in export_all.iterdir():
        (desk / path.name).symlink_to(path)
    (desk / "docs").symlink_to(ROOT / "docs")
    return desk


def blocks(*languages: str) -> list[str]:
    """The blocks of these languages, in order."""
    return [body for language, body in BLOCKS if language in languages]


def test_python_recipes_and_joins(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each Python block runs; the merges find in V-Dem, COW and UCDP the values the covariates and the crosswalk give."""
    monkeypatch.chdir(desk)
    space: dict[str, Any] = {}
    joins = []
    for body in blocks("python"):
        exec(body, space)
        joins += [space.pop("joined")] if "joined" in space else []
    vdem, nmc, ucdp = joins
    covariates = cstocases.load("covariates")

    for joined, measure, column in ((vdem, "vdem_v2x_libdem", "v2x_libdem"), (nmc, "milper", "milper")):
        mine = covariates[covariates["measure"] == measure]
        known = {
            (r.state, r.measured_year): float(r.covariate_value)
            for r in mine.itertuples()
            if measure == "milper" or r.dataset == "V-Dem via democracyData"
        }
        found = {(r.state, r.year): r[column] for _, r in joined.iterrows() if pd.notna(r["year"])}
        assert {key: known.get(key) for key in found} == {k: None if pd.isna(v) else v for k, v in found.items()}
        assert len(joined) == len(cstocases.load("comparison"))
    assert vdem["v2x_libdem"].notna().sum() > 15
    assert [("arm-2020", "388"), ("arm-2021", "388"), ("arm-2022", "388"), ("kgz-2022-2", "13324")] == list(
        ucdp[["case_id", "external_id"]].itertuples(index=False, name=None)
    )


def test_extracts_hold_values_of_the_data() -> None:
    """What the extracts say is what covariates and states say: real values in the layout of the other dataset."""
    states = cstocases.load("states")
    covariates = cstocases.load("covariates")
    for name, measure, code, column in (
        ("vdem", "vdem_v2x_libdem", "vdem_id", "country_id"),
        ("nmc", "milper", "cow_number", "ccode"),
    ):
        extract = pd.read_csv(ROOT / f"docs/extracts/{name}.csv")
        mine = covariates[covariates["measure"] == measure].merge(states, left_on="state", right_on="iso3c")
        known = set(zip(mine[code], mine["measured_year"], mine["covariate_value"].astype(float), strict=True))
        rows = set(zip(extract[column], extract["year"], extract.iloc[:, -1], strict=True))
        assert rows <= known


def test_a_join_by_letters_loses_states() -> None:
    """COW's letters are not ISO's: a join by letters loses five of the states, a join by COW's number none."""
    states = cstocases.load("states")
    nmc = pd.read_csv(ROOT / "docs/extracts/nmc.csv")
    trap = {"GEO": "GRG", "KAZ": "KZK", "KGZ": "KYR", "MDA": "MLD", "TJK": "TAJ"}
    differ = states[states["iso3c"] != states["cow_letters"]]

    assert trap == dict(zip(differ["iso3c"], differ["cow_letters"], strict=True))
    by_letters = nmc.merge(states, left_on="stateabb", right_on="iso3c")
    by_number = nmc.merge(states, left_on="ccode", right_on="cow_number")
    assert len(nmc) == len(by_number)
    assert set(by_number["iso3c"]) - set(by_letters["iso3c"]) == {"KAZ", "KGZ", "TJK"}
    assert states["ucdp_id"].isna().sum() == 1  # Belarus: a blank that must not match a blank


@pytest.mark.slow
def test_r_recipes(desk: Path, tmp_path: Path) -> None:
    """Each R block runs, with the R package installed by the first; the outcomes from the Stata file are those of the data, and what is missing is no category."""
    ask = [
        "cat('\\n', nrow(joined), nrow(x), '\\n')",
        "cat(levels(outcome), sep = '|'); cat('\\n')",
        "cat(as.character(outcome), sep = '|'); cat('\\n')",
        "cat(why_missing, sep = '|')",
    ]
    script = "\n".join([*blocks("r"), *ask])
    done = subprocess.run(
        [rscript("haven", "readr", "readxl"), "-e", script],
        cwd=desk, env={**os.environ, "R_LIBS": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    comparison, missing = cstocases.load("comparison"), cstocases.missing("comparison")
    labels = cstocases.package().table("comparison").field("csto_outcome_military").labels
    letters = {kind: k.stata.removeprefix(".") or "NA" for kind, k in cstocases.package().missing_codes.items()}

    assert 0 == done.returncode, done.stderr
    sizes, levels, outcomes, why = done.stdout.splitlines()[-4:]
    assert [str(len(comparison))] * 2 == sizes.split()
    assert list(labels.values()) == levels.split("|")
    assert [
        labels.get(code, "NA") for code in comparison["csto_outcome_military"].astype(object).fillna("")
    ] == outcomes.split("|")
    assert [letters.get(kind, "NA") for kind in missing["csto_date"].astype(object).fillna("")] == why.split("|")
    assert missing["csto_date"].notna().any()


def test_sql_recipes(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SQLite block runs on the file it names, the DuckDB block on the Parquet files."""
    monkeypatch.chdir(desk)
    with closing(sqlite3.connect("cstocases.sqlite")) as con:
        first, second = (con.execute(q).fetchall() for q in " ".join(blocks("sqlite")).split(";")[:2])
    with duckdb.connect() as con:
        third, fourth = (con.execute(q).fetchall() for q in " ".join(blocks("duckdb")).split(";")[:2])
    labels = cstocases.package().table("comparison").field("csto_outcome_military").labels
    primary = cstocases.load("comparison").query("is_primary")
    outcomes = dict(zip(primary["request_id"], primary["csto_outcome_military"], strict=True))

    assert {r: labels[o] for r, o in outcomes.items()} == dict(first)
    assert cstocases.missing("comparison").stack().value_counts().to_dict() == dict(second)
    assert outcomes == dict(third)
    assert [(len(cstocases.load("evidence")),)] == fourth


@pytest.mark.slow
@pytest.mark.parametrize(("program", "flags", "language"), [("pspp", [], "spss"), ("gretlcli", ["-b"], "gretl")])
def test_recipes_of_statistics_programs(desk: Path, program: str, flags: list[str], language: str) -> None:
    """PSPP and gretl run their two lines and print how often each outcome occurs."""
    script = desk / f"{program}.txt"
    script.write_text("".join(blocks(language)), encoding="utf-8")
    done = subprocess.run(
        [helpers.program(program), *flags, str(script)], cwd=desk, capture_output=True, text=True, check=False
    )
    codes = {c.value: c for c in cstocases.package().table("comparison").field("csto_outcome_military").categories}
    counts = cstocases.load("comparison")["csto_outcome_military"].value_counts()

    assert 0 == done.returncode, done.stdout + done.stderr
    for code, n in counts.items():
        # PSPP prints the label of a code, the first words where it is long, gretl its number, and both then how often it occurs.
        shown = (
            rf"{re.escape(codes[code].label[:12])}[^|]*\|\W+" if program == "pspp" else rf"^\s*{codes[code].number}\s+"
        )
        assert re.search(rf"{shown}{n}\b", done.stdout, re.MULTILINE), done.stdout


def test_spark_recipe_is_the_one_tested() -> None:
    """The join shown for Spark is the join that tests/readers/spark.py runs."""
    (recipe,) = blocks("python-spark")
    tested = (ROOT / "tests/readers/spark.py").read_text(encoding="utf-8")
    query = recipe.split('"""')[1]

    assert " ".join(query.split()) in " ".join(tested.split())


def test_promises_are_listed() -> None:
    """The page lists each promise a format cannot keep with its reason, and no other."""
    listed = re.findall(r"^- `([a-z-]+)`, ([a-z]+): (.+)\.$", PAGE, re.MULTILINE)

    assert [(name, promise, why) for name, f in FORMATS.items() for promise, why in f.lacks.items()] == listed
    assert [name for name in FORMATS if name not in PAGE] == []
