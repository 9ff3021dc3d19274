"""The command line: what a user types, right and wrong, and what is printed."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from helpers import run

import cstocases
from cstocases.cli.main import main


@pytest.mark.parametrize("name", list(main.commands))
def test_every_command_has_help_with_an_example(name: str) -> None:
    """Help says what the command does and shows one that works."""
    done = run(name, "--help")

    assert done.exit_code == 0
    assert f"cstocases {name}" in done.output.split("Options:")[0].split("\n", 1)[1]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["describe", "request"], 1, "no table named 'request'; did you mean requests"),
        (["describe", "requests.adressee"], 1, "no field of requests named 'adressee'; did you mean addressee"),
        (["show", "kgz-2011"], 1, "no case named 'kgz-2011'; did you mean kgz-201"),
        (["compare", "arm2020"], 1, "no case named 'arm2020'; did you mean arm-2020"),
        (["compare", "--field", "outcome"], 1, "no field of comparison named 'outcome'; did you mean csto_outcome"),
        (["evidence", "requests", "kgz-2010-troop"], 1, "no record of requests named 'kgz-2010-troop'"),
        (["evidence", "states", "ARM"], 1, "no table with evidence named 'states'"),
        (["evidence", "comparison", "kgz"], 1, "no request named 'kgz'"),
        (["evidence", "a", "b", "c", "d"], 2, "give a case, or a table, a record and a field"),
        (["cite", "--style", "bibtx"], 1, "no style named 'bibtx'; did you mean bibtex"),
        (["cite", "--field", "title"], 1, "no evidenced field named 'title'"),
        (["valdate"], 2, "no command named 'valdate'; did you mean validate"),
        (["validate", "nowhere"], 2, "Directory 'nowhere' does not exist"),
        (["export", "x", "-f", "stat"], 1, "no format named 'stat'; did you mean stata"),
        (["compare", "--format", "xml"], 2, "'xml' is not one of"),
    ],
)
def test_wrong_input_is_answered_in_one_line(
    words: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong name exits 1 with the nearest names, a wrong call exits 2; nothing on stdout, no traceback."""
    monkeypatch.chdir(tmp_path)
    done = run(*words)

    assert code == done.exit_code
    assert said in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_version() -> None:
    """--version names the dataset's version."""
    assert f"cstocases {cstocases.__version__}\n" == run("--version").output


@pytest.mark.parametrize(
    "words",
    [["tables"], ["describe", "cases"], ["describe", "requests.addressee"], ["compare"], ["evidence", "kgz-2010"]],
)
def test_tabular_output_is_the_twin_in_every_format(words: list[str]) -> None:
    """JSON and CSV carry what the function of the same name returns; the terminal form fits 80 columns."""
    name, *arguments = words
    twin = getattr(cstocases, name)(*([arguments] if name == "compare" else arguments))

    shown = json.loads(run(*words, "--format", "json").stdout)
    assert json.loads(twin.to_json(orient="records", date_format="iso")) == shown
    lines = run(*words).stdout.splitlines()
    assert [line for line in lines if len(line) > 80 and "http" not in line and " " in line.strip()] == []
    assert run(*words, "--format", "csv").stdout.splitlines()[0] == ",".join(twin.columns)
    assert "|" in run(*words, "--format", "markdown").stdout or name == "evidence"


def test_show_is_a_page_and_json_the_twin() -> None:
    """`show` prints the case as Markdown in 80 columns, and as JSON what the function returns."""
    page = run("show", "kaz-2022").stdout

    assert cstocases.show("kaz-2022") == json.loads(run("show", "kaz-2022", "--format", "json").stdout)
    heads = [line for line in page.splitlines() if line.startswith("## ")]
    for head in (
        "What officials said",
        "What scholars and analysts argue",
        "Where members stood",
        "Timeline",
        "Contested",
    ):
        assert f"## {head}" in heads
    assert [line for line in page.splitlines() if len(line) > 80 and "http" not in line] == []


def test_compare_answers_the_founding_question() -> None:
    """By default the founding three stand side by side in the order of time, contested cells starred."""
    lines = run("compare").stdout.splitlines()

    assert lines[0].split() == ["kgz-2010", "arm-2020", "kaz-2022"]
    row = {line.split("  ")[0]: line for line in lines}
    assert "Declined" in row["CSTO: outcome"]
    assert "No decision*" in row["CSTO: outcome"]
    assert row["CSTO: outcome"].endswith("Granted")
    assert "* contested: sources give rival values. ° one publisher only. Who says so:" in lines


def test_every_cell_carries_the_mark_of_its_status() -> None:
    """A contested value has a star, one from a single publisher a ring, a corroborated one no mark."""
    shown = cstocases.compare(["kaz-2022"], ["requester", "date", "csto_decided_by", "threat_framing", "instrument"])
    marks = {"contested": "*", "single_source": "°", "corroborated": ""}
    lines = run(
        "compare", "kaz-2022", "--field", "date", "--field", "instrument", "--format", "markdown"
    ).stdout.splitlines()

    assert {"contested", "single_source", "corroborated"} >= set(shown["status"])
    for cell in shown[shown["field"].isin(["date", "instrument"])].itertuples():
        assert f"| {cell.title} | {cell.label}{marks[cell.status]} |" in lines
    page = run("show", "kaz-2022").stdout
    assert "- Date: 2022-01-05*\n" in page
    assert "- Instrument invoked by the requester: Treaty, article not named°\n" in page


def test_the_cells_two_rules_differ_on_are_listed() -> None:
    """`contested --between` prints what `differing` returns; a case beside it, or a wrong rule, is refused."""
    done = run("contested", "--between", "published", "official", "--format", "json")

    assert json.loads(cstocases.differing("published", "official").to_json(orient="records")) == json.loads(done.stdout)
    assert 2 == run("contested", "kgz-2010", "--between", "published", "strict").exit_code
    assert "no resolution rule named 'offical'" in run("contested", "--between", "published", "offical").stderr


def test_one_rule_does_not_differ_from_itself() -> None:
    """`contested --between` with one rule twice is answered in a line."""
    done = run("contested", "--between", "official", "official")
    said = "Error: official is one rule; name two of published, official, plurality, strict\n"
    assert (1, said) == (done.exit_code, done.stderr)
    assert "no resolution rule named 'offical'" in run("contested", "--between", "offical", "offical").stderr


def test_few_names_are_listed(tmp_path: Path) -> None:
    """Where no name is near and there are few, the message lists them."""
    done = run("export", tmp_path / "x", "-f", "xlsx")
    said = "Error: no format named 'xlsx'; there are csv, parquet, stata, spss, excel, sqlite, json, all\n"
    assert (1, said) == (done.exit_code, done.stderr)
    assert "did you mean csv?" in run("export", tmp_path / "x", "-f", "CSV").stderr


def test_a_fault_of_the_schema_has_the_form_asked_for(home: Path) -> None:
    """JSON and GitHub forms of `validate` carry a fault of the schema too."""
    (home / "schema/requests.json").write_text("{", encoding="utf-8")
    message = "not JSON: Expecting property name enclosed in double quotes"
    problem = {"path": "schema/requests.json", "line": 1, "column": "", "rule": "schema", "message": message, "value": ""}  # fmt: skip
    done = run("validate", home, "--format", "json")
    assert (1, [problem]) == (done.exit_code, json.loads(done.stdout))
    done = run("validate", home, "--format", "github")
    assert (1, "::error file=schema/requests.json,line=1::") == (done.exit_code, done.stdout[:42])


def test_evidence_shows_both_sides() -> None:
    """A contested cell prints the readings for the published value and the rivals, each with its source."""
    page = run("evidence", "requests", "arm-2020-csto", "status").stdout

    assert "[contested]" in page
    assert "- supports: none_documented" in page
    assert "- rival: documented  arm-001" in page
    assert "cooley-2022-kazakhstan" in page


def test_a_computed_cell_has_no_evidence_of_its_own() -> None:
    """Asked for a cell nobody reads in a source, the command says so."""
    done = run("evidence", "comparison", "kgz-2010-troops", "chair_state")

    assert (
        done.exit_code,
        done.stdout,
    ) == (0, "no readings: this cell is not evidenced, or nothing read speaks to it\n")


def test_validate_prints_problems_and_counts_them(home: Path) -> None:
    """Problems go to stdout, the count to stderr, and the exit code is 1; JSON and GitHub forms carry the same."""
    table = home / "cases/states.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("ARM,Armenia,AM", "ARM,Armenia,ARM"), encoding="utf-8")
    line = next(i for i, row in enumerate(table.read_text(encoding="utf-8").splitlines(), 1) if row.startswith("ARM,"))
    message = f"cases/states.csv:{line}:iso2c: 'ARM' does not have the form [A-Z]{{2}} [pattern]"

    done = run("validate", str(home))
    assert (1, f"{message}\n", "1 problem in 1 file\n") == (done.exit_code, done.stdout, done.stderr)
    assert [p.as_dict() for p in cstocases.validate(home)] == json.loads(
        run("validate", str(home), "--format", "json").stdout
    )
    assert (
        f"::error file=cases/states.csv,line={line}::{message}\n"
        == run("validate", str(home), "--format", "github").stdout
    )


def test_validate_is_quiet_on_sound_data() -> None:
    """Sound data print nothing to stdout and exit 0."""
    done = run("validate")

    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no problems\n")


def test_unsound_data_are_not_loaded(home: Path) -> None:
    """Commands that need the data name the first problems and how to see the rest."""
    table = home / "cases/states.csv"
    table.write_text(table.read_text(encoding="utf-8") + "x\n", encoding="utf-8")
    done = run("compare", "--home", str(home))

    assert (done.exit_code, done.stdout) == (1, "")
    assert "in the data; `cstocases validate` lists all:\n  cases/states.csv:" in done.stderr
    with pytest.raises(cstocases.DataError, match="in the data"):
        cstocases.load("states", home)


def test_a_folder_without_a_schema_is_no_dataset(tmp_path: Path) -> None:
    """Validating some folder says what a dataset looks like."""
    done = run("validate", str(tmp_path))

    assert (done.exit_code, done.stdout) == (1, "")
    assert "a dataset has cases/ and schema/ side by side" in done.stderr


def test_format_rewrites_and_checks(home: Path) -> None:
    """`format --check` names files that are not canonical and leaves them; `format` rewrites them."""
    table = home / "cases/states.csv"
    sound = table.read_bytes()
    head, *rows = sound.decode().splitlines(keepends=True)
    table.write_bytes((head + "".join(reversed(rows))).replace("\n", "\r\n").encode())
    spoiled = table.read_bytes()

    done = run("format", "--check", "--home", str(home))
    assert (done.exit_code, done.stderr) == (1, "1 file to change\n")
    assert spoiled == table.read_bytes()
    done = run("format", "--home", str(home))
    assert (done.exit_code, done.stdout, done.stderr) == (0, "cases/states.csv: rewritten\n", "1 file changed\n")
    assert sound == table.read_bytes()
    assert cstocases.canonical("states", home).encode() == sound


def test_codebook_names_every_field_and_code() -> None:
    """The codebook leaves nothing out."""
    text = run("codebook").stdout
    fields = [f for t in cstocases.package().all_tables.values() for f in t.fields if not f.dummy_of]

    assert [f.name for f in fields if f"| `{f.name}` |" not in text] == []
    assert [c.value for f in fields for c in f.categories if f"| `{c.value}` |" not in text] == []
    assert pd.notna(cstocases.load("cases")["title"]).all()
