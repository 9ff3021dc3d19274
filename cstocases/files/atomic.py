"""The one way files are written: in a folder beside their place, then moved into it, so that the old or the new is there.

The folder carries the number of the process that writes in it. If that process was killed, the next
run for the same place removes the folder, and puts back an old result that was just being replaced.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from cstocases.errors import CstocasesError, ExportError

NEW, OLD = "new", "old"  # what is made for the place, and what was in it while the new is moved there


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
    with told(f"cannot write beside {target}"):
        if parents:
            target.parent.mkdir(parents=True, exist_ok=True)
        clear(target)
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}.cstocases-{os.getpid()}-", dir=target.parent))
    try:
        with told(f"cannot write {target}"):
            yield work
    finally:
        _settle(work, target)


def put(new: Path, target: Path, may: Callable[[], object]) -> None:
    """Move a finished file or folder from the folder that `beside` gave into its place, unless `may` raises by now.

    Raises:
        OSError: it cannot be moved; the place is as it was once `beside` has ended.
    """
    may()
    if target.exists():
        new.chmod(stat.S_IMODE(target.stat().st_mode))
    if target.is_dir():
        target.rename(new.parent / OLD)
    new.replace(target)


def write_file(target: Path, raw: bytes, force: bool, *, parents: bool = False) -> None:
    """Write one file, whole or not at all.

    Raises:
        ExportError: it cannot be written, or is there by now without `force`.
    """
    with beside(target, parents=parents) as work:
        (work / NEW).write_bytes(raw)
        put(work / NEW, target, lambda: file_to_write(target, force))


def clear(target: Path) -> None:
    """Remove what runs that were killed left beside `target`, as far as that can be done."""
    name = re.compile(re.escape(f".{target.name}.cstocases-") + "([0-9]+)-[a-z0-9_]{8}")
    with contextlib.suppress(OSError):
        for path in sorted(target.parent.iterdir()):
            match = name.fullmatch(path.name)
            if match and path.is_dir() and not path.is_symlink() and not _is_running(int(match[1])):
                _settle(path, target)


def _is_running(process: int) -> bool:
    """Whether there is a process of this number. Windows cannot be asked, so nothing is cleared there."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # it is somebody else's
    return True


def _settle(work: Path, target: Path) -> None:
    """Put back what was moved out of the place, unless something is there now, and remove the rest."""
    try:
        if os.path.lexists(work / OLD) and not os.path.lexists(target):
            (work / OLD).rename(target)
    except OSError:
        return  # it is not lost: the next run tries again
    for folder, _, _ in os.walk(work):
        with contextlib.suppress(OSError):
            Path(folder).chmod(stat.S_IRWXU)  # an old export whose folders were made read-only
    shutil.rmtree(work, ignore_errors=True)
