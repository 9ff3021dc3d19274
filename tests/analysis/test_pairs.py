"""Agreement by pair of coders, by hand; people and models apart; what became of a coder's work."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import helpers
import pandas as pd
import pytest
from helpers import run

import cstocases
from cstocases.analysis.pairs import pairs_of, with_models
from cstocases.dataset import data
from cstocases.errors import DataError, UnknownNameError
from cstocases.people.verdicts import verdicts_sheet
from cstocases.validation.coding import open_differences

PEOPLE = {"anna": "person", "anna-2": "person", "ben": "person", "coder-a": "model", "coder-b": "model"}


def data_of(rows: list[tuple[str, str, str, str]], kinds: dict[str, str] | None = None) -> Any:
    """As much of a dataset as `pairs_of` reads: codings from coder, variable, record and value; no table of coders without `kinds`."""
    columns = ["coder", "variable", "record_id", "coded_value"]
    frame = pd.DataFrame(rows, columns=columns, dtype="string")
    frame[["table_name", "field_name"]] = frame.pop("variable").str.split(".", expand=True).astype("string")
    frames = {"codings": frame}
    if kinds is not None:
        frames["coders"] = pd.DataFrame(list(kinds.items()), columns=["coder", "coder_kind"], dtype="string")
    return SimpleNamespace(frames=frames, package=cstocases.package(), parsed={})


def coded(variable: str, **values: str) -> list[tuple[str, str, str, str]]:
    """Codings of records 0, 1, 2 ...: for each coder a string with a letter a record, a dot where it was skipped; anna_2 is anna-2."""
    return [
        (coder.replace("_", "-"), variable, str(i), {"y": "yes", "n": "no", "u": "(unknown)"}.get(value, value))
        for coder, given in values.items()
        for i, value in enumerate(given)
        if value != "."
    ]


def row(table: pd.DataFrame, variable: str, one: str, other: str) -> pd.Series:
    """The one row of a variable and two coders."""
    ((_, found),) = table[
        (table["variable"] == variable) & (table["coder_a"] == one) & (table["coder_b"] == other)
    ].iterrows()
    return found


# Of two coders, with n cells that both coded and m_k values k among their 2n: alpha = 1 - Do / De,
# Do = cells that differ / n, De = 1 - sum of m_k (m_k - 1) / (2n (2n - 1)).
BY_HAND = {
    # 4 cells, 1 differs; 5 a and 3 b: De = 2*5*3/(8*7), so 1 - (1/4)/(15/28) = 8/15.
    "three a, one b; one differs": ("aaab", "aabb", 4, 75, 8 / 15),
    # The cell that only one coded does not count: 3 cells, 1 differs; 3 a and 3 b: De = 2*3*3/(6*5), 1 - (1/3)/(3/5) = 4/9.
    "a cell coded by one alone": ("aba.", "abba", 3, 200 / 3, 4 / 9),
    "no cell differs, two categories": ("aab", "aab", 3, 100, 1),
    # All differ: Do = 1, De = 2*3*3/(6*5) = 3/5, 1 - 5/3 = -2/3.
    "every cell differs": ("aba", "bab", 3, 0, -2 / 3),
    # "(unknown)" is a value as others are: 3 cells, 1 differs; 3 a, 3 (unknown), as above.
    "a kind of missing is a value": ("aua", "auu", 3, 200 / 3, 4 / 9),
}


@pytest.mark.parametrize(("one", "other", "n", "agreement", "alpha"), list(BY_HAND.values()), ids=list(BY_HAND))
def test_by_hand(one: str, other: str, n: int, agreement: float, alpha: float) -> None:
    """Cells, agreement and alpha of two coders."""
    found = row(pairs_of(data_of(coded("cases.crisis_type", anna=one, ben=other), PEOPLE)), "cases.crisis_type", "anna", "ben")  # fmt: skip

    assert ("human-human", n, "") == (found["pair_kind"], found["n"], found["note"])
    assert pytest.approx([agreement, alpha]) == [found["agreement"], found["alpha"]]


@pytest.mark.parametrize(
    ("one", "other", "n", "agreement", "note"),
    [
        ("aaa", "aaa", 3, 100, "undefined: only one category was used"),
        ("ab", "ab", 2, 100, "undefined: fewer than 3 cells coded by both"),
        ("ab..", "..ab", 0, pd.NA, "undefined: no cell was coded by both"),
    ],
)
def test_what_is_undefined_is_no_number(one: str, other: str, n: int, agreement: Any, note: str) -> None:
    """Unanimous, too few or disjoint: alpha is missing, never 1, 0 or NaN, and says why, as does the mean over variables."""
    rows = [*coded("cases.crisis_type", anna=one, ben=other), *coded("cases.threat_origin", anna="a", ben="a")]
    table = pairs_of(data_of(rows, PEOPLE))
    found = row(table, "cases.crisis_type", "anna", "ben")

    assert (n, note) == (found["n"], found["note"])
    assert found["alpha"] is pd.NA
    assert found["agreement"] is agreement if agreement is pd.NA else found["agreement"] == agreement
    assert {"undefined: 0 of 2 alphas defined"} == set(table.loc[table["variable"] == "all variables", "note"])
    assert table["alpha"].isna().all()
    assert "Float64" == table.dtypes["alpha"].name


def test_coders_who_share_nothing_are_no_pair() -> None:
    """Two coders without a cell in common have no row, not even for a variable that both coded."""
    table = pairs_of(data_of(coded("cases.crisis_type", anna="ab..", ben="..ab"), PEOPLE))

    assert (0, ["variable", "coder_a", "coder_b", "pair_kind", "n", "agreement", "alpha", "note"]) == (
        len(table),
        list(table.columns),
    )


def test_three_coders_one_partial() -> None:
    """Each pair is measured on the cells that both coded; means are weighted by them, and skip the undefined."""
    rows = [
        *coded("cases.crisis_type", anna="aaab", ben="aabb", **{"coder-a": "aa.b"}),
        *coded("cases.threat_origin", anna="aaaaaa", ben="aaaaaa"),
    ]
    table = pairs_of(data_of(rows, PEOPLE))
    kinds = table[table["coder_a"].isna()].set_index("pair_kind")

    # anna and coder-a: a a b twice, no difference. ben and coder-a: aab, aab too.
    assert [(4, 75), (3, 100), (3, 100)] == [
        (found["n"], found["agreement"])
        for pair in (("anna", "ben"), ("anna", "coder-a"), ("ben", "coder-a"))
        for found in [row(table, "cases.crisis_type", *pair)]
    ]
    # anna and ben: 8/15 of 4 cells; the 6 cells of one category have no alpha, yet count in the 9 of 10 that agree.
    both = row(table, "all variables", "anna", "ben")
    assert (10, 90, "1 of 2 alphas defined") == (both["n"], both["agreement"], both["note"])
    assert pytest.approx(8 / 15) == both["alpha"]
    assert ["human-human", "human-model"] == list(kinds.index)
    assert (6, 100, 1, "2 of 2 alphas defined") == tuple(kinds.loc["human-model", ["n", "agreement", "alpha", "note"]])


def test_a_mean_is_weighted_by_cells() -> None:
    """A variable of 4 cells with 8/15 and one of 3 cells with 4/9 have the mean (4 * 8/15 + 3 * 4/9) / 7."""
    rows = [
        *coded("cases.crisis_type", anna="aaab", ben="aabb"),
        *coded("cases.threat_origin", anna="aba", ben="abb"),
    ]
    table = pairs_of(data_of(rows, PEOPLE))

    assert [pytest.approx((4 * 8 / 15 + 3 * 4 / 9) / 7)] * 2 == list(
        table.loc[table["variable"] == "all variables", "alpha"]
    )


def test_a_second_pass_is_the_same_person() -> None:
    """Ids that differ by -2 are one coder, if there is one of that name; she is no second person, and a model no person."""
    kinds = PEOPLE | {"coder-a-2": "model", "carl-2": "person", "carl-3": "person"}
    given = dict.fromkeys(("anna", "anna-2", "ben", "coder-a", "coder-a-2", "carl-2", "carl-3"), "aab")
    table = pairs_of(data_of(coded("cases.crisis_type", **given), kinds))
    wanted = {
        ("anna", "anna-2"): "same person", ("anna", "ben"): "human-human", ("anna-2", "coder-a"): "human-model",
        ("coder-a", "coder-a-2"): "same model", ("carl-2", "carl-3"): "human-human",
    }  # fmt: skip

    assert wanted == {pair: row(table, "cases.crisis_type", *pair)["pair_kind"] for pair in wanted}
    summed = table[table["coder_a"].isna()].set_index("pair_kind")["n"]
    # Three cells a pair: of 5 human ids 10 pairs but for anna's own, 5 times 2 with models, one model's own.
    assert {"human-human": 27, "human-model": 30, "same person": 3, "same model": 3} == dict(summed)


def test_without_a_table_of_coders_kinds_are_unknown() -> None:
    """Who is not known as a person or a model is neither."""
    assert {"unknown"} == set(pairs_of(data_of(coded("cases.crisis_type", anna="aab", ben="aab")))["pair_kind"])


def test_what_was_found_needs_what_was_not() -> None:
    """Of `record` alpha is defined where both wrote no to one thing; where they only list what one of them found, it is not."""
    listed = coded("asks.record", anna="ynnn", ben="ynny")  # as 8/15 above
    found_only = coded("answers.record", anna="yyyy", ben="yyyn")
    table = pairs_of(data_of([*listed, *found_only], PEOPLE))

    assert pytest.approx(8 / 15) == row(table, "asks.record", "anna", "ben")["alpha"]
    other = row(table, "answers.record", "anna", "ben")
    assert (4, 75, "undefined: what nobody found is in no row") == (other["n"], other["agreement"], other["note"])
    assert other["alpha"] is pd.NA


def test_the_shipped_codings(untouched: Path) -> None:
    """Of the models' codings: where two coders alone coded a variable their row is that of `reliability`; nothing is NaN, what is missing has a reason."""
    table = cstocases.pairs(untouched)
    whole = cstocases.reliability(untouched)
    whole = whole[whole["pass_date"].isna() & (whole["variable"] != "all variables")].set_index("variable")
    codings = cstocases.load("codings", untouched)
    coders = codings.groupby(codings["table_name"] + "." + codings["field_name"])["coder"]
    alone = {str(name): tuple(sorted(set(group))) for name, group in coders if group.nunique() == 2}

    assert {("coder-a", "coder-b"), ("coder-c", "coder-d"), ("coder-e", "coder-f")} == set(alone.values())
    for variable, pair in alone.items():
        mine, ours = row(table, variable, *pair), whole.loc[variable]
        assert (ours["units"], ours["agreement"], ours["note"]) == (mine["n"], mine["agreement"], mine["note"])
        assert (pd.isna(ours["alpha"]) and mine["alpha"] is pd.NA) or mine["alpha"] == ours["alpha"]
    assert [] == [v for v in table["alpha"].astype(object) if v is not pd.NA and v != v]
    assert (table["alpha"].isna() == table["note"].str.startswith("undefined: ")).all()
    assert {"model-model"} == set(table["pair_kind"])


def test_against_the_published_values() -> None:
    """Against the published values each coder differs where `differences` says so; rows over coders there are none."""
    table = cstocases.pairs(against="published")
    ours = table[table["pair_kind"] == "coder-published"]

    pd.testing.assert_frame_equal(cstocases.pairs(), table[table["pair_kind"] != "coder-published"].reset_index(drop=True))  # fmt: skip
    assert {"published"} == set(ours["coder_b"])
    assert not ours["coder_a"].isna().any()
    for coder in ("coder-a", "coder-c", "coder-e"):
        found = cstocases.differences(coder)
        found = found[(found["table_name"] != "evidence") & (found["coded_value"] != found["published"])]
        differing = (found["table_name"] + "." + found["field_name"]).value_counts()
        mine = ours[(ours["coder_a"] == coder) & (ours["agreement"] < 100)].set_index("variable")
        mine = mine[~mine.index.str.startswith(("evidence.", "all "))]
        shown = {k: round(n * (100 - share) / 100) for k, n, share in zip(mine.index, mine["n"], mine["agreement"], strict=True)}  # fmt: skip
        assert dict(differing) == shown
        assert len(shown) > 1


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The shipped data as though no person had taken part."""
    return helpers.copy_untouched(tmp_path / "home")


@pytest.fixture
def peopled(home: Path) -> Path:
    """The data with three people, who coded the status of three requests and kinds of help under their plain names."""
    for coder in ("anna", "anna-2", "ben"):
        helpers.add(home, "coders", coder=coder, coder_kind="person", shown_as="withheld", saw_values="no", codebook_version="0.3.0")  # fmt: skip
    status = {"arm-2020-csto": "none_documented", "kaz-2022-appeal": "documented", "kgz-2010-washington": "contested"}
    for coder, other in (("anna", "documented"), ("anna-2", "contested"), ("ben", "contested")):
        for request, value in (status | {"kgz-2010-washington": other}).items():
            code(home, coder, "requests", request, "status", value)
    # The published answer is kaz-2022-appeal-csto-statement-unasked.
    code(home, "anna", "answers", "kaz-2022-appeal-csto-statement", "record", "yes")
    code(home, "anna", "answers", "kaz-2022-appeal-csto-statement", "answer", "refused", "so it reads")
    code(home, "anna", "answers", "kaz-2022-appeal-csto-weapons", "record", "yes")
    code(home, "anna", "answers", "kaz-2022-appeal-csto-relief", "record", "no")
    return home


def code(home: Path, coder: str, table: str, record: str, field: str, value: str, note: str = helpers.FILL) -> None:
    """Add a coding."""
    helpers.add(home, "codings", coder=coder, pass_date="2026-12-01", table_name=table, record_id=record, field_name=field, coded_value=value, coding_note=note)  # noqa: S106  # fmt: skip


def judge(home: Path, record: str, field: str, table: str, values: str, verdict: str) -> None:
    """Add a verdict."""
    helpers.add(home, "adjudications", table_name=table, record_id=record, field_name=field, values_judged=values, verdict=verdict, verdict_reason="because")  # fmt: skip


def outcomes(home: Path, coder: str) -> list[tuple[str, ...]]:
    """What became of a coder's work, without the names of tables."""
    frame = cstocases.differences(coder, home).astype(object)
    columns = ["record_id", "field_name", "coded_value", "published", "outcome", "verdict_reason", "coding_note"]
    return [tuple("" if pd.isna(v) else v for v in found) for found in frame[columns].itertuples(index=False)]


@pytest.mark.slow
def test_what_became_of_a_coders_work(peopled: Path) -> None:
    """A coder sees what differs as open until it is judged, then kept or corrected; what is published as she coded it she does not see."""
    statement = ("kaz-2022-appeal-csto-statement", "answer", "refused", "agreed")
    weapons = ("kaz-2022-appeal-csto-weapons", "record", "yes", "no")
    status = ("kgz-2010-washington", "status")

    assert [
        (*status, "documented", "contested", "open", "", ""),
        (*statement, "open", "", "so it reads"),
        (*weapons, "open", "", ""),
    ] == outcomes(peopled, "anna")
    assert [] == outcomes(peopled, "anna-2")

    judge(peopled, "kaz-2022-appeal-csto-weapons", "record", "answers", "yes", "kept")
    judge(peopled, "kgz-2010-washington", "status", "requests", "contested; documented", "corrected")
    assert [
        (*status, "documented", "contested", "corrected", "because", ""),
        (*statement, "open", "", "so it reads"),
        (*weapons, "kept", "because", ""),
    ] == outcomes(peopled, "anna")
    assert [] == outcomes(peopled, "ben")


BORDER = ("decisions", "tjk-2021-border-assessment", "decided_by")  # published as (no_evidence_found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("coded_value", "published", "differs"),
    [
        ("(unknown)", "no_evidence_found", False),
        ("(unknown)", "withheld", False),
        ("(unknown)", "", False),
        ("(not_applicable)", "no_evidence_found", True),
        ("(disputed)", "no_evidence_found", True),
        ("(unknown)", "not_applicable", True),
        ("members", "no_evidence_found", True),
        ("members", "", False),
    ],
)
def test_a_blind_coder_cannot_tell_some_kinds_of_missing_apart(
    home: Path, coded_value: str, published: str, differs: bool
) -> None:
    """Who finds no value in the evidence agrees with what was searched for in vain or is withheld; nothing differs from a blank cell."""
    helpers.add(home, "coders", coder="anna", coder_kind="person", shown_as="withheld", saw_values="no", codebook_version="0.3.0")  # fmt: skip
    code(home, "anna", *BORDER, coded_value)
    if published != "no_evidence_found":
        helpers.spoil(home, *BORDER, published)
    found = data(home)

    assert differs == ("anna" in set(open_differences(found)["coder"]))
    assert differs == (len(cstocases.differences("anna", home)) == 1)
    assert differs == (BORDER in verdicts_sheet(found)[1].values())
    ours = row(pairs_of(found, "published"), "decisions.decided_by", "anna", "published") if published else None
    assert ours is None or (1, 100 * (not differs)) == (ours["n"], ours["agreement"])


@pytest.mark.slow
def test_a_statement_without_a_reason(home: Path) -> None:
    """Who finds no reason in a statement agrees with one that has no reading of a reason, and differs from one that has."""
    helpers.add(home, "coders", coder="anna", coder_kind="person", shown_as="withheld", saw_values="no", codebook_version="0.3.0")  # fmt: skip
    read = cstocases.load("readings", home)
    given = read[read["field_name"] == "rationale"]["evidence_id"].iloc[0]
    (none, *_) = sorted(set(read["evidence_id"]) - set(read[read["field_name"] == "rationale"]["evidence_id"]))
    for record in (given, none):
        code(home, "anna", "evidence", record, "rationale", "(not_applicable)")

    assert [given] == list(cstocases.differences("anna", home)["record_id"])


@pytest.mark.slow
def test_people_models_and_the_published_values(peopled: Path) -> None:
    """People are compared with each other and with models, under whichever name an answer was coded, and never pooled with them."""
    table = cstocases.pairs(peopled, "published")

    # Anna says documented where her second pass and Ben say contested; the other two requests all call the same.
    wanted = {("anna", "anna-2"): ("same person", 2 / 3), ("anna-2", "ben"): ("human-human", 1), ("anna", "ben"): ("human-human", 2 / 3)}  # fmt: skip
    for pair, (kind, share) in wanted.items():
        found = row(table, "requests.status", *pair)
        assert (kind, 3, pytest.approx(100 * share)) == (found["pair_kind"], found["n"], found["agreement"])
    kinds = set(table.loc[table["coder_a"].isna(), "pair_kind"])
    assert {"human-human", "human-model", "model-model", "same person"} == kinds
    # coder-c and coder-d coded kaz-2022-appeal-csto-statement-unasked: one cell each with anna.
    assert {("human-model", 1, 0)} == {
        tuple(row(table, "answers.answer", "anna", coder)[["pair_kind", "n", "agreement"]])
        for coder in ("coder-c", "coder-d")
    }
    # Published: the statement, no weapons and no relief; she said yes, yes and no.
    found = row(table, "answers.record", "anna", "published")
    assert (3, pytest.approx(200 / 3)) == (found["n"], found["agreement"])
    assert {"anna"} == set(with_models("anna", peopled)["coder_a"])
    assert {"coder-a", "coder-b", "coder-c", "coder-d"} == set(with_models("anna", peopled)["coder_b"])


@pytest.mark.slow
def test_pages(peopled: Path) -> None:
    """The summary by kind comes first, then variables; the published values stand apart; a coder reads what came of her work."""
    page = run("reliability", "--pairs", "--against", "published", "--home", peopled).stdout
    heads = ["All variables, by kind of pair", "All variables, by pair", "By variable", "agreement with ours, not\nreliability", "By variable"]  # fmt: skip
    rest = page
    for head in heads:
        assert head in rest
        rest = rest.partition(head)[2]
    assert [] == [line for line in page.splitlines() if len(line) > 80]
    assert "fewer than 3 cells coded by both" in page
    assert "nan" not in page.casefold()

    page = run("reliability", "--coder", "anna", "--home", peopled).stdout
    assert page.startswith("3 codings of anna not as published: open 3, kept 0, corrected 0.\n")
    assert "- answers kaz-2022-appeal-csto-statement answer: coded refused, published agreed\n    Note of the coder: so it reads\n" in page  # fmt: skip
    assert "Agreement of anna with each model coder, by variable:" in page
    page = run("reliability", "--coder", "anna-2", "--home", peopled, "--format", "markdown").stdout
    assert page.startswith("0 codings of anna-2 not as published: open 0, kept 0, corrected 0.\n")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--pairs", "--against", "nobody"], 1, "no values to compare with named 'nobody'; there are published"),
        (["--coder", "coder-x"], 1, "no coder named 'coder-x'; did you mean coder-"),
        (["--coder", "nobody"], 1, "no coder named 'nobody'; there are "),
        (["--against", "published"], 2, "--against needs --pairs"),
        (["--coder", "coder-a", "--pairs"], 2, "give --pairs or --coder, not both"),
        (["--coder", "coder-a", "--against", "published"], 2, "--against needs --pairs"),
    ],
)
def test_wrong_calls(words: list[str], code: int, said: str) -> None:
    """A wrong name exits 1 with near ones, options that do not go together exit 2; nothing is printed."""
    done = run("reliability", *words)

    assert (code, "") == (done.exit_code, done.stdout)
    assert said in done.stderr


def test_unknown_names_in_python(small: Path) -> None:
    """The functions raise what the command says, also where there are no codings at all."""
    with pytest.raises(UnknownNameError, match="no coder named 'coder-g'; did you mean coder-"):
        cstocases.differences("coder-g")
    with pytest.raises(UnknownNameError, match="there are published"):
        cstocases.pairs(against="coder-a")
    for ask in (cstocases.pairs, lambda home: cstocases.differences("anna", home)):
        with pytest.raises(UnknownNameError, match="no table named 'codings'"):
            ask(small)


@pytest.mark.slow
def test_a_coder_who_is_not_registered_is_a_problem(home: Path) -> None:
    """Codings of someone whom `coders` does not have are refused before anything is measured."""
    code(home, "nobody", "requests", "kaz-2022-appeal", "status", "documented")
    with pytest.raises(DataError, match="'nobody' is no coder of"):
        cstocases.pairs(home)
