"""What README and docs show is what the program prints; docs/tools.md is run by formats/test_recipes.py."""

from __future__ import annotations

import doctest
import importlib
import os
import re
import shlex
import subprocess
from pathlib import Path

import helpers
import pytest
import yaml

import cstocases
from cstocases.cli.main import main
from cstocases.dataset import data
from cstocases.pages.plots import plot, save
from cstocases.people.coders import contributors

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if path.name != "tools.md"
}
README = PAGES["README.md"]
CONSOLE = [found for text in PAGES.values() for found in re.findall(r"```console\n\$ (.*?)\n(.*?)```", text, re.DOTALL)]
PYTHON = {
    name: blocks for name, text in PAGES.items() if (blocks := re.findall(r"```python\n(.*?)```", text, re.DOTALL))
}
CODE = Path(cstocases.__file__).parent
MODULES = [
    ".".join(p.relative_to(CODE).with_suffix("").parts)
    for p in sorted(CODE.rglob("*.py"))
    if not p.stem.startswith("__")
]


@pytest.mark.parametrize(("command", "output"), CONSOLE, ids=[command[:40] for command, _ in CONSOLE])
def test_shell_examples(command: str, output: str) -> None:
    """Each command shown with its output prints that output."""
    command, _, cut = command.partition(" | head -")
    program, *words = shlex.split(command)
    printed = helpers.run(*words).stdout.splitlines(keepends=True)

    assert "cstocases" == program
    assert output == "".join(printed[: int(cut)] if cut else printed)


@pytest.mark.parametrize("name", PYTHON)
def test_python_examples(name: str) -> None:
    """The Python examples of a page, run as one session from top to bottom, print what it shows."""
    test = doctest.DocTestParser().get_doctest("".join(PYTHON[name]), {}, name, None, 0)

    assert doctest.TestResults(0, len(test.examples)) == doctest.DocTestRunner().run(test)
    assert len(test.examples) > 5


def test_pages_have_examples() -> None:
    """The pages whose examples are run are these; every block of code is of a language that a test reads."""
    assert ["README.md", "docs/example.md", "docs/python.md"] == list(PYTHON)
    languages = {language for text in PAGES.values() for language in re.findall(r"```(\w+)\n", text)}
    assert {"console", "python", "r", "sh", "text"} == languages
    assert len(CONSOLE) > 3


def test_the_picture_is_fresh(tmp_path: Path) -> None:
    """The README's picture says what the data say today: every word of it, in order."""
    save(plot("outcomes"), tmp_path / "outcomes.svg")
    words = [
        re.findall(r"<text[^>]*>([^<]*)", p.read_text(encoding="utf-8"))
        for p in (ROOT / "docs/outcomes.svg", tmp_path / "outcomes.svg")
    ]

    assert words[0] == words[1]
    assert len(words[0]) > 20


@pytest.mark.slow
def test_r_example(tmp_path: Path) -> None:
    """R installs the package and prints what the README shows."""
    (script, output), *_ = re.findall(r"```r\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL)
    cstocases.export(tmp_path / "build/r", ["r"])
    (tmp_path / "library").mkdir()
    env = {**os.environ, "R_LIBS": str(tmp_path / "library")}
    done = subprocess.run(
        [helpers.rscript(), "-e", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )

    assert output.split() == done.stdout.split()


def test_every_command_and_target_is_named() -> None:
    """The README names each command; commands and make targets that a page names exist."""
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        word
        for text in PAGES.values()
        for word in re.findall(r"(?:\$ |`)cstocases ([a-z]\S*?)[ `\n]", text, re.MULTILINE)
    }
    made = {word for text in PAGES.values() for word in re.findall(r"(?:^|`)make ([\w-]+)", text, re.MULTILINE)}

    assert [name for name in main.commands if not re.search(rf"\b{name}\b", README)] == []
    assert named <= set(main.commands)
    assert len(named) > 10
    assert made <= targets
    assert re.findall(r"^make (\w+)", README, re.MULTILINE) == ["export", "test"]


def test_cases_are_counted() -> None:
    """The README's counts of cases, requests and occasions are those of the data."""
    tables = cstocases.tables().set_index("table")["rows"]
    counts = re.findall(r"\*\*([0-9]+) (cases|requests|occasions)", README)

    assert [
        (str(tables[name]), shown)
        for name, shown in (("cases", "cases"), ("requests", "requests"), ("candidates", "occasions"))
    ] == counts


def test_checked_cells_are_counted() -> None:
    """The README's count of cells that people have checked is that of the data."""
    sums = cstocases.checked().sum(numeric_only=True)
    assert f"People have checked {sums['checked']} of the {sums['cells']:,} cells of its cases." in README


def test_contributors_are_fresh() -> None:
    """CONTRIBUTORS.md is what the table of coders and the changelog say."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert contributors(data(), changelog) == (ROOT / "CONTRIBUTORS.md").read_text(encoding="utf-8")


def test_contributing_names_what_there_is() -> None:
    """Every command line in CONTRIBUTING.md is one that the command line takes."""
    lines = re.findall(r"^\$ cstocases (.+)$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) > 10
    assert [] == [line for line in lines if helpers.run(*line.split(), "--help").exit_code]


def test_the_form_for_a_wrong_cell() -> None:
    """The issue form has what the forge asks of one: a name, a description, and parts of known kinds with ids and labels of their own."""
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/wrong-cell.yml").read_text(encoding="utf-8"))
    parts = form["body"]

    assert {"name", "description", "title", "labels", "body"} == set(form)
    assert {part["type"] for part in parts} <= {"markdown", "textarea", "input", "dropdown", "checkboxes"}
    assert len(parts) == len({part["id"] for part in parts}) == len({part["attributes"]["label"] for part in parts})
    assert ["cell", "now", "should", "source", "read"] == [
        p["id"] for p in parts if p.get("validations", {}).get("required")
    ]


def test_stated_readings_are_counted() -> None:
    """The README's share of stated readings is that of the data."""
    share = cstocases.bases().set_index("table_name").loc["all tables", "share_stated"]
    assert f"{share:.0f} % of the readings are *stated*" in README


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name: str) -> None:
    """Examples in docstrings run."""
    module = importlib.import_module(f"cstocases.{name}")

    assert doctest.testmod(module).failed == 0
