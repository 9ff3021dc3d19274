"""The house itself: which way imports point, what start-up costs, that generated files and versions agree."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import cstocases
from cstocases.schema.reader import default_home, package

ROOT = Path(__file__).resolve().parents[1]
CODE = Path(cstocases.__file__).parent
# Packages and the modules beside them, from the ground up: each may import itself and those before it.
ORDER = ["errors", "markup", "files", "schema", "parsing", "resolution", "validation", "derived", "dataset", "analysis", "formats", "pages", "people", "cli", "__main__"]  # fmt: skip
HEAVY = {"pandas", "pandera", "pyarrow", "numpy"}


def imported(file: Path) -> set[str]:
    """Packages of this project that a module imports, anywhere in its text."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "cstocases":
            parts = node.module.split(".")[1:]
            names |= {parts[0]} if parts else {alias.name for alias in node.names}
    return names


def package_of(file: Path) -> str:
    """The package a module is in, or the module itself where it stands beside the packages."""
    return file.relative_to(CODE).with_suffix("").parts[0]


@pytest.mark.parametrize("package", ORDER)
def test_imports_point_one_way(package: str) -> None:
    """The modules of a package import only their own package and those before it."""
    files = [file for file in CODE.rglob("*.py") if package_of(file) == package]

    assert files
    assert {} == {f.name: up for f in files if (up := imported(f) - set(ORDER[: ORDER.index(package) + 1]))}


def test_every_package_is_in_the_order() -> None:
    """No package escapes the rule by not being named, and each says what it is for in three sentences."""
    assert {"__init__", *ORDER} == {package_of(file) for file in CODE.rglob("*.py")}
    packages = list(CODE.glob("*/__init__.py"))
    assert {} == {
        f.parent.name: n
        for f in packages
        if (n := len(re.findall(r"\.(?=\s|$)", ast.get_docstring(ast.parse(f.read_text())) or ""))) != 3
    }


@pytest.mark.parametrize("code", ["import cstocases", "from cstocases.cli.main import main; main(['--help'])"])
def test_start_up_is_light(code: str) -> None:
    """Importing the package and printing help load none of the heavy libraries."""
    probe = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"


def test_public_names_exist_and_are_documented() -> None:
    """Each public name can be had and says what it is."""
    assert [name for name in cstocases.__all__ if not getattr(cstocases, name).__doc__] == []
    # Once imported, a package would take the place of a function of its name.
    assert set() == set(cstocases.__all__) & set(ORDER)
    with pytest.raises(AttributeError, match="has no attribute 'lode'"):
        cstocases.lode  # noqa: B018 - the access is the test


def test_citation_file_is_valid() -> None:
    """CITATION.cff holds what CFF 1.2.0 requires."""
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))

    assert (cff["cff-version"], cff["type"], cff["license"]) == ("1.2.0", "dataset", "CC-BY-4.0")
    assert [key for key in ("message", "title", "authors", "version", "date-released") if not cff.get(key)] == []


def test_versions_agree() -> None:
    """One version: dataset.json; package, changelog and citation follow it."""
    version = package().version
    newest = re.search(r"^## (\S+) \((\S+)\)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))

    assert newest is not None
    assert [version] * 3 == [cstocases.__version__, newest[1], cff["version"]]
    assert package().metadata["released"] == newest[2] == str(cff["date-released"])


def locked(name: str) -> dict[str, set[str]]:
    """The versions of each library that a lock names: more than one where Pythons differ."""
    found: dict[str, set[str]] = {}
    for library, version in re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(library, set()).add(version)
    return found


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_satisfies_the_bounds(lock: str) -> None:
    """Whatever pyproject.toml asks for is locked in versions within its bounds; if not, `make lock` is due."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras, groups = asked["project"]["optional-dependencies"], asked["dependency-groups"]
    wanted = [*asked["project"]["dependencies"], *asked["build-system"]["requires"], *groups["backend"]]
    if lock == "requirements-dev.txt":
        wanted += (line for line in chain(*extras.values(), *groups.values()) if isinstance(line, str))  # else a group
    found = {line: locked(lock).get(canonicalize_name(Requirement(line).name), set()) for line in wanted}

    assert {} == {k: v for k, v in found.items() if not v or not all(map(Requirement(k).specifier.contains, v))}


def test_the_locks_agree() -> None:
    """What `make export` installs is what the tests have."""
    export, dev = locked("requirements.txt"), locked("requirements-dev.txt")

    assert export == {name: dev.get(name) for name in export}
    assert len(export) > 10


def test_licences_are_there() -> None:
    """Code and data each have their licence."""
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    assert (ROOT / "LICENSE-DATA").read_text(encoding="utf-8").startswith("Attribution 4.0 International")


def test_nothing_but_data_in_the_data_folders() -> None:
    """cases/ and schema/ hold one file a table and dataset.json, as installed."""
    home = default_home()
    stored, every = package().stored, package().all_tables

    assert sorted(f"{name}.csv" for name in stored) == sorted(p.name for p in (home / "cases").iterdir())
    assert sorted([*(f"{n}.json" for n in every), "dataset.json"]) == sorted(
        p.name for p in (home / "schema").iterdir()
    )
    assert json.loads((home / "schema/dataset.json").read_text(encoding="utf-8"))["version"] == package().version
