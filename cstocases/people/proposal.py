"""What a returned file would do to the data, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

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


def matched(
    name: str, content: Mapping[str, Any], questions: Mapping[str, tuple[str, str]], stale: str, problems: list[Problem]
) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """The answers of a returned page to questions of the sheet as it would be made now; the others are noted in `problems`.

    `questions` has by token the digest of a question, and where on the sheet it stands; `stale` says what another digest
    means. Each answer comes with its token, its address, and where its question stands.
    """
    for token, answer in content["answers"].items():
        at, (digest, where) = f"answers.{token}", questions.get(token, ("", ""))
        if token not in questions:
            problems.append(Problem(name, 0, at, "no-question", "no question of this sheet has that token"))
        elif answer["digest"] != digest:
            message = f"{where}: {stale} by now; make the sheet again and open this file in it"
            problems.append(Problem(name, 0, at, "stale", message))
        else:
            yield token, at, where, answer


def there_already(n: int, what: str, of: str) -> list[str]:
    """The line that says how much of a returned page the data have."""
    return [f"{count(n, what)} {of} {'is' if n == 1 else 'are'} in the data already"] * bool(n)
