"""Pictures: each kind in each format, from the data alone, legible without colour, the same bytes twice."""

from __future__ import annotations

import copy
import itertools
import re
from datetime import date
from pathlib import Path

import helpers
import matplotlib
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import cstocases
from cstocases.dataset import data
from cstocases.derived.rows import by, records
from cstocases.errors import CstocasesError
from cstocases.pages.by_request import CONDUCT, UNANSWERED, _lanes, conduct_in_words
from cstocases.pages.drawing import BLUE, ORANGE, OUTCOMES, PALE, in_order, mark_of
from cstocases.pages.matrix import independent, readings_of
from cstocases.pages.plots import KINDS, SUFFIXES, plot, save
from cstocases.pages.timeline import _scale

matplotlib.use("agg")


EVERY = list(cstocases.load("cases")["case_id"])
FOUNDING = ["kgz-2010", "arm-2020", "kaz-2022"]


def texts(figure: Figure) -> list[str]:
    """Every text of a figure."""
    return [t.get_text() for t in figure.findobj(matplotlib.text.Text) if t.get_text().strip()]


def silence(home: Path, table: str, record: str, field: str) -> None:
    """Make a cell unknown, and take its readings away."""
    helpers.spoil(home, table, record, field, "unknown")
    header, *rows = helpers.read_rows(home, "readings")
    helpers.write_rows(home, "readings", [header, *(row for row in rows if row[:3] != [table, record, field])])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_picture_twice(tmp_path: Path, kind: str) -> None:
    """Each kind can be written in each format, with the same bytes each time; in SVG the words are words."""
    figure, again = (plot(kind, rule="plurality") for _ in range(2))
    for suffix, start in zip(SUFFIXES, (b"<?xml", b"\x89PNG", b"%PDF"), strict=True):
        save(figure, tmp_path / f"a.{suffix}")
        save(again, tmp_path / f"b.{suffix}")
        assert (tmp_path / f"a.{suffix}").read_bytes().startswith(start)
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()

    assert figure.get_suptitle().strip()
    *note, source = figure.get_supxlabel().splitlines()
    assert note
    assert f"Source: cstocases {cstocases.__version__}" in source
    assert source.endswith("rule plurality.")
    assert source in re.sub("<[^>]+>", " ", (tmp_path / "a.svg").read_text(encoding="utf-8"))


def lines_of(text: Text) -> list[tuple[str, Bbox]]:
    """Each line of a text with its box; that of the whole text is as wide as its widest line."""
    whole, lines = text.get_window_extent(), text.get_text().split("\n")
    if len(lines) == 1 or text.get_rotation():
        return [(text.get_text(), whole)]
    found, height = [], whole.height / len(lines)
    for n, line in enumerate(lines):
        alone = copy.copy(text)
        alone.set_text(line)
        x = alone.get_window_extent()
        found.append((line, Bbox([[x.x0, whole.y1 - (n + 1) * height], [x.x1, whole.y1 - n * height]])))
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cases", [FOUNDING, EVERY], ids=["founding", "all"])
def test_no_text_is_cut_off_or_covers_another(kind: str, cases: list[str]) -> None:
    """Every text lies within its picture, and no two lie on each other."""
    figure = plot(kind, cases)
    shown = [t for t in figure.findobj(matplotlib.text.Text) if t.get_text().strip() and t.get_visible()]
    boxes = [t.get_window_extent() for t in shown]
    page = figure.bbox

    assert [] == [t.get_text() for t, box in zip(shown, boxes, strict=True) if box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1]  # fmt: skip
    lines = [(n, line, box) for n, t in enumerate(shown) for line, box in lines_of(t)]
    assert [] == [
        (one, other)
        for (m, one, a), (n, other, b) in itertools.combinations(lines, 2)
        if m != n and min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 2
    ]


def test_colours_differ_in_grey_and_marks_by_shape() -> None:
    """What came of a request differs by shape, what members did by shape or filling; the few colours used differ in lightness too."""
    assert len(set(OUTCOMES.values())) == len(OUTCOMES)
    assert len({mark[:2] for mark in CONDUCT.values()}) == len(CONDUCT)
    grey = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(to_rgb, (BLUE, ORANGE, PALE)))
    assert min(b - a for a, b in itertools.pairwise(grey)) > 0.03


def test_evidence_counts_independent_sources() -> None:
    """A cell shows how many independent sources give its value, and how many another; a reprint adds none."""
    read = cstocases.evidence("requests", "kgz-2010-troops", "addressee")
    source = read["origin"].fillna(read["publisher"])
    agree, differ = (source[read["agreement"] == side].nunique() for side in ("supports", "rival"))
    assert len(read) > agree + differ
    assert f"{agree} against {differ}" in texts(plot("evidence", ["kgz-2010"]))


def test_evidence_says_what_corroborates() -> None:
    """Two sources or more for a value, and none against it, are what makes a cell corroborated."""
    cells = cstocases.compare(["kgz-2010"], fields=["instrument", "csto_date"])
    assert ["corroborated", "single_source"] == list(cells["status"])
    assert [(4, 0), (1, 0)] == [independent(readings_of(data()).get((table, record), {})[field]) for table, record, field in (("requests", "kgz-2010-troops", "instrument"), ("decisions", "kgz-2010-troops-csto", "date"))]  # fmt: skip


def test_asks_have_a_line_for_each_request() -> None:
    """Each request has its title, its day and who asked; each forum that decided is named, with a star where the outcome hangs on a conflicting reading."""
    said = [t.replace("\n", " ") for t in texts(plot("asks"))]
    assert [title for title in cstocases.load("requests")["title"] if not any(t.startswith(title) for t in said)] == []
    assert "Kyrgyzstan, 12 Jun 2010, Roza Otunbayeva → Russia" in said
    assert said.index("Appeal for troops to end the fighting in Osh") < said.index("Talks on a force to part the sides")
    bilateral = cstocases.load("decisions").query("forum == 'bilateral'")["request_id"].nunique()
    assert bilateral <= sum(t.rstrip("*") == "Russia" for t in said)
    assert "CSTO*" in said


def test_asks_show_what_was_answered_and_what_came(home: Path) -> None:
    """A mark's shape is the answer and its filling what arrived; a plus is help nobody asked for, a question mark help of which that is not known."""
    found = data()
    lanes = {row["request_id"]: dict(_lanes(found, row)) for row in records(found, "requests")}

    assert {"CSTO": [("forces_protective", mark_of("refused"), False, False), ("materiel", mark_of("granted", "partly_delivered"), True, False)]} == {k: v for k, v in lanes["kgz-2010-troops"].items() if k == "CSTO"}  # fmt: skip
    assert [("forces_protective", mark_of("granted", "delivered"), False, False)] == lanes["kaz-2022-appeal"]["CSTO"][:1]  # fmt: skip
    assert ("weapons", mark_of("granted"), True, True) in lanes["kgz-1999-silayev"]["CSTO"]
    assert {"CSTO": [("observers", UNANSWERED, False, False)]} == lanes["arm-2021-july-observers"]
    silence(home, "answers", "kaz-2022-appeal-csto-forces-protective", "delivery")
    again = dict(_lanes(data(home), by(data(home), "requests", "request_id")["kaz-2022-appeal",][0]))
    assert [("forces_protective", mark_of("granted"), False, True)] == again["CSTO"][:1]


def test_members_are_marked_by_what_they_did() -> None:
    """The picture has a mark, or a question mark, for each dyad, and `asked` for each requester; the words beside it in the report say the same."""
    dyads = cstocases.load("request_members")
    figure = plot("members")
    drawn = sum(
        len(line.get_xdata())
        for axis in figure.axes
        for line in axis.lines
        if line.get_linestyle() == "None" and line.get_markersize() < 10
    )

    assert dyads["conduct"].notna().sum() == drawn
    said = texts(figure)
    assert (dyads["conduct"].isna().sum(), dyads["request_id"].nunique()) == (said.count("?"), said.count("asked"))
    assert [("Sent forces", "Armenia, Belarus, Kyrgyzstan, Russia, Tajikistan"), ("A text obliged", "Armenia, Belarus, Kyrgyzstan, Russia, Tajikistan")] == conduct_in_words(data(), "kaz-2022-appeal")  # fmt: skip


def test_rationales_count_statements() -> None:
    """The numbers beside the marks of one case add up to its statements and explanations."""
    said, argued = (cstocases.load(n).query("case_id == 'arm-2020'") for n in ("rationales", "explanations"))
    numbers = [int(t) for t in texts(plot("rationales", ["arm-2020"])) if t.isdigit()]

    assert len(said) + len(argued) == sum(numbers)


def test_timeline_of_every_case() -> None:
    """Each case has a line for each of its requests, also where no day is known."""
    requests = cstocases.load("requests")
    labels = [t.replace("\n", " ") for t in texts(plot("timeline", EVERY))]
    assert [title for title in requests["title"] if not any(label.startswith(title) for label in labels)] == []


def test_timeline_is_as_long_as_the_crisis() -> None:
    """The axis names the days of request and decision; peacekeepers who stay for years are broken off, with their last day."""
    found = data()
    scale = _scale(found, by(found, "cases", "case_id")["arm-2020",][0], in_order(found, "arm-2020"))
    assert [date(2020, 10, 31), date(2020, 11, 10)] == scale.named
    assert scale.last < date(2020, 12, 31)
    said = texts(plot("timeline", FOUNDING))
    assert {"until 12 Jun 2024", "Crisis: 27 Sep 2020 to 10 Nov 2020", "31\nOct 2020", "10\nNov"} <= set(said)
    # The forces in Kazakhstan were there for two weeks: they are shown whole.
    assert {"5\nJan 2022", "6", "19"} <= set(said)
    assert 1 == sum(t.startswith("until") for t in said)


def test_timeline_without_the_last_day_of_a_deployment(home: Path) -> None:
    """A deployment whose last day is not known is broken off, and says so."""
    silence(home, "decisions", "kaz-2022-appeal-csto", "deployment_end")
    helpers.spoil(home, "decisions", "kaz-2022-appeal-csto", "deployment_end_precision", "unknown")
    assert "until a day not known" in texts(plot("timeline", ["kaz-2022"], home=home))


def test_an_existing_picture_is_left_alone(tmp_path: Path) -> None:
    """A file that is there is replaced only with force."""
    (tmp_path / "x.svg").write_text("mine", encoding="utf-8")
    with pytest.raises(CstocasesError, match=r"x\.svg exists; choose another name, or --force"):
        save(plot("rationales"), tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_text(encoding="utf-8") == "mine"
    save(plot("rationales"), tmp_path / "x.svg", force=True)
    assert (tmp_path / "x.svg").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("how", [{"rule": "strict"}, {"as_of": "2012-01-01"}, {"as_of": "1900-01-01"}])
def test_pictures_of_what_is_not_known(kind: str, how: dict[str, str]) -> None:
    """Where a rule or a day leaves dates and values open, each picture is still drawn, and says how."""
    assert any(how.get("as_of", "rule strict") in text for text in texts(plot(kind, **how)))


def test_command(tmp_path: Path) -> None:
    """The command writes the file and says where."""
    done = helpers.run("plot", "rationales", "-o", str(tmp_path / "r.svg"))
    assert (0, f"The picture is in {tmp_path / 'r.svg'}.\n") == (done.exit_code, done.stderr)
    assert (tmp_path / "r.svg").stat().st_size > 1000
