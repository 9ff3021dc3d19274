"""No command uses the network, or writes anything but what it was asked for.

One exception is named: the cache folder, in which an empty file for each content remembers that it was judged sound. Here
it is the folder `judged` of the room; without CSTOCASES_CACHE it is in the user's cache folder.
"""

from __future__ import annotations

import ast
import os
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import copy_shipped, edit, git
from people.answers import coding, saved

import cstocases
from cstocases.cli.main import main

NETWORK = {
    "asyncio", "ftplib", "http", "httpx", "imaplib", "poplib", "requests", "smtplib", "socket", "socketserver", "ssl", "urllib", "urllib3", "webbrowser",
}  # fmt: skip
# The first event of the network, in this process, ends it: nothing can catch that and go on.
WATCH = f"""
import os, sys
NETWORK = {NETWORK}
def watch(event, args):
    if event.partition(".")[0] in NETWORK:
        os.write(2, ("network: " + event + "\\n").encode())
        os._exit(99)
sys.addaudithook(watch)
"""
COMMAND = "import runpy; runpy.run_module('cstocases', run_name='__main__', alter_sys=True)"
# Neither the libraries in C nor other programs tell an audit hook, so the kernel takes the network away,
# and every disk but the folder $1.
CUT = ["unshare", "--map-root-user", "--net", "--mount", "sh", "-c",
       'mount --bind "$1" "$1" && mount -o remount,bind,ro / && cd "$1/here" && shift && exec "$@"', "sh"]  # fmt: skip

# What each command is run with, in a folder of its own, and what it leaves there.
RUNS = {
    "tables": [],
    "describe requests.addressee": [],
    "show kgz-2010": [],
    "compare kgz-2010 arm-2020 --rule official": [],
    "evidence requests kgz-2010-troops addressee": [],
    "candidates --as-of 2012-01-01 --format json": [],
    "why arm-2020": [],
    "contested --between published official": [],
    "sensitivity arm-2020 --condition OWNTERR": [],
    "sensitivity --cells arm-2020 --condition OWNTERR": [],
    "suppose answers kgz-2010-troops-csto-forces-protective answer agreed": [],
    "reliability": [],
    "export out -f all": ["out"],
    "report report.html": ["report.html"],
    "plot timeline -o picture.svg": ["picture.svg"],
    "plot asks -o picture.png": ["picture.png"],
    "plot evidence -o picture.pdf": ["picture.pdf"],
    "qca out": ["out"],
    "cite --case kgz-2010 --style bibtex": [],
    "codebook --format html": [],
    "validate": [],
    "diff git:HEAD ../copy --home ../copy": [],
    "verify {export}": [],
    "format --home ../copy": [],
    "sheet coding anna.html --coder anna --case kgz-2016": ["anna.html"],
    "sheet coding anna.xlsx --coder anna --case kgz-2016": ["anna.xlsx"],
    "sheet checks checks.html --coder anna --case kgz-2016": ["checks.html"],
    "sheet correction fix.toml requests kgz-2010-troops date": ["fix.toml"],
    "sheet case arm-1995.toml --state ARM --case arm-1995": ["arm-1995.toml"],
    "enter ../anna.json": [],
}
# matplotlib keeps its list of fonts; pictures leave nothing else.
FONTS = [".cache", ".cache/matplotlib", ".config", ".config/matplotlib"]


@pytest.fixture(scope="session")
def cut(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Empty if this machine lets us cut the network off, or why it does not."""
    room = tmp_path_factory.mktemp("cut")
    (room / "here").mkdir()
    try:
        done = subprocess.run([*CUT, str(room), "true"], capture_output=True, text=True)
    except FileNotFoundError:
        return "there is no unshare"
    return f"{done.stderr.strip()} (exit code {done.returncode})" if done.returncode else ""


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache in which the shipped data were judged."""
    cache = tmp_path_factory.mktemp("judged")
    subprocess.run(
        [sys.executable, "-c", COMMAND, "tables"],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "CSTOCASES_CACHE": str(cache)},
    )
    return cache


@pytest.fixture
def room(tmp_path: Path, judged: Path) -> Path:
    """A folder with four: where a command runs, its HOME and its TMPDIR, all empty, and a cache of the judged data."""
    for name in ("here", "home", "tmp"):
        (tmp_path / "room" / name).mkdir(parents=True)
    shutil.copytree(judged, tmp_path / "room/judged")
    return tmp_path / "room"


def copy_in_git(room: Path) -> None:
    """A copy of the data in git, with a file that `format` would rewrite."""
    copy = copy_shipped(room / "copy")
    git(copy, "init", "-q")
    git(copy, "add", "-A")
    git(copy, "commit", "-qm", "x")
    edit(copy, "cases/requests.csv", b"\n", b"\r\n")


def run(room: Path, code: str, cut: str, *words: str, cache: str = "judged") -> subprocess.CompletedProcess[str]:
    """Run Python code under the hook, without network and with read-only disks where that can be had."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "MPL", "CSTOCASES_"))}
    kept |= {"CSTOCASES_CACHE": str(room / cache)} if cache else {}
    return subprocess.run(
        [*([] if cut else [*CUT, str(room)]), sys.executable, "-c", WATCH + code, *words],
        cwd=room / "here",
        env=kept | {"HOME": str(room / "home"), "TMPDIR": str(room / "tmp")},
        capture_output=True,
        text=True,
    )


def left(room: Path) -> dict[str, list[str]]:
    """What stands in each folder that was empty; in HOME two levels of it."""
    found = {name: sorted(path.name for path in (room / name).iterdir()) for name in ("here", "tmp")}
    home = [path.relative_to(room / "home").as_posix() for path in (room / "home").rglob("*")]
    return found | {"home": sorted(name for name in home if name.count("/") < 2)}


def test_every_command_is_run() -> None:
    """The commands run here are all there are."""
    assert set(main.commands) == {line.split()[0] for line in RUNS}


@pytest.mark.slow
@pytest.mark.parametrize("line", RUNS)
def test_a_command_needs_no_network(line: str, room: Path, export_all: Path, cut: str) -> None:
    """The command does its work without network, and leaves nothing but what it was asked for."""
    words = shlex.split(line.format(export=export_all))
    if "../copy" in words:
        copy_in_git(room)
    if "../anna.json" in words:
        saved(coding("kgz-2016", {"requests/kgz-2016-session/addressee": "csto_council"}), room / "anna.json")
    done = run(room, COMMAND, cut, *words)

    assert (0, "") == (done.returncode, done.stderr if done.returncode else "")
    assert {"here": RUNS[line], "tmp": [], "home": FONTS if words[0] in ("plot", "report") else []} == left(room)


@pytest.mark.slow
def test_judged_data_are_remembered_in_the_cache_folder(room: Path, cut: str) -> None:
    """Without CSTOCASES_CACHE the one trace is what was judged and computed, in the user's cache folder."""
    done = run(room, COMMAND, cut, "compare", cache="")
    cache = room / "home/.cache/cstocases"

    assert (0, "") == (done.returncode, done.stderr)
    assert {"here": [], "tmp": [], "home": [".cache", ".cache/cstocases"]} == {
        name: [path for path in paths if path.count("/") < 2] for name, paths in left(room).items()
    }
    computed = {"comparison.json", "published.arrow", "readings.arrow", "statuses.arrow"}
    assert {"sound", *computed} == {path.name for path in cache.rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "event"),
    [
        ("import socket; socket.create_connection(('localhost', 1))", "socket.getaddrinfo"),
        ("import socket; socket.socket()", "socket.__new__"),
        ("import urllib.request; urllib.request.urlopen('http://localhost:1')", "urllib.Request"),
        ("import pandas; pandas.read_csv('http://localhost:1')", "urllib.Request"),
    ],
)
def test_the_hook_sees_the_network(code: str, event: str, room: Path) -> None:
    """A process that turns to the network is ended, even if it would swallow the error."""
    done = run(room, f"try:\n    {code}\nexcept BaseException:\n    pass", "only the hook")

    assert (99, f"network: {event}\n") == (done.returncode, done.stderr)


@pytest.mark.slow
def test_the_network_is_cut_off(room: Path, cut: str) -> None:
    """A program that reaches a server of this machine does not from where the commands run."""
    if cut:
        pytest.skip(f"the commands run under the hook alone: {cut}")
    with socket.create_server(("127.0.0.1", 0)) as server:
        call = f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))"
        reached = subprocess.run([sys.executable, "-c", call], capture_output=True)
        not_reached = subprocess.run([*CUT, str(room), sys.executable, "-c", call], capture_output=True, text=True)

    assert (0, 1) == (reached.returncode, not_reached.returncode)
    assert "Network is unreachable" in not_reached.stderr


@pytest.mark.slow
def test_only_the_room_can_be_written(room: Path, cut: str) -> None:
    """A program writes into the room, where it is seen, and nowhere else."""
    if cut:
        pytest.skip(f"the commands run on writable disks: {cut}")
    inside = run(room, "import pathlib; (pathlib.Path.home() / 'trace').touch()", cut)
    outside = run(room, "import pathlib; pathlib.Path('../../trace').touch()", cut)

    assert (0, 1) == (inside.returncode, outside.returncode)
    assert {"here": [], "tmp": [], "home": ["trace"]} == left(room)
    assert "Read-only file system" in outside.stderr


def imported(module: Path) -> set[str]:
    """The top-level names of what a module imports."""
    tree = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    names = [
        alias.name if isinstance(node, ast.Import) else node.module or ""
        for node in tree
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    ]
    return {name.partition(".")[0] for name in names if name != "urllib.parse"}  # which only takes addresses apart


def test_no_module_imports_the_network() -> None:
    """No module of the package imports one that opens connections."""
    modules = list(Path(cstocases.__file__).parent.rglob("*.py"))

    assert len(modules) > 30
    assert {} == {module.name: found for module in modules if (found := imported(module) & NETWORK)}
