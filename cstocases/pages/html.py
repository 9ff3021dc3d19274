"""The report and the codebook as HTML: one file each, nothing fetched, every string of the data escaped."""

from __future__ import annotations

import base64
import importlib.util
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from cstocases.analysis.queries import AT_A_GLANCE, LEGEND, LISTS, MARKS, candidates, case_file, cell_text, known_case
from cstocases.analysis.reliability import reliability
from cstocases.dataset import data
from cstocases.derived.comparison import Comparison, comparison
from cstocases.errors import CstocasesError
from cstocases.files.atomic import file_to_write, write_file
from cstocases.formats.citation import cite
from cstocases.formats.codebook import rules_of_validation
from cstocases.pages.plots import plot, save
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import CRITERIA, flow
from cstocases.resolution.readings import RECORD, STATUSES
from cstocases.resolution.rules import RULES, how
from cstocases.schema.model import Field

# The families of the comparison whose cells are statements by officials and scholars, shown from their own tables.
STATED = {"for_": ("rationales", "rationale", ("for", "conditional")), "against_": ("rationales", "rationale", ("against",)), "argued_": ("explanations", "mechanism", ())}  # fmt: skip
Readings = dict[tuple[str, str, str], list[dict[str, Any]]]  # by table, record and field
NEEDS = ("jinja2", "matplotlib", "krippendorff")
COMPUTED = "Computed from other cells; see the codebook."


def report(
    dest: str | Path,
    cases: Iterable[str] | None = None,
    *,
    force: bool = False,
    home: str | Path | None = None,
    rule: str = "published",
    as_of: str | None = None,
) -> Path:
    """Write the report, one self-contained HTML file, and return its path.

    It holds the comparison matrix of `cases` (default: all; the founding three are shown
    first), each cell with its readings; what was asked and what came of it; stated reasons
    beside explanations; the register of candidates; the codebook; reliability; how to cite.
    `rule` and `as_of` as in `load`.

    Raises:
        UnknownNameError: no such case or rule.
        ExportError: `dest` exists (without `force`), is no file, or cannot be written.
        CstocasesError: a library it needs is not installed.
        DataError: the data have problems.
    """
    absent = [name for name in NEEDS if not importlib.util.find_spec(name)]
    if absent:
        raise CstocasesError(f"report needs {', '.join(absent)}, not installed: pip install 'cstocases[report]'")
    target = file_to_write(dest, force)
    found = data(home, rule, as_of)
    page = _render("report.html", _report(found, cases, home, rule, as_of))
    write_file(target, page.encode(), force, parents=True)
    return target


def codebook_html(home: str | Path | None = None) -> str:
    """The codebook as one HTML page, from the same templates as the report.

    Raises:
        CstocasesError: jinja2 is not installed.
    """
    found = data(home)
    return _render("codebook.html", _common(found, home))


def _render(name: str, values: dict[str, Any]) -> str:
    try:
        import jinja2
    except ModuleNotFoundError:
        raise CstocasesError("HTML needs the library jinja2, not installed: pip install 'cstocases[report]'") from None
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("cstocases.pages", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name).render(**values) + "\n"


def _common(found: Data, home: str | Path | None) -> dict[str, Any]:
    package = found.package
    return {
        "meta": package.metadata,
        "version": package.version,
        "groups": [(g["title"], [package.table(name) for name in g["tables"]]) for g in package.metadata["groups"]],
        "kinds": package.missing_codes,
        "statuses": STATUSES,
        "rules": RULES,
        "criteria": CRITERIA,
        "validation": rules_of_validation(),
        "citation": cite(home=home),
        "bibtex": cite("bibtex", home=home),
    }


def _report(
    found: Data, cases: Iterable[str] | None, home: str | Path | None, rule: str, as_of: str | None
) -> dict[str, Any]:
    table = found.frames["cases"].sort_values(["core", "start_date"], ascending=[False, True], na_position="first")
    chosen = list(dict.fromkeys(cases or table["case_id"]))
    for case in chosen:
        known_case(found, case)
    core = set(table.loc[table["core"], "case_id"])
    wide = comparison(found)
    read = _readings(found)
    files = [case_file(found, case) for case in chosen]
    titles = {name: found.package.table("candidates").field(name).title for name in CRITERIA}
    agreement = reliability(home).astype(object) if "codings" in found.frames else pd.DataFrame()
    return {
        **_common(found, home),
        "how": how(rule, as_of),
        "legend": LEGEND,
        "cases": [
            {
                "id": file["case"]["case_id"],
                "founding": file["case"]["case_id"] in core,
                "file": file,
                "requests": [_request(found, request) for request in file["requests"]],
                "stated": [_voice(read, "rationales", row) for row in file["rationales"]],
                "argued": [_voice(read, "explanations", row) for row in file["explanations"]],
                "disputes": [_dispute(found, cell) for cell in file["contested"]],
            }
            for file in files
        ],
        "matrix": _matrix(found, wide, read, dict(zip(chosen, files, strict=True))),
        "shown_first": [case for case in chosen if case in core] or chosen,
        "labels": {name: _labels(found, name) for name in ("rationales.rationale", "rationales.direction", "explanations.mechanism", "explanations.explains")},
        "pictures": [_picture(kind, some, home, rule, as_of, chosen) for kind, some in PICTURES],
        "register": candidates(rule, as_of, home).astype(object).to_dict("records"),
        "reasons": dict(zip(found.frames["candidates"]["candidate_id"], found.frames["candidates"]["reason"], strict=True)),
        "criteria_titles": titles,
        "flow": [
            {"what": f"Not met: {titles[name].lower()}" if (name := row.step.removeprefix("failed at ")) in titles else row.step, "n": row.n}
            for row in flow(found.frames["candidates"]).itertuples()
        ],
        "agreement": agreement.where(agreement.notna(), None).to_dict("records"),
    }  # fmt: skip


PICTURES = (("timeline", True), ("outcomes", False), ("rationales", True), ("universe", False))
ALT = {
    "timeline": "Timeline of requests, decisions and deployments by case; the same steps are listed case by case below.",
    "outcomes": "Outcome of each case by kind of threat and by whether the crisis rules were in force; the same values stand in the comparison.",
    "rationales": "Counts of officials' reasons and scholars' mechanisms by case; the statements are listed case by case below.",
    "universe": "From occasions considered to cases, criterion by criterion; the same numbers stand in the table of candidates.",
}


def _picture(
    kind: str, by_case: bool, home: str | Path | None, rule: str, as_of: str | None, chosen: list[str]
) -> dict[str, str]:
    few = chosen if by_case and len(chosen) <= 4 else None  # more lines than that are no picture
    figure = plot(kind, few, home, rule=rule, as_of=as_of)
    buffer = io.BytesIO()
    save(figure, buffer, "svg")
    return {"kind": kind, "uri": "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode(), "alt": ALT[kind]}  # fmt: skip


def _readings(found: Data) -> Readings:
    """The readings of every cell as records for the templates."""
    frame = found.readings.astype(object)
    frame = frame.where(frame.notna(), None)
    out: Readings = {}
    order = {"supports": 0, "yes": 0, "rival": 1, "no": 1}
    for row in frame.to_dict("records"):
        row["published"] = None if row["published"] is None else row["published"].date().isoformat()
        out.setdefault((row["table_name"], row["record_id"], row["field_name"]), []).append(row)
    for group in out.values():
        group.sort(key=lambda row: (order.get(row["agreement"], 2), str(row["reading"]), row["evidence_id"]))
    return out


def _matrix(found: Data, wide: Comparison, read: Readings, files: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:  # fmt: skip
    table = found.package.table("comparison")
    primary = wide.frame[wide.frame["is_primary"].astype(bool)]
    at = {case: primary.index[primary["case_id"] == case][0] for case in files}
    rows = []
    for entry in AT_A_GLANCE:
        names = [n for n in table.names if n.startswith(entry)] if entry.endswith("_") else [entry]
        fields = [table.field(name) for name in names]
        title = LISTS[entry] if entry.endswith("_") else fields[0].title
        about = "" if entry.endswith("_") else fields[0].description
        made = []
        for case, file in files.items():
            if entry in STATED:
                made.append(_stated(found, read, entry, file))
            else:
                made.append(_cell(found, wide, read, fields, at[case], listed=entry.endswith("_")))
        rows.append({"title": title, "about": about, "cells": list(zip(files, made, strict=True))})
    return rows


def _cell(found: Data, wide: Comparison, read: Readings, fields: list[Field], row: int, listed: bool) -> dict[str, Any]:  # fmt: skip
    parts, marks, readings = [], [], []
    for f in fields:
        value = cell_text(wide.frame, f, row)
        status = str(wide.status.at[row, f.name])
        marks.append(status)
        if not listed:
            parts.append(_shown(f, value, wide.missing_codes.at[row, f.name]))
        elif value == "true":
            parts.append(f.title.split(": ", 1)[-1] + MARKS.get(status, ""))
        elif status == "contested":
            word = "not " if value == "false" else ""
            parts.append(f"{word}{f.title.split(': ', 1)[-1]}*")
        if f.ref:
            key = (f.ref[0], wide.records.at[row, f.name], f.ref[1])
            for reading in read.get(key, []):
                origin = found.package.table(f.ref[0]).field(f.ref[1])
                readings.append({**reading, "title_of": f.title if listed else "", "shown": origin.labels.get(reading["reading"], reading["reading"])})  # fmt: skip
    if listed and not parts:
        kinds = {str(wide.missing_codes.at[row, f.name]) for f in fields}
        parts = ["none"] if "<NA>" in kinds else [f"({', '.join(sorted(kinds)).replace('_', ' ')})"]
    mark = "" if listed else MARKS.get(marks[0], "") if readings else ""
    note = "" if readings else COMPUTED if not any(f.ref for f in fields) else "No reading."
    return {"text": "; ".join(parts) + mark, "contested": "contested" in marks, "readings": readings, "voices": [], "note": note}  # fmt: skip


def _shown(f: Field, value: str | None, kind: object) -> str:
    if value is None:
        return f"({str(kind).replace('_', ' ')})"
    return {"true": "yes", "false": "no"}.get(value, f.labels.get(value, value))


def _stated(found: Data, read: Readings, entry: str, file: dict[str, Any]) -> dict[str, Any]:
    """What officials said or scholars argue in a case, as a cell of the matrix."""
    name, field, directions = STATED[entry]
    rows = [row for row in file[name] if not directions or row["direction"] in directions]
    f, key = found.package.table(name).field(field), found.package.table(name).primary_key[0]
    kinds = found.missing_codes[name][field].set_axis(found.frames[name][key])
    codes = [_shown(f, row[field], kinds[row[key]]) for row in rows]
    voices = [{**_voice(read, name, row), "code": code} for row, code in zip(rows, codes, strict=True)]
    note = "" if voices else "Nothing recorded."
    order = list(f.labels.values())
    text = "; ".join(sorted(set(codes), key=lambda code: order.index(code) if code in order else len(order))) or "none"
    return {"text": text, "contested": False, "readings": [], "voices": voices, "note": note}


def _voice(read: Readings, table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A statement with the sources behind it, each once."""
    record = row[f"{table[:-1]}_id"]
    fields = {cell[2]: group for cell, group in read.items() if cell[:2] == (table, record)}
    sources = {r["citekey"]: r for group in fields.values() for r in group}
    who = row["speaker"] if table == "rationales" else f"{row['author']}, {row['year']}"
    return {"when": row.get("date") or "", "who": who, "row": row, "sources": list(sources.values())}


def _request(found: Data, request: dict[str, Any]) -> dict[str, Any]:
    table, decided = found.package.table("requests"), found.package.table("decisions")

    def said(f: Field, row: dict[str, Any]) -> str:
        value = row[f.name]
        return "not known" if value is None else {"true": "yes", "false": "no"}.get(value, f.labels.get(value, value))

    def held(prefix: str, where: Any, row: dict[str, Any]) -> str:
        names = [
            f.title.split(": ", 1)[-1] for f in where.fields if f.name.startswith(prefix) and row[f.name] == "true"
        ]
        return ", ".join(names)

    return {
        "title": request["title"],
        "primary": request["is_primary"] == "true",
        "facts": [
            ("Asked", f"{said(table.field('addressee'), request)}, {request['date'] or 'day not known'}"),
            ("By", request["requester"] or "not known"),
            ("Sought", held("sought_", table, request) or "not known"),
            ("Against", said(table.field("threat_framing"), request)),
            ("Status", said(table.field("status"), request)),
        ],
        "decisions": [
            (
                d["title"],
                said(decided.field("outcome"), d),
                d["date"] or "day not known",
                held("given_", decided, d),
                d["is_final"] == "true",
            )
            for d in request["decisions"]
        ],
    }


def _dispute(found: Data, cell: dict[str, Any]) -> dict[str, Any]:
    field = cell["field_name"]
    title, labels = "The row as a whole", {}
    if field != RECORD:
        f = found.package.table(cell["table_name"]).field(field)
        title, labels = f.title, f.labels
    return {
        "where": f"{cell['table_name']} {cell['record_id']}",
        "title": title,
        "published": labels.get(cell["published"], cell["published"]) or f"({str(cell['kind']).replace('_', ' ')})",
        "readings": [(labels.get(value, value), keys) for value, keys in cell["readings"].items()],
    }


def _labels(found: Data, name: str) -> dict[str, str]:
    table, _, field = name.partition(".")
    return found.package.table(table).field(field).labels
