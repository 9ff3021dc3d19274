"""What commands print for a reader, as plain text for a terminal or as Markdown: one function a command, given its frame."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cstocases.analysis.queries import LEGEND, LISTS, MARKS
from cstocases.cli import text
from cstocases.cli.coder_pages import differences_page as differences_page
from cstocases.cli.coder_pages import pairs_page as pairs_page
from cstocases.cli.coder_pages import reliability_page as reliability_page
from cstocases.cli.conflict_pages import candidates_page as candidates_page
from cstocases.cli.conflict_pages import consequences_page as consequences_page
from cstocases.cli.conflict_pages import contested_page as contested_page
from cstocases.cli.conflict_pages import sensitivity_page as sensitivity_page
from cstocases.cli.conflict_pages import suppose_page as suppose_page
from cstocases.cli.evidence_page import evidence_page as evidence_page
from cstocases.schema.model import Field, Package

PER_BLOCK = 3  # cases side by side in 80 columns


def comparison_page(frame: pd.DataFrame, checks: str = "", markdown: bool = False) -> str:
    """The cases of `compare` as columns, its variables as rows; cells carry the mark of their status; then who checked them."""
    frame = frame.astype(object).where(frame.notna(), None)
    cases = list(dict.fromkeys(frame["case_id"]))
    step = PER_BLOCK if not markdown else max(len(cases), 1)
    blocks = [_block(frame[frame["case_id"].isin(cases[i : i + step])]) for i in range(0, len(cases), step)]
    pages = [text.table(block, markdown) for block in blocks] or ["no cases"]
    marked = frame[frame["status"].isin(list(MARKS))].sort_values("status", kind="stable")
    if len(marked):
        first = marked.iloc[0]
        pages.append(
            f"{LEGEND}\nList the sources of a cell:\n  cstocases evidence comparison {first['request_id']} {first['field']}"
        )
    doubted = frame[frame["questioned"].astype(bool)]
    if len(doubted):
        first = doubted.iloc[0]
        named = ", ".join(f"{case} {field}" for case, field in zip(doubted["case_id"], doubted["field"], strict=True))
        where = f"cstocases evidence comparison {first['request_id']} {first['field']}"
        checks += f"\n{text.wrap(f'Questioned above, or in what it is computed from: {named}.')}\nList who says so and why:\n  {where}"
    return "\n\n".join([*pages, *filter(None, [checks])])


def _block(frame: pd.DataFrame) -> pd.DataFrame:
    rows: dict[str, dict[str, str]] = {}
    for cell in frame.itertuples():
        prefix = next((p for p in LISTS if cell.field.startswith(p)), None)
        line = rows.setdefault(LISTS[prefix] if prefix else cell.title, {})
        contested = cell.status == "contested"
        mark = MARKS.get(cell.status, "") if contested or cell.value is not None else ""
        if prefix is None:
            line[cell.case_id] = _shown(cell) + mark
        else:
            said = line.setdefault(cell.case_id, "")
            name = cell.title.split(": ", 1)[-1]
            if cell.value == "true":
                line[cell.case_id] = f"{said}; {name}{mark}" if said else f"{name}{mark}"
            elif contested:
                word = f"not {name}" if cell.value == "false" else f"{name} ({cell.kind})"
                line[cell.case_id] = f"{said}; {word}{mark}" if said else f"{word}{mark}"
    for prefix, title in LISTS.items():
        group = frame[frame["field"].str.startswith(prefix)]
        for case, cells_of in group.groupby("case_id"):
            if not rows[title][case] and cells_of["value"].isna().all():
                rows[title][case] = f"({str(cells_of['kind'].iloc[0]).replace('_', ' ')})"
    cases = list(dict.fromkeys(frame["case_id"]))
    lines = [[title, *(line.get(case) or "-" for case in cases)] for title, line in rows.items()]
    return pd.DataFrame(lines, columns=["", *cases])


def _shown(cell: Any) -> str:
    if cell.value is None:
        return f"({str(cell.kind).replace('_', ' ')})"
    return str({"true": "yes", "false": "no"}.get(cell.value, cell.label))


def why_page(frame: pd.DataFrame, candidate: str, markdown: bool = False) -> str:
    """Each criterion for one candidate, with the readings behind it."""
    met = frame.groupby("criterion", sort=False)["met"].first()
    failed = [name for name, is_met in met.items() if not is_met]
    head = f"{candidate} meets every criterion" if not failed else f"{candidate} fails at {failed[0]}"
    parts = [f"## {head}" if markdown else f"{head}."]
    for name, group in frame.groupby("criterion", sort=False):
        read = group[group["evidence_id"].notna()]
        said = f"{name}: {group['value'].iloc[0]}"
        parts.append(evidence_page(read, None, markdown) if len(read) else f"{said} (no reading)")
    return "\n\n".join(parts)


def changes_page(frame: pd.DataFrame, markdown: bool = False) -> str:
    """The changes of `diff.folded`, one a line; texts that do not fit a line stand below one another."""
    return "\n".join(_change(row) for row in frame.astype(object).where(frame.notna(), None).itertuples())


def _change(row: Any) -> str:
    name = " ".join(_visible(part) for part in (row.table_name, row.record_id, row.field_name) if part is not None)
    read = " [readings changed]" if row.readings_changed else ""
    if row.change != "changed":
        what = "" if row.record_id else "column " if row.field_name else "table "
        return f"{name}: {what}{row.change}{read}"
    if row.record_id is None:
        return f"{name}: columns in another order"
    old, new = (_visible(value) for value in (row.old, row.new))
    line = f"{name}: {old} -> {new}{read}"
    if len(line) <= text.WIDTH or " " not in old + new:  # codes and dates are compared at a glance, sentences are not
        return line
    return "\n".join(
        [f"{name}:{read}", *(text.wrap(value, indent="    ", first=f"  {m} ") for m, value in (("-", old), ("+", new)))]
    )


def _visible(value: str) -> str:
    """A text as it is, an empty one in words, and one with what a terminal would swallow in quotes."""
    if not value:
        return "(empty)"
    return value if value.isprintable() and value == " ".join(value.split()) else repr(value)


def tables_page(frame: pd.DataFrame, markdown: bool = False) -> str:
    """The tables with their sizes and, for a terminal, what a row is."""
    if markdown:
        return text.table(frame, markdown)
    row = frame["description"].str.split(". ", regex=False).str[0].str.rstrip(".")
    return text.table(frame[["table", "rows", "columns"]].assign(**{"": row}))


def description_page(frame: pd.DataFrame, package: Package, name: str, markdown: bool = False) -> str:
    """What a table or a field means: for a terminal with its definition and how a missing cell is written."""
    if markdown:
        return text.table(frame, markdown)
    table_name, _, field_name = name.partition(".")
    table = package.table(table_name)
    field = table.field(field_name) if field_name else None
    columns = ["field", "type"] if field else ["field", "type", "title"]
    what = field or table
    parts = [f"{name}: {what.title}. {what.description}", *([_missing_codes(package, field)] if field else [])]
    shown = frame if field and field.categories else frame[columns]
    return "\n\n".join([*map(text.wrap, parts), text.table(shown)])


def _missing_codes(package: Package, field: Field) -> str:
    evidenced = "Every value has a reading. " if field.evidenced else ""
    if field.required:
        return f"{evidenced}Never missing."
    codes = "; ".join(f"{token or '(empty)'}: {label}" for token, label in package.missing.items())
    return f"{evidenced}A missing cell says why: {codes}."
