"""The formats of an export: what each writes, what it needs, and what its README says of it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from cstocases.analysis.case_record import case_file, records_of
from cstocases.errors import ExportError
from cstocases.files.checksums import digest
from cstocases.formats.catalogues import as_json, croissant, ddi, terms, zenodo
from cstocases.formats.citation import bibliography, citation_cff
from cstocases.formats.codebook import codebook_of
from cstocases.formats.contents import Contents
from cstocases.formats.datapackage import datapackage
from cstocases.formats.excel import excel
from cstocases.formats.r_package import r_package
from cstocases.formats.sqlite import sqlite
from cstocases.formats.stata_spss import spss, stata
from cstocases.markup import plain
from cstocases.parsing.csv_reader import to_csv
from cstocases.schema.reader import default_home

LICENCE = "LICENSE-DATA"
MAX_LICENCE = 2**20


class Format(NamedTuple):
    """One format: how to write it, the library it needs beyond the package's own, promises it cannot keep, what is there then."""

    write: Callable[[Contents, Path], None]
    needs: str
    lacks: dict[str, str]
    says: str


def _csv(contents: Contents, work: Path) -> None:
    package = contents.package
    raw = {name: to_csv(texts).encode() for name, texts in contents.texts.items()}
    for name, part in raw.items():
        _write(work / f"csv/{name}.csv", part)
    files = {name: (len(part), hashlib.sha256(part).hexdigest()) for name, part in raw.items()}
    _write(work / "datapackage.json", as_json(datapackage(package, files)))
    rows = {name: len(texts) for name, texts in contents.texts.items()}
    _write(work / "ddi-codebook.xml", ddi(package, rows))


def _parquet(contents: Contents, work: Path) -> None:
    (work / "parquet").mkdir()
    for name, table in {**contents.values, "missing": contents.missing}.items():
        pq.write_table(table, work / f"parquet/{name}.parquet")
    sums = {name: digest(work / f"parquet/{name}.parquet") for name in contents.values}
    _write(work / "croissant.json", as_json(croissant(contents.package, sums)))


def _json(contents: Contents, work: Path) -> None:
    gaps = contents.missing.to_pylist()
    for name, table in {**contents.values, "missing": contents.missing}.items():
        _write(work / f"json/{name}.json", _records(table))
    for case in contents.found.frames["cases"]["case_id"]:
        records = records_of(contents.found, case)
        mine = [gap for gap in gaps if (gap["table_name"], gap["record_id"]) in records]
        _write(
            work / f"json/cases/{case}.json", as_json({**case_file(contents.found, case, typed=True), "missing": mine})
        )


def _records(table: pa.Table) -> bytes:
    """A JSON list with one record a line: numbers and booleans as such, dates as text, null where a cell is missing."""
    columns = {
        name: list(map(_number, column.to_pylist())) if pa.types.is_floating(column.type) else column.to_pylist()
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    as_text = json.JSONEncoder(ensure_ascii=False, default=str).encode
    lines = (as_text(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True))
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def _number(value: Any) -> Any:
    """A value, 3 in place of 3.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# What a reader may expect of every format. Where one cannot keep a promise, `lacks` says why.
PROMISES = {
    "codes": "the codes of code lists, dates, numbers and texts of every cell, as in the CSV",
    "labels": "the label of every code",
    "order": "the declared order of every code list",
    "titles": "the title of every column",
    "dates": "dates as the program's own dates",
    "missing": "the missing-value code of every empty cell",
    "bytes": "the same bytes from every export of one version",
}
TEXTS_KEEP_THE_WORD = "kept as the program's own missing values where a column is numbers, codes or dates; a missing text holds the word of its missing-value code, as in the CSV, because texts have no such values there"
FORMATS = {
    "csv": Format(
        _csv, "", {"dates": "a CSV has no types; dates are ISO texts, and datapackage.json says which columns are dates"},
        "`csv/`: one file per table, UTF-8. Cells without a value carry the missing-value code as a word. `datapackage.json` (Data Package v2) and `ddi-codebook.xml` (DDI-Codebook 2.5) describe the files.",
    ),
    "parquet": Format(
        _parquet, "", {},
        "`parquet/`: the same tables, typed, with titles, descriptions and codes in the metadata. `missing.parquet` holds the missing-value code of each empty cell. `croissant.json` (Croissant 1.1) describes them.",
    ),
    "stata": Format(
        stata, "pyreadstat", {"missing": TEXTS_KEEP_THE_WORD},
        "`stata/`: one .dta per table, for Stata 14 and newer. Codes are labelled integers, missing-value codes `.a` and so on.",
    ),
    "spss": Format(
        spss, "pyreadstat", {"missing": TEXTS_KEEP_THE_WORD},
        "`spss/`: one .sav per table. Codes are labelled integers, missing-value codes user-missing values from -91 down.",
    ),
    "r": Format(
        r_package, "", {},
        "`NAME_VERSION.tar.gz`: an R package with every table as a data frame (factors, dates, labels) and a help page for each; in R `install.packages(FILE, repos = NULL, type = \"source\")`.",
    ),
    "excel": Format(
        excel, "xlsxwriter", {},
        "`cstocases.xlsx`: a read-me, the comparison, the codebook and a sheet for each other table, with titles above the names and labels beside the codes; no cell is a formula.",
    ),
    "sqlite": Format(
        sqlite, "", {"dates": "SQLite has no dates; they are ISO texts, which its date functions take"},
        "`cstocases.sqlite`: the tables with keys and references; `comparison` and `NAME_labelled` are views; `missing`, `fields`, `codes`, `kinds` and `about` document them.",
    ),
    "json": Format(
        _json, "", {
            "labels": "records hold codes; see CODEBOOK.md",
            "order": "records hold codes; see CODEBOOK.md",
            "titles": "records hold names; see CODEBOOK.md",
            "dates": "JSON has no dates; they are ISO texts",
        },
        "`json/`: one file of records per table, `missing.json`, and in `cases/` one nested file per case.",
    ),
}  # fmt: skip
DEFAULT = ("csv", "parquet")


def write_beside(contents: Contents, work: Path, formats: list[str]) -> None:
    """What every export carries beside its tables: codebook, citation, sources, licence and read-me."""
    package = contents.package
    sources = contents.found.frames["sources"]
    _write(work / "CODEBOOK.md", codebook_of(package).encode())
    _write(work / "CITATION.cff", citation_cff(package).encode())
    _write(work / ".zenodo.json", as_json(zenodo(package)))
    _write(work / "sources.bib", (bibliography("bibtex", package, sources) + "\n").encode())
    _write(work / "sources.csl.json", (bibliography("csl-json", package, sources) + "\n").encode())
    _write(work / "README.md", _readme(contents, formats).encode())
    if licence := _licence(package.home):
        _write(work / LICENCE, licence)


def _licence(home: Path) -> bytes | None:
    """The licence of the data: beside them, or for the installed data among the files of the distribution."""
    file = home / LICENCE
    if file.is_symlink() or (file.is_file() and file.stat().st_size > MAX_LICENCE):
        raise ExportError(f"{file} is a link, or larger than a licence; an export does not carry it")
    if file.is_file():
        return file.read_bytes()
    if home == default_home():
        text = importlib.metadata.distribution("cstocases").read_text(f"licenses/{LICENCE}")
        return text.encode() if text else None
    return None


def _readme(contents: Contents, formats: list[str]) -> str:
    package = contents.package
    meta = package.metadata
    lines = [
        f"# {plain(meta['title'])}\n",
        f"Version {package.version}, {meta['released']}.\n",
        plain(meta["description"]) + "\n",
        contents.how + "\n",
        "## What is here\n",
        *(f"- {FORMATS[name].says}" for name in formats),
        "- `CODEBOOK.md`: what every table, column and code means.",
        "- `sources.bib`, `sources.csl.json`: every source, for a reference manager.",
        "- `CITATION.cff`, `.zenodo.json`: how to cite and deposit, for machines.",
        "- `SHA256SUMS`: checksums; `cstocases verify .` checks them, or `sha256sum -c SHA256SUMS`.\n",
        "## How to cite\n",
        plain(contents.citation) + "\n",
        "## Licence\n",
        plain(terms(package)),
    ]
    return "\n".join(lines) + "\n"


def _write(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
