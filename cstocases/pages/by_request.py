"""The pictures with a line a request: what was asked for and what came of it, and what the members did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from cstocases.derived.duties import DUTIES
from cstocases.derived.hanging import hangs
from cstocases.derived.outcomes import GIVEN, OPEN_KIND, UNSURE, Answer, Ask, asked_and_answered, outcome
from cstocases.derived.request_members import dyads
from cstocases.derived.rows import Row, by, known, records
from cstocases.pages import drawing
from cstocases.pages.drawing import BLUE, EDGE, GREY, INK, LINE, PALE, SMALL, WIDTH, Mark, inches, mark_of, wrapped
from cstocases.resolution.data import Data

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LABEL = 3.0  # inches for the labels of rows
UNANSWERED: Mark = (".", "full", INK)
CONDUCT: dict[str, Mark] = {
    "forces": ("s", "full", BLUE), "materiel": ("D", "full", BLUE), "non_military_help": ("o", "full", BLUE), "spoke_for": ("^", "none", BLUE),
    "stood_aside": ("_", "none", BLUE), "opposed": ("X", "none", BLUE), "favoured_adversary": ("v", "full", INK),
}  # fmt: skip
# By the strongest word of the text, the frame around the mark of a member, and how that is put in words.
FRAMES: dict[str, tuple[Mark, str]] = {
    "obliges": (("s", "none", INK), "A text obliged"), "unclear": (("o", "none", INK), "A text leaves it open for")
}  # fmt: skip


# A request; its title, and when it was made, by whom and to whom, in lines of text.
Line = tuple[Row, list[str], list[str]]


def _lines(found: Data, cases: Iterable[str]) -> list[Line]:
    """The requests of these cases, within a case in the order of time."""
    states = {row["iso3c"]: row["name"] for row in records(found, "states")}
    labels = found.package.table("requests").field("addressee").labels
    lines = []
    for case in cases:
        of_case = by(found, "cases", "case_id")[case,][0]["state"]
        for row in drawing.in_order(found, case):
            made = drawing.day(date.fromisoformat(row["date"]), row["date_precision"]) if known(row["date"]) else "day not known"  # fmt: skip
            to = labels.get(row["addressee"], "not known").partition(":")[0].partition(",")[0]
            detail = f"{states.get(of_case, of_case)}, {made}, {known(row['requester']) or 'not known'} → {to}"
            lines.append((row, wrapped(drawing.titled(found, row), LABEL - EDGE), wrapped(detail, LABEL - 0.05, SMALL)))
    return lines


def _grid(
    lines: Sequence[Line], lanes: Sequence[int], heads: Sequence[str], start: float, title: str, note: str, entries: Iterable[tuple[str, Mark]]
) -> tuple[Figure, Axes, list[float], list[float]]:  # fmt: skip
    """A figure with a line for each request, its axes in inches, and where the middle of each column and the top of each line is.

    A line is as high as its label and its number of lanes need; columns begin at `start`.
    """
    step = (WIDTH - EDGE - start) / max(len(heads), 1)
    columns = [start + step * (i + 0.5) for i in range(len(heads))]
    tops = [0.0]
    for (_, name, detail), n in zip(lines, lanes, strict=True):
        tops.append(tops[-1] + 0.06 + LINE * max(len(name) + len(detail), n))
    flat = all(inches(head, 7) * 1.1 < step for head in heads)
    turned = [[head] if flat else wrapped(head, 0.9, 7) for head in heads]
    above = 0.22 if flat else max(inches(part, 7) for head in turned for part in head) + 0.12
    figure, place = drawing.new_figure(above + tops[-1], title, note, entries)
    axis = place(0, above, WIDTH, above + tops[-1])
    for x, head in zip(columns, turned, strict=True):
        axis.text(x, -0.05, "\n".join(head), rotation=0 if flat else 90, ha="center", va="bottom", fontsize=7, multialignment="left")  # fmt: skip
    axis.vlines(columns, 0, tops[-1], color=PALE, linewidth=0.4, zorder=0)
    before = ""
    for top, (row, name, detail) in zip(tops, lines, strict=False):
        same = row["case_id"] == before
        axis.plot([EDGE if same else 0, WIDTH], [top, top], color=PALE if same else GREY, linewidth=0.6, zorder=0)
        before = row["case_id"]
        axis.text(EDGE, top + 0.025, "\n".join(name), va="top", linespacing=1.15)
        below = top + 0.03 + LINE * len(name)
        axis.text(EDGE, below, "\n".join(detail), va="top", fontsize=SMALL, color=GREY)
    return figure, axis, columns, tops


def asks(found: Data, cases: list[str]) -> Figure:
    """Who asked for what, and what each got: requests by kind of help, the CSTO and single allies apart."""
    lines = _lines(found, cases)
    lanes = [list(_lanes(found, row)) for row, *_ in lines]
    labels = found.package.table("asks").field("help_kind").labels
    shown = [cell for mine in lanes for _, cells in mine for cell in cells]
    kinds = [kind for kind in labels if kind in {cell[0] for cell in shown}]
    entries = drawing.outcome_entries(found, [cell[1] for cell in shown if cell[1] != UNANSWERED])
    entries += [("No answer recorded", UNANSWERED)] * any(cell[1] == UNANSWERED for cell in shown)
    figure, axis, columns, tops = _grid(
        lines, [len(mine) for mine in lanes], [labels[kind] for kind in kinds], LABEL + 0.53, "Who asked for what, and what came of it",
        "Each line is a request. Each mark is a kind of help that was asked for, and its shape says what was answered, in the CSTO and by a single ally. It is filled as far as what was agreed arrived; empty "
        "with a question mark, that is not known. A plus: agreed though not asked for, or not by this name. A short stroke: that it was asked for is not documented. A star: under a conflicting reading something else would have come of the line.",
        entries,
    )  # fmt: skip
    marks = []
    for top, mine in zip(tops, lanes, strict=False):
        for n, (forum, cells) in enumerate(mine):
            y = top + 0.03 + LINE * (n + 0.5)
            axis.text(LABEL + 0.5, y, forum, ha="right", va="center", fontsize=SMALL)
            axis.plot([columns[0] - 0.12, WIDTH - EDGE], [y, y], color=PALE, linewidth=0.4, zorder=0)
            for kind, mark, unasked, unsure in cells:
                x = columns[kinds.index(kind)]
                marks.append((mark, x, y))
                for sign, needed, dx in (("+", unasked, -0.1), ("?", unsure, 0.09)):
                    if needed:
                        axis.text(x + dx, y, sign, ha="center", va="center", fontsize=SMALL)
    drawing.draw_marks(axis, marks, 5.5)
    return figure


Cell = tuple[str, Mark, bool, bool]  # kind of help, mark, not asked for by this name, not known whether it arrived


def _lanes(found: Data, request: Row) -> Iterable[tuple[str, list[Cell]]]:
    """For each forum that decided on a request, or was asked, its name and the kinds of help asked of it or agreed by it."""
    addressee, decided = request["addressee"], found.package.table("decisions").field("decided_by").labels
    outside = found.package.table("requests").field("addressee").labels.get(addressee, "An ally")
    to_csto = addressee not in ("russia", "third_party")
    for forum in ("csto", "bilateral"):
        both = asked_and_answered(found, request["request_id"], forum)
        who = {decided.get(row["decided_by"], "An ally") for row in by(found, "decisions", "request_id", "forum").get((request["request_id"], forum), ())}  # fmt: skip
        name = "CSTO" if forum == "csto" else " and ".join(sorted(who)) or outside
        if both:
            name += "*" * hangs(found, request["request_id"], f"{forum}_outcome_all")
            yield name, list(_cells(*both))
        elif (forum == "csto") == to_csto:
            rows = by(found, "asks", "request_id").get((request["request_id"],), ())
            yield name, [(known(ask["help_kind"]) or OPEN_KIND, UNANSWERED, False, False) for ask in rows]


def _cells(asks: Sequence[Ask], answers: Sequence[Answer]) -> Iterable[Cell]:
    def cell(ask: Ask, answers: Sequence[Answer], unasked: bool) -> Cell:
        made = outcome([ask], answers)
        unsure = made.delivery is UNSURE and made.outcome in ("granted", "granted_in_part")
        return OPEN_KIND if ask.kind is UNSURE else ask.kind, mark_of(made.outcome, made.delivery), unasked, unsure

    yield from (cell(ask, answers, False) for ask in asks)
    named = {ask.kind for ask in asks} | {UNSURE}
    other = [a for a in answers if a.kind not in named and (a.ask_id or a.kind != "consultations")]
    for kind in sorted({a.kind for a in other if a.answer in GIVEN}):
        about = [answer._replace(ask_id=kind) for answer in other if answer.kind == kind]
        yield cell(Ask(kind, kind, "documented"), about, True)


def members(found: Data, cases: list[str]) -> Figure:
    """What each member did on each request, and what the text made its duty."""
    lines = _lines(found, cases)
    of = {(row["request_id"], row["member"]): row for row in dyads(found)}
    requesters = {request: row["requester_state"] for (request, _), row in of.items()}
    mine = {row["request_id"] for row, *_ in lines}
    parties = sorted({state for request, member in of if request in mine for state in (member, requesters[request])})
    names = {row["iso3c"]: row["name"] for row in records(found, "states")}
    labels = found.package.table("request_members").field("conduct").labels
    figure, axis, columns, tops = _grid(
        lines, [2] * len(lines), [names.get(state, state) for state in parties], LABEL + 0.1, "What each member did when another asked for help",
        "Each line is a request, each column a state. The mark is the furthest that a member went: what it gave, else where it last stood in the case. A question mark: nothing is recorded, or sources differ. A square around it: by the words of "
        "a text in force it was obliged to give something that was asked for; a circle: the text leaves that open. The letter A: it was itself the adversary. Grey: no party to the Treaty on that day.",
        [(labels[code], mark) for code, mark in CONDUCT.items()],
    )  # fmt: skip
    width = columns[1] - columns[0] - 0.02 if len(columns) > 1 else 0.4
    marks, frames = list[tuple[Mark, float, float]](), list[tuple[Mark, float, float]]()
    for top, bottom, (asked, *_) in zip(tops, tops[1:], lines, strict=False):
        request, y = asked["request_id"], (top + bottom) / 2
        for x, state in zip(columns, parties, strict=True):
            row = of.get((request, state))
            if row is None:
                if state == requesters.get(request):
                    axis.text(x, y, "asked", ha="center", va="center", fontsize=SMALL)
                else:
                    axis.bar(x, bottom - top - 0.04, width, top + 0.02, color=PALE, zorder=0)
                continue
            if row["conduct"] in CONDUCT:
                marks.append((CONDUCT[row["conduct"]], x, y))
            else:
                axis.text(x, y, "?", ha="center", va="center", color=GREY)
            if row["is_adversary"] == "true":
                axis.text(x + 0.16, y, "A", ha="center", va="center", fontsize=SMALL)
            frames += [(frame, x, y) for frame, _ in _duty(row)]
    drawing.draw_marks(axis, marks, 5.5)
    drawing.draw_marks(axis, frames, 15)
    return figure


def _duty(dyad: Row) -> list[tuple[Mark, str]]:
    """The frame of the strongest word of the text on anything that was asked for; none where it says less than unclear."""
    return [FRAMES[word] for word in FRAMES if word in [dyad[name] for name in DUTIES]][:1]


def conduct_in_words(found: Data, request: str) -> list[tuple[str, str]]:
    """What the picture of members says of a request, as pairs of what is told and the members of whom it is true."""
    labels = found.package.table("request_members").field("conduct").labels
    names = {row["iso3c"]: row["name"] for row in records(found, "states")}
    did: dict[str, list[str]] = {}
    for row in dyads(found):
        if row["request_id"] == request:
            name = names.get(row["member"], row["member"])
            for told in (labels.get(row["conduct"], "Not known"), *(words for _, words in _duty(row))):
                did.setdefault(told, []).append(name)
    return [(what, ", ".join(sorted(who))) for what, who in did.items()]
