"""The R package: what is in it without R, and what R makes of it: its own check, help pages, worked example, citation."""

from __future__ import annotations

import html
import os
import re
import struct
import subprocess
import tarfile
from pathlib import Path

import helpers
import pyarrow as pa
import pytest
from helpers import program, rscript
from readback import DATASET, r_library

import cstocases
from cstocases.errors import ExportError
from cstocases.formats.r_data import INTEGER, REAL, column
from cstocases.schema.model import Field

ROOT = Path(__file__).parents[2]
FILES = {"DESCRIPTION", "LICENSE", "NAMESPACE", "NEWS.md", "R/missing_code.R", "R/sysdata.rda", "inst/CITATION"}
VIGNETTE = {"build/vignette.rds", "inst/doc/comparing.R", "inst/doc/comparing.html", "vignettes/comparing.html"}
PAGES = {"cstocases-package", "missing_code", *DATASET.all_tables}
# R's check asks these of servers; a machine without a network cannot answer.
OFFLINE = {"_R_CHECK_CRAN_INCOMING_": "false", "_R_CHECK_SYSTEM_CLOCK_": "false"}


def unpacked(export: Path) -> dict[str, bytes]:
    """The files of the package in an export."""
    (archive,) = export.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        return {m.name.partition("/")[2]: f.read() for m in tar.getmembers() if (f := tar.extractfile(m))}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the package of the shipped data."""
    return unpacked(cstocases.export(tmp_path_factory.mktemp("r") / "x", ["r"]))


def run_r(code: str, library: Path) -> str:
    """What R prints."""
    done = subprocess.run(
        [rscript(), "-e", code], env={**os.environ, "R_LIBS": str(library)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_holds_data_and_a_page_for_each_table(files: dict[str, bytes]) -> None:
    """A data file and a help page for each table, two more pages, the vignette, and what makes it a package; nothing else."""
    data = {f"data/{name}.rda" for name in DATASET.all_tables}

    assert FILES | VIGNETTE | data | {f"man/{name}.Rd" for name in PAGES} == set(files)
    assert f"Version: {cstocases.__version__}\n".encode() in files["DESCRIPTION"]


@pytest.mark.parametrize("name", DATASET.all_tables)
def test_a_page_explains_every_column_and_code(files: dict[str, bytes], name: str) -> None:
    """Each column has its title, each code its label, and every brace that opens is closed."""
    page, table = files[f"man/{name}.Rd"].decode(), DATASET.table(name)

    assert [f.name for f in table.fields] == re.findall(r"^\\item\{\\code\{(\w+)\}\}", page, re.MULTILINE)
    assert [] == [f.name for f in table.fields if f.title.replace("%", r"\%") not in page]
    assert [] == [c for f in table.fields for c in f.categories if rf"\item \code{{{c.value}}}, {c.label}" not in page]
    bare = re.sub(r"\\.", "", page)
    assert bare.count("{") == bare.count("}")


def test_news_is_what_the_changelog_says_of_the_data(files: dict[str, bytes]) -> None:
    """NEWS.md has the versions of the changelog without what changed in the Python package."""
    news, changelog = files["NEWS.md"].decode(), (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", changelog, re.MULTILINE)
    lines = [
        line
        for part in re.findall(r"^### Data\n(.*?)^###? ", changelog, re.MULTILINE | re.DOTALL)
        for line in part.splitlines()
    ]

    heads = ["cstocases (development version)" if v == "Unreleased" else f"cstocases {v}" for v in versions]
    assert heads == re.findall(r"^# (.+)$", news, re.MULTILINE)
    assert [line for line in lines if line] == [line for line in news.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize(
    ("email", "maintainer"), [("a@example.org", "A. Person <a@example.org>"), ("by post", "ORPHANED")]
)
def test_data_of_others(small: Path, email: str, maintainer: str) -> None:
    """R wants an address to write to, and gets its own word for nobody where there is none; our news are not those of other data."""
    person = {"title": "A. Person", "email": email}
    helpers.change_schema(small, "dataset", lambda value: value.update(contributors=[person]))
    files = unpacked(cstocases.export(small / "out", ["r"], home=small))

    assert f"\nAuthor: A. Person\nMaintainer: {maintainer}\n" in files["DESCRIPTION"].decode()
    assert "NEWS.md" not in files


@pytest.mark.parametrize(("what", "text"), [("version", "1.0-beta"), ("name", "x_")])
def test_what_r_cannot_name_is_refused(small: Path, what: str, text: str) -> None:
    """A version or a name that R does not take stops the export before anything is written."""
    helpers.change_schema(small, "dataset", lambda value: value.update({what: text}))
    with pytest.raises(ExportError) as error:
        cstocases.export(small / "out", ["r"], home=small)

    assert f"an R package cannot have the {what} {text.replace('_', '.')!r}; leave r out" == str(error.value)
    assert not (small / "out").exists()


@pytest.mark.parametrize(("value", "kind"), [(2**31 - 1, INTEGER), (2**31, REAL), (-(2**31), REAL)])
def test_whole_numbers_that_r_cannot_hold_are_reals(value: int, kind: int) -> None:
    """R's integers end at 2147483647, and -2147483648 is its NA."""
    written = column(Field("x", "integer", "X", ""), pa.chunked_array([[None, value]]))

    assert kind == struct.unpack(">i", written[:4])[0] & 0xFF


@pytest.mark.slow
def test_r_finds_nothing_to_complain_of(export_all: Path, tmp_path: Path) -> None:
    """R builds the package anew and finds no error or warning in it; its one note is that it could not build the vignette itself."""
    rscript()
    program("qpdf")  # without it R warns of any package that has documents
    (archive,) = export_all.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "source", filter="data")
    env = {**os.environ, **OFFLINE}
    for words in (["build", "source/cstocases"], ["check", "--as-cran", "--no-manual", archive.name]):
        done = subprocess.run(
            [program("R"), "CMD", *words], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    assert "Status: 1 NOTE\n" in done.stdout, done.stdout
    assert "NOTE\nPackage has no Sweave vignette sources and no VignetteBuilder field.\n" in done.stdout


@pytest.mark.slow
def test_help_pages_render(export_all: Path) -> None:
    """R shows each page as text and as HTML; the texts in it are those of the schema."""
    code = """
    for (page in tools::Rd_db("cstocases")) {
      writeLines(capture.output(tools::Rd2txt(page, options = list(underline_titles = FALSE))))
      stopifnot(length(capture.output(tools::Rd2HTML(page))) > 10)
    }"""
    shown = re.sub(r"_\x08|[\s‘’'\"“”`]", "", run_r(code, r_library(export_all)))
    texts = {t for table in DATASET.all_tables.values() for f in table.fields for t in (f.title, f.description)}
    texts |= {c.description for t in DATASET.all_tables.values() for f in t.fields for c in f.categories}

    assert [] == [text for text in texts if re.sub(r"[\s‘’'\"“”`]", "", text) not in shown]


# Each table that the code of the vignette shows, as lines of cells; numbers of a model to the third place.
SHOWN = """
library(cstocases)
space <- new.env()
for (step in parse(system.file("doc", "comparing.R", package = "cstocases"))) {
  got <- withVisible(eval(step, space))
  if (!got$visible || !length(got$value)) next
  value <- got$value
  if (is.character(value)) value <- cbind(names(value), value)
  if (is.numeric(value) && !is.table(value)) value <- formatC(value, format = "f", digits = 3)
  if (!is.data.frame(value) && !is.null(rownames(value)) && !is.character(got$value)) value <- cbind(rownames(value), value)
  value <- as.matrix(value)
  value[is.na(value)] <- "NA"
  cat(apply(value, 1, function(row) paste(trimws(row), collapse = "|")), sep = "\\n")
}
"""


@pytest.mark.slow
def test_vignette(export_all: Path) -> None:
    """R lists the vignette, runs its code, and gets every number that the page shows."""
    library = r_library(export_all)
    page = unpacked(export_all)["inst/doc/comparing.html"].decode()
    rows = re.findall(r"<tr>(<td>.*?)</tr>", page)
    cells = [[html.unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", row)] for row in rows]
    wanted = ["|".join([row[0].removeprefix("charter "), *row[1:]]) for row in cells]  # which R says above the table
    shown = run_r(SHOWN, library)

    assert len(wanted) > 25
    assert wanted == [line for line in shown.splitlines() if "|" in line]
    listed = run_r('v <- vignette("comparing", package = "cstocases"); cat(file.path(v$Dir, "doc", v$PDF))', library)
    assert page == Path(listed).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(("as_of", "estimated"), [("2022-06-01", True), ("1995-01-01", False), ("1990-01-01", False)])
def test_vignette_of_what_is_hardly_known(tmp_path: Path, as_of: str, estimated: bool) -> None:
    """The page says as of when it holds and, where too little is known, that no model can be estimated."""
    page = unpacked(cstocases.export(tmp_path / "x", ["r"], as_of=as_of))["inst/doc/comparing.html"].decode()

    assert as_of in page
    assert estimated == ("does not allow an estimate" not in page)


@pytest.mark.slow
def test_missing_codes_in_any_rows(export_all: Path) -> None:
    """Asked by key, the code of a cell is right whatever the order of the rows; what is not there is said in one line."""
    code = """
    mine <- rev(paste(member_years$state, member_years$year, sep = "/"))
    cat(missing_code("member_years", "milex")[mine], sep = "|")
    for (bad in list(c("x", "date"), c("cases", "x"))) cat("\\n", conditionMessage(tryCatch(missing_code(bad[1], bad[2]), error = identity)), sep = "")
    """
    codes, *said = run_r(f"library(cstocases){code}", r_library(export_all)).splitlines()
    wanted = cstocases.missing("member_years")["milex"].astype(object).fillna("NA")

    assert list(wanted)[::-1] == codes.split("|")
    assert [
        f"give the name of a table, in quotes: {', '.join(DATASET.all_tables)}",
        "give the name of a column of cases, in quotes: see names(cases)",
    ] == said


@pytest.mark.slow
def test_citation(export_all: Path) -> None:
    """R cites the dataset as the command line does, with the same key in BibTeX."""
    shown = run_r(
        'print(citation("cstocases"), style = "citation"); toBibtex(citation("cstocases"))', r_library(export_all)
    )

    assert " ".join(cstocases.cite().split()) in " ".join(shown.split())
    assert "@Misc{cstocases," in shown
