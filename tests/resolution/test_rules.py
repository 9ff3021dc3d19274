"""Resolution rules: deterministic, total, equal to brute force; and what was known on a day."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import frictionless
import pandas as pd
import pytest
from helpers import mostly_slow
from hypothesis import given, settings
from hypothesis import strategies as st

import cstocases
from cstocases.dataset import data
from cstocases.parsing.parsed_table import cells as as_cells
from cstocases.resolution.readings import CELL, RECORD, to_precision
from cstocases.resolution.rules import RULES, contested, decisions, differing, resolve

RULE = st.sampled_from(sorted(RULES))
DAY = st.dates(datetime.date(1992, 1, 1), datetime.date(2026, 11, 24))


def texts(rule: str, name: str) -> pd.DataFrame:
    """A table as text under a rule, dates to_precision to their precision."""
    found = data(None, rule)
    table, parsed = found.package.table(name), found.parsed[name]
    out = as_cells(table, parsed.frame, parsed.missing_codes)
    for f in table.fields:
        if f.type == "date" and table.precision_of(f.name):
            out[f.name] = out[f.name].where(
                parsed.frame[f.name].isna(), to_precision(out[f.name], parsed.frame[f"{f.name}_precision"])
            )
    return out


@pytest.mark.slow
@pytest.mark.parametrize("rule", sorted(set(RULES) - {"published"}))
def test_differing_cells_equal_brute_force(rule: str) -> None:
    """The table of cells on which two rules differ is what comparing the two resolved datasets cell by cell gives."""
    brute = set()
    for name, table in cstocases.package().stored.items():
        if not table.evidenced:
            continue
        one, other = texts("published", name), texts(rule, name)
        for f in table.evidenced:
            for line in one.index[one[f.name] != other[f.name]]:
                brute.add((name, one.at[line, table.primary_key[0]], f.name))
    found = differing(data(), "published", rule)

    assert brute == set(found[CELL].itertuples(index=False, name=None))
    assert len(brute) > 0


@pytest.mark.parametrize("rule", mostly_slow(sorted(RULES), "published", "strict"))
def test_resolved_data_keep_their_types_and_codes(rule: str) -> None:
    """Under every rule the tables still satisfy the schema: total, typed, only known codes and kinds."""
    found, published = data(None, rule), data()
    for name, table in cstocases.package().stored.items():
        if rule != "published" and found.parsed[name] is published.parsed[name]:
            continue
        relaxed = replace(
            table, fields=tuple(replace(f, required=f.required and not f.evidenced) for f in table.fields)
        )
        cstocases.to_pandera(relaxed).validate(found.frames[name], lazy=True)
        kinds = found.missing_codes[name]
        assert {kind for column in kinds for kind in kinds[column].dropna()} <= {
            *cstocases.package().missing,
            "not_coded",
        } - {""}


@pytest.mark.slow
def test_an_export_under_a_rule_is_a_sound_package(tmp_path: Path) -> None:
    """What strict as of a day leaves is exported like the rest, and its README says how cells were settled."""
    dest = cstocases.export(tmp_path / "x", rule="strict", as_of="2015-01-01")
    report = frictionless.validate(str(dest / "datapackage.json"))

    assert [] == report.flatten(["name", "rowNumber", "fieldName", "message"])
    readme = (dest / "README.md").read_text(encoding="utf-8")
    assert "settled by the rule strict" in readme
    assert "Only sources published by 2015-01-01 were used." in readme


def test_strict_leaves_no_rival() -> None:
    """Under strict every contested cell is disputed, and no other cell changes."""
    made = decisions(data(), data(), "strict")
    status = data().statuses.set_index(CELL)["status"]
    contested_now = [status[tuple(key)] == "contested" for key in made[CELL].itertuples(index=False, name=None)]

    assert contested_now == list((made["kind"] == "disputed").fillna(False))


def test_official_uses_official_voices_only() -> None:
    """Every value under the official rule is one an official or intergovernmental source gives."""
    made = decisions(data(), data(), "official").dropna(subset=["value"])
    read = data().readings
    read = read[read["source_kind"].isin(["official", "intergovernmental"])]
    said = set(read[CELL].itertuples(index=False, name=None))

    assert set() == set(made[CELL].itertuples(index=False, name=None)) - said


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(DAY, DAY, RULE)
def test_sources_only_accrue(one: datetime.date, other: datetime.date, rule: str) -> None:
    """What was known on a day is part of what was known later, and nothing rests on a source published after the day."""
    early, late = sorted([one, other])
    first, second = (resolve(data(), rule, day).frames["readings"] for day in (early, late))
    assert set(first.index) <= set(second.index)

    sources = data().frames["sources"].set_index("citekey")
    evidence = data().frames["evidence"].set_index("evidence_id")["citekey"]
    used = sources.loc[first["evidence_id"].map(evidence)]
    assert bool((used["published"].fillna(used["accessed"]) <= pd.Timestamp(early)).all())


@pytest.mark.slow
@pytest.mark.parametrize("rule", sorted(RULES))
def test_the_far_future_is_today(rule: str) -> None:
    """With every source published, as_of changes nothing."""
    for name in cstocases.package().stored:
        pd.testing.assert_frame_equal(
            cstocases.load(name, rule=rule), cstocases.load(name, rule=rule, as_of="2999-12-31")
        )


def test_before_any_source_nothing_is_known() -> None:
    """Before the first publication every cell that rests on readings is unknown."""
    assert {"unknown", "not_applicable"} >= set(cstocases.missing("requests", as_of="1900-01-01")["addressee"].dropna())
    assert cstocases.load("requests", as_of="1900-01-01")["addressee"].isna().all()


def test_wrong_words_are_refused() -> None:
    """An unknown rule names the nearest, a date that is none says how to write it."""
    with pytest.raises(cstocases.UnknownNameError, match="no resolution rule named 'oficial'; did you mean official"):
        cstocases.load("cases", rule="oficial")
    for day in ("2020", "20200612", "2020-W24-5", "2020-06-31"):
        with pytest.raises(cstocases.CstocasesError, match=f"as_of: '{day}' is not a date; write YYYY-MM-DD"):
            cstocases.load("cases", as_of=day)


def test_contested_lists_every_contested_cell() -> None:
    """Each contested cell is there once, with at least two values and what each rule makes of it."""
    status = data().statuses
    wanted = status[(status["status"] == "contested") & (status["field_name"] != RECORD)]
    listed = contested(data())

    assert set(wanted[CELL].itertuples(index=False, name=None)) == set(listed[CELL].itertuples(index=False, name=None))
    assert bool(listed[list(RULES)].notna().all(axis=None))
    assert set(listed["strict"]) == {"(disputed)"}
    one = cstocases.contested("arm-2020").set_index(CELL).loc[("candidates", "arm-2020", "asked_csto")]
    assert (one["published"], one["strict"]) == ("false", "(disputed)")
    assert "cooley-2022-kazakhstan" in one["readings"].split("true: ")[1]


def test_a_missing_bound_is_not_an_open_end() -> None:
    """Under a rule that leaves the bounds of an office open nobody is taken to hold it for ever; what cannot be computed says so."""
    published, strict = (cstocases.load("comparison", rule=r).set_index("request_id") for r in ("published", "strict"))
    kinds = cstocases.missing("comparison", rule="strict").set_index(strict.index)

    assert ("TJK", True) == tuple(published.loc["tjk-2021-border", ["chair_state", "requester_chaired"]])
    assert [True, True] == list(strict.loc["tjk-2021-border", ["chair_state", "requester_chaired"]].isna())
    assert ["unknown", "unknown"] == list(kinds.loc["tjk-2021-border", ["chair_state", "requester_chaired"]])
    assert "ARM" == strict.loc["kgz-2016-session", "chair_state"]
    by_date = [
        "date",
        "crisis_rules_in_force",
        "chair_state",
        "requester_chaired",
        "treaty_version",
        "days_to_decision",
    ]
    assert ["disputed"] * 6 == list(kinds.loc["kaz-2022-appeal", by_date])


def test_no_chair_before_the_first() -> None:
    """In 1992 and 1999 there was no chair to hold, which is not the same as not knowing it."""
    kinds = cstocases.missing("comparison").assign(request_id=cstocases.load("comparison")["request_id"])
    early = kinds[kinds["request_id"].isin(["arm-1992-2-telegram", "kgz-1999-silayev"])]
    assert {"not_applicable"} == set(early["chair_state"]) | set(early["requester_chaired"])
