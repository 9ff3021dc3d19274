"""What the pictures share: style, a figure with title, legend and note, marks of outcomes, labels of rows and columns."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from cstocases.analysis.qca import case_years, row_names
from cstocases.derived.rows import Row, by, known
from cstocases.resolution.data import Data

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY, PALE, BLUE, ORANGE = "#1a1a1a", "#6b6b6b", "#d9d9d9", "#0072b2", "#d55e00"
Mark = tuple[str, str, str]  # shape, filling, colour
# Answers differ by shape and what arrived by filling, so that they can be told apart in grey and by colour-blind readers.
OUTCOMES = {
    "granted": "s", "granted_in_part": "P", "offer_not_taken": "D", "conditional": "^", "refused": "X", "no_decision": "o", "not_asked": "_", "unclear": "1",
}  # fmt: skip
FILLS = {"delivered": "full", "partly_delivered": "left"}
STYLE = {
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans", "Verdana"], "font.size": 7.5, "svg.fonttype": "none", "svg.hashsalt": "cstocases", "text.parse_math": False, "pdf.fonttype": 42,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY, "axes.titlesize": 8.5, "axes.titlelocation": "left",
    "xtick.color": INK, "ytick.color": INK, "text.color": INK, "figure.facecolor": "white", "hatch.linewidth": 0.8,
}  # fmt: skip
# All sizes are in inches, those of letters in points.
WIDTH = 7.2  # of a page between its margins, so that nothing is made smaller in print
EDGE, LINE = 0.08, 0.12
SMALL, HEAD, NOTE = 6.5, 11, 7
Place = Callable[[float, float, float, float], "Axes"]


def inches(text: str, size: float = 7.5) -> float:
    """About how wide a text is."""
    return len(text) * size * 0.0072


def wrapped(text: str, width: float, size: float = 7.5) -> list[str]:
    """A text in lines of at most about this width."""
    return textwrap.wrap(text, int(width / inches("x", size)))


def new_figure(
    body: float, title: str, note: str, entries: Iterable[tuple[str, Mark]] = (), width: float = WIDTH
) -> tuple[Figure, Place]:
    """A figure with title, legend and note around a body of this height, and what places axes in inches in it: left, top, right, bottom."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    # Everything has its place from the start: to let matplotlib find places takes longer than to draw.
    heading, foot = wrapped(title, width, HEAD), wrapped(note, 0.94 * width, NOTE)
    legend = _in_rows(entries, width)
    above, below = 0.12 + 0.19 * len(heading) + 0.18 * len(legend), 0.14 + 0.115 * (len(foot) + 1)
    height = above + body + below
    figure = Figure(figsize=(width, height))  # without pyplot no figure is kept open and no screen is needed
    figure.suptitle("\n".join(heading), x=EDGE / width, y=1 - EDGE / height, ha="left", va="top", fontsize=HEAD, fontweight="bold")  # fmt: skip
    _note(figure, "\n".join(foot))
    for row, found in enumerate(legend):
        y = height - 0.19 - 0.19 * len(heading) - 0.18 * row
        for x, label, mark in found:
            figure.add_artist(Line2D([x + 0.06], [y], transform=figure.dpi_scale_trans, **_look(mark)))
            figure.text(x + 0.17, y, label, transform=figure.dpi_scale_trans, va="center_baseline")

    def place(left: float, top: float, right: float, bottom: float) -> Axes:
        area = left / width, (below + body - bottom) / height, (right - left) / width, (bottom - top) / height
        axes = figure.add_axes(area, xlim=(left, right), ylim=(max(bottom - top, 1), 0))
        axes.set_axis_off()  # edges and ticks are drawn where they are wanted: texts take a third of the time that ticks take
        return axes

    return figure, place


def _note(figure: Figure, text: str) -> None:
    width, height = figure.get_size_inches()
    figure.supxlabel(text, x=EDGE / width, y=0.06 / height, ha="left", va="bottom", fontsize=NOTE, color=GREY)


def sign(figure: Figure, found: Data, rule: str, as_of: str | None) -> None:
    """Add source, version and resolution rule to the note at the foot."""
    meta = found.package.metadata
    how = f", rule {rule}" + (f", sources published by {as_of}" if as_of else "")
    source = f"Source: {meta['name']} {found.package.version} ({meta['released']}), {meta['licenses'][0]['name']}{how}."
    _note(figure, f"{figure.get_supxlabel()}\n{source}")


def _in_rows(entries: Iterable[tuple[str, Mark]], width: float) -> list[list[tuple[float, str, Mark]]]:
    """The entries of a legend in as many rows as they need, each with its distance from the left."""
    rows: list[list[tuple[float, str, Mark]]] = []
    at = width
    for label, mark in entries:
        needed = 0.32 + 1.08 * inches(label)
        if at + needed > width:
            at = EDGE
            rows.append([])
        rows[-1].append((at, label, mark))
        at += needed
    return rows


def _look(mark: Mark, size: float = 6.5) -> dict[str, Any]:
    shape, fill, colour = mark
    return {
        "marker": shape, "color": colour, "fillstyle": fill, "markersize": size, "markeredgecolor": INK, "markerfacecoloralt": "white",
        "markeredgewidth": 1, "linestyle": "none",
    }  # fmt: skip


def draw_marks(axes: Axes, marks: Iterable[tuple[Mark, float, float]], size: float = 6.5) -> None:
    """Marks at their places; those that look alike are drawn in one go, which is quicker."""
    for mark, group in itertools.groupby(sorted(marks), key=lambda found: found[0]):
        _, xs, ys = zip(*group, strict=True)
        axes.plot(xs, ys, zorder=3, clip_on=False, **_look(mark, size))


def mark_of(outcome: str, delivery: object = None) -> Mark:
    """The mark of an outcome, filled as far as what was agreed arrived."""
    return OUTCOMES.get(outcome, OUTCOMES["unclear"]), FILLS.get(str(delivery), "none"), BLUE


def outcome_entries(found: Data, marks: Iterable[Mark]) -> list[tuple[str, Mark]]:
    """The entries of a legend for the outcomes that are shown, and for what the filling of a mark says."""
    labels, there = found.package.table("comparison").field("csto_outcome_all").labels, list(marks)
    shapes = [(labels[code], mark_of(code)) for code, shape in OUTCOMES.items() if shape in {mark[0] for mark in there}]
    delivered = found.package.table("answers").field("delivery").labels
    return shapes + [(delivered[code], mark_of("granted", code)) for code, fill in FILLS.items() if fill in {mark[1] for mark in there}]  # fmt: skip


def case_names(found: Data) -> dict[str, str]:
    """By id of a case its state and year, as a reader knows it."""
    cases = found.frames["cases"].sort_values("case_id")
    return dict(zip(cases["case_id"], row_names(found, cases, case_years(found)), strict=True))


def in_order(found: Data, case: str) -> list[Row]:
    """The requests of a case in the order of time, those without a date last."""
    rows = by(found, "requests", "case_id").get((case,), [])
    return sorted(rows, key=lambda row: (known(row["date"]) is None, row["date"], row["request_id"]))


def titled(found: Data, request: Row) -> str:
    """The title of a request, and whether it is not documented."""
    status, labels = request["status"], found.package.table("requests").field("status").labels
    return request["title"] if status == "documented" else f"{request['title']} ({labels.get(status, 'not settled').lower()})"  # fmt: skip


def day(when: date, precision: str = "day") -> str:
    """A date in words as far as it is known: 12 Jun 2010, Jun 2010 or 2010."""
    return {"month": f"{when:%b %Y}", "year": f"{when:%Y}"}.get(precision, f"{when.day} {when:%b %Y}")


def label_grid(axes: Axes, columns: Sequence[str], rows: Sequence[str], size: float = 7.5) -> None:
    """Columns labelled above and rows at the left, from top to bottom, one unit apart."""
    axes.set_xlim(-0.5, max(len(columns), 1) - 0.5)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    for x, name in enumerate(columns):
        axes.text(x, -0.7, name, ha="center", va="bottom")
    for y, name in enumerate(rows):
        axes.annotate(name, (0, y), (-4, 0), axes.get_yaxis_transform(), "offset points", ha="right", va="center_baseline", fontsize=size)  # fmt: skip
