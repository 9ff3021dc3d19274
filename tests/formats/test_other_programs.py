"""The programs users have open the export: R, gretl, LibreOffice, Spark, pandoc, and the reference readers of descriptions.

A program that is not installed skips its tests; .ci/run installs what the machine's registries have.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from helpers import program, rscript
from readback import DATASET, KINDS, Expected, Gap

import cstocases

HERE = Path(__file__).parents[1]
TABLES = list(DATASET.all_tables)
SPARK, CFFCONVERT, DDI_XSD = (os.environ.get(f"CSTOCASES_{name}") for name in ("SPARK", "CFFCONVERT", "DDI_XSD"))


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """What a program prints; its errors if it fails."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, encoding="utf-8", cwd=cwd, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def rows(path: Path, above: int = 0) -> dict[str, list[str]]:
    """Columns of a CSV as text; `above` is the number of rows that stand before the names."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *body = list(csv.reader(file))[above:]
    return {name: [row[i] for row in body] for i, name in enumerate(header)}


def as_written(value: Any, name: str, table: str, how: str) -> str:
    """A cell as the R script writes it for one way of reading."""
    f = DATASET.table(table).field(name)
    numbers = {c.value: str(c.number) for c in f.categories}
    if isinstance(value, Gap):
        kind = KINDS[value.kind]
        text = f.type == "string" and not f.categories
        if how == "readr":
            return ""
        if how == "readxl":
            return kind.token
        if how == "haven-sav" and f.type == "date":
            return "."
        return kind.token if text else kind.stata if how == "haven-dta" else str(kind.spss) if kind.spss else "."
    if how in ("haven-dta", "haven-sav"):
        value = (
            numbers.get(value, value) if isinstance(value, str) else int(value) if isinstance(value, bool) else value
        )
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("how", ["haven-dta", "haven-sav", "readxl", "readr"])
def test_r(export_all: Path, tmp_path: Path, how: str) -> None:
    """R reads every cell of every table as written: .dta, .sav, the workbook and the CSV files."""
    run(rscript(how.split("-")[0]), HERE / "readers/tables.R", how, export_all, tmp_path, *TABLES)

    for table in TABLES:
        wanted, found = Expected(DATASET.table(table)).cells, rows(tmp_path / f"{table}.csv")
        assert list(wanted) == list(found)
        for name, values in wanted.items():
            # readr guesses types: a text column of digits becomes numbers, which is why it is told the kinds and no more
            same = [as_written(v, name, table, how) for v in values]
            # R writes 1.0 as 1.
            if how == "readr" or DATASET.table(table).field(name).type == "number":
                assert [guessed(v) for v in same] == [guessed(v) for v in found[name]], (table, name)
            else:
                assert same == found[name], (table, name)


def guessed(text: str) -> str:
    """A text as a reader that guesses types may give it back."""
    try:
        return f"{float(text):.10g}"
    except ValueError:
        return text.lower() if text.lower() in ("true", "false") else text.strip()


# gretl has no dataset without rows.
@pytest.mark.parametrize("table", cstocases.tables().query("rows > 0")["table"])
def test_gretl(export_all: Path, tmp_path: Path, table: str) -> None:
    """The program gretl opens each .dta: numbers of codes, days and gaps. (It saves texts with quotes unescaped.)"""
    coded = [f for f in DATASET.table(table).fields if f.categories or f.type in ("boolean", "integer")]
    names = {f.name: f.name[:31] for f in coded}  # all that gretl keeps of a name
    script = tmp_path / "x.inp"
    commands = f'open "{export_all}/stata/{table}.dta" --quiet\nstore "{tmp_path}/x.csv" {" ".join(names.values())}\n'
    script.write_text(commands if coded else commands.splitlines()[0] + "\n", encoding="utf-8")
    run(program("gretlcli"), "-b", script)

    found = rows(tmp_path / "x.csv") if coded else {}
    wanted = Expected(DATASET.table(table)).cells
    assert {
        names[f.name]: [
            "NA" if isinstance(v, Gap) else as_written(v, f.name, table, "haven-dta") for v in wanted[f.name]
        ]
        for f in coded
    } == {name: column for name, column in found.items() if name != "obs"}


def test_libreoffice(export_all: Path, tmp_path: Path) -> None:
    """LibreOffice opens the workbook: every sheet, cells as in the CSV, nothing taken for a formula."""
    to = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    run(
        program("soffice"),
        "--headless",
        profile,
        "--convert-to",
        to,
        "--outdir",
        tmp_path,
        export_all / "cstocases.xlsx",
    )

    for table in TABLES:
        wanted = rows(export_all / f"csv/{table}.csv")
        booleans = {f.name for f in DATASET.table(table).fields if f.type == "boolean"}
        shown = {"true": "TRUE", "false": "FALSE"}
        wanted = {n: [shown.get(v, v) for v in column] if n in booleans else column for n, column in wanted.items()}
        saved = rows(tmp_path / f"cstocases-{table}.csv", above=1)
        assert wanted == {name: saved[name] for name in wanted}, table


@pytest.mark.skipif(SPARK is None, reason="no Python with pyspark in CSTOCASES_SPARK")
def test_spark(export_all: Path) -> None:
    """Spark reads every Parquet file as it is and joins it with events by state and day."""
    said = json.loads(run(SPARK, HERE / "readers/spark.py", export_all).splitlines()[-1])
    kinds = {"string": "string", "integer": "bigint", "number": "double", "boolean": "boolean", "date": "date"}
    frames = {name: cstocases.load(name) for name in TABLES}

    assert {**{n: len(frame) for n, frame in frames.items()}, "missing": said["rows"]["missing"]} == said["rows"]
    assert {n: [kinds[f.type] for f in DATASET.table(n).fields] for n in TABLES} == {
        n: said["types"][n] for n in TABLES
    }
    dates = frames["requests"].sort_values("request_id")["date"]
    assert [str(d.date()) if d == d else "None" for d in dates] == said["dates"]
    assert sorted(frames["sources"]["title"]) == sorted(said["titles"])
    wide = frames["comparison"]
    exact = wide[(wide["date_precision"] == "day") & (wide["date"] >= "1992-01-31")]
    assert dict.fromkeys(exact["request_id"], 30) == said["joined"]


@pytest.mark.filterwarnings("ignore")
def test_croissant(export_all: Path) -> None:
    """The reference reader of Croissant accepts the description without a warning and reads every table through it."""
    import mlcroissant

    described = mlcroissant.Dataset(jsonld=str(export_all / "croissant.json"))
    context = described.metadata.ctx

    assert [[], []] == [list(context.issues.errors), [w for w in context.issues.warnings if "url" not in w]]
    assert {name: len(cstocases.load(name)) for name in TABLES} == {n: len(list(described.records(n))) for n in TABLES}
    first = next(iter(described.records("cases")))
    assert [f"cases/{name}" for name in DATASET.table("cases").names] == list(first)


def test_ddi(export_all: Path) -> None:
    """The DDI codebook has a file a table and a variable a column, with labels, codes and missing-value codes."""
    root = ET.parse(export_all / "ddi-codebook.xml").getroot()  # noqa: S314 - we wrote it
    space = {"d": "ddi:codebook:2_5"}
    variables = {v.attrib["ID"]: v for v in root.iterfind("d:dataDscr/d:var", space)}

    assert TABLES == [f.attrib["ID"].removeprefix("file_") for f in root.iterfind("d:fileDscr", space)]
    assert [f"{n}.{f.name}" for n, t in DATASET.all_tables.items() for f in t.fields] == list(variables)
    for name, table in DATASET.all_tables.items():
        for f in table.fields:
            v = variables[f"{name}.{f.name}"]
            codes = [
                (c.findtext("d:catValu", "", space), c.findtext("d:labl", "", space))
                for c in v.iterfind("d:catgry", space)
                if c.get("missing") != "Y"
            ]
            assert f.title == v.findtext("d:labl", "", space)
            assert (
                list(f.labels.items()) or ([("true", "Yes"), ("false", "No")] if f.type == "boolean" else [])
            ) == codes


@pytest.mark.skipif(DDI_XSD is None, reason="no copy of DDI-Codebook 2.5's codebook.xsd in CSTOCASES_DDI_XSD")
def test_ddi_against_its_schema(export_all: Path) -> None:
    """The published schema of DDI-Codebook 2.5 accepts the codebook."""
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(DDI_XSD))
    schema.validate(etree.parse(str(export_all / "ddi-codebook.xml")))

    assert [] == [str(error) for error in schema.error_log]


@pytest.mark.skipif(CFFCONVERT is None, reason="no cffconvert in CSTOCASES_CFFCONVERT")
def test_citation_file(export_all: Path) -> None:
    """The reference reader of the Citation File Format accepts CITATION.cff and renders it."""
    cff = export_all / "CITATION.cff"

    assert "valid" in run(CFFCONVERT, "--validate", "-i", cff)
    assert DATASET.metadata["title"] in run(CFFCONVERT, "-f", "apalike", "-i", cff)


def test_zenodo(export_all: Path) -> None:
    """The deposit metadata say what the dataset says, in the fields Zenodo asks for."""
    said = json.loads((export_all / ".zenodo.json").read_text(encoding="utf-8"))
    meta = DATASET.metadata

    wanted = [meta["title"], "dataset", cstocases.__version__, "open", "cc-by-4.0"]
    assert wanted == [said[key] for key in ("title", "upload_type", "version", "access_right", "license")]
    assert [{"name": person["title"]} for person in meta["contributors"]] == said["creators"]


def test_references_render(export_all: Path, tmp_path: Path) -> None:
    """The citation processor of pandoc takes the CSL-JSON and the biblatex file and finds the same titles in both."""
    csl = json.loads((export_all / "sources.csl.json").read_text(encoding="utf-8"))
    from_bib = json.loads(run(program("pandoc"), "-f", "biblatex", "-t", "csljson", export_all / "sources.bib"))
    from_csl = json.loads(run(program("pandoc"), "-f", "csljson", "-t", "csljson", export_all / "sources.csl.json"))

    assert {item["id"] for item in csl} == {item["id"] for item in from_csl} == {item["id"] for item in from_bib}
    page = tmp_path / "all.md"
    page.write_text(f"---\nnocite: '@*'\nbibliography: ['{export_all}/sources.csl.json']\n---\n", encoding="utf-8")
    assert run(program("pandoc"), "--citeproc", "--wrap=none", "-t", "plain", page).count("\n\n") >= len(csl) - 1
