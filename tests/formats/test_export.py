"""The export: complete or absent, the same bytes twice, and nothing lost between its formats."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import frictionless
import pyarrow.parquet as pq
import pytest

import cstocases
from cstocases.errors import ExportError
from cstocases.formats.qca import qca

TABLES = list(cstocases.package().all_tables)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One export of the shipped data."""
    return cstocases.export(tmp_path_factory.mktemp("export") / "data")


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_holds_what_a_reader_needs(exported: Path) -> None:
    """Tables in both formats, descriptions, codebook, citation, sources, licence and checksums; nothing else."""
    tables = [f"csv/{t}.csv" for t in TABLES] + [f"parquet/{t}.parquet" for t in [*TABLES, "missing"]]
    beside = [".zenodo.json", "CITATION.cff", "CODEBOOK.md", "LICENSE-DATA", "README.md", "SHA256SUMS"]
    beside += ["croissant.json", "datapackage.json", "ddi-codebook.xml"]
    beside += ["sources.bib", "sources.csl.json"]

    assert sorted(tables + beside) == sorted(snapshot(exported))


def test_frictionless_accepts_the_package(exported: Path) -> None:
    """The reference reader of Data Packages finds every table valid: types, keys, references, codes, hashes."""
    report = frictionless.validate(str(exported / "datapackage.json"))

    assert report.flatten(["name", "rowNumber", "fieldName", "message"]) == []
    assert [task.name for task in report.tasks] == TABLES


@pytest.mark.parametrize("name", TABLES)
def test_parquet_carries_its_documentation(exported: Path, name: str) -> None:
    """Title and description of each field, its codes, and the dataset's name and version are in the file."""
    table = cstocases.package().table(name)
    schema = pq.read_schema(exported / f"parquet/{name}.parquet")

    assert schema.metadata[b"version"].decode() == cstocases.__version__
    assert schema.metadata[b"dataset"] == b"cstocases"
    for f in table.fields:
        metadata = schema.field(f.name).metadata
        assert (f.title, f.description) == (metadata[b"title"].decode(), metadata[b"description"].decode())
        codes = dict(json.loads(metadata.get(b"categories", b"[]")))
        assert f.labels == codes


def test_unsound_data_leave_nothing_behind(home: Path, tmp_path: Path) -> None:
    """Data with problems are not exported, in part or whole."""
    (home / "cases/states.csv").write_text("", encoding="utf-8")
    with pytest.raises(cstocases.DataError):
        cstocases.export(tmp_path / "out" / "x", home=home)
    assert not (tmp_path / "out").exists()


def test_a_parent_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    """A path that cannot be made says so."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(ExportError, match="cannot write beside"):
        cstocases.export(tmp_path / "file" / "x")


@pytest.mark.slow
def test_folders_of_others_with_checksums_are_left_alone(tmp_path: Path) -> None:
    """A folder whose checksums are sound is no export for that, and the exports of two commands do not replace each other."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    for name in ("README.md", "data.csv"):
        (theirs / name).write_text("mine", encoding="utf-8")
    names = "LC_ALL=C sha256sum README.md data.csv > SHA256SUMS"
    subprocess.run(["bash", "-c", names], check=True, cwd=theirs)
    assert [] == cstocases.verify(theirs)
    data = cstocases.export(tmp_path / "data", ["csv"])
    assert not (data / "parquet").exists()
    sets = qca(tmp_path / "sets", ["published"])

    for write, folder in ((cstocases.export, theirs), (qca, theirs), (qca, data), (cstocases.export, sets)):  # fmt: skip
        before = snapshot(folder)
        with pytest.raises(ExportError, match="is not a folder that an export made, so it is left alone"):
            write(folder, force=True)
        assert before == snapshot(folder)
    qca(sets, ["strict"], force=True)
    assert (sets / "qca-strict.csv").is_file()
