"""The tables in cases/ rewritten in canonical form, as `cstocases format` does."""

from __future__ import annotations

import functools
from pathlib import Path

from cstocases.errors import DataError, ExportError
from cstocases.files.atomic import NEW, beside, clear, put, told
from cstocases.parsing.csv_reader import canonical, file_bytes
from cstocases.schema.reader import package


def rewrite(home: str | Path | None = None, *, check: bool = False) -> list[str]:
    """Rewrite each stored table that is not in canonical form, and return the paths of those; with `check` only return them.

    Raises:
        DataError: a file cannot be read as rows of its table.
        ExportError: a file cannot be written, or was changed by somebody in the meantime.
    """
    dataset = package(home)
    old, new = {}, {}
    for table in dataset.stored.values():
        raw, problems = file_bytes(dataset.home, table.path)
        if raw is None:
            raise DataError(problems)
        old[table.path], new[table.path] = raw, canonical(table, raw).encode()
    changed = [path for path in new if old[path] != new[path]]
    if not check:
        # Beside cases/, as anything but tables in it would be a fault of the data.
        cases = (dataset.home / "cases").resolve()
        clear(cases)
        for path in changed:
            target = (dataset.home / path).resolve()
            with beside(cases) as work, told(f"cannot write {dataset.home / path}"):
                (work / NEW).write_bytes(new[path])
                put(work / NEW, target, functools.partial(_unchanged, target, old[path]))
    return changed


def _unchanged(path: Path, raw: bytes) -> None:
    if path.read_bytes() != raw:
        raise ExportError(
            f"{path} changed while it was being rewritten, so it is left alone; run `cstocases format` again"
        )
