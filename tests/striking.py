"""What the tests of interrupted runs do in processes of their own, and how a signal strikes one at a chosen step.

A step is an operation on the file system as Python's audit events announce it. Each process
is forked from a server that has imported the package, so hundreds can be killed in a minute.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from cstocases.cli.main import main
from cstocases.errors import CstocasesError
from cstocases.files import atomic
from cstocases.formats import export

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["cstocases.cli.main", "cstocases.export.export", "cstocases.report.html"])
STEPS = {
    "open",
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "os.scandir",
    "os.listdir",
    "fcntl.flock",
}
NOBODY = 65534


def start(work: Callable[..., None], *arguments: Any, log: Path, at: int = 0, signum: int = 0, limit: int = 0, nobody: bool = False) -> ForkServerProcess:  # fmt: skip
    """Start `work` in a process of its own; `signum` strikes it before step `at`; what it prints goes to `log`."""
    process = SERVER.Process(target=_run, args=(work, arguments, str(log), at, signum, limit, nobody))
    process.start()
    return process


def run(work: Callable[..., None], *arguments: Any, **options: Any) -> int:
    """The exit code of `work` in a process of its own; negative where a signal ended it."""
    return ended(start(work, *arguments, **options))


def ended(process: ForkServerProcess) -> int:
    """Its exit code, once it has ended."""
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
    begun = False

    def hook(event: str, _: Any) -> None:
        nonlocal steps, begun
        begun = begun or event == "fcntl.flock"  # where writing begins
        if begun and event in STEPS:
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


def folder(dest: str, tag: str, force: bool, files: int = 4, pause: float = 0.0) -> None:
    """Write a folder of some files, slowly if told so."""

    def write(work: Path) -> None:
        for i in range(files):
            (work / f"part{i % 2}").mkdir(exist_ok=True)
            time.sleep(pause)
            (work / f"part{i % 2}/{i}.txt").write_text(f"{tag} {i}\n" * 500, encoding="utf-8")
        (work / "README.md").write_text(tag, encoding="utf-8")

    export.write_folder(dest, write, force, ("README.md",))


def file(dest: str, tag: str, force: bool) -> None:
    """Write one file."""
    atomic.write_file(atomic.file_to_write(dest, force), tag.encode() * 1000, force)


def command(*words: str) -> None:
    """Run the command line."""
    main(list(words))


def commands(each: list[tuple[str, ...]]) -> None:
    """Run the command line again and again, whatever comes of it."""
    for words in each:
        with contextlib.suppress(SystemExit):
            main(list(words))


def straight(dest: str, tag: str) -> None:
    """Write the files of `folder` where they are to be, as no command does."""
    os.close(os.open(dest, os.O_RDONLY))
    atomic.fcntl.flock(0, atomic.fcntl.LOCK_UN)  # the steps are counted from here
    for i in range(4):
        Path(dest, f"part{i % 2}/{i}.txt").write_text(f"{tag} {i}\n" * 500, encoding="utf-8")


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


def state(path: Path) -> Any:
    """What is at a path: None, a link's target, a file's bytes, or what a folder holds by name."""
    if path.is_symlink():
        return f"-> {path.readlink()}"
    if path.is_dir():
        return {p.name: state(p) for p in path.iterdir()}
    return path.read_bytes() if path.exists() else None


def lay(path: Path, wanted: Any) -> None:
    """Make a path hold this."""
    if isinstance(wanted, dict):
        path.mkdir(parents=True)
        for name, inner in wanted.items():
            lay(path / name, inner)
    elif isinstance(wanted, str):
        path.symlink_to(wanted.removeprefix("-> "))
    elif wanted is not None:
        path.write_bytes(wanted)
