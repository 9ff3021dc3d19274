"""What README and docs show is what the program prints; docs/tools.md is run by formats/test_recipes.py."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import fresh
import helpers
import pytest
import yaml

import cstocases
from cstocases.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if path.name != "tools.md"
}
README = PAGES["README.md"]
CODE = Path(cstocases.__file__).parent
MODULES = [
    ".".join(p.relative_to(CODE).with_suffix("").parts)
    for p in sorted(CODE.rglob("*.py"))
    if not p.stem.startswith("__")
]


@pytest.mark.parametrize("name", helpers.mostly_slow(fresh.PAGES, *(set(fresh.PAGES) - {"docs/example.md"})))
def test_a_page_is_fresh(name: str) -> None:
    """What a page shows of the data, and what its examples print, is so today."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert fresh.PAGES[name](text) == text, f"{name} is not what the data say now: run `make pages`"


def test_what_is_not_fresh_is_renewed() -> None:
    """What a command and Python print, a count and a word of the picture are put right, and the rest stays."""
    page = "# A\n```console\n$ cstocases --version\nold\n```\nB\n```python\n>>> if True:\n...     print(2)\n3\n>>> x = 1\n>>> x\n\n```\n```python\n>>> x\n2\n```\n"
    new = page.replace("old", f"cstocases {cstocases.__version__}").replace("\n3\n", "\n2\n").replace(">>> x\n\n", ">>> x\n1\n\n").replace(">>> x\n2", ">>> x\n1")  # fmt: skip
    drawn = (ROOT / "docs/asks.svg").read_text(encoding="utf-8")

    assert new == fresh.examples(page)
    assert [f"**{len(cstocases.load('cases'))} cases**"] * 2 == [fresh.counts(f"**{n} cases**") for n in (1, 100)]
    assert fresh.words(drawn) == fresh.words(fresh.picture(drawn.replace("Kazakhstan", "Kazakstan")))


def test_pages_have_examples() -> None:
    """Every page with examples is kept fresh; every block of code is of a language that a test reads; the README counts."""
    shown = {name for name, text in PAGES.items() if fresh.CONSOLE.search(text) or fresh.PYTHON.search(text)}
    assert {"README.md", "docs/example.md", "docs/python.md"} == shown
    assert shown <= set(fresh.PAGES)
    languages = {language for text in PAGES.values() for language in re.findall(r"```(\w+)\n", text)}
    assert {"console", "python", "r", "sh", "text"} == languages
    assert [*fresh.COUNTED, "of"] == re.findall(r"\*\*\d[\d,]* (\w+)", README)
    assert [1, 1] == [len(re.findall(r, README)) for r in (r"\d % of the readings are \*stated", r"\d+ cells\*\* \|")]


@pytest.mark.slow
def test_r_example() -> None:
    """R installs the package and prints what the README shows."""
    helpers.rscript()
    assert fresh.r_example(README) == README


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


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name: str) -> None:
    """Examples in docstrings run."""
    module = importlib.import_module(f"cstocases.{name}")

    assert doctest.testmod(module).failed == 0
