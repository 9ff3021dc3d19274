"""The export: a folder that is complete or absent, with everything a reader needs beside the data."""

from __future__ import annotations

import errno
import hashlib
import importlib.metadata
import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from cstocases.book import codebook
from cstocases.dataset import data
from cstocases.derive import derived
from cstocases.descriptors import arrow_schema, datapackage
from cstocases.errors import ExportError, Problem, UnknownNameError
from cstocases.frames import Data
from cstocases.parse import cells, to_csv
from cstocases.references import citation_cff, cite
from cstocases.resolve import RULES
from cstocases.schema import default_home
from cstocases.tableschema import Package, Table

FORMATS = ("csv", "parquet")
SUMS = "SHA256SUMS"
LICENCE = "LICENSE-DATA"
MISSING_COLUMNS = ("table_name", "record_id", "field_name", "kind")


def export(
    dest: str | Path,
    formats: Iterable[str] = FORMATS,
    *,
    force: bool = False,
    home: str | Path | None = None,
    rule: str = "published",
    as_of: str | None = None,
) -> Path:
    """Write the dataset to the folder `dest` and return it.

    `dest` is written beside itself and renamed, so it is complete or absent, and two
    exports of one version are byte-identical. With `force` a folder that an earlier
    export made is replaced; nothing else ever is. `rule` and `as_of` as in `load`; the
    README of the export names them.

    Raises:
        UnknownNameError: no such format.
        ExportError: `dest` exists, or cannot be written.
        DataError: the data have problems.
    """
    chosen = list(dict.fromkeys(formats))
    for name in chosen:
        if name not in FORMATS:
            raise UnknownNameError("format", name, FORMATS)
    target = Path(dest).absolute()
    _may_write(target, force)
    found = data(home, rule, as_of)
    how = _how(rule, as_of)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise ExportError(f"cannot write beside {dest}: {error.strerror}") from error
    try:
        _write_all(found, work, chosen, how)
        work.chmod(0o755)
        _put_in_place(work, target)
    except OSError as error:
        raise ExportError(f"cannot write {dest}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def _may_write(target: Path, force: bool) -> None:
    if not (target.exists() or target.is_symlink()):
        return
    if not force:
        raise ExportError(f"{target} exists; choose another folder, or --force to replace an earlier export")
    if target.is_symlink() or not target.is_dir() or not _is_export(target):
        raise ExportError(f"{target} is not a folder that an export made, so it is left alone; choose another")


def _is_export(folder: Path) -> bool:
    """Whether the folder holds what an export wrote and nothing else."""
    try:
        names = [line.split("  ", 1)[1] for line in (folder / SUMS).read_text(encoding="utf-8").splitlines()]
    except (OSError, IndexError, UnicodeDecodeError):
        return False
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir() or p.is_symlink()}
    return "datapackage.json" in names and there <= {*names, SUMS}


def _put_in_place(work: Path, target: Path) -> None:
    if not target.exists():
        work.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    target.rename(old)
    try:
        work.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)


def _write_all(found: Data, work: Path, formats: list[str], how: str) -> None:
    dataset = found.package
    views = {name: _view(found, table) for name, table in dataset.all_tables.items()}
    texts = {name: cells(dataset.table(name), *view) for name, view in views.items()}
    csv = {name: to_csv(text).encode() for name, text in texts.items()}
    if "csv" in formats:
        for name, raw in csv.items():
            _write(work / "csv" / f"{name}.csv", raw)
        files = {name: (len(raw), hashlib.sha256(raw).hexdigest()) for name, raw in csv.items()}
        _write(work / "datapackage.json", _json(datapackage(dataset, files)))
    if "parquet" in formats:
        for name, (frame, _) in views.items():
            _write_parquet(dataset, dataset.table(name), frame, work / "parquet" / f"{name}.parquet")
        _write_missing(dataset, views, texts, work / "parquet" / "missing.parquet")
    _write(work / "CODEBOOK.md", codebook(dataset.home).encode())
    _write(work / "CITATION.cff", citation_cff(dataset).encode())
    _write(work / "README.md", _readme(dataset, formats, how).encode())
    if licence := _licence(dataset.home):
        _write(work / LICENCE, licence)
    sums = [f"{_digest(path)}  {path.relative_to(work).as_posix()}" for path in _files(work)]
    _write(work / SUMS, ("\n".join(sums) + "\n").encode())


def _licence(home: Path) -> bytes | None:
    """The licence of the data: beside them, or for the installed data among the files of the distribution."""
    if (home / LICENCE).is_file():
        return (home / LICENCE).read_bytes()
    if home == default_home():
        text = importlib.metadata.distribution("cstocases").read_text(f"licenses/{LICENCE}")
        return text.encode() if text else None
    return None


def _view(found: Data, table: Table) -> tuple[pd.DataFrame, pd.DataFrame]:
    if table.derived:
        return derived(found, table.name)
    return found.frames[table.name], found.kinds[table.name]


def _write(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _write_parquet(dataset: Package, table: Table, frame: pd.DataFrame, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    schema = arrow_schema(dataset, table)
    pq.write_table(
        pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(schema.metadata), path
    )


def _write_missing(
    dataset: Package, views: dict[str, tuple[pd.DataFrame, pd.DataFrame]], texts: dict[str, pd.DataFrame], path: Path
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[tuple[str, str, str, str]] = []
    for name, (_, kinds) in views.items():
        keys = texts[name][list(dataset.table(name).primary_key)].agg("/".join, axis=1)
        for field in kinds.columns:
            gaps = kinds[field].dropna()
            rows += [(name, keys[line], field, kind) for line, kind in gaps.items()]
    columns = [[row[i] for row in rows] for i in range(len(MISSING_COLUMNS))]
    schema = pa.schema(
        [pa.field(name, pa.string(), nullable=False) for name in MISSING_COLUMNS],
        metadata={
            "dataset": dataset.metadata["name"],
            "version": dataset.version,
            "title": "Kinds of missing",
            "description": "One row per cell without a value: which cell, and why.",
        },
    )
    pq.write_table(pa.Table.from_arrays([pa.array(c, pa.string()) for c in columns], schema=schema), path)


def _how(rule: str, as_of: str | None) -> str:
    """How cells whose sources differ were settled, for the reader of the export."""
    known = f" Only sources published by {as_of} were used." if as_of else ""
    return f"Cells whose sources differ are settled by the rule *{rule}*: {RULES[rule]}.{known}"


def _readme(dataset: Package, formats: list[str], how: str) -> str:
    meta = dataset.metadata
    kept = {
        "csv": "- `csv/`: one file a table, UTF-8; `datapackage.json` describes them (Data Package v2). Cells without a value carry the kind of missing as a token.",
        "parquet": "- `parquet/`: the same tables, typed, with titles, descriptions and codes in the metadata. `missing.parquet` holds the kind of missing of each empty cell.",
    }
    lines = [
        f"# {meta['title']}\n",
        f"Version {dataset.version}, {meta['released']}.\n",
        meta["description"] + "\n",
        how + "\n",
        "## What is here\n",
        *(kept[name] for name in formats),
        "- `CODEBOOK.md`: what every table, column and code means.",
        "- `CITATION.cff`: how to cite, for machines.",
        f"- `{SUMS}`: checksums; `cstocases verify` or `sha256sum -c {SUMS}` checks them.\n",
        "## How to cite\n",
        cite(home=dataset.home) + "\n",
        "## Licence\n",
        f"Data: {meta['licenses'][0]['title']} ({meta['licenses'][0]['name']}).",
    ]
    return "\n".join(lines) + "\n"


def _files(folder: Path) -> list[Path]:
    return sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.relative_to(folder).as_posix())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(dest: str | Path) -> list[Problem]:
    """What differs between an export and its SHA256SUMS: files changed, missing or added; an empty list if nothing does.

    Raises:
        ExportError: `dest` is no export.
    """
    folder = Path(dest)
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ExportError(errno.ENOENT, f"{dest} is no export: it has no readable {SUMS}") from None
    problems, listed = [], set()
    for number, line in enumerate(lines, 1):
        digest, _, name = line.partition("  ")
        path = folder / name
        listed.add(name)
        if len(digest) != 64 or not name or Path(name).is_absolute() or ".." in Path(name).parts:
            problems.append(Problem(SUMS, number, "", "checksum", "is not a checksum and a file name"))
        elif not path.is_file():
            problems.append(Problem(name, 0, "", "checksum", "is missing"))
        elif _digest(path) != digest:
            problems.append(Problem(name, 0, "", "checksum", "differs from what was exported"))
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name not in listed and name != SUMS:
            problems.append(Problem(name, 0, "", "checksum", "was not part of the export"))
    return sorted(problems)
