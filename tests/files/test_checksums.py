"""Checksums: any change of an export or of the installed package is named, be it one bit."""

from __future__ import annotations

import contextlib
import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import striking

import cstocases
from cstocases.errors import CstocasesError, ExportError
from cstocases.files.checksums import SUMS, read_sums
from cstocases.formats.qca import qca
from cstocases.schema.reader import default_home

ROOT = Path(__file__).resolve().parents[2]
CODE = Path(cstocases.__file__).parent


@pytest.fixture
def copy(export_all: Path, tmp_path: Path) -> Path:
    """A copy of the full export, to be damaged."""
    return shutil.copytree(export_all, tmp_path / "copy")


@contextlib.contextmanager
def within(seconds: int) -> Iterator[None]:
    """Fail instead of hanging."""

    def late(*_: object) -> None:
        raise TimeoutError(f"not done within {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def files(folder: Path) -> list[Path]:
    """Every file of an export but the checksums."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != SUMS)


def named(folder: Path) -> dict[str, str]:
    """What verify says, by path."""
    with within(60):
        return {problem.path: problem.message for problem in cstocases.verify(folder)}


def flip(path: Path, bit: int) -> None:
    """Flip one bit of a file."""
    raw = bytearray(path.read_bytes())
    raw[bit // 8] ^= 1 << bit % 8
    path.write_bytes(raw)


def test_every_bit_of_the_checksums(tmp_path: Path) -> None:
    """Whatever bit of SHA256SUMS is flipped, verify names something, and where it can the line."""
    dest = qca(tmp_path / "x", ["published"])
    assert [] == cstocases.verify(dest)
    length = (dest / SUMS).stat().st_size * 8
    unseen = []
    for bit in range(length):
        flip(dest / SUMS, bit)
        if not cstocases.verify(dest):
            unseen.append(bit)
        flip(dest / SUMS, bit)
    assert [] == unseen
    assert length > 2000
    assert [] == cstocases.verify(dest)


def test_every_bit_of_the_checksums_of_a_full_export(export_all: Path) -> None:
    """However one bit of a long SHA256SUMS is flipped, other checksums are read or damage is: of line feeds too."""
    raw = bytearray((export_all / SUMS).read_bytes())
    sound = read_sums(bytes(raw))
    unseen = []
    for bit in range(len(raw) * 8):
        raw[bit // 8] ^= 1 << bit % 8
        if sound == read_sums(bytes(raw)):
            unseen.append(bit)
        raw[bit // 8] ^= 1 << bit % 8
    assert ({p.relative_to(export_all).as_posix() for p in files(export_all)}, []) == (sound[0].keys(), sound[1])
    assert [] == unseen


@pytest.mark.parametrize(
    ("damage", "said"),
    [
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
def test_other_damage_of_the_checksums(tmp_path: Path, damage: Callable[[bytes], bytes], said: str) -> None:
    """Lines cut, added, doubled, put in another order or leading elsewhere are named."""
    dest = qca(tmp_path / "x", ["published"])
    (dest / SUMS).write_bytes(damage((dest / SUMS).read_bytes()))
    assert said in named(dest).values()


@pytest.mark.parametrize("how", ["a bit flipped", "the last byte cut off", "a byte added", "emptied"])
def test_damage_of_every_file_of_a_full_export(copy: Path, how: str) -> None:
    """A bit flipped at random, a byte cut off or added, in each file of all formats: each is named."""
    for path in files(copy):
        raw = path.read_bytes()
        if how == "a bit flipped":
            flip(path, random.randrange(len(raw) * 8))  # noqa: S311 - any bit will do
        else:
            path.write_bytes({"the last byte cut off": raw[:-1], "a byte added": raw + b"\n"}.get(how, b""))
    assert {p.relative_to(copy).as_posix(): "differs from what was exported" for p in files(copy)} == named(copy)


def test_what_stands_in_the_place_of_a_file_or_folder(copy: Path, tmp_path: Path) -> None:
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
def test_checksums_that_are_no_file(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A pipe, a folder, a link or nothing in the place of SHA256SUMS is no export, and nothing hangs."""
    dest = qca(tmp_path / "x", ["published"])
    (dest / SUMS).unlink()
    make(dest / SUMS)
    with pytest.raises(ExportError, match="is no export: it has no file SHA256SUMS"):
        named(dest)
    with within(10), pytest.raises(ExportError, match="is not a folder that an export made"):
        qca(dest, ["published"], force=True)


def test_a_file_that_cannot_be_read() -> None:
    """For a user who may not read a file, that is what is said of it."""
    above = Path(tempfile.mkdtemp())
    try:
        above.chmod(0o777)
        dest = qca(above / "x", ["published"])
        (dest / "README.md").chmod(0)
        code = striking.run(striking.command, "verify", str(dest), nobody=True, log=above / "log")
        said = "README.md: cannot be read: Permission denied [checksum]\n1 problem\n"
        assert (1, said) == (code, (above / "log").read_text(encoding="utf-8"))
    finally:
        shutil.rmtree(above)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built by the backend that builds the released one."""
    if not (ROOT / "cstocases").is_dir():
        pytest.skip("the wheel is built from a checkout, and these tests run without one")
    pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is not installed")
    to = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", to], cwd=ROOT, check=True, capture_output=True)  # fmt: skip
    return next(to.glob("*.whl"))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """A fresh environment with the wheel; what it depends on it finds in that of the tests."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    pip = [sys.executable, "-m", "pip", "--python", venv / "bin/python", "install"]
    subprocess.run([*pip, "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", wheel], check=True)
    site = next((venv / "lib").glob("python*/site-packages"))
    (site / "others.pth").write_text("\n".join(p for p in sys.path if p.endswith("site-packages")), encoding="utf-8")
    return venv


def verified(venv: Path, *words: str) -> tuple[int, list[str], str]:
    """Exit code and output of `cstocases verify` in an environment."""
    command = words or (venv / "bin/cstocases", "verify")
    done = subprocess.run(command, capture_output=True, text=True, cwd=venv)
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_the_installed_wheel_verifies(installed: Path) -> None:
    """As installed, also after it has been used, nothing differs; every file of the data is among those held."""
    assert (0, [], "all files as installed\n") == verified(installed)
    assert 0 == verified(installed, str(installed / "bin/cstocases"), "cite")[0]
    assert (0, [], "all files as installed\n") == verified(installed)

    home = next(installed.glob("lib/python*/site-packages")) / "cstocases/_data"
    kept = {part: sorted(p.name for p in (ROOT / part).iterdir()) for part in ("cases", "schema")}
    assert kept == {part: sorted(p.name for p in (home / part).iterdir()) for part in ("cases", "schema")}
    for path in home.rglob("*"):
        if path.is_file():
            flip(path, random.randrange(path.stat().st_size * 8))  # noqa: S311 - any bit will do
    said = [
        f"cstocases/_data/{part}/{name}: differs from what was installed [checksum]"
        for part in kept
        for name in kept[part]
    ]
    assert (1, said, f"{len(said)} problems\n") == verified(installed)


def test_damage_of_the_installed_wheel(installed: Path) -> None:
    """A bit flipped in a table or in the code, a file gone, one added, a link: each is named, by the command and the function."""
    code = next(installed.glob("lib/python*/site-packages")) / "cstocases"
    flip(code / "_data/cases/requests.csv", 4001)
    flip(code / "dataset.py", 0)
    assert b'"""' != (code / "dataset.py").read_bytes()[:3]
    (code / "_data/schema/requests.json").unlink()
    (code / "_data/cases/more.csv").write_bytes(b"")
    (code / "_data/empty").mkdir()
    (code / "py.typed").rename(code / "elsewhere")
    (code / "py.typed").symlink_to("elsewhere")

    said = [
        "cstocases/_data/cases/more.csv: was not installed [checksum]",
        "cstocases/_data/cases/requests.csv: differs from what was installed [checksum]",
        "cstocases/_data/empty: was not installed [checksum]",
        "cstocases/_data/schema/requests.json: is missing [checksum]",
        "cstocases/dataset.py: differs from what was installed [checksum]",
        "cstocases/elsewhere: was not installed [checksum]",
        "cstocases/py.typed: is a symbolic link, not the file or folder itself [checksum]",
    ]
    assert (1, said, "7 problems\n") == verified(installed)
    twin = "import cstocases; print(*cstocases.verify(), sep='\\n')"
    assert (0, said, "") == verified(installed, str(installed / "bin/python"), "-c", twin)
    shutil.rmtree(code / "_data")
    assert len(verified(installed)[1]) > 30


def test_a_damaged_record(installed: Path) -> None:
    """A row of RECORD that is cut, altered or has no checksum tells of its file; without RECORD nothing can be verified."""
    record = next(installed.glob("lib/python*/site-packages/cstocases-*.dist-info/RECORD"))
    with record.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    tables = [row for row in rows if row[0].startswith("cstocases/_data/cases/")]
    tables[0][1] = ""
    tables[1][1] = tables[1][1].replace("sha256", "sha257")
    tables[2][1] = tables[2][1][:-1]
    rows.remove(tables[3])
    with record.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    ends = ["differs from what was installed"] * 3 + ["was not installed"]
    said = [f"{row[0]}: {end} [checksum]" for row, end in zip(tables, ends, strict=False)]
    assert (1, said, "4 problems\n") == verified(installed)

    record.unlink()
    code, out, err = verified(installed)
    assert (1, []) == (code, out)
    assert err.startswith("Error: no RECORD of an installation lists ")
    assert err.endswith("/cstocases; install cstocases again\n")


def test_this_very_installation() -> None:
    """Where the tests run on an installed wheel it verifies; a checkout says that it has no record, and who tells instead."""
    if CODE / "_data" == default_home():
        assert [] == cstocases.verify()
    else:
        with pytest.raises(
            CstocasesError, match=r"nothing was recorded of a checkout .* `git status` says what changed"
        ):
            cstocases.verify()
