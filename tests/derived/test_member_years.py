"""Parties by year: how long each was one, what came upon it, what it asked for and how it helped."""

from __future__ import annotations

import pytest
from panels import Cells, changed, with_tests, written

import cstocases
from cstocases.dataset import data
from cstocases.derived.member_years import COVARIATES, member_years
from cstocases.resolution.data import Data


def of(found: Data) -> Cells:
    """The table of some data, cells as written."""
    return written(member_years(found), "state", "year")


@pytest.fixture(scope="module")
def rows() -> Cells:
    """The table of the shipped data."""
    return of(data())


def test_a_row_for_each_year_as_a_party(rows: Cells) -> None:
    """Every state is there from the year it signed to the year it left, and to the last whole year before the release."""
    last = int(cstocases.package().metadata["released"][:4]) - 1
    years = {state: [int(year) for name, year in rows if name == state] for state, _ in rows}

    assert years == {
        **{state: list(range(1992, last + 1)) for state in ("ARM", "KAZ", "KGZ", "RUS", "TJK")},
        **{"AZE": list(range(1993, 2000)), "BLR": list(range(1993, last + 1)), "GEO": list(range(1993, 2000))},
        "UZB": [*range(1992, 2000), *range(2006, 2013)],
    }


SHIPPED = {
    # Signed on 15 May 1992, in force on 20 April 1994, left in 1999, back on 16 August 2006, left on 19 December 2012.
    ("UZB", "1992"): {"share_of_year": "0.6311", "treaty_bound_days": "0", "charter_bound_days": "0", "vdem_id": "140", "in_chair": "(not_applicable)"},
    ("UZB", "1994"): {"share_of_year": "1.0", "treaty_bound_days": "256"},
    ("UZB", "1999"): {"treaty_bound_days": "109"},
    ("UZB", "2006"): {"share_of_year": "0.3781", "treaty_bound_days": "138", "charter_bound_days": "138"},
    ("UZB", "2012"): {"share_of_year": "0.9645", "treaty_bound_days": "353", "in_chair": "False"},
    ("UZB", "2010"): {"dyads_n": "5", "opposed_n": "5", "helped_n": "0", "requests_n": "0"},
    ("KGZ", "2020"): {"dyads_n": "2", "opposed_n": "2"},  # it favoured the adversary
    ("BLR", "1993"): {"share_of_year": "0.0027"},
    ("ARM", "2003"): {"charter_bound_days": "105"},
    ("ARM", "2024"): {"frozen": "True", "treaty_bound_days": "366"},
    # Who was in the chair before June 2004, and when it passed on in 2006, is not on record.
    ("KAZ", "2004"): {"in_chair": "True"},
    ("RUS", "2004"): {"in_chair": "(unknown)"},
    ("RUS", "2006"): {"in_chair": "(unknown)"},
    ("RUS", "2010"): {"in_chair": "True", "dyads_n": "5", "helped_n": "2", "forces_sent_n": "0"},
    ("RUS", "2003"): {"in_chair": "(not_applicable)"},
    ("ARM", "1992"): {"cases_n": "1", "requests_n": "2", "requests_military_n": "1", "asks_by_kind": "military_unspecified: 1; help_unspecified: 1", "outcome_military_best": "no_decision", "delivered_military": "False"},
    ("ARM", "2020"): {"requests_n": "2", "requests_documented_n": "1", "requests_military_n": "0", "asks_by_kind": "help_unspecified: 1; consultations: 1", "unasked_received": "forces_protective; mediation; statement"},
    ("KGZ", "2010"): {"candidates_n": "5", "cases_n": "1", "requests_n": "5", "requests_military_n": "5", "asks_by_kind": "forces_protective: 3; weapons: 1; materiel: 1; military_unspecified: 1", "outcome_military_best": "granted", "delivered_military": "True"},
    ("KGZ", "2016"): {"requests_military_n": "0", "outcome_military_best": "not_asked"},
    ("KGZ", "1999"): {"outcome_military_best": "granted", "delivered_military": "True", "unasked_received": "(not_applicable)"},
    ("KAZ", "2022"): {"outcome_military_best": "granted", "delivered_military": "True", "unasked_received": "statement"},
    ("KAZ", "2023"): {"asks_by_kind": "(not_applicable)", "outcome_military_best": "(not_applicable)", "unasked_received": "(not_applicable)"},
    ("KGZ", "2022"): {"dyads_n": "5", "helped_n": "1", "forces_sent_n": "1"},
    ("TJK", "2013"): {"requests_n": "1"},  # dated by its case
    # The dataset holds no values of these years, whatever those before them were.
    ("ARM", "2025"): {"vdem_v2x_polyarchy": "(not_coded)", "lied_lexical_index": "(not_coded)", "milex": "(not_coded)"},
    ("ARM", "2023"): {"frozen": "False", "candidates_n": "2", "cases_n": "0", "requests_n": "0", "milex": "(not_coded)", "vdem_v2x_regime": "2"},
}  # fmt: skip


@pytest.mark.parametrize("row", SHIPPED, ids="-".join)
def test_shipped_rows(rows: Cells, row: tuple[str, str]) -> None:
    """What the shipped tables say of a state and a year."""
    assert SHIPPED[row] == {name: rows[row][name] for name in SHIPPED[row]}


def test_sums_are_those_of_the_tables(rows: Cells) -> None:
    """Every request, case, dyad and occasion of a party is counted in one year."""
    parties = cstocases.load("candidates")["was_party"].sum()  # all but one
    expected = {
        "requests_n": len(cstocases.load("requests")),
        "cases_n": len(cstocases.load("cases")),
        "dyads_n": len(cstocases.load("request_members")),
        "candidates_n": parties,
    }
    assert expected == {name: sum(int(row[name]) for row in rows.values()) for name in expected}


def test_outside_data_are_those_of_the_version_named(rows: Cells) -> None:
    """Each value is that of the version which the description names, nothing is filled in, and no value is left out."""
    outside = cstocases.load("covariates")
    yes = {"yes": "True", "no": "False"}
    for name, version in COVARIATES.items():
        assert f"Version: {version}." in cstocases.package().table("member_years").field(name).description
        of_name = outside[(outside["measure"] == name) & (outside["dataset_version"] == version)]
        wanted = {
            (row.state, str(row.measured_year)): yes.get(row.covariate_value, row.covariate_value)
            for row in of_name.itertuples()
            if (row.state, str(row.measured_year)) in rows
        }
        found = {key: row[name] for key, row in rows.items() if row[name] != "(not_coded)"}
        assert wanted.keys() == found.keys()
        assert wanted
        for key, value in wanted.items():
            assert value == found[key] or float(value) == float(found[key]), (name, key)


MOVES = {
    "troops become relief": (("contributions", "kaz-2022-arm", {"contribution_kind": "relief"}), ("ARM", "2022"), {"helped_n": "1", "forces_sent_n": "0"}),
    "a stance": (("positions", "kgz-2010-uzb-december", {"stance": "neutral"}), ("UZB", "2010"), {"opposed_n": "0"}),
    "a request of another year": (("requests", "kaz-2022-appeal", {"date": "2021-12-31"}), ("KAZ", "2022"), {"requests_n": "0", "asks_by_kind": "(not_applicable)", "outcome_military_best": "(not_applicable)"}),
    "an answer": (("answers", "kaz-2022-appeal-csto-forces-protective", {"answer": "refused", "delivery": "not_applicable"}), ("KAZ", "2022"), {"outcome_military_best": "refused", "delivered_military": "False"}),
    "an unknown answer": (("answers", "kaz-2022-appeal-csto-forces-protective", {"answer": "unknown"}), ("KAZ", "2022"), {"outcome_military_best": "(unknown)"}),
    "unasked help": (("answers", "kaz-2022-appeal-csto-statement-unasked", {"answer": "refused"}), ("KAZ", "2022"), {"unasked_received": "(not_applicable)"}),
    "an ask of another kind": (("asks", "kaz-2022-appeal-forces-protective", {"help_kind": "relief"}), ("KAZ", "2022"), {"requests_military_n": "0", "asks_by_kind": "relief: 1"}),
    "an ask of unknown kind": (("asks", "kaz-2022-appeal-forces-protective", {"help_kind": "unknown"}), ("KAZ", "2022"), {"requests_military_n": "(unknown)", "asks_by_kind": "(unknown)"}),
    "a request that is contested": (("requests", "kaz-2022-appeal", {"status": "contested"}), ("KAZ", "2022"), {"requests_n": "1", "requests_documented_n": "0"}),
    "a request of unknown status": (("requests", "kaz-2022-appeal", {"status": "unknown"}), ("KAZ", "2022"), {"requests_documented_n": "(unknown)"}),
    "an occasion of another year": (("candidates", "arm-2014", {"date": "2015-08-01"}), ("ARM", "2014"), {"candidates_n": "0"}),
    "an occasion without a date has the year of its id": (("candidates", "arm-2014", {"date": "unknown"}), ("ARM", "2015"), {"candidates_n": "1"}),
    "an unknown end": (("memberships", "uzb-treaty-2", {"end_date": "unknown"}), ("UZB", "2010"), {"share_of_year": "(unknown)", "treaty_bound_days": "(unknown)"}),
    "frozen on an unknown day": (("memberships", "arm-treaty-1", {"frozen_date": "unknown"}), ("ARM", "2023"), {"frozen": "(unknown)"}),
    "a chair of another state": (("offices", "chair-arm-2015", {"state": "KAZ"}), ("ARM", "2015"), {"in_chair": "False"}),
}  # fmt: skip


@pytest.mark.parametrize("name", MOVES)
def test_a_changed_cell_moves_the_row(rows: Cells, name: str) -> None:
    """Another value in a source table moves the cells that rest on it, and no others do where nothing hangs on it."""
    (table, record, cells), row, expected = MOVES[name]
    found = of(changed(table, record, **cells))[row]

    assert expected == {column: found[column] for column in expected}
    if "without a date" not in name:
        assert expected != {column: rows[row][column] for column in expected}


def test_an_outside_value_that_is_gone() -> None:
    """Where the row of a value is gone its cell is not coded; a value that is no number is unknown."""
    parsed = data().parsed["covariates"]
    mine = (parsed.texts["measure"] == "milex") & (parsed.texts["state"] == "KAZ")
    spoilt = parsed.texts.assign(covariate_value=parsed.texts["covariate_value"].mask(mine, "many"))
    for texts, shown in ((parsed.texts[~mine], "(not_coded)"), (spoilt, "(unknown)")):
        found = of(data().counterfactual({"covariates": parsed.with_texts(texts)}))
        assert shown == found["KAZ", "2021"]["milex"]


def test_duties_that_were_not_kept() -> None:
    """What the text obliged to and nobody gave is counted; where an ask has no test of a text the number is not coded."""
    found = of(with_tests({"kgz-2010-troops-forces-protective": "obliges"}, "cst-4-1992", "any_help"))
    tests = data().parsed["text_tests"]
    untested = of(data().counterfactual({"text_tests": tests.with_texts(tests.texts.head(0))}))

    # Russia gave something else.
    assert ["1", "0", "0"] == [found[row]["not_honoured_n"] for row in (("TJK", "2010"), ("RUS", "2010"), ("TJK", "2022"))]  # fmt: skip
    assert ["(not_coded)", "0"] == [untested["KAZ", year]["not_honoured_n"] for year in ("2022", "2023")]


# The military measures have gaps of their own.
@pytest.mark.parametrize("name", [name for name in COVARIATES if not name.startswith("mil")])
def test_a_measure_is_there_for_every_year_up_to_the_last_of_its_series(name: str) -> None:
    """No value is missing by a choice of ours, which would follow who asked for help."""
    years = cstocases.load("member_years")
    last = cstocases.load("covariates").query("measure == @name")["measured_year"].max()

    assert [] == years.loc[years[name].isna() & (years["year"] <= last), ["state", "year"]].values.tolist()
