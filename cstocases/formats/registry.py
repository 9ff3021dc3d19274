"""The formats of an export: what each writes, what it needs, and what its README says of it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from cstocases.analysis.queries import case_file, records_of
from cstocases.errors import ExportError
from cstocases.files.checksums import digest
from cstocases.formats import excel, loaders, sql, stata_spss
from cstocases.formats.catalogues import as_json, croissant, csvw, ddi, terms, zenodo
from cstocases.formats.citation import bibliography, citation_cff, cite
from cstocases.formats.codebook import codebook
from cstocases.formats.contents import Contents
from cstocases.formats.datapackage import datapackage
from cstocases.markup import plain
from cstocases.parsing.csv_reader import as_text, to_csv
from cstocases.schema.reader import default_home

LICENCE = "LICENSE-DATA"
MAX_LICENCE = 2**20
# Where a spreadsheet finds a formula: at the start of a cell, which ends at a semicolon in half the countries of Europe.
FORMULA = re.compile(r"(^|;)([\s\"]*)(?=[=+\-@\t\r])")
NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")


class Format(NamedTuple):
    """One format: how to write it, the library it needs beyond the package's own, promises it cannot keep, what is there then."""

    write: Callable[[Contents, Path], None]
    needs: str
    lacks: dict[str, str]
    says: str


def _csv(contents: Contents, work: Path) -> None:
    package = contents.package
    raw = {name: to_csv(text).encode() for name, text in contents.texts.items()}
    for name, part in raw.items():
        _write(work / f"csv/{name}.csv", part)
    files = {name: (len(part), hashlib.sha256(part).hexdigest()) for name, part in raw.items()}
    _write(work / "datapackage.json", as_json(datapackage(package, files)))
    _write(work / "csv-metadata.json", as_json(csvw(package)))
    _write(work / "ddi-codebook.xml", ddi(package, {name: len(text) for name, text in contents.texts.items()}))
    _write(work / "load.R", loaders.load_r(package).encode())
    _write(work / "load.do", loaders.load_do(package).encode())


def _csv_excel(contents: Contents, work: Path) -> None:
    for name, text in contents.texts.items():
        safe = text.copy()
        for f in contents.package.table(name).fields:
            if f.type == "string":
                safe[f.name] = safe[f.name].map(lambda v: v if NUMBER.fullmatch(v) else FORMULA.sub(r"\1\2'", v))
        _write(work / f"csv-excel/{name}.csv", b"\xef\xbb\xbf" + to_csv(safe).encode())


def _parquet(contents: Contents, work: Path) -> None:
    import pyarrow.parquet as pq

    (work / "parquet").mkdir()
    tables = {name: contents.arrow(name) for name in contents.frames}
    for name, table in {**tables, "missing": contents.arrow_missing()}.items():
        pq.write_table(table, work / f"parquet/{name}.parquet")
    sums = {name: digest(work / f"parquet/{name}.parquet") for name in tables}
    _write(work / "croissant.json", as_json(croissant(contents.package, sums)))


def _folder(name: str, write: Callable[[Contents, Path], None]) -> Callable[[Contents, Path], None]:
    def into(contents: Contents, work: Path) -> None:
        (work / name).mkdir()
        write(contents, work / name)

    return into


def _file(suffix: str, write: Callable[[Contents, Path], None]) -> Callable[[Contents, Path], None]:
    return lambda contents, work: write(contents, work / f"{contents.package.metadata['name']}.{suffix}")


def _json(contents: Contents, work: Path) -> None:
    for name, frame in contents.frames.items():
        columns = {f.name: _plain(f.type, as_text(f, frame[f.name])) for f in contents.package.table(name).fields}
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        _write(work / f"json/{name}.json", as_json(rows))
    _write(work / "json/missing.json", as_json(contents.missing.to_dict("records")))
    for case in contents.frames["cases"]["case_id"]:
        _write(work / f"json/cases/{case}.json", as_json(_case(contents, case)))


def _plain(kind: str, texts: Any) -> list[Any]:
    """Texts of a column as the values JSON has: numbers and booleans as such, dates as text, None where missing."""
    read = str if kind in ("string", "date") else json.loads
    return [None if text is None else read(text) for text in texts.astype(object).where(texts.notna(), None)]


def _case(contents: Contents, case: str) -> dict[str, Any]:
    gaps = contents.missing
    records = records_of(contents.found, case)
    mine = [pair in records for pair in zip(gaps["table_name"], gaps["record_id"], strict=True)]
    return {**case_file(contents.found, case, typed=True), "missing": gaps[mine].to_dict("records")}


# What a reader may expect of every format. Where one cannot keep a promise, `lacks` says why.
PROMISES = {
    "codes": "the codes of code lists, dates, numbers and texts of every cell, as in the CSV",
    "labels": "the label of every code",
    "order": "the declared order of every code list",
    "titles": "the title of every column",
    "dates": "dates as the program's own dates",
    "missing": "the kind of missing of every empty cell",
    "bytes": "the same bytes from every export of one version",
}
TEXTS_KEEP_THE_WORD = "kept as the program's own missing values where a column is numbers, codes or dates; a missing text holds the word of its kind, as in the CSV, because texts have no such values there"
FORMATS = {
    "csv": Format(
        _csv, "", {"dates": "a CSV has no types; dates are ISO texts, and datapackage.json says which columns are dates"},
        "`csv/`: one file a table, UTF-8. Cells without a value carry the kind of missing as a word. `datapackage.json` (Data Package v2), `csv-metadata.json` (CSV on the Web) and `ddi-codebook.xml` (DDI-Codebook 2.5) describe the files; `load.R` and `load.do` load them in R and Stata with factors, labels, dates and kinds of missing.",
    ),
    "parquet": Format(
        _parquet, "", {},
        "`parquet/`: the same tables, typed, with titles, descriptions and codes in the metadata. `missing.parquet` holds the kind of missing of each empty cell. `croissant.json` (Croissant 1.1) describes them.",
    ),
    "stata": Format(
        _folder("stata", stata_spss.stata), "pyreadstat", {"missing": TEXTS_KEEP_THE_WORD},
        "`stata/`: one .dta a table, for Stata 14 and newer. Codes are labelled integers, kinds of missing `.a` and so on.",
    ),
    "spss": Format(
        _folder("spss", stata_spss.spss), "pyreadstat", {"missing": TEXTS_KEEP_THE_WORD},
        "`spss/`: one .sav a table. Codes are labelled integers, kinds of missing user-missing values from -91 down.",
    ),
    "excel": Format(
        _file("xlsx", excel.excel), "xlsxwriter", {},
        "`cstocases.xlsx`: a read-me, a codebook and a sheet a table; no cell is a formula.",
    ),
    "csv-excel": Format(
        _csv_excel, "", {
            "codes": "a text that begins like a formula, or goes on like one after a semicolon, has an apostrophe there; and Excel itself drops the leading zeros of codes such as 051 when it opens a CSV",
            "labels": "a CSV holds no labels; see CODEBOOK.md",
            "order": "a CSV holds no code lists; see CODEBOOK.md",
            "titles": "a CSV holds no titles; see CODEBOOK.md",
            "dates": "a CSV has no types; Excel makes dates of ISO texts when it opens the file",
        },
        "`csv-excel/`: the CSV files with the mark Excel needs to see that they are UTF-8. A text that would be a formula has an apostrophe before it, so nothing in the file is computed.",
    ),
    "sqlite": Format(
        _file("sqlite", sql.sqlite), "", {"dates": "SQLite has no dates; they are ISO texts, which its date functions take"},
        "`cstocases.sqlite`: the tables with keys and references; `comparison` and `NAME_labelled` are views; `missing`, `fields`, `codes`, `kinds` and `about` document them.",
    ),
    "duckdb": Format(
        _file("duckdb", sql.duckdb), "duckdb", {"bytes": "DuckDB puts a random mark into every file it makes"},
        "`cstocases.duckdb`: the same for DuckDB, with comments on every table and column and code lists as enumerations.",
    ),
    "json": Format(
        _json, "", {
            "labels": "records hold codes; see CODEBOOK.md",
            "order": "records hold codes; see CODEBOOK.md",
            "titles": "records hold names; see CODEBOOK.md",
            "dates": "JSON has no dates; they are ISO texts",
        },
        "`json/`: one file of records a table, `missing.json`, and in `cases/` one nested file a case.",
    ),
}  # fmt: skip
DEFAULT = ("csv", "parquet")


def write_beside(contents: Contents, work: Path, formats: list[str]) -> None:
    """What every export carries beside its tables: codebook, citation, sources, licence and read-me."""
    package = contents.package
    sources = contents.frames["sources"]
    _write(work / "CODEBOOK.md", codebook(package.home).encode())
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
        "- `SHA256SUMS`: checksums; `cstocases verify` or `sha256sum -c SHA256SUMS` checks them.\n",
        "## How to cite\n",
        plain(cite(home=package.home)) + "\n",
        "## Licence\n",
        plain(terms(package)),
    ]
    return "\n".join(lines) + "\n"


def _write(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
