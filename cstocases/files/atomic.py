"""The one way files are written: in a folder beside their place, then moved into it, so that the old or the new is there.

A run may be killed at any moment. What it leaves is one hidden folder, which the next
run for the same place tells from that of a living run by its lock, and clears.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cstocases.errors import CstocasesError, ExportError

try:
    import fcntl
except (
    ModuleNotFoundError
):  # on Windows nothing is locked, so two runs at once are not kept apart and nothing is cleared
    fcntl = None  # type: ignore[assignment]

NEW, OLD = "new", "old"  # what is made for the place, and what was in it while the new is moved there
PATIENCE = 30.0  # seconds to wait for a lock that is held for milliseconds unless something is wrong


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """Turn an error of the system into one line that says `what` failed.

    Raises:
        ExportError: the body raised an OSError.
    """
    try:
        yield
    except CstocasesError:
        raise
    except OSError as error:
        raise ExportError(f"{what}: {error.strerror or error}") from error


def destination(dest: str | Path, *, follow: bool = False) -> Path:
    """The absolute path of a place to write to, links of its folder followed, and with `follow` one in the place itself.

    Raises:
        ExportError: it is or holds the current folder, or lies among the tables or schema files of a dataset.
    """
    try:
        target, here = Path(dest).absolute(), Path.cwd()
    except FileNotFoundError:
        raise ExportError("the current folder no longer exists; change to another") from None
    with told(f"cannot write {dest}"):
        whole = follow or target.name in ("", "..")
        target = Path(os.path.realpath(target)) if whole else Path(os.path.realpath(target.parent), target.name)
        if target in (here, *here.parents):
            raise ExportError(f"{target} is the current folder or holds it; choose another place")
        for folder in (target, *target.parents):
            if folder.name in ("cases", "schema") and (folder.parent / "schema/dataset.json").is_file():
                raise ExportError(
                    f"{target} lies in {folder.name}/ of a dataset, where only its own files may be; choose another place"
                )
    return target


def file_to_write(dest: str | Path, force: bool) -> Path:
    """The absolute path of a file that may be written: a new one, or with force an old one. A link is followed.

    Raises:
        ExportError: it may not.
    """
    target = destination(dest, follow=True)
    with told(f"cannot write {dest}"):
        if target.is_dir():
            raise ExportError(f"{target} is a folder that exists; choose another name")
        if os.path.lexists(target) and not target.is_file():
            raise ExportError(f"{target} is a device, a pipe or the like; choose another name")
        if target.is_file() and not force:
            raise ExportError(f"{target} exists; choose another name, or --force")
    return target


@contextlib.contextmanager
def beside(target: Path, *, parents: bool = False) -> Iterator[Path]:
    """An empty folder beside `target` to write in, gone at the end; with `parents` the folders above are made.

    Raises:
        ExportError: nothing can be written there; also where the body raises an OSError.
    """
    with told(f"cannot write {target}"), contextlib.ExitStack() as held:
        with told(f"cannot write beside {target}"):
            if parents:
                target.parent.mkdir(parents=True, exist_ok=True)
            with _locked(target.parent, PATIENCE):
                _clear(target)
                work = Path(tempfile.mkdtemp(prefix=f".{target.name}.cstocases-", dir=target.parent))
                held.callback(_settle, work, target)
                held.enter_context(_locked(work, PATIENCE))
        yield work


def put(new: Path, target: Path, may: Callable[[], object]) -> None:
    """Move a finished file or folder from the folder that `beside` gave into its place, unless `may` raises by now.

    Raises:
        OSError: it cannot be moved; the place is as it was.
    """
    _flush(new)
    with _locked(target.parent, PATIENCE):
        may()
        if target.exists():
            new.chmod(stat.S_IMODE(target.stat().st_mode))
        if target.is_dir():
            target.rename(new.parent / OLD)
        new.replace(target)
        _flush_folder(target.parent)


def write_file(target: Path, raw: bytes, force: bool, *, parents: bool = False) -> None:
    """Write one file, whole or not at all.

    Raises:
        ExportError: it cannot be written, or is there by now without `force`.
    """
    with beside(target, parents=parents) as work:
        (work / NEW).write_bytes(raw)
        put(work / NEW, target, lambda: file_to_write(target, force))


def clear(target: Path) -> None:
    """Clear what runs that were killed left beside `target`, as far as that can be done."""
    with contextlib.suppress(OSError), _locked(target.parent, PATIENCE):
        _clear(target)


def _clear(target: Path) -> None:
    if fcntl is None:
        return
    name = re.compile(re.escape(f".{target.name}.cstocases-") + "[a-z0-9_]{8}")
    for work in sorted(target.parent.iterdir()):
        if name.fullmatch(work.name):
            with contextlib.suppress(OSError), _locked(work, 0):  # neither a file nor a link, nor of a living run
                _settle(work, target)


def _settle(work: Path, target: Path) -> None:
    """End a run: put back what it had moved out of the place, unless something is there now, and remove the rest."""
    try:
        if os.path.lexists(work / OLD) and not os.path.lexists(target):
            (work / OLD).rename(target)
    except OSError:
        return  # it is not lost: the next run tries again
    for folder, _, _ in os.walk(work):
        with contextlib.suppress(OSError):
            Path(folder).chmod(stat.S_IRWXU)  # an old export whose folders were made read-only
    shutil.rmtree(work, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path, seconds: float) -> Iterator[None]:
    """Hold the lock of a folder; the kernel frees it however this process ends, so no lock file can be left.

    Raises:
        OSError: it is not to be had within this time, or `folder` is no folder.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        until = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise OSError(errno.EBUSY, f"another program holds the lock of {folder}") from None
                time.sleep(0.01)
        yield
    finally:
        os.close(handle)


def _flush(path: Path) -> None:
    """Have the disk hold a file or folder before it is moved: a disk that is full or broken may say so only now."""
    if fcntl is None:
        return
    for inner in (path, *path.rglob("*")):
        if inner.is_dir():
            _flush_folder(inner)
        else:
            with inner.open("rb") as file:
                os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    if fcntl is None:
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot do this with a folder
            os.fsync(handle)
    finally:
        os.close(handle)
