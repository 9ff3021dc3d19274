"""The timeline: the crisis, requests, decisions and deployments, one block of lines a case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from cstocases.derived.outcomes import of_request
from cstocases.derived.rows import Row, by, known
from cstocases.derived.spells import last_day
from cstocases.pages import drawing
from cstocases.pages.drawing import EDGE, GREY, INK, LINE, ORANGE, PALE, SMALL, WIDTH, Mark, inches, wrapped
from cstocases.resolution.data import Data

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT, RIGHT = 2.6, WIDTH - 2 * EDGE  # inches between which days are drawn
ABOVE, BELOW = 0.3, 0.4  # inches above the lines of a case and below them
STRIP = 0.22  # inches for the crisis
ASKED: Mark = ("v", "full", INK)


class Scale(NamedTuple):
    """The days that an axis names, and the first and the last that it shows."""

    named: Sequence[date]
    first: date
    last: date

    def at(self, day: date) -> float:
        """Where a day is, in inches from the left; one that is not shown is at the edge."""
        return LEFT + (RIGHT - LEFT) * ((min(max(day, self.first), self.last) - self.first) / (self.last - self.first))


def timeline(found: Data, cases: list[str]) -> Figure:
    """Crisis, requests, decisions and deployments by case, on the scale of the crisis."""
    rows = {case: drawing.in_order(found, case) for case in cases}
    lines = {case: [wrapped(drawing.titled(found, row), LEFT - 2 * EDGE) for row in rows[case]] for case in cases}
    of = {case: by(found, "cases", "case_id")[case,][0] for case in cases}
    above = {case: ABOVE + STRIP * bool(_crisis(row)) for case, row in of.items()}
    heights = {case: above[case] + sum(map(_height, lines[case])) + BELOW for case in cases}
    marks = [came_of(found, step) for case in cases for row in rows[case] for step in _steps(found, row) if step["is_final"] == "true"]  # fmt: skip
    figure, place = drawing.new_figure(
        sum(heights.values()), "When help was asked for, and when the answer came",
        "Each line is a request: a triangle above it on the day it was made, and on the day it was settled a mark of what came of it, in the CSTO on the line and with a single ally a little below. The mark is for military "
        "help, or where none was asked for, for all that was asked; it is filled as far as what was agreed arrived. A hatched bar: troops were deployed; with an arrow, for longer than is shown. "
        "A pale band on a line: the day is not known, at most that it fell within the band. The strip above the lines: the crisis, where both its days are known.",
        [("Request", ASKED), *drawing.outcome_entries(found, marks), ("Troops deployed", ("s", "full", ORANGE))],
    )  # fmt: skip
    axis = place(0, 0, WIDTH, sum(heights.values()))
    top = 0.0
    for case in cases:
        _draw(found, axis, of[case], rows[case], lines[case], top + above[case])
        top += heights[case]
    return figure


def _height(lines: Sequence[str]) -> float:
    return LINE * max(len(lines), 2) + 0.1


def _steps(found: Data, request: Row) -> Sequence[Row]:
    return by(found, "decisions", "request_id").get((request["request_id"],), ())


def came_of(found: Data, decision: Row) -> Mark:
    """What came, in the forum of a decision, of the military help asked for, or where none was, of all that was asked."""
    came = of_request(found, decision["request_id"], decision["forum"])
    scope = "all" if came.get("outcome_military") == "not_asked" else "military"
    return drawing.mark_of(str(came.get(f"outcome_{scope}")), came.get(f"delivery_{scope}"))


def _day(row: Row, name: str, exact: bool = True, last: bool = False) -> date | None:
    """A date of a row, if it is known (to the day, if it is to be exact); of one that is not, the first or the last day that it can mean."""
    precision = row[f"{name}_precision"]
    if known(row[name]) is None or (exact and precision != "day"):
        return None
    return date.fromisoformat(last_day(row[name], precision) if last else row[name])


def _crisis(case: Row) -> tuple[date, date] | None:
    start, end = _day(case, "start_date"), _day(case, "end_date")
    return (start, end) if start and end else None


def _draw(found: Data, axis: Axes, case: Row, requests: Sequence[Row], lines: Sequence[list[str]], top: float) -> None:
    """One case, its lines from this height on."""
    scale = _scale(found, case, requests)
    crisis = _crisis(case)
    axis.text(LEFT, top - 0.08 - STRIP * bool(crisis), case["title"], fontsize=8.5, va="bottom")
    if crisis:
        start, end = crisis
        low, high = scale.at(start), scale.at(end)
        axis.plot([low, high], [top - 0.06, top - 0.06], color=GREY, linewidth=4, solid_capstyle="butt")
        late = low > (LEFT + RIGHT) / 2
        told = f"Crisis: {drawing.day(start)} to {drawing.day(end)}"
        axis.text(high if late else low, top - 0.1, told, ha="right" if late else "left", va="bottom", fontsize=SMALL)
    marks: list[tuple[Mark, float, float]] = []
    for request, words in zip(requests, lines, strict=True):
        y, top = top + _height(words) / 2, top + _height(words)
        axis.text(LEFT - EDGE, y, "\n".join(words), ha="right", va="center")
        axis.plot([LEFT, RIGHT], [y, y], color=PALE, linewidth=0.8, zorder=0)
        if made := _day(request, "date"):
            marks.append((ASKED, scale.at(made), y - 0.09))
        else:
            low, high = (scale.at(_day(request, "date", exact=False, last=last) or edge) for last, edge in ((False, scale.first), (True, scale.last)))  # fmt: skip
            axis.barh(y, high - low, left=low, height=0.16, color=PALE, zorder=1)
        for step in _steps(found, request):
            level = y if step["forum"] == "csto" else y + 0.11
            if sent := _day(step, "deployment_start", exact=False):
                _deployed(axis, scale, step, sent, level)
            if (settled := _day(step, "date")) and step["is_final"] == "true":
                marks.append((came_of(found, step), scale.at(settled), level))
    drawing.draw_marks(axis, marks)
    axis.plot([LEFT, RIGHT], [top, top], color=GREY, linewidth=0.8)
    for x, name in _names(scale):
        axis.plot([x, x], [top, top + 0.04], color=GREY, linewidth=0.8)
        axis.text(x, top + 0.06, name, ha="center", va="top")


def _deployed(axis: Axes, scale: Scale, step: Row, sent: date, level: float) -> None:
    """The bar of a deployment, broken off where it goes on for longer than the axis."""
    until = _day(step, "deployment_end", exact=False, last=True)
    left, right = scale.at(sent), scale.at(until or scale.last)
    axis.barh(level, right - left, left=left, height=0.07, color=ORANGE, hatch="////", edgecolor="white", linewidth=0, zorder=2)  # fmt: skip
    if until is None or until > scale.last:
        drawing.draw_marks(axis, [((">", "full", ORANGE), right, level)])
        end = drawing.day(until, step["deployment_end_precision"]) if until else "a day not known"
        axis.text(right, level - 0.06, f"until {end}", ha="right", va="bottom", fontsize=SMALL)


def _scale(found: Data, case: Row, requests: Sequence[Row]) -> Scale:
    """The scale of a case: its crisis, and the days of requests, decisions and the first of deployments.

    The last day of a deployment counts only if it comes after these no later than they took, or than two weeks.
    """
    steps = [step for request in requests for step in _steps(found, request)]
    days = {_day(row, "date") for row in (*requests, *(step for step in steps if step["is_final"] == "true"))}
    days |= {_day(step, "deployment_start", exact=False) for step in steps}
    named = {day for day in days if day}
    shown = sorted(named | {day for name in ("start_date", "end_date") if (day := _day(case, name))})
    # Where no day is known: the first that a request can have been made, or any, for an axis needs a span.
    shown = shown or sorted(day for row in requests if (day := _day(row, "date", exact=False)))
    shown = shown or [date.fromisoformat(found.package.metadata["released"])]
    ends = [_day(step, "deployment_end", exact=False) for step in steps if known(step["deployment_start"])]
    kept = [day for day in ends if day and day <= shown[-1] + max(shown[-1] - shown[0], timedelta(days=14))]
    width = max(shown[-1], *kept, shown[-1]) - shown[0]
    room = max(width * 0.05, timedelta(days=1))
    later = room if len(kept) == len(ends) else max(width * 0.35, timedelta(days=3))
    return Scale(sorted({*named, *kept}), shown[0] - room, shown[0] + width + later)


def _names(scale: Scale) -> Iterator[tuple[float, str]]:
    """Places and names of days: month and year where they change, and no name that runs into the one before."""
    ends, before = [0.0, 0.0], date.min  # where the names so far end on the first line, and on the second
    for day in scale.named:
        year = f" {day.year}" if day.year != before.year else ""
        names = [str(day.day), f"{day:%b}{year}" if (day.year, day.month) != (before.year, before.month) else ""]
        x, halves = scale.at(day), [inches(name) / 2 for name in names]
        if all(x - half > end for half, end in zip(halves, ends, strict=True) if half):
            yield x, "\n".join(names).rstrip()
            ends = [x + half + 0.03 if half else end for half, end in zip(halves, ends, strict=True)]
            before = day
