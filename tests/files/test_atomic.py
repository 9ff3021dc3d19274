"""Writing that is interrupted: killed at every step, on full and read-only disks, two at once; never a mixture of old and new."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import helpers
import pytest
import striking
from helpers import lay, state
from striking import FOREIGN, run

import cstocases
from cstocases.errors import ExportError
from cstocases.formats import canonical
from cstocases.formats.registry import FORMATS

CUT = ([signal.SIGKILL, signal.SIGINT], ["killed", "ctrl-c"])


@pytest.fixture
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a process says what it says."""
    return tmp_path_factory.mktemp("log") / "log"


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(p.name for p in folder.iterdir())


def whole(tmp_path: Path, work: Callable[..., None]) -> dict[str | None, Any]:
    """What an undisturbed run leaves, by tag; None where none has been."""
    for tag in ("old", "new", "last"):
        work(str(tmp_path / tag), tag, False)
    return {None: None} | {tag: state(tmp_path / tag) for tag in ("old", "new", "last")}


@pytest.mark.parametrize("signum", CUT[0], ids=CUT[1])
@pytest.mark.parametrize("had", [None, "old"])
@pytest.mark.parametrize("work", [striking.folder, striking.file])
def test_cut_off_at_every_step(tmp_path: Path, there: Path, log: Path, work: Callable[..., None], had: str | None, signum: signal.Signals) -> None:  # fmt: skip
    """Killed or interrupted before any step, a run leaves the old, the new or nothing, and the next run clears what is left."""
    made, seen = whole(tmp_path, work), set()
    for step in itertools.count(1):
        lay(there / "x", made[had])
        if run(work, str(there / "x"), "new", True, at=step, signum=signum, log=log) == 0:
            break
        left = state(there / "x")
        killed_amid_the_moves = signum == signal.SIGKILL and work is striking.folder
        assert left in (made[had], made["new"], *([None] if killed_amid_the_moves else [])), step
        seen.add(next(tag for tag in (None, "old", "new") if made[tag] == left))
        if signum == signal.SIGINT and left == made[had]:
            assert state(there) == FOREIGN | ({"x": left} if left else {}), step

        # Without force nothing is replaced, so a folder that was moved out of its place shows that it is put back.
        forced = not (work is striking.folder and had)
        run(work, str(there / "x"), "last", forced, log=log)
        assert FOREIGN | {"x": made["last"] if forced else left or made["old"]} == state(there), step
    assert {had, "new"} <= seen
    assert (None in seen) or signum == signal.SIGINT or work is striking.file
    assert step > 8


def test_format_killed_at_every_step(small: Path, log: Path) -> None:
    """Before each step of `format` it is killed: every table is as it was or canonical, and the next run leaves nothing else."""
    sound = state(small)
    for name in ("cases", "requests"):
        table = helpers.csv_path(small, name)
        table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    spoilt, seen = state(small), set()
    for step in itertools.count(1):
        lay(small, spoilt)
        if run(striking.command, "format", "--home", str(small), at=step, signum=signal.SIGKILL, log=log) == 0:
            break
        left = state(small / "cases")
        assert all(raw in (spoilt["cases"][name], sound["cases"][name]) for name, raw in left.items()), step
        seen.add(sum(raw != sound["cases"][name] for name, raw in left.items()))
        assert 0 == run(striking.command, "format", "--home", str(small), log=log)
        assert sound == state(small), step
    assert {0, 1, 2} == seen


@pytest.mark.parametrize("when", ["canonical", "beside"])
def test_an_edit_made_during_format_is_kept(small: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """A table saved by somebody after `format` has read it, or while it writes, is left alone, and the command says so."""
    table = helpers.csv_path(small, "cases")
    table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    edited = table.read_bytes() + b"# an edit\n"
    step = getattr(canonical, when)

    def edit_after(*words: Any) -> Any:
        done = step(*words)
        if when == "beside" or words[0].name == "cases":
            table.write_bytes(edited)
        return done

    monkeypatch.setattr(canonical, when, edit_after)
    done = helpers.run("format", "--home", str(small))
    assert (1, True) == (done.exit_code, "cases.csv changed while it was being rewritten" in done.stderr)
    assert edited == table.read_bytes()


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("when", ["during", "rename", "replace"])
def test_two_at_once(tmp_path: Path, there: Path, log: Path, monkeypatch: pytest.MonkeyPatch, when: str, force: bool) -> None:  # fmt: skip
    """A second process writes while the first writes, or just before one of its moves: one whole result, and a loser says why."""
    made = whole(tmp_path, striking.folder)
    lay(there / "x", made["old"] if force else None)
    ran = []

    def second(*moved: Any) -> None:
        if not ran:
            ran.append(run(striking.folder, str(there / "x"), "last", force, log=log))
        if moved:
            move(*moved)

    if when != "during":
        move = getattr(os, when)
        monkeypatch.setattr(os, when, second)
    error = ""
    try:
        striking.folder(str(there / "x"), "new", force, second if when == "during" else lambda: None)
    except ExportError as said:
        error = str(said)
    monkeypatch.undo()

    if when == "during":
        assert ("" if force else "exists; choose another folder", [0]) == (error and error.split("x ")[1][:29], ran)
    won = made["last" if error else "new"]
    assert FOREIGN | {"x": won} == state(there)
    assert [bool(ran), True] == [when != "rename" or force, error == "" or "exists" in error or "not empty" in error]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A small file system of its own; called with options of mount it changes, and gives its place."""
    at = tmp_path / "disk"
    at.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(at)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")

    def remount(options: str) -> Path:
        subprocess.run(["mount", "-o", f"remount,{options}", str(at)], check=True)
        return at

    yield remount
    # Lazily: a library that failed for want of room may hold its file open until Python frees it.
    subprocess.run(["umount", "--lazy", str(at)], check=True)


def used(at: Path) -> int:
    """Bytes in use on a file system."""
    found = os.statvfs(at)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk(disk: Callable[[str], Path], small: Path, form: str) -> None:
    """On a disk with room for half of it an export says so in one line and leaves the old one."""
    at = disk("size=64m")
    words = ("export", str(at / "x"), "--force", "--home", str(small), "-f")
    assert 0 == helpers.run(*words, form).exit_code
    need = used(at)
    shutil.rmtree(at / "x")
    assert 0 == helpers.run(*words, "csv").exit_code
    before = state(at)
    disk(f"size={used(at) + need // 2}")
    done = helpers.run(*words, form)
    assert (1, "") == (done.exit_code, done.stdout)
    assert re.fullmatch(rf"Error: cannot write {at}/x: .+\n", done.stderr)
    assert before == state(at)


def test_a_disk_that_is_read_only(disk: Callable[[str], Path], log: Path) -> None:
    """On a read-only disk nothing is written, and the old export still verifies."""
    at = disk("rw")
    striking.folder(str(at / "x"), "old", False)
    disk("ro")
    for dest in ("x", "y"):
        assert 1 == run(striking.folder, str(at / dest), "new", True, log=log)
        assert f"Error: cannot write beside {at}/{dest}: Read-only file system\n" == log.read_text()
    assert ([], ["x"]) == (cstocases.verify(at / "x"), names(at))


def test_half_a_file_is_never_put_in_its_place(there: Path, log: Path) -> None:
    """A file that could not be written whole is not there."""
    assert 1 == run(striking.file, str(there / "new"), "tag", False, limit=2048, log=log)
    assert f"Error: cannot write {there}/new: File too large\n" == log.read_text(encoding="utf-8")
    assert FOREIGN == state(there)


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that a user without rights may enter and write in."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o777)
    yield path
    subprocess.run(["chmod", "-R", "u+rwx", str(path)], check=True)
    shutil.rmtree(path)


def test_folders_without_permission(open_to_all: Path) -> None:
    """For a user without rights a folder that cannot be written in, and an export that is read-only, is said in one line."""
    log, x = open_to_all / "log", open_to_all / "x"
    for mode in (0o555, 0o000):
        (open_to_all / "parent").mkdir(exist_ok=True)
        (open_to_all / "parent").chmod(mode)
        assert 1 == run(striking.folder, str(open_to_all / "parent/x"), "new", True, nobody=True, log=log)
        assert re.fullmatch(r"Error: cannot write (beside )?\S+/parent/x: Permission denied\n", log.read_text())
    assert 0 == run(striking.folder, str(x), "old", False, nobody=True, log=log)
    before = state(x)
    x.chmod(0o555)
    assert 1 == run(striking.folder, str(x), "new", True, nobody=True, log=log)
    assert (f"Error: cannot write {x}: Permission denied\n", before) == (log.read_text(), state(x))
    x.chmod(0o755)
    (x / "part").chmod(0o555)
    assert 0 == run(striking.folder, str(x), "new", True, nobody=True, log=log)
    assert (b"new", ["log", "parent", "x"]) == ((x / "README.md").read_bytes(), names(open_to_all))


@pytest.mark.parametrize("words", [("export", "there/x", "-f", "all", "--home", "small"), ("plot", "rationales", "-o", "there/x.svg"), ("format", "--home", ".")], ids=lambda words: words[0])  # fmt: skip
def test_nothing_is_written_but_in_the_folder_beside(home: Path, log: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:  # fmt: skip
    """Whatever command writes, every file it opens for writing lies in the hidden folder, and one move puts it in its place."""
    table = helpers.csv_path(home, "states")
    if words[0] == "format":
        table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    monkeypatch.chdir(home)
    (home / "there").mkdir()
    (home / "small").mkdir()
    helpers.write_small(home / "small")
    assert 0 == run(striking.noted, str(home / "notes"), *words, log=log), log.read_text()

    notes = [line.split(" ", 1) for line in (home / "notes").read_text(encoding="utf-8").splitlines()]
    inside = re.compile(rf"{home}/(there/)?\.[^/]+\.cstocases-[0-9]+-[a-z0-9_]{{8}}/.+")
    written = [str(home / path) for what, path in notes if what == "write" and str(home / path).startswith(str(home))]
    assert ([], True) == ([path for path in written if not inside.fullmatch(path)], written != [])
    place = table if words[0] == "format" else home / next(word for word in words if word.startswith("there"))
    assert [str(place)] == [path for what, path in notes if what == "move" and path.startswith(str(home))]


def test_a_reader_that_leaves_early(there: Path, small: Path) -> None:
    """With `| head` the export is whole and there is no traceback."""
    words = [sys.executable, "-m", "cstocases", "export", str(there / "x"), "--home", str(small), "-f", "csv"]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (1, f"The dataset is in {there / 'x'}; start with README.md.\n") == (done.returncode, done.stderr)
    assert [] == cstocases.verify(there / "x")
