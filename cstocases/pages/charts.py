"""The pictures that count: rationales and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cstocases.analysis.queries import AT_A_GLANCE, field_names, primary_rows
from cstocases.derived.comparison import comparison
from cstocases.pages import drawing
from cstocases.pages.drawing import EDGE, INK, PALE, SMALL, WIDTH, Mark, case_names
from cstocases.pages.matrix import independent, readings_of
from cstocases.resolution.data import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# By direction of a statement of officials (of scholars: argued), its mark and how far it stands from the middle of its column.
STATED: dict[str, tuple[Mark, float]] = {
    "for": (("s", "full", "white"), -0.31), "conditional": (("D", "full", "white"), 0), "against": (("s", "full", INK), 0.31),
    "argued": (("o", "full", "white"), 0),
}  # fmt: skip


def rationales(found: Data, cases: list[str]) -> Figure:
    """Reasons that officials stated beside mechanisms that scholars argue, by case."""
    panels = [("rationales", "rationale", "Officials' reasons"), ("explanations", "mechanism", "Scholars' mechanisms")]
    frames = [found.frames[name][found.frames[name]["case_id"].isin(cases)] for name, _, _ in panels]
    labels = [found.package.table(name).field(field).labels for name, field, _ in panels]
    codes = [[code for code in labels[i] if (frames[i][field] == code).any()] for i, (_, field, _) in enumerate(panels)]
    frames[1] = frames[1].assign(direction="argued")
    words = {**found.package.table("rationales").field("direction").labels, "argued": "Scholars argue"}
    column, line, above, label = max(0.6, 1.65 / len(cases)), 0.21, 0.58, 1.76
    half = label + column * len(cases)
    figure, place = drawing.new_figure(
        above + max(1, *map(len, codes)) * line, "What officials said, and what scholars argue",
        "A number counts the statements by officials that give a reason, or the texts of scholars and analysts that argue a mechanism; where either is not settled, it is not counted. The two lists are different codes on purpose: no statement is in both.",
        [(words[code], mark) for code, (mark, _) in STATED.items()],
        max(WIDTH, 2 * half + EDGE),
    )  # fmt: skip
    names = [case_names(found)[case].replace(" ", "\n", 1) for case in cases]
    for i, (_, field, title) in enumerate(panels):
        rows = [drawing.wrapped(labels[i][code], label - 0.12, 7) for code in codes[i]]
        axis = place(i * half + label, above, (i + 1) * half, above + max(len(rows), 1) * line)
        drawing.label_grid(axis, names, ["\n".join(row) for row in rows], 7)
        axis.set_title(title, y=1, pad=26)
        axis.hlines(range(len(rows)), *axis.get_xlim(), color=PALE, linewidth=0.6, zorder=0)
        marks = []
        for (case, code, direction), n in frames[i].groupby(["case_id", field, "direction"]).size().items():
            mark, aside = STATED[direction]
            marks.append((mark, cases.index(case) + aside, codes[i].index(code)))
            axis.text(*marks[-1][1:], str(n), ha="center", va="center_baseline", fontsize=SMALL, color="white" if mark[2] == INK else INK, zorder=4)  # fmt: skip
        drawing.draw_marks(axis, marks, 9)
    return figure


def evidence(found: Data, cases: list[str]) -> Figure:
    """How many independent sources give each value, and how many another."""
    table, wide = found.package.table("comparison"), comparison(found)
    refs = {name: table.field(name).ref for name in field_names(table, AT_A_GLANCE)}
    evidenced = {n: ref for n, ref in refs.items() if ref and found.package.table(ref[0]).field(ref[1]).evidenced}
    read = readings_of(found)
    left, column, above, line = 2.6, max(0.62, 4.5 / len(cases)), 0.4, 0.19
    figure, place = drawing.new_figure(
        above + line * len(evidenced), "How many independent sources give each value",
        "Each number counts the independent sources that give the value of a cell, of the request that a case is known for: reprints of one agency's report, and all that one publisher says, count once. "
        "After “against”, the number that give another value; after “open”, those behind a cell without a value. Darker: more that give it. An oblique stroke: no source says anything.",
        width=max(WIDTH, left + column * len(cases) + EDGE),
    )  # fmt: skip
    axis = place(left, above, left + column * len(cases), above + line * len(evidenced))
    bars = []
    for x, row in enumerate(primary_rows(found, wide, cases).values()):
        for y, (name, (origin, field)) in enumerate(evidenced.items()):
            agree, differ = independent(read.get((origin, wide.records.at[row, name]), {}).get(field, []))
            shade = 1 - min(agree, 8) / 8 * 0.75
            bars.append((x - 0.48, y, str(shade)))
            text = (
                f"{agree} against {differ}" if agree and differ else f"open: {differ}" if differ else str(agree or "/")
            )
            axis.text(x, y, text, ha="center", va="center_baseline", fontsize=7, color="white" if shade < 0.5 else INK)
    lefts, lines, shades = zip(*bars, strict=True)
    axis.barh(lines, 0.96, left=lefts, height=0.9, color=shades)
    names = [case_names(found)[case].replace(" ", "\n", 1) for case in cases]
    drawing.label_grid(axis, names, [table.field(name).title for name in evidenced])
    return figure
