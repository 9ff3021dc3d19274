"""The one way in for what comes back: read, made into rows, tried on a copy, shown, and written whole or not at all."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from cstocases.analysis.diff import differing
from cstocases.analysis.supposing import moved
from cstocases.analysis.versions import sheets_of
from cstocases.dataset import data
from cstocases.errors import ExportError, Problem, UnknownNameError
from cstocases.files.atomic import NEW, beside, clear, put, told, write_file
from cstocases.people import checks, codings, corrections, new_case, verdicts
from cstocases.people.coders import contributors
from cstocases.people.proposal import Proposal, ReturnError
from cstocases.people.returns import Return, read_return
from cstocases.people.trial import applied, tried
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL
from cstocases.schema.reader import package

FRAMED = {"coding": codings.proposal, "checks": checks.proposal, "verdicts": verdicts.proposal}
# Tables of which further rows leave the derived tables, the inclusion of cases and the QCA scores as they are.
SHALLOW = {"coders", "codings", "checks", "adjudications", "sources", "evidence", "readings", "searches"}
WRITTEN = {"correction": corrections.proposal, "case": new_case.proposal}


class Entered(NamedTuple):
    """What a returned file changes: the proposal, the rows and cells (as `diff`), what follows (as `suppose`), and how the new data read."""

    proposal: Proposal
    changes: pd.DataFrame
    follows: pd.DataFrame
    after: Data


def enter(path: str | Path, home: str | Path | None = None, *, write: bool = False) -> Entered:
    """What a returned file would change in a dataset; with `write` it is changed, all of it or nothing.

    `path` is what `sheet` gave and somebody filled in: .json or .xlsx for codings, .json for checks and verdicts, .toml
    for corrections and new cases. `home` is a checkout: a folder with cases/ and schema/.

    Raises:
        ReturnError: something in the file cannot enter the data; every such thing is listed.
        DataError: the data have problems already.
        ExportError: the dataset is the installed one, or cannot be written.
    """
    returned = read_return(path)
    dataset = package(home)
    if write and dataset.home.name == "_data":
        raise ExportError("these are the installed data, which an update replaces; say --home and a checkout")
    clear((dataset.home / "cases").resolve())  # a run that was killed may have left the tables beside their place
    found = data(home)
    made = proposed(found, returned)
    files = applied(found, made)
    after, wrong = tried(found, made, files, returned.name)
    if wrong:
        raise ReturnError(wrong)
    before = sheets_of(found, found.parsed)
    touched = {*made.rows, *(cell.table for cell in made.cells)}
    changes = differing(before, before | sheets_of(after, touched))
    deep = made.cells or set(made.rows) - SHALLOW
    derived = [moved(found, after, found if made.kind != "case" else after)] if deep else []
    follows = pd.concat([*derived, _statuses(found, after)], ignore_index=True)
    if write and not made.empty:
        _write(dataset.home, found, files)
        _tell(dataset.home, made.changelog, after)
    return Entered(made, changes, follows, after)


def proposed(found: Data, returned: Return) -> Proposal:
    """What a returned file would do to the data.

    Raises:
        ReturnError: something in it cannot enter the data.
    """
    try:
        if returned.kind in WRITTEN:
            return WRITTEN[returned.kind](found, returned.text, returned.name)
        return FRAMED[returned.kind](found, returned.name, returned.content)
    except UnknownNameError as error:
        raise ReturnError([Problem(returned.name, 0, "", "unknown", str(error))]) from None


def _statuses(before: Data, after: Data) -> pd.DataFrame:
    """How the standing of cells changes: what the sources say, and what people who checked them said of the value."""
    sides = []
    for side in (before, after):
        frame = side.statuses[[*CELL, "status", "check_status"]]
        sides.append(frame.melt(id_vars=CELL, value_name="said", var_name="what"))
    both = sides[0].merge(sides[1], on=[*CELL, "what"], how="inner", suffixes=("_old", "_new"))
    both = both[both["said_old"] != both["said_new"]]
    field = both["field_name"] + " (" + both["what"].str.replace("_", " ") + ")"
    return both.assign(field_name=field, old=both["said_old"], new=both["said_new"])[[*CELL, "old", "new"]]


def _write(home: Path, found: Data, files: Mapping[str, bytes]) -> None:
    """The tables of the dataset with these files among them in their place, in one move."""
    cases = (home / "cases").resolve()

    def unchanged() -> None:
        if data(home).digest != found.digest:
            raise ExportError(f"{cases} changed in the meantime; nothing was written, so run the command again")

    with beside(cases) as work, told(f"cannot write {cases}"):
        shutil.copytree(cases, work / NEW)
        for name, raw in files.items():
            (work / NEW / Path(name).name).write_bytes(raw)
        put(work / NEW, cases, unchanged)


def _tell(home: Path, entry: str, after: Data) -> None:
    """The entry into the changelog, and who took part into CONTRIBUTORS.md, where there are such files."""
    changelog, thanks = (home / name for name in ("CHANGELOG.md", "CONTRIBUTORS.md"))
    text = changelog.read_text(encoding="utf-8") if changelog.is_file() else ""
    if entry and changelog.is_file():
        text = announced(text, entry)
        write_file(changelog.resolve(), text.encode(), True)
    if thanks.is_file() and "coders" in after.parsed:
        write_file(thanks.resolve(), contributors(after, text).encode(), True)


def announced(changelog: str, entry: str) -> str:
    """A changelog with an entry at the end of Data in its section Unreleased, which is begun where there is none."""
    told = "\n".join(textwrap.wrap(entry, 150, subsequent_indent="  ", break_on_hyphens=False))
    head, *sections = re.split("^(?=## )", changelog, flags=re.MULTILINE)
    if not sections or not sections[0].startswith("## Unreleased"):
        sections.insert(0, "## Unreleased\n")
    if not re.search("^### Data", sections[0], re.MULTILINE):
        sections[0] = sections[0].replace("\n", "\n\n### Data\n", 1)
    start, items, rest = re.split(r"^### Data\s*\n((?:(?!### ).*\n?)*)", sections[0], maxsplit=1, flags=re.MULTILINE)
    sections[0] = f"{start}### Data\n\n" + f"{items.rstrip()}\n{told}\n\n{rest}".lstrip()
    return "\n\n".join(part.strip("\n") for part in (head, *sections) if part.strip()) + "\n"
