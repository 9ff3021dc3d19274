"""The dataset as data catalogues describe it: Croissant, DDI-Codebook and Zenodo."""

from __future__ import annotations

import html
import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cstocases.formats.citation import bibliography
from cstocases.formats.datapackage import never_missing
from cstocases.schema.model import Field, Package, Table

CROISSANT_TYPES = {
    "string": "sc:Text", "integer": "cr:Int64", "number": "cr:Float64", "boolean": "sc:Boolean", "date": "sc:Date",
}  # fmt: skip
DDI = "ddi:codebook:2_5"
SUMMARY = {"anlyUnit": "requests", "universe": "candidates"}  # elements that a table describes


def croissant(package: Package, sums: Mapping[str, str]) -> dict[str, Any]:
    """croissant.json: Croissant 1.1 for the files of parquet/, whose SHA-256 sums are given by table."""
    meta = package.metadata
    return {
        # The context that version 1.1 of the format asks every file to carry.
        "@context": json.loads(Path(__file__).with_name("croissant_context.json").read_text(encoding="utf-8")),
        "@type": "sc:Dataset",
        "name": meta["name"],
        "description": meta["description"],
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "citeAs": bibliography("bibtex", package),
        "license": [each["path"] for each in meta["licenses"]],
        "usageInfo": terms(package),
        "version": package.version,
        "datePublished": meta["released"],
        "keywords": list(meta.get("keywords", [])),
        "creator": [{"@type": "sc:Organization", "name": person["title"]} for person in meta.get("contributors", [])],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": f"{name}.parquet",
                "name": f"{name}.parquet",
                "contentUrl": f"parquet/{name}.parquet",
                "encodingFormat": "application/x-parquet",
                "sha256": digest,
            }
            for name, digest in sums.items()
        ],
        "recordSet": [_record_set(table) for table in package.all_tables.values()],
    }


def _record_set(table: Table) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.description,
        "key": [{"@id": f"{table.name}/{name}"} for name in table.primary_key],
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{table.name}/{f.name}",
                "name": f.name,
                "description": f"{f.title}. {f.description}",
                "dataType": CROISSANT_TYPES[f.type],
                "source": {"fileObject": {"@id": f"{table.name}.parquet"}, "extract": {"column": f.name}},
            }
            for f in table.fields
        ],
    }


def ddi(package: Package, rows: Mapping[str, int]) -> bytes:
    """ddi-codebook.xml: DDI-Codebook 2.5 for the files of csv/, whose numbers of rows are given by table."""
    tables = package.all_tables.values()
    variables = [_variable(package, table, f) for table in tables for f in table.fields]
    files = [_file(table, rows[table.name]) for table in tables]
    root = _node("codeBook", _study(package), *files, _node("dataDscr", *variables), xmlns=DDI, version="2.5")
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def _node(tag: str, *inside: ET.Element | str, **attributes: str) -> ET.Element:
    """An element with a text or with other elements in it."""
    element = ET.Element(tag, attributes)
    for part in inside:
        if isinstance(part, str):
            element.text = part
        else:
            element.append(part)
    return element


def _study(package: Package) -> ET.Element:
    meta = package.metadata
    day = meta["released"]
    authors = (_node("AuthEnty", person["title"]) for person in meta.get("contributors", []))
    keywords = (_node("keyword", word) for word in meta.get("keywords", []))
    described = {tag: name for tag, name in SUMMARY.items() if name in package.all_tables}
    return _node(
        "stdyDscr",
        _node(
            "citation",
            _node("titlStmt", _node("titl", meta["title"]), _node("IDNo", meta["name"])),
            _node("rspStmt", *authors),
            _node("distStmt", _node("distDate", day, date=day)),
            _node("verStmt", _node("version", package.version, date=day)),
            _node("biblCit", bibliography("text", package)),
        ),
        _node(
            "stdyInfo",
            _node("subject", *keywords),
            _node("abstract", meta["description"]),
            _node("sumDscr", *(_node(tag, package.table(name).description) for tag, name in described.items())),
        ),
        _node("dataAccs", _node("useStmt", _node("conditions", terms(package)))),
    )


def _file(table: Table, rows: int) -> ET.Element:
    text = _node(
        "fileTxt",
        _node("fileName", f"{table.name}.csv"),
        _node("fileCont", table.description),
        _node("dimensns", _node("caseQnty", str(rows)), _node("varQnty", str(len(table.fields)))),
        _node("fileType", "text/csv; charset=utf-8"),
    )
    return _node("fileDscr", text, ID=f"file_{table.name}", URI=f"csv/{table.name}.csv")


def _variable(package: Package, table: Table, f: Field) -> ET.Element:
    codes = [(c.value, c.label, c.description) for c in f.categories]
    if f.type == "boolean":
        codes = [("true", "Yes", ""), ("false", "No", "")]
    gaps = {} if never_missing(f) else package.missing
    kind = "numeric" if f.type in ("integer", "number") else "character"
    return _node(
        "var",
        _node("labl", f.title),
        _node("txt", f.description),
        *(_category(*code) for code in codes),
        *(_category(value, label, "", missing="Y") for value, label in gaps.items()),
        _node("varFormat", type=kind, **({"category": "date"} if f.type == "date" else {})),
        ID=f"{table.name}.{f.name}",
        name=f.name,
        files=f"file_{table.name}",
        intrvl="discrete" if codes or f.type == "string" else "contin",
    )


def _category(value: str, label: str, text: str, **attributes: str) -> ET.Element:
    about = [_node("txt", text)] if text else []
    return _node("catgry", _node("catValu", value), _node("labl", label), *about, **attributes)


def terms(package: Package) -> str:
    """The licence of the data in a sentence, with the tables it does not cover."""
    meta = package.metadata["licenses"][0]
    others = [t for t in package.all_tables.values() if t.licenses]
    except_ = "".join(f" Except {t.name}: {t.licenses[0]['title']}." for t in others)
    return f"Data: {meta['title']} ({meta['name']}, {meta['path']}).{except_}"


def zenodo(package: Package) -> dict[str, Any]:
    """.zenodo.json: the metadata of a deposit at Zenodo."""
    meta = package.metadata
    return {
        "title": meta["title"],
        "upload_type": "dataset",
        "description": f"<p>{html.escape(meta['description'])}</p>",
        "creators": [{"name": person["title"]} for person in meta.get("contributors", [])],
        "version": package.version,
        "publication_date": meta["released"],
        "access_right": "open",
        "license": meta["licenses"][0]["name"].lower(),
        "keywords": list(meta.get("keywords", [])),
        "notes": html.escape(terms(package)),
        "language": "eng",
    }


def as_json(value: object) -> bytes:
    """JSON as it is written in an export."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
