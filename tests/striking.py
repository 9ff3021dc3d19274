"""What the tests of interrupted runs do in processes of their own, and how a signal strikes one at a chosen step.

A step is an operation on the file system as Python's audit events announce it. Each process
is forked from a server that has imported the package, so each costs milliseconds.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cstocases.cli.main import main
from cstocases.errors import CstocasesError
from cstocases.files import atomic
from cstocases.formats import export

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["cstocases.cli.main", "cstocases.formats.registry", "cstocases.pages.html"])
STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.scandir", "os.listdir"}
NOBODY = 65534
GONE = 2**22 + 1  # more than any process number of Linux
# Other people's things, some with names much like those of a run that writes `x`.
FOREIGN = {
    "beside.txt": b"mine",
    "folder": {"a": b"mine", "old": {"a": b"mine"}},
    ".x.cstocases-notes": {"a": b"mine"},
    f".x.cstocases-{GONE}-aaaaaaaa": b"a file",
    f".x.cstocases-{GONE}-bbbbbbbb": "-> folder",
    f".y.cstocases-{GONE}-cccccccc": {"old": {"a": b"of a run that writes y"}},
}


def run(work: Callable[..., None], *arguments: Any, log: Path, at: int = 0, signum: int = 0, limit: int = 0, nobody: bool = False) -> int:  # fmt: skip
    """The exit code of `work` in a process of its own; `signum` strikes it before step `at`, and what it prints goes to `log`."""
    process = SERVER.Process(target=_run, args=(work, arguments, str(log), at, signum, limit, nobody))
    process.start()
    process.join(120)
    assert process.exitcode is not None, "the process hangs"
    return process.exitcode


def _run(work: Callable[..., None], arguments: tuple[Any, ...], log: str, at: int, signum: int, limit: int, nobody: bool) -> None:  # fmt: skip
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.dup2(said, 1)
    os.dup2(said, 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if nobody and os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    steps = 0

    def hook(event: str, details: Any) -> None:
        nonlocal steps
        # Writing begins with the folder beside the place.
        if event in STEPS and (steps or (event == "os.mkdir" and ".cstocases-" in str(details[0]))):
            steps += 1
            if steps == at:
                os.kill(os.getpid(), signum)

    if at:
        sys.addaudithook(hook)
    try:
        work(*arguments)
    except CstocasesError as error:
        print(f"Error: {error}", flush=True)
        sys.exit(1)


def folder(dest: str, tag: str, force: bool, during: Callable[[], None] = lambda: None) -> None:
    """Write a folder of some files; `during` is called amid the writing."""

    def write(work: Path) -> None:
        (work / "part").mkdir()
        (work / "part/a.txt").write_text(tag * 5000, encoding="utf-8")
        during()
        (work / "README.md").write_text(tag, encoding="utf-8")

    export.write_folder(dest, write, force, ("README.md",))


def file(dest: str, tag: str, force: bool) -> None:
    """Write one file."""
    atomic.write_file(atomic.file_to_write(dest, force), tag.encode() * 5000, force)


def command(*words: str) -> None:
    """Run the command line."""
    main(list(words))


def noted(notes: str, *words: str) -> None:
    """Run the command line and note each path that Python makes, opens for writing or moves to."""
    out = Path(notes).open("w", encoding="utf-8")  # noqa: SIM115 - open until the process ends

    def hook(event: str, args: Any) -> None:
        if event == "open" and not isinstance(args[0], int):
            if args[2] & (os.O_WRONLY | os.O_RDWR):
                out.write(f"write {args[0]}\n")
        elif event == "sqlite3.connect":
            out.write(f"write {args[0]}\n")
        elif event == "os.rename":
            out.write(f"move {args[1]}\n")
        out.flush()

    sys.addaudithook(hook)
    command(*words)
