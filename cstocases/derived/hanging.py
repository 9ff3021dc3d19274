"""Which computed outcomes hang on a cell on which sources differ."""

from __future__ import annotations

import functools

from cstocases.derived.outcomes import FORUM_OF, Cell, Supposed, asked, cells_behind, of_request
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL


@functools.lru_cache(maxsize=16)
def conflicting(data: Data) -> dict[Cell, list[str]]:
    """The conflicting readings of each cell that has any."""
    read = data.readings[(data.readings["agreement"] == "rival").fillna(False)]
    found: dict[Cell, list[str]] = {}
    for *cell, reading in read[[*CELL, "reading"]].drop_duplicates().itertuples(index=False):
        found.setdefault((cell[0], cell[1], cell[2]), []).append(reading)
    return found


def supposing(data: Data, request: str, column: str, supposed: Supposed) -> object:
    """What a column of outcomes.FORUM_OF has for a request when some cells take other values; None where there is nothing."""
    forum = FORUM_OF[column]
    if forum is None:
        return asked(data, request, supposed)
    return of_request(data, request, forum, supposed).get(column.removeprefix(f"{forum}_"))


@functools.lru_cache(maxsize=4096)
def turning(data: Data, request: str, column: str) -> tuple[Cell, ...]:
    """The cells of which a conflicting reading would give a request another value in a column of outcomes.FORUM_OF."""
    readings = conflicting(data)
    cells = [cell for cell in cells_behind(data, request, column) if cell in readings]
    now = supposing(data, request, column, {}) if cells else None
    return tuple(
        cell for cell in cells
        if any(supposing(data, request, column, {cell: (reading, None)}) != now for reading in readings[cell])
    )  # fmt: skip


def hangs(data: Data, request: str, column: str) -> bool:
    """Whether a column of outcomes.FORUM_OF would have another value for a request under a conflicting reading of one cell."""
    return bool(turning(data, request, column))
