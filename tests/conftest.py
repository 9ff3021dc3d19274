"""Fixtures: the shipped dataset and the small one, each in a folder of its own that a test may damage."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

# One cache for the whole run, in every process of it: data judged once are not judged again.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["CSTOCASES_CACHE"] = tempfile.mkdtemp(prefix="cstocases-judged-")

import helpers
import pytest
from filelock import FileLock
from hypothesis import settings

import cstocases

# How long an example takes depends on the machine; what it costs is the benchmark's to say.
settings.register_profile("search", deadline=None)
# The same examples in every run, so that a change is judged by what it changes.
settings.register_profile("cstocases", settings.get_profile("search"), derandomize=True)
settings.load_profile("cstocases")

SLOW_FILES = {"test_atomic.py", "test_other_programs.py"}


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker that divides `make test` from `make test-all`."""
    config.addinivalue_line("markers", "slow: takes long or needs other programs; run by `make test-all`")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what kills runs or runs other programs: whole files of tests, and every test in a browser."""
    for item in items:
        if item.path.name in SLOW_FILES or "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


def pytest_unconfigure() -> None:
    """Remove the cache of this run."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ["CSTOCASES_CACHE"], ignore_errors=True)


# R's QCA is in no registry of packages that CI reaches, so its one test may be skipped there too.
NOT_INSTALLED = re.compile(r"(\S+(?<!QCA)) is not installed|no Python with (pyspark)|no (cffconvert)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that was skipped because a program is not installed has failed."""
    report = yield
    if os.environ.get("CI") and report.skipped and NOT_INSTALLED.search(str(report.longrepr)):
        report.outcome, report.longrepr = "failed", f"{item.nodeid}: in CI no program may be missing: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say in one line which programs were missing, how many tests that skipped, and how to get them."""
    found = [NOT_INSTALLED.search(str(report.longrepr)) for report in terminalreporter.stats.get("skipped", [])]
    names = [next(filter(None, match.groups())) for match in found if match]
    programs = Path(__file__).parents[1] / ".ci/programs"
    if names and programs.exists():
        get = f"on Debian: apt-get install {programs.read_text(encoding='utf-8').strip()}"
        terminalreporter.write_line(f"{len(names)} tests skipped without {', '.join(sorted(set(names)))}; {get}")


@pytest.fixture
def unjudged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, for a test of judging itself."""
    monkeypatch.setenv("CSTOCASES_CACHE", str(tmp_path / "judged"))
    return tmp_path / "judged"


@pytest.fixture(scope="session")
def export_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One export of the shipped data in every format, for all processes of the run; no test changes it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of the run
    with FileLock(folder / "export.lock"):
        if not (folder / "export").exists():
            cstocases.export(folder / "export", ["all"])
    return folder / "export"


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped dataset as though no person had taken part; no test changes it."""
    return helpers.copy_untouched(tmp_path_factory.mktemp("untouched") / "home")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the shipped dataset."""
    return helpers.copy_shipped(tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the small dataset."""
    return helpers.write_small(tmp_path)
