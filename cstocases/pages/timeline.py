"""The timeline: requests, decisions and deployments, one block of lines a case."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from cstocases.derived.outcomes import of_request
from cstocases.pages import drawing
from cstocases.pages.drawing import INK, LINE, ORANGE, PALE
from cstocases.resolution.data import Data

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STATUS_WORDS = {"contested": " (contested)", "none_documented": " (none documented)"}


def timeline(found: Data, cases: list[str]) -> Figure:
    """Requests, decisions and deployments by case."""
    requests = found.frames["requests"].assign(until=found.spans("requests", "date")[1])
    requests = requests.fillna({"date_precision": "", "status": ""})
    decisions = found.frames["decisions"].fillna({"date_precision": "", "forum": ""})
    titles = found.frames["cases"].set_index("case_id")["title"]
    counts = [max((requests["case_id"] == case).sum(), 1) for case in cases]
    height = 1.9 + sum(counts) * LINE * 1.6 + 0.6 * len(cases)
    figure, axes = drawing.new_figure(
        9.5, height, "Who asked, and what came of it",
        "Each line is one request: a triangle where it was made, then where it was settled a mark of what came of it, in the CSTO on the line and with a single "
        "ally a little below, and a bar while troops were deployed. The mark is for military help, or where none was asked for, for all that was asked. A pale band instead of a triangle: the day is not known, at most that "
        "it fell within the band. Contested and undocumented requests are named so.",
        nrows=len(cases), squeeze=False, height_ratios=[n + 1 for n in counts],
    )  # fmt: skip
    for axis, case in zip(axes[:, 0], cases, strict=True):
        mine = requests[requests["case_id"] == case].sort_values(["date", "request_id"], na_position="last")
        _case_lines(axis, mine, decisions[decisions["request_id"].isin(mine["request_id"])], found)
        drawing.title_axes(axis, titles[case])
    shown = decisions[decisions["request_id"].isin(requests.loc[requests["case_id"].isin(cases), "request_id"])]
    came_of = {main_outcome(found, row.request_id, row.forum) for row in shown[shown["is_final"]].itertuples()}
    drawing.add_legend(
        figure,
        [
            ("Request", "v", "full", INK),
            *drawing.outcome_entries(found, came_of),
            ("Troops deployed", "s", "full", ORANGE),
        ],
        8,
    )
    return figure


def main_outcome(found: Data, request: str, forum: str) -> str:
    """What came of the military help asked for in a forum, or where none was, of all that was asked; empty where that is open."""
    came = of_request(found, request, forum)
    scope = "all" if came.get("outcome_military") == "not_asked" else "military"
    return str(came.get(f"outcome_{scope}") or "")


def _case_lines(axis: Axes, requests: pd.DataFrame, decisions: pd.DataFrame, found: Data) -> None:
    from matplotlib import dates

    start, end = _span(requests, decisions, found)
    for y, request in enumerate(requests.itertuples()):
        axis.axhline(y, color=PALE, linewidth=0.8, zorder=0)
        if request.date_precision == "day":
            axis.plot([request.date], [y], "v", color=INK, markersize=7, zorder=4, clip_on=False)
        else:
            known = pd.notna(request.date)
            low, high = max(request.date, start) if known else start, min(request.until, end) if known else end
            axis.barh(y, high - low, left=low, height=0.5, color=PALE, zorder=1)
        for step in decisions[decisions["request_id"] == request.request_id].itertuples():
            below, size = (0.0, 8) if step.forum == "csto" else (0.28, 5)
            if pd.notna(step.deployment_start):
                until = step.deployment_end if pd.notna(step.deployment_end) else end
                axis.barh(y + below, until - step.deployment_start, left=step.deployment_start, height=0.18, color=ORANGE, hatch="////", edgecolor="white", zorder=2)  # fmt: skip
            if step.date_precision == "day" and step.is_final:
                drawing.mark_outcome(
                    axis, step.date, y + below, main_outcome(found, request.request_id, step.forum), size
                )
    words = [title + STATUS_WORDS.get(status, "") for title, status in zip(requests["title"], requests["status"], strict=True)]  # fmt: skip
    axis.set_yticks(range(len(words)), [textwrap.fill(line, 44) for line in words])
    axis.set_ylim(len(words) - 0.3, -0.6)
    axis.set_xlim(start, end)
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    locator = dates.AutoDateLocator(minticks=3, maxticks=7)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))


def _span(requests: pd.DataFrame, decisions: pd.DataFrame, found: Data) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first and the last day that an axis shows."""
    exact = pd.concat(
        [
            *(frame.loc[frame["date_precision"] == "day", "date"] for frame in (requests, decisions)),
            *(decisions[column].dropna() for column in ("deployment_start", "deployment_end")),
        ]
    )
    days = exact if len(exact) else requests["date"].dropna()
    if days.empty:  # as of a day before anybody reported on the case; an axis needs a span
        days = pd.Series([pd.Timestamp(found.package.metadata["released"])])
    room = max((days.max() - days.min()) * 0.06, pd.Timedelta(days=2))
    return days.min() - room, days.max() + room
