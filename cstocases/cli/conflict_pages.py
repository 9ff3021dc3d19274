"""Pages on what rests on contested cells and on resolution rules: each says first how much changes, then lists what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from cstocases import markup
from cstocases.cli import text
from cstocases.cli.text import filled as wrap
from cstocases.errors import count
from cstocases.resolution.inclusion import CRITERIA, flow
from cstocases.resolution.readings import CELL
from cstocases.resolution.rules import RULES

CONFLICT = {"stated": "", "inferred": " (the conflict rests on an inference)"}
Titles = Callable[[str, str], str]  # the title of a record of a table


def candidates_page(
    frame: pd.DataFrame, codes: pd.DataFrame, published: pd.DataFrame | None, markdown: bool = False
) -> str:
    """How many occasions each criterion leaves, why none is left, then each occasion with the criterion it fails, then what a rule changes."""
    order = frame.sort_values(["date", "candidate_id"], na_position="last")
    verdict = order["failed"].str.replace("_", " ").map(lambda name: f"no: {name}", na_action="ignore")
    verdict = verdict.mask(order["included"].astype(bool), "case").mask(
        order["founding"].astype(bool) & ~order["included"].astype(bool), verdict + " (kept as a founding case)"
    )
    shown = pd.DataFrame({"candidate": order["candidate_id"], "what": order["title"], "verdict": verdict})
    tally = pd.DataFrame(
        {
            "met": frame[list(CRITERIA)].sum(),
            "not met": (~frame[list(CRITERIA)]).sum(),
            "unknown": (codes[list(CRITERIA)].notna() & (codes[list(CRITERIA)] != "not_applicable")).sum(),
        }
    )
    steps = flow(frame)
    steps = steps.join(tally.set_axis(f"failed at {name}" for name in tally.index), on="step")
    said = (
        f"n counts an occasion at the first criterion that it does not meet; met, not met and unknown count all {len(frame)}. "
        "A criterion that is in none of the three cannot apply, as where nobody asked."
    )
    parts = [text.table(steps, markdown), wrap(said)]
    if len(frame) and not frame["included"].any():
        parts.append(wrap(_why_none(tally, len(frame))))
    parts.append(text.table(shown, markdown))
    if published is not None:
        before = published.set_index("candidate_id")["included"].astype(bool)
        now = frame.set_index("candidate_id")["included"].astype(bool)
        titles = frame.set_index("candidate_id")["title"]
        for words, moved in (
            ("A case only under this rule", now & ~before),
            ("A case only as published", before & ~now),
        ):
            names = [f"{name} ({titles[name]})" for name in moved.index[moved]]
            parts.append(wrap(f"{words}: {'; '.join(names) or 'none'}", indent="  ", first=""))
    return "\n\n".join(parts)


def _why_none(tally: pd.DataFrame, size: int) -> str:
    """Which criteria no occasion meets or, if each is met by some, which is met by fewest; and of how many that is unknown."""
    nowhere = tally[tally["met"] == 0]
    if nowhere.empty:
        name = tally["met"].idxmin()
        few, unknown = tally.loc[name, ["met", "unknown"]]
        return f"No occasion meets all criteria. Met least is {name}: by {few} of {size}; it is unknown for {unknown}."
    told = "; ".join(f"{name} (unknown for {row['unknown']} of {size})" for name, row in nowhere.iterrows())
    return f"No occasion is a case, since none meets {told}."


def contested_page(frame: pd.DataFrame, cells: int, markdown: bool = False) -> str:
    """How many of the cells that have readings are contested, then each: the published value, the sources of each value, what each rule makes of it."""
    if frame.empty:
        return "no contested cells"
    stated, moves = frame["conflict"] == "stated", frame["moves_comparison"]
    counts = pd.DataFrame(
        {"contested": 1, "between stated": stated, "on an inference": ~stated, "move the comparison": moves}
    )
    counts = counts.astype(int).groupby(frame["table_name"], sort=False).sum()
    counts.loc["all"] = counts.sum()
    said = (
        f"{len(frame)} of {cells:,} cells that have readings are contested: {stated.sum()} between stated readings, {(~stated).sum()} "
        f"where the conflict rests on an inference. {moves.sum()} of them would change a cell of the comparison if they took a conflicting "
        "value; these are marked +. What would follow: cstocases suppose TABLE RECORD FIELD VALUE"
    )
    lines = [wrap(said), "", text.table(counts.rename_axis("table").reset_index(), markdown), ""]
    for cell in frame.itertuples():
        head = f"{cell.table_name} {cell.record_id} ({cell.title}) {cell.field_name} = {cell.published}{CONFLICT[cell.conflict]}"
        head = f"+ {head}" if cell.moves_comparison else head
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


def sensitivity_page(frame: pd.DataFrame, rules: pd.DataFrame, title: Titles, markdown: bool = False) -> str:
    """How much changes in some combination and under each rule, in what share of combinations each case and claim holds, how to read it, and which cells change a result."""
    frame = frame.assign(shown=[f"{100 * share:.1f}%" for share in frame["share"]])
    cases, claims = frame[frame["kind"] == "case"], frame[frame["kind"] != "case"]
    wide = cases.pivot(index="subjects", columns="what", values="shown").loc[cases["subjects"].unique()]
    whats = list(cases["what"].unique())
    turned = [int(cases.loc[cases["what"] == name, "share"].lt(1).sum()) for name in whats]
    held = ", ".join(f"{name} of {n or 'none'}" for name, n in zip(whats, turned, strict=True))
    n_claims = int(claims["share"].between(0, 1, inclusive="neither").sum())
    said = (
        f"Of {count(len(wide), 'case')} other readings change: {held}. Of {count(len(claims), 'claim')} they change {n_claims or 'none'}. "
        "What each resolution rule changes against the published values: cells of the comparison, in how many "
        "columns, outcomes among these cells, and inclusions of occasions:"
    )
    named = wide[whats].rename_axis("case").reset_index()
    named.insert(1, "what", [title("cases", case) for case in named["case"]])
    parts = [wrap(said), text.table(rules, markdown), text.table(named, markdown)]
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
        "published configuration or outcome, or a claim of the founding argument holds (Cooley 2022: the CSTO refused twice on "
        "legal grounds, then sent a force). 100.0% means that no reading in the data changes it, not that it is true; a share is no probability."
    )
    parts.append(said if markdown else wrap(said))
    moved: dict[str, list[str]] = {}
    for row in frame.itertuples():
        for cell in filter(None, row.moved_by.split("; ")):
            moved.setdefault(cell, []).append(f"{row.subjects}: {row.what}")
    if moved:
        cells = {cell: title(*cell.split(" ")[:2]) for cell in moved}
        lines = [wrap(f"{c}, {cells[c]} ({'; '.join(what)})", indent="  ", first="- ") for c, what in moved.items()]
        parts.append("\n".join(["Cells that change a result:", *(["", *lines] if markdown else lines)]))
    assumed = sorted({score for row in frame["assumed"] for score in row.split("; ") if score})
    if assumed:
        parts.append(wrap(f"Scores without a source, counted as absent: {', '.join(assumed)}."))
    return "\n\n".join(parts)


def consequences_page(frame: pd.DataFrame, title: Titles, markdown: bool = False) -> str:
    """Contested cells one by one: what each conflicting value and each resolution rule would change."""
    if frame.empty:
        return "no contested cell is used by the comparison or the inclusion criteria"
    groups = list(frame.groupby(CELL, sort=False))
    touched = {
        name: sum(name in set(group["touches"]) for _, group in groups) for name in ("comparison", "inclusion", "qca")
    }
    head = (
        f"{count(len(groups), 'contested cell')}. Another value changes the comparison for {touched['comparison']} of them, a QCA score for "
        f"{touched['qca']}, and whether an occasion is included for {touched['inclusion']}. A column named without values takes the value at the start of its line."
    )
    lines = [head if markdown else wrap(head), ""]
    for (table, record, field), group in groups:
        cell = f"{table} {record} ({title(table, record)}) {field} = {group['published'].iloc[0]}"
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
