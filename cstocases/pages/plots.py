"""Pictures of the comparison, drawn with matplotlib; each is a figure with title, note, source and version."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pandas as pd

from cstocases.analysis.queries import AT_A_GLANCE, field_names, known_case
from cstocases.dataset import data
from cstocases.derived.comparison import comparison
from cstocases.errors import CstocasesError, UnknownNameError
from cstocases.files.atomic import file_to_write, write_file
from cstocases.resolution.data import Data
from cstocases.resolution.inclusion import CRITERIA, flow, include
from cstocases.resolution.readings import CELL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = ("svg", "png", "pdf")
# Outcomes by shape and by how full the mark is, so that they hold in greyscale and to any eye.
OUTCOMES = {
    "granted": ("s", "full"), "partly_granted": ("s", "left"), "declined": ("X", "none"), "no_decision": ("o", "none"),
}  # fmt: skip
INK, GREY, PALE, BLUE, ORANGE = "#1a1a1a", "#6b6b6b", "#d9d9d9", "#0072b2", "#d55e00"
STYLE = {
    "font.family": "sans-serif", "font.size": 9, "svg.fonttype": "none", "svg.hashsalt": "cstocases", "text.parse_math": False, "pdf.fonttype": 42,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY, "axes.titlesize": 10, "axes.titlelocation": "left",
    "xtick.color": INK, "ytick.color": INK, "text.color": INK, "figure.facecolor": "white",
}  # fmt: skip
LINE = 0.27  # inches a row of text takes


def plot(
    kind: str,
    cases: Iterable[str] | None = None,
    home: str | Path | None = None,
    *,
    rule: str = "published",
    as_of: str | None = None,
) -> Figure:
    """A picture of the comparison, as a matplotlib figure for further work.

    Kinds: timeline (requests, decisions and deployments by case), outcomes (against law in
    force and type of threat), rationales (reasons officials stated against mechanisms
    scholars argue, by case), evidence (readings by cell, contested ones marked), universe
    (from candidates to cases). Default cases are the founding three, for outcomes and
    universe all; `rule` and `as_of` as in `load`.

    Raises:
        UnknownNameError: no such kind, case or rule.
        CstocasesError: matplotlib is not installed.
        DataError: the data have problems.
    """
    if kind not in KINDS:
        raise UnknownNameError("picture", kind, KINDS)
    try:
        import matplotlib
    except ModuleNotFoundError:
        raise CstocasesError("plot needs the library matplotlib: pip install 'cstocases[plot]'") from None
    found = data(home, rule, as_of)
    table = found.frames["cases"].sort_values("start_date", na_position="first")
    every, core = list(table["case_id"]), list(table.loc[table["core"], "case_id"])
    draw, founding = KINDS[kind]
    chosen = list(dict.fromkeys(cases or (core if founding else every)))
    for case in chosen:
        known_case(found, case)
    with matplotlib.rc_context(STYLE):
        figure = draw(found, chosen)
        _sign(figure, found, rule, as_of)
    return figure


def save(figure: Figure, path: str | Path | IO[bytes], suffix: str | None = None, *, force: bool = False) -> None:
    """Write a figure as SVG (text as text), PNG or PDF by `suffix` or that of its name; the same bytes each time.

    Raises:
        CstocasesError: another suffix, or the file cannot be written, or exists without `force`.
    """
    import matplotlib

    kind = suffix or Path(str(path)).suffix.lower().removeprefix(".")
    if kind not in SUFFIXES:
        raise CstocasesError(f"{path}: a picture's name ends in .svg, .png or .pdf")
    metadata = {"svg": {"Date": None}, "png": {"Software": None}, "pdf": {"CreationDate": None}}[kind]
    drawn = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(drawn, format=kind, metadata=metadata, dpi=200)
    if isinstance(path, str | Path):
        write_file(file_to_write(path, force), drawn.getvalue(), force)
    else:
        path.write(drawn.getvalue())


def _figure(width: float, height: float, title: str, note: str, **layout: Any) -> tuple[Figure, Any]:
    """A figure of a size in inches with room for title and note, and its axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # A figure of its own, not one of pyplot's: nothing is kept open and no screen is asked for.
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    head = "\n".join(textwrap.wrap(title, int(width * 11)))
    figure.suptitle(head, x=0.01, ha="left", fontsize=12, fontweight="bold")
    figure.note = "\n".join(textwrap.wrap(note, int(width * 15.5)))
    return figure, figure.subplots(**layout)


def _sign(figure: Figure, found: Data, rule: str, as_of: str | None) -> None:
    """Note, source and version at the foot."""
    meta = found.package.metadata
    how = f", rule {rule}" + (f", sources published by {as_of}" if as_of else "")
    source = f"Source: {meta['name']} {found.package.version} ({meta['released']}), {meta['licenses'][0]['name']}{how}."
    figure.supxlabel(f"{figure.note}\n{source}", x=0.01, ha="left", fontsize=7.5, color=GREY)


def _mark(axes: Axes, x: Any, y: float, outcome: str, size: float = 8) -> None:
    shape, fill = OUTCOMES.get(outcome, ("$?$", "none"))
    # Blue is the same sight in grey: the shape and the filling carry the meaning.
    axes.plot(
        [x], [y], marker=shape, color=BLUE, fillstyle=fill, markersize=size, markeredgecolor=INK, markerfacecoloralt="white",
        markeredgewidth=1.1, linestyle="none", zorder=3, clip_on=False,
    )  # fmt: skip


def _legend(figure: Figure, entries: Sequence[tuple[str, str, str, str]], columns: int) -> None:
    """A legend of marks above the picture: label, shape, filling, colour."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [], [], marker=shape, linestyle="none", label=label, color=colour, fillstyle=fill, markeredgecolor=INK,
            markerfacecoloralt="white", markersize=7,
        )
        for label, shape, fill, colour in entries
    ]  # fmt: skip
    # Under the title, which leaves a line for it.
    title = figure.get_suptitle()
    figure.suptitle(f"{title}\n\N{NO-BREAK SPACE}", x=0.01, ha="left", fontsize=12, fontweight="bold")
    top = 1 - (0.05 + 0.19 * (title.count("\n") + 1)) / figure.get_figheight()
    figure.legend(
        handles=handles, frameon=False, fontsize=8, handletextpad=0.3, ncols=columns, loc="upper left", bbox_to_anchor=(0, top),
    )  # fmt: skip


def _outcome_entries(found: Data) -> list[tuple[str, str, str, str]]:
    labels = found.package.table("decisions").field("outcome").labels
    return [(labels[code], *OUTCOMES[code], BLUE) for code in OUTCOMES]


def _timeline(found: Data, cases: list[str]) -> Figure:
    requests, decisions = (
        found.frames[name].assign(date_precision=found.frames[name]["date_precision"].fillna(""))
        for name in ("requests", "decisions")
    )
    decisions = decisions.assign(outcome=decisions["outcome"].fillna(""))
    titles = found.frames["cases"].set_index("case_id")["title"]
    counts = [max((requests["case_id"] == case).sum(), 1) for case in cases]
    height = 1.9 + sum(counts) * LINE * 1.6 + 0.6 * len(cases)
    figure, axes = _figure(
        9.5, height, "Who asked, and what came of it",
        "Each line is one request: a triangle where it was made, then the decisions on it, the CSTO's on the line and those of single "
        "states a little below, and a bar while troops were deployed. A pale band instead of a triangle: the day is not known, at most that "
        "it fell within the band. Contested and undocumented requests are named so.",
        nrows=len(cases), squeeze=False, height_ratios=[n + 1 for n in counts],
    )  # fmt: skip
    for axis, case in zip(axes[:, 0], cases, strict=True):
        mine = requests[requests["case_id"] == case].sort_values(["date", "request_id"], na_position="last")
        _case_lines(axis, found, mine, decisions)
        axis.set_title(titles[case])
    _legend(
        figure, [("Request", "v", "full", INK), *_outcome_entries(found), ("Troops deployed", "s", "full", ORANGE)], 6
    )
    return figure


def _case_lines(axis: Axes, found: Data, requests: pd.DataFrame, decisions: pd.DataFrame) -> None:
    from matplotlib import dates

    mine = decisions[decisions["request_id"].isin(requests["request_id"])]
    exact = pd.concat(
        [
            requests.loc[requests["date_precision"] == "day", "date"],
            mine.loc[mine["date_precision"] == "day", "date"],
            mine["deployment_start"].dropna(),
            mine["deployment_end"].dropna(),
        ]
    )
    dated = requests["date"].dropna()
    if exact.empty and dated.empty:
        # Such as of a day before anybody reported on the case; the axis still needs a span.
        dated = pd.Series([pd.Timestamp(found.package.metadata["released"])])
    first, last = (exact.min(), exact.max()) if len(exact) else (dated.min(), dated.max())
    room = max((last - first) * 0.06, pd.Timedelta(days=2))
    start, end = first - room, last + room
    words = {"contested": " (contested)", "none_documented": " (none documented)"}
    labels = []
    for y, row in enumerate(requests.itertuples()):
        axis.axhline(y, color=PALE, linewidth=0.8, zorder=0)
        if row.date_precision == "day":
            axis.plot([row.date], [y], "v", color=INK, markersize=7, zorder=4, clip_on=False)
        else:
            _, until = found.spans("requests", "date")
            until = until[row.Index] if pd.notna(row.date) else end
            low, high = max(row.date, start) if pd.notna(row.date) else start, min(until, end)
            axis.barh(y, high - low, left=low, height=0.5, color=PALE, zorder=1)
        for step in mine[mine["request_id"] == row.request_id].itertuples():
            below = 0.0 if step.forum == "csto" else 0.28
            if pd.notna(step.deployment_start):
                until = step.deployment_end if pd.notna(step.deployment_end) else end
                axis.barh(y + below, until - step.deployment_start, left=step.deployment_start, height=0.18, color=ORANGE, hatch="////", edgecolor="white", zorder=2)  # fmt: skip
            if step.date_precision == "day" and step.is_final:
                _mark(axis, step.date, y + below, step.outcome, 8 if step.forum == "csto" else 5)
        labels.append("\n".join(textwrap.wrap(row.title + words.get(row.status, ""), 44)))
    axis.set_yticks(range(len(labels)), labels)
    axis.set_ylim(len(labels) - 0.3, -0.6)
    axis.set_xlim(start, end)
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    locator = dates.AutoDateLocator(minticks=3, maxticks=7)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))


def _outcomes(found: Data, cases: list[str]) -> Figure:
    wide = comparison(found).frame
    wide = wide[wide["is_primary"].astype(bool) & wide["case_id"].isin(cases)].assign(
        csto_outcome=lambda d: d["csto_outcome"].fillna(""), csto_decision_id=lambda d: d["csto_decision_id"].fillna("")
    )
    framing = found.package.table("requests").field("threat_framing")
    columns = [(c.value, c.label) for c in framing.categories] + [("", "Not known")]
    rows = [("true", "In force"), ("false", "Not in force"), ("", "Day of the request\nnot known")]
    figure, axis = _figure(
        9.5, 4.9, "Help granted or not, by kind of threat and by the law in force",
        "One mark a case: the outcome in the CSTO of the request the case is known for. Across: the threat as the requester framed it. Down: "
        "whether the rules of the CSTO on crises inside a member state were in force on the day. A star: a reading contradicts the outcome.",
    )  # fmt: skip
    contested = _contested_outcomes(found)
    for i, (law, _) in enumerate(rows):
        for j, (threat, _) in enumerate(columns):
            here = wide[
                (wide["crisis_rules_in_force"].astype("string").str.lower().fillna("") == law)
                & (wide["threat_framing"].fillna("") == threat)
            ].sort_values("date")
            for k, row in enumerate(here.itertuples()):
                y = i + (k - (len(here) - 1) / 2) * 0.24
                _mark(axis, j - 0.36, y, row.csto_outcome)
                star = "*" if row.csto_decision_id in contested else ""
                axis.text(j - 0.27, y, row.case_id + star, va="center", fontsize=8)
    axis.set_xticks(range(len(columns)), ["\n".join(textwrap.wrap(label, 16)) for _, label in columns])
    axis.set_yticks(range(len(rows)), [label for _, label in rows])
    axis.set_xlim(-0.5, len(columns) - 0.5)
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.tick_params(length=0)
    axis.xaxis.tick_top()
    axis.set_ylabel("Crisis rules of the CSTO", color=GREY)
    axis.spines[["left", "bottom"]].set_visible(False)
    for edge in range(len(rows) + 1):
        axis.axhline(edge - 0.5, color=PALE, linewidth=0.8)
    for edge in range(len(columns) + 1):
        axis.axvline(edge - 0.5, color=PALE, linewidth=0.8)
    _legend(figure, _outcome_entries(found), 4)
    return figure


def _contested_outcomes(found: Data) -> set[str]:
    status = found.statuses
    mine = status[(status["table_name"] == "decisions") & (status["field_name"] == "outcome")]
    return set(mine.loc[mine["status"] == "contested", "record_id"])


def _rationales(found: Data, cases: list[str]) -> Figure:
    said, argued = found.frames["rationales"], found.frames["explanations"]
    stated = found.package.table("rationales").field("rationale").labels
    mechanisms = found.package.table("explanations").field("mechanism").labels
    said, argued = said[said["case_id"].isin(cases)], argued[argued["case_id"].isin(cases)]
    left = [code for code in stated if (said["rationale"] == code).any()]
    right = [code for code in mechanisms if (argued["mechanism"] == code).any()]
    figure, (one, two) = _figure(
        6 + 1.2 * len(cases), 2.2 + max(len(left), len(right)) * LINE,
        "What officials said, and what scholars argue",
        "Left: statements by officials giving this reason for helping (or helping on a condition), and against it. Right: texts of scholars and analysts that argue this mechanism. "
        "The area of a mark grows with the number, which stands beside it. The two lists are different codes on purpose: no statement is in both.",
        ncols=2,
    )  # fmt: skip
    against = said["direction"] == "against"
    for column, case in enumerate(cases):
        _dots(one, column - 0.16, left, said.loc[(said["case_id"] == case) & ~against, "rationale"], "s", "white")
        _dots(one, column + 0.2, left, said.loc[(said["case_id"] == case) & against, "rationale"], "X", INK)
        _dots(two, column, right, argued.loc[argued["case_id"] == case, "mechanism"], "o", BLUE)
    for axis, codes, labels, title in ((one, left, stated, "Officials' reasons"), (two, right, mechanisms, "Scholars' mechanisms")):  # fmt: skip
        axis.set_yticks(range(len(codes)), [labels[code] for code in codes])
        axis.set_xticks(range(len(cases)), cases)
        axis.set_xlim(-0.5, len(cases) - 0.35)
        axis.set_ylim(len(codes) - 0.4, -0.6)
        axis.xaxis.tick_top()
        axis.tick_params(length=0)
        axis.spines[["left", "bottom"]].set_visible(False)
        axis.set_title(title, pad=22)
        for y in range(len(codes)):
            axis.axhline(y, color=PALE, linewidth=0.6, zorder=0)
    _legend(
        figure,
        [
            ("Officials, for helping", "s", "full", "white"),
            ("Officials, against", "X", "full", INK),
            ("Scholars", "o", "full", BLUE),
        ],
        3,
    )
    return figure


def _dots(axis: Axes, x: float, codes: list[str], values: pd.Series, shape: str, colour: str) -> None:
    counts = values.value_counts()
    for y, code in enumerate(codes):
        if n := int(counts.get(code, 0)):
            axis.scatter([x], [y], s=16 + 9 * n, marker=shape, facecolor=colour, edgecolor=INK, linewidth=0.8, zorder=3)
            axis.text(x + 0.11, y, str(n), va="center", fontsize=7, zorder=4)


def _evidence(found: Data, cases: list[str]) -> Figure:
    table = found.package.table("comparison")
    wide = comparison(found)
    names = [n for n in field_names(table, AT_A_GLANCE) if (ref := table.field(n).ref) and found.package.table(ref[0]).field(ref[1]).evidenced]  # fmt: skip
    counts = found.statuses.set_index(CELL)["n_evidence"]
    figure, axis = _figure(
        4.6 + 0.85 * len(cases), 2.0 + len(names) * 0.21,
        "How well each cell is evidenced",
        "The number of readings of each cell of the request a case is known for, darker for more. A star: contested, sources give rival values. A ring: one publisher only. "
        "An oblique stroke: no value, and no reading.",
    )  # fmt: skip
    primary = wide.frame["is_primary"].astype(bool)
    for x, case in enumerate(cases):
        row = wide.frame.index[primary & (wide.frame["case_id"] == case)][0]
        for y, name in enumerate(names):
            ref = table.field(name).ref
            assert ref is not None  # noqa: S101 - chosen so
            n = counts.get((ref[0], wide.records.at[row, name], ref[1]), 0)
            n = 0 if pd.isna(n) else int(n)
            shade = 1 - min(n, 12) / 12 * 0.75
            axis.barh(y, 0.94, left=x - 0.47, height=0.9, color=(shade, shade, shade))
            mark = {"contested": " *", "single_source": " °"}.get(str(wide.status.at[row, name]), "")
            text = f"{n}{mark}" if n else "/"
            axis.text(x, y + 0.03, text, ha="center", va="center", fontsize=7.5, color="white" if shade < 0.5 else INK)
    axis.set_yticks(range(len(names)), [table.field(name).title for name in names], fontsize=8)
    axis.set_xticks(range(len(cases)), cases)
    axis.set_xlim(-0.5, len(cases) - 0.5)
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.xaxis.tick_top()
    axis.tick_params(length=0)
    axis.spines[["left", "bottom"]].set_visible(False)
    return figure


def _universe(found: Data, cases: list[str]) -> Figure:
    register = found.frames[found.package.table("candidates").name]
    steps = flow(register).set_index("step")["n"]
    left, rows = int(steps["considered"]), []
    rows.append(("Occasions considered", left, 0))
    for name in CRITERIA:
        out = int(steps[f"failed at {name}"])
        left -= out
        rows.append((found.package.table("candidates").field(name).title, left, out))
    figure, axis = _figure(
        9.5, 1.9 + len(rows) * 0.5,
        "From occasions considered to cases",
        f"Each occasion since 1992 on which a member asked, or might have asked, goes through the criteria in this order and leaves at the first it does not meet. "
        f"{_kept(found)}",
    )  # fmt: skip
    for y, (_, n, out) in enumerate(rows):
        axis.barh(y, n, height=0.62, color=BLUE)
        if out:
            axis.barh(y, out, left=n, height=0.62, color="white", edgecolor=GREY, hatch="////", linewidth=0.8)
        axis.text(
            n + out + 0.5, y, f"{n}{' left' if y else ''}" + (f", {out} out" if out else ""), va="center", fontsize=8.5
        )
    axis.set_yticks(range(len(rows)), [label for label, *_ in rows])
    axis.invert_yaxis()
    axis.set_xlim(0, rows[0][1] * 1.3)
    axis.tick_params(length=0)
    axis.set_xticks([])
    axis.spines[["left", "bottom"]].set_visible(False)
    return figure


def _kept(found: Data) -> str:
    """Which cases the rule gives, and which founding ones it would not."""
    register = found.frames[found.package.table("candidates").name]
    verdict = include(register)
    made = sorted(register.loc[verdict["included"].astype(bool).to_numpy(), "case_id"].dropna())
    core = found.frames["cases"].query("core")["case_id"]
    kept = [case for case in core if case not in made]
    words = f"The rule gives {', '.join(made)}."
    return words + (f" Kept as founding case although it fails: {', '.join(kept)}." if kept else "")


Draw = Callable[[Data, list[str]], "Figure"]
# What draws each kind, and whether it shows the founding cases unless told otherwise.
KINDS: dict[str, tuple[Draw, bool]] = {
    "timeline": (_timeline, True),
    "outcomes": (_outcomes, False),
    "rationales": (_rationales, True),
    "evidence": (_evidence, True),
    "universe": (_universe, False),
}
