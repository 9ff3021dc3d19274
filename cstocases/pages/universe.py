"""From the occasions considered to the cases, criterion by criterion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cstocases.pages.drawing import BLUE, GREY, new_figure
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import CRITERIA, flow, include

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
    figure, axis = new_figure(
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
    register = found.frames[found.package.table("candidates").name]
    verdict = include(register)
    made = sorted(register.loc[verdict["included"].astype(bool).to_numpy(), "case_id"].dropna())
    kept = [case for case in found.frames["cases"].query("core")["case_id"] if case not in made]
    words = f"Cases that meet all: {', '.join(made) or 'none'}."
    return words + (f" Kept as a founding case although it does not: {', '.join(kept)}." if kept else "")
