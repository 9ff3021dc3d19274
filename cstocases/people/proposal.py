"""What a returned file asks for: rows to add and cells to change, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from cstocases.errors import CstocasesError, Problem, count

Row = dict[str, str]
NOTHING: Mapping[tuple[str, str, str], int] = MappingProxyType({})


class Cell(NamedTuple):
    """A cell to change; `old` and `new` as in the CSV."""

    table: str
    record: str
    field: str
    old: str
    new: str


class Proposal(NamedTuple):
    """Rows to add by table, cells to change, an entry for the changelog, and what to print.

    `lines` tells in which line of the returned file a cell (table, record, field) stands.
    """

    kind: str
    rows: Mapping[str, list[Row]]
    cells: Sequence[Cell] = ()
    changelog: str = ""
    said: Sequence[str] = ()
    lines: Mapping[tuple[str, str, str], int] = NOTHING


class ReturnError(CstocasesError, ValueError):
    """A returned file cannot enter the data; nothing was written."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = list(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{count(len(self.problems), 'problem')} in what came back; nothing was written:\n{lines}")
