"""The command line: what a user types, right and wrong, and what is printed."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from pathlib import Path
from typing import Any

import helpers
import pandas as pd
import pytest
from helpers import run

import cstocases
from cstocases.cli.main import main
from cstocases.resolution.inclusion import CRITERIA


@pytest.mark.parametrize("name", list(main.commands))
def test_every_command_has_help_with_an_example(name: str) -> None:
    """Help says what the command does and shows one that works."""
    done = run(name, "--help")

    assert done.exit_code == 0
    assert f"cstocases {name}" in done.output.split("Options:")[0].split("\n", 1)[1]


DRAWN = "--samples and --seed are for drawing combinations; --cells draws none"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["describe", "request"], 1, "no table named 'request'; did you mean requests"),
        (["describe", "requests.adressee"], 1, "no field of requests named 'adressee'; did you mean addressee"),
        (["show", "kgz-2011"], 1, "no case named 'kgz-2011'; did you mean kgz-201"),
        (["compare", "arm2020"], 1, "no case named 'arm2020'; did you mean arm-2020"),
        (
            ["compare", "--field", "csto_outcome"],
            1,
            "no field of comparison named 'csto_outcome'; did you mean csto_outcome_",
        ),
        (["evidence", "requests", "kgz-2010-troop"], 1, "no record of requests named 'kgz-2010-troop'"),
        (["evidence", "states", "ARM"], 1, "no table with evidence named 'states'"),
        (["evidence", "comparison", "kgz"], 1, "no record of comparison named 'kgz'"),
        (
            ["evidence", "a", "b", "c", "d"],
            2,
            "give the id of a case, a record or a statement, or a table, a record and a field",
        ),
        (["contested", "--between", "published", "offical"], 1, "no resolution rule named 'offical'"),
        (
            ["contested", "--between", "official", "official"],
            1,
            "official is one rule; name two of published, official",
        ),
        (["contested", "kgz-2010", "--between", "published", "strict"], 2, "give a case or --between, not both"),
        (["report", "x.html", "kgz"], 1, "no case named 'kgz'"),
        (["plot", "timelin", "-o", "x.svg"], 1, "no picture named 'timelin'; did you mean timeline"),
        (["plot", "timeline", "kgz", "-o", "x.svg"], 1, "no case named 'kgz'"),
        (["plot", "evidence", "-o", "x.gif"], 1, "a picture's name ends in .svg, .png or .pdf"),
        (["plot", "evidence", "-o", "nowhere/x.svg"], 1, "cannot write"),
        (["sensitivity", "arm2020"], 1, "no case named 'arm2020'; did you mean arm-2020"),
        (["sensitivity", "--cells", "arm2020"], 1, "no case named 'arm2020'; did you mean arm-2020"),
        (["sensitivity", "--condition", "OWNTER"], 1, "no condition named 'OWNTER'; did you mean OWNTERR"),
        (["sensitivity", "--cells", "--outcome", "TROOP"], 1, "no outcome named 'TROOP'; did you mean TROOPS"),
        (["sensitivity", "--samples", "0"], 2, "0 is not in the range x>=1"),
        (["sensitivity", "--cells", "--samples", "9"], 2, DRAWN),
        (["sensitivity", "--cells", "--seed", "1"], 2, DRAWN),
        (["why", "kgz-2004"], 1, "no candidate named 'kgz-2004'; did you mean kgz-2"),
        (["cite", "--table", "states"], 1, "no table with evidence named 'states'"),
        (["cite", "--table", "decision"], 1, "no table with evidence named 'decision'; did you mean decisions"),
        (["cite", "--table", "comparison", "--case", "kgz-2011"], 1, "no case named 'kgz-2011'"),
        (["cite", "--table", "comparison", "--field", "n_events"], 1, "no evidenced field named 'n_events'"),
        (
            ["cite", "--table", "requests", "--record", "kgz-2010-troop"],
            1,
            "named 'kgz-2010-troop'; did you mean kgz-2010-troops",
        ),
        (["cite", "--record", "kgz-2010-troop"], 1, "no record named 'kgz-2010-troop'; did you mean kgz-2010-troops"),
        (
            ["cite", "--table", "member_years", "--record", "KGZ/201"],
            1,
            "no record of member_years named 'KGZ/201'; did you mean KGZ/20",
        ),
        (["cite", "--case", "kgz-2010", "--side", "conflict"], 1, "no side named 'conflict'; did you mean conflicts"),
        (["cite", "--style", "bibtx"], 1, "no style named 'bibtx'; did you mean bibtex"),
        (["cite", "--field", "title"], 1, "no evidenced field named 'title'"),
        (["valdate"], 2, "no command named 'valdate'; did you mean validate"),
        (["validate", "nowhere"], 2, "Directory 'nowhere' does not exist"),
        (["validate", "."], 1, "a dataset has cases/ and schema/ side by side"),
        (["export", "x", "-f", "stat"], 1, "no format named 'stat'; did you mean stata"),
        (["export", "x", "-f", "CSV"], 1, "did you mean csv?"),
        (["export", "x", "-f", "xlsx"], 1, "no format named 'xlsx'; there are csv, parquet, stata"),
        (["compare", "--format", "xml"], 2, "'xml' is not one of"),
    ],
)
def test_wrong_input_is_answered_in_one_line(
    words: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong name exits 1 with the nearest names, a wrong call exits 2; nothing on stdout, nothing written."""
    monkeypatch.chdir(tmp_path)
    done = run(*words)

    assert code == done.exit_code
    assert said in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_version() -> None:
    """--version names the dataset's version."""
    assert f"cstocases {cstocases.__version__}\n" == run("--version").output


def as_in_the_files(value: Any) -> Any:
    """A date as text; anything else as JSON has it."""
    if pd.isna(value):
        return None
    return value.date().isoformat() if isinstance(value, datetime.datetime) else value


FRAMES = {
    "tables": cstocases.tables,
    "describe cases": lambda: cstocases.describe("cases"),
    "describe requests.addressee": lambda: cstocases.describe("requests.addressee"),
    "compare": cstocases.compare,
    "evidence kgz-2010": lambda: cstocases.evidence("kgz-2010"),
    "candidates": cstocases.candidates,
    "why kgz-2005": lambda: cstocases.why("kgz-2005"),
    "contested": cstocases.contested,
    "contested --between published official": lambda: cstocases.differing("published", "official"),
    "reliability": cstocases.reliability,
    "reliability --pairs --against published": lambda: cstocases.pairs(against="published"),
    "reliability --coder coder-a": lambda: cstocases.differences("coder-a"),
}


@pytest.mark.parametrize("words", helpers.mostly_slow(FRAMES, *list(FRAMES)[:-2]))
def test_values_are_printed_as_in_the_files(words: str) -> None:
    """JSON and CSV hold what the function returns, with dates and booleans as in the CSV files; pages fit 80 columns."""
    frame = FRAMES[words]()
    expected = [{k: as_in_the_files(v) for k, v in row.items()} for row in frame.astype(object).to_dict("records")]
    texts = [{k: "" if v is None else str(v).lower() if isinstance(v, bool) else str(v) for k, v in row.items()} for row in expected]  # fmt: skip

    assert json.loads(json.dumps(expected)) == [
        {k: pytest.approx(v) if isinstance(v, float) else v for k, v in row.items()}
        for row in json.loads(run(*words.split(), "--format", "json").stdout)
    ]
    assert texts == list(csv.DictReader(io.StringIO(run(*words.split(), "--format", "csv").stdout)))
    lines = run(*words.split()).stdout.splitlines()
    assert [line for line in lines if len(line) > 80 and "http" not in line and " " in line.strip()] == []
    markdown = run(*words.split(), "--format", "markdown").stdout
    assert "| True |" not in markdown
    assert "T00:00" not in markdown


def test_show_is_a_page_and_json_what_the_function_returns() -> None:
    """`show` prints the case as Markdown in 80 columns, and as JSON the nested records."""
    page = run("show", "kaz-2022").stdout

    assert cstocases.show("kaz-2022") == json.loads(run("show", "kaz-2022", "--format", "json").stdout)
    heads = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert heads[-5:-1] == ["What scholars and analysts argue", "Where members stood", "Timeline", "Contested cells"]
    assert [line for line in page.splitlines() if len(line) > 80 and "http" not in line] == []


def test_show_gives_asks_answers_and_views_of_the_law() -> None:
    """Each ask stands under its request, each answer under its decision, help that nobody asked for marked, each view of the law once."""
    page, found = " ".join(run("show", "arm-2022").stdout.split()), cstocases.show("arm-2022")
    answers = [a for r in found["requests"] for d in r["decisions"] for a in d["answers"]]
    asks = [a for r in found["requests"] for a in r["asks"]]

    assert "- Military help, kind not named; Agreed; Turned down; Not delivered: The others backed" in page
    assert (
        page.count("; not asked for: ") + page.count("; not asked for°: ") == sum(not a["ask_id"] for a in answers) > 0
    )
    assert [
        row["statement"] for row in (*asks, *answers, *found["legal_views"]) if f": {row['statement']}" not in page
    ] == []
    assert min(len(asks), len(answers), len(found["legal_views"])) > 3


def test_compare_shows_the_founding_cases() -> None:
    """By default the founding three stand side by side in the order of time, contested cells starred."""
    lines = run("compare").stdout.splitlines()

    assert lines[0].split() == ["kgz-2010", "arm-2020", "kaz-2022"]
    (outcome,) = (line.split()[2:] for line in lines if line.startswith("CSTO: outcome, all"))
    assert outcome == ["all", "Refused", "Not", "asked*", "Granted"]
    (withdrawn,) = (line.split()[1:] for line in lines if line.startswith("Withdrawn"))
    assert withdrawn == ["(disputed)*", "(unknown)", "no"]
    assert lines[-5:-1] == [
        "* contested: sources give conflicting values. ° one publisher only.",
        "List the sources of a cell:",
        "  cstocases evidence comparison kgz-2010-troops date",
        "",
    ]
    cells = int(cstocases.checked(["kgz-2010", "arm-2020", "kaz-2022"])["cells"].sum())
    assert re.match(rf"Checked by people: \w+ of {cells:,} cells", lines[-1])


def test_without_founding_cases_all_are_compared(small: Path) -> None:
    """Where no case is marked `core`, `compare` and the pictures by case show all."""
    for case in ("arm-2020", "kaz-2022"):
        helpers.spoil(small, "cases", case, "core", "false")

    assert run("compare", "--home", small).stdout.splitlines()[0].split() == ["arm-2020", "kaz-2022"]
    said = [text.get_text() for text in cstocases.plot("timeline", home=small).axes[0].texts]
    assert ["War of 2020", "Unrest of 2022"] == [text for text in said if " of 20" in text]


def test_without_cases_the_comparison_is_empty(small: Path) -> None:
    """A dataset that has no cases yet is compared in words."""
    for name in cstocases.package(small).stored:
        helpers.write_rows(small, name, helpers.read_rows(small, name)[:1])

    for form in ("table", "markdown"):
        assert (0, "no cases\n") == (run("compare", "--home", small, "--format", form).exit_code, run("compare", "--home", small, "--format", form).stdout)  # fmt: skip


def test_every_cell_carries_the_mark_of_its_status() -> None:
    """A contested value has a star, one from a single publisher a ring, a corroborated one no mark."""
    fields = ["date", "instrument", "addressee"]
    marks = {"contested": "*", "single_source": "°", "corroborated": ""}
    cells = cstocases.compare(["kaz-2022", "arm-1992-2"], fields)
    page = run("compare", "kaz-2022", "arm-1992-2", *(word for f in fields for word in ("--field", f)), "--format", "markdown").stdout  # fmt: skip

    assert set(marks) == set(cells["status"])
    for title, row in cells.groupby("title"):
        assert f"| {title} | {' | '.join(c.label + marks[c.status] for c in row.itertuples())} |\n" in page
    page = run("show", "kaz-2022").stdout
    assert "- Date: 2022-01-05*\n" in page
    assert "- Instrument invoked by the requester: Treaty, article not named°\n" in page


def test_evidence_shows_both_sides() -> None:
    """A contested cell prints the readings for the published value and the conflicting ones, each with its source."""
    page = run("evidence", "requests", "arm-2020-csto", "status").stdout

    assert "[contested]" in page
    assert "- supports: none_documented" in page
    assert "- conflicts: documented (inferred)  arm-001" in page
    assert "cooley-2022-kazakhstan" in page


def test_a_cell_without_readings_says_so() -> None:
    """A cell that no source speaks to has none; a computed one those of the cells behind it."""
    done = run("evidence", "requests", "kgz-2010-troops", "title")

    assert (0, "no readings: no source speaks to the cell\n") == (done.exit_code, done.stdout)
    assert "offices chair-rus-2009 start_date = 2009" in run("evidence", "comparison", "kgz-2010-troops", "chair_state").stdout  # fmt: skip


def test_a_rule_that_changes_the_cases_says_which() -> None:
    """`candidates` under another rule ends with the cases it adds and leaves out."""
    lines = run("candidates", "--rule", "strict").stdout.splitlines()
    published, strict = (set(f.loc[f["included"], "candidate_id"]) for f in (cstocases.candidates(), cstocases.candidates("strict")))  # fmt: skip

    assert published - strict
    titles = cstocases.load("candidates").set_index("candidate_id")["title"]
    left = "; ".join(f"{name} ({titles[name]})" for name in sorted(published - strict))
    assert " ".join(" ".join(lines).split()).endswith(f"A case only as published: {left}")


@pytest.mark.slow
def test_a_rule_that_leaves_no_case_says_why() -> None:
    """Official sources alone leave no case, and each criterion is met by some; before there were sources none is met, and all are unknown."""
    met = cstocases.candidates("official")[list(CRITERIA)].sum()
    codes = cstocases.missing("candidates", rule="official")["sought_help"]
    page = " ".join(run("candidates", "--rule", "official").stdout.split())
    said = f"No occasion meets all criteria. Met least is sought_help: by {met['sought_help']} of {len(codes)}; it is unknown for {(codes == 'unknown').sum()}."  # fmt: skip

    assert 0 < met["sought_help"] == met.min()
    assert said in page
    page = " ".join(run("candidates", "--as-of", "1990-01-01").stdout.split())
    assert (
        f"No occasion is a case, since none meets was_party (unknown for {len(codes)} of {len(codes)}); asked_csto"
        in page
    )
    assert "No occasion" not in run("candidates", "--rule", "strict").stdout


def test_candidates_are_counted_by_criterion() -> None:
    """Beside the number that fail first at a criterion stands how many of all meet it, do not, or are unknown; the rest cannot apply."""
    lines, register = run("candidates").stdout.splitlines(), cstocases.load("candidates")
    codes = cstocases.missing("candidates")
    for name in CRITERIA:
        (line,) = (line.split()[3:] for line in lines if line.startswith(f"failed at {name} "))
        impossible = (codes[name] == "not_applicable").sum()
        assert [register[name].sum(), (~register[name]).sum(), codes[name].notna().sum() - impossible] == [
            *map(int, line[1:])
        ]


@pytest.mark.slow
def test_an_undefined_coefficient_is_shown_with_its_reason(home: Path) -> None:
    """A variable that one coder alone coded has no agreement and no alpha; command and report print why."""
    header, *rows = helpers.read_rows(home, "codings")
    helpers.write_rows(home, "codings", [header, *(r for r in rows if r[0] == "coder-a" or r[2:5:2] != ["requests", "addressee"])])  # fmt: skip
    line = next(line for line in run("reliability", "--home", home, "--format", "markdown").stdout.splitlines() if "requests.addressee" in line)  # fmt: skip
    page = cstocases.report(home / "report.html", ["kgz-2010"], home=home).read_text(encoding="utf-8")

    assert line.endswith("| undefined | undefined | no cell was coded by two coders |")
    assert "<td>undefined</td><td>undefined (no cell was coded by two coders)</td>" in page


def test_validate_prints_problems_and_counts_them(home: Path) -> None:
    """Problems go to stdout, the count to stderr, and the exit code is 1; JSON and GitHub forms carry the same."""
    line = helpers.spoil(home, "states", "ARM", "iso2c", "ARM")
    message = f"cases/states.csv:{line}:iso2c: 'ARM' does not have the form [A-Z]{{2}} [pattern]"

    done = run("validate", home)
    assert (1, f"{message}\n", "1 problem in 1 file\n") == (done.exit_code, done.stdout, done.stderr)
    done = run("validate", "--home", home, "--format", "json")
    assert [p.as_dict() for p in cstocases.validate(home)] == json.loads(done.stdout)
    done = run("validate", home, "--format", "github")
    assert f"::error file=cases/states.csv,line={line}::{message}\n" == done.stdout


@pytest.mark.parametrize("name", ["schema", "empty", "a:b", "a#b"])
def test_a_fault_of_the_schema_has_the_form_asked_for(tmp_path: Path, name: str) -> None:
    """JSON and GitHub forms of `validate` carry a fault of the schema too, or that there is none, whatever signs the name has."""
    home, path, line = tmp_path / name, "schema", 0
    message = f"no folder schema/ in {home}; a dataset has cases/ and schema/ side by side"
    home.mkdir()
    if name == "schema":
        helpers.copy_shipped(home)
        (home / "schema/requests.json").write_text("{", encoding="utf-8")
        path, line = "schema/requests.json", 1
        message = "not JSON: Expecting property name enclosed in double quotes"
    problem = {"path": path, "line": line, "column": "", "rule": "schema", "message": message, "value": ""}
    done = run("validate", home, "--format", "json")
    assert (1, [problem]) == (done.exit_code, json.loads(done.stdout))
    done = run("validate", home, "--format", "github")
    assert 1 == done.exit_code
    assert done.stdout.startswith(f"::error file={path},line=1::{path}:")
    assert f": {message} [schema]\n" in done.stdout


def test_validate_is_quiet_on_sound_data() -> None:
    """Sound data print nothing to stdout and exit 0; what coders left open may follow on stderr."""
    done = run("validate")

    assert (0, "") == (done.exit_code, done.stdout)
    assert re.fullmatch(r"no problems(; .* await a verdict)?\n", done.stderr)


def test_unsound_data_are_not_loaded(home: Path) -> None:
    """Commands that need the data name the first problems and how to see the rest."""
    table = home / "cases/states.csv"
    table.write_text(table.read_text(encoding="utf-8") + "x\n", encoding="utf-8")
    done = run("compare", "--home", home)

    assert (done.exit_code, done.stdout) == (1, "")
    assert "in the data; `cstocases validate` lists all:\n  cases/states.csv:" in done.stderr


def test_format_rewrites_and_checks(home: Path) -> None:
    """`format --check` names files that are not canonical and leaves them; `format` rewrites them."""
    table = home / "cases/states.csv"
    sound = table.read_bytes()
    head, *rows = sound.decode().splitlines(keepends=True)
    table.write_bytes((head + "".join(reversed(rows))).replace("\n", "\r\n").encode())
    spoiled = table.read_bytes()

    done = run("format", "--check", "--home", home)
    assert (done.exit_code, done.stderr) == (1, "1 file to change\n")
    assert spoiled == table.read_bytes()
    done = run("format", "--home", home)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "cases/states.csv: rewritten\n", "1 file changed\n")
    assert sound == table.read_bytes()


def test_codebook_names_every_field_and_code() -> None:
    """The codebook leaves nothing out."""
    text = run("codebook").stdout
    fields = [f for t in cstocases.package().all_tables.values() for f in t.fields if not f.dummy_of]

    assert [f.name for f in fields if f"| `{f.name}` |" not in text] == []
    assert [c.value for f in fields for c in f.categories if f"| `{c.value}` |" not in text] == []
