"""Where results may be written: what is there already is replaced only if an earlier run made it, and never without force."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import striking
from helpers import lay, state

import cstocases
from cstocases.errors import ExportError


@pytest.mark.parametrize(
    "made",
    [b"mine", {}, {"notes.txt": b"mine"}, {"SHA256SUMS": b"mine", "README.md": b"mine"}, "-> folder", "-> nowhere", "-> x", "-> export"],
    ids=["file", "empty folder", "folder", "names like ours", "link", "dangling link", "link to itself", "link to an export"],
)  # fmt: skip
@pytest.mark.parametrize("force", [False, True])
def test_what_is_not_an_export_is_left_alone(there: Path, made: Any, force: bool) -> None:
    """Whatever is where an export is to go stays as it is, unless an export made it."""
    striking.folder(str(there / "export"), "old", False)
    lay(there / "x", made)
    before = state(there)
    with pytest.raises(ExportError, match="exists and is not a folder that an export made, so it is left alone"):
        striking.folder(str(there / "x"), "new", force)
    assert before == state(there)


@pytest.mark.parametrize(("name", "added"), [("mine.txt", b"mine"), ("mine", {}), ("part/mine", {}), ("mine", "-> part")])  # fmt: skip
def test_an_export_with_something_added_is_left_alone(there: Path, name: str, added: Any) -> None:
    """A file, a link or even an empty folder that somebody put into an export keeps it from being replaced."""
    striking.folder(str(there / "x"), "old", False)
    lay(there / "x" / name, added)
    before = state(there)
    with pytest.raises(ExportError, match=f"exists and holds {name}, which no export wrote"):
        striking.folder(str(there / "x"), "new", True)
    assert before == state(there)


@pytest.mark.parametrize("dest", [".", "..", "/", "", "../x", "part/.."])
@pytest.mark.parametrize("work", [striking.folder, striking.file])
def test_the_current_folder_is_never_replaced(there: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[..., None], dest: str) -> None:  # fmt: skip
    """The current folder, though an export made it, and the folders above it are refused; one that is gone is said."""
    striking.folder(str(there / "x"), "old", False)
    before = state(there)
    monkeypatch.chdir(there / "x")
    with pytest.raises(ExportError, match="is the current folder or holds it; choose another place"):
        work(dest, "new", True)
    assert before == state(there)
    shutil.rmtree(there / "x")
    with pytest.raises(ExportError, match="the current folder no longer exists; change to another"):
        work("x", "new", False)


def test_odd_ways_to_name_a_place(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trailing slash, dots, a linked parent, spaces, a dash and missing parents are no obstacle; too long a name is an error."""
    monkeypatch.chdir(there)
    (there / "linked").symlink_to("folder")
    for dest, at in [("a/", "a"), ("./b/./", "b"), ("folder/../c", "c"), ("linked/d", "folder/d"), ("linked/../e", "e"), ("f g/-h/ü", "f g/-h/ü")]:  # fmt: skip
        striking.folder(dest, "new", False)
        assert [] == cstocases.verify(there / at)
    with pytest.raises(ExportError, match="File name too long"):
        striking.folder("n" * 250, "new", False)


@pytest.mark.parametrize("dest", ["cases", "schema/x/y", "cases/states.csv"])
def test_the_folders_of_a_dataset_are_no_place(home: Path, dest: str) -> None:
    """Nothing is exported or drawn into cases/ or schema/ of any dataset, where it would be a fault of the data."""
    before = state(home)
    for work in (striking.folder, striking.file):
        with pytest.raises(ExportError, match=r"lies in (cases|schema)/ of a dataset"):
            work(str(home / dest), "new", True)
    assert before == state(home)


def test_a_file_goes_only_where_a_file_may_be(there: Path) -> None:
    """A pipe, a folder or a file without force is refused; a link is followed, and stays."""
    os.mkfifo(there / "pipe")
    for name, made in (("old", b"old"), ("link", "-> old"), ("loop", "-> loop")):
        lay(there / name, made)
    for name, said in [("pipe", "is a device, a pipe or the like"), ("folder", "is a folder that exists"), ("loop", "is a device")]:  # fmt: skip
        with pytest.raises(ExportError, match=said):
            striking.file(str(there / name), "new", True)
    with pytest.raises(ExportError, match="old exists; choose another name, or --force"):
        striking.file(str(there / "link"), "new", False)
    striking.file(str(there / "link"), "new", True)
    assert ("-> old", b"new" * 5000) == (state(there / "link"), state(there / "old"))


def test_modes(there: Path) -> None:
    """A new file or folder has the mode that umask leaves it; one that replaces another has that one's."""
    before = os.umask(0o027)
    try:
        striking.folder(str(there / "x"), "old", False)
        striking.file(str(there / "f"), "old", False)
    finally:
        os.umask(before)
    assert [0o750, 0o640, 0o640] == [(there / name).stat().st_mode & 0o7777 for name in ("x", "f", "x/README.md")]
    (there / "x").chmod(0o2775)
    (there / "f").chmod(0o606)
    striking.folder(str(there / "x"), "new", True)
    striking.file(str(there / "f"), "new", True)
    assert [0o2775, 0o606] == [(there / name).stat().st_mode & 0o7777 for name in ("x", "f")]
