"""Checksums: whatever changes in an export is named."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import striking

import cstocases
from cstocases.errors import ExportError
from cstocases.files.checksums import SUMS
from cstocases.formats.qca import qca


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    """A test that waits for a pipe fails instead of hanging."""

    def late(*_: object) -> None:
        raise TimeoutError("not done within 120 seconds")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(120)
    yield
    signal.alarm(0)


@pytest.fixture
def copy(export_all: Path, tmp_path: Path) -> Path:
    """A copy of the full export, to be damaged."""
    return shutil.copytree(export_all, tmp_path / "copy")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A small folder with checksums."""
    striking.folder(str(tmp_path / "x"), "tag", False)
    return tmp_path / "x"


def named(folder: Path) -> dict[str, str]:
    """What verify says, by path."""
    return {problem.path: problem.message for problem in cstocases.verify(folder)}


def test_an_export_as_written(copy: Path) -> None:
    """Every file is listed, in the form that sha256sum reads, and nothing differs."""
    assert {} == named(copy)
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS], cwd=copy, check=True)
    listed = {line.split("  ", 1)[1] for line in (copy / SUMS).read_text(encoding="utf-8").splitlines()}
    assert {p.relative_to(copy).as_posix() for p in copy.rglob("*") if p.is_file()} == listed | {SUMS}


def test_damage_of_every_kind_of_file(copy: Path) -> None:
    """One byte in one file of each kind and folder is changed, cut off or added: each file is named, and no other."""
    kinds = {(p.parent, p.suffix or p.name): p for p in sorted(copy.rglob("*")) if p.is_file() and p.name != SUMS}
    for i, path in enumerate(kinds.values()):
        raw = path.read_bytes()
        middle = len(raw) // 2
        changed = raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]
        path.write_bytes([changed, raw[:-1], raw + b"\n"][i % 3])
    assert len(kinds) > 10
    assert {p.relative_to(copy).as_posix(): "differs from what was exported" for p in kinds.values()} == named(copy)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda raw: bytes([raw[0] ^ 1]) + raw[1:], "differs from what was exported"),
        (lambda raw: raw.replace(b"\n", b"\x0b", 1), "is missing"),
        (lambda raw: raw[:-1], "does not end in a line feed"),
        (lambda raw: b"", "does not end in a line feed"),
        (lambda raw: raw + b"\n", "is not a checksum and a file name"),
        (lambda raw: raw + raw.splitlines(keepends=True)[-1], "is not in the order of names"),
        (lambda raw: b"".join(reversed(raw.splitlines(keepends=True))), "is not in the order of names"),
        (lambda raw: raw.replace(b"README.md", b"../x/README.md"), "is not a checksum and a file name"),
        (lambda raw: raw.replace(b"README.md", b"/README.md"), "is not a checksum and a file name"),
        (lambda raw: raw.replace(b"\n", b"\r\n"), "is missing"),
        (lambda raw: b"\xef\xbb\xbf" + raw, "is not a checksum and a file name"),
        (lambda raw: raw.upper(), "is not a checksum and a file name"),
        (lambda raw: raw.split(b"\n", 1)[1], "was not exported"),
    ],
)
def test_damage_of_the_checksums(written: Path, damage: Callable[[bytes], bytes], said: str) -> None:
    """A byte changed, and lines cut, added, doubled, put in another order or leading elsewhere are named."""
    (written / SUMS).write_bytes(damage((written / SUMS).read_bytes()))
    assert said in named(written).values()


def test_what_is_in_the_place_of_a_file_or_folder(copy: Path, tmp_path: Path) -> None:
    """A link to an equal file or folder, a folder, a pipe, an added link, pipe or empty folder are named, and nothing hangs."""
    aside = tmp_path / "aside"
    aside.mkdir()
    (copy / "README.md").rename(aside / "README.md")
    (copy / "README.md").symlink_to(aside / "README.md")
    (copy / "stata").rename(aside / "stata")
    (copy / "stata").symlink_to(aside / "stata")
    (copy / "CODEBOOK.md").unlink()
    (copy / "CODEBOOK.md").mkdir()
    (copy / "csv/cases.csv").unlink()
    os.mkfifo(copy / "csv/cases.csv")
    os.mkfifo(copy / "pipe")
    (copy / "json/empty").mkdir()
    (copy / "dangling").symlink_to("nowhere")
    (copy / "loop").symlink_to(".")
    (copy / "two\nlines").write_bytes(b"")

    link = "is a symbolic link, not the file or folder itself"
    said = {f"stata/{path.name}": "is missing" for path in (aside / "stata").iterdir()}
    said |= {"README.md": link, "stata": link, "dangling": link, "loop": link}
    said |= {"CODEBOOK.md": "is not a file", "csv/cases.csv": "is not a file"}
    said |= {"pipe": "was not exported", "json/empty": "was not exported", "two\\nlines": "was not exported"}
    assert said == named(copy)


@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, lambda path: Path(path).symlink_to("README.md"), lambda path: None]
)
def test_checksums_that_are_no_file(written: Path, make: Callable[[Path], None]) -> None:
    """A pipe, a folder, a link or nothing in the place of SHA256SUMS is no export, and nothing hangs."""
    (written / SUMS).unlink()
    make(written / SUMS)
    with pytest.raises(ExportError, match="is no export: it has no file SHA256SUMS"):
        named(written)
    with pytest.raises(ExportError, match="is not a folder that an export made"):
        striking.folder(str(written), "new", True)


def test_the_command(tmp_path: Path) -> None:
    """`verify` exits 0 on a folder that `qca` wrote, and 1 with a line for a file that this user may not read."""
    above = Path(tempfile.mkdtemp())  # the folders of pytest are for one user alone
    log = tmp_path / "log"
    try:
        above.chmod(0o777)
        dest = qca(above / "x", ["published"])
        assert 0 == striking.run(striking.command, "verify", str(dest), nobody=True, log=log)
        assert "all files as exported\n" == log.read_text(encoding="utf-8")
        (dest / "README.md").chmod(0)
        assert 1 == striking.run(striking.command, "verify", str(dest), nobody=True, log=log)
        said = "README.md: cannot be read: Permission denied [checksum]\n1 problem\n"
        assert said == log.read_text(encoding="utf-8")
    finally:
        shutil.rmtree(above)
    assert 2 == striking.run(striking.command, "verify", log=log)
    assert "Missing argument 'DEST'" in log.read_text(encoding="utf-8")
