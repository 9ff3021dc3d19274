"""The inclusion rule reproduces the cases, and only what a criterion says moves a candidate in or out."""

from __future__ import annotations

from pathlib import Path

import helpers
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cstocases
from cstocases.resolution.inclusion import CRITERIA, flow, include

VALUE = st.sampled_from([True, False, None])
ROW = st.fixed_dictionaries(dict.fromkeys(CRITERIA, VALUE))


def register(rows: list[dict[str, bool | None]]) -> pd.DataFrame:
    """A register of candidates with these criteria."""
    frame = pd.DataFrame(rows, columns=list(CRITERIA)).astype("boolean")
    return frame.assign(candidate_id=pd.Series([f"c-{i}" for i in range(len(rows))], dtype="string"))


def test_the_rule_reproduces_the_cases() -> None:
    """The candidates that pass, and the founding cases, are the cases: no more and no fewer."""
    verdict, cases = include(cstocases.load("candidates")), cstocases.load("cases")
    passing = set(verdict.loc[verdict["included"], "candidate_id"])

    assert set(cases["case_id"]) == passing | set(cases.loc[cases["core"], "case_id"])
    assert {"arm-2020"} == set(cases["case_id"]) - passing


@pytest.mark.slow
@given(st.lists(ROW, min_size=1, max_size=8), st.data())
def test_flipping_a_criterion_moves_the_candidate(rows: list[dict[str, bool | None]], draw: st.DataObject) -> None:
    """A candidate is in exactly if all criteria are true; making one false puts it out at that or an earlier one."""
    before = include(register(rows))
    assert [all(v is True for v in row.values()) for row in rows] == list(before["included"])

    i = draw.draw(st.integers(0, len(rows) - 1))
    name = draw.draw(st.sampled_from(CRITERIA))
    after = include(register([{**row, name: False} if n == i else row for n, row in enumerate(rows)]))
    assert not after.at[i, "included"]
    assert CRITERIA.index(after.at[i, "failed"]) <= CRITERIA.index(name)
    pd.testing.assert_frame_equal(before.drop(index=i), after.drop(index=i))


@given(st.lists(ROW, max_size=8))
def test_the_flow_adds_up(rows: list[dict[str, bool | None]]) -> None:
    """Those considered are those who failed somewhere and those included."""
    counts = flow(register(rows)).set_index("step")["n"]

    assert counts["considered"] == counts.drop("considered").sum() == len(rows)


def test_armenia_2020_shows_both_readings() -> None:
    """The founding case fails at asking the CSTO, and `why` prints the sources that say it asked."""
    done = helpers.run("why", "arm-2020")

    assert done.stdout.startswith("arm-2020 fails at asked_csto.\n")
    assert "- supports: false" in done.stdout
    assert "- conflicts: true  arm-001" in done.stdout
    listed = helpers.run("candidates").stdout
    assert "(kept as a" in listed


DAMAGES = [
    ("candidates", "kgz-2005", "asked_csto", "true", "candidates.csv:{}:asked_csto: no reading says 'true'; add one to readings or write a missing-value code [no-reading]"),
    ("candidates", "kgz-2016", "case_id", "not_applicable", "candidates.csv:{}:case_id: is missing but every inclusion criterion is met; name the case or correct a criterion [inclusion]"),
    ("candidates", "kgz-2005", "case_id", "kgz-2010", "candidates.csv:{}:case_id: is kgz-2010 but must be kgz-2005, the id of the candidate [inclusion]"),
    ("candidates", "kgz-2005", "case_id", "kgz-2016", "candidates.csv:{}:case_id: does not meet asked_csto and is no founding case; remove it or correct a criterion [inclusion]"),
    ("requests", "kaz-2022-appeal", "on_own_territory", "no_evidence_found", 'requests.csv:{}:on_own_territory: is "no_evidence_found" but searches has no search for it [no-search]'),
    ("searches", "kaz-uni-001", "record_id", "nobody", "searches.csv:{}:record_id: 'nobody' is no"),
    ("codings", "coder-a", "coded_value", "(withheld)", "codings.csv:{}:coded_value: coder-a says '(withheld)', but adjudications has no verdict on it [unjudged]"),
    ("codings", "coder-a", "coded_value", " internal", "codings.csv:{}:coded_value: ' internal' begins or ends with a space; remove it [text]"),
    ("codings", "coder-a", "coded_value", "INTERNAL", "codings.csv:{}:coded_value: 'INTERNAL' is not a code of crisis_type: interstate_war, border_conflict, armed_incursion, cross_border_spillover, communal_violence, domestic_unrest [coding-value]"),
    ("covariates", "ARM", "covariate_value", "0,609", "covariates.csv:{}:covariate_value: '0,609' does not have the form -?"),
    ("codings", "coder-a", "table_name", "Cases", "codings.csv:{}:table_name: 'Cases' does not have the form [a-z]+(_[a-z]+)* [pattern]"),
    ("legal_views", "arm-2021-zas-1", "case_id", "kgz-2016", "legal_views.csv:{}:case_id: belongs to kgz-2016 but the id arm-2021-zas-1 does not begin with it [other-case]"),
    ("adjudications", "cases", "verdict", "kept ", "adjudications.csv:{}:verdict: 'kept ' begins or ends with a space; remove it [text]"),
    ("adjudications", "cases", "values_judged", "war", "adjudications.csv:{}:values_judged: 'war' was given by no coder of this cell [judged-value]"),
    ("adjudications", "cases", "judge", "coder-a", "adjudications.csv:{}:judge: coder-a coded '"),
    ("adjudications", "cases", "judge", "nobody", "adjudications.csv:{}:judge: 'nobody' is no coder of cases/coders.csv [reference]"),
    ("adjudications", "cases", "record_id", "kgz-2010", 'adjudications.csv:{}:verdict: the verdict is "kept" but no coding differs [unjudged]'),
]  # fmt: skip
# Together in one copy, but for those of one row: the nth of a row is in the nth copy.
COPIES = [[d for i, d in enumerate(DAMAGES) if n == sum(d[:2] == e[:2] for e in DAMAGES[:i])] for n in range(5)]


def spoil(home: Path, table: str, key: str, column: str, value: str) -> int:
    """Replace a cell of the first row whose first cell is `key`, and return its line."""
    rows = helpers.read_rows(home, table)
    place = next(i for i, row in enumerate(rows) if row[0] == key)
    rows[place][rows[0].index(column)] = value
    helpers.write_rows(home, table, rows)
    return place + 1


@pytest.mark.parametrize("damages", helpers.mostly_slow(COPIES, COPIES[0]))
def test_damage_to_the_register(home: Path, damages: list[tuple[str, ...]]) -> None:
    """Spoiled cells of the register, the searches, the codings, the adjudications and the covariates are named at their address."""
    expected = ["cases/" + said.format(spoil(home, *cell)) for *cell, said in damages]
    told = [str(problem) for problem in cstocases.validate(home, release=True)]
    assert [] == [said for said in expected if not any(text.startswith(said) for text in told)], told
