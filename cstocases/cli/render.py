"""What commands print for a reader, as plain text for a terminal or as Markdown: one function a command, given its frame."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cstocases import markup
from cstocases.analysis.queries import LEGEND, LISTS, MARKS
from cstocases.cli import text
from cstocases.cli.coder_pages import differences_page as differences_page
from cstocases.cli.coder_pages import pairs_page as pairs_page
from cstocases.cli.coder_pages import reliability_page as reliability_page
from cstocases.cli.evidence_page import evidence_page as evidence_page
from cstocases.cli.text import filled as wrap
from cstocases.errors import count
from cstocases.resolution.inclusion import flow
from cstocases.resolution.readings import CELL
from cstocases.resolution.rules import RULES
from cstocases.schema.model import Field, Package

CONFLICT = {"stated": "", "inferred": " (the conflict rests on an inference)"}
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


def candidates_page(frame: pd.DataFrame, published: pd.DataFrame | None, markdown: bool = False) -> str:
    """How many occasions each criterion leaves, then each occasion with the criterion it fails, then what a rule changes."""
    order = frame.sort_values(["date", "candidate_id"], na_position="last")
    verdict = order["failed"].str.replace("_", " ").map(lambda name: f"no: {name}", na_action="ignore")
    verdict = verdict.mask(order["included"].astype(bool), "case").mask(
        order["founding"].astype(bool) & ~order["included"].astype(bool), verdict + " (kept as a founding case)"
    )
    shown = pd.DataFrame({"candidate": order["candidate_id"], "what": order["title"], "verdict": verdict})
    parts = [text.table(flow(frame), markdown), text.table(shown, markdown)]
    if published is not None:
        before = published.set_index("candidate_id")["included"].astype(bool)
        now = frame.set_index("candidate_id")["included"].astype(bool)
        for words, moved in (
            ("A case only under this rule", now & ~before),
            ("A case only as published", before & ~now),
        ):
            parts.append(f"{words}: {', '.join(moved.index[moved]) or 'none'}")
    return "\n\n".join(parts)


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


def contested_page(frame: pd.DataFrame, markdown: bool = False) -> str:
    """Cells with conflicting values: the published one, the sources of each, and the value under each resolution rule."""
    if frame.empty:
        return "no contested cells"
    lines = []
    for cell in frame.itertuples():
        head = f"{cell.table_name} {cell.record_id} {cell.field_name} = {cell.published}{CONFLICT[cell.conflict]}"
        lines.append(f"### {markup.plain(head)}" if markdown else wrap(head, indent="    ", first=""))
        lines += [wrap(part, indent="      ", first="    ") for part in cell.readings.split("; ")]
        lines.append(
            wrap(
                "; ".join(f"{rule}: {getattr(cell, rule)}" for rule in RULES if rule != "published"),
                indent="      ",
                first="    ",
            )
        )
    return "\n".join(lines)


def suppose_page(frame: pd.DataFrame, markdown: bool = False) -> str:
    """The cells that would change, one a line."""
    if frame.empty:
        return "nothing would change in the derived tables, the inclusion and the QCA scores"
    rows = zip(*(frame[name].tolist() for name in frame.columns), strict=True)
    return "\n".join(
        wrap(f"{table} {record} {field}: {old} -> {new}", indent="    ", first="- ")
        for table, record, field, old, new in rows
    )


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


def sensitivity_page(frame: pd.DataFrame, markdown: bool = False) -> str:
    """In what share of combinations each case and each claim holds, how to read it, and which cells change a result."""
    frame = frame.assign(shown=[f"{100 * share:.1f}%" for share in frame["share"]])
    cases, claims = frame[frame["kind"] == "case"], frame[frame["kind"] != "case"]
    wide = cases.pivot(index="subjects", columns="what", values="shown").loc[cases["subjects"].unique()]
    parts = [text.table(wide[list(cases["what"].unique())].rename_axis("case").reset_index(), markdown)]
    if len(claims):
        told = claims.assign(published=["yes" if holds else "no" for holds in claims["published"]])
        told = told[["subjects", "what", "relation", "published", "shown"]]
        parts.append(text.table(told.set_axis(["cases", "set", "claim", "as published", "share"], axis=1), markdown))
    first = frame.iloc[0]
    far = (
        ""
        if first["method"] == "exact"
        else f", so a share is off by at most {100 * frame['error'].max():.2f} points in 95 of 100 draws"
    )
    how = "all counted" if first["method"] == "exact" else "drawn at random"
    said = (
        "How to read it: each contested cell that changes a score takes its published value or a conflicting one, each as often "
        f"as the others ({first['combinations']:,} combinations, {how}{far}). A share says in how many of them a case keeps its "
        "published configuration or outcome, or a claim of the founding argument holds. 100.0% means that no reading in the "
        "data changes it, not that it is true; a share is no probability."
    )
    parts.append(said if markdown else wrap(said))
    moved: dict[str, list[str]] = {}
    for row in frame.itertuples():
        for cell in filter(None, row.moved_by.split("; ")):
            moved.setdefault(cell, []).append(f"{row.subjects}: {row.what}")
    if moved:
        lines = [wrap(f"{cell} ({'; '.join(what)})", indent="  ", first="- ") for cell, what in moved.items()]
        parts.append("\n".join(["Cells that change a result:", *(["", *lines] if markdown else lines)]))
    assumed = sorted({score for row in frame["assumed"] for score in row.split("; ") if score})
    if assumed:
        parts.append(wrap(f"Scores without a source, counted as absent: {', '.join(assumed)}."))
    return "\n\n".join(parts)


def consequences_page(frame: pd.DataFrame, markdown: bool = False) -> str:
    """Contested cells one by one: what each conflicting value and each resolution rule would change."""
    if frame.empty:
        return "no contested cell is used by the comparison or the inclusion criteria"
    groups = list(frame.groupby(CELL, sort=False))
    touched = {name: sum(name in set(group["touches"]) for _, group in groups) for name in ("inclusion", "qca")}
    head = (
        f"{count(len(groups), 'contested cell')}. Another value changes a QCA score for {touched['qca']} of them, and whether an occasion "
        f"is included for {touched['inclusion']}. A column named without values takes the value at the start of its line."
    )
    lines = [head if markdown else wrap(head), ""]
    for (table, record, field), group in groups:
        cell = f"{table} {record} {field} = {group['published'].iloc[0]}"
        lines.append(f"### {markup.plain(cell)}\n" if markdown else wrap(cell, indent="    ", first=""))
        for value, rows in group.groupby("value", sort=False):
            ways = ", ".join(dict.fromkeys(rows["way"]))
            effects = rows[rows["way"] == rows["way"].iloc[0]]
            said = "; ".join(_effect(row) for row in effects.itertuples())
            line = f"as published ({ways})" if value == group["published"].iloc[0] else f"{value} ({ways}): {said}"
            lines.append(wrap(line, indent="      ", first="- " if markdown else "    "))
        if markdown:
            lines.append("")
    return "\n".join(lines).rstrip()


def _effect(row: Any) -> str:
    if row.touches == "nothing":
        return "nothing changes"
    if row.touches == "comparison" and (row.old, row.new) == (row.published, row.value):
        return str(row.what)
    if row.touches == "inclusion":
        what = "included" if row.what == "included" else "first criterion failed"
        return f"{row.subject} {what}: {row.old} -> {row.new}"
    return f"{row.what} of {row.subject}: {row.old} -> {row.new}"


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
