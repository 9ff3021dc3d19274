"""The dataset as data catalogues describe it: Croissant, DDI-Codebook and Zenodo."""

from __future__ import annotations

import html
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from typing import Any

from cstocases.formats.citation import bibliography
from cstocases.formats.datapackage import never_missing
from cstocases.schema.model import Field, Package, Table

# The context that version 1.1 of the format asks every file to carry.
CROISSANT_CONTEXT: dict[str, Any] = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column", "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/", "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/", "equivalentProperty": "cr:equivalentProperty", "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract", "field": "cr:field",
    "fileObject": "cr:fileObject", "fileProperty": "cr:fileProperty", "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField",
    "path": "cr:path", "rai": "http://mlcommons.org/croissant/RAI/", "recordSet": "cr:recordSet", "references": "cr:references",
    "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate", "sc": "https://schema.org/",
    "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip
CROISSANT_TYPES = {
    "string": "sc:Text", "integer": "cr:Int64", "number": "cr:Float64", "boolean": "sc:Boolean", "date": "sc:Date",
}  # fmt: skip
DDI = "ddi:codebook:2_5"


def croissant(package: Package, sums: Mapping[str, str]) -> dict[str, Any]:
    """croissant.json: Croissant 1.1 for the files of parquet/, whose SHA-256 sums are given by table."""
    meta = package.metadata
    return {
        "@context": CROISSANT_CONTEXT,
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
    ET.register_namespace("", DDI)
    root = ET.Element(f"{{{DDI}}}codeBook", {"version": "2.5"})
    _study(root, package)
    for table in package.all_tables.values():
        _file(root, table, rows[table.name])
    variables = _add(root, "dataDscr")
    for table in package.all_tables.values():
        for f in table.fields:
            _variable(variables, package, table, f)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{DDI}}}{tag}", attributes)
    element.text = text or None
    return element


def _study(root: ET.Element, package: Package) -> None:
    meta = package.metadata
    study = _add(root, "stdyDscr")
    citation = _add(study, "citation")
    title = _add(citation, "titlStmt")
    _add(title, "titl", meta["title"])
    _add(title, "IDNo", meta["name"])
    authors = _add(citation, "rspStmt")
    for person in meta.get("contributors", []):
        _add(authors, "AuthEnty", person["title"])
    _add(_add(citation, "distStmt"), "distDate", meta["released"], date=meta["released"])
    _add(_add(citation, "verStmt"), "version", package.version, date=meta["released"])
    _add(citation, "biblCit", bibliography("text", package))
    info = _add(study, "stdyInfo")
    subject = _add(info, "subject")
    for word in meta.get("keywords", []):
        _add(subject, "keyword", word)
    _add(info, "abstract", meta["description"])
    summary = _add(info, "sumDscr")
    for tag, name in (("anlyUnit", "requests"), ("universe", "candidates")):
        if name in package.all_tables:
            _add(summary, tag, package.table(name).description)
    _add(_add(_add(study, "dataAccs"), "useStmt"), "conditions", terms(package))


def _file(root: ET.Element, table: Table, rows: int) -> None:
    text = _add(_add(root, "fileDscr", ID=f"file_{table.name}", URI=f"csv/{table.name}.csv"), "fileTxt")
    _add(text, "fileName", f"{table.name}.csv")
    _add(text, "fileCont", table.description)
    size = _add(text, "dimensns")
    _add(size, "caseQnty", str(rows))
    _add(size, "varQnty", str(len(table.fields)))
    _add(text, "fileType", "text/csv; charset=utf-8")


def _variable(parent: ET.Element, package: Package, table: Table, f: Field) -> None:
    discrete = bool(f.categories) or f.type in ("boolean", "string")
    attributes = {"files": f"file_{table.name}", "intrvl": "discrete" if discrete else "contin"}
    variable = _add(parent, "var", "", ID=f"{table.name}.{f.name}", name=f.name, **attributes)
    _add(variable, "labl", f.title)
    _add(variable, "txt", f.description)
    codes: Iterable[tuple[str, str, str, dict[str, str]]] = [
        (c.value, c.label, c.description, {}) for c in f.categories
    ]
    if f.type == "boolean":
        codes = [("true", "Yes", "", {}), ("false", "No", "", {})]
    gaps = [] if never_missing(f) else list(package.missing.items())
    for value, label, text, extra in [*codes, *((value, label, "", {"missing": "Y"}) for value, label in gaps)]:
        category = _add(variable, "catgry", **extra)
        _add(category, "catValu", value)
        _add(category, "labl", label)
        if text:
            _add(category, "txt", text)
    kind = "numeric" if f.type in ("integer", "number") else "character"
    _add(variable, "varFormat", type=kind, **({"category": "date"} if f.type == "date" else {}))


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
