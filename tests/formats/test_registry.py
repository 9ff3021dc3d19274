"""Parity: every format says the same as the data, told by a reader that did not write it."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from helpers import rscript
from readback import DATASET, READERS, Back, Expected

import cstocases
from cstocases.errors import ExportError
from cstocases.formats.registry import FORMATS, PROMISES
from cstocases.formats.stata_spss import numbers_first

ALL = [
    pytest.param(name, table, id=f"{name}/{table}", marks=[pytest.mark.slow] if name == "r" else [])
    for name in FORMATS
    for table in DATASET.all_tables
]


@cache
def expected(table: str) -> Expected:
    """What the data say."""
    return Expected(DATASET.table(table))


@cache
def back(export: Path, name: str, table: str) -> Back:
    """What the format says."""
    if name == "spss" and shutil.which("pspp") is None:
        pytest.skip("PSPP is not installed")
    if name == "r":
        rscript()
    return READERS[name](export, DATASET.table(table))


def test_every_format_has_a_reader() -> None:
    """No format escapes the parity test; what a format lacks are promises."""
    assert set(FORMATS) == set(READERS)
    assert [lack for f in FORMATS.values() for lack in f.lacks if lack not in PROMISES] == []


@pytest.mark.parametrize(("name", "table"), ALL)
def test_parity(export_all: Path, name: str, table: str) -> None:
    """Columns, cells (codes, numbers, dates, texts, missing-value codes), labels, order and titles are those of the data."""
    wanted, found, lacks = expected(table), back(export_all, name, table), FORMATS[name].lacks

    assert list(wanted.cells) == list(found.cells)
    for column, values in wanted.cells.items():
        assert values == found.cells[column], column
    if "labels" in lacks:
        assert found.labels is None
    elif name == "spss":  # PSPP shows the labels of the values that occur
        occur = {c: {v for v in values if isinstance(v, str)} for c, values in wanted.cells.items()}
        assert {
            c: {v: label for v, label in labels.items() if v in occur[c]} for c, labels in wanted.labels.items()
        } == found.labels
    else:
        assert wanted.labels == (found.labels or {})
    if "order" in lacks:
        assert found.order is None
    elif name != "spss":  # the numbers, compared above, are the order
        assert wanted.order == (found.order or {})
    assert (None if "titles" in lacks else wanted.titles) == found.titles


@pytest.mark.slow
def test_two_exports_are_byte_identical(export_all: Path, tmp_path: Path) -> None:
    """One version, one set of bytes."""
    again = cstocases.export(tmp_path / "again", ["all"])
    differ = {
        p.name
        for p in export_all.rglob("*")
        if p.is_file() and p.read_bytes() != (again / p.relative_to(export_all)).read_bytes()
    }

    assert set() == differ


def test_a_missing_library_names_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A format whose library is absent stops the export before anything is written, with the line that installs it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ExportError) as error:
        cstocases.export(tmp_path / "x", ["csv", "stata", "excel"])

    assert "stata needs pyreadstat, excel needs xlsxwriter, not installed: pip install 'cstocases[stata,excel]'" == str(
        error.value
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("case", list(cstocases.load("cases")["case_id"]))
def test_nested_case_files_hold_the_values_of_the_tables(export_all: Path, case: str) -> None:
    """json/cases/CASE.json has the records of json/TABLE.json, typed alike, and the missing-value codes of the case."""
    nested = json.loads((export_all / f"json/cases/{case}.json").read_text(encoding="utf-8"))
    tables = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in (export_all / "json").glob("*.json")}

    def flat(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{k: v for k, v in row.items() if not isinstance(v, list)} for row in rows]

    requests, made = flat(nested["requests"]), [d for r in nested["requests"] for d in r["decisions"]]
    decisions = flat(made)

    def by_id(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(rows, key=lambda row: str(next(iter(row.values()))))

    assert [nested["case"]] == [row for row in tables["cases"] if row["case_id"] == case]
    assert by_id(requests) == [row for row in tables["requests"] if row["case_id"] == case]
    mine = {row["request_id"] for row in requests}
    assert by_id(decisions) == [row for row in tables["decisions"] if row["request_id"] in mine]
    parts = {name: [row for d in made for row in d[name]] for name in ("answers", "contributions")}
    asks = [row for r in nested["requests"] for row in r["asks"]]
    parts["asks"] = flat(asks)
    parts["text_tests"] = [row for ask in asks for row in ask["text_tests"]]
    ids = {row["request_id"] for row in requests} | {row["decision_id"] for row in decisions}
    ids |= {row["ask_id"] for row in asks}
    for name, rows in parts.items():
        of = {"asks": "request_id", "text_tests": "ask_id"}.get(name, "decision_id")
        assert by_id(rows) == by_id([row for row in tables[name] if row[of] in ids])
    for name in ("legal_views", "positions", "rationales", "explanations", "events"):
        assert by_id(nested[name]) == [row for row in tables[name] if row["case_id"] == case]
    gaps = [g for g in tables["missing"] if g["table_name"] in ("requests", "decisions") and g["record_id"] in ids]
    assert gaps == [g for g in nested["missing"] if g["table_name"] in ("requests", "decisions")]


def test_the_licence_does_not_cover_other_peoples_data(export_all: Path) -> None:
    """Every description says that the covariates keep the terms of their datasets."""
    words = "under its own terms"
    package = json.loads((export_all / "datapackage.json").read_text(encoding="utf-8"))

    assert ["covariates"] == [r["name"] for r in package["resources"] if "licenses" in r]
    for name in ("README.md", "croissant.json", "ddi-codebook.xml", ".zenodo.json"):
        assert words in (export_all / name).read_text(encoding="utf-8"), name


def test_a_column_that_begins_with_letters_stays_a_number(tmp_path: Path) -> None:
    """A coded column of a .dta whose first hundred cells and more are missing is a number, in the rows after them too."""
    cells = [*(["c"] * 150), 1.0, 2.0]

    def kept(frame: pd.DataFrame) -> set[object]:
        pyreadstat.write_dta(frame, tmp_path / "x.dta", missing_user_values={"x": ["c"]})
        return set(pyreadstat.read_dta(tmp_path / "x.dta", user_missing=True)[0]["x"])

    frame = pd.DataFrame({"x": pd.Series(cells, dtype=object)})
    assert {"c", 1.0, 2.0} == kept(numbers_first(frame, ["x"]))
    with pytest.raises(AttributeError):  # which is why
        kept(frame)


def test_no_column_pushes_another_down() -> None:
    """Where rows go to the top for one column, a column whose first number was just early enough still has one there."""
    late, early = [["c"] * n + [1.0] + ["c"] * (199 - n) for n in (150, 99)]
    frame = pd.DataFrame({"late": late, "early": early}, dtype=object)

    assert {1.0} < set(numbers_first(frame, ["late", "early"])["early"].head(100))
    assert list(frame.index) == list(numbers_first(frame, ["early"]).index)


@pytest.mark.slow
def test_before_the_first_source(tmp_path: Path) -> None:
    """As of a day before anything was published the export has every format, with what is not evidenced."""
    dest = cstocases.export(tmp_path / "x", ["json", "csv"], as_of="1900-01-01")
    case = json.loads((dest / "json/cases/kgz-2010.json").read_text(encoding="utf-8"))
    assert ("kgz-2010", []) == (case["case"]["case_id"], case["sources"])
    assert len(list((dest / "json/cases").iterdir())) == len(cstocases.load("cases"))
