"""All pictures but the timeline: outcomes, rationales, evidence and universe."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from cstocases.analysis.queries import AT_A_GLANCE, MARKS, candidates_of, field_names, primary_rows
from cstocases.derived.comparison import comparison
from cstocases.derived.hanging import hangs
from cstocases.pages import drawing
from cstocases.pages.drawing import BLUE, GREY, INK, LINE, PALE
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import CRITERIA, flow
from cstocases.resolution.readings import CELL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LAW: dict[bool | None, str] = {True: "In force", False: "Not in force", None: "Day of the request\nnot known"}


def outcomes(found: Data, cases: list[str]) -> Figure:
    """What came of the military help each case asked for, by type of threat and law in force."""
    wide = comparison(found).frame
    columns = ["request_id", "case_id", "date", "threat_framing", "crisis_rules_in_force", "csto_outcome_military"]
    shown = wide.loc[wide["is_primary"].astype(bool) & wide["case_id"].isin(cases), columns].sort_values("date")
    shown = shown.astype(object).where(shown.notna(), None)
    labels = found.package.table("requests").field("threat_framing").labels
    codes, threats = [*labels, None], [*labels.values(), "Not known"]
    figure, axis = drawing.new_figure(
        9.5, 5.1, "Military help asked for: granted or not, by kind of threat and by the law in force",
        "One mark a case: what came in the CSTO of the military help asked for in the request the case is known for, computed from asks and answers. Across: the threat as the requester framed it. Down: "
        "whether the rules of the CSTO on crises inside a member state were in force on the day. A star: under a conflicting reading it would be another.",
    )  # fmt: skip
    cells: dict[tuple[int, int], list[Any]] = {}
    for row in shown.itertuples():
        place = list(LAW).index(row.crisis_rules_in_force), codes.index(row.threat_framing)
        cells.setdefault(place, []).append(row)
    for (i, j), rows in sorted(cells.items()):
        for k, row in enumerate(rows):
            y = i + (k - (len(rows) - 1) / 2) * 0.24
            drawing.mark_outcome(axis, j - 0.36, y, row.csto_outcome_military)
            star = "*" if hangs(found, row.request_id, "csto_outcome_military") else ""
            axis.text(j - 0.27, y, row.case_id + star, va="center", fontsize=8)
    drawing.label_grid(axis, [textwrap.fill(label, 16) for label in threats], list(LAW.values()))
    axis.set_ylabel("Crisis rules of the CSTO", color=GREY)
    axis.hlines([edge - 0.5 for edge in range(len(LAW) + 1)], *axis.get_xlim(), color=PALE, linewidth=0.8)
    axis.vlines([edge - 0.5 for edge in range(len(threats) + 1)], *axis.get_ylim(), color=PALE, linewidth=0.8)
    drawing.add_legend(figure, drawing.outcome_entries(found, shown["csto_outcome_military"]), 8)
    return figure


def rationales(found: Data, cases: list[str]) -> Figure:
    """Reasons that officials stated beside mechanisms that scholars argue, by case."""
    said, argued = found.frames["rationales"], found.frames["explanations"]
    stated = found.package.table("rationales").field("rationale").labels
    mechanisms = found.package.table("explanations").field("mechanism").labels
    said, argued = said[said["case_id"].isin(cases)], argued[argued["case_id"].isin(cases)]
    left = [code for code in stated if (said["rationale"] == code).any()]
    right = [code for code in mechanisms if (argued["mechanism"] == code).any()]
    figure, (one, two) = drawing.new_figure(
        6 + 1.5 * len(cases), 2.2 + max(len(left), len(right)) * LINE,
        "What officials said, and what scholars argue",
        "Left: statements by officials giving this reason for helping (or helping on a condition), and against it. Right: texts of scholars and analysts that argue this mechanism. "
        "The area of a mark grows with the number, which stands beside it. The two lists are different codes on purpose: no statement is in both.",
        ncols=2,
    )  # fmt: skip
    against = said["direction"] == "against"
    for x, case in enumerate(cases):
        mine = said["case_id"] == case
        _dots(one, x - 0.16, left, said.loc[mine & ~against, "rationale"], "s", "white")
        _dots(one, x + 0.2, left, said.loc[mine & against, "rationale"], "X", INK)
        _dots(two, x, right, argued.loc[argued["case_id"] == case, "mechanism"], "o", BLUE)
    for axis, codes, labels, title in ((one, left, stated, "Officials' reasons"), (two, right, mechanisms, "Scholars' mechanisms")):  # fmt: skip
        drawing.label_grid(axis, cases, [labels[code] for code in codes])
        axis.set_xlim(-0.5, len(cases) - 0.35)
        axis.set_ylim(len(codes) - 0.4, -0.6)
        drawing.title_axes(axis, title, pad=22)
        axis.hlines(range(len(codes)), *axis.get_xlim(), color=PALE, linewidth=0.6, zorder=0)
    entries = [
        ("Officials, for helping", "s", "full", "white"),
        ("Officials, against", "X", "full", INK),
        ("Scholars", "o", "full", BLUE),
    ]
    drawing.add_legend(figure, entries, 3)
    return figure


def _dots(axis: Axes, x: float, codes: Sequence[str], values: pd.Series, shape: str, colour: str) -> None:
    """A mark for each code that stands among the values, its area growing with how often, and the number beside it."""
    counts = values.value_counts()
    numbers = {y: int(counts[code]) for y, code in enumerate(codes) if code in counts}
    sizes = [16 + 9 * n for n in numbers.values()]
    axis.scatter([x] * len(numbers), list(numbers), s=sizes, marker=shape, facecolor=colour, edgecolor=INK, linewidth=0.8, zorder=3)  # fmt: skip
    for y, n in numbers.items():
        axis.text(x + 0.11, y, str(n), va="center", fontsize=7, zorder=4, in_layout=False)


def evidence(found: Data, cases: list[str]) -> Figure:
    """How many readings each cell has, contested ones marked."""
    table, wide = found.package.table("comparison"), comparison(found)
    refs = {name: table.field(name).ref for name in field_names(table, AT_A_GLANCE)}
    sources = {n: ref for n, ref in refs.items() if ref and found.package.table(ref[0]).field(ref[1]).evidenced}
    numbers = found.statuses.set_index(CELL)["n_evidence"].to_dict()
    figure, axis = drawing.new_figure(
        4.6 + 0.85 * len(cases), 2.0 + len(sources) * 0.21,
        "How well each cell is evidenced",
        "The number of readings of each cell of the request a case is known for, darker for more. A star: contested, sources give conflicting values. A ring: one publisher only. "
        "An oblique stroke: no value, and no reading.",
    )  # fmt: skip
    bars = []
    for x, row in enumerate(primary_rows(found, wide, cases).values()):
        for y, (name, (origin, field)) in enumerate(sources.items()):
            n = int(numbers.get((origin, wide.records.at[row, name], field), 0))
            shade = 1 - min(n, 12) / 12 * 0.75
            bars.append((x - 0.47, y, str(shade)))
            mark = MARKS.get(str(wide.status.at[row, name]), "")
            text = f"{n} {mark}".rstrip() if n else "/"
            axis.text(x, y + 0.03, text, ha="center", va="center", fontsize=7.5, color="white" if shade < 0.5 else INK)
    left, lines, shades = zip(*bars, strict=True)
    axis.barh(lines, 0.94, left=left, height=0.9, color=shades)
    drawing.label_grid(axis, cases, [table.field(name).title for name in sources])
    axis.tick_params(axis="y", labelsize=8)
    return figure


def universe(found: Data, cases: list[str]) -> Figure:
    """How many occasions are left after each inclusion criterion."""
    table = found.package.table("candidates")
    steps = flow(found.frames[table.name]).set_index("step")["n"]
    left = int(steps["considered"])
    rows = [("Occasions considered", left, 0)]
    for name in CRITERIA:
        out = int(steps[f"failed at {name}"])
        left -= out
        rows.append((table.field(name).title, left, out))
    figure, axis = drawing.new_figure(
        9.5, 1.9 + len(rows) * 0.5,
        "From occasions considered to cases",
        f"Each occasion since 1992 on which a member asked, or might have asked, goes through the criteria in this order and leaves at the first it does not meet. "
        f"{_kept(found)}",
    )  # fmt: skip
    for y, (_, n, out) in enumerate(rows):
        axis.barh(y, n, height=0.62, color=BLUE)
        if out:
            axis.barh(y, out, left=n, height=0.62, color="white", edgecolor=GREY, hatch="////", linewidth=0.8)
        label = f"{n}{' left' if y else ''}" + (f", {out} out" if out else "")
        axis.text(n + out + 0.5, y, label, va="center", fontsize=8.5)
    axis.set_yticks(range(len(rows)), [label for label, *_ in rows])
    axis.invert_yaxis()
    axis.set_xlim(0, rows[0][1] * 1.3)
    axis.tick_params(length=0)
    axis.set_xticks([])
    axis.spines[["left", "bottom"]].set_visible(False)
    return figure


def _kept(found: Data) -> str:
    """Which cases meet the inclusion criteria, and which founding ones do not."""
    register = candidates_of(found)
    included = register["included"].astype(bool)
    made = sorted(register.loc[included, "case_id"].dropna())
    kept = register.loc[register["founding"].astype(bool) & ~included, "case_id"]
    words = f"Cases that meet all: {', '.join(made) or 'none'}."
    return words + (f" Kept as a founding case although it does not: {', '.join(kept)}." if len(kept) else "")
