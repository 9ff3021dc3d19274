"""The sources of cells as a page: the published value, each reading, and what people who checked it said."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pandas as pd

from cstocases import markup
from cstocases.analysis.checked import by_cell
from cstocases.analysis.queries import SAID
from cstocases.cli.text import filled as wrap
from cstocases.resolution.readings import CELL, RECORD

CHECKED = {"checked": "checked", "questioned": "questioned", "out_of_date": "check out of date"}


def evidence_page(frame: pd.DataFrame, checks: pd.DataFrame | None = None, markdown: bool = False) -> str:
    """Readings cell by cell: the published value, each reading with its source, then the checks of the cell (rows of `checks`)."""
    if frame.empty:
        return "no readings: no source speaks to the cell"
    rank = frame["agreement"].map({"supports": 0, "yes": 0, "rival": 1, "no": 1, "unclear": 2})
    cell = frame.groupby(CELL, sort=False).ngroup()
    ranked = frame.assign(cell=cell, rank=rank).sort_values(["cell", "rank", "reading", "evidence_id"])
    ranked = ranked.astype(object)
    rows = ranked.where(ranked.notna(), None).itertuples(index=False)
    made = by_cell([] if checks is None else checks.to_dict("records"))
    pages = [_cell_lines(list(group), made, markdown) for _, group in groupby(rows, key=lambda row: row.cell)]
    if (frame["check_status"] == "unchecked").all():
        pages.append(f"No person has checked {'this cell' if len(pages) == 1 else 'any of these cells'} yet.")
    return "\n\n".join(pages)


def _cell_lines(readings: list[Any], checks: dict[tuple[str, ...], list[str]], markdown: bool) -> str:
    first = readings[0]
    if first.field_name == RECORD:
        value = "(the row as a whole)"
    else:
        value = f"= {first.published}" if first.published is not None else f"({first.kind})"
    words = [first.status, CHECKED.get(first.check_status)]
    status = "; ".join(word.replace("_", " ") for word in words if word and first.status)
    status = f"  [{status}]" if status else ""
    head = f"{first.table_name} {first.record_id} {first.field_name} {value}{status}"
    lines = [f"### {markup.plain(head)}" if markdown else wrap(head, indent="    ", first=""), ""]
    for row in readings:
        said = row.reading if row.field_name == RECORD else f"{SAID.get(row.agreement, row.agreement)}: {row.reading}"
        relay = f", from {row.origin}" if row.origin else ""
        kind = f"{row.source_kind.replace('_', ' ')}, {row.access.replace('_', ' ')}"
        basis = " (inferred)" if row.basis == "inferred" else ""
        lines.append(wrap(f"{said}{basis}  {row.evidence_id}  {row.statement}", indent="    ", first="- "))
        if row.speaker:
            who = ", ".join(filter(None, (row.speaker, row.speaker_office, row.said_date or "day unknown")))
            lines.append(wrap(f"Said by {who}.", indent="    "))
        where = f", {row.locator}" if row.locator else ""
        source = f"{row.publisher}{relay}, {row.source_date or 'no date'}{where} ({kind}). {row.citekey}"
        lines.append(wrap(source, indent="    "))
        if row.url:
            lines.append(f"    {markup.plain(row.url)}")
    of_cell = checks.get((first.table_name, first.record_id, first.field_name), ())
    lines += [wrap(f"checked by {line}", indent="    ", first="- ") for line in of_cell]
    return "\n".join(lines)
