"""Pictures: each kind in each format, from the data alone, legible without colour, the same bytes twice."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import helpers
import matplotlib
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import cstocases
from cstocases.errors import CstocasesError
from cstocases.pages.drawing import BLUE, ORANGE, OUTCOMES, PALE
from cstocases.pages.plots import KINDS, SUFFIXES, plot, save
from cstocases.resolution.inclusion import flow

matplotlib.use("agg")


def texts(figure: Figure) -> list[str]:
    """Every text of a figure."""
    return [t.get_text() for t in figure.findobj(matplotlib.text.Text) if t.get_text().strip()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_picture_twice(tmp_path: Path, kind: str) -> None:
    """Each kind can be written in each format, with the same bytes each time; in SVG the words are words."""
    figure, again = (plot(kind, rule="plurality") for _ in range(2))
    for suffix, start in zip(SUFFIXES, (b"<?xml", b"\x89PNG", b"%PDF"), strict=True):
        save(figure, tmp_path / f"a.{suffix}")
        save(again, tmp_path / f"b.{suffix}")
        assert (tmp_path / f"a.{suffix}").read_bytes().startswith(start)
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()

    assert figure.get_layout_engine() is not None
    assert figure.get_suptitle().strip()
    *note, source = figure.get_supxlabel().splitlines()
    assert note
    assert f"Source: cstocases {cstocases.__version__}" in source
    assert source.endswith("rule plurality.")
    assert source in re.sub("<[^>]+>", " ", (tmp_path / "a.svg").read_text(encoding="utf-8"))


def test_colours_differ_in_grey_and_outcomes_by_shape() -> None:
    """Outcomes differ by shape and filling; the few colours used differ in lightness too."""
    assert len(set(OUTCOMES.values())) == len(OUTCOMES)
    grey = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(to_rgb, (BLUE, ORANGE, PALE)))
    assert min(b - a for a, b in itertools.pairwise(grey)) > 0.03


def test_universe_shows_the_flow() -> None:
    """The numbers of the picture are those of the inclusion rule."""
    steps = flow(cstocases.load("candidates")).set_index("step")["n"]
    said = texts(plot("universe"))

    assert str(steps["considered"]) in said
    assert any(t.startswith(f"{steps['included']} left") for t in said)
    assert any(f"{steps['failed at asked_csto']} out" in t for t in said)


def test_evidence_counts_readings_and_marks_contested_cells() -> None:
    """A cell shows how many readings it has, and a star where they differ."""
    read = cstocases.evidence("requests", "kgz-2010-troops", "addressee")
    assert "contested" == read["status"].iloc[0]
    assert f"{len(read)} *" in texts(plot("evidence", ["kgz-2010"]))


def test_outcomes_names_every_case_once() -> None:
    """Every case stands in one place of the grid."""
    said = [t.rstrip("*") for t in texts(plot("outcomes"))]
    assert [] == [case for case in cstocases.load("cases")["case_id"] if said.count(case) != 1]


def test_rationales_count_statements() -> None:
    """The numbers beside the marks of one case add up to its statements and explanations."""
    said, argued = (cstocases.load(n).query("case_id == 'arm-2020'") for n in ("rationales", "explanations"))
    numbers = [int(t) for t in texts(plot("rationales", ["arm-2020"])) if t.isdigit()]

    assert len(said) + len(argued) == sum(numbers)


def test_timeline_of_every_case() -> None:
    """Each case has a line for each of its requests, also where no day is known."""
    requests = cstocases.load("requests")
    labels = [t.replace("\n", " ") for t in texts(plot("timeline", list(cstocases.load("cases")["case_id"])))]
    assert [title for title in requests["title"] if not any(label.startswith(title) for label in labels)] == []


def test_an_existing_picture_is_left_alone(tmp_path: Path) -> None:
    """A file that is there is replaced only with force."""
    (tmp_path / "x.svg").write_text("mine", encoding="utf-8")
    with pytest.raises(CstocasesError, match=r"x\.svg exists; choose another name, or --force"):
        save(plot("universe"), tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_text(encoding="utf-8") == "mine"
    save(plot("universe"), tmp_path / "x.svg", force=True)
    assert (tmp_path / "x.svg").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("how", [{"rule": "strict"}, {"as_of": "2012-01-01"}, {"as_of": "1900-01-01"}])
def test_pictures_of_what_is_not_known(kind: str, how: dict[str, str]) -> None:
    """Where a rule or a day leaves dates and values open, each picture is still drawn, and says how."""
    assert any(how.get("as_of", "rule strict") in text for text in texts(plot(kind, **how)))


def test_command(tmp_path: Path) -> None:
    """The command writes the file and says where."""
    done = helpers.run("plot", "universe", "-o", str(tmp_path / "u.svg"))
    assert (0, f"The picture is in {tmp_path / 'u.svg'}.\n") == (done.exit_code, done.stderr)
    assert (tmp_path / "u.svg").stat().st_size > 1000
