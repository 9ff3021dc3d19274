"""The schema files of a dataset, read into frozen objects and checked. No pandas here.

A schema file is a Table Schema (v2) in a closed subset of its vocabulary; any other
keyword is an error, so that a schema never promises what nobody checks. Two extensions:
`evidenced`, for a field that needs a reading behind every value, and in each category
`number`, the integer that stands for the code in Stata and SPSS. In the files
of derived tables a field may refer by `$ref` to the field it is taken from, so that its
type and codes are said once.

The files may come from strangers. Whatever their bytes, the answer is a Package or a
SchemaFileError, and what has passed can be put into paths, scripts and terminals.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cstocases.errors import SchemaFileError, visible
from cstocases.files import judged
from cstocases.schema import consistency, json_values
from cstocases.schema.build import build
from cstocases.schema.model import Package

DATASET = "schema/dataset.json"
MAX_FILES = 101  # dataset.json and a hundred tables
Files = tuple[tuple[str, bytes], ...]  # name and content of each schema file


def default_home() -> Path:
    """The folder that holds cases/ and schema/: beside the package when installed, above it in a checkout."""
    here = Path(__file__).resolve().parents[1]
    packaged = here / "_data"
    return packaged if packaged.is_dir() else here.parent


def package(home: str | Path | None = None) -> Package:
    """The dataset in `home` (default: the shipped one), with every schema file read and checked.

    Raises:
        SchemaFileError: a schema file is missing or wrong.
    """
    shipped = default_home()
    found = Path(home) if home is not None else shipped
    return _package(found, _files(found), None if found == shipped else _files(shipped))


def _files(home: Path) -> Files:
    """The bytes of all schema files. Reading them takes a millisecond, and no time stamp can hide an edit."""
    folder = home / "schema"
    try:
        if not folder.is_dir():
            raise SchemaFileError(
                f"no folder schema/ in {visible(str(home))}; a dataset has cases/ and schema/ side by side"
            )
        names = sorted(path.name for path in folder.glob("*.json"))
    except SchemaFileError:
        raise
    except (OSError, ValueError) as error:
        raise SchemaFileError(f"{visible(str(home))}: {getattr(error, 'strerror', error)}") from None
    if len(names) > MAX_FILES:
        raise SchemaFileError(f"schema/: more than {MAX_FILES} files; remove those that {DATASET} does not list")
    return tuple((f"schema/{name}", json_values.read_bytes(home, f"schema/{name}")) for name in names)


@functools.lru_cache(maxsize=32)
def _package(home: Path, files: Files, shipped: Files | None) -> Package:
    """The dataset of these bytes; what was judged sound is only built."""
    digest = judged.content_digest([*files, *((f"shipped/{name}", raw) for name, raw in shipped or ())])
    if judged.is_judged(digest):
        raw = {name.removeprefix("schema/").removesuffix(".json"): json.loads(content) for name, content in files}
        return build(home, raw.pop("dataset"), raw)
    found = _checked(home, files)
    if shipped is not None:
        _refuse(consistency.unserved(found, _package(default_home(), shipped, None)))
    judged.remember(digest)
    return found


def _checked(home: Path, files: Files) -> Package:
    contents = dict(files)
    if DATASET not in contents:
        raise SchemaFileError(f"{DATASET}: no such file")
    dataset = _read("dataset", contents[DATASET])
    listed = {f"schema/{name}.json": name for group in dataset["groups"] for name in group["tables"]}
    for path in contents:
        if path not in {DATASET, *listed}:
            raise SchemaFileError(f"{visible(path)}: no group in {DATASET} lists it")
    for path in listed:
        if path not in contents:
            raise SchemaFileError(f"{path}: no such file")
    found = build(home, dataset, {name: _read(name, contents[path]) for path, name in listed.items()})
    _refuse(consistency.package_faults(found))
    return found


def _refuse(faults: Iterable[str]) -> None:
    """Stop at the first fault, if there is one."""
    for fault in faults:
        raise SchemaFileError(fault)


@functools.lru_cache(maxsize=256)
def _read(name: str, raw: bytes) -> Mapping[str, Any]:
    """A schema file by itself, checked; the other files of a dataset need no second look when one is edited."""
    from cstocases.schema import shape

    path = f"schema/{name}.json"
    value = json_values.parse(raw, path)
    shape.check(value, "dataset" if name == "dataset" else "table", f"{path}#")
    _refuse(consistency.dataset_faults(value) if name == "dataset" else consistency.table_faults(value, name))
    return value
