"""Pages a person reads: cases side by side, one case, who says so. Markdown that reads well in a terminal too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from cstocases import markup
from cstocases.analysis.queries import LEGEND, LISTS, MARKS
from cstocases.cli import text
from cstocases.errors import count
from cstocases.resolution.inclusion import flow
from cstocases.resolution.readings import CELL, RECORD
from cstocases.schema.model import Package, Table

PER_BLOCK = 3  # cases side by side in 80 columns


def _wrap(words: str, indent: str = "", first: str | None = None) -> str:
    """Words of the data, filled; no markup in them is one."""
    return text.wrap(markup.plain(words), indent=indent, first=first)


def comparison_page(frame: pd.DataFrame, markdown: bool = False) -> str:
    """The cases of `compare` as columns, its variables as rows; cells carry the mark of their status."""
    frame = frame.astype(object).where(frame.notna(), None)
    cases = list(dict.fromkeys(frame["case_id"]))
    step = len(cases) if markdown else PER_BLOCK
    blocks = [_block(frame[frame["case_id"].isin(cases[i : i + step])]) for i in range(0, len(cases), step)]
    render: Callable[[pd.DataFrame], str] = text.markdown if markdown else text.table
    pages = [render(block) for block in blocks]
    marked = frame[frame["status"].isin(list(MARKS))].sort_values("status", kind="stable")
    if len(marked):
        first = marked.iloc[0]
        pages.append(f"{LEGEND} Who says so:\n  cstocases evidence comparison {first['request_id']} {first['field']}")
    return "\n\n".join(pages)


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


def case_page(found: dict[str, Any], package: Package) -> str:
    """One case whole."""
    return "\n".join(_case_lines(found, package)).rstrip()


def _case_lines(found: dict[str, Any], package: Package) -> Iterator[str]:
    marks = {(s["table_name"], s["record_id"], s["field_name"]): MARKS.get(s["status"], "") for s in found["statuses"]}
    yield f"# {markup.plain(found['case']['title'])}\n"
    yield _wrap(found["case"]["summary"]) + "\n"
    yield f"{LEGEND}\n"
    yield from _facts(package.table("cases"), found["case"], marks, skip=("case_id", "title", "summary"))
    for request in found["requests"]:
        yield f"\n## Request: {markup.plain(request['title'])}\n"
        yield from _facts(package.table("requests"), request, marks, skip=("case_id", "title", "is_primary"))
        for decision in request["decisions"]:
            yield f"\n### Decision: {markup.plain(decision['title'])}\n"
            yield from _facts(package.table("decisions"), decision, marks, skip=("request_id", "title", "is_final"))
            for part in decision["contributions"]:
                yield from _facts(
                    package.table("contributions"), part, marks, skip=("decision_id",), head="contribution_id"
                )
    yield "\n## Law in force when the case began\n"
    for row in found["law"]:
        yield _wrap(f"{row['provision_id']}: {row['statement']}", indent="  ", first="- ")
    yield "\n## What officials said\n"
    labels = package.table("rationales").field("rationale").labels
    for row in found["rationales"]:
        mark = _mark(marks, "rationales", row["rationale_id"], "rationale", "direction", "date")
        head = f"{row['date'] or 'undated'}, {row['speaker']} ({row['direction']}; {labels[row['rationale']]}){mark}: "
        yield _wrap(head + row["statement"], indent="  ", first="- ")
    yield "\n## What scholars and analysts argue\n"
    labels = package.table("explanations").field("mechanism").labels
    for row in found["explanations"]:
        mark = _mark(marks, "explanations", row["explanation_id"], "mechanism", "explains")
        head = f"{row['author']}, {row['year'] or 'no date'} ({row['explains']}; {labels[row['mechanism']]}){mark}: "
        yield _wrap(head + row["statement"], indent="  ", first="- ")
    yield "\n## Where members stood\n"
    labels = package.table("positions").field("stance").labels
    for row in found["positions"]:
        mark = _mark(marks, "positions", row["position_id"], "stance", "date", RECORD)
        stance = labels.get(row["stance"], "stance unknown")
        yield _wrap(
            f"{row['state']}, {row['date'] or 'undated'}, {row['actor']} ({stance}){mark}: {row['statement']}",
            indent="  ",
            first="- ",
        )
    yield "\n## Timeline\n"
    for row in found["events"]:
        mark = _mark(marks, "events", row["event_id"], "date", RECORD)
        yield _wrap(f"{row['date'] or 'undated'}{mark}  {row['actor']}: {row['description']}", indent=" " * 12)
    yield "\n## Contested\n"
    for cell in found["contested"]:
        where = f"{cell['table_name']} {cell['record_id']} {cell['field_name']}"
        value = "yes" if cell["field_name"] == RECORD else cell["published"] or f"({cell['kind']})"
        yield _wrap(f"{where} = {value}", indent="  ", first="- ")
        for reading, keys in cell["readings"].items():
            yield _wrap(f"{reading}: {', '.join(keys)}", indent="      ", first="    ")
    yield f"\n## Sources ({len(found['sources'])})\n"
    for source in found["sources"]:
        who = source["author"] or source["publisher"]
        address = source["url"] or "no address"
        yield _wrap(
            f"{source['citekey']}: {who} ({source['published'] or 'no date'}). {source['title']}. {address}",
            indent="  ",
            first="- ",
        )


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
            yield _wrap(f"{title}: {'; '.join(shown)}", indent="  ", first="- ")


def _mark(marks: dict[tuple[str, str, str], str], table: str, record: str, *fields: str) -> str:
    """The mark of a row: contested if any of these cells is, else that of the first."""
    given = [marks.get((table, record, field), "") for field in fields]
    return MARKS["contested"] if MARKS["contested"] in given else given[0]


def evidence_page(frame: pd.DataFrame, markdown: bool = False) -> str:
    """Readings cell by cell: the published value, then each reading with who says so."""
    if frame.empty:
        return "no readings: this cell is not evidenced, or nothing read speaks to it"
    return "\n\n".join(_cell_lines(cell, group, markdown) for cell, group in frame.groupby(CELL, sort=False))


def _cell_lines(cell: tuple[str, ...], group: pd.DataFrame, markdown: bool) -> str:
    table, record, field = cell
    first = group.iloc[0]
    if field == RECORD:
        value = "does the row hold?"
    else:
        value = f"= {first['published']}" if pd.notna(first["published"]) else f"({first['kind']})"
    status = "" if pd.isna(first["status"]) else f"  [{str(first['status']).replace('_', ' ')}]"
    head = f"{table} {record} {field} {value}{status}"
    lines = [f"### {markup.plain(head)}" if markdown else _wrap(head, indent="    ", first=""), ""]
    order = {"supports": 0, "yes": 0, "rival": 1, "no": 1, "unclear": 2}
    ranked = group.assign(rank=group["agreement"].map(order)).sort_values(["rank", "reading", "evidence_id"])
    for row in ranked.itertuples():
        said = row.reading if field == RECORD else f"{row.agreement}: {row.reading}"
        date = "no date" if pd.isna(row.source_date) else f"{row.source_date:%Y-%m-%d}"
        relay = f", from {row.origin}" if pd.notna(row.origin) else ""
        lines.append(_wrap(f"{said}  {row.evidence_id}  {row.statement}", indent="    ", first="- "))
        lines.append(
            _wrap(
                f"{row.publisher}{relay}, {date} ({row.source_kind.replace('_', ' ')}, {row.access.replace('_', ' ')}). {row.citekey}",
                indent="    ",
            )
        )
        if pd.notna(row.url):
            lines.append(f"    {markup.plain(row.url)}")
    return "\n".join(lines)


def candidates_page(frame: pd.DataFrame, published: pd.DataFrame | None = None, markdown: bool = False) -> str:
    """The flow from occasions to cases, then each occasion with the criterion it fails; and what a rule changes."""
    render: Callable[[pd.DataFrame], str] = text.markdown if markdown else text.table
    order = frame.sort_values(["date", "candidate_id"], na_position="last")
    verdict = order["failed"].str.replace("_", " ").map(lambda name: f"no: {name}", na_action="ignore")
    verdict = verdict.mask(order["included"].astype(bool), "case").mask(
        order["founding"].astype(bool) & ~order["included"].astype(bool), verdict + " (kept as a founding case)"
    )
    shown = pd.DataFrame({"candidate": order["candidate_id"], "what": order["title"], "verdict": verdict})
    parts = [render(flow(frame)), render(shown)]
    if published is not None:
        before = published.set_index("candidate_id")["included"].astype(bool)
        now = frame.set_index("candidate_id")["included"].astype(bool)
        for word, moved in (("enter", now & ~before), ("leave", before & ~now)):
            parts.append(f"Would {word} under this rule: {', '.join(moved.index[moved]) or 'none'}")
    return "\n\n".join(parts)


def why_page(candidate: str, frame: pd.DataFrame, markdown: bool = False) -> str:
    """Each criterion for one candidate, with the readings behind it."""
    met = frame.groupby("criterion", sort=False)["met"].first()
    failed = [name for name, is_met in met.items() if not is_met]
    head = f"{candidate} meets every criterion" if not failed else f"{candidate} fails at {failed[0]}"
    parts = [f"## {head}" if markdown else f"{head}."]
    for name, group in frame.groupby("criterion", sort=False):
        read = group[group["evidence_id"].notna()]
        said = f"{name}: {group['value'].iloc[0]}"
        parts.append(evidence_page(read, markdown) if len(read) else f"{said} (no reading)")
    return "\n\n".join(parts)


def contested_page(frame: pd.DataFrame, markdown: bool = False) -> str:
    """Cells with rival readings: the published value, who says what, and what each rule makes of it."""
    if frame.empty:
        return "no contested cells"
    lines = []
    for cell in frame.itertuples():
        head = f"{cell.table_name} {cell.record_id} {cell.field_name} = {cell.published}"
        lines.append(f"### {markup.plain(head)}" if markdown else _wrap(head, indent="    ", first=""))
        lines += [_wrap(part, indent="      ", first="    ") for part in cell.readings.split("; ")]
        lines.append(
            _wrap(
                f"official: {cell.official}; plurality: {cell.plurality}; strict: {cell.strict}",
                indent="      ",
                first="    ",
            )
        )
    return "\n".join(lines)


def changes_page(frame: pd.DataFrame) -> str:
    """The changes of `changes.folded`, one a line; texts that do not fit a line stand below one another."""
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
    """In what share each case and each claim of the founding argument holds, how to read it, and which cells move it."""
    render: Callable[[pd.DataFrame], str] = text.markdown if markdown else text.table
    frame = frame.assign(shown=[f"{100 * share:.1f}%" for share in frame["share"]])
    cases, claims = frame[frame["kind"] == "case"], frame[frame["kind"] != "case"]
    wide = cases.pivot(index="subjects", columns="what", values="shown").loc[cases["subjects"].unique()]
    parts = [render(wide[list(cases["what"].unique())].rename_axis("case").reset_index())]
    if len(claims):
        told = claims.assign(published=["yes" if holds else "no" for holds in claims["published"]])
        told = told[["subjects", "what", "relation", "published", "shown"]]
        parts.append(render(told.set_axis(["cases", "set", "claim", "as published", "share"], axis=1)))
    first = frame.iloc[0]
    far = (
        ""
        if first["method"] == "exact"
        else f", so a share is off by at most {100 * frame['error'].max():.2f} points in 95 of 100 draws"
    )
    how = "all counted" if first["method"] == "exact" else "drawn at random"
    said = (
        "How to read it: each contested cell that moves a score takes its published value or a rival reading, each as often "
        f"as the others ({first['combinations']:,} combinations, {how}{far}). A share says in how many of them a case keeps its "
        "published configuration or outcome, or a claim of the founding argument holds. 100.0% means that no reading in the "
        "data moves it, not that it is true; a share is no probability."
    )
    parts.append(said if markdown else _wrap(said))
    moved: dict[str, list[str]] = {}
    for row in frame.itertuples():
        for cell in filter(None, row.moved_by.split("; ")):
            moved.setdefault(cell, []).append(f"{row.subjects}: {row.what}")
    if moved:
        lines = [_wrap(f"{cell} ({'; '.join(what)})", indent="  ", first="- ") for cell, what in moved.items()]
        parts.append("\n".join(["Cells that move something:", *(["", *lines] if markdown else lines)]))
    assumed = sorted({score for row in frame["assumed"] for score in row.split("; ") if score})
    if assumed:
        parts.append(_wrap(f"Scores that rest on no source and count as absent: {', '.join(assumed)}."))
    return "\n\n".join(parts)


def consequences_page(frame: pd.DataFrame, markdown: bool = False) -> str:
    """Contested cells one by one: what each rival reading and each rule would change."""
    if frame.empty:
        return "no contested cell feeds the comparison or the inclusion rule"
    groups = list(frame.groupby(CELL, sort=False))
    touched = {name: sum(name in set(group["touches"]) for _, group in groups) for name in ("inclusion", "qca")}
    head = (
        f"{count(len(groups), 'contested cell')}; some reading or rule moves a QCA score at {touched['qca']} of them and "
        f"a verdict of the inclusion rule at {touched['inclusion']}. A column named without values takes the value at the head of its line."
    )
    lines = [head if markdown else _wrap(head), ""]
    for (table, record, field), group in groups:
        cell = f"{table} {record} {field} = {group['published'].iloc[0]}"
        lines.append(f"### {markup.plain(cell)}\n" if markdown else _wrap(cell, indent="    ", first=""))
        for value, rows in group.groupby("value", sort=False):
            ways = ", ".join(dict.fromkeys(rows["way"]))
            effects = rows[rows["way"] == rows["way"].iloc[0]]
            said = "; ".join(_effect(row) for row in effects.itertuples())
            line = f"as published ({ways})" if value == group["published"].iloc[0] else f"{value} ({ways}): {said}"
            lines.append(_wrap(line, indent="      ", first="- " if markdown else "    "))
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
