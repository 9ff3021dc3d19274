"""What a returned file would do to the data, and what is wrong with one that cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cstocases.errors import CstocasesError, Problem, count


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
    rows: dict[str, list[dict[str, str]]]
    cells: list[Cell]
    changelog: str
    said: list[str]
    lines: Mapping[tuple[str, str, str], int] = {}

    @property
    def empty(self) -> bool:
        """Whether it would change nothing."""
        return not (self.rows or self.cells)


class ReturnError(CstocasesError, ValueError):
    """A returned file cannot be entered; `problems` are all the reasons, each with its address in the file."""

    def __init__(self, problems: list[Problem]):
        self.problems = sorted(set(problems))
        shown = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"nothing was entered; {count(len(self.problems), 'problem')} in the file:\n{shown}")
