"""What the README shows is what the program prints."""

from __future__ import annotations

import doctest
import importlib
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import helpers
import pytest

import cstocases
from cstocases.cli.main import main
from cstocases.pages.plots import plot, save

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n\$ (.*?)\n(.*?)```", README, re.DOTALL)
CODE = Path(cstocases.__file__).parent
MODULES = [
    ".".join(p.relative_to(CODE).with_suffix("").parts)
    for p in sorted(CODE.rglob("*.py"))
    if not p.stem.startswith("__")
]


@pytest.mark.parametrize(("command", "output"), CONSOLE, ids=[command[:40] for command, _ in CONSOLE])
def test_shell_examples(command: str, output: str) -> None:
    """Each command of the README prints what stands below it."""
    command, _, cut = command.partition(" | head -")
    program, *words = shlex.split(command)
    printed = helpers.run(*words).stdout.splitlines(keepends=True)

    assert "cstocases" == program
    assert output == "".join(printed[: int(cut)] if cut else printed)


def test_python_examples(tmp_path: Path) -> None:
    """The README's Python session gives what it shows."""
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    test = doctest.DocTestParser().get_doctest("".join(blocks), {}, "README", None, 0)

    assert doctest.TestResults(0, len(test.examples)) == doctest.DocTestRunner().run(test)
    assert test.examples


def test_worked_example() -> None:
    """docs/example.md runs from top to bottom and prints what it shows."""
    page = (ROOT / "docs/example.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    test = doctest.DocTestParser().get_doctest("".join(blocks), {}, "example", None, 0)

    assert doctest.TestResults(0, len(test.examples)) == doctest.DocTestRunner().run(test)
    assert len(test.examples) > 15


def test_the_picture_is_fresh(tmp_path: Path) -> None:
    """The README's picture says what the data say today: every word of it, in order."""
    save(plot("outcomes"), tmp_path / "outcomes.svg")
    words = [
        re.findall(r"<text[^>]*>([^<]*)", p.read_text(encoding="utf-8"))
        for p in (ROOT / "docs/outcomes.svg", tmp_path / "outcomes.svg")
    ]

    assert words[0] == words[1]
    assert len(words[0]) > 20


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_example(tmp_path: Path) -> None:
    """R reads the export and prints what the README shows."""
    (script, output), *_ = re.findall(r"```r\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL)
    cstocases.export(tmp_path / "build/cstocases")
    done = subprocess.run(["Rscript", "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert output.split() == done.stdout.split()


def test_every_command_and_target_is_named() -> None:
    """The README names each command, and its make targets exist."""
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert [name for name in main.commands if not re.search(rf"\b{name}\b", README)] == []
    assert {"export", "test"} <= set(targets)
    assert re.findall(r"^make (\w+)", README, re.MULTILINE) == ["export", "test"]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name: str) -> None:
    """Examples in docstrings run."""
    module = importlib.import_module(f"cstocases.{name}")

    assert doctest.testmod(module).failed == 0
