"""What a returned file would do to the data, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from cstocases.errors import CstocasesError, Problem, count

Row = dict[str, str]
NOTHING: Mapping[tuple[str, str, str], int] = MappingProxyType({})


class Cell(NamedTuple):
    """A cell that changes, texts as in the CSV; `record` is the primary key, its parts joined by /."""

    table: str
    record: str
    field: str
    old: str
    new: str


class Proposal(NamedTuple):
    """What a returned file would do to the data.

    `rows` are the rows to add by table, texts as in the CSV and every column named; `cells` the cells to change;
    `changelog` an item for the changelog, or ""; `said` lines to print; `lines` the line of the file behind a cell, by
    table, record and field, with the field "" for the row as a whole.
    """

    kind: str
    rows: Mapping[str, list[Row]]
    cells: Sequence[Cell] = ()
    changelog: str = ""
    said: Sequence[str] = ()
    lines: Mapping[tuple[str, str, str], int] = NOTHING

    @property
    def empty(self) -> bool:
        """Whether it would change nothing."""
        return not (any(self.rows.values()) or self.cells)


class ReturnError(CstocasesError, ValueError):
    """A returned file cannot be entered; `problems` are all the reasons, each with its address in the file."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = sorted(set(problems))
        shown = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"nothing was entered; {count(len(self.problems), 'problem')} in the file:\n{shown}")
