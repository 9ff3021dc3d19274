"""What the pictures share: style, a figure with title and note, marks of outcomes, a legend, a grid of labels."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cstocases.resolution.data import Data

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Outcomes differ by shape and filling, so that they can be told apart in greyscale and by colour-blind readers.
OUTCOMES = {
    "granted": ("s", "full"), "granted_in_part": ("s", "left"), "offer_not_taken": ("D", "left"), "conditional": ("^", "none"),
    "refused": ("X", "none"), "no_decision": ("o", "none"), "not_asked": ("_", "none"), "unclear": ("P", "none"),
}  # fmt: skip
INK, GREY, PALE, BLUE, ORANGE = "#1a1a1a", "#6b6b6b", "#d9d9d9", "#0072b2", "#d55e00"
STYLE = {
    "font.family": "sans-serif", "font.size": 9, "svg.fonttype": "none", "svg.hashsalt": "cstocases", "text.parse_math": False, "pdf.fonttype": 42,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY, "axes.titlesize": 10, "axes.titlelocation": "left",
    "xtick.color": INK, "ytick.color": INK, "text.color": INK, "figure.facecolor": "white",
}  # fmt: skip
LINE = 0.27  # inches a row of text takes
HEAD: dict[str, Any] = {"x": 0.01, "ha": "left", "fontsize": 12, "fontweight": "bold"}
FOOT: dict[str, Any] = {"x": 0.01, "ha": "left", "fontsize": 7.5, "color": GREY}


def new_figure(width: float, height: float, title: str, note: str, **layout: Any) -> tuple[Figure, Any]:
    """A figure of a size in inches with title and note, and its axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Without pyplot no figure is kept open and no screen is needed.
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(textwrap.fill(title, int(width * 11)), **HEAD)
    figure.supxlabel(textwrap.fill(note, int(width * 15.5)), **FOOT)
    return figure, figure.subplots(**layout)


def sign(figure: Figure, found: Data, rule: str, as_of: str | None) -> None:
    """Add source, version and resolution rule to the note at the foot."""
    meta = found.package.metadata
    how = f", rule {rule}" + (f", sources published by {as_of}" if as_of else "")
    source = f"Source: {meta['name']} {found.package.version} ({meta['released']}), {meta['licenses'][0]['name']}{how}."
    figure.supxlabel(f"{figure.get_supxlabel()}\n{source}", **FOOT)


def mark_outcome(axes: Axes, x: Any, y: float, outcome: str, size: float = 8) -> None:
    """The mark of an outcome at a place."""
    shape, fill = OUTCOMES.get(outcome, ("1", "none"))
    axes.plot(
        [x], [y], marker=shape, color=BLUE, fillstyle=fill, markersize=size, markeredgecolor=INK, markerfacecoloralt="white",
        markeredgewidth=1.1, linestyle="none", zorder=3, clip_on=False,
    )  # fmt: skip


def outcome_entries(found: Data, shown: Iterable[Any]) -> list[tuple[str, str, str, str]]:
    """The entries of a legend for the outcomes that are shown."""
    labels, there = found.package.table("comparison").field("csto_outcome_all").labels, set(shown)
    return [(labels[code], *OUTCOMES[code], BLUE) for code in OUTCOMES if code in there]


def add_legend(figure: Figure, entries: Sequence[tuple[str, str, str, str]], columns: int) -> None:
    """A legend of marks between title and picture: label, shape, filling, colour."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [], [], marker=shape, linestyle="none", label=label, color=colour, fillstyle=fill, markeredgecolor=INK,
            markerfacecoloralt="white", markersize=7,
        )
        for label, shape, fill, colour in entries
    ]  # fmt: skip
    # An empty second line of the title keeps the room for the legend.
    title = figure.get_suptitle()
    figure.suptitle(f"{title}\n\N{NO-BREAK SPACE}", **HEAD)
    top = 1 - (0.05 + 0.19 * (title.count("\n") + 1)) / figure.get_figheight()
    figure.legend(
        handles=handles, frameon=False, fontsize=8, handletextpad=0.3, ncols=columns, loc="upper left", bbox_to_anchor=(0, top),
    )  # fmt: skip


def label_grid(axes: Axes, columns: Sequence[str], rows: Sequence[str]) -> None:
    """Columns labelled above and rows at the left, from top to bottom, without ticks and edges."""
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlim(-0.5, max(len(columns), 1) - 0.5)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)


def title_axes(axes: Axes, title: str, pad: float = 6) -> None:
    """A title above axes without axis labels."""
    # At fixed places: to find places itself matplotlib measures every tick label five times.
    axes.set_title(title, y=1, pad=pad)
    axes.xaxis.set_label_coords(0, 0)
    axes.yaxis.set_label_coords(0, 0)
