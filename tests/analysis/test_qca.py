"""Calibration for QCA: the scores, the log of how each came about, and the programs that read them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import helpers
import pandas as pd
import pytest
from qca import CSQCA

import cstocases
from cstocases.analysis.conditions import CONDITIONS, OUTCOMES, REGIMES, questions
from cstocases.analysis.qca import calibrate, calibrated, case_years
from cstocases.dataset import data
from cstocases.errors import CstocasesError, UnknownNameError
from cstocases.formats.qca import qca, summary
from cstocases.resolution.readings import CELL
from cstocases.resolution.rules import RULES

WRITTEN = """\
,STATEADV,OWNTERR,FTERROR,CRISISLAW,AUTOCRAT,CHAIR,MEMBADV,TROOPS
Armenia 1992,1,1,0,0,0,0,0,0
Armenia 2020,1,0,0,1,0,0,0,0
Armenia 2021,1,1,0,1,0,0,0,0
Armenia 2022,1,1,0,1,0,1,0,0
Kazakhstan 2022,0,1,1,1,1,0,0,1
Kyrgyzstan 1999,0,1,0,0,1,0,0,0
Kyrgyzstan 2010,0,1,0,0,1,0,0,0
Kyrgyzstan 2016,1,0,0,1,1,0,0,0
Kyrgyzstan 2022,1,1,0,1,1,0,1,0
Tajikistan 2013,0,0,0,1,1,0,0,0
Tajikistan 2021,0,0,0,1,1,1,0,0
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The calibrated tables of the shipped data, in their folder."""
    return qca(tmp_path_factory.mktemp("qca") / "data")


def test_published_scores(written: Path) -> None:
    """The table has these cases as they were read off the comparison by hand, beside newer ones."""
    head, *rows = (written / "qca-published.csv").read_text(encoding="utf-8").splitlines()

    assert WRITTEN.splitlines()[0] == head
    assert [] == [row for row in WRITTEN.splitlines()[1:] if row not in rows]
    assert len(cstocases.load("cases")) == len(rows)


@pytest.mark.parametrize("rule", RULES)
def test_what_programs_for_qca_ask_for(written: Path, rule: str) -> None:
    """Upper-case names, no gaps, values 0 and 1, readable and unique row names, under every rule."""
    table = pd.read_csv(written / f"qca-{rule}.csv", index_col=0)

    assert [*CONDITIONS, "TROOPS"] == list(table.columns)
    assert [name for name in table.columns if not re.fullmatch(r"[A-Z]+", name)] == []
    assert [name for name in table.index if not re.fullmatch(r"[A-Z][a-z]+ \d{4}( \(\d\))?", name)] == []
    assert table.index.is_unique
    assert set(table.to_numpy().ravel()) <= {0, 1}
    assert "int64" == str(table.dtypes.unique()[0])


@pytest.mark.parametrize("rule", RULES)
def test_the_calibration_log_accounts_for_every_score(written: Path, rule: str) -> None:
    """Each score has its rule, its cell and every reading of that cell; the scores of table and log are equal."""
    table = pd.read_csv(written / f"qca-{rule}.csv", index_col=0)
    log = pd.read_csv(written / f"calibration-log-{rule}.csv", dtype="str")
    once = log.drop_duplicates(["row_name", "set"])

    pd.testing.assert_frame_equal(
        table,
        once.pivot(index="row_name", columns="set", values="score").astype("int64").loc[table.index, table.columns],
        check_names=False,
    )
    assert once[["definition", "rule", "variable", "value", "basis"]].notna().all(axis=None)
    said, behind = (
        {cell: set(group["evidence_id"]) for cell, group in frame.groupby(CELL)}
        for frame in (cstocases.load("readings"), log.dropna(subset="evidence_id"))
    )
    assert {cell: said[cell] for cell in behind} == behind
    coded = once[(once["basis"] == "coded") & (once["set"] != "AUTOCRAT")]
    assert coded["evidence_id"].notna().all()


def test_not_applicable_is_absent_and_unknown_is_said() -> None:
    """A chair that did not exist yet is no assumption; a framing no source gives is one, or leaves the case out."""
    found = calibrate().log.drop_duplicates(["row_name", "set"]).set_index(["row_name", "set"])
    assert ("not_applicable", 0) == tuple(found.loc[("Armenia 1992", "CHAIR"), ["basis", "score"]])
    assert ("assumed_absent", 0) == tuple(found.loc[("Armenia 2020", "FTERROR"), ["basis", "score"]])

    strict = calibrate(unknown="leave-out")
    assert {
        ("Armenia 2020", "FTERROR"),
        ("Kyrgyzstan 2022", "FTERROR"),
        *(("Tajikistan 2013", name) for name in ("STATEADV", "FTERROR", "MEMBADV")),
    } <= set(strict.left_out[["row_name", "set"]].itertuples(index=False, name=None))
    assert set(calibrate().table.index) - set(strict.left_out["row_name"]) == set(strict.table.index)


@pytest.mark.parametrize("regime", REGIMES)
def test_each_measure_of_the_regime(regime: str) -> None:
    """Every measure scores every case from a row of the covariates for the year before."""
    log = calibrate(conditions=["AUTOCRAT"], regime=regime).log
    mine = log[log["set"] == "AUTOCRAT"]
    rows = cstocases.load("covariates")
    keys = rows[["state", "measured_year", "measure", "dataset", "dataset_version"]].astype(str).agg("/".join, axis=1)
    values = dict(zip(keys, rows["covariate_value"], strict=True))

    assert {"coded"} == set(mine["basis"])
    assert list(mine["value"]) == [values[key] for key in mine["record_id"]]
    assert all(
        key.split("/")[1] == str(int(case.split("-")[1]) - 1)
        for key, case in zip(mine["record_id"], mine["case_id"], strict=True)
    )


@pytest.mark.slow
def test_the_year_of_a_case_does_not_come_from_its_id(tmp_path: Path) -> None:
    """A case renamed to 2013-tjk keeps its row name and its scores, also under a rule that leaves its dates open."""
    home = helpers.copy_shipped(tmp_path / "data")
    for path in (home / "cases").glob("*.csv"):
        rows = [[re.sub("^tjk-2013", "2013-tjk", cell) for cell in row] for row in helpers.read_rows(home, path.stem)]
        helpers.write_rows(home, path.stem, rows)
        path.write_text(cstocases.canonical(path.stem, home), encoding="utf-8")
    ids = ["case_id", "record_id", "evidence_id"]
    for rule in ("published", "official"):
        was, now = calibrate(rule).log, calibrate(rule, home=home).log
        mine = was[was["case_id"] == "tjk-2013"]
        renamed = now[now["case_id"] == "2013-tjk"]

        assert {"Tajikistan 2013"} == set(mine["row_name"])
        pd.testing.assert_frame_equal(
            mine.drop(columns=ids).reset_index(drop=True), renamed.drop(columns=ids).reset_index(drop=True)
        )
    assert [1.0, 1.0] == list(cstocases.sensitivity(["2013-tjk"], home=home)["share"])


def test_years_of_cases() -> None:
    """The year is that of the start, else of the request; where both are unknown the row has the case's id, and AUTOCRAT is unknown."""
    found = data(rule="official")
    years = case_years(found)
    log = calibrated(found, questions(), years).log.query("case_id == 'tjk-2013'").set_index("set")

    # Official sources date the start of one of these cases, the request of the other, and nothing of the third.
    assert [2020, 2021, pd.NA] == list(years[["arm-2020", "tjk-2021", "tjk-2013"]])
    assert {"Tajikistan (tjk-2013)"} == set(log["row_name"])
    assert ("(unknown)", 0, "assumed_absent") == tuple(log.loc["AUTOCRAT", ["value", "score", "basis"]])


def test_threshold_moves_the_scores() -> None:
    """A threshold above every value makes every case autocratic, one below all of them none; off the scale is an error."""
    high = calibrate(conditions=["AUTOCRAT"], threshold=3).table["AUTOCRAT"]
    low = calibrate(conditions=["AUTOCRAT"], regime="vdem_v2x_polyarchy", threshold=0).table["AUTOCRAT"]
    assert ({1}, {0}) == (set(high), set(low))
    for wrong in (99, -1):
        with pytest.raises(CstocasesError, match=f"threshold: {wrong} is not on the scale of vdem_v2x_regime, 0 to 3"):
            calibrate(conditions=["AUTOCRAT"], threshold=wrong)


def test_configurations_are_counted() -> None:
    """One configuration is contradictory, and where most are empty no solution is suggested; which there are, pyqca says below."""
    c = calibrate(outcome="HELP")

    assert (128 - len(c.truth), 1) == (c.remainders, c.contradictions)
    said = " ".join(summary(c))
    assert "Contradictory configurations: [Kyrgyzstan 1999; Kyrgyzstan 2010]." in said
    assert "No solution is suggested: fewer than half" in said


def test_a_solution_only_where_the_table_carries_one() -> None:
    """Most configurations occur and one always leads to the outcome: minimise. Contradictions all over, or one value: do not."""
    few = calibrate(conditions=["OWNTERR", "CRISISLAW", "FTERROR"], outcome="TROOPS")
    mixed = calibrate(conditions=["AUTOCRAT"], outcome="HELP")
    flat = calibrate("strict", conditions=["FTERROR"], outcome="TROOPS", unknown="leave-out")

    assert "so the table can be minimised" in " ".join(summary(few))
    assert "No solution is suggested: no configuration leads to HELP in all its cases." in list(summary(mixed))
    assert ("does not vary" in " ".join(summary(flat))) == (flat.table["TROOPS"].nunique() < 2)


@pytest.mark.parametrize("rule", RULES)
def test_outcomes_are_never_assumed(rule: str) -> None:
    """A case whose outcome is open, or of which the question cannot be asked, is left out, whatever becomes of unknown conditions."""
    made = calibrate(rule, outcome="MILITARY")
    wide = cstocases.load("comparison", rule=rule)
    outcome = wide["csto_outcome_military"]
    code = cstocases.missing("comparison", rule=rule)["csto_outcome_military"]
    is_open = outcome.isin(["not_asked", "unclear"]) | (code == "unknown").fillna(False)

    assert set(wide.loc[is_open & wide["is_primary"].astype(bool), "case_id"]) == set(made.left_out["case_id"])
    assert {"MILITARY"} == set(made.left_out["set"])
    assert len(made.table) == len(cstocases.load("cases")) - made.left_out["case_id"].nunique()
    if rule == "published":
        assert {
            ("arm-1992-2", "unclear"), ("arm-2020", "not_asked"), ("arm-2021", "unclear"), ("kgz-2016", "not_asked"),
        } <= set(zip(made.left_out["case_id"], made.left_out["value"], strict=True))  # fmt: skip


def test_a_condition_named_twice_counts_once() -> None:
    """Repeating a condition changes nothing."""
    assert calibrate(conditions=["OWNTERR"]).table.equals(calibrate(conditions=["OWNTERR", "OWNTERR"]).table)


@pytest.mark.parametrize("rule", RULES)
def test_pyqca_reads_it(written: Path, rule: str) -> None:
    """Python's pyqca takes the file as it is and counts the same cases by configuration."""
    table = pd.read_csv(written / f"qca-{rule}.csv", index_col=0)
    model = CSQCA(table.reset_index(names="CASE"), case_id="CASE", outcome="TROOPS", conditions=list(CONDITIONS))
    c = calibrate(rule)
    ours = {row.cases: row.consistency for row in c.truth.itertuples()}

    assert ours == {"; ".join(row.case_ids): row.outcome_mean for row in model.build_truth_table()}


@pytest.mark.slow
def test_r_reads_it(written: Path) -> None:
    """R's QCA takes the files as they are; the truth table it prints has as many rows as ours."""
    script = (
        'suppressMessages(library(QCA)); for (r in c("published", "official", "plurality", "strict")) {'
        f'd <- read.csv(file.path("{written}", paste0("qca-", r, ".csv")), row.names = 1, check.names = FALSE);'
        'tt <- truthTable(d, outcome = "TROOPS", conditions = setdiff(names(d), "TROOPS"), show.cases = TRUE);'
        'cat(sum(tt$tt$n != "-" & tt$tt$OUT != "?"), "\\n") }'
    )
    done = subprocess.run([helpers.rscript("QCA"), "-e", script], capture_output=True, text=True, check=True)

    assert [len(calibrate(rule).truth) for rule in RULES] == [int(n) for n in done.stdout.split()]


def test_wrong_names_name_their_neighbours(tmp_path: Path) -> None:
    """An unknown condition, outcome, measure or treatment is answered in a line."""
    for words, said in (
        ({"conditions": ["OWNTER"]}, "no condition named 'OWNTER'; did you mean OWNTERR"),
        ({"outcome": "TROOP"}, "no outcome named 'TROOP'; did you mean TROOPS"),
        ({"regime": "polity"}, "no regime measure named 'polity'"),
        ({"unknown": "leaveout"}, "no treatment of unknowns named 'leaveout'; did you mean leave-out"),
        ({"regime": "fh_status", "threshold": 2.0}, "no regime measure with a numeric threshold named 'fh_status'"),
    ):
        with pytest.raises(UnknownNameError, match=re.escape(said)):
            calibrate(**words)
    assert set(OUTCOMES) == {"HELP", "MILITARY", "TROOPS"}


def test_data_without_covariates(small: Path) -> None:
    """A dataset that has no measures of the regime is told so, unless AUTOCRAT is left out."""
    with pytest.raises(UnknownNameError, match="no table named 'covariates'"):
        calibrate(home=small)
    assert ["OWNTERR", "TROOPS"] == list(calibrate(conditions=["OWNTERR"], home=small).table.columns)


def test_command(tmp_path: Path) -> None:
    """The command writes the folder, prints its README, and the folder verifies; a second run needs --force."""
    dest = tmp_path / "q"
    first = helpers.run("qca", str(dest), "--rule", "published", "--condition", "OWNTERR")
    again = helpers.run("qca", str(dest))

    assert (0, (dest / "README.md").read_text(encoding="utf-8")) == (first.exit_code, first.stdout)
    assert [
        "README.md",
        "SHA256SUMS",
        "calibration-log-published.csv",
        "qca-published.csv",
        "truth-published.csv",
    ] == sorted(p.name for p in dest.iterdir())
    assert [] == cstocases.verify(dest)
    assert (1, True) == (again.exit_code, "exists; choose another folder" in again.stderr)
    assert 0 == helpers.run("qca", str(dest), "--force").exit_code
