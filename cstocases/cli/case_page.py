"""A full case record as a Markdown page that reads well in a terminal too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from cstocases import markup
from cstocases.analysis.checked import by_cell, counted, in_words
from cstocases.analysis.queries import LEGEND, LISTS, MARKS
from cstocases.cli.text import filled as wrap
from cstocases.resolution.readings import CELL, RECORD
from cstocases.schema.model import Package, Table


def case_page(found: dict[str, Any], package: Package) -> str:
    """A full case record."""
    return "\n".join(_case_lines(found, package)).rstrip()


def _case_lines(found: dict[str, Any], package: Package) -> Iterator[str]:
    marks = {(s["table_name"], s["record_id"], s["field_name"]): MARKS.get(s["status"], "") for s in found["statuses"]}
    yield f"# {markup.plain(found['case']['title'])}\n"
    yield wrap(found["case"]["summary"]) + "\n"
    yield f"{LEGEND}\n"
    yield f"{in_words(counted(pd.DataFrame(found['statuses'])))}\n"
    yield from _facts(package.table("cases"), found["case"], marks, skip=("case_id", "title", "cue", "summary"))
    yield from _request_lines(found, package, marks)
    yield "\n## Law in force when the case began\n"
    for row in found["law"]:
        yield item(f"{row['provision_id']}: {row['statement']}")
    if found["legal_views"]:
        yield "\n## What was said of the law\n"
    for row in found["legal_views"]:
        mark = _mark(marks, "legal_views", row["legal_view_id"], "view", RECORD)
        yield item(
            f"{row['speaker']} ({_labelled(package, 'legal_views', row, 'voice', 'view')}){mark}: {row['statement']}"
        )
    yield "\n## What officials said\n"
    labels = package.table("rationales").field("rationale").labels
    for row in found["rationales"]:
        mark = _mark(marks, "rationales", row["rationale_id"], "rationale", "direction", "date")
        about = row["ask_id"] or row["answer_id"] or "the case as a whole"
        head = f"{row['date'] or 'undated'}, {row['speaker']} ({row['direction']}; {labels[row['rationale']]}; on {about}){mark}: "
        yield item(head + row["statement"])
    yield "\n## What scholars and analysts argue\n"
    labels = package.table("explanations").field("mechanism").labels
    for row in found["explanations"]:
        mark = _mark(marks, "explanations", row["explanation_id"], "mechanism", "explains")
        head = f"{row['author']}, {row['year'] or 'no date'} ({row['explains']}; {labels[row['mechanism']]}){mark}: "
        yield item(head + row["statement"])
    yield "\n## Where members stood\n"
    labels = package.table("positions").field("stance").labels
    for row in found["positions"]:
        mark = _mark(marks, "positions", row["position_id"], "stance", "date", RECORD)
        stance = labels.get(row["stance"], "stance unknown")
        yield item(f"{row['state']}, {row['date'] or 'undated'}, {row['actor']} ({stance}){mark}: {row['statement']}")
    yield "\n## Timeline\n"
    for row in found["events"]:
        mark = _mark(marks, "events", row["event_id"], "date", RECORD)
        yield wrap(f"{row['date'] or 'undated'}{mark}  {row['actor']}: {row['description']}", indent=" " * 12)
    yield "\n## Contested cells\n"
    for cell in found["contested"]:
        where = f"{cell['table_name']} {cell['record_id']} {cell['field_name']}"
        value = "yes" if cell["field_name"] == RECORD else cell["published"] or f"({cell['kind']})"
        yield item(f"{where} = {value}")
        for reading, words in cell["readings"].items():
            yield wrap(f"{reading}: {'; '.join(words)}", indent="      ", first="    ")
    yield from _questioned_lines(found)
    yield f"\n## Sources ({len(found['sources'])})\n"
    for source in found["sources"]:
        who = source["author"] or source["publisher"]
        address = source["url"] or "no address"
        yield item(f"{source['citekey']}: {who} ({source['published'] or 'no date'}). {source['title']}. {address}")
        yield wrap(f"Words of {'; '.join(source['said'])}", indent="    ")


def _questioned_lines(found: dict[str, Any]) -> Iterator[str]:
    """The cells that a person questions, with what everybody who checked them said."""
    cells = {tuple(s[name] for name in CELL) for s in found["statuses"] if s["check_status"] == "questioned"}
    if cells:
        yield "\n## Questioned cells\n"
    for cell, lines in by_cell(found["checks"]).items():
        if cell in cells:
            yield item(" ".join(cell))
            yield from (wrap(line, indent="      ", first="    ") for line in lines)


def _request_lines(found: dict[str, Any], package: Package, marks: dict[tuple[str, str, str], str]) -> Iterator[str]:
    """Each request with what it asked for, each decision on it with its answers and contributions."""
    for request in found["requests"]:
        yield f"\n## Request: {markup.plain(request['title'])}\n"
        yield from _facts(package.table("requests"), request, marks, skip=("case_id", "title", "cue", "is_primary"))
        if request["asks"]:
            yield "\nAsked for:\n"
        for row in request["asks"]:
            mark = _mark(marks, "asks", row["ask_id"], RECORD, "status", "ask_form")
            yield item(f"{_labelled(package, 'asks', row, 'help_kind', 'ask_form')}{mark}: {row['statement']}")
            yield from _text_lines(row["text_tests"], package, marks)
        for decision in request["decisions"]:
            yield f"\n### Decision: {markup.plain(decision['title'])}\n"
            yield from _facts(
                package.table("decisions"), decision, marks, skip=("request_id", "title", "cue", "is_final")
            )
            if decision["answers"]:
                yield "\nAnswers:\n"
            for row in decision["answers"]:
                mark = _mark(marks, "answers", row["answer_id"], "answer", "taken", "delivery", RECORD)
                said = _labelled(package, "answers", row, "help_kind", "answer", "taken", "delivery")
                yield item(f"{said}{'' if row['ask_id'] else '; not asked for'}{mark}: {row['statement']}")
            for part in decision["contributions"]:
                yield from _facts(
                    package.table("contributions"), part, marks, skip=("decision_id",), head="contribution_id"
                )


def _text_lines(tests: list[dict[str, Any]], package: Package, marks: dict[tuple[str, str, str], str]) -> Iterator[str]:
    """What the texts in force say of an ask, those that do not cover it on one line."""
    for test in tests:
        if test["text_says"] != "does_not_cover":
            mark = _mark(marks, "text_tests", test["text_test_id"], "text_says", "trigger_facts")
            facts = package.table("text_tests").field("trigger_facts").labels.get(test["trigger_facts"], "not known")
            said = f"facts: {facts.lower()}; {_labelled(package, 'text_tests', test, 'text_says').lower()}"
            yield wrap(f"{test['provision_id']} ({said}){mark}: {test['turns_on']}", indent="    ", first="  - ")
    others = [test["provision_id"] for test in tests if test["text_says"] == "does_not_cover"]
    if others:
        yield wrap(f"not covered by {', '.join(others)}", indent="    ", first="  - ")


def _labelled(package: Package, table: str, row: dict[str, Any], *fields: str) -> str:
    """The labels of these codes of a row, those that are missing left out."""
    found = ((package.table(table).field(name), row[name]) for name in fields)
    return "; ".join(f.labels[code] for f, code in found if code)


def item(text: str) -> str:
    """An item of a list."""
    return wrap(text, indent="  ", first="- ")


def _facts(
    table: Table, row: dict[str, Any], marks: dict[tuple[str, str, str], str], skip: tuple[str, ...], head: str = ""
) -> Iterator[str]:
    """The cells of a row that say something, one a line, booleans of one kind together."""
    record = row[table.primary_key[0]]
    if head:
        yield f"\nContribution {row[head]}\n"
    lines: dict[str, list[str]] = {}
    for f in table.fields:
        value = row[f.name]
        mark = marks.get((table.name, record, f.name), "")
        contested = mark == MARKS["contested"]
        prefix = next((p for p in LISTS if f.name.startswith(p)), None)
        if f.name in skip or f.name.endswith("_precision"):
            continue
        if prefix:
            shown = lines.setdefault(LISTS[prefix], [])
            name = f.title.split(": ", 1)[-1].removeprefix("Asked ").removeprefix("by ")
            if value == "true" or contested:
                shown.append(("" if value == "true" else "not " if value == "false" else "perhaps ") + name + mark)
        elif value is not None or contested:
            label = {"true": "yes", "false": "no"}.get(value, f.labels.get(value, value)) if value else "disputed"
            lines[f.title] = [f"{label}{mark}"]
    for title, shown in lines.items():
        if shown:
            yield item(f"{title}: {'; '.join(shown)}")


def _mark(marks: dict[tuple[str, str, str], str], table: str, record: str, *fields: str) -> str:
    """The mark of a row: contested if any of these cells is, else that of the first."""
    given = [marks.get((table, record, field), "") for field in fields]
    return MARKS["contested"] if MARKS["contested"] in given else given[0]
