"""How to cite: the dataset, and exactly the sources behind a selection of its cells."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from cstocases.analysis.case_record import known_case, known_record, readings_of, rows_of, said_in, with_evidence
from cstocases.dataset import data
from cstocases.derived.behind import TABLES, behind
from cstocases.errors import UnknownNameError
from cstocases.parsing.joins import is_in
from cstocases.resolution.data import Data
from cstocases.resolution.readings import RECORD, SIDES
from cstocases.schema.model import Package
from cstocases.schema.reader import package

STYLES = ("text", "bibtex", "csl-json", "ris")
BIBTEX_TYPES = {"article-journal": "article", "book": "book", "thesis": "thesis", "report": "report", "dataset": "misc"}
CONTAINERS = {"article-journal": "journaltitle", "article-newspaper": "journaltitle", "chapter": "booktitle"}
RIS_TYPES = {
    "article-journal": "JOUR", "article-newspaper": "NEWS", "book": "BOOK", "thesis": "THES", "report": "RPRT",
    "dataset": "DATA", "legislation": "STAT", "post-weblog": "BLOG", "entry-encyclopedia": "ENCYC",
}  # fmt: skip
OWN_PUBLISHER = ("book", "report", "thesis", "dataset", "legislation")
LANGUAGES = {
    "en": "english", "ru": "russian", "hy": "armenian", "kk": "kazakh", "ky": "kyrgyz", "de": "german", "fr": "french", "it": "italian", "es": "spanish",
    "tr": "turkish", "uk": "ukrainian", "pl": "polish", "az": "azerbaijani", "tg": "tajik", "uz": "uzbek", "ka": "georgian", "zh": "chinese", "fa": "persian", "be": "belarusian",
}  # fmt: skip
# Types of biblatex; BibTeX itself has no @report or @online, and prints unknown types as @misc.


def cite(
    style: str = "text",
    *,
    case: str | None = None,
    table: str | None = None,
    record: str | None = None,
    field: str | None = None,
    side: str | None = None,
    home: str | Path | None = None,
) -> str:
    """The citation of the dataset and, with a selection, of every source behind the cells selected and of no other.

    With each source stand the words taken from it: speaker (author or publisher where the source
    speaks itself), day of the words, locator.

    `case`, `table`, `record` and `field` narrow the selection together; `side` keeps the sources of
    readings that give the published value (supports) or another (conflicts). A row of `comparison`, `request_members`
    or `member_years` (its key, the parts joined by /) stands for the stored cells that it is computed from;
    `statuses` for all cells. Styles: text, bibtex (biblatex types), csl-json, ris. The id of an entry is always its citekey.

    Raises:
        UnknownNameError: no such style, case, record or side, no such table or field with evidence.
        DataError: the data have problems.

    >>> cite().startswith("cstocases developers (2026)")
    True
    """
    if style not in STYLES:
        raise UnknownNameError("style", style, STYLES)
    if side is not None and side not in SIDES:
        raise UnknownNameError("side", side, SIDES)
    dataset, selection = package(home), (case, table, record, field, side)
    if not any(selection):
        return bibliography(style, dataset)
    found = data(home)
    read = _readings(found, *selection)
    sources = found.frames["sources"]
    mine = sources[sources["citekey"].isin(read["citekey"])].sort_values("citekey")
    return bibliography(style, dataset, mine, said_in(read))


def bibliography(
    style: str, dataset: Package, sources: pd.DataFrame | None = None, said: Mapping[str, list[str]] | None = None
) -> str:
    """The dataset and these rows of `sources`, each with the words taken from it, in one of the styles of `cite`."""
    items = [dataset_item(dataset)]
    for row in sources.itertuples() if sources is not None else ():
        words = (said or {}).get(str(row.citekey), [])
        items.append({**source_item(row), **({"annote": f"Words of {'; '.join(words)}"} if words else {})})
    if style == "csl-json":
        return json.dumps(items, indent=2, ensure_ascii=False)
    write = {"text": _as_text, "bibtex": _as_bibtex, "ris": _as_ris}[style]
    return "\n\n".join(write(item) for item in items)


def _readings(
    found: Data, case: str | None, table: str | None, record: str | None, field: str | None, side: str | None
) -> pd.DataFrame:
    """The readings of the cells selected."""
    if case is not None:
        known_case(found, case)
    if table in TABLES:
        cells = behind(found, table, record, field, case)
        if field is None:
            cells += [(name, row, RECORD) for name, row in dict.fromkeys(cell[:2] for cell in cells)]
        read = readings_of(found, cells)
    else:
        stored = [t for t in found.package.stored.values() if t.evidenced]
        if table not in (None, "statuses"):
            stored = [with_evidence(found, str(table), *TABLES, "statuses")]
        known = {f.name for t in stored for f in t.evidenced}
        if field is not None and field not in known:
            raise UnknownNameError("evidenced field", field, known)
        read = found.readings[is_in(found.readings["table_name"], [t.name for t in stored])]
        if record is not None:
            known_record(found, record, *(t.name for t in stored))
        for name, wanted in (("record_id", record), ("field_name", field)):
            if wanted is not None:
                read = read[is_in(read[name], [wanted])]
    if case is not None and (table not in TABLES or "case_id" not in found.package.table(str(table)).names):
        read = rows_of(found, case, read)
    return read if side is None else read[is_in(read["agreement"], SIDES[side])]


def dataset_item(dataset: Package) -> dict[str, Any]:
    """The dataset as a CSL item."""
    released = [int(part) for part in str(dataset.metadata["released"]).split("-")]
    return {
        "id": dataset.metadata["name"],
        "type": "dataset",
        "author": [{"literal": person["title"]} for person in dataset.metadata.get("contributors", [])],
        "title": dataset.metadata["title"],
        "version": dataset.version,
        "issued": {"date-parts": [released]},
        **({"URL": dataset.metadata["homepage"]} if "homepage" in dataset.metadata else {}),
    }


def source_item(row: Any) -> dict[str, Any]:
    """A row of `sources` as a CSL item."""
    item: dict[str, Any] = {"id": row.citekey, "type": row.type}
    if pd.notna(row.author):
        item["author"] = [{"literal": name.strip()} for name in row.author.split(";")]
    item["title"] = row.title
    # Of an article or a page the publisher is the periodical or the site it stands in.
    item["publisher" if row.type in OWN_PUBLISHER else "container-title"] = row.publisher
    if pd.notna(row.origin):
        item["original-publisher"] = row.origin
    if pd.notna(row.published):
        parts = {"day": 3, "month": 2, "year": 1}[row.published_precision]
        item["issued"] = {"date-parts": [[row.published.year, row.published.month, row.published.day][:parts]]}
    if pd.notna(row.url):
        item["URL"] = row.url
    item["accessed"] = {"date-parts": [[row.accessed.year, row.accessed.month, row.accessed.day]]}
    item["language"] = row.language
    return item


def _date(item: dict[str, Any], key: str = "issued") -> str:
    if key not in item:
        return ""
    year, *rest = item[key]["date-parts"][0]
    return "-".join([f"{year:04d}", *(f"{part:02d}" for part in rest)])


def _authors(item: dict[str, Any]) -> list[str]:
    return [person["literal"] for person in item.get("author", [])]


def _as_text(item: dict[str, Any]) -> str:
    where = item.get("container-title") or item.get("publisher", "")
    who = "; ".join(_authors(item)) or where
    year = _date(item)[:4] or "no date"
    parts = [f"{who} ({year})", item["title"]]
    if item["type"] == "dataset" and "version" in item:
        parts[1] += f" (version {item['version']}) [data set]"
    if where and where != who:
        parts.append(where)
    if item.get("original-publisher"):
        parts.append(f"originally {item['original-publisher']}")
    if len(_date(item)) > 4:
        parts.append(_date(item))
    if item.get("URL"):
        parts.append(item["URL"])
    line = " ".join(part if part[-1] in ".?!" else f"{part}." for part in parts[:-1] if part) + f" {parts[-1]}"
    return f"{line}\n    {item['annote']}" if "annote" in item else line


def _as_bibtex(item: dict[str, Any]) -> str:
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in _authors(item)),
        "title": f"{{{_tex(item['title'])}}}",
        CONTAINERS.get(item["type"], "organization"): _tex(item.get("container-title", "")),
        "publisher": _tex(item.get("publisher", "")),
        "date": _date(item),
        "version": item.get("version", ""),
        "url": re.sub(r"[\\{}]", lambda m: quote(m[0]), item.get("URL", "")),
        "urldate": _date(item, "accessed"),
        "langid": LANGUAGES.get(item.get("language", ""), item.get("language", "")),
        "note": f"Originally {_tex(item['original-publisher'])}" if "original-publisher" in item else "",
        "annotation": _tex(item.get("annote", "")),
    }
    kind = BIBTEX_TYPES.get(item["type"], "online")
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@{kind}{{{item['id']},\n{body}\n}}"


def _tex(text: str) -> str:
    # Even an escaped brace must have its twin, so they are named.
    escapes = {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
    return re.sub(r"[\\{}$&%#_~^]", lambda m: escapes.get(m.group(), f"\\{m.group()}"), text)


def _as_ris(item: dict[str, Any]) -> str:
    lines = [("TY", RIS_TYPES.get(item["type"], "ELEC")), ("ID", item["id"])]
    lines += [("AU", name) for name in _authors(item)]
    lines += [
        ("TI", item["title"]),
        ("T2", item.get("container-title", "")),
        ("PB", item.get("publisher", "")),
        ("DA", _date(item).replace("-", "/")),
        ("PY", _date(item)[:4]),
        ("ET", item.get("version", "")),
        ("UR", item.get("URL", "")),
        ("Y2", _date(item, "accessed").replace("-", "/")),
        ("LA", item.get("language", "")),
        ("N1", f"Originally {item['original-publisher']}" if "original-publisher" in item else ""),
        ("N1", item.get("annote", "")),
    ]
    return "\n".join([*(f"{tag}  - {value}" for tag, value in lines if value), "ER  - "])


def citation_cff(dataset: Package) -> str:
    """CITATION.cff (Citation File Format 1.2.0), from dataset.json."""
    # A JSON string is a YAML string, but for its surrogates.
    written = functools.partial(json.dumps, ensure_ascii=False)
    meta = dataset.metadata
    lines = [
        "cff-version: 1.2.0",
        f"message: {written('If you use these data, please cite them as below.')}",
        "type: dataset",
        f"title: {written(meta['title'])}",
        f"abstract: {written(meta['description'])}",
        "authors:",
        *(f"  - name: {written(person['title'])}" for person in meta.get("contributors", [])),
        f"version: {written(dataset.version)}",
        f"date-released: {written(meta['released'])}",
        f"license: {written(meta['licenses'][0]['name'])}",
        "keywords:",
        *(f"  - {written(word)}" for word in meta.get("keywords", [])),
    ]
    return "\n".join(lines) + "\n"
