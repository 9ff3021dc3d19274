"""The report and the codebook as HTML: one file each, nothing fetched, every string of the data escaped."""

from __future__ import annotations

import base64
import importlib.util
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from cstocases.analysis.case_record import case_rows, disputes, known_case, of_no_case
from cstocases.analysis.checked import checked_of, in_words
from cstocases.analysis.queries import LEGEND, candidates_of
from cstocases.analysis.reliability import OVERALL, reliability_of
from cstocases.dataset import data
from cstocases.derived.outcomes import UNSURE, of_request
from cstocases.errors import CstocasesError
from cstocases.files.atomic import file_to_write, write_file
from cstocases.formats.citation import bibliography
from cstocases.formats.codebook import rules_of_validation
from cstocases.pages.agreement import of_coders
from cstocases.pages.by_request import conduct_in_words
from cstocases.pages.drawing import case_names
from cstocases.pages.matrix import Readings, matrix, readings_of, statement
from cstocases.pages.plots import draw, save
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import CRITERIA, flow
from cstocases.resolution.readings import RECORD, STATUSES
from cstocases.resolution.rules import RULES, how
from cstocases.schema.model import Field

NEEDS = ("jinja2", "matplotlib", "krippendorff")
MOST_DRAWN = 4  # cases in a picture by case; of more the founding ones are drawn


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
    page = render("report.html", _report(data(home, rule, as_of), cases, rule, as_of))
    write_file(target, page.encode(), force, parents=True)
    return target


def codebook_html(home: str | Path | None = None) -> str:
    """The codebook as one HTML page, from the same templates as the report.

    Raises:
        CstocasesError: jinja2 is not installed.
    """
    return render("codebook.html", _common(data(home)))


def render(name: str, values: dict[str, Any], extra: str = "report") -> str:
    """The template of this name filled in, every string in it escaped; `extra` is what to install if jinja2 is not.

    Raises:
        CstocasesError: jinja2 is not installed.
    """
    try:
        import jinja2
    except ModuleNotFoundError:
        raise CstocasesError(
            f"HTML needs the library jinja2, not installed: pip install 'cstocases[{extra}]'"
        ) from None
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("cstocases.pages", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name).render(**values) + "\n"


def _common(found: Data) -> dict[str, Any]:
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
        "citation": bibliography("text", package),
        "bibtex": bibliography("bibtex", package),
    }


def _report(found: Data, cases: Iterable[str] | None, rule: str, as_of: str | None) -> dict[str, Any]:
    table = found.frames["cases"].sort_values(["core", "start_date"], ascending=[False, True], na_position="first")
    chosen = list(dict.fromkeys(cases or table["case_id"]))
    for case in chosen:
        known_case(found, case)
    core = set(table.loc[table["core"].fillna(False).astype(bool), "case_id"])
    read = readings_of(found)
    files, contested = {case: case_rows(found, case) for case in chosen}, disputes(found, chosen)
    register = found.package.table("candidates")
    titles = {name: register.field(name).title for name in CRITERIA}
    candidates = found.frames["candidates"]
    mechanisms = found.package.table("explanations").field("mechanism").labels
    names, checks = case_names(found), checked_of(found, chosen)
    return {
        **_common(found),
        "how": how(rule, as_of),
        "legend": LEGEND,
        "checked": in_words(checks),
        "cases": [
            {"name": names[case], "founding": case in core, "checked": in_words(checks[checks["case_id"] == case]), **_case(found, read, file, contested[case])}
            for case, file in files.items()
        ],
        "matrix": matrix(found, read, files),
        "shown_first": [case for case in chosen if case in core] or chosen,
        "pictures": [_picture(found, kind, [case for case in table.sort_values("start_date", na_position="first")["case_id"] if case in chosen], rule, as_of) for kind in PICTURES],
        "register": candidates_of(found).astype(object).to_dict("records"),
        "reasons": dict(zip(candidates["candidate_id"], candidates["reason"], strict=True)),
        "responses": dict(zip(candidates["candidate_id"], candidates["response"].fillna("Not known."), strict=True)),
        "criteria_titles": titles,
        "flow": [
            {"what": f"Not met: {titles[name].lower()}" if (name := row.step.removeprefix("failed at ")) in titles else row.step, "n": row.n}
            for row in flow(candidates).itertuples()
        ],
        "beyond": [
            statement(read, "explanations", row, mechanisms.get(row["mechanism"], "(not settled)"))
            for row in of_no_case(found, "explanations")
        ],
        "agreement": _agreement(found),
        "coders": of_coders(found),
    }  # fmt: skip


def _title(found: Data, table: str, field: str) -> str:
    """What a field is called; older codings are also of fields that are gone."""
    titles = {f.name: f.title for f in found.package.table(table).fields} | {RECORD: "The row as a whole"}
    return titles.get(field, field.replace("_", " ").capitalize())


def _agreement(found: Data) -> list[dict[str, str]]:
    """The rows of `reliability` as they are shown; none if the dataset has no codings."""
    if "codings" not in found.frames:
        return []
    return [
        {
            "title": "All variables" if row.variable == OVERALL else _title(found, *row.variable.split(".")),
            "variable": row.variable if pd.isna(row.pass_date) else f"{row.variable} ({row.pass_date})",
            "units": row.units,
            "agreement": "undefined" if pd.isna(row.agreement) else f"{row.agreement:.0f}",
            "alpha": "undefined" if pd.isna(row.alpha) else f"{row.alpha:.2f}",
            "note": row.note.removeprefix("undefined: "),
        }
        for row in reliability_of(found).itertuples()
    ]


# What each picture shows, and where the same is said in words.
PICTURES = {
    "timeline": ("Timeline of the crisis, requests, decisions and deployments, by case.", "The same steps are listed case by case below."),
    "asks": ("Requests by kind of help asked for, with what the CSTO and single allies answered and whether it arrived.", "The same is said of each request below."),
    "members": ("Requests by member: what each gave, or where it stood, and whether a text obliged it to give.", "The same is said of each request below."),
    "rationales": ("Counts of officials' reasons and of scholars' mechanisms, by case.", "The statements are listed case by case below."),
}  # fmt: skip


def _picture(found: Data, kind: str, chosen: list[str], rule: str, as_of: str | None) -> dict[str, str]:
    few = None if kind in ("timeline", "rationales") and len(chosen) > MOST_DRAWN else chosen
    drawn = io.BytesIO()
    save(draw(found, kind, few, rule, as_of), drawn, "svg")
    uri = "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()
    return dict(zip(("uri", "alt", "where"), (uri, *PICTURES[kind]), strict=True))


def _case(found: Data, read: Readings, file: dict[str, Any], contested: list[dict[str, Any]]) -> dict[str, Any]:
    """What the report says of one case."""

    def label(table: str, field: str, row: dict[str, Any]) -> str:
        return found.package.table(table).field(field).labels.get(row[field], "(not settled)")

    stated = [
        (row, f"{label('rationales', 'rationale', row)}, {label('rationales', 'direction', row).lower()}")
        for row in file["rationales"]
    ]
    return {
        "id": file["case"]["case_id"],
        "file": file,
        "requests": [_request(found, request) for request in file["requests"]],
        "stated": [statement(read, "rationales", row, code) for row, code in stated],
        "argued": [
            statement(read, "explanations", row, label("explanations", "mechanism", row))
            for row in file["explanations"]
        ],
        "disputes": [_dispute(found, cell) for cell in contested],
    }


def _request(found: Data, request: dict[str, Any]) -> dict[str, Any]:
    table, wide = found.package.table("requests"), found.package.table("comparison")

    def said(f: Field, row: dict[str, Any]) -> str:
        value = row[f.name]
        return "not known" if value is None else {"true": "yes", "false": "no"}.get(value, f.labels.get(value, value))

    return {
        "title": request["title"],
        "primary": request["is_primary"] == "true",
        "facts": [
            ("Asked", f"{said(table.field('addressee'), request)}, {request['date'] or 'day not known'}"),
            ("By", request["requester"] or "not known"),
            ("Asked for", "; ".join(_kind(found, "asks", ask, "status") for ask in request["asks"]) or "not known"),
            ("Against", said(table.field("threat_framing"), request)),
            ("Status", said(table.field("status"), request)),
            *conduct_in_words(found, request["request_id"]),
        ],
        "came_of": [
            (forum, said(wide.field(f"{name}_outcome_military"), came), said(wide.field(f"{name}_outcome_all"), came))
            for name, forum in (("csto", "CSTO"), ("bilateral", "One ally"))
            if (came := _came_of(found, request["request_id"], name))
        ],
        "decisions": [
            (
                d["title"],
                d["date"] or "day not known",
                [
                    _kind(found, "answers", row, "answer", "taken", "delivery")
                    + ("" if row["ask_id"] else "; not asked for")
                    for row in d["answers"]
                ],
                d["is_final"] == "true",
            )
            for d in request["decisions"]
        ],
    }


def _kind(found: Data, name: str, row: dict[str, Any], *fields: str) -> str:
    """The kind of help of an ask or an answer, and what else is known of it, by their labels."""
    table = found.package.table(name)
    return ", ".join(table.field(f).labels[row[f]] for f in ("help_kind", *fields) if row[f] and row[f] != "documented")


def _came_of(found: Data, request: str, forum: str) -> dict[str, Any]:
    """The computed outcome of a request in a forum, by column of the comparison; None where it is open."""
    made = of_request(found, request, forum)
    return {f"{forum}_{name}": None if value is UNSURE else value for name, value in made.items()}


def _dispute(found: Data, cell: dict[str, Any]) -> dict[str, Any]:
    table, field = cell["table_name"], cell["field_name"]
    labels = {} if field == RECORD else found.package.table(table).field(field).labels
    return {
        "where": f"{table} {cell['record_id']}",
        "title": _title(found, table, field),
        "published": labels.get(cell["published"], cell["published"]) or f"({str(cell['kind']).replace('_', ' ')})",
        "readings": [(labels.get(value, value), words) for value, words in cell["readings"].items()],
    }
