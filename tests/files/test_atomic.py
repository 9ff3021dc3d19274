"""Interrupted runs: killed at every step and at random, on full and read-only disks, several at once; never a mixture."""

from __future__ import annotations

import itertools
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import helpers
import pytest
import striking
from click.testing import Result
from striking import ended, lay, run, start, state

import cstocases
from cstocases.errors import ExportError
from cstocases.files import atomic
from cstocases.formats.qca import qca
from cstocases.formats.registry import FORMATS

KILLS = int(os.environ.get("CSTOCASES_KILLS", "15"))  # of the command; of the quick writer ten times as many
# Other people's things, some with names much like those of a run that writes `x`.
FOREIGN = {
    "beside.txt": b"mine",
    "folder": {"a": b"mine", "b": {}, "old": {"a": b"mine"}},
    ".x.cstocases-notes": {"a": b"mine"},
    ".x.cstocases-aaaaaaaa": b"a file",
    ".x.cstocases-bbbbbbbb": "-> folder",
    ".y.cstocases-cccccccc": {"old": {"a": b"of a run that writes y"}},
}
TAGS = ("old", "new", "last")


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A folder to write `x` in, with other people's things."""
    lay(tmp_path / "there", FOREIGN)
    return tmp_path / "there"


@pytest.fixture
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a process says what it says."""
    return tmp_path_factory.mktemp("log") / "log"


def reset(path: Path, wanted: Any) -> None:
    """Make a path hold just this."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    lay(path, wanted)


def whole(tmp_path: Path, work: Callable[..., None], *arguments: Any) -> dict[str | None, Any]:
    """What an undisturbed run leaves, by tag; None where none has been."""
    for tag in TAGS:
        work(str(tmp_path / tag), tag, False, *arguments)
    return {None: None} | {tag: state(tmp_path / tag) for tag in TAGS}


@pytest.mark.parametrize("had", [None, "old"])
@pytest.mark.parametrize("work", [striking.folder, striking.file])
def test_killed_at_every_step(
    tmp_path: Path, there: Path, log: Path, work: Callable[..., None], had: str | None
) -> None:
    """Before each of its steps a run is killed: the old, the new or nothing is there, and the next run puts all right."""
    made = whole(tmp_path, work)
    seen = set()
    for step in itertools.count(1):
        reset(there / "x", made[had])
        if (code := run(work, str(there / "x"), "new", True, at=step, signum=signal.SIGKILL, log=log)) == 0:
            break
        left = state(there / "x")
        assert (-signal.SIGKILL, True) == (code, left in (made[had], made["new"], None)), step
        seen.add(next(tag for tag in (None, "old", "new") if made[tag] == left))

        # A folder without force: what was moved out of its place and lost its owner is put back, and then nothing is replaced.
        folder = work is striking.folder
        run(work, str(there / "x"), "last", not folder, log=log)
        assert FOREIGN | {"x": (folder and (left or made[had])) or made["last"]} == state(there), step
    assert {had, "new", *({None} if work is striking.folder else ())} == seen
    assert step > (30 if work is striking.folder else 8)


def test_a_mixture_would_be_seen(tmp_path: Path, there: Path, log: Path) -> None:
    """A writer that writes straight into the place and is killed leaves what these tests take for a mixture."""
    made = whole(tmp_path, striking.folder)
    lay(there / "x", made["old"])
    assert -signal.SIGKILL == run(striking.straight, str(there / "x"), "new", at=4, signum=signal.SIGKILL, log=log)
    assert state(there / "x") not in (made["old"], made["new"], None)


@pytest.mark.parametrize("had", [None, "old"])
def test_ctrl_c_at_every_step(tmp_path: Path, there: Path, log: Path, had: str | None) -> None:
    """Ctrl-C before each step leaves the old with no litter, or the new, with litter only if it fell into the clearing up."""
    made = whole(tmp_path, striking.folder)
    seen = set()
    for step in itertools.count(1):
        reset(there / "x", made[had])
        if run(striking.folder, str(there / "x"), "new", True, at=step, signum=signal.SIGINT, log=log) == 0:
            break
        left = state(there / "x")
        assert left in (made[had], made["new"]), step
        if left == made[had]:
            assert state(there) == FOREIGN | ({"x": left} if left else {}), step
        seen.add("new" if left == made["new"] else had)
        run(striking.folder, str(there / "x"), "last", True, log=log)
        assert FOREIGN | {"x": made["last"]} == state(there), step
    assert {had, "new"} == seen


def test_killed_at_random(tmp_path: Path, there: Path, log: Path) -> None:
    """A slow writer killed at random moments, run upon run: always the old, the new or nothing, and at last all is clear."""
    slow = (30, 0.002)
    made = whole(tmp_path, striking.folder, *slow)
    begun = time.monotonic()
    assert 0 == run(striking.folder, str(there / "x"), "old", False, *slow, log=log)
    length = time.monotonic() - begun

    held, midst = "old", 0
    for i in range(10 * KILLS):
        tag = next(tag for tag in (TAGS[i % 3], TAGS[(i + 1) % 3]) if tag != held)
        process = start(striking.folder, str(there / "x"), tag, True, *slow, log=log)
        time.sleep(random.uniform(0, length))  # noqa: S311 - moments, not secrets
        process.kill()
        process.join()
        left = state(there / "x")
        assert left in (made[held], made[tag], None), f"kill {i}"
        midst += any(FOREIGN.keys().isdisjoint({p.name}) and p.name != "x" for p in there.iterdir())
        held = next(tag for tag in TAGS if made[tag] == left) if left else held
    assert midst > KILLS, "few of the kills fell into the writing"
    assert 0 == run(striking.folder, str(there / "x"), "new", True, *slow, log=log)
    assert FOREIGN | {"x": made["new"]} == state(there)


def test_the_command_killed_at_random(tmp_path: Path, there: Path, small: Path) -> None:
    """`cstocases export` killed at random moments of its whole life, and of its writing: the old, the new or nothing."""
    choices = {"old": ["csv"], "new": ["csv", "json"]}
    made = {tag: state(cstocases.export(tmp_path / tag, formats, home=small)) for tag, formats in choices.items()}
    lay(there / "x", made["old"])

    def began(tag: str) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "cstocases", "export", str(there / "x"), "--force", "--home", str(small)]
        return subprocess.Popen(words + [w for f in choices[tag] for w in ("-f", f)], stdout=-3, stderr=-3)

    def writing(process: subprocess.Popen[bytes], known: set[str]) -> float:
        while process.poll() is None and not {p.name for p in there.iterdir()} - known:
            time.sleep(0.002)
        return time.monotonic()

    begun = time.monotonic()
    process = began("new")
    wrote = writing(process, {*FOREIGN, "x"})
    assert 0 == process.wait()
    whole_life, write_life = time.monotonic() - begun, time.monotonic() - wrote

    held = "new"
    for i in range(KILLS):
        tag = "old" if held == "new" else "new"
        known = {p.name for p in there.iterdir()}
        process = began(tag)
        if i % 2:
            writing(process, known | {"x"})
        time.sleep(random.uniform(0, write_life if i % 2 else whole_life))  # noqa: S311 - moments, not secrets
        process.kill()
        process.wait()
        left = state(there / "x")
        assert left in (made[held], made[tag], None), f"kill {i}"
        held = next(tag for tag in made if made[tag] == left) if left else held
        assert FOREIGN.items() <= state(there).items()
    assert 0 == began("new").wait()
    assert FOREIGN | {"x": made["new"]} == state(there)


def test_terminated(tmp_path: Path, there: Path, log: Path) -> None:
    """SIGTERM ends a run at once; the old is there, and the next run clears what is left."""
    made = whole(tmp_path, striking.folder)
    lay(there / "x", made["old"])
    assert -signal.SIGTERM == run(striking.folder, str(there / "x"), "new", True, at=15, signum=signal.SIGTERM, log=log)
    assert made["old"] == state(there / "x")
    assert 0 == run(striking.folder, str(there / "x"), "new", True, log=log)
    assert FOREIGN | {"x": made["new"]} == state(there)


def test_tables_killed_at_every_step_of_format(small: Path, log: Path) -> None:
    """Before each step of `format` it is killed: every table is as it was or canonical, and the next run leaves no litter."""
    canonical = state(small)
    for name in ("cases", "requests"):
        table = helpers.csv_path(small, name)
        table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    spoilt = state(small)
    choices = {name: (raw, canonical["cases"][name]) for name, raw in spoilt["cases"].items()}
    seen = set()
    for step in itertools.count(1):
        reset(small, spoilt)
        if (
            code := run(striking.command, "format", "--home", str(small), at=step, signum=signal.SIGKILL, log=log)
        ) == 0:
            break
        left = state(small / "cases")
        assert (-signal.SIGKILL, choices.keys()) == (code, left.keys()), step
        assert [] == [name for name, raw in left.items() if raw not in choices[name]], step
        seen.add(tuple(name for name, raw in left.items() if raw != choices[name][1]))
        assert 0 == run(striking.command, "format", "--home", str(small), log=log)
        assert canonical == state(small), step
    assert {0, 1, 2} == {len(names) for names in seen}


def test_an_edit_made_during_format_is_kept(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table saved by somebody while `format` runs is left alone, and the command says so."""
    table = helpers.csv_path(small, "cases")
    table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    edited = table.read_bytes() + b"# an edit\n"
    beside = atomic.beside
    monkeypatch.setattr(atomic, "beside", lambda target: table.write_bytes(edited) and beside(target))

    done = helpers.run("format", "--home", str(small))
    assert (1, True) == (done.exit_code, "cases.csv changed while it was being rewritten" in done.stderr)
    assert edited == table.read_bytes()


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(p.name for p in folder.iterdir())


@pytest.mark.parametrize("force", [False, True])
def test_two_at_once_in_every_order(tmp_path: Path, there: Path, log: Path, force: bool) -> None:
    """One run is halted before each of its steps while another runs: one whole result, and without force one loser, who says so."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("whether a process is halted is read in /proc, which is not here")
    made = whole(tmp_path, striking.folder, 2)
    other = tmp_path / "other"
    for step in itertools.count(1):
        reset(there / "x", made["old"] if force else None)
        first = start(striking.folder, str(there / "x"), "new", force, 2, at=step, signum=signal.SIGSTOP, log=log)
        while (
            first.exitcode is None and Path(f"/proc/{first.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T"
        ):
            time.sleep(0.002)
        if first.exitcode is not None:
            break
        second = start(striking.folder, str(there / "x"), "last", force, 2, log=other)
        second.join(0.3)  # it may have to wait for the halted one
        os.kill(first.pid or 0, signal.SIGCONT)
        codes = {"new": ended(first), "last": ended(second)}
        said = log.read_text() + other.read_text()

        if force:
            assert ({"new": 0, "last": 0}, "") == (codes, said), step
        else:
            assert ([0, 1], True) == (sorted(codes.values()), "exists; choose another folder" in said), step
        won = [made[tag] for tag, code in codes.items() if code == 0]
        assert [FOREIGN | {"x": state(there / "x")}, True] == [state(there), state(there / "x") in won], step
    assert step > 30


@pytest.mark.parametrize("force", [False, True])
def test_five_at_once(tmp_path: Path, there: Path, force: bool) -> None:
    """Five runs started together, again and again: one result, whole; without force one of them wins and the others say why not."""
    tags = [f"tag{i}" for i in range(5)]
    for tag in tags:
        striking.folder(str(tmp_path / tag), tag, False)
    for _ in range(KILLS):
        reset(there / "x", state(tmp_path / "tag0") if force else None)
        runs = {tag: start(striking.folder, str(there / "x"), tag, force, log=tmp_path / f"{tag}.log") for tag in tags}
        codes = {tag: ended(process) for tag, process in runs.items()}
        losers = [tag for tag in tags if codes[tag]]

        assert ([0] * 5 if force else [0, 1, 1, 1, 1]) == sorted(codes.values())
        assert [] == [t for t in losers if "exists; choose another folder" not in (tmp_path / f"{t}.log").read_text()]
        assert state(there / "x") in [state(tmp_path / tag) for tag in tags if tag not in losers]
        assert sorted([*FOREIGN, "x"]) == names(there)


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_two_commands_at_once(tmp_path: Path, there: Path, small: Path, force: list[str]) -> None:
    """Two exports by the command at once: one whole result; without --force the loser exits 1 with one line."""
    words = [sys.executable, "-m", "cstocases", "export", str(there / "x"), "--home", str(small), *force]
    runs = [subprocess.Popen([*words, "-f", f], stdout=-1, stderr=-1, text=True) for f in ("csv", "json")]
    ends = sorted((process.wait(), said[1]) for process in runs if (said := process.communicate()))
    made = [state(cstocases.export(tmp_path / f, [f], home=small)) for f in ("csv", "json")]

    assert state(there / "x") in made
    assert sorted([*FOREIGN, "x"]) == names(there)
    if force:
        assert [0, 0] == [code for code, _ in ends]
    else:
        assert [0, 1] == [code for code, _ in ends]
        assert re.fullmatch(r"Error: \S+/x exists; choose another folder, or --force.*\n", ends[1][1])


def test_a_lock_that_is_never_freed(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If another program holds the lock of the folder for good, the run gives up and says so."""
    monkeypatch.setattr(atomic, "PATIENCE", 0.2)
    holder = subprocess.Popen([sys.executable, "-c", LOCK, str(there)], stdin=-1, stdout=-1)
    assert b"locked\n" == holder.stdout.readline()  # type: ignore[union-attr]
    with pytest.raises(ExportError, match=f"cannot write beside .*: another program holds the lock of {there}"):
        striking.folder(str(there / "x"), "new", False)
    holder.communicate(b"")
    assert state(there) == FOREIGN
    striking.folder(str(there / "x"), "new", False)


LOCK = """
import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


class Disk:
    """A small file system of its own."""

    def __init__(self, at: Path) -> None:
        self.at = at

    def set(self, options: str) -> None:
        """Change its size or make it read-only."""
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.at)], check=True)

    def used(self) -> int:
        """Bytes in use."""
        found = os.statvfs(self.at)
        return (found.f_blocks - found.f_bfree) * found.f_frsize


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A tmpfs of 64 MB."""
    at = tmp_path / "disk"
    at.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(at)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield Disk(at)
    # Lazily: a library that failed for want of room may hold its file open until Python frees it.
    subprocess.run(["umount", "--lazy", str(at)], check=True)


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk(disk: Disk, small: Path, form: str) -> None:
    """On a disk with room for a tenth, half or all but a page of it an export says so in one line and leaves the old one."""
    there = disk.at / "there"
    lay(there, FOREIGN)

    def export(name: str, form: str) -> Result:
        return helpers.run("export", str(there / name), "--force", "--home", str(small), "-f", form)

    assert 0 == export("x", "csv").exit_code
    before, had = state(there), disk.used()
    assert 0 == export("z", form).exit_code
    need = disk.used() - had
    shutil.rmtree(there / "z")

    for room in (need // 10, need // 2, need - 4096):
        disk.set(f"size={had + room}")
        done = export("x", form)
        assert (1, "") == (done.exit_code, done.stdout)
        assert re.fullmatch(rf"Error: cannot write {there}/x: .+\n", done.stderr)
        assert before == state(there)
    disk.set("size=64m")
    assert 0 == export("x", form).exit_code
    assert [] == cstocases.verify(there / "x")
    assert sorted([*FOREIGN, "x"]) == names(there)


def test_no_inodes(disk: Disk, log: Path) -> None:
    """A disk that has room but no more files to give is a full disk."""
    disk.set("nr_inodes=8")
    assert 1 == run(striking.folder, str(disk.at / "x"), "new", False, log=log)
    assert f"Error: cannot write {disk.at}/x: No space left on device\n" == log.read_text()
    assert [] == names(disk.at)


def test_a_limit_on_the_size_of_files(there: Path, small: Path, log: Path) -> None:
    """Where no file may grow beyond a page, each format says so in one line, without a traceback, and nothing is left."""
    words = ("export", str(there / "x"), "--home", str(small), "-f")
    assert 0 == run(striking.commands, [(*words, form) for form in FORMATS], limit=4096, log=log)
    said = log.read_text(encoding="utf-8").splitlines()
    assert [] == [line for line in said if not re.fullmatch(rf"Error: cannot write {there}/x: .+", line)]
    assert [len(FORMATS), FOREIGN] == [len(said), state(there)]


@pytest.mark.parametrize("name", ["x", "old", "new"])
def test_half_a_file_is_never_put_in_its_place(there: Path, name: str, log: Path) -> None:
    """A file that could not be written whole is not there, whatever it is called."""
    assert 1 == run(striking.file, str(there / name), "tag", False, limit=2048, log=log)
    assert f"Error: cannot write {there}/{name}: File too large\n" == log.read_text(encoding="utf-8")
    assert FOREIGN == state(there)


@pytest.mark.parametrize(
    "words",
    [
        ("report", "DEST", "--force"),
        ("plot", "universe", "-o", "DEST", "--force"),
        ("format",),
        ("qca", "DEST", "--rule", "published", "--force"),
    ],
    ids=lambda words: words[0],
)
def test_the_other_commands_on_a_full_disk(disk: Disk, log: Path, words: tuple[str, ...]) -> None:
    """`report`, `plot`, `format` and `qca` on a full disk exit 1 with one line and leave what was there."""
    home = helpers.copy_shipped(disk.at)
    if words[0] == "format":
        table = helpers.csv_path(home, "evidence")
        table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    elif words[0] == "qca":
        qca(disk.at / "x.svg", ["strict"])
    else:
        (disk.at / "x.svg").write_bytes(b"the old picture or page")
    before = state(disk.at)
    disk.set(f"size={disk.used() + 8192}")
    done = [str(disk.at / "x.svg") if word == "DEST" else word for word in words]

    assert 1 == run(striking.command, *done, "--home", str(home), log=log)
    assert re.fullmatch(r"Error: cannot write \S+: No space left on device\n", log.read_text()), log.read_text()
    assert before == state(disk.at)


def test_a_disk_that_is_read_only(disk: Disk, log: Path) -> None:
    """On a read-only disk nothing is written, and the old export still verifies."""
    striking.folder(str(disk.at / "x"), "old", False)
    before = state(disk.at)
    disk.set("ro")
    for dest in ("x", "y"):
        assert 1 == run(striking.folder, str(disk.at / dest), "new", True, log=log)
        assert f"Error: cannot write beside {disk.at}/{dest}: Read-only file system\n" == log.read_text()
    assert [] == cstocases.verify(disk.at / "x")
    disk.set("rw")
    assert before == state(disk.at)


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that a user without rights may enter and write in."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o777)
    yield path
    for folder in (path, *path.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o777)
    shutil.rmtree(path)


@pytest.mark.parametrize("mode", [0o555, 0o311, 0o000])
def test_a_folder_without_permission(open_to_all: Path, mode: int) -> None:
    """For a user without rights, a folder that cannot be written, listed or entered is said in one line."""
    log = open_to_all / "log"
    (open_to_all / "parent").mkdir()
    (open_to_all / "parent").chmod(mode)

    assert 1 == run(striking.folder, str(open_to_all / "parent/x"), "new", True, nobody=True, log=log)
    assert re.fullmatch(r"Error: cannot write (beside )?\S+/parent/x: Permission denied\n", log.read_text())
    (open_to_all / "parent").chmod(0o755)
    assert [] == names(open_to_all / "parent")


def test_an_old_export_that_is_read_only(open_to_all: Path) -> None:
    """A user without rights cannot replace an export that is read-only, or holds what cannot be looked at; if a folder in it is read-only, it goes without litter."""
    dest, log = open_to_all / "x", open_to_all / "log"
    assert 0 == run(striking.folder, str(dest), "old", False, nobody=True, log=log)
    before = state(dest)
    dest.chmod(0o555)
    assert 1 == run(striking.folder, str(dest), "new", True, nobody=True, log=log)
    assert f"Error: cannot write {dest}: Permission denied\n" == log.read_text()
    assert before == state(dest)

    dest.chmod(0o755)
    (dest / "part0").chmod(0)
    assert 1 == run(striking.folder, str(dest), "new", True, nobody=True, log=log)
    assert f"Error: cannot write {dest}: Permission denied\n" == log.read_text()
    (dest / "part0").chmod(0o555)
    assert before["part0"] == state(dest)["part0"]
    assert 0 == run(striking.folder, str(dest), "new", True, nobody=True, log=log)
    assert (b"new", ["log", "x"]) == ((dest / "README.md").read_bytes(), names(open_to_all))


@pytest.mark.parametrize(
    ("what", "made"),
    [
        ("a file", b"mine"),
        ("an empty folder", {}),
        ("a folder with a file", {"notes.txt": b"mine"}),
        ("a folder with a file named like ours", {"SHA256SUMS": b"mine", "README.md": b"mine"}),
        ("a link to a folder", "-> folder"),
        ("a dangling link", "-> nowhere"),
        ("a link to itself", "-> x"),
        ("a link to an export", "-> export"),
    ],
)
@pytest.mark.parametrize("force", [False, True])
def test_what_is_not_an_export_is_left_alone(there: Path, what: str, made: Any, force: bool) -> None:
    """Whatever stands where an export is to go stays as it is, unless an export made it."""
    striking.folder(str(there / "export"), "old", False)
    lay(there / "x", made)
    before = state(there)
    with pytest.raises(ExportError, match="exists and is not a folder that an export made, so it is left alone"):
        striking.folder(str(there / "x"), "new", force)
    assert before == state(there)


@pytest.mark.parametrize("added", [{"mine.txt": b"mine"}, {"mine": {}}, {"part0": {"mine": {}}}, {"mine": "-> part0"}])
def test_an_export_with_something_added_is_left_alone(there: Path, added: dict[str, Any]) -> None:
    """A file, a link or even an empty folder that somebody put into an export keeps it from being replaced."""
    striking.folder(str(there / "x"), "old", False)
    for name, inner in added.items():
        if name == "part0":
            (there / "x/part0/mine").mkdir()
        else:
            lay(there / "x" / name, inner)
    before = state(there)
    with pytest.raises(
        ExportError,
        match=f"exists and holds {'part0/mine' if 'part0' in added else next(iter(added))}, which no export wrote",
    ):
        striking.folder(str(there / "x"), "new", True)
    assert before == state(there)


@pytest.mark.parametrize("dest", [".", "./", "..", "/", "", "../..", "../x", "part0/.."])
@pytest.mark.parametrize("work", [striking.folder, striking.file])
def test_the_current_folder_is_never_replaced(there: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[..., None], dest: str) -> None:  # fmt: skip
    """The current folder, though an export made it, and the folders above it are refused."""
    striking.folder(str(there / "x"), "old", False)
    before = state(there)
    monkeypatch.chdir(there / "x")
    with pytest.raises(ExportError, match="is the current folder or holds it; choose another place"):
        work(dest, "new", True)
    assert before == state(there)


def test_a_current_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If somebody has removed the current folder, that is said."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(ExportError, match="the current folder no longer exists; change to another"):
        striking.folder("x", "new", False)


def test_odd_ways_to_name_a_place(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trailing slash, dots, a linked parent, spaces, a dash and missing parents are no obstacle; too long a name is an error."""
    monkeypatch.chdir(there)
    (there / "linked").symlink_to("folder")
    for dest, at in [("a/", "a"), ("./b/./", "b"), ("folder/../c", "c"), ("linked/d", "folder/d"), ("linked/../e", "e"), ("f g/-h/ü", "f g/-h/ü")]:  # fmt: skip
        striking.folder(dest, "new", False)
        assert [] == cstocases.verify(there / at)
    with pytest.raises(ExportError, match="File name too long"):
        striking.folder("n" * 250, "new", False)


@pytest.mark.parametrize("dest", ["cases", "cases/x", "schema/x/y", "cases/states.csv"])
def test_the_folders_of_a_dataset_are_no_place(home: Path, dest: str) -> None:
    """Nothing is exported or drawn into cases/ or schema/ of any dataset, where it would be a fault of the data."""
    before = state(home)
    for work in (striking.folder, striking.file):
        with pytest.raises(ExportError, match=r"lies in (cases|schema)/ of a dataset"):
            work(str(home / dest), "new", True)
    assert before == state(home)
    striking.folder(str(home / "build/x"), "new", False)


def test_a_file_goes_only_where_a_file_may_be(there: Path) -> None:
    """A pipe, a folder or a file without force is refused; a link is followed, and stays."""
    os.mkfifo(there / "pipe")
    lay(there / "old", b"old")
    lay(there / "link", "-> old")
    lay(there / "loop", "-> loop")
    for name, said in [("pipe", "is a device, a pipe or the like"), ("folder", "is a folder that exists"), ("loop", "is a device")]:  # fmt: skip
        with pytest.raises(ExportError, match=said):
            striking.file(str(there / name), "new", True)
    with pytest.raises(ExportError, match="old exists; choose another name, or --force"):
        striking.file(str(there / "link"), "new", False)
    striking.file(str(there / "link"), "new", True)
    assert ("-> old", b"new" * 1000) == (state(there / "link"), state(there / "old"))


def test_modes(there: Path, log: Path) -> None:
    """A new file or folder has the mode that umask leaves it; one that replaces another has that one's."""
    before = os.umask(0o027)
    try:
        striking.folder(str(there / "x"), "old", False)
        striking.file(str(there / "f"), "old", False)
    finally:
        os.umask(before)
    assert [0o750, 0o640] == [(there / name).stat().st_mode & 0o7777 for name in ("x", "f")]
    assert {0o640} == {p.stat().st_mode & 0o7777 for p in (there / "x").rglob("*") if p.is_file()}

    (there / "x").chmod(0o2775)
    (there / "f").chmod(0o606)
    striking.folder(str(there / "x"), "new", True)
    striking.file(str(there / "f"), "new", True)
    assert [0o2775, 0o606] == [(there / name).stat().st_mode & 0o7777 for name in ("x", "f")]


def test_on_disk_before_it_is_moved(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is flushed to the disk before its folder is moved into place, so that a power cut leaves no empty files."""
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(
        os, "fsync", lambda handle: done.append(str(Path(f"/proc/self/fd/{handle}").readlink())) or fsync(handle)
    )
    monkeypatch.setattr(Path, "replace", lambda path, target: done.append(f"move {path}") or replace(path, target))
    striking.folder(str(there / "x"), "new", False)

    moved = next(said.removeprefix("move ") for said in done if said.startswith("move"))
    files = [p.relative_to(there / "x") for p in (there / "x").rglob("*") if p.is_file()]
    assert {f"{moved}/{name}" for name in files} <= set(done[: done.index(f"move {moved}")])
    assert str(there) == done[-1]


@pytest.mark.parametrize(
    "words",
    [
        ("export", "there/x", "-f", "all", "--home", "small"),
        ("report", "there/x.html"),
        ("plot", "universe", "-o", "there/x.svg"),
        ("qca", "there/x", "--rule", "published"),
        ("format", "--home", "."),
    ],
    ids=lambda words: words[0],
)
def test_nothing_is_written_but_in_the_folder_beside(
    home: Path, log: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Whatever command writes, every file it opens for writing lies in the hidden folder, and one move puts it in its place."""
    table = helpers.csv_path(home, "states")
    if words[0] == "format":
        table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    here = Path.cwd()
    monkeypatch.chdir(home)
    (home / "there").mkdir()
    (home / "small").mkdir()
    helpers.write_small(home / "small")
    assert 0 == run(striking.noted, str(home / "notes"), *words, log=log), log.read_text()

    notes = [line.split(" ", 1) for line in (home / "notes").read_text(encoding="utf-8").splitlines()]
    inside = re.compile(rf"{home}/(there/)?\.[^/]+\.cstocases-[a-z0-9_]{{8}}/.+")
    elsewhere = [path for what, path in notes if what == "write" and not inside.fullmatch(str(home / path))]
    assert [] == [path for path in elsewhere if str(home / path).startswith(str(home)) or str(here) in path]
    assert [str(table) if words[0] == "format" else str(home / words[1 if words[0] != "plot" else 3])] == [
        path for what, path in notes if what == "move"
    ]
    assert any(what == "write" and inside.fullmatch(path) for what, path in notes)


def test_a_reader_that_leaves_early(there: Path, small: Path) -> None:
    """With `| head` the export is whole and there is no traceback."""
    words = [sys.executable, "-m", "cstocases", "export", str(there / "x"), "--home", str(small), "-f", "csv"]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)

    said = f"The dataset is in {there / 'x'}; start with README.md.\n"
    assert (1, said) == (done.returncode, done.stderr)
    assert [] == cstocases.verify(there / "x")


@pytest.mark.parametrize("words", [["--version"], ["codebook"], ["validate", "--format", "json"]])
def test_a_full_disk_behind_the_shell(words: list[str]) -> None:
    """What is printed into a file on a full disk ends in one line and exit code 1."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-m", "cstocases", *words], stdout=full, stderr=-1, text=True, env=environment)  # fmt: skip

    assert (1, "Error: No space left on device\n") == (done.returncode, done.stderr)
