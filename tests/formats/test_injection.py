"""Texts that programs take for more than text: formulas, markup, macros, queries. In every export they are text."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import bibtexparser
import helpers
import openpyxl
import pyreadstat
import pytest
import yaml
from helpers import program
from readback import r_library

import cstocases
from cstocases.errors import ExportError
from cstocases.formats import excel
from cstocases.formats.citation import citation_cff

NASTY = 'a `b\' $c$ "d" "\' `" \\e | <f>&amp; *g* [h](javascript:x) # { } % \' ; -- /* */ // ~ ^ _ \U0001f600'
TEXT = NASTY.replace("<f>&amp;", "<f x> &")  # of a cell; tags and entities are refused there
CELLS = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "x;=1+1", 'x; "=1+1', '"=1+1"', "'=1+1", "=cmd|'/C calc'!A0", TEXT, "_x0041_", "-5", "1e5", "051", "true", "# x", "> x", "![i](x)", "<img src=x onerror=alert(1)>"]  # fmt: skip
WORDS = ["order", "group", "index", "table", "select", "from", "where", "in", "if", "for", "by", "with", "int", "using", "check", "default", "else", "on", "null", "function", "next", "repeat", "while", "break", "key", "primary", "references"]  # fmt: skip


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound dataset all of whose texts are such that some program would act on them; with a table of SQL's and R's own words."""
    home = helpers.write_small(tmp_path_factory.mktemp("strange") / "home")

    def dataset(value: dict[str, Any]) -> None:
        value.update(title=NASTY, description=NASTY, contributors=[{"title": NASTY}], keywords=[NASTY])
        value["licenses"][0].update(name=NASTY, title=NASTY)
        for item in [*value["missingValues"], *value["groups"]]:
            item.update({"label": NASTY} if "label" in item else {"title": NASTY})
        value["groups"][0]["tables"].append("order")

    helpers.change_schema(home, "dataset", dataset)
    types = ["string", "integer", "number", "boolean", "date"]
    fields: list[dict[str, Any]] = [
        {"name": "order_id", "type": "string", "title": "Order", "description": NASTY, "constraints": {"required": True, "pattern": "r[0-9]+"}}
    ]  # fmt: skip
    for i, word in enumerate(WORDS):
        fields.append({"name": word, "type": types[i % 5], "title": f"{NASTY[:70]}{i}", "description": NASTY})
        if i % 10 == 5:
            fields[-1]["categories"] = [
                {"value": f"a{j}", "number": j + 1, "label": f"{NASTY[:60]}{j}"} for j in range(3)
            ]
    table = {"name": "order", "title": "\U0001f600" * 75, "description": NASTY, "fields": fields, "primaryKey": ["order_id"], "uniqueKeys": [["order_id", "order"]]}  # fmt: skip
    (home / "schema/order.json").write_text(json.dumps(table), encoding="utf-8")
    rng = random.Random(0)  # noqa: S311
    values = {"string": CELLS, "integer": ["-5", "0", "unknown", ""], "number": ["-1.5", "0.25", "unknown"], "boolean": ["true", "false", "disputed"], "date": ["2010-06-12", "1899-12-31", "0001-01-01", "9999-12-31", "unknown"]}  # fmt: skip
    rows = [[f["name"] for f in fields]]
    for i, text in enumerate(CELLS):
        rows.append([f"r{i}", text])
        rows[-1] += [
            rng.choice([c["value"] for c in f["categories"]] if "categories" in f else values[f["type"]])
            for f in fields[2:]
        ]
    helpers.write_rows(home, "order", rows)
    for name, column in (("cases", "title"), ("cases", "summary"), ("requests", "title"), ("evidence", "statement"), ("evidence", "note"), ("sources", "title"), ("sources", "author"), ("sources", "publisher"), ("events", "description"), ("rationales", "speaker"), ("positions", "actor")):  # fmt: skip
        header, *body = helpers.read_rows(home, name)
        for i, row in enumerate(body):
            row[header.index(column)] = f"{TEXT} {i}" if i % 2 else CELLS[i % len(CELLS)] + f" {column}"
        helpers.write_rows(home, name, [header, *body])
    header, *body = helpers.read_rows(home, "sources")
    for i, row in enumerate(body):
        row[header.index("url")] = f"https://example.org/{i}}}\\{{,title={{x"
    helpers.write_rows(home, "sources", [header, *body])
    assert [] == cstocases.validate(home)
    return home


@pytest.fixture(scope="module")
def out(strange: Path) -> Path:
    """That dataset in every format."""
    return cstocases.export(strange.parent / "out", ["all"], home=strange)


def texts(home: Path) -> dict[str, list[list[str]]]:
    """The rows of every stored table as they stand in cases/."""
    return {name: helpers.read_rows(home, name) for name in cstocases.package(home).stored}


def test_csv_keeps_every_text_as_it_is(strange: Path, out: Path) -> None:
    """A CSV for programs is not altered for the sake of spreadsheets."""
    for name, rows in texts(strange).items():
        assert rows == list(csv.reader(io.StringIO((out / f"csv/{name}.csv").read_bytes().decode(), newline=""))), name


def test_no_cell_of_the_workbook_is_a_formula(strange: Path, out: Path) -> None:
    """Every text is stored as a text, with no link, and reads back as it was."""
    book = openpyxl.load_workbook(out / "cstocases.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    links = [cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]

    assert ({"s", "n", "b", "d"}, []) == (kinds, links)
    assert CELLS == [row[1].value for row in book["order"].iter_rows(min_row=3)]
    assert b"<f>" not in b"".join(
        part for name, part in _parts(out / "cstocases.xlsx").items() if name.startswith("xl/worksheets/")
    )


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.mark.slow
def test_libreoffice_computes_nothing(out: Path, tmp_path: Path) -> None:
    """LibreOffice opens the workbook and finds no formula in it, though it finds some in a CSV, which is for programs."""
    made = {}
    # A CSV is read with comma, quote, UTF-8, from line 1; and by the last word formulas are looked for.
    for file, how in (("cstocases.xlsx", []), ("csv/order.csv", ["--infilter=CSV:44,34,76,1,,0,false,true,false,false,false,0,true"])):  # fmt: skip
        words = [program("soffice"), "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", *how]
        words += ["--convert-to", "fods", "--outdir", str(tmp_path), str(out / file)]
        subprocess.run(words, capture_output=True, check=True)
        made[file] = (tmp_path / Path(file).name).with_suffix(".fods").read_text(encoding="utf-8")
    formulas = {file: set(re.findall(r'table:formula="([^"]*)"', text)) for file, text in made.items()}

    # It writes the booleans of a workbook as formulas of its own.
    assert set() == formulas["cstocases.xlsx"] - {"of:=TRUE()", "of:=FALSE()"}
    assert "=1+1" in made["cstocases.xlsx"]
    assert formulas["csv/order.csv"]


def test_a_sheet_holds_no_more_rows_than_it_shows(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table longer than a sheet of Excel is an error; the library would leave the rest out in silence."""
    monkeypatch.setattr(excel, "MAX_ROWS", 5)
    with pytest.raises(ExportError, match=r"\w+: has more rows than a sheet of Excel \(3\); leave excel out"):
        cstocases.export(small / "out", ["excel"], home=small)


def test_yaml_holds_the_texts(strange: Path, out: Path) -> None:
    """CITATION.cff gives back every text, characters beyond the first plane among them."""
    cff = yaml.safe_load((out / "CITATION.cff").read_text(encoding="utf-8"))

    assert {"title", "abstract", "license"} == {key for key in cff if cff[key] == NASTY}
    assert ([{"name": NASTY}], [NASTY]) == (cff["authors"], cff["keywords"])
    for word in ("null", "1.0", "a: b", "- x", "yes", "!!python/object:os.system"):
        helpers.change_schema(strange, "dataset", lambda value, word=word: value.update(title=word))
        assert word == yaml.safe_load(citation_cff(cstocases.package(strange)))["title"]
    helpers.change_schema(strange, "dataset", lambda value: value.update(title=NASTY))


def test_json_and_xml_hold_the_texts(out: Path) -> None:
    """Descriptions parse, and the titles in them are the titles."""
    assert NASTY == json.loads((out / "datapackage.json").read_bytes())["title"]
    assert NASTY == json.loads((out / ".zenodo.json").read_bytes())["title"]
    assert "<f>" not in json.loads((out / ".zenodo.json").read_bytes())["notes"]
    root = ET.parse(out / "ddi-codebook.xml").getroot()  # noqa: S314 - we wrote it
    assert NASTY == root.findtext(".//{ddi:codebook:2_5}titl")
    for name in ("croissant.json", "sources.csl.json", "json/order.json"):
        assert json.loads((out / name).read_bytes()), name


def test_no_entry_ends_early(strange: Path, out: Path) -> None:
    """A BibTeX parser finds as many entries as there are sources, with the fields we wrote; RIS has a line a field."""
    found = bibtexparser.parse_file(str(out / "sources.bib"))
    ris = cstocases.cite("ris", case="kaz-2022", home=strange)

    assert [] == found.failed_blocks
    assert ["cstocases", *sorted(row[0] for row in texts(strange)["sources"][1:])] == [e.key for e in found.entries]
    written = {"author", "title", "organization", "journaltitle", "booktitle", "publisher", "date", "version", "url", "urldate", "langid", "note"}  # fmt: skip
    assert set() == {name for entry in found.entries for name in entry.fields_dict} - written
    assert [] == [line for line in ris.splitlines() if line and not re.match(r"[A-Z][A-Z0-9]  - ", line)]


def test_pandoc_finds_the_titles_in_the_bibliography(strange: Path, out: Path) -> None:
    """The citation processor of pandoc reads the biblatex file; every title holds the text, and nothing is added."""
    done = subprocess.run(
        [program("pandoc"), "-f", "biblatex", "-t", "csljson", str(out / "sources.bib")],
        capture_output=True,
        check=True,
    )
    items = {item["id"]: item for item in json.loads(done.stdout)}

    assert {row[0] for row in texts(strange)["sources"][1:]} | {"cstocases"} == set(items)
    assert "javascript:x" in items["cstocases"]["title"]


def inline(node: Any) -> Iterator[tuple[str, Any]]:
    """The elements of a document as pandoc reads it."""
    if isinstance(node, dict):
        if "t" in node:
            yield node["t"], node.get("c")
        for item in node.values():
            yield from inline(item)
    elif isinstance(node, list):
        for item in node:
            yield from inline(item)


@pytest.mark.parametrize(
    "words",
    [
        ["codebook"],
        ["show", "kaz-2022"],
        ["compare", "kaz-2022", "arm-2020", "--field", "title", "--format", "markdown"],
        ["evidence", "kaz-2022", "--format", "markdown"],
        ["tables", "--format", "markdown"],
        ["describe", "order", "--format", "markdown"],
        ["README.md"],
    ],
    ids=lambda words: words[0],
)
def test_markdown_finds_no_markup_in_texts(strange: Path, out: Path, words: list[str]) -> None:
    """Pandoc finds no HTML, no link but our own, no image, and only our headings in what Markdown we write of such texts."""
    page = (
        (out / "README.md").read_text("utf-8")
        if words == ["README.md"]
        else helpers.run(*words, "--home", str(strange)).stdout
    )
    done = subprocess.run(
        [program("pandoc"), "-f", "gfm", "-t", "json"], input=page.encode(), capture_output=True, check=True
    )
    found = list(inline(json.loads(done.stdout)["blocks"]))

    assert "javascript:x" in page or words == ["describe"]
    assert [] == [value for kind, value in found if kind in ("RawInline", "RawBlock", "Image")]
    links = [value[2][0] for kind, value in found if kind == "Link"]
    assert [] == [link for link in links if not link.startswith(("#", "http"))]
    heads = [line for line in page.splitlines() if re.match(r"#{1,6} ", line)]
    assert len(heads) == sum(kind == "Header" for kind, _ in found)
    widths = {len(row[1]) for kind, value in found if kind == "Table" for body in value[4] for row in body[3]}
    assert widths <= {2, 3, 4, 5, 6, 7}


@pytest.mark.slow
def test_r_holds_the_texts(strange: Path, out: Path, tmp_path: Path) -> None:
    """The R package installs and runs no text; columns named as R's own words, cells, titles, labels and help are as they were."""
    program("Rscript")
    code = """
    d <- cstocases::order
    meta <- packageDescription("cstocases")
    page <- capture.output(tools::Rd2txt(tools::Rd_db("cstocases")[["order.Rd"]]))
    said <- c(names(d), vapply(d, attr, "", "label"), d[["order"]], attr(d[["with"]], "labels"), meta$Title, meta$Author, citation("cstocases")$title,
              paste(page, collapse = " "))
    writeLines(enc2utf8(said), file(commandArgs(TRUE), encoding = "UTF-8"))
    """
    env = {**os.environ, "R_LIBS": str(r_library(out))}
    subprocess.run(["Rscript", "-e", code, str(tmp_path / "x")], env=env, check=True, capture_output=True)
    said = (tmp_path / "x").read_text(encoding="utf-8").splitlines()
    table = cstocases.package(strange).table("order")

    assert [
        *table.names,
        *(f.title for f in table.fields),
        *CELLS,
        *table.field("with").labels.values(),
        *[NASTY] * 3,
    ] == said[:-1]
    # Of all marks, R's help alters one: two hyphens are a dash.
    page, helped = (re.sub(r"\s|-+", "", text) for text in (said[-1], NASTY))
    assert len(table.fields) + 1 == page.count(helped)


def test_sqlite_holds_names_and_texts(strange: Path, out: Path) -> None:
    """SQLite has the table named order, its columns and texts, and the definition of its columns says no more than that."""
    names = cstocases.package(strange).table("order").names
    with closing(sqlite3.connect(out / "cstocases.sqlite")) as con:
        cursor = con.execute('SELECT * FROM "order"')
        assert names == [column[0] for column in cursor.description]
        assert CELLS == [row[1] for row in cursor]
        assert [("ok",)] == con.execute("PRAGMA integrity_check").fetchall()
        assert [(NASTY,)] == con.execute("SELECT content FROM about WHERE item = 'title'").fetchall()


def test_statistics_programs_get_the_texts(strange: Path, out: Path) -> None:
    """The .dta and .sav hold the titles of columns, and texts as they were."""
    fields = cstocases.package(strange).table("order").fields
    for frame, meta in (pyreadstat.read_dta(out / "stata/order.dta"), pyreadstat.read_sav(out / "spss/order.sav")):
        assert [f.title for f in fields] == list(meta.column_labels)
        assert CELLS == list(frame["order"])


@pytest.mark.parametrize("kind", ["timeline", "asks", "members", "rationales", "evidence"])
def test_pictures_draw_the_texts(strange: Path, tmp_path: Path, kind: str) -> None:
    """Dollar signs in titles and names are not taken for formulas to set."""
    shutil.copytree(strange, tmp_path / "home")
    home = tmp_path / "home"
    helpers.spoil(home, "cases", "arm-2020", "title", "$\\frac{$")
    done = helpers.run("plot", kind, "kaz-2022", "arm-2020", "--home", str(home), "-o", str(tmp_path / "x.svg"))
    assert (0, "") == (done.exit_code, done.stdout)
    ET.parse(tmp_path / "x.svg")  # noqa: S314 - we wrote it
