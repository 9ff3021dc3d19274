"""Which computed outcomes hang on a cell on which sources differ."""

from __future__ import annotations

import functools

from cstocases.derived.outcomes import BEHIND, FORUM_OF, Cell, Supposed, asked, cells_behind, of_request
from cstocases.parsing.joins import is_in
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL


@functools.lru_cache(maxsize=16)
def _conflicting(data: Data) -> dict[Cell, list[str]]:
    """The conflicting readings of each cell that outcomes are computed from."""
    read = data.readings
    read = read[is_in(read["table_name"], list(BEHIND)) & (read["agreement"] == "rival").fillna(False)]
    found: dict[Cell, list[str]] = {}
    for *cell, reading in read[[*CELL, "reading"]].drop_duplicates().itertuples(index=False):
        found.setdefault((cell[0], cell[1], cell[2]), []).append(reading)
    return found


def _value(data: Data, request: str, column: str, supposed: Supposed) -> object:
    forum = FORUM_OF[column]
    if forum is None:
        return asked(data, request, supposed)
    return of_request(data, request, forum, supposed).get(column.removeprefix(f"{forum}_"))


@functools.lru_cache(maxsize=4096)
def hangs(data: Data, request: str, column: str) -> bool:
    """Whether a column of outcomes.FORUM_OF would have another value for a request under a conflicting reading of one cell."""
    readings = _conflicting(data)
    ways = [
        {cell: (reading, None)} for cell in cells_behind(data, request, column) for reading in readings.get(cell, ())
    ]
    if not ways:
        return False
    now = _value(data, request, column, {})
    return any(_value(data, request, column, way) != now for way in ways)
